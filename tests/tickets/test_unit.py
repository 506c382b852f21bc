"""Units of the network: set up, found for an item, and what may be handed over to them."""

from typing import Any
from uuid import uuid4

from tests.tickets.matters import COUNTY, GRID, OTHER_VILLAGE, TOWNSHIP, VILLAGE, Tickets

UNIT: list[Any] = [
    *([name, name] for name in ("code", "level", "name", "phone", "hours", "items", "active")),
    ["staff", "staff", None, [[name, name] for name in ("subject", "name", "items", "deputy", "deputyName")]],
]
CODE = [["code", "code"]]


def unit(code: str, *items: str, **more: Any) -> dict[str, Any]:
    return {"clientKey": str(uuid4()), "code": code, "name": f"示例{code}", "items": items, **more}


def staff(code: str, subject: str, *items: str, **more: Any) -> dict[str, Any]:
    return {
        "clientKey": str(uuid4()),
        "unitCode": code,
        "subject": subject,
        "name": f"示例{subject}",
        "items": items,
        **more,
    }


async def found(tickets: Tickets, item: str, area: str) -> Any:
    status, answer = await tickets.as_("resident").read("unitFor", {"item": item, "area": area}, UNIT)
    return answer if status == 200 else answer["code"]


async def test_the_lowest_unit_that_handles_an_item_is_found_with_who_does_it(tickets: Tickets) -> None:
    admin = tickets.as_("city_admin", areas=(COUNTY,))
    for given in (unit(VILLAGE, "road"), unit(TOWNSHIP, "infrastructure", phone="0570-4000001"), unit(COUNTY, "other")):
        assert (await admin.command("reviseUnit", given, UNIT))[0] == 200
    for given in (
        staff(TOWNSHIP, "a", "infrastructure", deputy="b"),
        staff(TOWNSHIP, "b", "water-supply"),
        staff(TOWNSHIP, "c", "lighting", active=False),
    ):
        assert (await admin.command("reviseUnitStaff", given, UNIT))[0] == 200
    road, light = await found(tickets, "road", GRID), await found(tickets, "lighting", GRID)
    assert (road["code"], road["level"], road["staff"]) == (VILLAGE, "VILLAGE", [])
    assert (light["code"], light["level"], light["phone"]) == (TOWNSHIP, "TOWNSHIP", "0570-4000001")
    who = [{"subject": "a", "name": "示例a", "items": ["infrastructure"], "deputy": "b", "deputyName": "示例b"}]
    assert light["staff"] == who
    assert [one["subject"] for one in (await found(tickets, "water-supply", GRID))["staff"]] == ["a", "b"]
    assert (await found(tickets, "other", VILLAGE))["code"] == COUNTY
    assert await found(tickets, "irrigation", GRID) == "NOT_FOUND"
    assert await found(tickets, "nothing", GRID) == "UNKNOWN_ITEM"
    assert await found(tickets, "road", "99") == "UNKNOWN_AREA"
    await admin.command("reviseUnit", unit(VILLAGE, "road", active=False), CODE)
    assert (await found(tickets, "road", GRID))["code"] == TOWNSHIP
    page = [["edges", "edges", None, [["node", "node", None, CODE]]]]
    _, listed = await tickets.as_("resident").read("units", {"area": COUNTY}, page)
    assert [edge["node"]["code"] for edge in listed["edges"]] == [COUNTY, TOWNSHIP]
    assert (await tickets.as_("resident").read("unitOf", {"code": VILLAGE}, CODE))[0] == 404


async def test_an_item_goes_to_a_unit_of_a_level_at_which_it_is_handled(tickets: Tickets) -> None:
    admin = tickets.as_("city_admin", areas=(COUNTY,))
    item = {
        "clientKey": str(uuid4()),
        "code": "example-permit",
        "name": "示例许可",
        "category": "permit",
        "legalBasis": "示例",
        "limitDays": 1,
        "fee": "0",
        "agent": True,
        "departments": ["agriculture"],
        "levels": ["COUNTY", "TOWNSHIP"],
        "materials": [{"code": "form", "name": "示例表", "copies": 1}],
    }
    status, told = await admin.command("reviseItem", item, CODE)
    assert status == 200, told
    for code in (VILLAGE, TOWNSHIP):
        await admin.command("reviseUnit", unit(code, "permit"), CODE)
    assert (await found(tickets, "permit", GRID))["code"] == VILLAGE
    assert (await found(tickets, "example-permit", GRID))["code"] == TOWNSHIP


async def test_units_are_set_up_by_those_in_charge_of_the_area_and_of_known_items(tickets: Tickets) -> None:
    clerk = tickets.as_("township_clerk", areas=(TOWNSHIP,))
    for given, status, code in (
        (unit(VILLAGE, "road"), 200, None),
        (unit(COUNTY, "road"), 404, "NOT_FOUND"),
        (unit(VILLAGE, "nothing"), 422, "UNKNOWN_ITEM"),
        (unit("339999100999", "road"), 422, "UNKNOWN_AREA"),
        (unit(GRID, "road"), 422, "INVALID_INPUT"),
    ):
        answer = await clerk.command("reviseUnit", given, CODE)
        assert (answer[0], answer[1].get("code") if status != 200 else None) == (status, code)
    assert (await clerk.command("reviseUnitStaff", staff(OTHER_VILLAGE + "9", "a", "road"), CODE))[1][
        "code"
    ] == "UNKNOWN_UNIT"
    for role in ("village_cadre", "resident"):
        assert (await tickets.as_(role).command("reviseUnit", unit(VILLAGE, "road"), CODE))[0] == 403


async def test_what_is_handed_over_goes_to_a_unit_that_is_there_and_handles_it(tickets: Tickets) -> None:
    admin = tickets.as_("city_admin", areas=(COUNTY,))
    await admin.command("reviseUnit", unit(TOWNSHIP, "infrastructure"), CODE)
    await admin.command("reviseUnit", unit(COUNTY, active=False), CODE)
    road, water = [str(await tickets.have("ACCEPTED", category=category)) for category in ("road", "irrigation")]

    async def hand_over(ticket: str, station: str) -> tuple[int, Any]:
        given = {"clientKey": str(uuid4()), "id": ticket, "station": station, "reason": "BEYOND_POWERS"}
        owner = [["owner", "owner"], ["unit", "unit", None, CODE]]
        return await tickets.as_("village_cadre").command("handOverTicket", given, owner)

    assert [
        (status, told.get("rule")) for status, told in [await hand_over(water, TOWNSHIP), await hand_over(road, COUNTY)]
    ] == [
        (409, "unit.handles"),
        (409, "unit.known"),
    ]
    status, handed = await hand_over(road, TOWNSHIP)
    assert (status, handed) == (200, {"owner": f"area/{TOWNSHIP}", "unit": {"code": TOWNSHIP}})
    clerk = tickets.as_("township_clerk", areas=(TOWNSHIP,))
    inbox = [["edges", "edges", None, [["node", "node", None, [["key", "key"]]]]]]
    _, listed = await clerk.read("tickets", {"owner": f"area/{TOWNSHIP}"}, inbox)
    assert [edge["node"]["key"] for edge in listed["edges"]] == [road]
