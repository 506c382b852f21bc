"""What the services' composition roots share: an api and a worker built from a declaration, and the verbs of `python -m services.<name>`."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from services.chassis import broker, commands, consumer, db, inbox, operations, relay
from services.chassis.auth import Fetch, Verifier
from services.chassis.broker import Topology
from services.chassis.clock import Clock, SystemClock, stopped_within
from services.chassis.commands import Command, Secret
from services.chassis.config import ApiConfig, ProcessConfig, WorkerConfig
from services.chassis.db import Pool, close_pool, open_pool, transaction
from services.chassis.departments import Department, departments
from services.chassis.errors import Forbidden, NotFound, Unavailable
from services.chassis.health import Check, health_routes
from services.chassis.http import JsonBytes, authenticate, build_app, decode
from services.chassis.inbox import Inbox, Reaction
from services.chassis.migrations import migrations_of, require_current
from services.chassis.principal import Caller, Principal, itself
from services.chassis.telemetry import TASK_INTERRUPTIONS, configure_logs, place_of
from services.chassis.views import Views

STOP_SECONDS = 8
KEEP_ALIVE_SECONDS = 75
BACKOFF_SECONDS = (0.1, 5.0)
GONE = (*broker.GONE, *db.GONE, Unavailable)
HOUSEKEEPING_SECONDS = 3600
CLIENT_KEY_DAYS = 30
OUTBOX_DAYS = 400
INBOX_DAYS = 30

log = structlog.get_logger()


@dataclass(frozen=True)
class Asking:
    """A read before it runs, for a preparation to check and complete."""

    pool: Pool
    principal: Principal
    args: dict[str, Any]


@dataclass(frozen=True)
class Filing:
    """A request for a document, or with one."""

    request: Request
    pool: Pool
    principal: Principal
    caller: Caller
    clock: Clock


@dataclass(frozen=True)
class FileRoute:
    """A document, or documents, under /files: `path` begins with the noun, such as `/households/{id}/sheet.pdf`.

    `roles` are those that may ask at all; None leaves it to `handle`.
    """

    path: str
    methods: tuple[str, ...]
    roles: frozenset[str] | None
    handle: Callable[[Filing], Awaitable[Response]]


@dataclass(frozen=True)
class Opening:
    """A request of somebody who has no account here."""

    request: Request
    pool: Pool
    clock: Clock


@dataclass(frozen=True)
class OpenRoute:
    """A path under /open that needs no access token, such as `/boards/{code}`. `handle` decides what may be told, and checks what else
    proves the caller: a signature, a code that only they know.
    """

    path: str
    methods: tuple[str, ...]
    handle: Callable[[Opening], Awaitable[Response]]


Preparation = Callable[[Asking], Awaitable[dict[str, Any]]]
Task = Callable[[Pool, Clock, asyncio.Event], Awaitable[None]]


@dataclass(frozen=True)
class Service:
    """One service: its name, read model, deeds and reactions. `reach` says what of the data a principal may see.

    `prepare` maps a root to a function that checks its arguments and returns those to use; a root that must find something and does not is
    NOT_FOUND. `tasks` run in the worker until the event is set, and again whenever a server that they need goes away.
    `checks` raise while the api lacks what it cannot serve without. `note` says what the read model is to write down of a read, by principal,
    root and arguments; None writes nothing.
    """

    name: str
    migrations: Path
    views: Views
    reach: Callable[[Principal], Caller]
    commands: tuple[Command | Secret, ...] = ()
    files: tuple[FileRoute, ...] = ()
    open: tuple[OpenRoute, ...] = ()
    prepare: Mapping[str, Preparation] = field(default_factory=dict)
    reactions: Mapping[str, Reaction] = field(default_factory=dict)
    tasks: Mapping[str, Task] = field(default_factory=dict)
    checks: Mapping[str, Callable[[Pool], Awaitable[None]]] = field(default_factory=dict)
    note: Callable[[Principal, str, Mapping[str, Any]], Mapping[str, Any] | None] | None = None

    def topology(self, prefix: str, known: Iterable[Department] = ()) -> Topology:
        """Its inbox, and the queues of the departments that its relay sends copies to."""
        feeds = (queue for each in known for queue in broker.department_queues(prefix, each.code))
        return Topology(prefix, (broker.inbox_queue(prefix, self.name, *self.reactions), *feeds))


class _Read(msgspec.Struct, frozen=True):
    root: str
    select: msgspec.Raw
    args: dict[str, Any] = {}


async def open_database(service: Service, url: str, size: int) -> Pool:
    """A pool on a schema that this version was written for; raises SchemaError on another."""
    pool = await open_pool(url, size)
    try:
        async with pool.acquire() as connection:
            await require_current(connection, migrations_of(service.name, service.migrations))
    except BaseException:
        await pool.close()
        raise
    return pool


def build_api(
    service: Service, config: ApiConfig, *, clock: Clock | None = None, fetch_keys: Fetch | None = None
) -> Starlette:
    """The api process: `POST /read`, `POST /commands/<name>` and health."""
    clock = clock or SystemClock()
    verifier = Verifier(config, clock, fetch_keys)
    deeds = {command.name: command for command in service.commands}

    async def read(request: Request) -> Response:
        principal = await authenticate(request, verifier)
        asked: _Read = decode(await request.body(), _Read)
        pool: Pool = request.app.state.pool
        args = asked.args
        if (preparation := service.prepare.get(asked.root)) is not None:
            args = await preparation(Asking(pool, principal, args))
        note = None if service.note is None else service.note(principal, asked.root, args)
        caller = service.reach(principal)
        answer = await service.views.read(pool, caller, asked.root, args, bytes(asked.select), note=note)
        if answer == b"null":
            raise NotFound(f"{asked.root}: none such, or outside your reach")
        return JsonBytes(answer)

    async def perform(request: Request) -> Response:
        principal = await authenticate(request, verifier)
        command = deeds.get(request.path_params["name"])
        if command is None:
            raise NotFound("no such command")
        answer = await commands.perform(
            command,
            await request.body(),
            pool=request.app.state.pool,
            principal=principal,
            caller=service.reach(principal),
            views=service.views,
            clock=clock,
        )
        return JsonBytes(answer)

    def filing(route: FileRoute) -> Callable[[Request], Awaitable[Response]]:
        async def file(request: Request) -> Response:
            principal = await authenticate(request, verifier)
            if route.roles is not None and not principal.has(route.roles):
                raise Forbidden(f"this is for the roles: {', '.join(sorted(route.roles))}")
            return await route.handle(
                Filing(request, request.app.state.pool, principal, service.reach(principal), clock)
            )

        return file

    def opening(route: OpenRoute) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            return await route.handle(Opening(request, request.app.state.pool, clock))

        return answer

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with asyncio.timeout(30):
            app.state.pool = await open_database(service, config.database_url, config.database_pool)
        try:
            yield
        finally:
            await close_pool(app.state.pool)

    async def database() -> None:
        await app.state.pool.fetchval("SELECT 1")

    def bound(check: Callable[[Pool], Awaitable[None]]) -> Check:
        return lambda: check(app.state.pool)

    own = {name: bound(check) for name, check in service.checks.items()}
    routes = [
        Route("/read", read, methods=["POST"]),
        Route("/commands/{name}", perform, methods=["POST"]),
        *(Route(f"/files{route.path}", filing(route), methods=list(route.methods)) for route in service.files),
        *(Route(f"/open{route.path}", opening(route), methods=list(route.methods)) for route in service.open),
        *health_routes({"database": database, "issuer": verifier.ready, **own}),
    ]
    app = build_app(routes, body_limit=config.body_limit, file_limit=config.file_limit, lifespan=lifespan)
    return app


def build_worker(service: Service, config: WorkerConfig, *, clock: Clock | None = None) -> Starlette:
    """The worker process: relays the outbox, consumes the inbox, retries, tidies up; serves health only."""
    clock = clock or SystemClock()
    known = departments(config.departments)
    topology = service.topology(config.broker_prefix, known)
    publisher = relay.Relay(
        service.name,
        database_url=config.database_url,
        amqp_url=config.amqp_url,
        topology=topology,
        clock=clock,
        departments=known,
    )

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        stop = asyncio.Event()
        async with asyncio.timeout(30):
            pool = app.state.pool = await open_database(service, config.database_url, config.database_pool)
        taker = Inbox(pool, itself(service.name), service.reactions, clock)
        queue = f"{config.broker_prefix}.{service.name}.inbox"
        tasks: dict[str, Callable[[], Awaitable[None]]] = {
            "relay": lambda: publisher.run(stop),
            "consumer": lambda: consumer.consume(taker, pool, config.amqp_url, topology, stop=stop),
            "dead letters": lambda: consumer.bury_dead(taker, pool, config.amqp_url, queue, stop),
            "retries": lambda: consumer.sweep(taker, stop),
            "housekeeping": lambda: _keep_house(pool, service, clock, stop),
            **{name: partial(task, pool, clock, stop) for name, task in service.tasks.items()},
        }
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(_supervise(name, task, stop), name=name) for name, task in tasks.items()]
            try:
                yield
            finally:
                stop.set()
                _, late = await asyncio.wait(running, timeout=STOP_SECONDS)
                for one in late:
                    one.cancel()
        await close_pool(pool)

    async def database() -> None:
        await app.state.pool.fetchval("SELECT 1")

    async def reach_broker() -> None:
        connection = await broker.connect(config.amqp_url)
        await connection.close()
        await publisher.require_open()

    async def outbox() -> None:
        await operations.require_flowing(app.state.pool, clock)

    checks = {"database": database, "broker": reach_broker, "outbox": outbox}
    app = build_app(health_routes(checks), body_limit=config.body_limit, lifespan=lifespan)
    return app


async def _supervise(name: str, task: Callable[[], Awaitable[None]], stop: asyncio.Event) -> None:
    """Runs a background task again whatever ended it, with a growing pause: a worker that stands still helps nobody.

    A server that went away is a warning; anything else is a fault of ours, logged with its place. A connection to the broker that breaks
    cancels whoever waits for an answer on it, so a cancellation that nobody asked for is such an end, too.
    """
    pause = BACKOFF_SECONDS[0]
    while not stop.is_set():
        started = asyncio.get_running_loop().time()
        try:
            await task()
        except (Exception, asyncio.CancelledError) as error:
            if isinstance(error, asyncio.CancelledError) and _cancelled():
                raise
            if asyncio.get_running_loop().time() - started > BACKOFF_SECONDS[1]:
                pause = BACKOFF_SECONDS[0]
            expected = isinstance(error, (*GONE, asyncio.CancelledError))
            tell = log.warning if expected else log.error
            place = {} if expected else {"at": place_of(error)}
            TASK_INTERRUPTIONS.labels(name, type(error).__name__).inc()
            tell("task.interrupted", task=name, error=type(error).__name__, again_in_seconds=pause, **place)
            if await stopped_within(stop, pause):
                return
            pause = min(pause * 2, BACKOFF_SECONDS[1])


def _cancelled() -> bool:
    """Whether somebody has asked this very task to end."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _keep_house(pool: Pool, service: Service, clock: Clock, stop: asyncio.Event) -> None:
    while not stop.is_set():
        async with transaction(pool, itself(service.name)) as connection:
            await commands.forget_keys(connection, clock, CLIENT_KEY_DAYS)
            await relay.purge(connection, clock, OUTBOX_DAYS)
            await inbox.forget(connection, clock, INBOX_DAYS)
        if await stopped_within(stop, HOUSEKEEPING_SECONDS):
            return


def serve(process: str, app: Starlette, config: ProcessConfig) -> None:
    """Serves until SIGTERM or SIGINT; requests in flight get STOP_SECONDS to end. What prevents a start is raised as it is."""
    configure_logs(process, config.log_level)
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    failures: list[Exception] = []

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except Exception as error:
            if scope["type"] == "lifespan":
                failures.append(error)
            raise

    server = uvicorn.Server(
        uvicorn.Config(
            watched,
            loop="uvloop",
            http="httptools",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            ws_max_size=config.body_limit,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
    )
    with _listen(config.host, config.port) as listener:
        try:
            server.run([listener])
        except SystemExit:
            if not failures:
                raise
    for failure in failures:
        raise failure


def _listen(host: str, port: int) -> socket.socket:
    try:
        listener = socket.create_server((host, port), backlog=2048)
    except OSError as error:
        raise Unavailable(f"port {port} on {host} cannot be used ({error.strerror}); SANMIN_PORT moves it") from None
    return listener
