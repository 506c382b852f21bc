"""Reads of duty through HTTP."""

from base64 import b64encode
from typing import Any

from tests.liaison.conftest import BARE_VILLAGE, GRID, VILLAGE, Liaison

EVERYTHING = [
    ["id", "id"],
    ["key", "key"],
    ["area", "area"],
    ["date", "date"],
    ["dayKind", "dayKind"],
    ["explanation", "explanation"],
    ["provisional", "provisional"],
    ["signedInAt", "signedInAt"],
    ["cadre", "cadre", None, [["name", "name"], ["subject", "subject"]]],
]


async def duty_on(liaison: Liaison, area: str, day: str) -> tuple[int, Any]:
    return await liaison.as_("example-resident", "resident").read("dutyOn", {"area": area, "date": day}, EVERYTHING)


async def test_a_workday_has_its_cadre(liaison: Liaison) -> None:
    assert await duty_on(liaison, VILLAGE, "2026-01-05") == (
        200,
        {
            "id": b64encode(f"Duty:{VILLAGE}/2026-01-05".encode()).decode(),
            "key": f"{VILLAGE}/2026-01-05",
            "area": VILLAGE,
            "date": "2026-01-05",
            "dayKind": "WORKDAY",
            "explanation": "workday (工作日), Monday (周一)",
            "provisional": False,
            "signedInAt": None,
            "cadre": {"name": "示例村干部乙", "subject": "example-cadre-2"},
        },
    )


async def test_the_kind_of_day_says_whether_there_is_duty(liaison: Liaison) -> None:
    for day, kind, has_cadre in (
        ("2026-09-20", "MAKEUP_WORKDAY", True),
        ("2026-10-06", "HOLIDAY", False),
        ("2026-03-15", "WEEKEND", False),
        ("2025-12-31", "WORKDAY", False),
    ):
        status, duty = await duty_on(liaison, VILLAGE, day)
        assert (status, duty["dayKind"], duty["cadre"] is not None) == (200, kind, has_cadre)


async def test_a_provisional_day_is_marked(liaison: Liaison) -> None:
    _, duty = await duty_on(liaison, VILLAGE, "2027-10-01")
    assert (duty["dayKind"], duty["provisional"], duty["cadre"]) == ("WORKDAY", True, None)


async def test_a_village_without_a_rule_has_days_without_a_cadre(liaison: Liaison) -> None:
    status, duty = await duty_on(liaison, BARE_VILLAGE, "2026-01-05")
    assert (status, duty["area"], duty["dayKind"], duty["cadre"]) == (200, BARE_VILLAGE, "WORKDAY", None)


async def test_a_grid_has_the_duty_of_its_village(liaison: Liaison) -> None:
    _, duty = await duty_on(liaison, GRID, "2026-01-05")
    assert (duty["area"], duty["cadre"]["subject"]) == (VILLAGE, "example-cadre-2")


async def test_bad_arguments_are_named(liaison: Liaison) -> None:
    refused: list[tuple[Any, Any, str, str, str]] = [
        ("339999100299", "2026-01-05", "UNKNOWN_AREA", "area", "known.area"),
        ("", "2026-01-05", "UNKNOWN_AREA", "area", "known.area"),
        ("339999100", "2026-01-05", "INVALID_INPUT", "area", "area.village"),
        (VILLAGE, "2003-12-31", "INVALID_INPUT", "date", "calendar"),
        (VILLAGE, "2028-01-01", "INVALID_INPUT", "date", "calendar"),
        (VILLAGE, "9999-12-31", "INVALID_INPUT", "date", "calendar"),
        (VILLAGE, "2026-02-30", "INVALID_INPUT", "date", "form"),
        (VILLAGE, "20260105", "INVALID_INPUT", "date", "form"),
        (VILLAGE, None, "INVALID_INPUT", "date", "form"),
        (5, "2026-01-05", "INVALID_INPUT", "area", "form"),
    ]
    for area, day, code, field, rule in refused:
        status, problem = await duty_on(liaison, area, day)
        assert (status, problem["code"], problem["field"], problem["rule"]) == (422, code, field, rule)


async def test_a_missing_argument_is_named(liaison: Liaison) -> None:
    for root, argument in (("dutyOn", "area"), ("duty", "id"), ("dutiesByKey", "keys")):
        status, problem = await liaison.as_("example-resident", "resident").read(root, {}, EVERYTHING)
        assert (status, problem["field"], problem["rule"]) == (422, argument, "required")


async def test_the_calendars_reach_is_said(liaison: Liaison) -> None:
    _, problem = await duty_on(liaison, VILLAGE, "2028-01-01")
    assert problem["detail"] == "date lies outside the working calendar, which reaches from 2004-01-01 to 2027-12-31"


async def test_by_id(liaison: Liaison) -> None:
    client = liaison.as_("example-resident", "resident")
    _, duty = await client.read("duty", {"id": f"{VILLAGE}/2026-01-04"}, EVERYTHING)
    assert (duty["dayKind"], duty["cadre"]["subject"]) == ("MAKEUP_WORKDAY", "example-cadre")
    status, problem = await client.read("duty", {"id": "339999100299/2026-01-04"}, EVERYTHING)
    assert (status, problem["code"]) == (404, "NOT_FOUND")
    status, problem = await client.read("duty", {"id": f"{VILLAGE}/someday"}, EVERYTHING)
    assert (status, problem["field"], problem["rule"]) == (422, "id", "form")


async def test_by_keys_in_step(liaison: Liaison) -> None:
    keys = [f"{VILLAGE}/2026-01-06", "339999100299/2026-01-06", f"{GRID}/2026-01-05", f"{VILLAGE}/2026-01-06"]
    select = [["key", "key"], ["__typename", "__typename"]]
    status, duties = await liaison.as_("example-resident", "resident").read("dutiesByKey", {"keys": keys}, select)
    first = {"key": f"{VILLAGE}/2026-01-06", "__typename": "Duty"}
    assert (status, duties) == (200, [first, None, {"key": f"{VILLAGE}/2026-01-05", "__typename": "Duty"}, first])


async def test_nobody_reads_without_a_token(liaison: Liaison, connect: Any) -> None:
    url = liaison.as_("anybody").base_url
    status, problem = await connect(url, None).read("dutyOn", {"area": VILLAGE, "date": "2026-01-05"}, EVERYTHING)
    assert (status, problem["code"]) == (401, "UNAUTHENTICATED")
