"""Opening hours, which queue a matter waits in, papers that are missing, and the one due date."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest

from services.chassis.clock import CHINA
from services.chassis.errors import Conflict, InvalidInput
from services.tickets.domain import intake, item
from services.tickets.domain.intake import Handed
from services.tickets.domain.item import Item, Material
from services.tickets.domain.limits import Limits
from services.tickets.domain.queue import DEEDS, QueueStatus, label
from services.tickets.domain.window import Centre, Group, Opening, OpenOn, Window, checked_centre, group_for, hours
from services.tickets.domain.worktime import DayKind

DAY = date(2026, 1, 5)
MORNING = Opening(OpenOn.WORKDAY, time(8, 30), time(12))
AFTERNOON = Opening(OpenOn.WORKDAY, time(14), time(17))


def a_centre(*opening: Opening, area: str = "339999100", groups: str = "AC") -> Centre:
    return Centre(
        code="example-centre",
        area=area,
        name="示例中心",
        opening=opening or (AFTERNOON, MORNING),
        groups=tuple(Group(letter, f"示例{letter}", 10) for letter in groups),
        calls=3,
        behind=3,
        lead=30,
    )


def at(clock: str) -> datetime:
    return datetime.combine(DAY, time.fromisoformat(clock), CHINA)


@pytest.mark.parametrize(
    ("now", "minutes", "expected"),
    [
        ("09:00", 30, "09:30"),
        ("08:00", 30, "09:00"),  # waits for the opening first
        ("11:50", 10, "12:00"),  # just fits
        ("11:50", 11, "14:01"),  # over the lunch break
        ("12:30", 0, "14:00"),
        ("16:00", 60, "17:00"),
        ("16:00", 61, None),
        ("17:00", 0, None),
    ],
)
def test_a_wait_runs_while_the_centre_is_open(now: str, minutes: int, expected: str | None) -> None:
    found = hours(a_centre(), DAY, DayKind.WORKDAY).after(at(now), timedelta(minutes=minutes))
    assert found == (None if expected is None else at(expected))


@pytest.mark.parametrize(
    ("kind", "now", "given"),
    [
        (DayKind.WORKDAY, "07:59", False),
        (DayKind.WORKDAY, "08:00", True),
        (DayKind.MAKEUP_WORKDAY, "13:00", True),
        (DayKind.WORKDAY, "17:00", False),
        (DayKind.WEEKEND, "09:00", False),
        (DayKind.HOLIDAY, "09:00", False),
    ],
)
def test_numbers_are_given_from_the_lead_until_the_closing(kind: DayKind, now: str, given: bool) -> None:
    day = hours(a_centre(), DAY, kind)
    if given:
        day.require_given(at(now), timedelta(minutes=30))
    else:
        with pytest.raises(Conflict):
            day.require_given(at(now), timedelta(minutes=30))


@pytest.mark.parametrize(
    ("centre", "rule"),
    [
        (a_centre(area="3399"), "kind.area"),
        (a_centre(MORNING, Opening(OpenOn.WORKDAY, time(11), time(13))), "opening.order"),
        (a_centre(Opening(OpenOn.HOLIDAY, time(11), time(11))), "opening.order"),
        (a_centre(groups="AA"), "group.code"),
        (a_centre(groups=""), "group.code"),
        (a_centre(groups="a"), "group.code"),
    ],
)
def test_a_centre_that_will_not_do(centre: Centre, rule: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_centre(centre)
    assert refused.value.extra["rule"] == rule


def test_a_matter_waits_for_its_department_or_for_the_window_that_serves_all() -> None:
    windows = [
        Window(centre="c", code="1", name="示例", groups=("A",), departments=("health", "civil-affairs")),
        Window(centre="c", code="2", name="示例", groups=("B",), departments=("water",), closed=True),
        Window(centre="c", code="3", name="示例", groups=("C", "A")),
    ]
    assert group_for(("civil-affairs", "water"), windows) == "A"
    assert group_for(("water", "health"), windows) == "C"
    with pytest.raises(InvalidInput):
        group_for(("water",), windows[:2])


def test_deeds_lead_from_state_to_state() -> None:
    reached = {after for moves in DEEDS.values() for after in moves.values()}
    assert reached | {QueueStatus.WAITING, QueueStatus.VOID} == set(QueueStatus)
    assert (label("A", 1), label("B", 999), label("C", 1000)) == ("A001", "B999", "C1000")


def an_item(code: str, *materials: Material, limit: int = 5, departments: tuple[str, ...] = ("health",)) -> Item:
    return Item(
        code=code,
        name="示例事项",
        category="other",
        legal_basis="示例依据",
        limit_days=limit,
        fee=Decimal(0),
        agent=True,
        departments=departments,
        levels=("TOWNSHIP",),
        materials=materials,
    )


ID_CARD = Material("id-card", "居民身份证", original=True, copies=1)
ONE = an_item("one", ID_CARD, Material("form", "申请表", original=False, copies=2), limit=10)
TWO = an_item("two", ID_CARD, Material("photo", "照片", original=False, copies=1), departments=("water", "power"))


def test_all_that_is_missing_is_told_at_once_and_a_paper_once() -> None:
    assert [(each.code, each.original, each.copies, each.items) for each in intake.missing([ONE, TWO], [])] == [
        ("id-card", True, 2, ("one", "two")),
        ("form", False, 2, ("one",)),
        ("photo", False, 1, ("two",)),
    ]
    some = [Handed("id-card", original_seen=True, copies=1), Handed("form", copies=2), Handed("photo", copies=3)]
    assert [(each.code, each.original, each.copies) for each in intake.missing([ONE, TWO], some)] == [
        ("id-card", False, 1)
    ]
    assert intake.missing([ONE, TWO], [*some, Handed("id-card", copies=1)]) == ()


def test_one_part_an_item_and_department() -> None:
    assert [(part.item.code, part.department) for part in intake.parts([ONE, TWO])] == [
        ("one", "health"),
        ("two", "water"),
        ("two", "power"),
    ]


def test_a_part_has_the_limit_of_the_whole() -> None:
    spans = dict.fromkeys(("sign", "work", "overall", "return_within", "extension", "escalate"), "2d")
    usual = Limits.of(
        {"category": "", "priority": "", "since": DAY, "name": "示例", "extensions": 1, "pause": 5, "warn": 80, **spans}
    )
    promised = intake.promised(usual, 20)
    assert (str(promised.sign), str(promised.work), str(promised.overall)) == ("2d", "20d", "20d")


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        (an_item("Wrong"), "code"),
        (an_item("x", limit=366), "range"),
        (an_item("x", departments=()), "unique"),
        (an_item("x", ID_CARD, ID_CARD), "material.code"),
        (an_item("x", Material("nothing", "示例", original=False, copies=0)), "material.form"),
    ],
)
def test_an_item_that_will_not_do(wrong: Item, rule: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        item.checked(wrong)
    assert refused.value.extra["rule"] == rule
