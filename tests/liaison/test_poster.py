"""The month for the station's wall: what a day shows, and that it is one sheet whatever stands in it."""

import json
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from pypdf import PdfReader

from services.chassis.clock import CHINA
from services.chassis.db import transaction
from services.chassis.errors import InvalidInput
from services.liaison.commands.area import note_area
from services.liaison.domain.calendar import DayKind
from services.liaison.domain.feed import Market, Session, Stall, Turn
from services.liaison.domain.poster import CalendarDay, Cell, Orientation, Poster, listed, month_of, poster, short_lunar
from tests.liaison.conftest import SERVICE, VILLAGE, Liaison

ID = UUID(int=7)
MAY = date(2026, 5, 1)
LONG = "示例" * 40


def at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=CHINA)


def month(name: str, departments: int, orientation: Orientation = Orientation.LANDSCAPE) -> Poster:
    """A May in which each working day has somebody of that name, a gathering, a dialogue and a stall. The 6th has nobody."""
    first, last = month_of("2026-05")
    dates = [first + timedelta(days=n) for n in range(last.day)]
    kinds = {date(2026, 5, n): DayKind.HOLIDAY for n in range(1, 6)} | {date(2026, 5, 9): DayKind.MAKEUP_WORKDAY}
    days = [
        CalendarDay(
            day,
            kinds.get(day, DayKind.WEEKEND if day.isoweekday() > 5 else DayKind.WORKDAY),
            "劳动节" if day in kinds else None,
            False,
            "四月初一" if day.day == 17 else "三月十五",
        )
        for day in dates
    ]
    works = [day.date for day in days if day.kind.works]
    return poster(
        days,
        [Turn(VILLAGE, "示例村", day, name, at(day, 8), at(day, 18), "") for day in works if day.day != 6],
        [
            Session(
                ID,
                kind,
                "示例村",
                day,
                at(day, hour),
                at(day, hour + 1),
                None,
                None,
                [f"d{n}" for n in range(departments)],
            )
            for day in works
            for kind, hour in (("GATHERING", 9), ("DIALOGUE", 14))
        ],
        [Stall(ID, "示例墟", "示例村", day, at(day, 8), at(day, 9), LONG) for day in works],
        [Market(ID, "示例墟", day, "") for day in works],
        first=MAY,
        orientation=orientation,
        names={f"d{n}": f"示例{n}局" for n in range(departments)},
    )


def cell(drawn: Poster, day: int) -> Cell:
    return next(cell for week in drawn.weeks for cell in week if cell.date == date(2026, 5, day))


def test_a_day_shows_what_it_is_and_what_goes_on() -> None:
    drawn = month("示例干部", 2)
    assert [cell.date.isoweekday() for cell in drawn.weeks[0]] == list(range(1, 8))
    holiday = cell(drawn, 1)
    assert (holiday.mark, holiday.festival, holiday.off, holiday.duty, holiday.lunar) == (
        "休",
        "劳动节",
        True,
        "",
        "十五",
    )
    makeup = cell(drawn, 9)
    assert (makeup.mark, makeup.festival, makeup.off, makeup.duty, makeup.market) == ("班", "", False, "示例干部", True)
    assert [(one.title, one.hour) for one in makeup.held] == [("设摊", "8:00"), ("集中", "9:00"), ("沟通日", "14:00")]
    assert (cell(drawn, 17).mark, cell(drawn, 17).off, cell(drawn, 17).lunar) == ("", True, "四月")
    assert cell(drawn, 6).duty == "待定", "a working day that nobody has"
    assert not drawn.weeks[0][0].inside
    assert drawn.has == {"DUTY", "GATHERING", "DIALOGUE", "STALL", "墟", "休", "班"}


@pytest.mark.parametrize("orientation", Orientation)
@pytest.mark.parametrize("departments", [0, 1, 3, 12])
def test_small_print_takes_no_more_lines_than_there_are(departments: int, orientation: Orientation) -> None:
    drawn = month(LONG, departments, orientation)
    for week in drawn.weeks:
        for each in week:
            lines = sum(-(-len(one.details) // drawn.sheet.line) for one in each.held)
            assert 16.4 + 5.1 * len(each.held) + 3.6 * lines <= drawn.row


def test_names_of_departments_are_cut_between_them() -> None:
    names = ["民政局", "司法局", "农业农村局"]
    assert listed(names, 13) == "民政局、司法局、农业农村局"
    assert listed(names, 12) == "民政局、司法局等3个部门"
    assert listed(names, 11) == "民政局等3个部门"
    assert listed(names, 7) == "3个部门"
    assert listed(names, 0) == ""
    assert listed(["示例服务"], 3) == "示例…"


def test_lunar_days_as_wall_calendars_have_them() -> None:
    assert [short_lunar(text) for text in ("八月初三", "闰二月初一", "十一月三十", "")] == [
        "初三",
        "闰二月",
        "三十",
        "",
    ]


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "0000-01", "2026-01-01", "x", ""])
def test_a_month_has_a_form(text: str) -> None:
    with pytest.raises(InvalidInput, match="YYYY-MM"):
        month_of(text)


async def fetch(liaison: Liaison, path: str) -> tuple[int, Any, bytes]:
    client = liaison.as_("example-resident", "resident")
    headers = {"Authorization": f"Bearer {client.token}"}
    async with client.session.get(f"{client.base_url}/files/villages/{path}", headers=headers) as answer:
        return answer.status, answer.headers, await answer.read()


async def test_a_pdf_is_one_sheet_whatever_the_names(liaison: Liaison) -> None:
    """August 2026 has six weeks."""
    async with transaction(liaison.pool, SERVICE) as connection:
        await note_area(connection, VILLAGE, name=LONG[:60])
        await connection.execute("UPDATE cadre SET name = $1", LONG[:60])
        await connection.execute("INSERT INTO station VALUES ($1, $2, $3, 118.6, 28.7, 100)", VILLAGE, LONG[:60], LONG)
    status, headers, body = await fetch(liaison, f"{VILLAGE}/poster.pdf?month=2026-08")
    assert (status, headers["Content-Type"]) == (200, "application/pdf")
    (page,) = PdfReader(BytesIO(body)).pages
    assert [round(float(side) / 72 * 25.4) for side in (page.mediabox.width, page.mediabox.height)] == [297, 210]
    text = page.extract_text()
    assert all(str(day) in text for day in range(1, 32))


async def test_the_page_is_of_the_month_that_is_asked_for(liaison: Liaison) -> None:
    async with transaction(liaison.pool, SERVICE) as connection:
        await note_area(connection, VILLAGE, name="<示例村>")
    status, headers, body = await fetch(liaison, f"{VILLAGE}/poster.html?month=2026-02")
    page = body.decode()
    assert (status, headers["Cache-Control"]) == (200, "no-store")
    assert page.count("春节") == 9
    assert page.count('class="mark work">班') == 3, "two days and the legend"
    assert "&lt;示例村&gt;便民服务月历" in page
    assert "示例村干部甲" in page
    assert "暂定" not in page
    _, _, body = await fetch(liaison, f"{VILLAGE}/poster.html?month=2027-02")
    assert "节假日暂定" in body.decode()
    assert "size: 297mm 210mm" in page
    _, _, body = await fetch(liaison, f"{VILLAGE}/poster.html?orientation=portrait")
    assert "size: 210mm 297mm" in body.decode()
    _, _, body = await fetch(liaison, f"{VILLAGE}/poster.html")
    assert "2026年<b>1</b>月" in body.decode(), "by default the present one"


async def test_what_cannot_be_drawn_is_said(liaison: Liaison) -> None:
    for path, status, field in (
        ("339999100299/poster.html", 422, "code"),
        (f"{VILLAGE}/poster.html?month=2003-12", 422, "month"),
        (f"{VILLAGE}/poster.html?month=2026", 422, "month"),
        (f"{VILLAGE}/poster.html?orientation=round", 422, "orientation"),
        (f"{VILLAGE}/poster.png", 404, None),
    ):
        answer, _, body = await fetch(liaison, path)
        assert (answer, json.loads(body).get("field")) == (status, field)
