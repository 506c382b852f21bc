"""The catalogue over the api: what a matter may be of, where it goes, how it is revised, and that open matters keep what they were given."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from services.chassis.clock import FixedClock, today
from services.chassis.db import Pool, transaction
from services.tickets.app import CATALOGUE
from services.tickets.commands.catalogue import load_catalogue
from services.tickets.store import catalogue as store
from tests.tickets.matters import (
    COUNTY,
    GRID,
    OTHER_VILLAGE,
    SELECT,
    SERVICE,
    TOWNSHIP,
    VILLAGE,
    Tickets,
    given_for,
    report,
)

LINE = [["code", "code"], ["name", "name"], ["since", "since"], ["until", "until"], ["parent", "parentCode"]]
ROUTE = [["area", "areaCode"], ["category", "category"], ["to", "department", None, [["code", "code"]]]]
LIMITS: dict[str, Any] = {
    "name": "示例：新规",
    "sign": "2h",
    "work": "1d",
    "overall": "2d",
    "returnWithin": "1d",
    "extension": "1d",
    "extensions": 1,
    "pause": 1,
    "warn": 0,
    "escalate": "1h",
}
DEADLINES = [["deadlines", "deadlines", None, [["kind", "kind"], ["limit", "limit"], ["rule", "rule"]]]]


def given(**more: Any) -> dict[str, Any]:
    return {"clientKey": str(uuid4()), **more}


async def route(pool: Pool, clock: FixedClock, category: str, area: str) -> str | None:
    async with transaction(pool, SERVICE) as connection:
        return await store.route(connection, category, area, today(clock))


async def test_loaded_again_nothing_changes(loaded: Pool) -> None:
    async with transaction(loaded, SERVICE) as connection:
        assert await load_catalogue(connection, CATALOGUE) == "nothing new"


async def test_a_matter_goes_by_the_longest_area_then_by_the_nearest_category(tickets: Tickets) -> None:
    pool, clock = tickets.pool, tickets.clock
    admin = tickets.as_("city_admin", areas=[COUNTY])
    assert await route(pool, clock, "irrigation", GRID) == "water"
    assert await route(pool, clock, "farming-advice", GRID) == "agriculture", "of the category above"
    assert await route(pool, clock, "road", GRID) is None
    for area, category, department in (
        (COUNTY, None, "justice"),
        (TOWNSHIP, "agriculture", "power"),
        (VILLAGE, None, "health"),
    ):
        change = given(areaCode=area, category=category, departmentCode=department)
        status, line = await admin.command("reviseRoute", change, ROUTE)
        assert (status, line) == (200, {"area": area, "category": category, "to": {"code": department}})
    assert await route(pool, clock, "irrigation", COUNTY) == "water"
    assert await route(pool, clock, "road", COUNTY) == "justice"
    assert await route(pool, clock, "irrigation", OTHER_VILLAGE) == "power", (
        "the longer area, though of a farther category"
    )
    assert await route(pool, clock, "irrigation", GRID) == "health"
    await admin.command("reviseRoute", given(areaCode=VILLAGE, departmentCode=None), ROUTE)
    assert await route(pool, clock, "irrigation", GRID) == "power", "the village has no route of its own any more"
    for category, area, expected in (("irrigation", VILLAGE, "power"), ("road", VILLAGE, "justice")):
        _, suggested = await admin.read("routeFor", {"category": category, "area": area}, ROUTE)
        assert suggested["to"] == {"code": expected}


async def test_a_dispatch_without_a_department_takes_the_routes(tickets: Tickets) -> None:
    cadre = tickets.as_("village_cadre")
    department = [["department", "department", None, [["code", "code"]]]]
    key = await tickets.have("ACCEPTED", category="irrigation")
    dispatch = given_for("dispatchTicket", key)
    del dispatch["departmentCode"]
    status, moved = await cadre.command("dispatchTicket", dispatch, department)
    assert (status, moved) == (200, {"department": {"code": "water"}})
    nowhere = given(id=str(await tickets.have("ACCEPTED", category="road")))
    status, problem = await cadre.command("dispatchTicket", nowhere, department)
    assert (status, problem["field"], problem["rule"]) == (422, "departmentCode", "route")


async def test_a_category_holds_from_its_day_on(tickets: Tickets) -> None:
    admin = tickets.as_("city_admin", areas=[COUNTY])

    async def reported() -> int:
        return (await tickets.as_("resident").command("reportTicket", report(category="broadband"), SELECT))[0]

    tomorrow = today(tickets.clock) + timedelta(days=1)
    made = given(code="broadband", name="示例：宽带", parent="infrastructure", since=str(tomorrow))
    status, line = await admin.command("reviseCategory", made, LINE)
    assert (status, line["since"], line["parent"]) == (200, str(tomorrow), "infrastructure")
    assert await reported() == 422
    tickets.clock.instant += timedelta(days=1)
    assert await reported() == 200
    last = given(code="broadband", name="示例：宽带", until=str(tomorrow))
    assert (await tickets.as_("city_admin", areas=[COUNTY]).command("reviseCategory", last, LINE))[0] == 200
    assert await reported() == 200
    tickets.clock.instant += timedelta(days=1)
    assert await reported() == 422


async def test_the_tree_of_a_day(tickets: Tickets) -> None:
    admin = tickets.as_("city_admin", areas=[COUNTY])
    tree: list[Any] = [
        ["code", "code"],
        ["below", "children", None, [["code", "code"], ["below", "children", None, LINE]]],
    ]

    async def below(code: str, on: str) -> list[str]:
        _, top = await admin.read("categories", {"on": on}, tree)
        return next(([one["code"] for one in each["below"]] for each in top if each["code"] == code), [])

    assert await below("agriculture", "2026-01-05") == ["farming-advice", "irrigation"]
    assert await below("agriculture", "2019-12-31") == []
    moved = given(code="irrigation", name="农田水利", parent="infrastructure", since="2026-02-01")
    assert (await admin.command("reviseCategory", moved, LINE))[0] == 200
    assert await below("agriculture", "2026-01-31") == ["farming-advice", "irrigation"]
    assert await below("agriculture", "2026-02-01") == ["farming-advice"]
    assert "irrigation" in await below("infrastructure", "2026-02-01")
    _, top = await admin.read("categories", {"on": "2026-01-05"}, tree)
    power = next(each for each in top if each["code"] == "infrastructure")["below"]
    assert next(each for each in power if each["code"] == "power")["below"][0]["code"] == "power-failure"


async def test_what_the_category_says_of_urgency(tickets: Tickets) -> None:
    _, opened = await tickets.as_("resident").command(
        "reportTicket", report(category="power-failure"), [["key", "key"], ["priority", "priority"]]
    )
    assert opened["priority"] == "URGENT"


async def test_open_matters_keep_the_limits_of_their_dispatch(tickets: Tickets) -> None:
    admin, cadre = tickets.as_("city_admin", areas=[COUNTY]), tickets.as_("village_cadre")
    before = await tickets.have("ACCEPTED", category="irrigation")
    await cadre.command("dispatchTicket", given_for("dispatchTicket", before), SELECT)
    revised = given(category="irrigation", **LIMITS)
    status, line = await admin.command("reviseLimits", revised, [["work", "work"], ["since", "since"]])
    assert (status, line) == (200, {"work": "1d", "since": "2026-01-05"})
    after = await tickets.have("ACCEPTED", category="irrigation")
    await cadre.command("dispatchTicket", given_for("dispatchTicket", after), SELECT)
    for key, expected in (
        (before, {"SIGN": "4h", "WORK": "5d", "OVERALL": "7d"}),
        (after, {"SIGN": "2h", "WORK": "1d", "OVERALL": "2d"}),
    ):
        _, ticket = await cadre.read("ticket", {"id": str(key)}, DEADLINES)
        assert {each["kind"]: each["limit"] for each in ticket["deadlines"]} == expected
    _, rules = await admin.read("limits", {"on": "2026-01-04"}, [["category", "category"], ["work", "work"]])
    assert {"category": "irrigation", "work": "1d"} not in rules
    _, rules = await admin.read("limits", {"on": "2026-01-05"}, [["category", "category"], ["work", "work"]])
    assert {"category": "irrigation", "work": "1d"} in rules


WILL_NOT_DO: tuple[tuple[str, dict[str, Any], str, str], ...] = (
    ("reviseCategory", {"code": "road", "name": "示例", "since": "2026-01-04"}, "INVALID_INPUT", "since"),
    ("reviseCategory", {"code": "Road", "name": "示例"}, "INVALID_INPUT", "code"),
    ("reviseCategory", {"code": "road", "name": " "}, "INVALID_INPUT", "name"),
    ("reviseCategory", {"code": "road", "name": "示例", "parent": "nothing"}, "UNKNOWN_CATEGORY", "parent"),
    ("reviseCategory", {"code": "agriculture", "name": "示例", "parent": "irrigation"}, "INVALID_INPUT", "parent"),
    ("reviseRoute", {"areaCode": "339999100299"}, "UNKNOWN_AREA", "areaCode"),
    ("reviseRoute", {"areaCode": VILLAGE, "departmentCode": "nobody"}, "UNKNOWN_DEPARTMENT", "departmentCode"),
    ("reviseRoute", {"areaCode": VILLAGE, "category": "nothing"}, "UNKNOWN_CATEGORY", "category"),
    ("reviseLimits", {**LIMITS, "category": "nothing"}, "UNKNOWN_CATEGORY", "category"),
    ("reviseLimits", {**LIMITS, "work": "five days"}, "INVALID_INPUT", "work"),
    ("reviseLimits", {**LIMITS, "warn": 100}, "INVALID_INPUT", "warn"),
    ("reviseEscalation", {"unit": "area/339999", "level": 4, "subjects": []}, "INVALID_INPUT", "level"),
    ("reviseEscalation", {"unit": "department/nobody", "level": 1, "subjects": []}, "UNKNOWN_DEPARTMENT", "unit"),
)


async def test_what_will_not_do(tickets: Tickets) -> None:
    admin = tickets.as_("city_admin", areas=[COUNTY])
    for command, words, code, field in WILL_NOT_DO:
        status, problem = await admin.command(command, given(**words), [["since", "since"]])
        assert (status, problem["code"], problem["field"]) == (422, code, field), (command, words)


async def test_only_the_citys_admins_revise_and_only_where_they_are(tickets: Tickets) -> None:
    change = {"unit": f"area/{COUNTY}", "level": 1, "subjects": ["example-clerk"]}
    for role in ("village_cadre", "township_clerk", "department_officer"):
        status, problem = await tickets.as_(role).command("reviseEscalation", given(**change), [["level", "level"]])
        assert (status, problem["code"]) == (403, "FORBIDDEN")
    township = tickets.as_("city_admin", areas=[TOWNSHIP])
    status, problem = await township.command("reviseEscalation", given(**change), [["level", "level"]])
    assert (status, problem["code"]) == (403, "FORBIDDEN")
    admin = tickets.as_("city_admin", areas=[COUNTY])
    who = [["unit", "unit"], ["level", "level"], ["who", "subjects"]]
    status, line = await admin.command("reviseEscalation", given(**change), who)
    assert (status, line) == (200, {"unit": f"area/{COUNTY}", "level": 1, "who": ["example-clerk"]})
    _, known = await admin.read("escalations", {}, who)
    assert line in known
    _, none = await tickets.as_("resident").read("escalations", {}, who)
    assert none == []
