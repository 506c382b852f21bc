"""What of sheets is stale, whom a grid worker sees first and why, what a visit confirms, and figures by area."""

import asyncio
import calendar
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stdnum.cn import ric
from typer.testing import CliRunner

from services.archive.__main__ import cli
from services.archive.commands import review as commands
from services.archive.commands.review import SHEETS_STALE, keep_fresh
from services.archive.domain.history import Change
from services.archive.domain.household import Household
from services.archive.domain.item import Item
from services.archive.domain.member import Member
from services.archive.domain.review import public
from services.archive.store import review
from services.archive.store import sheet as store
from services.chassis.clock import SystemClock
from services.chassis.db import transaction
from tests.archive.conftest import GRID, OTHER_GRID, VILLAGE, Archive, key
from tests.archive.sheets import SERVICE, TODAY, add, born, household, item, person, row, state

INTERVALS = "SELECT kind || '.' || fact AS fact, months FROM review_interval"
REAL = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
NUMBER = "339999197601010000"
NUMBER = NUMBER[:-1] + ric.calc_check_digit(NUMBER)
serial = itertools.count(1)


def number() -> str:
    return f"9{next(serial):04}"


def later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


# Needs, held against a second way of working them out


def holds(one: Item, day: date) -> bool:
    return (one.since is None or one.since <= day) and (one.until is None or one.until >= day)


def age(member: Member, day: date) -> int | None:
    if member.birth_date is None:
        return None
    return day.year - member.birth_date.year - ((day.month, day.day) < (member.birth_date.month, member.birth_date.day))


def needs(sheet: Household, day: date) -> set[str]:
    away = {one.person for one in sheet.items if one.kind == "MIGRATION" and holds(one, day)}
    home = [member for member in sheet.members if member.id not in away]
    benefits = {one.data["benefit"] for one in sheet.items if one.kind == "BENEFIT" and holds(one, day)}
    ages = [age(member, day) for member in sheet.members]
    carers = [member for member in home if (years := age(member, day)) is None or 18 <= years < 60]
    found = {
        "ELDERLY_80": any(years is not None and years >= 80 for years in ages),
        "LIVING_ALONE": len(home) == 1,
        "MINORS_LEFT_BEHIND": len(home) < len(sheet.members)
        and any(years is not None and years < 16 for years in ages)
        and not carers,
        "DISABILITY": "DISABILITY" in benefits,
        "BENEFITS": bool(benefits & {"MINIMUM_LIVING", "EXTREME_POVERTY", "MEDICAL_AID", "ORPHAN"}),
    }
    return {code for code, so in found.items() if so}


DAYS = st.integers(-400, 400)


@st.composite
def people(draw: Any) -> Household:
    """A household whose members are about to turn, or have just turned, an age that counts; some away, some with benefits."""
    members = []
    for position in range(draw(st.integers(1, 4))):
        years = draw(st.sampled_from((None, 8, 16, 18, 40, 60, 80)))
        birth = None if years is None else born(years, draw(DAYS))
        members.append(replace(person(f"示例{position}", "02" if position == 0 else "97"), birth_date=birth))
    items = []
    for _ in range(draw(st.integers(0, 4))):
        since = draw(st.none() | DAYS)
        until = draw(st.none() | (DAYS if since is None else st.integers(since, 500)))
        span = [None if days is None else TODAY + timedelta(days=days) for days in (since, until)]
        who = draw(st.sampled_from(members))
        benefit = draw(st.sampled_from(("MINIMUM_LIVING", "DISABILITY", "PENSION", "ORPHAN", None)))
        data = {"place": "示例市"} if benefit is None else {"benefit": benefit}
        items.append(item("MIGRATION" if benefit is None else "BENEFIT", who, *span, **data))
    return household(number(), members, items)


@REAL
@given(sheet=people(), days=DAYS)
async def test_needs_hold_until_the_day_that_is_told(archive: Archive, sheet: Household, days: int) -> None:
    id_, day = await add(archive, sheet), TODAY + timedelta(days=days)
    asked = "SELECT needs, changes_on FROM needs_of($1, $2)"
    told = await archive.admin.fetchrow(asked, id_, day)
    assert told is not None
    assert set(told["needs"]) == needs(sheet, day)
    until = told["changes_on"] or day + timedelta(days=1000)
    for ahead in range(0, 1000, 7):
        then = day + timedelta(days=ahead)
        if then < until:
            assert needs(sheet, then) == needs(sheet, day)


# Staleness and rank


@st.composite
def verified(draw: Any) -> tuple[Household, dict[UUID, date]]:
    """A sheet, and on which day each of its parts was verified."""
    head = person("示例新一", age=50, phone="+8615400000002", marital="21", health="1")
    other = person("示例新二", "12", age=draw(st.sampled_from((48, 81))), education="70")
    items = [
        item("INCOME", year=2020, source="WAGES", amount=1),
        item("INCOME", year=draw(st.sampled_from((2020, 2024))), source="FARMING", amount=2),
        item("NEED", other, until=draw(st.sampled_from((None, ago(1), TODAY))), need="示例需求"),
        item("MIGRATION", head, place="示例市"),
    ]
    sheet = household(number(), (head, other), items, house="示例房")
    parts = [sheet.id, head.id, other.id, *(one.id for one in items)]
    return sheet, {part: ago(draw(st.integers(0, 1200))) for part in parts}


def stale_days(sheet: Household, on: Mapping[UUID, date], months: Mapping[str, int]) -> list[date]:
    """The first stale day of each fact that can grow stale."""
    facts: list[tuple[str, UUID]] = [("household.address", sheet.id), ("household.house", sheet.id)]
    for member in sheet.members:
        given_ = {"phone": "phone_index"}
        for name in ("phone", "marital", "education", "health", "politics"):
            if getattr(member, name) is not None:
                facts.append((f"person.{given_.get(name, name)}", member.id))
    latest = max(one.data["year"] for one in sheet.items if one.kind == "INCOME")
    for one in sheet.items:
        ended = one.until is not None and one.until < TODAY
        if not ended and one.data.get("year", latest) == latest:
            facts.append((f"{one.kind}.data", one.id))
    return [later(on[part], months[fact]) for fact, part in facts]


@REAL
@given(made=verified())
async def test_a_sheet_is_due_when_its_first_fact_is(
    archive: Archive, made: tuple[Household, dict[UUID, date]]
) -> None:
    sheet, on = made
    await add(archive, sheet, since=ago(1300))
    async with transaction(archive.pool, SERVICE) as connection:
        for part, day in on.items():
            await connection.execute(
                "UPDATE sheet_item SET sources = jsonb_set(sources, '{data,1}', to_jsonb($2::date)) WHERE id = $1",
                part,
                day,
            )
            for table in ("household", "person"):
                await connection.execute(
                    f"UPDATE {table} SET sources = (SELECT jsonb_object_agg(k, jsonb_build_array(v -> 0, $2::date)) "
                    "FROM jsonb_each(sources) s (k, v)) WHERE id = $1",
                    part,
                    day,
                )
        await connection.execute(review.FRESHEN, sheet.id)
    months = {row_["fact"]: row_["months"] for row_ in await archive.admin.fetch(INTERVALS)}
    weights = {row_["code"]: row_["days"] for row_ in await archive.admin.fetch("SELECT code, days FROM visit_need")}
    days, found = stale_days(sheet, on, months), await row(archive, sheet.id)
    assert found["review_on"] == min(days)
    assert (found["facts"], found["stale_facts"]) == (len(days), sum(day <= TODAY for day in days))
    assert set(found["needs"]) == needs(sheet, TODAY)
    assert found["rank_on"] == min(days) - timedelta(days=sum(weights[code] for code in needs(sheet, TODAY)))
    ahead = [day for day in days if day > TODAY]
    assert found["recount_on"] <= min(ahead) if ahead else True
    assert found["recount_on"] is None or found["recount_on"] > TODAY


FACTS = [
    ["reference", "reference"],
    ["name", "name"],
    ["title", "title"],
    ["staleOn", "staleOn"],
    ["member", "member", None, [["name", "name"]]],
]
DUE = [
    ["dueOn", "dueOn"],
    ["overdueDays", "overdueDays"],
    ["rank", "rank"],
    ["needs", "needs", None, [["code", "code"], ["days", "days"]]],
    ["staleFacts", "staleFacts", None, FACTS],
    ["household", "household", None, [["key", "key"], ["number", "number"]]],
]
QUEUE = [
    ["edges", "edges", None, [["node", "node", None, DUE]]],
    ["pageInfo", "pageInfo", None, [["hasNextPage", "hasNextPage"], ["endCursor", "endCursor"]]],
]


async def queue(archive: Archive, account: str = "cadre", **args: Any) -> list[dict[str, Any]]:
    status, page = await archive.as_(account).read("visitQueue", args, QUEUE)
    assert status == 200, page
    return [edge["node"] for edge in page["edges"]]


async def neglected(archive: Archive) -> dict[str, UUID]:
    """示例: four sheets, by number; the third is fresh, the fourth in another grid."""
    made = {
        "0201": (household("0201", [person("示例独二", age=85, phone="+8615400000003")]), ago(380)),
        "0202": (household("0202", [person("示例常一", age=40, phone="+8615400000004"), person("示例常二", "12")]), ago(400)),
        "0203": (household("0203", [person("示例新三", age=40, phone="+8615400000005"), person("示例新四", "12")]), TODAY),
        "0204": (household("0204", [person("示例远一", age=40, phone="+8615400000006"), person("示例远二", "12")], grid=OTHER_GRID), ago(800)),
    }  # fmt: skip
    return {number_: await add(archive, sheet, verified=on) for number_, (sheet, on) in made.items()}


async def test_whom_a_grid_worker_sees_first_and_why(archive: Archive) -> None:
    await neglected(archive)
    first, second = [due for due in await queue(archive, "grid-worker") if due["household"]["number"] > "02"]
    assert (first["household"]["number"], second["household"]["number"]) == ("0201", "0202")
    assert first["dueOn"] == later(ago(380), 12).isoformat()
    assert first["overdueDays"] == (TODAY - later(ago(380), 12)).days < second["overdueDays"]
    assert first["needs"] == [{"code": "ELDERLY_80", "days": 60}, {"code": "LIVING_ALONE", "days": 60}]
    assert first["rank"] == first["overdueDays"] + 120
    (fact,) = first["staleFacts"]
    assert fact["reference"].startswith("person/")
    assert (fact["name"], fact["title"], fact["member"]) == ("phone", "电话", {"name": "示例独二"})
    assert second["needs"] == []
    ranks = [due["rank"] for due in await queue(archive)]
    assert ranks == sorted(ranks, reverse=True)
    assert "0203" not in {due["household"]["number"] for due in await queue(archive)}


async def test_the_queue_pages_and_keeps_to_areas(archive: Archive) -> None:
    await neglected(archive)
    seen, after = [], None
    for _ in range(40):
        _, page = await archive.as_("cadre").read("visitQueue", {"first": 1, "after": after}, QUEUE)
        seen += [edge["node"]["household"]["number"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == [due["household"]["number"] for due in await queue(archive, "cadre", area="33")]
    assert {"0201", "0202", "0204"} <= set(seen)
    other = {due["household"]["number"] for due in await queue(archive, area=OTHER_GRID)}
    assert "0204" in other
    assert not other & {"0201", "0202"}
    for account, area, code in (
        ("resident", None, "FORBIDDEN"),
        ("officer", None, "FORBIDDEN"),
        ("grid-worker", OTHER_GRID, "FORBIDDEN"),
        ("cadre", "77", "UNKNOWN_AREA"),
    ):
        _, problem = await archive.as_(account).read("visitQueue", {"area": area}, QUEUE)
        assert problem["code"] == code


async def test_a_closed_household_waits_for_nobody(archive: Archive) -> None:
    sheets = await neglected(archive)
    await archive.admin.execute("UPDATE household SET closed_on = current_date WHERE id = $1", sheets["0201"])
    assert "0201" not in {due["household"]["number"] for due in await queue(archive)}


async def test_what_somebody_left_behind_counts_no_more(archive: Archive) -> None:
    head, gone = person("示例留一", age=50), person("示例留二", "12", age=48)
    items = [item("BENEFIT", gone, benefit="DISABILITY"), item("MIGRATION", head, place="示例市")]
    id_ = await add(archive, household(number(), (head, gone), items), verified=ago(1000))
    before = await row(archive, id_)
    assert before["needs"] == ["LIVING_ALONE", "DISABILITY"]
    async with transaction(archive.pool, SERVICE) as connection:
        await connection.execute("UPDATE person SET household_id = NULL, relation = NULL WHERE id = $1", gone.id)
        await connection.execute(review.FRESHEN, id_)
    after = await row(archive, id_)
    assert (after["needs"], after["facts"]) == ([], before["facts"] - 1)


# What a visit confirms


async def visit(archive: Archive, id_: UUID, account: str = "grid-worker", **given_: Any) -> tuple[int, Any]:
    note = {"clientKey": key(), "householdId": str(id_), "text": "示例走访", "visitedOn": TODAY.isoformat(), **given_}
    select = [
        [
            "household",
            "household",
            None,
            [["version", "version"], ["reviewOn", "reviewOn"], ["staleFacts", "staleFacts", None, FACTS]],
        ]
    ]
    return await archive.as_(account).command("addVisitNote", note, select)


async def test_one_note_confirms_all(archive: Archive) -> None:
    head = person("示例核一", age=50, phone="+8615400000007", id_number=NUMBER, health="1")
    other = person("示例核二", "12", marital="21")
    sheet = household(
        number(),
        (head, other),
        [item("NEED", other, need="示例需求"), item("SKILL", head, skill="示例技能")],
        house="示例房",
    )
    id_ = await add(archive, sheet, verified=ago(1000))
    known = datetime.now(UTC)
    days = (ago(1000), ago(3), TODAY, None)
    was = {day: await state(archive, id_, day) for day in days}
    sealed = await archive.admin.fetchrow("SELECT id_number_sealed, phone_sealed FROM person WHERE id = $1", head.id)
    assert sealed is not None
    status, answer = await visit(archive, id_, confirmAll=True)
    assert status == 200, answer
    found = await row(archive, id_)
    assert answer["household"] == {"version": 1, "reviewOn": found["review_on"].isoformat(), "staleFacts": []}
    assert (found["stale_facts"], found["review_on"]) == (0, later(TODAY, 6))
    assert {day: await state(archive, id_, day) for day in days} == was
    assert {day: await state(archive, id_, day, known) for day in days} == was
    assert (
        await archive.admin.fetchrow("SELECT id_number_sealed, phone_sealed FROM person WHERE id = $1", head.id)
        == sealed
    )
    patch = "SELECT patch ->> 'phone_sealed' FROM sheet_entry WHERE key = $1 AND provenance = 'VISITED'"
    assert await archive.admin.fetchval(patch, head.id) == f"\\x{sealed['phone_sealed'].hex()}"
    sources = "SELECT DISTINCT s.value FROM person, jsonb_each(sources) s WHERE household_id = $1"
    assert [tuple(row_) for row_ in await archive.admin.fetch(sources, id_)] == [(f'["VISITED", "{TODAY}"]',)]
    spans = await archive.admin.fetch("SELECT since, reason FROM membership WHERE household_id = $1", id_)
    assert {tuple(span) for span in spans} == {(ago(1000), "REGISTERED")}
    (event,) = await archive.events("archive.household.confirmed.v1")
    confirmed = event.pop("confirmed")
    assert event == {"household": str(id_), "area": GRID, "version": 1, "visitedOn": TODAY.isoformat()}
    assert {
        "address",
        "house",
        "members.phone",
        "members.idNumber",
        "members.health",
        "items.NEED",
        "items.SKILL",
    } <= set(confirmed)
    assert confirmed == sorted(set(confirmed))


async def test_one_fact_is_confirmed_alone(archive: Archive) -> None:
    head = person("示例核三", age=50, phone="+8615400000008", marital="21")
    id_ = await add(archive, household(number(), (head,)), verified=ago(1000))
    _, answer = await visit(archive, id_, confirmed=[f"person/{head.id}/phone"])
    assert [fact["name"] for fact in answer["household"]["staleFacts"]] == ["address", "marital"]
    (event,) = await archive.events("archive.household.confirmed.v1")
    assert event["confirmed"] == ["members.phone"]
    before = await archive.everything()
    for reference in (f"person/{head.id}/shoeSize", f"person/{id_}/phone", "", "phone"):
        _, problem = await visit(archive, id_, confirmed=[f"person/{head.id}/phone", reference])
        assert (problem["code"], problem["field"], problem["rule"]) == ("INVALID_INPUT", "confirmed[1]", "fact.known")
    _, problem = await visit(archive, id_, "auditor", confirmAll=True)
    assert problem["code"] == "FORBIDDEN"
    assert await archive.everything() == before


async def test_an_earlier_visit_proves_nothing_of_what_came_later(archive: Archive) -> None:
    head = person("示例核四", age=50, phone="+8615400000009", marital="10")
    sheet = household(number(), (head,))
    id_ = await add(archive, sheet, verified=ago(1000))
    changed = replace(sheet, version=2, members=(replace(head, marital="21", since=None),))
    async with transaction(archive.pool, SERVICE) as connection:
        assert await store.save(
            connection, archive.vault, sheet, changed, Change("example", SystemClock().now(), ago(5))
        )
    status, _ = await visit(archive, id_, visitedOn=ago(10).isoformat(), confirmAll=True)
    assert status == 200
    sources = await archive.admin.fetchval("SELECT sources::text FROM person WHERE id = $1", head.id)
    assert f'"marital": ["DECLARED", "{ago(5)}"]' in sources
    assert f'"phone_index": ["VISITED", "{ago(10)}"]' in sources
    entries = await archive.admin.fetchval("SELECT count(*) FROM sheet_entry WHERE household_id = $1", id_)
    await visit(archive, id_, visitedOn=ago(20).isoformat(), confirmAll=True)
    assert await archive.admin.fetchval("SELECT count(*) FROM sheet_entry WHERE household_id = $1", id_) == entries


async def test_a_correction_reaches_over_a_visit(archive: Archive) -> None:
    """The visit saw what was written; when it turns out to be wrong since long ago, the visit does not bring it back."""
    sheet = household(number(), (person("示例核五", age=50),), house="示例旧房")
    id_ = await add(archive, sheet, verified=ago(1000))
    await visit(archive, id_, confirmAll=True)
    corrected = replace(await state(archive, id_, ago(900)), version=2, house="示例新房")
    async with transaction(archive.pool, SERVICE) as connection:
        former = await store.lock(connection, archive.vault, id_, ago(900))
        assert former is not None
        assert await store.save(
            connection, archive.vault, former, corrected, Change("example", SystemClock().now(), ago(900))
        )
    assert [(await state(archive, id_, day)).house for day in (ago(950), ago(900), TODAY, None)] == [
        "示例旧房",
        "示例新房",
        "示例新房",
        "示例新房",
    ]


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("phone_index", "phone"),
        ("id_number_sealed", "idNumber"),
        ("birth_date", "birthDate"),
        ("why", "relation"),
        ("data", "data"),
    ],
)
def test_public_names(column: str, name: str) -> None:
    assert public(column) == name


# Figures by area


def figures(select: Iterable[str]) -> list[Any]:
    return [*([name, name] for name in select), ["area", "area", None, [["code", "code"]]]]


NUMBERS = ("sheets", "staleSheets", "facts", "staleFacts", "freshSheetsPercent", "freshFactsPercent")
FIGURES = [*figures(NUMBERS), ["parts", "parts", None, figures(NUMBERS)]]


async def test_figures_of_an_area_and_its_parts(archive: Archive) -> None:
    sheets = await neglected(archive)
    await archive.admin.execute("UPDATE household SET closed_on = current_date WHERE id = $1", sheets["0202"])
    counted = await archive.admin.fetch(
        "SELECT h.area_code, r.stale_on, h.id FROM household h CROSS JOIN LATERAL reviews_of(h.id) r WHERE h.closed_on IS NULL"
    )

    def wanted(code: str) -> dict[str, Any]:
        here = [row_ for row_ in counted if row_["area_code"].startswith(code)]
        all_, stale = {row_["id"] for row_ in here}, {row_["id"] for row_ in here if row_["stale_on"] <= TODAY}
        late = sum(row_["stale_on"] <= TODAY for row_ in here)
        return {
            "sheets": len(all_),
            "staleSheets": len(stale),
            "facts": len(here),
            "staleFacts": late,
            "freshSheetsPercent": pytest.approx(100 * (len(all_) - len(stale)) / len(all_), abs=0.06),
            "freshFactsPercent": pytest.approx(100 * (len(here) - late) / len(here), abs=0.06),
            "area": {"code": code},
        }

    status, told = await archive.as_("cadre").read("freshness", {"area": VILLAGE}, FIGURES)
    assert status == 200, told
    assert told == {**wanted(VILLAGE), "parts": [wanted(GRID), wanted(OTHER_GRID)]}
    assert told["staleSheets"] >= 2
    _, own = await archive.as_("grid-worker").read("freshness", {"area": "33"}, FIGURES)
    assert own == {**wanted(GRID), "parts": []}
    _, none = await archive.as_("admin").read("freshness", {"area": "330881"}, FIGURES)
    assert (none["sheets"], none["freshSheetsPercent"], none["freshFactsPercent"]) == (0, None, None)
    assert (await archive.as_("resident").read("freshness", {"area": VILLAGE}, FIGURES))[1]["code"] == "FORBIDDEN"
    assert (await archive.as_("cadre").read("freshness", {}, FIGURES))[1]["code"] == "INVALID_INPUT"


# Days that pass


async def test_the_worker_counts_what_a_day_has_changed(archive: Archive) -> None:
    sheets = await neglected(archive)
    wanted = {id_: await row(archive, id_) for id_ in sheets.values()}
    blank = "needs = '{}', rank_on = NULL, facts = 0, stale_facts = 0, review_on = NULL, recount_on = $1"
    await archive.admin.execute(f"UPDATE household SET {blank}", TODAY)
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        SHEETS_STALE.set(-1)
        group.create_task(keep_fresh(archive.pool, SystemClock(), stop))
        async with asyncio.timeout(20):
            while SHEETS_STALE._value.get() == -1:
                await asyncio.sleep(0.01)
        stop.set()
    assert {id_: await row(archive, id_) for id_ in sheets.values()} == wanted
    assert SHEETS_STALE._value.get() == await archive.admin.fetchval(review.STALE) >= 3
    async with transaction(archive.pool, SERVICE) as connection:
        assert await review.due(connection) == 0


async def test_another_interval_counts_once_all_are_counted_anew(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheets = await neglected(archive)
    await archive.admin.execute("UPDATE review_interval SET months = 120 WHERE fact = 'phone_index'")
    await archive.admin.execute("UPDATE visit_need SET days = 7 WHERE code = 'LIVING_ALONE'")
    monkeypatch.setattr(commands, "BATCH", 4)
    due = await commands.recount_all(archive.pool)
    counted = [batch async for batch in commands.batches(archive.pool)]
    assert sum(counted) == due == await archive.admin.fetchval("SELECT count(*) FROM household WHERE closed_on IS NULL")
    assert len(counted) > 1
    found = await row(archive, sheets["0201"])
    assert found["review_on"] == later(ago(380), 24)
    assert found["rank_on"] == found["review_on"] - timedelta(days=67)


async def test_the_operators_verb(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANMIN_DATABASE_URL", archive.database.app_url)
    there = await archive.admin.fetchval("SELECT count(*) FROM household WHERE closed_on IS NULL")
    await archive.admin.execute("UPDATE household SET facts = 0")
    ended = await asyncio.to_thread(CliRunner().invoke, cli, ["review"])
    assert (ended.exit_code, ended.output) == (0, f"{there} sheets counted\n")
    assert await archive.admin.fetchval("SELECT count(*) FROM household WHERE facts = 0") == 0
