"""What is shown in clear, to whom, how often; and that it is written down before it is shown, and kept nowhere."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.archive.domain.disclosure import FIELDS, LIMITS, RULES, allowed, require_within_limits
from services.archive.domain.purpose import PURPOSES
from services.chassis.errors import InvalidInput, TooManyRequests
from tests.archive.conftest import GRID, VILLAGE, Archive, household, key, person
from tests.support.client import Service as Client

SELECT = [["values", "values", None, [[name, name] for name in ("memberId", "label", "field", "value")]]]
NUMBER, PHONE = "339999196203121033", "+8613800000001"
LOGGED = """
SELECT by, name, roles, areas, deed, purpose, household_id::text, person_id::text, area_code, fields, note FROM audit
WHERE deed = 'REVEAL' ORDER BY id
"""


async def reveal(archive: Archive, who: Client, **given: Any) -> tuple[int, Any]:
    given = {"clientKey": key(), "memberId": person(1), "fields": ["phone"], "purpose": "SERVICE", **given}
    return await who.command("reveal", {name: value for name, value in given.items() if value is not None}, SELECT)


async def test_a_reveal_shows_the_value_and_is_written_down(archive: Archive) -> None:
    given = {"fields": ["idNumber", "phone"], "note": "示例：办理医保"}
    status, answer = await reveal(archive, archive.as_("cadre"), **given)
    assert status == 200, answer
    assert {(one["field"], one["value"]) for one in answer["values"]} == {("idNumber", NUMBER), ("phone", PHONE)}
    (row,) = await archive.admin.fetch(LOGGED)
    assert tuple(row) == (
        "example-cadre",
        "示例村干部甲",
        ["village_cadre"],
        [VILLAGE],
        "REVEAL",
        "SERVICE",
        household(1),
        person(1),
        GRID,
        ["idNumber", "phone"],
        "示例：办理医保",
    )


async def test_a_household_is_revealed_with_all_its_members_each_one_written_down(archive: Archive) -> None:
    status, answer = await reveal(archive, archive.as_("cadre"), memberId=None, householdId=household(1))
    assert status == 200
    assert len(answer["values"]) == len(await archive.admin.fetch(LOGGED)) == 5


async def test_income_is_shown_by_year_and_source_and_a_number_to_call_by_place(archive: Archive) -> None:
    add = "INSERT INTO sheet_item (id, household_id, area_code, person_id, kind, data) VALUES (gen_random_uuid(), $1, $2, $3, $4, $5::jsonb)"
    for member, kind, data in (
        (None, "INCOME", {"year": 2025, "source": "FARMING", "amount": 12345678.5}),
        (person(2), "MIGRATION", {"place": "示例市", "emergencyContact": "示例甲一"}),
    ):
        await archive.admin.execute(add, household(1), GRID, member, kind, json.dumps(data))
    whole = {"memberId": None, "householdId": household(1)}
    _, answer = await reveal(archive, archive.as_("cadre"), **whole, fields=["income"], purpose="BENEFIT_REVIEW")
    assert answer["values"] == [{"memberId": None, "label": "2025 FARMING", "field": "income", "value": "12345678.50"}]
    emergency = {"fields": ["emergencyContact"], "purpose": "EMERGENCY"}
    _, answer = await reveal(archive, archive.as_("grid-worker"), **whole, **emergency)
    assert [(one["label"], one["value"]) for one in answer["values"]] == [("示例市", "示例甲一")]
    _, answer = await reveal(archive, archive.as_("grid-worker"), **emergency)
    assert answer["values"] == []


async def test_a_childs_birthday_is_for_those_who_serve_the_household(archive: Archive) -> None:
    await archive.admin.execute("UPDATE person SET birth_date = current_date - 3000 WHERE id = $1", person(5))
    select = [["members", "members", None, [["date", "birthDate"], ["year", "birthYear"]]]]
    window = archive.with_(roles=["window_clerk"], areas=[VILLAGE])
    for who, hidden in (
        (archive.as_("cadre"), 0),
        (archive.as_("resident"), 0),
        (archive.as_("auditor"), 1),
        (window, 1),
    ):
        status, sheet = await who.read("household", {"id": household(1)}, select)
        assert status == 200
        assert [one["year"] is None for one in sheet["members"]] == [False] * 5
        assert sum(one["date"] is None for one in sheet["members"]) == hidden


async def test_no_answer_is_kept_in_clear_and_a_repeat_is_another_reveal(archive: Archive) -> None:
    once = key()
    first = await reveal(archive, archive.as_("cadre"), clientKey=once, fields=["idNumber", "phone"])
    again = await reveal(archive, archive.as_("cadre"), clientKey=once, fields=["phone", "idNumber"][::-1])
    assert first == again
    assert first[0] == 200
    assert len(await archive.admin.fetch(LOGGED)) == 2
    told = json.dumps(await archive.everything())
    assert NUMBER not in told
    assert PHONE not in told
    status, problem = await reveal(archive, archive.as_("cadre"), clientKey=once, fields=["phone"])
    assert (status, problem["code"]) == (409, "CLIENT_KEY_REUSED")


@pytest.mark.parametrize(
    ("account", "given", "status"),
    [
        ("grid-worker", {"fields": ["idNumber"]}, 403),
        ("grid-worker", {"memberId": person(25)}, 404),
        ("grid-worker", {"purpose": "STATISTICS"}, 403),
        ("grid-worker", {"purpose": "EMERGENCY", "fields": ["health", "phone", "emergencyContact"]}, 200),
        ("grid-worker", {"purpose": "BENEFIT_REVIEW", "fields": ["income"]}, 403),
        ("cadre", {"purpose": "BENEFIT_REVIEW", "fields": ["income", "health"]}, 200),
        ("auditor", {}, 403),
        ("officer", {}, 403),
        ("resident", {"purpose": "SUBJECT_REQUEST", "fields": list(FIELDS)}, 200),
        ("resident", {"purpose": "SERVICE"}, 403),
        ("resident", {"purpose": "SUBJECT_REQUEST", "memberId": person(6)}, 404),
        ("cadre", {"fields": []}, 422),
        ("cadre", {"fields": ["name"]}, 422),
        ("cadre", {"purpose": "CURIOSITY"}, 422),
        ("cadre", {"householdId": household(1)}, 422),
        ("cadre", {"memberId": None}, 422),
        ("cadre", {"note": f"身份证 {NUMBER}"}, 422),
    ],
)
async def test_who_may_have_what_revealed(archive: Archive, account: str, given: dict[str, Any], status: int) -> None:
    answered, answer = await reveal(archive, archive.as_(account), **given)
    assert answered == status, answer
    assert NUMBER not in json.dumps(answer) or status == 200
    assert bool(await archive.admin.fetch(LOGGED)) == (status == 200)


async def test_a_resident_who_works_as_a_grid_worker_is_resident_at_home_only(archive: Archive) -> None:
    both = archive.with_(roles=["resident", "grid_worker"], areas=[GRID], household=household(2))
    asked = {"purpose": "SUBJECT_REQUEST", "fields": ["idNumber"]}
    assert (await reveal(archive, both, **asked))[0] == 403
    assert (await reveal(archive, both, **asked, memberId=None, householdId=household(2)))[0] == 200


def test_the_table_knows_its_words() -> None:
    assert RULES.keys() == PURPOSES.keys()
    assert allowed(["city_admin", "auditor", "nobody"], "SERVICE") == frozenset()
    for roles in RULES.values():
        assert all(fields <= FIELDS.keys() for fields in roles.values())


NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_the_limits_of_an_hour_and_of_a_day() -> None:
    (_, hourly), (_, daily) = LIMITS
    minutes = [NOW - timedelta(minutes=n) for n in range(hourly)]
    with pytest.raises(TooManyRequests) as caught:
        require_within_limits(NOW, minutes, 1)
    assert 0 < caught.value.extra["retryAfter"] <= 3600
    later = NOW + timedelta(seconds=caught.value.extra["retryAfter"])
    require_within_limits(later, minutes, 1)
    with pytest.raises(TooManyRequests):
        require_within_limits(later - timedelta(seconds=2), minutes, 1)
    spread = [NOW - timedelta(hours=2, minutes=n) for n in range(daily)]
    with pytest.raises(TooManyRequests) as caught:
        require_within_limits(NOW, spread, 1)
    require_within_limits(NOW + timedelta(seconds=caught.value.extra["retryAfter"]), spread, 1)
    require_within_limits(NOW, spread[:-hourly], hourly)
    with pytest.raises(InvalidInput):
        require_within_limits(NOW, [], hourly + 1)


async def test_over_the_limit_an_account_waits_and_others_do_not(archive: Archive) -> None:
    whole = {"memberId": None, "householdId": household(1)}
    for _ in range(6):
        assert (await reveal(archive, archive.as_("cadre"), **whole))[0] == 200
    status, problem = await reveal(archive, archive.as_("cadre"))
    assert (status, problem["code"]) == (429, "TOO_MANY_REQUESTS")
    assert 3500 < problem["retryAfter"] <= 3601
    assert (await reveal(archive, archive.as_("grid-worker")))[0] == 200
    await archive.admin.execute("UPDATE audit SET at = at - interval '61 minutes' WHERE deed = 'REVEAL'")
    assert (await reveal(archive, archive.as_("cadre")))[0] == 200
