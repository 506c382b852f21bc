"""Services that are away, slow or just back: what can be answered is, what was only interrupted is tried again."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest

from gateway.app import build_gateway
from tests.conftest import Serve
from tests.gateway.conftest import Running, key
from tests.gateway.test_mutations import document, matter
from tests.gateway.test_reads import household
from tests.support.graphql import GraphQL


class Door:
    """A way to a service through one port that can be shut, with everything that is in it, and opened again."""

    def __init__(self, target: str) -> None:
        self._target = urlsplit(target)
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.port = 0
        self.silent = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._enter, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """Ends every connection; new ones are let in."""
        for writer in self._writers:
            writer.transport.abort()

    async def shut(self) -> None:
        if self._server is not None:
            self._server.close()
            self.cut()
            await self._server.wait_closed()

    async def _enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(self._target.hostname, self._target.port)
        self._writers |= {writer, far_writer}
        await asyncio.gather(self._pass(reader, far_writer), self._pass(far_reader, writer))
        self._writers -= {writer, far_writer}

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                if not self.silent:
                    writer.write(data)
                    await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def doors(running: Running) -> AsyncIterator[dict[str, Door]]:
    made = {name: Door(url) for name, url in running.services.items()}
    for door in made.values():
        await door.open()
    try:
        yield made
    finally:
        for door in made.values():
            await door.shut()


@pytest.fixture
async def front(running: Running, serve: Serve) -> AsyncIterator[tuple[dict[str, Door], GraphQL]]:
    """A gateway whose services stand behind doors, and a cadre's client of it."""
    async with doors(running) as made:
        urls = {f"{name}_url": door.url for name, door in made.items()}
        config = running.config(
            **urls, amqp_url="amqp://127.0.0.1:9/", service_seconds=2, patience_seconds=1, environment="production"
        )
        base = await serve(build_gateway(config, fetch_keys=running.issuer.fetch))
        yield made, GraphQL(running.session, f"{base}/graphql", running.issuer.account("cadre"))


Front = tuple[dict[str, Door], GraphQL]


async def test_what_does_not_need_a_missing_service_is_answered(front: Front) -> None:
    made, cadre = front
    await made["tickets"].shut()
    text = """query ($id: ID!) { area(code: "33") { code } mine: household(id: $id) { number }
        with: household(id: $id) { number tickets { id } } ticket(id: $id) { id } duty: dutyOn(area: "339999100200", date: "2026-01-05") { date } }"""
    answer = await cadre.answer(text, id=household(1))
    assert answer["data"]["area"] == {"code": "33"}
    assert answer["data"]["mine"]["number"]
    assert answer["data"]["with"] == {"number": answer["data"]["mine"]["number"], "tickets": None}
    assert answer["data"]["duty"] == {"date": "2026-01-05"}
    found = {tuple(error["path"]): error["extensions"]["code"] for error in answer["errors"]}
    assert found == {("with", "tickets"): "UNAVAILABLE", ("ticket",): "INVALID_INPUT"}


async def test_a_nullable_edge_to_a_missing_service_is_null(front: Front) -> None:
    made, cadre = front
    await made["liaison"].shut()
    answer = await cadre.answer('{ area(code: "339999100200") { code duty(date: "2026-01-05") { date } } }')
    assert answer["data"] == {"area": {"code": "339999100200", "duty": None}}
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [
        (["area", "duty"], "UNAVAILABLE")
    ]


async def test_a_slow_service_costs_no_more_than_the_budget(front: Front) -> None:
    made, cadre = front
    made["archive"].silent = True
    started = time.monotonic()
    answer = await cadre.answer('{ area(code: "33") { code } me { subject } }')
    assert time.monotonic() - started < 4
    assert answer["data"] == {"area": None, "me": {"subject": "example-cadre"}}
    assert answer["errors"][0]["extensions"]["code"] == "UNAVAILABLE"


async def test_a_restart_of_less_than_the_patience_is_not_noticed(front: Front) -> None:
    made, cadre = front
    await cadre('{ area(code: "33") { code } }')
    await made["archive"].shut()
    asked = asyncio.create_task(cadre('{ area(code: "33") { code } }'))
    await asyncio.sleep(0.4)
    await made["archive"].open()
    assert await asked == {"area": {"code": "33"}}


async def test_cut_connections_are_not_noticed_and_nothing_happens_twice(front: Front) -> None:
    made, cadre = front
    text = document("reportTicket", "ticket { number }")
    given = {"clientKey": key(), **matter(householdId=household(8))}
    first = await cadre(text, input=given)
    for door in made.values():
        door.cut()
    assert await cadre(text, input=given) == first
    cutting = asyncio.create_task(cut_for_a_while(made["tickets"]))
    reported = await asyncio.gather(
        *(cadre(text, input={"clientKey": key(), **matter(householdId=household(8))}) for _ in range(20))
    )
    await cutting
    assert len({answer["reportTicket"]["ticket"]["number"] for answer in reported}) == 20


async def cut_for_a_while(door: Door) -> None:
    for _ in range(5):
        await asyncio.sleep(0.01)
        door.cut()
