"""One client key, one effect, one answer."""

import asyncio
from typing import Any
from uuid import uuid4

import asyncpg
import msgspec
import pytest

from services.chassis.clock import SystemClock
from services.chassis.commands import Command, Doing, perform
from services.chassis.db import Pool
from services.chassis.principal import Principal
from services.chassis.service import build_api
from tests.chassis.probe import VIEWS, WriteNote, api_config, probe, reach, write_note
from tests.conftest import Connect, Serve
from tests.support.client import Service
from tests.support.databases import Database
from tests.support.tokens import Issuer

AREA = "339999100200"
SELECT = [["id", "id"], ["title", "title"], ["version", "version"]]


def note(**changes: Any) -> dict[str, Any]:
    return {"clientKey": str(uuid4()), "id": str(uuid4()), "area": AREA, "title": "first", **changes}


@pytest.fixture
async def writer(serve: Serve, connect: Connect, issuer: Issuer, database: Database) -> Service:
    base_url = await serve(build_api(probe(), api_config(database), fetch_keys=issuer.fetch))
    return connect(base_url, issuer.token("writer", roles=["writer"], areas=[AREA]))


async def count(database: Database, table: str) -> int:
    connection = await asyncpg.connect(database.superuser_url)
    try:
        return int(await connection.fetchval(f"SELECT count(*) FROM {table}"))
    finally:
        await connection.close()


async def test_a_repeat_has_one_effect_and_the_same_answer(writer: Service, database: Database) -> None:
    given = note()
    answers = [await writer.command("writeNote", given, SELECT) for _ in range(3)]
    assert answers[0][0] == 200
    assert answers[0] == answers[1] == answers[2]
    other = await writer.command("writeNote", given, [["name", "title"]])
    assert other == (200, {"name": "first"})
    assert (await count(database, "note"), await count(database, "outbox")) == (1, 1)


async def test_repeats_at_the_same_time_have_one_effect(writer: Service, database: Database) -> None:
    given = note()
    answers = await asyncio.gather(*(writer.command("writeNote", given, SELECT) for _ in range(8)))
    assert all(answer == answers[0] and answer[0] == 200 for answer in answers)
    assert (await count(database, "note"), await count(database, "outbox")) == (1, 1)


async def test_two_deeds_that_block_each_other_both_go_through(pool: Pool) -> None:
    both, begun = asyncio.Barrier(2), list[str]()

    async def crossing(doing: Doing, given: WriteNote) -> str:
        for n, lock in enumerate((1, 2) if given.title == "one" else (2, 1)):
            await doing.connection.execute("SELECT pg_advisory_xact_lock($1)", lock)
            if n == 0:
                begun.append(given.title)
                if begun.count(given.title) == 1:
                    await both.wait()
        return await write_note(doing, given)

    async def write(title: str) -> Any:
        given = msgspec.json.encode({"input": note(title=title), "select": SELECT})
        principal = Principal("writer", roles=frozenset({"writer"}), areas=(AREA,))
        command = Command("writeNote", WriteNote, principal.roles, crossing, "note")
        clock, caller = SystemClock(), reach(principal)
        return msgspec.json.decode(
            await perform(command, given, pool=pool, principal=principal, caller=caller, views=VIEWS, clock=clock)
        )

    written = await asyncio.gather(write("one"), write("two"))
    assert [each["title"] for each in written] == ["one", "two"]
    assert len(begun) == 3, "one of them was undone and begun again"


async def test_a_key_is_refused_with_another_payload(writer: Service, database: Database) -> None:
    given = note()
    await writer.command("writeNote", given, SELECT)
    status, problem = await writer.command("writeNote", {**given, "title": "second"}, SELECT)
    assert (status, problem["code"]) == (409, "CLIENT_KEY_REUSED")
    assert await count(database, "note") == 1


async def test_a_failed_deed_uses_up_nothing(writer: Service, database: Database) -> None:
    given = note(title="refused")
    status, problem = await writer.command("writeNote", given, SELECT)
    assert (status, problem["code"], problem["field"], problem["rule"]) == (422, "INVALID_INPUT", "title", "test")
    assert await count(database, "client_key") == 0
    assert (await writer.command("writeNote", {**given, "title": "mended"}, SELECT))[0] == 200


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"clientKey": "1"}, "clientKey"), ({"title": 7}, "title"), ({"more": 1}, "more")],
)
async def test_malformed_input_names_the_field(
    writer: Service, database: Database, changes: dict[str, Any], field: str
) -> None:
    status, problem = await writer.command("writeNote", note(**changes), SELECT)
    assert (status, problem["code"], problem.get("field")) == (422, "INVALID_INPUT", field)
    assert await count(database, "note") == 0


async def test_a_role_that_does_not_fit_is_refused(
    writer: Service, connect: Connect, issuer: Issuer, database: Database
) -> None:
    reader = connect(writer.base_url, issuer.token("reader", roles=["reader"], areas=[AREA]))
    status, problem = await reader.command("writeNote", note(), SELECT)
    assert (status, problem["code"]) == (403, "FORBIDDEN")
    assert await count(database, "note") == 0


async def test_row_level_security_refuses_a_write_elsewhere(writer: Service, database: Database) -> None:
    status, _ = await writer.command("writeNote", note(area="330881001001"), SELECT)
    assert status == 403
    assert await count(database, "note") == 0


async def test_a_secret_is_told_again_and_never_kept(writer: Service, database: Database) -> None:
    written = note()
    await writer.command("writeNote", written, SELECT)
    given = {"clientKey": str(uuid4()), "id": written["id"]}
    select = [["word", "secret"], ["all", "all", None, [["number", "n"]]], ["nothing", "nothing", None, [["x", "x"]]]]
    told = {"word": "the tests' secret", "all": [{"number": 1}, {"number": 2}], "nothing": None}
    assert await writer.command("tellSecret", given, select) == (200, told)
    assert await writer.command("tellSecret", given, [["secret", "secret"]]) == (200, {"secret": "the tests' secret"})
    assert await count(database, "line") == 2
    assert await count(database, "client_key WHERE answer::text LIKE '%the tests%'") == 0
    status, problem = await writer.command("tellSecret", {**given, "tooOften": True}, select)
    assert (status, problem["code"]) == (409, "CLIENT_KEY_REUSED")
    for wrong in ([["other", "other"]], ["secret"], [["all", "all", None, [["m", "m"]]]]):
        status, problem = await writer.command("tellSecret", {**given, "clientKey": str(uuid4())}, wrong)
        assert (status, problem["rule"]) == (422, "known.field")
    assert await count(database, "line") == 2


async def test_a_secret_beside_an_object_is_made_where_it_is_asked_for_and_never_kept(
    writer: Service, database: Database
) -> None:
    given = note()
    select = [["w", "word"], ["n", "title"], ["x", "word"]]

    def told(word: int) -> tuple[int, dict[str, str]]:
        return 200, {"n": "first", "w": f"the tests' word {word}", "x": f"the tests' word {word}"}

    assert [await writer.command("writeNote", given, select) for _ in range(2)] == [told(1), told(2)]
    assert await writer.command("writeNote", given, [["w", "word"]]) == (200, {"_": "Note", "w": "the tests' word 3"})
    assert await writer.command("writeNote", given, [["n", "title"]]) == (200, {"n": "first"})
    assert await count(database, "client_key WHERE answer::text LIKE '%the tests%'") == 0
    assert (await count(database, "note"), await count(database, "line")) == (1, 3)
    selections: tuple[list[Any], ...] = ([["w", "word", None, []]], [['"', "word"], ["id", "id"]])
    for wrong in selections:
        assert (await writer.command("writeNote", note(), wrong))[0] == 422
    assert await count(database, "note") == 1


async def test_what_comes_too_often_is_told_when_to_come_again(writer: Service) -> None:
    body = {"input": {"clientKey": str(uuid4()), "id": str(uuid4()), "tooOften": True}, "select": SELECT}
    headers = {"Authorization": f"Bearer {writer.token}"}
    async with writer.session.post(f"{writer.base_url}/commands/tellSecret", json=body, headers=headers) as answer:
        problem = await answer.json(content_type=None)
        assert (answer.status, answer.headers["Retry-After"]) == (429, "7")
        assert (problem["code"], problem["retryAfter"]) == ("TOO_MANY_REQUESTS", 7)
