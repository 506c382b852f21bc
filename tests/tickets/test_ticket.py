"""The state machine as data, against the way of a ticket as the tests wrote it down."""

from datetime import date, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.chassis.errors import IllegalTransition
from services.tickets.domain.ticket import MOVES, Deed, Status, Ticket, allowed, moved, number
from services.tickets.events import EVENTS
from tests.tickets.matters import LEGAL, MAY, NOON, PATH, a_ticket

BY_NAME = {deed.name: deed for deed in MOVES}


def test_the_deeds_are_the_way_that_was_agreed() -> None:
    assert {(deed.name, before.value): after.value for deed in MOVES for before, after in deed.moves.items()} == LEGAL
    assert [(deed.name, deed.past) for deed in MOVES] == [(name, past) for name, past, *_ in PATH]
    assert {deed.name: frozenset(deed.roles) for deed in MOVES} == MAY


def test_every_deed_has_its_event() -> None:
    verbs = [verb for _, noun, verb, _ in (event.type.split(".") for event in EVENTS) if noun == "ticket"]
    assert verbs == ["reported", *(past for _, past, *_ in PATH)]


@pytest.mark.parametrize("deed", MOVES, ids=lambda deed: deed.name)
@pytest.mark.parametrize("status", Status)
def test_each_deed_in_each_state(deed: Deed, status: Status) -> None:
    ticket = a_ticket(status=status, version=4)
    later = NOON + timedelta(hours=1)
    if (deed.name, status.value) in LEGAL:
        after = moved(ticket, deed, later)
        assert (after.status, after.version, after.updated_at) == (LEGAL[deed.name, status.value], 5, later)
        return
    with pytest.raises(IllegalTransition) as refused:
        moved(ticket, deed, later)
    possible = [name for name, before in LEGAL if before == status.value]
    assert refused.value.extra == {"from": status.value, "allowed": possible}
    assert all(name in refused.value.detail for name in [deed.name, status.value, *possible])


def test_a_number_says_the_day_in_china() -> None:
    assert number(date(2026, 1, 5), 7) == "T20260105-000007"
    assert number(date(2026, 12, 31), 1_234_567) == "T20261231-1234567"


class AnyWay(RuleBasedStateMachine):
    """Random deeds: only legal ones have an effect, the history is an unbroken chain, and what is allowed is what then works."""

    def __init__(self) -> None:
        super().__init__()
        self.ticket: Ticket = a_ticket()
        self.history: list[tuple[str, str]] = []

    @rule(deed=st.sampled_from(MOVES))
    def any_deed(self, deed: Deed) -> None:
        before = self.ticket
        later = before.updated_at + timedelta(minutes=1)
        if (deed.name, before.status.value) not in LEGAL:
            with pytest.raises(IllegalTransition):
                moved(before, deed, later)
            return
        self.ticket = moved(before, deed, later)
        self.history.append((before.status, self.ticket.status))

    @precondition(lambda self: bool(allowed(self.ticket.status)))
    @rule(data=st.data())
    def a_deed_that_is_allowed(self, data: st.DataObject) -> None:
        before = self.ticket
        deed = BY_NAME[data.draw(st.sampled_from(allowed(before.status)))]
        self.ticket = moved(before, deed, before.updated_at + timedelta(minutes=1))
        self.history.append((before.status, self.ticket.status))

    @invariant()
    def the_history_leads_here(self) -> None:
        states = ["DRAFTED", *(after for _, after in self.history)]
        assert [before for before, _ in self.history] == states[:-1]
        assert states[-1] == self.ticket.status
        assert self.ticket.version == len(states)
        assert (not allowed(self.ticket.status)) == (self.ticket.status is Status.CLOSED)


TestAnyWay = AnyWay.TestCase
