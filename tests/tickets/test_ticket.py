"""The state machine as data, against the way of a ticket as the tests wrote it down."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from services.chassis.errors import IllegalTransition
from services.tickets.domain.ticket import (
    CALL_BACK,
    DEEDS,
    MOVES,
    WITHDRAW,
    Code,
    Deed,
    Status,
    changes,
    moved,
    number,
    sent,
)
from services.tickets.events import EVENTS
from tests.tickets.matters import ENDS, LEGAL, MAY, NOON, PATH, STAFF, WAYS, WITH_DEPARTMENT, a_ticket

BY_NAME = {deed.name: deed for deed in MOVES}
LATER = NOON + timedelta(hours=1)


def test_the_deeds_are_the_way_that_was_agreed() -> None:
    assert {deed.name: {str(before): str(after) for before, after in deed.moves.items()} for deed in MOVES} == WAYS
    assert [deed.name for deed in MOVES] == list(WAYS)
    assert {(deed.name, deed.past) for deed in DEEDS} >= {(name, past) for name, past, *_ in PATH}
    assert {deed.name: frozenset(deed.roles) for deed in MOVES} == MAY
    assert {deed.name: frozenset(deed.own) for deed in MOVES if deed.own} == {
        CALL_BACK.name: {"resident"},
        WITHDRAW.name: STAFF | {"resident"},
    }


def test_every_deed_has_its_event_and_its_words() -> None:
    verbs = [verb for _, noun, verb, _ in (event.type.split(".") for event in EVENTS) if noun == "ticket"]
    assert Counter(verbs) == Counter(deed.past for deed in DEEDS)
    codes: list[Code] = [code for kind in Code.__subclasses__() for code in kind]
    assert all([*(code.words.strip() for code in codes), *(deed.words.strip() for deed in DEEDS)])


@pytest.mark.parametrize("deed", MOVES, ids=lambda deed: deed.name)
@pytest.mark.parametrize("status", Status, ids=str)
def test_each_deed_in_each_state(deed: Deed, status: Status) -> None:
    """It moves, or the error names what else is possible. (Here nobody is dissatisfied: nothing can be reopened.)"""
    ticket = a_ticket(status=status, department="agriculture", version=4)
    possible = [name for name, before in LEGAL if before == status.value and name != "reopenTicket"]
    if deed.name in possible:
        after = moved(ticket, deed, LATER)
        assert (after.status, after.version, after.updated_at) == (LEGAL[deed.name, status.value], 5, LATER)
        if after.status is not Status.AWAITING:
            assert (after.awaiting_reason, after.awaiting_until) == (None, None)
        return
    with pytest.raises(IllegalTransition) as refused:
        moved(ticket, deed, LATER)
    extra = refused.value.extra
    assert (extra["from"], extra["allowed"]) == (status.value, possible)
    assert all(name in refused.value.detail for name in [deed.name, status.value, *possible])


def test_an_error_names_only_what_is_left_to_the_caller() -> None:
    with pytest.raises(IllegalTransition) as refused:
        moved(a_ticket(), BY_NAME["closeTicket"], LATER, may=lambda deed: deed is WITHDRAW)
    assert refused.value.extra["allowed"] == ["withdrawTicket"]


CONDITIONS: tuple[tuple[str, dict[str, Any], str | None], ...] = (
    ("dispatchTicket", {"status": "RETURNED", "returns": 1}, None),
    ("dispatchTicket", {"status": "RETURNED", "returns": 2}, "ticket.returned_twice"),
    ("ruleTicket", {"status": "RETURNED", "returns": 2}, None),
    ("ruleTicket", {"status": "RETURNED", "returns": 1}, None),
    ("returnTicket", {"status": "DISPATCHED", "ruled": "BY_LAW"}, "ticket.ruled"),
    ("returnTicket", {"status": "SIGNED", "returns": 3}, None),
    ("reopenTicket", {"status": "CALLED_BACK"}, "ticket.dissatisfied"),
    ("reopenTicket", {"status": "CALLED_BACK", "satisfaction": "SATISFIED"}, "ticket.dissatisfied"),
    ("reopenTicket", {"status": "CALLED_BACK", "satisfaction": "DISSATISFIED"}, None),
    ("reopenTicket", {"status": "CALLED_BACK", "superior_satisfaction": "DISSATISFIED"}, None),
    (
        "reopenTicket",
        {"status": "CALLED_BACK", "satisfaction": "DISSATISFIED", "reopened": True},
        "ticket.reopened_once",
    ),
    ("closeTicket", {"status": "CALLED_BACK", "satisfaction": "DISSATISFIED"}, "ticket.reopen_first"),
    ("closeTicket", {"status": "CALLED_BACK", "superior_satisfaction": "DISSATISFIED"}, "ticket.reopen_first"),
    ("closeTicket", {"status": "CALLED_BACK", "satisfaction": "DISSATISFIED", "reopened": True}, None),
    ("closeTicket", {"status": "CALLED_BACK", "satisfaction": "UNREACHED"}, None),
)
"""(deed, ticket, the rule that forbids it)"""


@pytest.mark.parametrize(("deed", "columns", "rule"), CONDITIONS)
def test_conditions(deed: str, columns: dict[str, Any], rule: str | None) -> None:
    ticket = a_ticket(department="water", **{**columns, "status": Status(columns["status"])})
    if rule is None:
        assert moved(ticket, BY_NAME[deed], LATER).status == LEGAL[deed, columns["status"]]
        return
    with pytest.raises(IllegalTransition) as refused:
        moved(ticket, BY_NAME[deed], LATER)
    assert refused.value.extra["rule"] == rule
    assert deed not in refused.value.extra["allowed"]


def test_every_condition_was_tried_both_ways() -> None:
    declared = {(deed.name, condition.rule) for deed in MOVES for condition in deed.conditions}
    assert declared == {(deed, rule) for deed, _, rule in CONDITIONS if rule}
    assert {deed for deed, _ in declared} <= {deed for deed, _, rule in CONDITIONS if rule is None}


@pytest.mark.parametrize("status", Status, ids=str)
def test_every_open_matter_has_one_owner(status: Status) -> None:
    ticket = a_ticket(status=status, department="water")
    assert ticket.owner == ("department/water" if status in WITH_DEPARTMENT else "area/339999100200")
    assert any(before == status for _, before in LEGAL) == (status not in ENDS)


def test_a_ruling_binds_the_department_that_it_named() -> None:
    ruled = a_ticket(department="water", ruled="BY_LAW", assignee="a")
    assert (sent(ruled, "water", None).ruled, sent(ruled, "power", "b").ruled) == ("BY_LAW", None)
    assert sent(ruled, "water", None).assignee is None


def test_the_history_tells_what_changed() -> None:
    before = a_ticket(department="water", assignee="a")
    assert changes(before, before) == {}
    assert changes(before, sent(before, "power", None)) == {"department": "power", "assignee": None}


def test_a_number_says_the_day_in_china() -> None:
    assert number(date(2026, 1, 5), 7) == "T20260105-000007"
    assert number(date(2026, 12, 31), 1_234_567) == "T20261231-1234567"
