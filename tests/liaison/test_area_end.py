"""A village that ends: its roster ends with it, and goes on when the end is taken back."""

from datetime import date, timedelta

from services.chassis.db import transaction
from services.liaison.commands.area import note_area
from services.liaison.commands.roster import plan_due
from services.liaison.domain.notice import published
from services.liaison.store import area
from tests.liaison.conftest import BARE_VILLAGE, SERVICE, VILLAGE, Liaison

EVE = date(2026, 2, 28)


async def noted(liaison: Liaison, last: date | None) -> int:
    """Notes the last day, plans what is due, and returns how many rosters that changed."""
    async with transaction(liaison.pool, SERVICE) as connection:
        await note_area(connection, VILLAGE, last)
    return (await plan_due(liaison.pool, liaison.clock, published(), correcting=False))[1]


async def duties(liaison: Liaison) -> list[date]:
    async with transaction(liaison.pool, SERVICE) as connection:
        return [
            row["date"] for row in await connection.fetch("SELECT date FROM duty WHERE area = $1 ORDER BY 1", VILLAGE)
        ]


async def test_the_roster_ends_with_the_village(liaison: Liaison) -> None:
    before = await duties(liaison)
    assert before[-1] > EVE
    assert await noted(liaison, EVE) == 1
    assert await duties(liaison) == [day for day in before if day <= EVE]
    assert await noted(liaison, EVE) == 0, "told again, nothing is due"
    select = [["date", "date"]]
    client = liaison.as_("example-cadre")
    assert (await client.read("dutyOn", {"area": VILLAGE, "date": EVE.isoformat()}, select))[0] == 200
    after = (EVE + timedelta(days=2)).isoformat()
    assert (await client.read("dutyOn", {"area": VILLAGE, "date": after}, select))[0] == 404
    assert await noted(liaison, None) == 1
    assert await duties(liaison) == before


async def test_what_was_signed_stays(liaison: Liaison) -> None:
    day = liaison.clock.now().date()
    given = {"clientKey": "00000000-0000-4000-8000-000000000001", "area": VILLAGE, "date": day.isoformat()}
    assert (await liaison.as_("example-cadre-2").command("signInForDuty", given, [["date", "date"]]))[0] == 200
    await noted(liaison, day - timedelta(days=1))
    assert (await duties(liaison))[-1] == day


async def test_a_villages_end_is_known_from_the_first(liaison: Liaison) -> None:
    async with transaction(liaison.pool, SERVICE) as connection:
        assert await area.put(connection, "339999100299", EVE, None) is False
        assert await area.last_days(connection, [VILLAGE, "339999100299"]) == {"339999100299": EVE}


async def test_duties_ahead_are_counted_by_area(liaison: Liaison) -> None:
    client = liaison.as_("example-cadre")
    status, found = await client.read(
        "dutiesAheadByArea", {"keys": [VILLAGE, "339999100", BARE_VILLAGE, "77"]}, [["ahead", "ahead"]]
    )
    assert status == 200
    async with transaction(liaison.pool, SERVICE) as connection:
        ahead = await connection.fetchval(
            "SELECT count(*) FROM duty WHERE date >= (now() AT TIME ZONE 'Asia/Shanghai')::date"
        )
    assert found == [{"ahead": ahead}, {"ahead": ahead}, {"ahead": 0}, None]
