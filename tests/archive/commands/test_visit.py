"""addVisitNote, over HTTP on a real database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.archive.conftest import GRID, Archive, household, key

NOTE = [
    ["key", "key"],
    ["text", "text"],
    ["visitedOn", "visitedOn"],
    ["author", "author"],
    ["promise", "promise"],
    ["household", "household", None, [["version", "version"], ["visitNotes", "visitNotes", None, [["text", "text"]]]]],
]


def note(**fields: Any) -> dict[str, Any]:
    return {
        "clientKey": key(),
        "householdId": household(1),
        "text": "示例：路灯不亮\n已答应联系",
        "visitedOn": "2026-01-05",
        **fields,
    }


async def test_a_note_with_a_promise_is_kept_and_told(archive: Archive) -> None:
    status, answer = await archive.as_("grid-worker").command("addVisitNote", note(promise="lighting"), NOTE)
    assert status == 200, answer
    assert answer | {"key": ""} == {
        "key": "",
        "text": "示例：路灯不亮\n已答应联系",
        "visitedOn": "2026-01-05",
        "author": "example-grid-worker",
        "promise": "lighting",
        "household": {"version": 1, "visitNotes": [{"text": "示例：路灯不亮\n已答应联系"}]},
    }
    assert await archive.events("archive.visit.noted.v1") == [
        {
            "visit": answer["key"],
            "household": household(1),
            "area": GRID,
            "visitedOn": "2026-01-05",
            "promise": "lighting",
        }
    ]
    keys = await archive.admin.fetchval("SELECT routing_key FROM outbox WHERE type = 'archive.visit.noted.v1'")
    assert keys == "archive.visit.noted.-.339999.100.200.0001"


async def test_notes_are_shown_by_day_newest_first(archive: Archive) -> None:
    client = archive.as_("cadre")
    for day, text in (("2026-01-02", "二"), ("2026-01-04", "四"), ("2026-01-03", "三")):
        status, _ = await client.command("addVisitNote", note(visitedOn=day, text=text), NOTE)
        assert status == 200
    select = [["visitNotes", "visitNotes", {"first": 2}, [["text", "text"]]]]
    assert await client.read("household", {"id": household(1)}, select) == (
        200,
        {"visitNotes": [{"text": "四"}, {"text": "三"}]},
    )


@pytest.mark.parametrize(
    ("fields", "code", "field", "rule"),
    [
        ({"text": "  "}, "INVALID_INPUT", "text", "required"),
        ({"text": "长" * 4001}, "INVALID_INPUT", "text", "length"),
        ({"promise": ""}, "INVALID_INPUT", "promise", "required"),
        ({"promise": "a\nb"}, "INVALID_INPUT", "promise", "characters"),
        ({"visitedOn": (datetime.now(UTC) + timedelta(days=2)).date().isoformat()}, "INVALID_INPUT", "visitedOn", "visit.future"),
        ({"visitedOn": "2026-02-30"}, "INVALID_INPUT", "visitedOn", "form"),
        ({"householdId": household(4711)}, "NOT_FOUND", None, None),
    ],
)  # fmt: skip
async def test_bad_input_has_a_code_and_writes_nothing(
    archive: Archive, fields: dict[str, Any], code: str, field: str | None, rule: str | None
) -> None:
    before = await archive.everything()
    _, problem = await archive.as_("grid-worker").command("addVisitNote", note() | fields, NOTE)
    assert (problem["code"], problem.get("field"), problem.get("rule")) == (code, field, rule)
    assert await archive.everything() == before


@pytest.mark.parametrize(
    ("account", "number", "code"),
    [("resident", 1, "FORBIDDEN"), ("auditor", 1, "FORBIDDEN"), ("grid-worker", 5, "NOT_FOUND")],
)
async def test_who_may_not_write_one(archive: Archive, account: str, number: int, code: str) -> None:
    before = await archive.everything()
    _, problem = await archive.as_(account).command("addVisitNote", note(householdId=household(number)), NOTE)
    assert problem["code"] == code
    assert await archive.everything() == before
