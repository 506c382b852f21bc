"""Who may mediate between whom, and what follows from an agreement."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from services.chassis.errors import Conflict, Forbidden, IllegalTransition, InvalidInput, NotFound
from services.chassis.principal import Principal
from services.tickets.domain.mediation import (
    MOVES,
    Mediation,
    Mediator,
    Obligation,
    Party,
    Side,
    State,
    check_day,
    check_mediators,
    check_obligations,
    check_parties,
    check_party_forms,
    check_time,
    confirm_by,
    moved,
    party_of,
    require_dispute,
    require_mediator,
)

NOW = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
TODAY = date(2026, 1, 5)
ONE, OTHER, PERSON = UUID(int=1), UUID(int=2), UUID(int=3)
CASE = Mediation(ticket=UUID(int=9), area="339999100200", opened_by="c", opened_at=NOW)
MEDIATOR = Mediator(subject="m", name="示例老娘舅", areas=["339999100"], committee="示例委员会")
LEGAL = {
    *((name, "RUNNING", "RUNNING") for name in ("reviseMediation", "noteMediationSession")),
    *(("draftAgreement", state, state) for state in ("RUNNING", "AGREED", "PARTLY")),
    *(("concludeMediation", "RUNNING", to) for to in ("AGREED", "PARTLY", "FAILED")),
    *(("concludeMediation", state, to) for state in ("AGREED", "PARTLY") for to in ("AGREED", "PARTLY")),
    *(("performObligation", state, state) for state in ("AGREED", "PARTLY")),
}


def party(side: str, household: UUID | None = None, person: UUID | None = None, name: str | None = None) -> Party:
    return Party(id=UUID(int=7), side=Side(side), household=household, person=person, name=name)


def test_every_deed_in_every_state() -> None:
    done = set()
    for deed, before, after in product(MOVES, State, State):
        if (deed.name, before, after) not in LEGAL:
            with pytest.raises(IllegalTransition):
                moved(replace(CASE, state=before), deed, after)
            continue
        result = moved(replace(CASE, state=before), deed, after)
        assert (result.state, result.version) == (after, 2)
        done.add((deed.name, before.value, after.value))
    assert done == LEGAL


def test_only_disputes_are_mediated() -> None:
    require_dispute(["land-dispute", "dispute"])
    for path in (["road", "infrastructure"], []):
        with pytest.raises(Conflict):
            require_dispute(path)


@pytest.mark.parametrize(
    ("parties", "rule"),
    [
        ([party("APPLICANT", ONE)], "size"),
        ([party("APPLICANT", ONE), party("APPLICANT", OTHER)], "mediation.sides"),
        ([party("APPLICANT", ONE), party("RESPONDENT")], "required"),
        ([party("APPLICANT", ONE), party("RESPONDENT", person=PERSON, name="示例")], "required"),
        ([party("APPLICANT", ONE), party("RESPONDENT", OTHER), party("RESPONDENT", OTHER)], "unique"),
        ([party("APPLICANT", ONE), party("RESPONDENT", ONE, PERSON)], "mediation.sides"),
    ],
)
def test_parties_that_will_not_do(parties: list[Party], rule: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_parties(parties)
    assert refused.value.extra["rule"] == rule


def test_parties_of_one_household_and_from_outside() -> None:
    check_parties([party("APPLICANT", ONE, PERSON), party("RESPONDENT", ONE, OTHER), party("OTHER", name="示例")])
    with pytest.raises(InvalidInput):
        check_party_forms([party("OTHER", ONE)], [party("APPLICANT", ONE)])


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"active": False}, "mediator.active"),
        ({"areas": ["339999101"]}, "mediator.area"),
        ({"household": ONE}, "mediator.conflict"),
    ],
)
def test_nobody_mediates_elsewhere_or_for_their_own(changes: dict[str, Any], rule: str) -> None:
    check_mediators([replace(MEDIATOR, household=OTHER)], CASE.area, {ONE})
    with pytest.raises(InvalidInput) as refused:
        check_mediators([MEDIATOR, replace(MEDIATOR, **changes)], CASE.area, {ONE})
    assert (refused.value.extra["field"], refused.value.extra["rule"]) == ("mediators[1]", rule)
    with pytest.raises(InvalidInput):
        check_mediators([], CASE.area, {ONE})


def test_deeds_are_for_the_cases_mediators() -> None:
    mediator = Principal("m", roles=frozenset({"mediator"}), areas=("339999100",))
    require_mediator(mediator, CASE, {"m"}, {ONE})
    for principal, mediators in (
        (mediator, {"n"}),
        (replace(mediator, areas=("339999101",)), {"m"}),
        (replace(mediator, roles=frozenset({"village_cadre"})), {"m"}),
        (replace(mediator, household=str(ONE)), {"m"}),
    ):
        with pytest.raises(Forbidden):
            require_mediator(principal, CASE, mediators, {ONE})


def test_days() -> None:
    """30 days, the day of the signature not counted: People's Mediation Law art. 33, Civil Code art. 201."""
    assert confirm_by(TODAY) == date(2026, 2, 4)
    assert check_day(TODAY, TODAY, "x") == TODAY
    for day in (TODAY + timedelta(1), TODAY - timedelta(31)):
        with pytest.raises(InvalidInput):
            check_day(day, TODAY, "x")
    for at in (NOW + timedelta(seconds=1), NOW - timedelta(days=32), NOW.replace(tzinfo=None)):
        with pytest.raises(InvalidInput):
            check_time(at, NOW, "x")
    owed = Obligation(party=ONE, side=Side.APPLICANT, what="x", due_on=TODAY)
    check_obligations([owed], TODAY)
    for due in (TODAY - timedelta(31), TODAY + timedelta(3661)):
        with pytest.raises(InvalidInput) as refused:
            check_obligations([owed, replace(owed, due_on=due)], TODAY)
        assert refused.value.extra["field"] == "obligations[1].dueOn"


def test_only_parties_owe() -> None:
    assert party_of({ONE: Side.OTHER}, ONE, "x") is Side.OTHER
    with pytest.raises(NotFound):
        party_of({ONE: Side.OTHER}, OTHER, "x")
