"""Figures and assessment over random histories made by the real deeds, against a recount that walks each history in Python."""

import asyncio
import base64
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import msgspec
import pytest

from services.chassis.clock import CHINA, FixedClock
from services.chassis.commands import perform
from services.chassis.db import Pool, open_pool, transaction
from services.chassis.errors import Problem
from services.tickets.app import declare
from services.tickets.commands.assessment import assess_past
from services.tickets.config import Api
from services.tickets.domain.access import reach
from tests.support.databases import Database, Databases
from tests.support.tokens import Issuer
from tests.tickets.matters import (
    COUNTY,
    GRID,
    OTHER_VILLAGE,
    SERVICE,
    TOWNSHIP,
    VILLAGE,
    WAYS,
    Tickets,
    given_for,
    report,
)

SEED = 20260101
MATTERS = 30
DEPARTMENTS = ("agriculture", "water")
BEGUN = datetime(2025, 12, 22, 1, tzinfo=UTC)
APRIL = datetime(2026, 4, 1, 0, 30, tzinfo=UTC)
ENDS = ("CLOSED", "MERGED", "WITHDRAWN", "REFERRED_OUT")
OPEN_STATES = (
    "DRAFTED",
    "ACCEPTED",
    "DISPATCHED",
    "SIGNED",
    "IN_PROGRESS",
    "AWAITING",
    "RETURNED",
    "RESOLVED",
    "VERIFIED",
    "CALLED_BACK",
)
ON_WITH_IT = (
    *(
        "acceptTicket",
        "dispatchTicket",
        "signTicket",
        "startTicket",
        "resolveTicket",
        "verifyTicket",
        "callBackTicket",
        "closeTicket",
    ),
    *("resumeTicket", "ruleTicket", "reopenTicket"),
)
ASIDE = ("returnTicket", "reworkTicket", "superviseTicket", "rateTicket", "suspendTicket")
AWAY = ("withdrawTicket", "referTicket")
BY_OFFICER = ("signTicket", "startTicket", "suspendTicket", "resumeTicket", "returnTicket", "resolveTicket")
STATE: list[Any] = [["id", "key"], ["status", "status"], ["department", "department", None, [["code", "code"]]]]
WORKING = ("signed", "started", "suspended", "resumed", "resolved", "returned")
PAGE = [["hasNextPage", "hasNextPage"], ["endCursor", "endCursor"]]
MARKS = [[name, name] for name in ("indicator", "counted", "cases", "value", "points", "weight")]
RESULT: list[Any] = [
    *[[name, name] for name in ("id", "scheme", "unitKind", "unit", "unitName", "place", "points")],
    ["marks", "marks", None, MARKS],
]


@pytest.fixture(scope="module")
async def history(
    databases: Databases, template: Database, issuer: Issuer, tmp_path_factory: pytest.TempPathFactory
) -> Database:
    """Matters that have gone all ways, from December to March."""
    made = await databases.copy("tickets", template)
    documents = tmp_path_factory.mktemp("documents").as_uri()
    config = Api(
        port=0,
        database_url=made.app_url,
        object_store_url=documents,
        issuer=issuer.config.issuer,
        jwks_url=issuer.config.jwks_url,
        audience=issuer.config.audience,
        personal_data_key="A" * 43 + "=",
        blind_index_key="B" * 43 + "=",
    )
    service = declare(config)
    pool = await open_pool(made.app_url, 2)
    async with pool:
        await _live(service, pool)
    return made


async def _live(service: Any, pool: Pool) -> None:
    chance = random.Random(SEED)
    commands = {command.name: command for command in service.commands}
    clock = FixedClock(BEGUN)

    async def does(role: str, subject: str, deed: str, given: dict[str, Any], **claims: Any) -> dict[str, Any] | None:
        principal = Tickets.principal(role, subject, areas=(COUNTY,), **claims)
        body = msgspec.json.encode({"input": given, "select": STATE})
        asked = {
            "pool": pool,
            "principal": principal,
            "caller": reach(principal),
            "views": service.views,
            "clock": clock,
        }
        try:
            return dict(msgspec.json.decode(await perform(commands[deed], body, **asked)))
        except Problem:
            return None

    for _ in range(MATTERS):
        clock.instant = BEGUN + timedelta(hours=chance.randrange(24 * 50))
        given = report(
            areaCode=chance.choice((GRID, VILLAGE, OTHER_VILLAGE, TOWNSHIP)),
            category=chance.choice(("irrigation", "road", "other")),
            source=chance.choice(("HOTLINE", "DUTY", "VISIT")),
        )
        ticket = await does("city_admin", "example-city_admin", "reportTicket", given)
        assert ticket is not None
        for _ in range(chance.randrange(6, 30)):
            clock.instant += timedelta(hours=chance.choice((1, 3, 8, 20, 45, 240)))
            (ways,) = chance.choices((ON_WITH_IT, ASIDE, AWAY), (80, 18, 2))
            possible = [deed for deed in ways if ticket["status"] in WAYS[deed]]
            if not possible:
                continue
            deed = chance.choice(possible)
            code = (ticket["department"] or {}).get("code")
            needed = _given(chance, deed, ticket["id"], code)
            if deed in BY_OFFICER:
                somebody = f"officer-{code}-{chance.randrange(2)}"
                moved = await does("department_officer", somebody, deed, needed, department=code)
            else:
                moved = await does("city_admin", "example-city_admin", deed, needed)
            ticket = moved or ticket


@pytest.fixture
async def database(databases: Databases, history: Database) -> AsyncIterator[Database]:
    """A copy of the histories."""
    copied = await databases.copy("tickets", history)
    yield copied
    databases.let_go(copied)


@pytest.fixture
def lived(tickets: Tickets) -> Tickets:
    tickets.clock.instant = APRIL
    return tickets


def _given(chance: random.Random, deed: str, ticket: str, department: str | None) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if deed in ("dispatchTicket", "ruleTicket"):
        more["departmentCode"] = chance.choice(DEPARTMENTS)
    if deed == "reopenTicket":
        more["departmentCode"] = next(code for code in DEPARTMENTS if code != department)
    if deed in ("callBackTicket", "rateTicket"):
        more["satisfaction"] = chance.choice(("SATISFIED", "DISSATISFIED"))
    return given_for(deed, ticket, **more)


async def rows(tickets: Tickets, table: str, order: str = "1") -> list[asyncpg.Record]:
    async with transaction(tickets.pool, SERVICE) as connection:
        return list(await connection.fetch(f"SELECT * FROM {table} ORDER BY {order}"))


def day(at: datetime) -> date:
    return at.astimezone(CHINA).date()


# Figures

FIGURES = {
    "byStatus": ("status", "reported", "open"),
    **dict.fromkeys(("bySource", "byCategory", "byDepartment", "byArea"), ("code", "reported", "closed", "open")),
    "onTime": ("kind", "met", "missed", "percent"),
    "ageing": ("fromDays", "belowDays", "open"),
    "residents": ("satisfied", "dissatisfied", "unreached"),
    "superiors": ("satisfied", "dissatisfied"),
    "heat": ("areaCode", "category", "reported", "previous"),
    "trend": ("date", "reported", "closed"),
}
NUMBERS = ("reported", "closed", "endedOtherwise", "open", "returns", "reopened", "extensions")
ALL: list[Any] = [
    *[[name, name] for name in (*NUMBERS, "computedAt")],
    *[[name, name, None, [[field, field] for field in fields]] for name, fields in FIGURES.items()],
]


async def recount(tickets: Tickets, area: str, first: date, last: date, now: datetime) -> dict[str, Any]:
    """The same by walking through all rows."""
    inside = [row for row in await rows(tickets, "ticket") if row["area"].startswith(area)]
    length = (last - first).days + 1
    reported = [row for row in inside if first <= day(row["reported_at"]) <= last]
    ended = [row for row in inside if row["status"] in ENDS and first <= day(row["updated_at"]) <= last]
    closed = [row for row in ended if row["status"] == "CLOSED"]
    opened = [row for row in inside if row["status"] in OPEN_STATES]
    before = [row for row in inside if first - timedelta(length) <= day(row["reported_at"]) < first]
    decided = []
    for row in await rows(tickets, "deadline"):
        at = row["missed_at"] or row["met_at"]
        if row["area"].startswith(area) and at is not None and first <= day(at) <= last:
            decided.append((row["kind"], row["missed_at"] is not None))
    below = {6: 9, 9: 12, 12: 16}[len(area)]

    def lines(key: Any, zeros: tuple[str, ...] = ()) -> dict[str, tuple[int, int, int]]:
        found: dict[Any, list[int]] = {code: [0, 0, 0] for code in zeros}
        for place, some in enumerate((reported, closed, opened)):
            for row in some:
                found.setdefault(key(row), [0, 0, 0])[place] += 1
        return {code: (r, c, o) for code, (r, c, o) in found.items() if code is not None}

    def ages(least: int, most: int | None) -> int:
        days = [(now - row["reported_at"]) / timedelta(days=1) for row in opened]
        return sum(least <= age and (most is None or age < most) for age in days)

    children = {6: (TOWNSHIP,), 9: (VILLAGE, OTHER_VILLAGE), 12: (GRID,) if area == VILLAGE else ()}[len(area)]
    heat: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for place, some in enumerate((reported, before)):
        for row in some:
            heat[row["area"][:below], row["category"]][place] += 1
    return {
        "reported": len(reported),
        "closed": len(closed),
        "endedOtherwise": len(ended) - len(closed),
        "open": len(opened),
        "returns": sum(row["returns"] for row in reported),
        "reopened": sum(row["reopened"] for row in reported),
        "extensions": 0,
        "byStatus": {
            status: (sum(r["status"] == status for r in reported), sum(o["status"] == status for o in opened))
            for status in {row["status"] for row in (*reported, *opened)}
        },
        "bySource": lines(lambda row: row["source"]),
        "byCategory": lines(lambda row: row["category"]),
        "byDepartment": lines(lambda row: row["department"]),
        "byArea": lines(lambda row: row["area"][:below], children),
        "onTime": {
            kind: (decided.count((kind, False)), decided.count((kind, True))) for kind in ("SIGN", "WORK", "OVERALL")
        },
        "ageing": {least: ages(least, most) for least, most in ((0, 1), (1, 3), (3, 7), (7, 15), (15, None))},
        "residents": tuple(
            sum(row["satisfaction"] == said for row in reported) for said in ("SATISFIED", "DISSATISFIED", "UNREACHED")
        ),
        "superiors": tuple(
            sum(row["superior_satisfaction"] == said for row in reported) for said in ("SATISFIED", "DISSATISFIED")
        ),
        "heat": {key: tuple(counts) for key, counts in heat.items()},
        "trend": {
            str(first + timedelta(n)): (
                sum(day(row["reported_at"]) == first + timedelta(n) for row in reported),
                sum(day(row["updated_at"]) == first + timedelta(n) for row in closed),
            )
            for n in range(length)
        },
    }


def told(answer: dict[str, Any]) -> dict[str, Any]:
    """What the read model says, in the recount's shape."""
    return {
        **{name: answer[name] for name in NUMBERS},
        "byStatus": {one["status"]: (one["reported"], one["open"]) for one in answer["byStatus"]},
        **{
            name: {one["code"]: (one["reported"], one["closed"], one["open"]) for one in answer[name]}
            for name in ("bySource", "byCategory", "byDepartment", "byArea")
        },
        "onTime": {one["kind"]: (one["met"], one["missed"]) for one in answer["onTime"]},
        "ageing": {one["fromDays"]: one["open"] for one in answer["ageing"]},
        "residents": tuple(answer["residents"].values()),
        "superiors": tuple(answer["superiors"].values()),
        "heat": {(one["areaCode"], one["category"]): (one["reported"], one["previous"]) for one in answer["heat"]},
        "trend": {one["date"]: (one["reported"], one["closed"]) for one in answer["trend"]},
    }


async def figures(tickets: Tickets, client: Any, area: str, first: str, last: str, **more: Any) -> tuple[int, Any]:
    return tuple(await client.read("matterFigures", {"area": area, "from": first, "to": last, **more}, ALL))


async def test_figures_are_what_a_recount_finds(lived: Tickets) -> None:
    admin = lived.as_("city_admin", areas=[COUNTY])
    for area, first, last in (
        (COUNTY, "2026-01-01", "2026-01-31"),
        (TOWNSHIP, "2026-01-10", "2026-01-10"),
        (VILLAGE, "2025-12-25", "2026-02-05"),
        (COUNTY, "2025-12-01", "2026-03-31"),
    ):
        _, answer = await figures(lived, admin, area, first, last)
        now = datetime.fromisoformat(answer["computedAt"])
        expected = await recount(lived, area, date.fromisoformat(first), date.fromisoformat(last), now)
        assert told(answer) == expected, (area, first)
    assert min(expected["closed"], expected["returns"], *expected["onTime"]["WORK"]) > 0
    _, weekly = await figures(lived, admin, COUNTY, "2026-01-01", "2026-01-31", trend="WEEK")
    assert [one["date"] for one in weekly["trend"]] == [
        "2026-01-01",
        "2026-01-05",
        "2026-01-12",
        "2026-01-19",
        "2026-01-26",
    ]
    _, daily = await figures(lived, admin, COUNTY, "2026-01-01", "2026-01-31")
    assert sum(one["reported"] for one in weekly["trend"]) == daily["reported"] > 0


async def test_figures_are_of_what_the_caller_reaches(lived: Tickets) -> None:
    month = ("2025-12-01", "2026-03-31")
    _, whole = await figures(lived, lived.as_("city_admin", areas=[COUNTY]), VILLAGE, *month)
    cadre = lived.as_("village_cadre", "example-city_admin")
    _, own = await figures(lived, cadre, COUNTY, *month)
    assert own["reported"] == whole["reported"] > 0, "what somebody has reported elsewhere is not theirs to count"
    assert {one["code"] for one in own["byArea"]} == {TOWNSHIP}
    _, all_ = await figures(lived, lived.as_("city_admin", areas=[COUNTY]), COUNTY, *month)
    _, water = await figures(lived, lived.as_("department_officer", department="water", areas=[COUNTY]), COUNTY, *month)
    of_water = next(one for one in all_["byDepartment"] if one["code"] == "water")
    assert (water["reported"], water["closed"], water["open"]) == (
        of_water["reported"],
        of_water["closed"],
        of_water["open"],
    )
    assert {one["code"] for one in water["byDepartment"]} == {"water"}
    for client, area, code in (
        (lived.as_("resident"), COUNTY, "FORBIDDEN"),
        (cadre, OTHER_VILLAGE, "NOT_FOUND"),
        (cadre, "339998", "UNKNOWN_AREA"),
    ):
        assert (await figures(lived, client, area, *month))[1]["code"] == code
    for first, last, rule in (
        ("2026-02-01", "2026-01-01", "order"),
        ("2025-01-01", "2026-01-02", "length"),
        ("2026-02-30", "2026-03-01", "form"),
    ):
        assert (await figures(lived, cadre, VILLAGE, first, last))[1]["rule"] == rule
    assert (await figures(lived, cadre, VILLAGE, *month, trend="YEAR"))[1]["rule"] == "form"


# Assessment


async def naive(tickets: Tickets, first: date, last: date) -> dict[tuple[str, str], dict[str, tuple[int, int]]]:
    """Of every unit each indicator's (counted, cases), by walking each ticket's history in order."""
    deadlines = defaultdict(list)
    for row in await rows(tickets, "deadline"):
        deadlines[row["ticket"]].append(row)
    histories = defaultdict(list)
    for row in await rows(tickets, "step", "ticket, version"):
        histories[row["ticket"]].append(row)
    found: dict[tuple[str, str], dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for ticket in await rows(tickets, "ticket"):
        for indicator, counted, department, worker in _cases(
            histories[ticket["id"]], deadlines[ticket["id"]], first, last
        ):
            units = [("DEPARTMENT", department), ("WORKER", worker), ("TOWNSHIP", ticket["area"][:9])]
            if len(ticket["area"]) >= 12:
                units.append(("VILLAGE", ticket["area"][:12]))
            for unit in units:
                if unit[1] is not None:
                    found[unit][indicator][0] += counted
                    found[unit][indicator][1] += 1
    return {unit: {name: (c, n) for name, (c, n) in of.items()} for unit, of in found.items()}


Case = tuple[str, bool, str | None, str | None]
"""(indicator, whether it counts, department, worker)"""


def _cases(history: list[asyncpg.Record], deadlines: list[asyncpg.Record], first: date, last: date) -> Iterator[Case]:
    for step in history:
        if step["to_status"] in ENDS[1:] and day(step["at"]) <= last:
            return
    had: list[tuple[datetime, str | None, str | None]] = []
    yield from _of_steps(history, had, first, last)
    for one in deadlines:
        at, missed = one["missed_at"] or one["met_at"], one["missed_at"] is not None
        if at is None and one["ended_at"] is None:
            at, missed = one["due_at"], True
        if at is None or not first <= day(at) <= last:
            continue
        *_, (_, department, worker) = (entry for entry in had if entry[0] <= at)
        yield f"{one['kind']}_ON_TIME", not missed, one["department"] or department, worker


def _of_steps(
    history: list[asyncpg.Record], had: list[tuple[datetime, str | None, str | None]], first: date, last: date
) -> Iterator[Case]:
    """Notes in `had` who had the matter from when on."""
    told: dict[str, str | None] = {}
    worker, before = None, set[str]()
    volume: Case | None = None
    for step in history:
        deed, counts = step["deed"], first <= day(step["at"]) <= last
        worker = step["actor"] if deed in WORKING else worker
        if counts and deed in ("reopened", "returned"):
            yield {"reopened": "REOPENED", "returned": "RETURNS"}[deed], True, told.get("department"), worker
        told |= step["data"]
        department = told.get("department")
        had.append((step["at"], department, worker))
        if counts and deed == "called_back" and told["satisfaction"] != "UNREACHED":
            yield "SATISFACTION", told["satisfaction"] == "SATISFIED", department, worker
        if counts and deed == "rated":
            yield "SUPERIOR_SATISFACTION", told["superior_satisfaction"] == "SATISFIED", department, worker
        if counts and deed == "resolved":
            yield "RETURNS", False, department, worker
            volume = "VOLUME", True, department, worker
        if counts and deed == "closed":
            yield "FIRST_CONTACT", before.isdisjoint(("returned", "ruled", "reworked", "reopened")), department, worker
            yield "SUPERVISED", "supervised" in before, department, worker
            yield "REOPENED", False, department, worker
        before.add(deed)
    if volume is not None:
        yield volume


async def pages(client: Any, root: str, args: dict[str, Any], select: list[Any]) -> list[Any]:
    """All nodes of a connection."""
    found: list[Any] = []
    after: dict[str, Any] = {}
    while True:
        asked = [["edges", "edges", None, [["node", "node", None, select]]], ["pageInfo", "pageInfo", None, PAGE]]
        status, answer = await client.read(root, {**args, **after, "first": 20}, asked)
        assert status == 200, answer
        found += [edge["node"] for edge in answer["edges"]]
        if not answer["pageInfo"]["hasNextPage"]:
            return found
        after = {"after": answer["pageInfo"]["endCursor"]}


def key(global_id: str) -> str:
    return base64.b64decode(global_id).decode().partition(":")[2]


async def compute(client: Any, period: str) -> dict[str, Any]:
    select = [[name, name] for name in ("id", "version", "digest", "cases")]
    status, answer = await client.command("computeAssessment", {"clientKey": str(uuid4()), "period": period}, select)
    assert status == 200, answer
    return dict(answer)


async def test_an_assessment_is_what_a_recount_finds_and_each_number_lists_its_cases(lived: Tickets) -> None:
    admin = lived.as_("city_admin", areas=[COUNTY])
    for period, last, schemes in (
        ("2026-01", date(2026, 1, 31), {"departments", "townships", "workers"}),
        ("2026-Q1", date(2026, 3, 31), {"villages"}),
    ):
        first = await compute(admin, period)
        assert first["version"] == 1
        assert await compute(admin, period) == first, "reckoned anew it is the same"
        expected = await naive(lived, date(2026, 1, 1), last)
        results = await pages(admin, "assessmentResults", {"period": period}, RESULT)
        assert {each["scheme"] for each in results} == schemes
        for each in results:
            of = expected[each["unitKind"], each["unit"]]
            for mark in each["marks"]:
                assert (mark["counted"], mark["cases"]) == of.get(mark["indicator"], (0, 0)), (each["unit"], mark)
        units = {(each["unitKind"], each["unit"]) for each in results}
        assert units >= {unit for unit in expected if unit[0] in ("TOWNSHIP", "DEPARTMENT") and schemes != {"villages"}}
        assert results[0]["place"] == 1
    for each in results:
        for mark in each["marks"]:
            asked = {"result": key(each["id"]), "indicator": mark["indicator"]}
            cases = await pages(
                admin,
                "assessmentCases",
                asked,
                [["id", "id"], ["counted", "counted"], ["ticket", "ticket", None, [["n", "number"]]]],
            )
            assert (len(cases), sum(case["counted"] for case in cases)) == (mark["cases"], mark["counted"])
            counted = await pages(admin, "assessmentCases", {**asked, "counted": True}, [["id", "id"]])
            assert {one["id"] for one in counted} == {case["id"] for case in cases if case["counted"]}


async def test_each_sees_what_they_are_assessed_by(lived: Tickets) -> None:
    await compute(lived.as_("city_admin", areas=[COUNTY]), "2026-01")
    await compute(lived.as_("city_admin", areas=[COUNTY]), "2026-Q1")

    async def units(client: Any, period: str = "2026-01") -> set[tuple[str, str]]:
        found = await pages(client, "assessmentResults", {"period": period}, [["k", "unitKind"], ["u", "unit"]])
        return {(each["k"], each["u"]) for each in found}

    officer = lived.as_("department_officer", "officer-water-0", department="water", areas=[COUNTY])
    assert await units(officer) == {("DEPARTMENT", "water"), ("WORKER", "officer-water-0")}
    assert await units(lived.as_("township_clerk", areas=[TOWNSHIP])) == {("TOWNSHIP", TOWNSHIP)}
    assert await units(lived.as_("township_clerk", areas=[TOWNSHIP]), "2026-Q1") == {
        ("VILLAGE", VILLAGE),
        ("VILLAGE", OTHER_VILLAGE),
    }
    assert await units(lived.as_("village_cadre"), "2026-Q1") == {("VILLAGE", VILLAGE)}
    assert await units(lived.as_("resident")) == set()
    assert {kind for kind, _ in await units(lived.as_("auditor", areas=[COUNTY]))} == {
        "DEPARTMENT",
        "TOWNSHIP",
        "WORKER",
    }


OBJECTION: list[Any] = [["id", "id"], ["upheld", "upheld"], ["corrected", "corrected", None, [["version", "version"]]]]


async def test_an_objection_that_is_upheld_makes_a_new_version(lived: Tickets) -> None:
    admin = lived.as_("city_admin", areas=[COUNTY])
    clerk = lived.as_("township_clerk", areas=[TOWNSHIP])
    cadre = lived.as_("village_cadre")
    first = await compute(admin, "2026-Q1")
    (own,) = await pages(cadre, "assessmentResults", {"period": "2026-Q1"}, RESULT)
    asked = {"result": key(own["id"]), "indicator": "OVERALL_ON_TIME", "counted": False}
    missed, second, *_ = await pages(cadre, "assessmentCases", asked, [["id", "id"], ["dueAt", "dueAt"]])

    async def objects(
        client: Any, case: str, reason: str = "示例：因停水停电无法施工", result: str = own["id"]
    ) -> tuple[int, Any]:
        given = {"clientKey": str(uuid4()), "resultId": key(result), "caseId": key(case), "reason": reason}
        return tuple(await client.command("objectToCase", given, OBJECTION))

    async def decides(client: Any, objection: str, upheld: bool) -> tuple[int, Any]:
        given = {"clientKey": str(uuid4()), "id": key(objection), "upheld": upheld, "note": "示例：情况属实"}
        return tuple(await client.command("decideObjection", given, OBJECTION))

    assert (await objects(clerk, missed["id"]))[1]["code"] == "FORBIDDEN"
    assert (await objects(cadre, missed["id"], " "))[1]["field"] == "reason"
    assert (await objects(lived.as_("village_cadre", areas=[OTHER_VILLAGE]), missed["id"]))[1]["code"] == "NOT_FOUND"
    assert (await objects(cadre, f"{own['id']}"))[1]["code"] == "NOT_FOUND"
    status, objection = await objects(cadre, missed["id"])
    assert (status, objection["upheld"], objection["corrected"]) == (200, None, None)
    assert (await objects(cadre, missed["id"]))[1]["code"] == "CONFLICT"
    waiting = await pages(clerk, "assessmentObjections", {"undecided": True}, OBJECTION)
    assert [one["id"] for one in waiting] == [objection["id"]]
    assert (await decides(cadre, objection["id"], True))[1]["code"] == "FORBIDDEN"
    _, other = await objects(cadre, second["id"])
    assert (await decides(clerk, other["id"], False))[1] == {"id": other["id"], "upheld": False, "corrected": None}
    assert (await compute(admin, "2026-Q1"))["id"] == first["id"], "rejected, it changes nothing"
    assert (await decides(clerk, objection["id"], True))[1] == {
        "id": objection["id"],
        "upheld": True,
        "corrected": {"version": 2},
    }
    assert (await decides(admin, objection["id"], False))[1]["code"] == "CONFLICT"

    (corrected,) = await pages(cadre, "assessmentResults", {"period": "2026-Q1"}, RESULT)
    (kept,) = await pages(cadre, "assessmentResults", {"period": "2026-Q1", "version": 1}, RESULT)
    assert kept == own
    assert corrected["marks"][0]["cases"] == own["marks"][0]["cases"] - 1
    assert corrected["marks"][0]["counted"] == own["marks"][0]["counted"]
    left = {"result": key(corrected["id"]), "indicator": "OVERALL_ON_TIME"}
    assert [one["id"] for one in await pages(cadre, "assessmentCases", {**left, "leftOut": True}, [["id", "id"]])] == [
        missed["id"]
    ]
    assert len(await pages(cadre, "assessmentCases", left, [["id", "id"]])) == corrected["marks"][0]["cases"]
    assert (
        len(await pages(cadre, "assessmentCases", {**asked}, [["id", "id"]]))
        == own["marks"][0]["cases"] - own["marks"][0]["counted"]
    )
    assert (await objects(cadre, second["id"]))[1]["code"] == "CONFLICT", (
        "the first version is no longer open to objection"
    )
    assert (await compute(admin, "2026-Q1"))["version"] == 2


async def test_the_worker_assesses_the_last_month_once(tickets: Tickets) -> None:
    tickets.clock.instant = datetime(2026, 1, 31, 16, 5, tzinfo=UTC)  # the 1st of February in China
    done = await asyncio.gather(*(assess_past(tickets.pool, tickets.clock) for _ in range(2)))
    assert sorted(period for periods in done for period in periods) == ["2025-Q4", "2026-01"]
    assert await assess_past(tickets.pool, tickets.clock) == []
    assert await tickets.count("assessment") == 2
    async with transaction(tickets.pool, SERVICE) as connection:
        events = await connection.fetch("SELECT data FROM outbox WHERE type = 'tickets.assessment.computed.v1'")
    assert {(event["data"]["period"], event["data"]["version"]) for event in events} == {("2025-Q4", 1), ("2026-01", 1)}


async def test_a_scheme_is_revised_from_a_day_on(tickets: Tickets) -> None:
    admin = tickets.as_("city_admin", areas=[COUNTY])
    given: dict[str, Any] = {
        "code": "departments",
        "since": "2026-01-05",
        "name": "示例：新方案",
        "unit": "DEPARTMENT",
        "period": "MONTH",
        "minimum": 3,
        "indicators": [{"indicator": "RETURNS", "weight": 1, "direction": "LOWER", "target": 0, "floor": 10}],
    }
    select: list[Any] = [
        ["code", "code"],
        ["since", "since"],
        ["indicators", "indicators", None, [["indicator", "indicator"], ["floor", "floor"]]],
    ]

    async def revise(client: Any, **changes: Any) -> tuple[int, Any]:
        return tuple(await client.command("reviseScheme", {**given, "clientKey": str(uuid4()), **changes}, select))

    status, revised = await revise(admin)
    assert (status, revised) == (
        200,
        {"code": "departments", "since": "2026-01-05", "indicators": [{"indicator": "RETURNS", "floor": 10}]},
    )
    for client, changes, code, field in (
        (admin, {}, "CONFLICT", None),
        (admin, {"since": "2026-01-04"}, "INVALID_INPUT", "since"),
        (admin, {"code": "departments2", "minimum": 0}, "INVALID_INPUT", "minimum"),
        (tickets.as_("city_admin", areas=[TOWNSHIP]), {}, "FORBIDDEN", None),
        (tickets.as_("township_clerk", areas=[TOWNSHIP]), {}, "FORBIDDEN", None),
    ):
        _, problem = await revise(client, **changes)
        assert (problem["code"], problem.get("field")) == (code, field)
    for on, since in (("2026-01-04", "2020-01-01"), ("2026-01-05", "2026-01-05")):
        _, schemes = await admin.read("assessmentSchemes", {"on": on}, select)
        assert {one["code"]: one["since"] for one in schemes}["departments"] == since
    assert (await admin.command("computeAssessment", {"clientKey": str(uuid4()), "period": "2026-01"}, [["id", "id"]]))[
        1
    ]["rule"] == "over"
