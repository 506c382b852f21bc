"""The working calendar through the gateway: a day, a span and the years, for everybody who is authenticated."""

from tests.gateway.conftest import Running

TEXT = """{
    calendarDay(date: "2026-10-10") { kind works festival lunar explanation provisional }
    calendarDays(from: "2026-02-13", to: "2026-02-15") { date kind }
    calendarYears { year published provisional source workdays }
}"""


async def test_the_calendar_is_read_by_a_resident(running: Running) -> None:
    answer = await running.as_("resident")(TEXT)
    assert answer["calendarDay"] == {
        "kind": "MAKEUP_WORKDAY",
        "works": True,
        "festival": "国庆节",
        "lunar": "九月初一",
        "explanation": "make-up workday for National Day (国庆节调休上班), Saturday (周六)",
        "provisional": False,
    }
    assert [day["kind"] for day in answer["calendarDays"]] == ["WORKDAY", "MAKEUP_WORKDAY", "HOLIDAY"]
    year = next(year for year in answer["calendarYears"] if year["year"] == 2026)
    assert (year["published"], year["provisional"], year["workdays"]) == (True, False, 248)
    assert year["source"].startswith("chinesecalendar ")
