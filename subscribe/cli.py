"""The verbs of `sanmin-subscribe`. What is expected to go wrong ends in one sentence and status 2 (a setting) or 1."""

import asyncio
import contextlib
import fcntl
import logging
import signal
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from aio_pika.abc import AbstractConnection

from subscribe import __version__, config, link
from subscribe.effects import executing, printing
from subscribe.errors import Abort, ConfigError, SubscribeError
from subscribe.follow import KEEP_DAYS, follow
from subscribe.letters import letters
from subscribe.mailbox import Mailbox
from subscribe.output import AsJson, instant, opened, say, show_json, show_table, span
from subscribe.replay import Start, fill, from_position, positions, refill, replay, tail
from subscribe.schema import schemas

TELL_SECONDS = 10.0
ABOUT = (
    "Receive the events that Sanmin sends a department. Settings: SANMIN_SUBSCRIBE_URL, _DEPARTMENT, _PREFIX, _MAILBOX."
)

log = logging.getLogger("subscribe")
cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=ABOUT)
cli.add_typer(letters, name="letters")

Print = Annotated[bool, typer.Option("--print", help="Print each event as a line of JSON.")]


@cli.command(name="follow")
def _follow(
    print_: Print = False,
    exec_: Annotated[
        str, typer.Option("--exec", metavar="CMD", help="Start CMD with each event's JSON on its input.")
    ] = "",
    exec_seconds: Annotated[float, typer.Option("--exec-seconds", help="How long CMD may take.")] = 60.0,
    keep_days: Annotated[
        float, typer.Option("--keep-days", min=8, help="How long a done event stays known.")
    ] = KEEP_DAYS,
) -> None:
    """Keep each event in the mailbox, once, and have its effect; until SIGTERM or Ctrl-C."""
    settings = config.load()
    if print_ and exec_:
        raise ConfigError("--print and --exec exclude each other")
    handler = printing() if print_ else None
    outside = executing(exec_, exec_seconds) if exec_ else None
    done: Counter[str] = Counter()

    async def run() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        telling = asyncio.create_task(_tell(done))
        try:
            with Mailbox(settings.mailbox) as mailbox:
                await follow(
                    settings.url,
                    settings.queue,
                    mailbox,
                    handler,
                    outside=outside,
                    stop=stop,
                    keep_days=keep_days,
                    tell=done.update,
                )
        finally:
            telling.cancel()

    with _alone(settings.mailbox):
        asyncio.run(run())
    log.info("stopped; %s", _sentence(done))


@cli.command(name="replay")
def _replay(
    since: Annotated[str, typer.Option(metavar="TIME", help="From a time on, as 2026-01-05T08:00:00+08:00.")] = "",
    offset: Annotated[int, typer.Option(min=-1, help="From an offset of the log on.", show_default=False)] = -1,
    source: Annotated[str, typer.Option(help="Only events of this source; with --position.")] = "",
    position: Annotated[int, typer.Option(min=0, help="From this position of the source on.", show_default=False)] = 0,
    print_: Print = False,
) -> None:
    """Read the department's log again, into the mailbox (`follow` works off what is new) or with --print to the output.

    Without a place: into the mailbox from where the last replay ended, else from the log's beginning.
    """
    settings = config.load()
    if bool(source) != bool(position) or sum(map(bool, (since, source, offset >= 0))) > 1:
        raise ConfigError("give one of --since, --offset, --source with --position")
    start: Start = _time(since) if since else offset if offset >= 0 else None
    wanted = from_position(source, position) if source else None

    async def print_all() -> None:
        async with contextlib.aclosing(replay(settings.url, settings.log, start)) as lots:
            async for lot in lots:
                for body in (logged.body for logged in lot if wanted is None or wanted(logged.body)):
                    print(_one_line(body))

    async def into_mailbox() -> Counter[str]:
        with Mailbox(settings.mailbox) as mailbox:
            mark = mailbox.mark(settings.log)
            from_mark = mark + 1 if start is None and wanted is None and mark is not None else start
            return await refill(settings.url, settings.log, mailbox, from_mark, wanted)

    if print_:
        asyncio.run(print_all())
    else:
        say(f"replayed; {_sentence(asyncio.run(into_mailbox()))}")


@cli.command(name="lag")
def _lag(as_json: AsJson = False) -> None:
    """Say how far behind this department is: at the broker, in the mailbox, by source."""
    settings = config.load()

    async def ask() -> tuple[int | None, int | None, dict[str, int]]:
        async with _broker(settings, settings.log) as connection:
            waiting = [await link.waiting(connection, queue) for queue in (settings.queue, settings.dead)]
            return waiting[0], waiting[1], positions(await tail(connection, settings.log))

    waiting, dead, in_log = asyncio.run(ask())
    counts, last, here = {"waiting": 0, "dead": 0}, None, {}
    if settings.mailbox.exists():
        with opened() as mailbox:
            counts, last, here = mailbox.counts(), mailbox.newest(), mailbox.positions()
    told, handled = last or (None, None)
    age = max(0.0, time.time() - told) if told is not None else None
    sources = [(source, here.get(source, 0), in_log.get(source)) for source in sorted({*here, *in_log})]
    if as_json:
        show_json(
            {
                "queue": {"waiting": waiting, "dead": dead},
                "mailbox": {
                    **counts,
                    "newestEvent": instant(told),
                    "newestHandled": instant(handled),
                    "ageSeconds": age,
                },
                "sources": [{"source": source, "here": has, "log": logged} for source, has, logged in sources],
            }
        )
        return
    rows: list[tuple[Any, ...]] = [
        ("messages waiting in the queue", waiting),
        ("messages that the broker gave up (`letters fetch`)", dead),
        ("events waiting in the mailbox", counts["waiting"]),
        ("dead letters in the mailbox (`letters list`)", counts["dead"]),
        ("newest event handled", instant(told)),
        ("its age", span(age)),
    ]
    show_table(("", ""), rows, title=settings.queue)
    if sources:
        say("")
        show_table(("source", "position here", "newest in the log"), sources)


@cli.command(name="gaps")
def _gaps(
    fill_: Annotated[
        bool, typer.Option("--fill", help="Fill them out of the department's log, which goes back 7 days.")
    ] = False,
    accept: Annotated[
        bool, typer.Option("--accept", help="Take what is missing for lost, and list it no more.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List missing positions by source: events that were sent to this department and are not in the mailbox."""
    with opened() as mailbox:
        if fill_:
            settings = config.load()
            before = sum(gap.last - gap.first + 1 for gap in mailbox.gaps())
            asyncio.run(fill(settings.url, settings.log, mailbox))
            left = sum(gap.last - gap.first + 1 for gap in mailbox.gaps())
            log.info("filled %d of %d missing positions", before - left, before)
        if accept:
            log.info("taken for lost: %d positions", mailbox.accept())
        found = mailbox.gaps()
    if as_json:
        show_json([{**gap._asdict(), "since": instant(gap.since)} for gap in found])
    elif found:
        rows = [(gap.source, gap.first, gap.last, gap.last - gap.first + 1, instant(gap.since)) for gap in found]
        show_table(("source", "from", "to", "missing", "noticed"), rows)
    else:
        say("no gaps")


@cli.command(name="check")
def _check(as_json: AsJson = False) -> None:
    """Say whether the broker lets this department in, what it may read, and which events this version knows."""
    settings = config.load()

    async def ask() -> dict[str, tuple[str, int | None]]:
        async with _broker(settings, settings.queue) as connection:
            return {
                queue: (await link.readable(connection, queue), await link.waiting(connection, queue))
                for queue in (settings.queue, settings.dead, settings.log)
            }

    found = asyncio.run(ask())
    if as_json:
        queues = {queue: {"readable": readable, "messages": count} for queue, (readable, count) in found.items()}
        show_json(
            {"user": link.user_of(settings.url), "queues": queues, "version": __version__, "types": sorted(schemas())}
        )
    else:
        say(f"connected as {link.user_of(settings.url)}\n")
        show_table(("queue", "may read", "messages"), [(queue, *rest) for queue, rest in found.items()])
        say(f"\nsanmin-subscribe {__version__} knows {len(schemas())} types of events:")
        for kind in sorted(schemas()):
            say(f"  {kind}")
    if any(readable != "yes" for readable, _ in found.values()):
        raise SubscribeError("not all of this department's queues may be read")


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Two that follow into one mailbox would both start the program for an event."""
    with contextlib.ExitStack() as stack:
        try:
            fcntl.flock(stack.enter_context(Path(f"{path}.follow").open("w")), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SubscribeError(f"another process follows into the mailbox {path} already") from None
        except OSError as error:
            raise SubscribeError(f"the mailbox {path} cannot be opened: {error.strerror}") from None
        yield


@asynccontextmanager
async def _broker(settings: config.Settings, queue: str) -> AsyncIterator[AbstractConnection]:
    async with link.connected(settings.url) as connection, link.refusals(settings.url, queue):
        yield connection


async def _tell(done: Counter[str]) -> None:
    """A line now and then while something happens."""
    told: Counter[str] = Counter()
    while True:
        await asyncio.sleep(TELL_SECONDS)
        if done != told:
            told = Counter(done)
            log.info("%s", _sentence(done))


def _sentence(tally: Counter[str]) -> str:
    words = ("kept", "repeated", "done", "failed", "dead")
    return ", ".join(f"{word} {tally[word]:,}" for word in words if tally[word]) or "nothing came"


def _time(text: str) -> datetime:
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError("--since must be a time such as 2026-01-05T08:00:00+08:00") from None
    return parsed.astimezone(UTC)


def _one_line(body: bytes) -> str:
    try:
        return msgspec.json.format(body, indent=-1).decode()
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return body.decode(errors="replace").replace("\n", " ")


def main() -> None:
    """Runs the command line."""
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(message)s", level=logging.CRITICAL)
    log.setLevel(logging.INFO)
    try:
        cli()
    except ConfigError as error:
        sentence, status = f"configuration: {error}", 2
    except (SubscribeError, Abort) as error:
        sentence, status = f"stopped: {error}", 1
    except sqlite3.Error as error:
        sentence, status = f"stopped: the mailbox cannot be used: {error}", 1
    except BrokenPipeError:
        sentence, status = "stopped: nobody reads the output any more", 1
    except link.GONE as error:
        sentence, status = f"stopped: the broker cannot be reached ({link.reason_of(error)})", 1
    else:
        return
    typer.echo(sentence, err=True)
    raise SystemExit(status)
