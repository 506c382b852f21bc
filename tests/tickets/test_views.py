"""Reads: each root, its arguments, and that the narrowing of a page leaves nothing out."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from services.chassis.principal import Principal
from tests.tickets.matters import COUNTY, GRID, HOUSEHOLD, OTHER_HOUSEHOLD, OTHER_VILLAGE, SELECT, VILLAGE, Tickets

PAGE: list[Any] = [
    ["edges", "edges", None, [["cursor", "cursor"], ["node", "node", None, [["key", "key"]]]]],
    ["pageInfo", "pageInfo", None, [["more", "hasNextPage"], ["end", "endCursor"]]],
]


async def keys(client: Any, **args: Any) -> list[UUID]:
    status, answer = await client.read("tickets", args, PAGE)
    assert status == 200, answer
    return [UUID(edge["node"]["key"]) for edge in answer["edges"]]


async def test_pages_go_from_the_newest_to_the_oldest(tickets: Tickets) -> None:
    made = []
    for n in range(7):
        made.append(await tickets.have())
        if n % 3 == 0:
            tickets.clock.instant += timedelta(microseconds=1)
    auditor = tickets.as_("auditor")
    seen: list[UUID] = []
    args: dict[str, Any] = {"first": 3}
    for last in (False, False, True):
        _, answer = await auditor.read("tickets", args, PAGE)
        seen += [UUID(edge["node"]["key"]) for edge in answer["edges"]]
        assert answer["pageInfo"]["more"] is not last
        args["after"] = answer["pageInfo"]["end"]
    assert sorted(seen) == sorted(made)
    assert seen[0] in made[4:]
    assert seen[-1] == made[0]
    assert await keys(auditor, after=args["after"]) == []


async def test_pages_by_area_and_status(tickets: Tickets) -> None:
    drafted = await tickets.have(area=GRID)
    signed = await tickets.have("SIGNED", area=VILLAGE)
    elsewhere = await tickets.have("SIGNED", area=OTHER_VILLAGE)
    admin = tickets.as_("city_admin", areas=[COUNTY])
    assert set(await keys(admin)) == {drafted, signed, elsewhere}
    assert set(await keys(admin, area=VILLAGE)) == {drafted, signed}
    assert await keys(admin, area=GRID) == [drafted]
    assert await keys(admin, area=VILLAGE, status="SIGNED") == [signed]
    assert set(await keys(admin, status="SIGNED")) == {signed, elsewhere}
    cadre = tickets.as_("village_cadre", areas=[VILLAGE])
    assert set(await keys(cadre)) == set(await keys(cadre, area=COUNTY)) == {drafted, signed}
    assert await keys(cadre, area=OTHER_VILLAGE) == []


async def test_an_officer_pages_through_their_departments_tickets(tickets: Tickets) -> None:
    own = await tickets.have("SIGNED")
    await tickets.have("SIGNED", department="water")
    await tickets.have("SIGNED", area=OTHER_VILLAGE)
    await tickets.have()
    officer = tickets.as_("department_officer")
    assert await keys(officer) == await keys(officer, area=COUNTY, status="SIGNED") == [own]


async def test_whoever_is_several_sees_what_each_of_them_sees(tickets: Tickets) -> None:
    family = await tickets.have(household=HOUSEHOLD, area=OTHER_VILLAGE)
    reported = await tickets.have(reported_by="a", area=OTHER_VILLAGE)
    near = await tickets.have()
    for roles, areas, expected in (
        ({"resident", "village_cadre"}, (VILLAGE,), {family, reported, near}),
        ({"village_cadre"}, (VILLAGE,), {reported, near}),
        ({"village_cadre"}, (GRID, VILLAGE), {reported, near}),
        ({"resident"}, (), {family, reported}),
    ):
        principal = Principal("a", roles=frozenset(roles), areas=areas, household=str(HOUSEHOLD))
        assert set(await keys(tickets.of(principal))) == expected


async def test_arguments_that_will_not_do(tickets: Tickets) -> None:
    asked: list[tuple[dict[str, Any], str, str]] = [
        ({"area": "339999100299"}, "UNKNOWN_AREA", "area"),
        ({"area": 7}, "UNKNOWN_AREA", "area"),
        ({"status": "OPEN"}, "INVALID_INPUT", "status"),
        ({"status": []}, "INVALID_INPUT", "status"),
        ({"first": 0}, "INVALID_INPUT", "first"),
        ({"first": 201}, "INVALID_INPUT", "first"),
        ({"after": "?"}, "INVALID_INPUT", "after"),
        ({"within": "33"}, "INVALID_INPUT", "within"),
    ]
    for args, code, field in asked:
        status, problem = await tickets.as_("auditor").read("tickets", args, PAGE)
        assert (status, problem["code"], problem["field"]) == (422, code, field)


async def test_batches_keep_step_with_their_keys(tickets: Tickets) -> None:
    mine = [await tickets.have(household=HOUSEHOLD) for _ in range(3)]
    hidden = await tickets.have(area=OTHER_VILLAGE, household=OTHER_HOUSEHOLD)
    cadre = tickets.as_("village_cadre")
    asked = [str(mine[1]), str(hidden), str(uuid4()), str(mine[0])]
    _, answer = await cadre.read("ticketsById", {"keys": asked}, [["key", "key"]])
    assert answer == [{"key": asked[0]}, None, None, {"key": asked[3]}]
    households = [str(OTHER_HOUSEHOLD), str(HOUSEHOLD)]
    _, answer = await cadre.read("ticketsByHousehold", {"keys": households}, [["key", "key"]])
    assert [len(found) for found in answer] == [0, 3]
    status, problem = await cadre.read("ticketsById", {}, SELECT)
    assert (status, problem["field"], problem["rule"]) == (422, "keys", "required")


async def test_a_household_yields_its_twenty_newest(tickets: Tickets) -> None:
    for _ in range(22):
        tickets.clock.instant += timedelta(minutes=1)
        newest = await tickets.have(household=HOUSEHOLD)
    _, answer = await tickets.as_("auditor").read("ticketsByHousehold", {"keys": [str(HOUSEHOLD)]}, [["key", "key"]])
    assert len(answer[0]) == 20
    assert answer[0][0]["key"] == str(newest)


async def test_a_ticket_needs_an_id(tickets: Tickets) -> None:
    await tickets.have()
    auditor = tickets.as_("auditor")
    status, problem = await auditor.read("ticket", {}, SELECT)
    assert (status, problem["field"], problem["rule"]) == (422, "id", "required")
    assert (await auditor.read("ticket", {"id": "no-uuid"}, SELECT))[0] == 422
    _, answer = await auditor.read(
        "ticket", {"id": str(await tickets.have())}, [["id", "id"], ["d", "department", None, [["code", "code"]]]]
    )
    assert answer["id"].startswith("VGlja2V0O")
    assert answer["d"] is None


async def test_departments(tickets: Tickets) -> None:
    _, answer = await tickets.as_("resident").read("departments", {}, [["code", "code"], ["name", "name"]])
    assert [department["code"] for department in answer] == [
        "agriculture",
        "civil-affairs",
        "health",
        "justice",
        "power",
        "water",
    ]
    assert answer[0]["name"] == "农业农村局"


async def test_whose_move_it_is_and_who_does_it(tickets: Tickets) -> None:
    water = await tickets.have("SIGNED", department="water", assignee="a")
    mine = await tickets.have("IN_PROGRESS", assignee="a")
    resolved, closed = await tickets.have("RESOLVED", assignee="a"), await tickets.have("CLOSED")
    elsewhere = await tickets.have("SIGNED", area=OTHER_VILLAGE)
    admin, officer = tickets.as_("city_admin", areas=[COUNTY]), tickets.as_("department_officer")
    assert set(await keys(admin, owner="department/agriculture")) == {mine, elsewhere}
    assert await keys(admin, owner="department/water", assignee="a") == [water]
    assert set(await keys(admin, owner=f"area/{VILLAGE}")) == {resolved, closed}
    assert await keys(admin, owner=f"area/{VILLAGE}", open=True) == [resolved]
    assert await keys(admin, open=False) == [closed]
    assert set(await keys(admin, open=True)) == {water, mine, resolved, elsewhere}
    assert await keys(officer, owner="department/agriculture") == [mine]
    assert await keys(officer, owner="department/water") == []
    assert set(await keys(officer, assignee="a", open=True)) == {mine, resolved}
    assert await keys(tickets.as_("resident"), owner="department/water") == []
    for args, code, field in (
        ({"owner": "water"}, "INVALID_INPUT", "owner"),
        ({"open": 7}, "INVALID_INPUT", "args"),
        ({"ended": True}, "INVALID_INPUT", "ended"),
    ):
        status, problem = await admin.read("tickets", args, PAGE)
        assert (status, problem["code"], problem["field"]) == (422, code, field)
