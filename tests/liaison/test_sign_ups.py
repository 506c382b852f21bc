"""Signing up for a gathering: who may, who sees whom, and what becomes of it."""

from base64 import b64decode
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.chassis.clock import FixedClock
from services.chassis.db import transaction
from services.liaison.commands.example import DIALOGUE, GATHERING, add_example_series
from services.liaison.commands.series import plan_series_due
from services.liaison.domain.session import key_of
from tests.liaison.conftest import BARE_VILLAGE, GRID, SERVICE, VILLAGE, Liaison
from tests.support.client import Service

TUESDAY = date(2026, 1, 13)
SESSION = str(key_of(GATHERING.id, VILLAGE, TUESDAY))
FIELDS: list[Any] = [[name, name] for name in ("id", "subject", "topic", "state", "outcome", "signedBy")]
SEEN: list[Any] = [
    ["signedUp", "signedUp"],
    ["topics", "topics", None, [["topic", "topic"], ["people", "people"]]],
    ["signUps", "signUps", None, FIELDS],
]


async def up(client: Service, topic: str = "示例：低保", session: str = SESSION, **given: Any) -> tuple[int, Any]:
    asked = {"clientKey": str(uuid4()), "sessionId": session, "topic": topic, **given}
    return await client.command("signUp", asked, FIELDS)


async def do(client: Service, deed: str, of: dict[str, Any], **given: Any) -> tuple[int, Any]:
    key = b64decode(of["id"]).decode().removeprefix("SignUp:")
    return await client.command(deed, {"clientKey": str(uuid4()), "id": key, **given}, FIELDS)


async def seen(client: Service) -> Any:
    status, session = await client.read("session", {"id": SESSION}, SEEN)
    assert status == 200
    return session


@pytest.fixture
async def gathering(liaison: Liaison, clock: FixedClock) -> Liaison:
    async with transaction(liaison.pool, SERVICE) as connection:
        await add_example_series(connection)
    await plan_series_due(liaison.pool, clock)
    return liaison


async def test_topics_are_everybodys_and_people_the_hosts_own(gathering: Liaison) -> None:
    one, other = gathering.as_("one", "resident"), gathering.as_("other", "resident")
    host, stranger = gathering.as_("host"), gathering.as_("stranger", areas=[BARE_VILLAGE])
    status, mine = await up(one)
    assert (status, mine["subject"], mine["state"]) == (200, "one", "OPEN")
    assert (await up(one))[1] == mine
    _, theirs = await up(other)
    _, brought = await up(gathering.as_("worker", "grid_worker", areas=[GRID]), "示例：茶苗", householdId=str(uuid4()))
    assert (brought["subject"], brought["signedBy"]) == (None, "worker")
    topics = [{"topic": "示例：低保", "people": 2}, {"topic": "示例：茶苗", "people": 1}]
    for client, people in ((one, [mine]), (host, [mine, theirs, brought]), (stranger, [])):
        assert await seen(client) == {"signedUp": 3, "topics": topics, "signUps": people}
    assert (await do(stranger, "withdrawSignUp", mine))[1]["code"] == "NOT_FOUND"
    status, withdrawn = await do(one, "withdrawSignUp", mine)
    assert (status, withdrawn["state"]) == (200, "WITHDRAWN")
    assert (await seen(other))["topics"] == [{"topic": "示例：低保", "people": 1}, {"topic": "示例：茶苗", "people": 1}]
    assert (await do(one, "withdrawSignUp", mine))[1]["code"] == "ILLEGAL_TRANSITION"
    page = [["edges", "edges", None, [["node", "node", None, FIELDS]]]]
    _, listed = await host.read("signUps", {"areaCode": VILLAGE, "state": "OPEN"}, page)
    assert [edge["node"] for edge in listed["edges"]] == [brought, theirs]


async def test_what_came_is_answered_or_raised(gathering: Liaison, clock: FixedClock) -> None:
    _, mine = await up(gathering.as_("one", "resident"))
    _, other = await up(gathering.as_("other", "resident"), "示例：路灯")
    assert (await do(gathering.as_("host"), "answerSignUp", mine, outcome="x"))[1]["rule"] == "session.early"
    clock.instant += timedelta(days=8, hours=1)
    host = gathering.as_("host")
    assert (await do(gathering.as_("one", "resident"), "answerSignUp", mine, outcome="x"))[1]["code"] == "FORBIDDEN"
    status, answered = await do(host, "answerSignUp", mine, outcome="示例：已说明政策")
    assert (status, answered["state"], answered["outcome"]) == (200, "ANSWERED", "示例：已说明政策")
    raised = {"category": "road-repair", "department": "power", "due": "2026-02-02"}
    status, matter = await do(host, "raiseSignUp", other, **raised)
    assert (status, matter["state"]) == (200, "RAISED")
    async with transaction(gathering.pool, SERVICE) as connection:
        row = await connection.fetchrow("SELECT source, source_id, area, category, department, due::text FROM matter")
        told = await connection.fetch("SELECT data FROM outbox WHERE type LIKE 'liaison.sign_up.%' ORDER BY recorded")
    key = b64decode(other["id"]).decode().removeprefix("SignUp:")
    assert tuple(map(str, row or ())) == ("GATHERING", key, VILLAGE, *raised.values())
    assert [each["data"].get("state") for each in told] == [None, None, "ANSWERED", "RAISED"]
    clock.instant += timedelta(hours=3)
    assert (await up(gathering.as_("late", "resident")))[1]["rule"] == "session.ahead"


async def test_a_sign_up_that_will_not_do(gathering: Liaison) -> None:
    one = gathering.as_("one", "resident")
    for given, code, field in (
        ({"session": str(key_of(DIALOGUE.id, VILLAGE, date(2026, 1, 15)))}, "INVALID_INPUT", "sessionId"),
        ({"session": str(uuid4())}, "NOT_FOUND", None),
        ({"topic": " "}, "INVALID_INPUT", "topic"),
        ({"topic": "x" * 101}, "INVALID_INPUT", "topic"),
        ({"topic": "示例：请打13800005678"}, "INVALID_INPUT", "topic"),
        ({"householdId": str(uuid4())}, "FORBIDDEN", None),
    ):
        _, refused = await up(one, **given)
        assert (refused["code"], refused.get("field")) == (code, field)
    for stranger in (gathering.as_("far", areas=[BARE_VILLAGE]), gathering.as_("auditor", "auditor")):
        assert (await up(stranger))[1]["code"] == "FORBIDDEN"
    for n in range(5):
        assert (await up(one, f"示例{n}"))[0] == 200
    assert (await up(one, "示例5"))[1]["rule"] == "sign_up.most"
    assert (await up(one, "示例0"))[0] == 200


async def test_no_caller_no_rows(gathering: Liaison) -> None:
    assert (await up(gathering.as_("one", "resident")))[0] == 200
    for table in ("series", "session", "session_staff", "sign_up"):
        count = f"SELECT count(*) FROM {table}"
        assert await gathering.pool.fetchval(count) == 0
        async with transaction(gathering.pool, SERVICE) as connection:
            assert await connection.fetchval(count) > 0
