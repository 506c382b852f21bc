"""A household says what is wrong on its sheet; staff of its area answer in time."""

from datetime import date
from typing import Any

import pytest

from services.archive.domain.correction import due_on
from tests.archive.conftest import GRID, VILLAGE, Archive, household, key, person

SELECT = [[name, name] for name in ("id", "key", "state", "field", "fieldName", "dueOn", "version", "reason")]
PAGE = [["edges", "edges", None, [["node", "node", None, [["field", "field"], ["state", "state"]]]]]]


async def request(archive: Archive, account: str = "resident", **given: Any) -> tuple[int, Any]:
    given = {"clientKey": key(), "householdId": household(1), "field": "address", "wrong": "门牌号写错了", **given}
    return await archive.as_(account).command("requestCorrection", given, SELECT)


async def decide(archive: Archive, made: dict[str, Any], account: str = "cadre", **given: Any) -> tuple[int, Any]:
    given = {"clientKey": key(), "id": made["key"], "version": 1, "accept": True, **given}
    return await archive.as_(account).command("decideCorrection", given, SELECT)


async def test_a_request_is_accepted_and_the_sheet_corrected_with_it(archive: Archive) -> None:
    status, made = await request(archive, memberId=person(1), evidence="不动产权证")
    assert (status, made["state"], made["fieldName"]) == (200, "OPEN", "住址")
    revision = {"version": 1, "address": "示例路99号"}
    assert (await decide(archive, made, revision=revision))[1]["state"] == "ACCEPTED"
    sheet = await archive.as_("resident").read("household", {"id": household(1)}, [["a", "address"], ["v", "version"]])
    assert sheet == (200, {"a": "示例路99号", "v": 2})
    (asked,) = await archive.events("archive.correction.requested.v1")
    (told,) = await archive.events("archive.correction.decided.v1")
    assert asked == {
        "correction": made["key"],
        "household": household(1),
        "area": GRID,
        "field": "address",
        "dueOn": made["dueOn"],
    }
    assert told == {
        "correction": made["key"],
        "household": household(1),
        "area": GRID,
        "field": "address",
        "state": "ACCEPTED",
    }
    assert len(await archive.events("archive.household.revised.v1")) == 1
    status, problem = await decide(archive, made, version=2)
    assert (status, problem["code"]) == (409, "ILLEGAL_TRANSITION")


async def test_a_refusal_has_a_reason(archive: Archive) -> None:
    _, made = await request(archive)
    assert (await decide(archive, made, accept=False))[0] == 422
    assert (await decide(archive, made, accept=False, reason="无依据", revision={"version": 1}))[0] == 422
    assert (await decide(archive, made, accept=False, reason="无依据", version=7))[1]["code"] == "STALE_VERSION"
    status, told = await decide(archive, made, accept=False, reason="与证件相符，无误")
    assert (status, told["state"], told["reason"]) == (200, "REFUSED", "与证件相符，无误")


async def test_a_revision_that_breaks_a_rule_leaves_the_request_open(archive: Archive) -> None:
    _, made = await request(archive)
    before = await archive.everything()
    assert (await decide(archive, made, revision={"version": 9, "address": "示例路99号"}))[1]["code"] == "STALE_VERSION"
    assert await archive.everything() == before


@pytest.mark.parametrize(
    ("account", "given", "status"),
    [
        ("resident-2", {}, 404),
        ("cadre", {}, 403),
        ("resident", {"householdId": household(2)}, 404),
        ("resident", {"memberId": person(6)}, 404),
        ("resident", {"field": "weather"}, 422),
        ("resident", {"wrong": " "}, 422),
        ("resident", {"wrong": "应为339999196203121033"}, 422),
        ("resident", {"wrong": "应为３３９９９９１９６２０３１２１０３３"}, 422),
        ("resident", {"evidence": "电话13800001234"}, 422),
    ],
)
async def test_what_cannot_be_asked(archive: Archive, account: str, given: dict[str, Any], status: int) -> None:
    before = await archive.everything()
    answered, answer = await request(archive, account, **given)
    assert answered == status, answer
    assert await archive.everything() == before


async def test_who_answers_and_who_reads(archive: Archive) -> None:
    _, made = await request(archive)
    elsewhere = archive.with_(roles=["village_cadre"], areas=["330881"])
    given = {"clientKey": key(), "id": made["key"], "version": 1, "accept": True}
    assert (await elsewhere.command("decideCorrection", given, SELECT))[0] == 404
    for account in ("resident", "auditor", "officer"):
        assert (await decide(archive, made, account))[0] == 403
    node = {"field": "address", "state": "OPEN"}
    for account, args, expected in (
        ("resident", {}, [node]),
        ("resident-2", {}, []),
        ("resident-2", {"household": household(1)}, []),
        ("cadre", {"area": VILLAGE}, [node]),
        ("cadre", {"household": household(1), "state": "OPEN"}, [node]),
        ("cadre", {"area": VILLAGE, "state": "REFUSED"}, []),
    ):
        status, page = await archive.as_(account).read("corrections", args, PAGE)
        assert status == 200, page
        assert [edge["node"] for edge in page["edges"]] == expected
    for account, args, status in (
        ("cadre", {}, 422),
        ("cadre", {"area": "330881"}, 403),
        ("cadre", {"area": VILLAGE, "state": "x"}, 422),
        ("officer", {"area": VILLAGE}, 403),
    ):
        assert (await archive.as_(account).read("corrections", args, PAGE))[0] == status


@pytest.mark.parametrize(
    ("day", "working_days", "due"),
    [
        (date(2026, 3, 2), 1, date(2026, 3, 3)),
        (date(2026, 3, 6), 1, date(2026, 3, 9)),
        (date(2026, 2, 13), 1, date(2026, 2, 14)),
        (date(2026, 2, 14), 1, date(2026, 2, 24)),
        (date(2026, 3, 2), 15, date(2026, 3, 23)),
        (date(2099, 1, 1), 1, date(2099, 1, 2)),
    ],
)
def test_the_deadline_counts_working_days(day: date, working_days: int, due: date) -> None:
    assert due_on(day, working_days) == due
