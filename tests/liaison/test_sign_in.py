"""The cadre on duty signs in, through HTTP."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.liaison.conftest import BARE_VILLAGE, GRID, VILLAGE, Liaison

ON_DUTY = "example-cadre-2"
SELECT = [["key", "key"], ["signedInAt", "signedInAt"], ["cadre", "cadre", None, [["subject", "subject"]]]]
NOW = "2026-01-05T00:30:00.000Z"


async def sign_in(
    liaison: Liaison, subject: str = ON_DUTY, *roles: str, client_key: UUID | None = None, **given: Any
) -> tuple[int, Any]:
    values = {"area": VILLAGE, "date": "2026-01-05", "clientKey": str(client_key or uuid4())} | given
    return await liaison.as_(subject, *roles).command("signInForDuty", values, SELECT)


async def events(liaison: Liaison) -> list[dict[str, Any]]:
    rows = await liaison.pool.fetch(
        "SELECT subject, routing_key, data FROM outbox WHERE type = 'liaison.duty.signed_in.v1'"
    )
    return [dict(row) for row in rows]


async def test_who_is_on_duty_signs_in(liaison: Liaison) -> None:
    expected = {"key": f"{VILLAGE}/2026-01-05", "signedInAt": NOW, "cadre": {"subject": ON_DUTY}}
    assert await sign_in(liaison) == (200, expected)
    where = {"place": "UNKNOWN", "metres": None, "late": False}
    data = {"area": VILLAGE, "date": "2026-01-05", "cadre": ON_DUTY, "signedAt": "2026-01-05T00:30:00Z", **where}
    key = "liaison.duty.signed_in.-.339999.100.200.-"
    assert await events(liaison) == [{"subject": f"{VILLAGE}/2026-01-05", "routing_key": key, "data": data}]


async def test_a_grid_stands_for_its_village(liaison: Liaison) -> None:
    status, duty = await sign_in(liaison, area=GRID)
    assert (status, duty["key"]) == (200, f"{VILLAGE}/2026-01-05")


async def test_sent_late_it_counts_at_its_time(liaison: Liaison) -> None:
    liaison.clock.instant += timedelta(days=2)
    status, duty = await sign_in(liaison, signedAt="2026-01-05T08:05:00+08:00")
    assert (status, duty["signedInAt"]) == (200, "2026-01-05T00:05:00.000Z")


@pytest.mark.parametrize("signed_at", ["2026-01-04T16:00:00Z", "2026-01-05T15:59:59Z"])
async def test_the_day_is_chinas(liaison: Liaison, signed_at: str) -> None:
    liaison.clock.instant += timedelta(days=1)
    status, _ = await sign_in(liaison, signedAt=signed_at)
    assert status == 200


async def test_a_second_time_keeps_the_first(liaison: Liaison) -> None:
    await sign_in(liaison)
    liaison.clock.instant += timedelta(hours=1)
    status, duty = await sign_in(liaison)
    assert (status, duty["signedInAt"]) == (200, NOW)
    assert len(await events(liaison)) == 1


async def test_the_same_client_key_has_one_effect_and_one_answer(liaison: Liaison) -> None:
    key = uuid4()
    first = await sign_in(liaison, client_key=key)
    liaison.clock.instant += timedelta(hours=1)
    assert await sign_in(liaison, client_key=key) == first
    status, problem = await sign_in(liaison, client_key=key, signedAt=NOW)
    assert (status, problem["code"]) == (409, "CLIENT_KEY_REUSED")
    assert len(await events(liaison)) == 1


async def test_two_at_once_count_once(liaison: Liaison) -> None:
    liaison.clock.instant += timedelta(hours=1)
    times = [f"2026-01-05T00:3{n}:00Z" for n in range(8)]
    answers = await asyncio.gather(*(sign_in(liaison, signedAt=time) for time in times))
    assert {status for status, _ in answers} == {200}
    assert len({duty["signedInAt"] for _, duty in answers}) == 1
    assert len(await events(liaison)) == 1


async def test_one_client_key_at_once_counts_once(liaison: Liaison) -> None:
    key = uuid4()
    answers = await asyncio.gather(*(sign_in(liaison, client_key=key) for _ in range(8)))
    assert all(answer == answers[0] for answer in answers)
    assert len(await events(liaison)) == 1


async def test_refusals_are_typed(liaison: Liaison) -> None:
    refused: list[tuple[dict[str, Any], int, str, str | None]] = [
        ({"area": "339999100299"}, 422, "UNKNOWN_AREA", "area"),
        ({"area": "339999"}, 422, "INVALID_INPUT", "area"),
        ({"date": "2003-06-01"}, 422, "INVALID_INPUT", "date"),
        ({"date": "2026-01-06"}, 422, "INVALID_INPUT", "date"),
        ({"date": "5 January"}, 422, "INVALID_INPUT", "date"),
        ({"signedAt": "2026-01-05T00:30:01Z"}, 422, "INVALID_INPUT", "signedAt"),
        ({"signedAt": "2026-01-04T15:59:59Z"}, 422, "INVALID_INPUT", "signedAt"),
        ({"signedAt": "2026-01-05T00:05:00"}, 422, "INVALID_INPUT", "signedAt"),
        ({"area": BARE_VILLAGE}, 404, "NOT_FOUND", None),
        ({"clientKey": "1"}, 422, "INVALID_INPUT", "clientKey"),
    ]
    for given, status, code, field in refused:
        answer, problem = await sign_in(liaison, **given)
        assert (answer, problem["code"], problem.get("field")) == (status, code, field), given
    assert await events(liaison) == []


async def test_no_duty_on_a_holiday(liaison: Liaison) -> None:
    liaison.clock.instant = datetime(2026, 10, 6, 1, tzinfo=UTC)
    status, problem = await sign_in(liaison, date="2026-10-06")
    assert (status, problem["code"]) == (409, "CONFLICT")
    assert "National Day" in problem["detail"]


async def test_another_person_is_refused(liaison: Liaison) -> None:
    for _ in range(2):
        status, problem = await sign_in(liaison, "example-cadre")
        assert (status, problem["code"]) == (403, "FORBIDDEN")
        await sign_in(liaison)


async def test_the_subject_alone_is_not_enough(liaison: Liaison) -> None:
    status, problem = await sign_in(liaison, ON_DUTY, "resident", "auditor")
    assert (status, problem["code"]) == (403, "FORBIDDEN")


WHERE = [["place", "place"], ["metres", "metres"], ["late", "late"], ["receivedAt", "receivedAt"]]
STATION = {"areaCode": VILLAGE, "name": "示例服务站", "longitude": 118.62, "latitude": 28.74, "radius": 100}


async def give_station(liaison: Liaison) -> None:
    given = {"clientKey": str(uuid4()), **STATION}
    status, _ = await liaison.as_("clerk", "township_clerk").command("setStation", given, [["areaCode", "areaCode"]])
    assert status == 200


@pytest.mark.parametrize(
    ("given", "place", "metres"),
    [
        ({"longitude": 118.62, "latitude": 28.7405}, "AT_STATION", 56),
        ({"longitude": 118.63, "latitude": 28.74}, "AWAY", 975),
        ({"longitude": 118.63, "latitude": 28.74, "accuracyMetres": 900}, "UNKNOWN", 975),
        ({}, "UNKNOWN", None),
    ],
)
async def test_the_place_of_a_sign_in_is_told_against_the_stations(
    liaison: Liaison, given: dict[str, Any], place: str, metres: int | None
) -> None:
    await give_station(liaison)
    values = {"area": VILLAGE, "date": "2026-01-05", "clientKey": str(uuid4()), **given}
    status, duty = await liaison.as_(ON_DUTY).command("signInForDuty", values, WHERE)
    assert (status, duty["place"], duty["metres"]) == (200, place, metres)
    assert (await events(liaison))[0]["data"]["place"] == place


async def test_an_offline_sign_in_that_arrives_twice_counts_once(liaison: Liaison) -> None:
    await give_station(liaison)
    liaison.clock.instant += timedelta(days=1)
    here = {"longitude": 118.62, "latitude": 28.74, "signedAt": "2026-01-05T09:01:00+08:00"}
    values = {"area": VILLAGE, "date": "2026-01-05", **here}
    sent = [{**values, "clientKey": str(uuid4())} for _ in range(2)]
    first = await liaison.as_(ON_DUTY).command("signInForDuty", sent[0], WHERE)
    liaison.clock.instant += timedelta(hours=1)
    assert await liaison.as_(ON_DUTY).command("signInForDuty", sent[1], WHERE) == first
    seen = {"place": "AT_STATION", "metres": 0, "late": True, "receivedAt": "2026-01-06T00:30:00.000Z"}
    assert first == (200, seen)
    assert len(await events(liaison)) == 1


async def test_who_signed_in_signs_out(liaison: Liaison) -> None:
    async def sign_out(**given: Any) -> tuple[int, Any]:
        values = {"area": VILLAGE, "date": "2026-01-05", "clientKey": str(uuid4()), **given}
        return await liaison.as_(ON_DUTY).command("signOutOfDuty", values, [["signedOutAt", "signedOutAt"]])

    assert (await sign_out())[1]["rule"] == "duty.unsigned"
    await sign_in(liaison)
    assert (await sign_out(signedAt="2026-01-05T00:29:00Z"))[1]["rule"] == "order"
    liaison.clock.instant += timedelta(hours=9)
    first = await sign_out()
    assert first == (200, {"signedOutAt": "2026-01-05T09:30:00.000Z"})
    liaison.clock.instant += timedelta(minutes=1)
    assert await sign_out() == first


async def test_a_place_that_cannot_be_is_refused(liaison: Liaison) -> None:
    refused: list[tuple[dict[str, Any], str]] = [
        ({"longitude": 118.6}, "longitude"),
        ({"longitude": 28.7, "latitude": 118.6}, "longitude"),
        ({"longitude": 118.6, "latitude": 28.7, "accuracyMetres": -1}, "accuracyMetres"),
    ]
    for given, field in refused:
        status, problem = await sign_in(liaison, **given)
        assert (status, problem["field"]) == (422, field), given
