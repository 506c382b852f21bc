"""Whatever deeds are done, on whatever days: what must be true is true on every day. And each rule is what makes it so.

SANMIN_TEST_EXAMPLES sets how many histories are tried (100 by default).
"""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.archive.domain import invariants
from services.archive.domain.history import History
from services.archive.domain.id_number import RuleBroken, facts_of
from services.archive.domain.member import Member
from services.archive.domain.relation import HEAD, SEX_OF
from tests.archive.domain.histories import ACTIONS, DAYS, ENDANGERING, World

EXAMPLES = int(os.environ.get("SANMIN_TEST_EXAMPLES", "100"))
TRIES = 2_000
"""Of histories, before a rule counts as one that nothing would miss."""
RULES = (*invariants.OF_MEMBERS, *invariants.OF_SHEETS)
Contents = dict[date, tuple[Counter[UUID], Counter[tuple[UUID, object]], Counter[UUID]]]


def faults(histories: dict[UUID, History]) -> Iterator[str]:
    """The names of the rules that are broken on some day, found without the rules."""
    since: dict[tuple[UUID, UUID], date] = {}
    for day in DAYS:
        sheets = [sheet for history in histories.values() if (sheet := history.on(day)) is not None]
        registered = Counter(member.id for sheet in sheets for member in sheet.members)
        if any(times > 1 for times in registered.values()):
            yield "membership.one_household"
        for sheet in sheets:
            heads = [member for member in sheet.members if member.relation == HEAD]
            if sheet.closed_on is None and len(heads) != 1:
                yield "household.one_head"
            if sheet.closed_on is not None and sheet.members:
                yield "household.closed_empty"
            before = histories[sheet.id].on(day - timedelta(days=1))
            for member in sheet.members:
                stayed = before is not None and member.id in {one.id for one in before.members}
                first = since[sheet.id, member.id] = since[sheet.id, member.id] if stayed else day
                if member.birth_date is not None and first < member.birth_date:
                    yield "membership.before_birth"
                if member.died_on is not None and member.died_on <= day:
                    yield "membership.after_death"
                if {member.sex, SEX_OF.get(member.relation)} == {"1", "2"}:
                    yield "relation.sex"
                if not number_stands(member):
                    yield "id_number.gb11643"


def number_stands(member: Member) -> bool:
    if member.id_number is None or member.id_number_override is not None:
        return True
    try:
        facts = facts_of(member.id_number)
    except RuleBroken:
        return False
    return facts.birth_date == member.birth_date and {facts.sex, member.sex} != {"1", "2"}


def contents(histories: dict[UUID, History]) -> Contents:
    """What there is on each day, on whatever sheet."""
    result: Contents = {}
    for day in DAYS:
        sheets = [sheet for history in histories.values() if (sheet := history.on(day)) is not None]
        result[day] = (
            Counter(member.id for sheet in sheets for member in sheet.members),
            Counter((plot.id, plot.contract_mu) for sheet in sheets for plot in sheet.plots),
            Counter(item.id for sheet in sheets for item in sheet.items),
        )
    return result


def history_of(data: st.DataObject, wanted: str | None = None) -> None:
    """Does deeds at random; fails when a rule is broken, of all or of the one that is wanted."""
    world = World(data.draw, ENDANGERING.get(wanted or "", ACTIONS))
    world.open()
    for _ in range(data.draw(st.integers(1, 6))):
        before = dict(world.histories)
        told = world.do()
        if told is None:
            continue
        broken = set(faults(world.histories))
        if told.outcome.conserves and contents(world.histories) != contents(before):
            broken.add("sheets.conserved")
        assert not (broken & {wanted} if wanted else broken)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_what_must_be_true_is_true_on_every_day(data: st.DataObject) -> None:
    history_of(data)


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_is_needed(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the rule there is a history that breaks it."""
    table = invariants.OF_MEMBERS if rule in invariants.OF_MEMBERS else invariants.OF_SHEETS
    monkeypatch.delitem(table, rule)
    search = settings(
        max_examples=TRIES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    with pytest.raises(AssertionError):
        search(given(st.data())(lambda data: history_of(data, rule)))()
