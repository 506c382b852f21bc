"""Reads of the working calendar through HTTP."""

from services.liaison.domain.notice import SOURCE
from tests.liaison.conftest import Liaison

DAY = [[name, name] for name in ("date", "kind", "works", "festival", "explanation", "provisional", "lunar")]
YEAR = [[name, name] for name in ("year", "published", "provisional", "source", "loadedAt", "workdays")]


async def test_a_day_says_what_it_is(liaison: Liaison) -> None:
    client = liaison.as_("example-resident", "resident")
    assert await client.read("calendarDay", {"date": "2026-09-20"}, DAY) == (
        200,
        {
            "date": "2026-09-20",
            "kind": "MAKEUP_WORKDAY",
            "works": True,
            "festival": "国庆节",
            "explanation": "make-up workday for National Day (国庆节调休上班), Sunday (周日)",
            "provisional": False,
            "lunar": "八月初十",
        },
    )
    _, day = await client.read("calendarDay", {"date": "2027-10-01"}, DAY)
    assert (day["kind"], day["works"], day["festival"], day["provisional"]) == ("WORKDAY", True, None, True)


async def test_a_span_has_all_its_days_in_order(liaison: Liaison) -> None:
    client = liaison.as_("example-resident", "resident")
    status, days = await client.read("calendarDays", {"from": "2026-09-30", "to": "2027-11-03"}, DAY)
    assert (status, len(days), days[0]["date"], days[-1]["date"]) == (200, 400, "2026-09-30", "2027-11-03")
    assert [day["kind"] for day in days[:12]] == ["WORKDAY"] + ["HOLIDAY"] * 7 + ["WORKDAY"] * 2 + [
        "MAKEUP_WORKDAY",
        "WEEKEND",
    ]


async def test_a_bad_span_is_named(liaison: Liaison) -> None:
    for first, last, field, rule in (
        ("2026-01-01", "2027-02-05", "to", "span"),
        ("2026-01-02", "2026-01-01", "to", "span"),
        ("2003-12-31", "2004-01-01", "from", "calendar"),
        ("2027-12-31", "2028-01-01", "to", "calendar"),
        ("2026-01-01", "2026-13-01", "to", "form"),
        (None, "2026-01-01", "from", "form"),
    ):
        client = liaison.as_("example-resident", "resident")
        status, problem = await client.read("calendarDays", {"from": first, "to": last}, DAY)
        assert (status, problem["field"], problem["rule"]) == (422, field, rule)


async def test_the_years_say_where_they_come_from(liaison: Liaison) -> None:
    client = liaison.as_("example-resident", "resident")
    _, years = await client.read("calendarYears", {}, YEAR)
    assert [year["year"] for year in years] == list(range(2004, 2028))
    loaded_at = "2026-01-05T00:30:00.000Z"
    assert years[-2:] == [
        {
            "year": 2026,
            "published": True,
            "provisional": False,
            "source": SOURCE,
            "loadedAt": loaded_at,
            "workdays": 248,
        },
        {"year": 2027, "published": False, "provisional": True, "source": None, "loadedAt": loaded_at, "workdays": 261},
    ]
    status, problem = await client.read("calendarDay", {"date": "2028-01-01"}, DAY)
    assert (status, problem["field"], problem["rule"]) == (422, "date", "calendar")
