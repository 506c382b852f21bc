"""What is asked of a suggestion's words, days and owners, and what its state machine promises."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.chassis.errors import Conflict, InvalidInput
from services.liaison.domain.suggestion import (
    DEEDS,
    DUE,
    MATTER_DEEDS,
    State,
    check_due,
    check_owner,
    check_raised,
    checked_public,
    require_no_matter_open,
)

TODAY = date(2026, 1, 5)
NOW = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
VILLAGE = "339999100200"


def test_from_each_state_but_the_ends_somebody_can_go_on_and_no_deed_leads_back_to_raised() -> None:
    everything = [*DEEDS, *MATTER_DEEDS.values()]
    reached = {State.RAISED} | {after for deed in everything for after in deed.moves.values()}
    assert reached | {State.REOPENED} == set(State)
    assert State.RAISED not in {after for deed in everything for after in deed.moves.values()}
    ends = {state for state in State if all(deed.moves.get(state, state) is state for deed in everything)}
    assert ends == {State.DECLINED, State.DUPLICATE}
    assert not ends & set(DUE)


def test_a_due_day_lies_within_a_year() -> None:
    for ahead in (0, 366):
        assert check_due(TODAY + timedelta(ahead), TODAY) == TODAY + timedelta(ahead)
    for ahead in (-1, 367):
        with pytest.raises(InvalidInput, match="0 to 366 days ahead"):
            check_due(TODAY + timedelta(ahead), TODAY)


def test_an_owner_is_a_department_or_an_area_around() -> None:
    assert check_owner(VILLAGE, None, None) == (None, VILLAGE)
    assert check_owner(VILLAGE, "water", None) == ("water", None)
    assert check_owner(VILLAGE, None, "339999100") == (None, "339999100")
    for department, area in (("water", VILLAGE), (None, "339999100201"), (None, "33999910")):
        with pytest.raises(InvalidInput):
            check_owner(VILLAGE, department, area)


def test_a_phone_brings_it_a_month_late_at_most_and_never_from_ahead() -> None:
    assert check_raised(None, NOW) == NOW
    assert check_raised(NOW - timedelta(days=31), NOW) == NOW - timedelta(days=31)
    for at in (NOW + timedelta(seconds=1), NOW - timedelta(days=31, seconds=1)):
        with pytest.raises(InvalidInput, match="last 31 days"):
            check_raised(at, NOW)


@pytest.mark.parametrize("words", ["示例：电话13800005678", "示例：33088119900101123X", "示例：１３８００００５６７８"])
def test_what_is_published_holds_no_number_of_a_person(words: str) -> None:
    with pytest.raises(InvalidInput, match="must not hold an ID number or a phone number"):
        checked_public(words)


def test_a_host_solves_what_nobody_works_at() -> None:
    require_no_matter_open(None, raised=False)
    require_no_matter_open("CLOSED", raised=True)
    for state in (None, "DISPATCHED", "VERIFIED"):
        with pytest.raises(Conflict, match="under way"):
            require_no_matter_open(state, raised=True)
