"""Suggestions: their way, who may do and read what, what becomes of their matters."""

import asyncio
from base64 import b64encode
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.chassis.clock import FixedClock
from services.chassis.db import transaction
from services.chassis.envelope import Event, encode
from services.chassis.errors import Forbidden
from services.chassis.inbox import Inbox
from services.chassis.principal import Caller
from services.liaison.commands.suggestion import ring, tidy
from services.liaison.domain.disclosure import KEPT_DAYS
from services.liaison.reactions import REACTIONS
from tests.liaison.conftest import BARE_VILLAGE, GRID, MONDAY, SERVICE, VILLAGE, Liaison

HOUSEHOLD = "00000000-0000-7000-8000-000000000001"
PHONE = "13800005678"
BASICS = [[name, name] for name in ("key", "state", "version", "text", "answer", "raisedBy", "departmentCode", "due")]
CONTACT = [["contact", "contact", None, [["name", "name"], ["phone", "phone"]]]]
SEEN: list[Any] = [*BASICS, ["householdKey", "householdKey"], *CONTACT]


def suggestion(**more: Any) -> dict[str, Any]:
    given = {"clientKey": str(uuid4()), "areaCode": VILLAGE, "text": "示例：村口应装路灯。", "category": "roads"}
    return given | more


def step(key: str, **more: Any) -> dict[str, Any]:
    return {"clientKey": str(uuid4()), "id": key, **more}


class Ledger:
    """The ledger and those who use it."""

    def __init__(self, liaison: Liaison) -> None:
        self.liaison = liaison
        self.resident = liaison.as_("example-resident", "resident", areas=[], household=HOUSEHOLD)
        self.family = liaison.as_("example-family", "resident", areas=[], household=HOUSEHOLD)
        self.stranger = liaison.as_("example-stranger", "resident", areas=[])
        self.host = liaison.as_("example-cadre")
        self.elsewhere = liaison.as_("example-elsewhere", areas=[BARE_VILLAGE])
        self.officer = liaison.as_("example-officer", "department_officer", areas=["339999"], department="transport")
        self.other_officer = liaison.as_(
            "example-officer-2", "department_officer", areas=["339999"], department="water"
        )
        self.auditor = liaison.as_("example-auditor", "auditor", areas=["339999"])

    async def raised(self, **more: Any) -> str:
        status, answer = await self.resident.command("raiseSuggestion", suggestion(**more), BASICS)
        assert status == 200, answer
        return str(answer["key"])

    async def accepted(self, **more: Any) -> str:
        key = await self.raised()
        given = {"due": "2026-01-20", "departmentCode": "transport", **more}
        assert await self.host.command("acceptSuggestion", step(key, **given), [["state", "state"]]) == (
            200,
            {"state": "ACCEPTED"},
        )
        return key

    async def answered(self, **more: Any) -> str:
        key = await self.accepted(**more)
        given = step(key, answer="示例：三月安装。")
        assert (await self.officer.command("answerSuggestion", given, [["state", "state"]]))[0] == 200
        return key

    async def rows(self, sql: str, *args: Any) -> list[Any]:
        async with transaction(self.liaison.pool, SERVICE) as connection:
            return [tuple(row) for row in await connection.fetch(sql, *args)]

    async def events(self, kind: str = "liaison.suggestion.%") -> list[Any]:
        return await self.rows(
            "SELECT split_part(type, '.', 3), data FROM outbox WHERE type LIKE $1 ORDER BY recorded", kind
        )


@pytest.fixture
def ledger(liaison: Liaison) -> Ledger:
    return Ledger(liaison)


async def test_the_way_of_a_suggestion_and_what_it_tells(ledger: Ledger) -> None:
    key = await ledger.answered(opensMatter=False)
    status, answer = await ledger.host.command(
        "solveSuggestion", step(key, evidence="示例：已装好，有照片。"), [["state", "state"], ["solvedOn", "solvedOn"]]
    )
    assert (status, answer) == (200, {"state": "SOLVED", "solvedOn": "2026-01-05"})
    given = step(key, satisfaction="DISSATISFIED", note="示例：只装了一盏。")
    status, answer = await ledger.resident.command(
        "noteSuggestionCallback", given, [["state", "state"], ["solvedOn", "solvedOn"], ["allowed", "allowed"]]
    )
    assert (status, answer["state"], answer["solvedOn"]) == (200, "REOPENED", None)
    told = await ledger.events()
    assert [(verb, data["previous"], data["state"]) for verb, data in told] == [
        ("raised", None, "RAISED"),
        ("accepted", "RAISED", "ACCEPTED"),
        ("answered", "ACCEPTED", "ANSWERED"),
        ("solved", "ANSWERED", "SOLVED"),
        ("called_back", "SOLVED", "REOPENED"),
    ]
    assert told[-1][1]["satisfaction"] == "DISSATISFIED"
    assert "示例" not in str(told)
    assert "example-" not in str(told)
    steps = [["history", "history", None, [["deed", "deed"], ["by", "by"], ["note", "note"]]]]
    _, answer = await ledger.host.read("suggestion", {"id": key}, steps)
    assert [(each["deed"], each["by"], each["note"]) for each in answer["history"]] == [
        ("raised", "example-resident", None),
        ("accepted", "example-cadre", None),
        ("answered", "example-officer", None),
        ("solved", "example-cadre", "示例：已装好，有照片。"),
        ("called_back", "example-resident", "示例：只装了一盏。"),
    ]


async def test_an_accepted_one_becomes_a_matter_once(ledger: Ledger) -> None:
    key = await ledger.accepted()
    [(_, data)] = await ledger.events("liaison.matter.%")
    assert data == {
        "source": "APP",
        "sourceId": key,
        "area": VILLAGE,
        "category": "roads",
        "household": None,
        "department": "transport",
        "due": "2026-01-20",
        "at": "2026-01-05T00:30:00Z",
    }
    await ledger.officer.command("answerSuggestion", step(key, answer="示例"), BASICS)
    status, answer = await ledger.host.command("solveSuggestion", step(key, evidence="示例"), BASICS)
    assert (status, answer["code"]) == (409, "CONFLICT")
    assert "under way" in answer["detail"]
    status, answer = await ledger.host.command("declineSuggestion", step(key, reason="示例"), BASICS)
    assert (status, answer["code"], answer["from"]) == (409, "ILLEGAL_TRANSITION", "ANSWERED")
    assert answer["allowed"] == ["answerSuggestion", "solveSuggestion", "noteSuggestionCallback", "publishSuggestion"]


async def test_what_is_asked_of_who_raises(ledger: Ledger) -> None:
    for client, given, code in (
        (ledger.resident, suggestion(householdId=str(uuid4())), "FORBIDDEN"),
        (ledger.resident, suggestion(source="DUTY"), "INVALID_INPUT"),
        (ledger.resident, suggestion(text=" "), "INVALID_INPUT"),
        (ledger.resident, suggestion(category="Roads"), "INVALID_INPUT"),
        (ledger.resident, suggestion(areaCode="339999100299"), "UNKNOWN_AREA"),
        (ledger.resident, suggestion(contact={"phone": "123"}), "INVALID_INPUT"),
        (ledger.resident, suggestion(sessionId=str(uuid4())), "UNKNOWN_SESSION"),
        (ledger.resident, suggestion(raisedAt="2026-01-05T01:00:00Z"), "INVALID_INPUT"),
        (ledger.elsewhere, suggestion(), "NOT_FOUND"),
        (ledger.auditor, suggestion(), "FORBIDDEN"),
    ):
        status, answer = await client.command("raiseSuggestion", given, BASICS)
        assert (status // 100, answer["code"]) == (4, code)
    assert await ledger.events() == []


async def test_one_that_comes_twice_from_a_phone_counts_once(ledger: Ledger) -> None:
    """With client keys of their own: the phone does not know that the first had arrived."""
    key = str(uuid4())
    for _ in range(2):
        assert await ledger.raised(id=key, raisedAt="2026-01-03T02:00:00Z") == key
    assert [(verb, data["at"]) for verb, data in await ledger.events()] == [("raised", "2026-01-03T02:00:00Z")]
    status, answer = await ledger.stranger.command("raiseSuggestion", suggestion(id=key), BASICS)
    assert (status, answer["code"]) == (409, "CONFLICT")


async def test_a_grid_s_worker_raises_in_its_village_and_may_see_whom_to_call_back(ledger: Ledger) -> None:
    worker = ledger.liaison.as_("example-worker", "grid_worker", areas=[GRID])
    given = suggestion(contact={"phone": PHONE}, householdId=HOUSEHOLD)
    status, answer = await worker.command("raiseSuggestion", given, BASICS)
    assert (status, answer["raisedBy"]) == (200, "example-worker")
    asked = {"clientKey": str(uuid4()), "suggestionId": answer["key"], "purpose": "SERVICE"}
    assert (await worker.command("revealLiaisonContact", asked, CONTACT))[1]["contact"]["phone"] == f"+86{PHONE}"
    given = suggestion(areaCode=BARE_VILLAGE)
    assert (await worker.command("raiseSuggestion", given, BASICS))[1]["code"] == "NOT_FOUND"


async def test_in_a_session_of_the_village_that_has_begun(ledger: Ledger) -> None:
    sessions = {name: uuid4() for name in ("held", "ahead", "skipped", "elsewhere")}
    add = """INSERT INTO session (id, kind, area, due, date, opens, minutes, state)
        VALUES ($1, 'DIALOGUE', $2, $3, $3, '09:00', 90, $4)"""
    async with transaction(ledger.liaison.pool, SERVICE) as connection:
        for name, area, day, state in (
            ("held", VILLAGE, date(2026, 1, 5), "PLANNED"),
            ("ahead", VILLAGE, date(2026, 1, 15), "PLANNED"),
            ("skipped", VILLAGE, date(2026, 1, 4), "SKIPPED"),
            ("elsewhere", BARE_VILLAGE, date(2026, 1, 5), "PLANNED"),
        ):
            await connection.execute(add, sessions[name], area, day, state)
    for name, status in (("held", 200), ("ahead", 409), ("skipped", 409), ("elsewhere", 422)):
        given = suggestion(sessionId=str(sessions[name]))
        assert (await ledger.host.command("raiseSuggestion", given, BASICS))[0] == status
    [(_, data)] = await ledger.events()
    assert (data["source"], data["session"]) == ("DIALOGUE", str(sessions["held"]))
    listed = [["edges", "edges", None, [["node", "node", None, [["source", "source"]]]]]]
    _, answer = await ledger.host.read("suggestions", {"sessionId": str(sessions["held"])}, listed)
    assert answer == {"edges": [{"node": {"source": "DIALOGUE"}}]}


async def test_who_sees_what_of_one_with_a_name_and_of_one_without(ledger: Ledger) -> None:
    contact = {"name": "示例甲", "phone": PHONE}
    named = await ledger.raised(householdId=HOUSEHOLD, contact=contact)
    hidden = await ledger.raised(householdId=HOUSEHOLD, contact=contact, anonymous=True)
    for key in (named, hidden):
        given = step(key, due="2026-01-20", departmentCode="transport")
        assert (await ledger.host.command("acceptSuggestion", given, BASICS))[0] == 200
    masked = {"name": "示**", "phone": "138****5678"}
    person = ("example-resident", HOUSEHOLD, masked)
    everything, words_alone = {named: person, hidden: person}, {named: person, hidden: (None, None, None)}
    without_contact = ("example-resident", HOUSEHOLD, None)
    for client, expected in (
        (ledger.resident, everything),
        (ledger.host, everything),
        (ledger.officer, words_alone),
        (ledger.auditor, {named: without_contact, hidden: (None, None, None)}),
        (ledger.family, {named: without_contact}),
        (ledger.stranger, {}),
        (ledger.elsewhere, {}),
        (ledger.other_officer, {}),
    ):
        for key in (named, hidden):
            status, answer = await client.read("suggestion", {"id": key}, SEEN)
            if key not in expected:
                assert status == 404
                continue
            assert (status, answer["text"]) == (200, "示例：村口应装路灯。")
            assert (answer["raisedBy"], answer["householdKey"], answer["contact"]) == expected[key]
    raised = await ledger.rows("SELECT by FROM suggestion_step WHERE deed = 'raised' ORDER BY by NULLS LAST")
    assert raised == [("example-resident",), (None,)]
    households = [data["household"] for _, data in await ledger.events("liaison.matter.%")]
    assert sorted(households, key=str) == [HOUSEHOLD, None]


async def test_a_published_one_is_everybodys_without_the_person(ledger: Ledger) -> None:
    key = await ledger.answered()
    given = step(key, publicText="示例：村口装路灯，电话 13800005678")
    status, answer = await ledger.host.command("publishSuggestion", given, BASICS)
    assert (status, answer["rule"]) == (422, "number.in_clear")
    assert (await ledger.officer.command("publishSuggestion", step(key), BASICS))[0] == 403
    given = step(key, publicText="示例：村口装路灯。")
    assert (await ledger.host.command("publishSuggestion", given, BASICS))[0] == 200
    fields = [
        *SEEN,
        ["history", "history", None, [["deed", "deed"]]],
        ["ticketKey", "ticketKey"],
        ["allowed", "allowed"],
    ]
    status, answer = await ledger.stranger.read("suggestion", {"id": key}, fields)
    assert (status, answer["text"], answer["answer"]) == (200, "示例：村口装路灯。", "示例：三月安装。")
    assert (answer["raisedBy"], answer["contact"], answer["history"], answer["allowed"]) == (None, None, [], [])
    for _ in range(2):
        status, answer = await ledger.stranger.command("supportSuggestion", step(key), [["supports", "supports"]])
        assert (status, answer) == (200, {"supports": 1})
    assert (await ledger.family.command("supportSuggestion", step(key), [["supports", "supports"]]))[1] == {
        "supports": 2
    }
    assert [data["supports"] for verb, data in await ledger.events() if verb == "supported"] == [1, 2]
    await ledger.officer.command("answerSuggestion", step(key, answer="示例：四月安装。"), BASICS)
    assert (await ledger.stranger.read("suggestion", {"id": key}, BASICS))[0] == 404, "other words are to be reviewed"


async def test_what_the_callback_of_its_ticket_says_decides(ledger: Ledger) -> None:
    key = await ledger.answered()
    inbox = Inbox(ledger.liaison.pool, SERVICE, REACTIONS, ledger.liaison.clock)
    ticket, at = str(uuid4()), MONDAY + timedelta(days=1)

    async def told(deed: str, status: str, version: int, **more: Any) -> tuple[Any, ...]:
        data = {"ticket": ticket, "status": status, "version": version, "source": "APP", "sourceId": key}
        event = Event(
            id=uuid4(),
            source="urn:sanmin:tickets",
            type=f"tickets.ticket.{deed}.v1",
            subject=ticket,
            time=at,
            data=data | {"at": at.isoformat(), **more},
        )
        assert await inbox.take(encode(event)) == "done"
        sql = """SELECT m.ticket_state, m.solved_at IS NOT NULL, s.state FROM matter m JOIN suggestion s ON s.id = m.source_id"""
        [row] = await ledger.rows(sql)
        return tuple(row)

    assert await told("dispatched", "DISPATCHED", 3) == ("DISPATCHED", False, "ANSWERED")
    assert await told("reported", "DRAFTED", 1) == ("DISPATCHED", False, "ANSWERED"), "an older one changes nothing"
    assert await told("called_back", "CALLED_BACK", 6, satisfaction="UNREACHED") == ("CALLED_BACK", False, "ANSWERED")
    assert await told("called_back", "CALLED_BACK", 7, satisfaction="SATISFIED") == ("CALLED_BACK", True, "SOLVED")
    assert await told("closed", "CLOSED", 8) == ("CLOSED", True, "SOLVED")
    assert await told("called_back", "CALLED_BACK", 9, satisfaction="DISSATISFIED") == (
        "CALLED_BACK",
        False,
        "REOPENED",
    )
    assert await told("reopened", "DISPATCHED", 10) == ("DISPATCHED", False, "REOPENED")
    assert await told("closed", "CLOSED", 11, source="HOTLINE", sourceId="13:37") == ("DISPATCHED", False, "REOPENED")
    late = {"satisfaction": "DISSATISFIED"}
    assert await told("called_back", "CALLED_BACK", 9, **late) == ("DISPATCHED", False, "REOPENED")
    assert await told("closed", "CLOSED", 14) == ("CLOSED", False, "REOPENED")
    solved = ("CLOSED", True, "SOLVED")
    assert await told("called_back", "CALLED_BACK", 13, satisfaction="SATISFIED") == solved, (
        "it is still the last outcome"
    )
    assert await told("called_back", "CALLED_BACK", 12, **late) == solved, "an earlier one is not"
    _, answer = await ledger.resident.read("suggestion", {"id": key}, [["ticketKey", "ticketKey"]])
    assert answer == {"ticketKey": ticket}


async def test_of_two_that_are_merged_into_each_other_at_once_one_goes_on(ledger: Ledger) -> None:
    for _ in range(5):
        one, other = await ledger.raised(), await ledger.raised()
        answers = await asyncio.gather(
            *(
                ledger.host.command("mergeSuggestion", step(key, into=into), BASICS)
                for key, into in ((one, other), (other, one))
            )
        )
        assert sorted(status for status, _ in answers) == [200, 422]


async def test_what_is_done_in_office_is_done_by_name(ledger: Ledger) -> None:
    """Also with an anonymous suggestion that the same account raised for somebody; a resident's own deeds on theirs stay without a name."""
    status, answer = await ledger.host.command("raiseSuggestion", suggestion(anonymous=True), BASICS)
    assert status == 200
    hosts, own = answer["key"], await ledger.raised(anonymous=True)
    for key in (hosts, own):
        given = step(key, due="2026-01-20", opensMatter=False)
        assert (await ledger.host.command("acceptSuggestion", given, BASICS))[0] == 200
        assert (await ledger.host.command("answerSuggestion", step(key, answer="示例"), BASICS))[0] == 200
    given = step(own, satisfaction="SATISFIED")
    assert (await ledger.resident.command("noteSuggestionCallback", given, BASICS))[0] == 200
    steps = [["history", "history", None, [["deed", "deed"], ["by", "by"]]]]
    for key, raiser in ((hosts, "example-cadre"), (own, None)):
        _, answer = await ledger.host.read("suggestion", {"id": key}, steps)
        assert [(each["deed"], each["by"]) for each in answer["history"]] == [
            ("raised", raiser),
            ("accepted", "example-cadre"),
            ("answered", "example-cadre"),
            *([("called_back", None)] if key == own else []),
        ]


async def test_a_household_may_say_whether_its_suggestion_is_solved(ledger: Ledger) -> None:
    key = await ledger.raised(householdId=HOUSEHOLD)
    await ledger.host.command("acceptSuggestion", step(key, due="2026-01-20", opensMatter=False), BASICS)
    await ledger.host.command("answerSuggestion", step(key, answer="示例"), BASICS)
    allowed = [["allowed", "allowed"]]
    assert await ledger.family.read("suggestion", {"id": key}, allowed) == (
        200,
        {"allowed": ["noteSuggestionCallback"]},
    )
    given = step(key, satisfaction="DISSATISFIED")
    assert (await ledger.family.command("noteSuggestionCallback", given, BASICS))[1]["state"] == "REOPENED"


async def test_who_has_it_is_reminded_and_told_when_it_is_late_once_each(ledger: Ledger) -> None:
    key = await ledger.accepted(due="2026-01-08", opensMatter=False)
    later = await ledger.accepted(due="2026-01-09", opensMatter=False)
    clock = FixedClock(MONDAY)
    for day, expected in (
        (5, [("reminded", key)]),
        (6, [("reminded", later)]),
        (8, []),
        (9, [("alarmed", key)]),
        (12, [("alarmed", later)]),
        (13, []),
    ):
        before = len(await ledger.events())
        clock.instant = datetime(2026, 1, day, 0, 30, tzinfo=UTC)
        await ring(ledger.liaison.pool, clock)
        await ring(ledger.liaison.pool, clock)
        assert [(verb, data["suggestion"]) for verb, data in (await ledger.events())[before:]] == expected


async def test_a_double_goes_with_the_other(ledger: Ledger) -> None:
    first, second = await ledger.accepted(), await ledger.raised()
    for into in (second, str(uuid4())):
        status, answer = await ledger.host.command("mergeSuggestion", step(second, into=into), BASICS)
        assert (status, answer["rule"]) == (422, "known.suggestion")
    fields = [["state", "state"], ["duplicateOf", "duplicateOf", None, [["key", "key"]]]]
    assert await ledger.host.command("mergeSuggestion", step(second, into=first), fields) == (
        200,
        {"state": "DUPLICATE", "duplicateOf": {"key": first}},
    )
    assert UUID((await ledger.events())[-1][1]["into"]) == UUID(first)


async def test_a_contact_is_shown_for_a_purpose_and_that_is_written_down(ledger: Ledger) -> None:
    key = await ledger.raised(contact={"name": "示例甲", "phone": PHONE}, anonymous=True)
    fields = [["contact", "contact", None, [["name", "name"], ["phone", "phone"]]]]
    given = {"clientKey": str(uuid4()), "suggestionId": key, "purpose": "SERVICE", "note": "示例：回访"}
    assert await ledger.host.command("revealLiaisonContact", given, fields) == (
        200,
        {"contact": {"name": "示例甲", "phone": f"+86{PHONE}"}},
    )
    for client, changes, status in (
        (ledger.host, {"purpose": "STATISTICS"}, 403),
        (ledger.elsewhere, {}, 404),
        (ledger.officer, {}, 404),
        (ledger.auditor, {}, 403),
        (ledger.host, {"suggestionId": None, "visitId": key}, 404),
        (ledger.host, {"visitId": key}, 422),
    ):
        assert (await client.command("revealLiaisonContact", given | {"clientKey": str(uuid4())} | changes, fields))[
            0
        ] == status
    line = [[name, name] for name in ("account", "purpose", "suggestionId", "visitId", "fields", "note")]
    page = [["edges", "edges", None, [["node", "node", None, line]]]]
    _, answer = await ledger.auditor.read("liaisonDisclosures", {"areaCode": VILLAGE}, page)
    assert [edge["node"] for edge in answer["edges"]] == [
        {
            "account": "example-cadre",
            "purpose": "SERVICE",
            "suggestionId": b64encode(f"Suggestion:{key}".encode()).decode(),
            "visitId": None,
            "fields": ["name", "phone"],
            "note": "示例：回访",
        }
    ]
    assert (await ledger.elsewhere.read("liaisonDisclosures", {}, page))[1] == {"edges": []}
    dump = str(await ledger.rows("SELECT * FROM contact"))
    assert PHONE not in dump
    assert "示例甲" not in dump


async def test_a_contact_is_kept_while_it_is_needed_and_half_a_year_on(ledger: Ledger) -> None:
    contact = {"phone": PHONE}
    open_, declined = await ledger.raised(contact=contact), await ledger.raised(contact=contact)
    given = step(declined, reason="示例：不属本村。")
    assert (await ledger.host.command("declineSuggestion", given, BASICS))[0] == 200
    clock = FixedClock(MONDAY + timedelta(days=KEPT_DAYS) - timedelta(seconds=1))
    assert await tidy(ledger.liaison.pool, clock) == 0
    clock.instant += timedelta(seconds=1)
    assert [await tidy(ledger.liaison.pool, clock) for _ in range(2)] == [1, 0]
    assert await ledger.rows("SELECT owner::text FROM contact") == [(open_,)]


async def test_no_caller_no_rows(ledger: Ledger) -> None:
    """The fence behind the commands' own checks; an auditor reads, and changes nothing."""
    key = await ledger.accepted()
    await ledger.host.command("publishSuggestion", step(key), BASICS)
    await ledger.stranger.command("supportSuggestion", step(key), BASICS)
    pool = ledger.liaison.pool
    for table in ("suggestion", "suggestion_words", "suggestion_person", "suggestion_step", "matter"):
        assert await pool.fetchval(f"SELECT count(*) FROM {table}") == 0
        assert len(await ledger.rows(f"SELECT FROM {table}")) > 0
    auditor = Caller("example-auditor", areas=("339999",), roles=("auditor",))
    async with transaction(pool, auditor) as connection:
        assert await connection.fetchval("SELECT count(*) FROM suggestion") == 1
        assert await connection.execute("UPDATE suggestion SET state = 'RAISED'") == "UPDATE 0"
    stranger = Caller("example-stranger")
    async with transaction(pool, stranger) as connection:
        assert await connection.fetchval("SELECT count(*) FROM suggestion_support") == 1
        assert await connection.fetchval("SELECT count(*) FROM suggestion_words") == 0
    for sql in (
        "INSERT INTO suggestion_support (suggestion, subject, at) SELECT id, 'somebody', now() FROM suggestion",
        "INSERT INTO suggestion_person (suggestion, area, anonymous, by) VALUES (gen_random_uuid(), '339999100200', false, 'somebody')",
    ):
        with pytest.raises(Forbidden):
            async with transaction(pool, stranger) as connection:
                await connection.execute(sql)
