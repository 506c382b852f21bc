"""Loading years and planning rosters in the database."""

import asyncio
from datetime import UTC, date, datetime, timedelta

from services.chassis.clock import FixedClock
from services.chassis.db import Pool, transaction
from services.liaison.commands.example import add_example
from services.liaison.commands.roster import plan_due
from services.liaison.domain.calendar import Festival, Notice, days_of
from services.liaison.domain.notice import published
from services.liaison.domain.roster import Member, Rule, Shift
from services.liaison.store import calendar, duty, rule
from tests.liaison.conftest import MONDAY, SERVICE, VILLAGE, add_cadre, signed

NOTICE_OF_2027 = Notice(
    year=2027,
    holidays={
        date(2027, 1, 1): Festival("New Year's Day", "元旦"),
        date(2027, 1, 4): Festival("New Year's Day", "元旦"),
    },
    exchanged=frozenset({date(2027, 1, 4)}),
    makeups={date(2027, 1, 9): Festival("New Year's Day", "元旦")},
)


async def rostered(pool: Pool, first: date, last: date, area: str = VILLAGE) -> dict[date, str]:
    async with transaction(pool, SERVICE) as connection:
        return {
            day: standing.shift.subject
            for day, standing in sorted((await duty.standing(connection, [area], first, last))[area].items())
        }


async def events(pool: Pool) -> list[dict[str, object]]:
    rows = await pool.fetch("SELECT data FROM outbox WHERE type = 'liaison.roster.planned.v1' ORDER BY recorded")
    return [row["data"] for row in rows]


async def test_the_year_is_rostered_from_the_rules_start(planned: Pool) -> None:
    shifts = await rostered(planned, date(2026, 1, 1), date(2027, 12, 31))
    assert len(shifts) == 248
    assert list(shifts.items())[:3] == [
        (date(2026, 1, 4), "example-cadre"),
        (date(2026, 1, 5), "example-cadre-2"),
        (date(2026, 1, 6), "example-cadre"),
    ]
    assert date(2026, 10, 10) in shifts, "duty on a make-up workday"
    assert date(2026, 10, 6) not in shifts, "none on a holiday"
    (event,) = await events(planned)
    added = [str(day) for day in sorted(shifts)]
    assert event.items() >= {"area": VILLAGE, "from": "2026-01-01", "until": "2026-12-31", "days": 248}.items()
    assert event["added"] == added
    assert event["removed"] == event["changed"] == []


async def test_planned_twice_nothing_changes(planned: Pool, clock: FixedClock) -> None:
    assert await plan_due(planned, clock, published(), correcting=False) == ([], 0)
    assert await plan_due(planned, clock, published(), correcting=True) == ([], 0)
    assert len(await events(planned)) == 1


async def test_the_horizon_moves_on_into_a_provisional_year(planned: Pool, clock: FixedClock) -> None:
    clock.instant = datetime(2026, 11, 24, tzinfo=UTC)
    assert await plan_due(planned, clock, published(), correcting=False) == ([], 1)
    shifts = await rostered(planned, date(2027, 1, 1), date(2027, 12, 31))
    assert max(shifts) == date(2027, 2, 26)
    assert (await events(planned))[-1]["until"] == "2027-02-28"


async def test_a_provisional_year_is_added_when_the_horizon_needs_it(planned: Pool, clock: FixedClock) -> None:
    clock.instant = datetime(2027, 11, 24, tzinfo=UTC)
    years, _ = await plan_due(planned, clock, published(), correcting=False)
    assert years == [2028]
    assert max(await rostered(planned, date(2028, 1, 1), date(2028, 12, 31))) == date(2028, 2, 29)


async def test_a_year_that_gets_published_moves_what_is_not_done(planned: Pool, clock: FixedClock) -> None:
    clock.instant = datetime(2026, 12, 20, tzinfo=UTC)
    await plan_due(planned, clock, published(), correcting=False)
    before = await rostered(planned, date(2026, 1, 1), date(2027, 3, 31))
    assert date(2027, 1, 4) in before
    clock.instant = datetime(2027, 1, 6, tzinfo=UTC)
    async with transaction(planned, SERVICE) as connection:
        for day in (date(2027, 1, 4), date(2027, 1, 7)):
            await signed(connection, day, before[day], clock.now())

    assert await plan_due(planned, clock, {**published(), 2027: NOTICE_OF_2027}, correcting=False) == ([2027, 2028], 1)

    after = await rostered(planned, date(2026, 1, 1), date(2027, 3, 31))
    assert {day: after[day] for day in before if day < date(2027, 1, 1)} == {
        day: subject for day, subject in before.items() if day < date(2027, 1, 1)
    }
    assert date(2027, 1, 1) not in after, "a past day that proved to be a holiday"
    assert after[date(2027, 1, 4)] == before[date(2027, 1, 4)], "signed"
    assert after[date(2027, 1, 5)] == before[date(2027, 1, 5)], "past"
    assert after[date(2027, 1, 7)] == before[date(2027, 1, 7)], "signed"
    assert date(2027, 1, 9) in after, "a new make-up workday"
    async with transaction(planned, SERVICE) as connection:
        days = await calendar.days(connection, date(2027, 1, 1), date(2027, 12, 31))
    assert days == days_of(2027, NOTICE_OF_2027)


async def test_an_older_version_does_not_take_a_published_year_back(planned: Pool, clock: FixedClock) -> None:
    newer = {**published(), 2027: NOTICE_OF_2027}
    await plan_due(planned, clock, newer, correcting=False)
    assert await plan_due(planned, clock, published(), correcting=False) == ([], 0)
    assert await plan_due(planned, clock, published(), correcting=True) == ([], 0)


async def test_a_published_year_is_corrected_by_load_only(planned: Pool, clock: FixedClock) -> None:
    first = published()[2026]
    corrected = Notice(
        2026, {**first.holidays, date(2026, 9, 3): Festival("Example", "示例")}, first.exchanged, first.makeups
    )
    notices = {**published(), 2026: corrected}
    assert await plan_due(planned, clock, notices, correcting=False) == ([], 0)
    assert await plan_due(planned, clock, notices, correcting=True) == ([2026], 1)
    assert date(2026, 9, 3) not in await rostered(planned, date(2026, 9, 1), date(2026, 9, 30))


async def test_a_running_year_that_is_corrected_puts_nobody_on_a_day_that_is_past(
    planned: Pool, clock: FixedClock
) -> None:
    clock.instant = datetime(2026, 1, 20, tzinfo=UTC)
    first, past, ahead = published()[2026], date(2026, 1, 10), date(2026, 2, 7)
    makeups = {**first.makeups, **dict.fromkeys((past, ahead), Festival("Example", "示例"))}
    notices = {**published(), 2026: Notice(2026, first.holidays, first.exchanged, makeups)}
    assert await plan_due(planned, clock, notices, correcting=True) == ([2026], 1)
    shifts = await rostered(planned, date(2026, 1, 1), date(2026, 2, 28))
    assert (past in shifts, ahead in shifts) == (False, True)
    async with transaction(planned, SERVICE) as connection:
        await rule.unplan(connection)
    assert await plan_due(planned, clock, notices, correcting=False) == ([], 0)


async def test_a_later_rule_takes_over_from_its_start(planned: Pool, clock: FixedClock) -> None:
    new = Rule(VILLAGE, date(2026, 7, 1), (Member("example-new"),))
    async with transaction(planned, SERVICE) as connection:
        await add_cadre(connection, "example-new")
        assert await rule.put(connection, new)
        assert not await rule.put(connection, new)
    before = await rostered(planned, date(2026, 1, 1), date(2026, 6, 30))
    await plan_due(planned, clock, published(), correcting=False)
    assert await rostered(planned, date(2026, 1, 1), date(2026, 6, 30)) == before
    assert set((await rostered(planned, date(2026, 7, 1), date(2026, 12, 31))).values()) == {"example-new"}


async def test_a_rule_that_starts_beyond_the_horizon_waits(planned: Pool, clock: FixedClock) -> None:
    async with transaction(planned, SERVICE) as connection:
        await add_cadre(connection, "example-new")
        await rule.put(connection, Rule("339999100202", date(2027, 2, 1), (Member("example-new"),)))
    assert await plan_due(planned, clock, published(), correcting=False) == ([], 0)
    clock.instant = MONDAY + timedelta(days=320)
    await plan_due(planned, clock, published(), correcting=False)
    assert await rostered(planned, date(2027, 1, 1), date(2027, 12, 31), area="339999100202")


async def test_two_workers_plan_a_roster_once(bare: Pool, clock: FixedClock) -> None:
    async with transaction(bare, SERVICE) as connection:
        await add_example(connection)
    outcomes = await asyncio.gather(*(plan_due(bare, clock, published(), correcting=False) for _ in range(3)))
    assert sorted(changed for _, changed in outcomes) == [0, 0, 1]
    assert sorted(len(years) for years, _ in outcomes) == [0, 0, len(published()) + 1]
    assert len(await events(bare)) == 1


async def test_a_sign_in_while_the_roster_is_planned_stays(planned: Pool) -> None:
    """The planner read the day as unsigned before; its statements still leave it alone."""
    day = date(2026, 1, 5)
    async with transaction(planned, SERVICE) as connection:
        await add_cadre(connection, "example-new")
        await signed(connection, day, "example-cadre-2", MONDAY)
        await duty.revise(connection, {VILLAGE: [Shift(day, "example-new")]}, {})
        await duty.revise(connection, {}, {VILLAGE: [day]})
    assert await rostered(planned, day, day) == {day: "example-cadre-2"}


async def told(pool: Pool) -> list[dict[str, object]]:
    rows = await pool.fetch(
        "SELECT subject, routing_key, data FROM outbox WHERE type = 'liaison.calendar.published.v1' ORDER BY recorded"
    )
    assert all(row["subject"] == str(row["data"]["year"]) for row in rows)
    assert {row["routing_key"] for row in rows} == {"liaison.calendar.published.-.-.-.-.-"}
    return [row["data"] for row in rows]


async def test_each_year_is_told_once_and_what_changes_again(planned: Pool, clock: FixedClock) -> None:
    events = await told(planned)
    assert [event["year"] for event in events] == [*published(), 2027]
    assert [event["published"] for event in events] == [True] * len(published()) + [False]
    assert events[-1]["days"] == []
    days = events[-2]["days"]
    assert isinstance(days, list)
    assert [day["date"] for day in days if day["kind"] == "MAKEUP_WORKDAY"] == [
        f"2026-{day}" for day in ("01-04", "02-14", "02-28", "05-09", "09-20", "10-10")
    ]
    assert {"date": "2026-02-17", "kind": "HOLIDAY", "festival": "春节"} in days
    assert {"date": "2026-09-20", "kind": "MAKEUP_WORKDAY", "festival": "国庆节"} in days
    await plan_due(planned, clock, published(), correcting=True)
    assert len(await told(planned)) == len(events)
    await plan_due(planned, clock, {**published(), 2027: NOTICE_OF_2027}, correcting=False)
    assert [event["year"] for event in (await told(planned))[len(events) :]] == [2027, 2028]
    assert (await told(planned))[len(events)]["days"] == [
        {"date": "2027-01-01", "kind": "HOLIDAY", "festival": "元旦"},
        {"date": "2027-01-04", "kind": "HOLIDAY", "festival": "元旦"},
        {"date": "2027-01-09", "kind": "MAKEUP_WORKDAY", "festival": "元旦"},
    ]


async def test_years_that_were_never_told_of_are_told(planned: Pool, clock: FixedClock) -> None:
    """As in a deployment that had its calendar before others kept a copy."""
    before = await told(planned)
    await planned.execute("UPDATE calendar_year SET told = false")
    assert (
        await asyncio.gather(*(plan_due(planned, clock, published(), correcting=False) for _ in range(3)))
        == [([], 0)] * 3
    )
    assert (await told(planned))[len(before) :] == before
