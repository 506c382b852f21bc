"""The errand's machine, mandates, and who is what in an errand: pure rules, written down here apart from the code."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.chassis.errors import Conflict, Forbidden, IllegalTransition, InvalidInput
from services.chassis.principal import Principal
from services.tickets.domain import errand as domain
from services.tickets.domain.errand import MOVES, Agent, Deed, Errand, Mandate, Part, State

NOON = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HOUSEHOLD = UUID(int=1)
GOING = ("REQUESTED", "MANDATED", "COLLECTED", "SUBMITTED", "OBTAINED", "DELIVERED")
WAY = {
    "assignErrand": {state: state for state in GOING},
    "mandateErrand": {
        "REQUESTED": "MANDATED",
        "MANDATED": "MANDATED",
        "COLLECTED": "COLLECTED",
        "SUBMITTED": "SUBMITTED",
    },
    "revokeMandate": {state: state for state in GOING},
    "collectDocuments": {"MANDATED": "COLLECTED", "COLLECTED": "COLLECTED", "SUBMITTED": "SUBMITTED"},
    "submitErrand": {"COLLECTED": "SUBMITTED"},
    "obtainErrand": {"SUBMITTED": "OBTAINED"},
    "deliverErrand": {"OBTAINED": "DELIVERED"},
    "finishErrand": {"DELIVERED": "DONE"},
    "cancelErrand": dict.fromkeys(GOING[:-1], "CANCELLED"),
}
EVERYBODY = frozenset({"PERSON", "AGENT", "HANDLER"})
AGENT = frozenset({"AGENT"})
PARTS = {
    "assignErrand": frozenset({"HANDLER"}),
    **dict.fromkeys(("mandateErrand", "revokeMandate", "cancelErrand"), EVERYBODY),
    **dict.fromkeys(("collectDocuments", "submitErrand", "obtainErrand", "deliverErrand"), AGENT),
    "finishErrand": frozenset({"AGENT", "HANDLER"}),
}


def an_errand(**changes: Any) -> Errand:
    fields: dict[str, Any] = {
        "ticket": uuid4(),
        "area": "3399991002000001",
        "household": HOUSEHOLD,
        "item": "land-certificate",
        "agent": "agent",
        "requested_by": "somebody",
        "requested_at": NOON,
        "moved_at": NOON,
    }
    return Errand(**fields | changes)


def a_mandate(**changes: Any) -> Mandate:
    fields: dict[str, Any] = {
        "id": uuid4(),
        "errand": uuid4(),
        "household": HOUSEHOLD,
        "agent": "agent",
        "items": ["land-certificate"],
        "valid_from": date(2026, 1, 5),
        "valid_to": date(2026, 1, 20),
        "form": "APP",
        "attachment": None,
        "signed_at": NOON,
        "signed_by": "person",
    }
    return Mandate(**fields | changes)


def test_the_deeds_are_these() -> None:
    assert {deed.name for deed in MOVES} == set(WAY) == set(PARTS)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("deed", MOVES, ids=lambda deed: deed.name)
def test_every_state_by_every_deed(state: State, deed: Deed) -> None:
    errand = an_errand(state=state)
    after = WAY[deed.name].get(state)
    if after is None:
        with pytest.raises(IllegalTransition) as refused:
            domain.moved(errand, deed, NOON)
        assert refused.value.extra["from"] == state
        assert deed.name not in refused.value.extra["allowed"]
        return
    moved = domain.moved(errand, deed, NOON + DAY)
    assert (moved.state, moved.version) == (after, 2)
    assert (moved.ended_at is not None) is (after in ("DONE", "CANCELLED"))
    assert deed.name in domain.allowed(state)


def test_a_state_is_not_left_before_it_was_reached() -> None:
    errand = an_errand(state=State.COLLECTED, moved_at=NOON)
    with pytest.raises(InvalidInput) as refused:
        domain.moved(errand, domain.SUBMIT, NOON - timedelta(seconds=1))
    assert refused.value.extra["rule"] == "occurred.order"


@pytest.mark.parametrize(
    ("at", "rule"),
    [
        (NOON + timedelta(seconds=1), "occurred.future"),
        (NOON - timedelta(days=7, seconds=1), "occurred.late"),
        (NOON.replace(tzinfo=None), "form"),
    ],
)
def test_what_a_phone_tells_late_has_bounds(at: datetime, rule: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        domain.occurred(at, NOON)
    assert refused.value.extra["rule"] == rule


@pytest.mark.parametrize("at", [None, NOON, NOON - timedelta(days=7)])
def test_what_a_phone_may_tell_late(at: datetime | None) -> None:
    assert domain.occurred(at, NOON) == (at or NOON)


PEOPLE = {
    "AGENT": Principal("agent", roles=frozenset({"errand_agent"})),
    "PERSON": Principal("person", roles=frozenset({"resident"}), household=str(HOUSEHOLD)),
    "HANDLER": Principal("cadre", roles=frozenset({"village_cadre"}), areas=("339999100200",)),
}
NOBODY = (
    Principal("agent-2", roles=frozenset({"errand_agent"}), areas=("339999100200",)),
    Principal("neighbour", roles=frozenset({"resident"}), household=str(UUID(int=2))),
    Principal("cadre", roles=frozenset({"village_cadre"}), areas=("339999100201",)),
    Principal("agent", roles=frozenset({"auditor"}), areas=("339999",)),
    Principal("officer", roles=frozenset({"department_officer"}), areas=("339999",), department="agriculture"),
)


@pytest.mark.parametrize("deed", MOVES, ids=lambda deed: deed.name)
def test_who_may_do_it(deed: Deed) -> None:
    errand = an_errand()
    for part, principal in PEOPLE.items():
        if part in PARTS[deed.name]:
            assert domain.role_for(deed, principal, errand) in principal.roles
        else:
            with pytest.raises(Forbidden):
                domain.role_for(deed, principal, errand)
    for principal in NOBODY:
        with pytest.raises(Forbidden):
            domain.role_for(deed, principal, errand)


def test_without_a_household_the_person_is_who_requested() -> None:
    errand = an_errand(household=None, requested_by="person")
    assert Part.PERSON in domain.parts_of(PEOPLE["PERSON"], errand)
    assert Part.PERSON not in domain.parts_of(replace(PEOPLE["PERSON"], subject="other"), errand)


@pytest.mark.parametrize(
    ("changes", "at", "rule"),
    [
        ({}, NOON, None),
        ({}, datetime(2026, 1, 20, 15, 59, 59, tzinfo=UTC), None),
        ({}, datetime(2026, 1, 20, 16, 0, tzinfo=UTC), "mandate.expired"),
        ({}, datetime(2026, 1, 4, 15, 59, 59, tzinfo=UTC), "mandate.early"),
        ({"agent": "agent-2"}, NOON, "mandate.agent"),
        ({"items": ["pension"]}, NOON, "mandate.items"),
        ({"revoked_at": NOON + DAY}, NOON + DAY, "mandate.revoked"),
        ({"revoked_at": NOON + DAY}, NOON + DAY - timedelta(seconds=1), None),
    ],
)
def test_what_a_mandate_allows(changes: dict[str, Any], at: datetime, rule: str | None) -> None:
    """Its last day ends at midnight in China, which is 16:00 UTC."""
    errand, mandate = an_errand(), a_mandate(**changes)
    if rule is None:
        domain.require_mandate(errand, mandate, at)
        return
    with pytest.raises(Conflict) as refused:
        domain.require_mandate(errand, mandate, at)
    assert refused.value.extra["rule"] == rule


def test_without_a_mandate_nothing_is_allowed() -> None:
    with pytest.raises(Conflict) as refused:
        domain.require_mandate(an_errand(), None, NOON)
    assert refused.value.extra["rule"] == "mandate.missing"


TODAY = date(2026, 1, 5)


@pytest.mark.parametrize(
    ("items", "first", "last"),
    [
        ([], TODAY, TODAY),
        (["a"] * 21, TODAY, TODAY),
        (["a"], TODAY, TODAY - DAY),
        (["a"], TODAY - 2 * DAY, TODAY - DAY),
        (["a"], TODAY - 8 * DAY, TODAY),
        (["a"], TODAY, TODAY + 366 * DAY),
    ],
)
def test_mandates_that_nobody_can_sign(items: list[str], first: date, last: date) -> None:
    with pytest.raises(InvalidInput):
        domain.check_mandate(items, first, last, TODAY)


def test_mandates_that_can_be_signed() -> None:
    domain.check_mandate(["a"], TODAY, TODAY, TODAY)
    domain.check_mandate(["a"] * 20, TODAY - 7 * DAY, TODAY + 358 * DAY, TODAY)


def test_the_least_loaded_agent_comes_first() -> None:
    agents = [
        Agent(subject="a", name="甲", areas=["339999100"]),
        Agent(subject="b", name="乙", areas=["339999100200"]),
        Agent(subject="c", name="丙", areas=["339999100201"]),
        Agent(subject="d", name="丁", areas=["339999"], items=["pension"]),
        Agent(subject="e", name="戊", areas=["339999"], items=["land-certificate"], active=False),
        Agent(subject="f", name="己", areas=["339999"], items=["land-certificate"]),
    ]
    found = domain.least_loaded(agents, {"a": 2, "b": 1, "f": 1, "c": 0}, an_errand())
    assert [agent.subject for agent in found] == ["b", "f", "a"]
    for subject, rule in (("c", "agent.area"), ("d", "agent.item"), ("e", "agent.active")):
        with pytest.raises(InvalidInput) as refused:
            domain.assigned(an_errand(), next(agent for agent in agents if agent.subject == subject), "agent")
        assert refused.value.extra["rule"] == rule
