"""What must hold of a village's sheet, whatever is said in which order."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.archive.domain.village import (
    OFFICES,
    Word,
    book,
    confirm_figure,
    end_term,
    enter_figure,
    market_in_words,
    reverse,
    start_term,
)
from services.chassis.errors import Problem

FIRST, TODAY = date(2020, 1, 1), date(2026, 1, 5)
DAYS = st.integers(0, 12).map(lambda n: FIRST + timedelta(days=n))


def said(state: dict[str, dict[str, Any]], words: list[Word]) -> None:
    for word in words:
        state.setdefault(word.key, {}).update(word.patch)


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("start"), st.sampled_from(["DIRECTOR", "GROUP_LEADER"]), DAYS, st.none() | DAYS),
            st.tuples(st.just("end"), st.integers(0, 9), DAYS, st.none()),
        ),
        max_size=12,
    )
)
def test_an_office_of_one_has_one_holder_on_any_day(deeds: list[tuple[str, Any, date, date | None]]) -> None:
    terms: dict[str, dict[str, Any]] = {}
    for serial, (deed, which, day, until) in enumerate(deeds):
        try:
            if deed == "start":
                term = {"name": "示例", "office": which, "since": day, "until": until, "today": TODAY}
                said(terms, start_term(terms, str(serial), **term))
            else:
                said(terms, end_term(terms, str(which), until=day, reason=None, today=TODAY))
        except Problem:
            continue
    for one, other in combinations(terms.values(), 2):
        if one["office"] == other["office"] and OFFICES[one["office"]][1]:
            assert (one["until"] or "9") < other["since"] or (other["until"] or "9") < one["since"]


@given(
    st.lists(st.tuples(st.sampled_from(["enter", "confirm"]), st.sampled_from("abc"), st.integers(1, 2)), max_size=10)
)
def test_what_residents_see_was_confirmed_by_somebody_else_than_who_entered_it(
    deeds: list[tuple[str, str, int]],
) -> None:
    """And it is the very figure that was entered."""
    figures: dict[str, dict[str, Any]] = {}
    seen: dict[str, dict[str, Any]] = {}
    for deed, by, number in deeds:
        value, former = Decimal(number), figures.get("2024/POPULATION")
        try:
            if deed == "enter":
                words = enter_figure(
                    former, year=2024, figure="POPULATION", value=value, source="示例", by=by, today=TODAY
                )
            else:
                words = confirm_figure(former, value=value, by=by, name=None, today=TODAY)
        except Problem:
            continue
        said(figures, words)
        said(seen, [word for word in words if word.open])
    for figure in seen.values():
        assert figure["confirmed_by"] not in (None, figure["entered_by"])
        assert ("enter", figure["entered_by"], int(figure["value"])) in deeds


@given(st.lists(st.integers(0, 5), max_size=8), st.decimals(Decimal("0.01"), 10**6, places=2))
def test_what_is_taken_back_is_taken_back_once(reversals: list[int], amount: Decimal) -> None:
    bookings: dict[str, dict[str, Any]] = {}
    entry: dict[str, Any] = {"title": "示例", "booked_on": FIRST, "document": "示例", "today": TODAY}
    said(bookings, book("0", kind="INCOME", amount=amount, **entry))
    for serial, which in enumerate(reversals, start=1):
        try:
            said(bookings, reverse(bookings, str(serial), reverses=str(which), **entry))
        except Problem:
            continue
    assert sum(Decimal(one["amount"]) for one in bookings.values()) in (0, amount)


@pytest.mark.parametrize(
    ("rule", "days", "words"),
    [
        ("LUNAR", [3, 8], "农历逢三、八"),
        ("SOLAR", [0, 5], "公历逢五、十"),
        ("WEEKDAY", [1, 7], "每周一、日"),
        ("BRANCH", [1, 12], "逢子、亥日"),
    ],
)
def test_market_days_as_people_say_them(rule: str, days: list[int], words: str) -> None:
    assert market_in_words({"rule": rule, "days": days}) == words
