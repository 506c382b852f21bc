"""Missions' state machine and what is checked of teams, windows and activities."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from services.chassis.errors import Conflict, Forbidden, IllegalTransition, InvalidInput
from services.chassis.principal import Principal
from services.tickets.domain.team import (
    ACCEPT,
    CANCEL,
    DEEDS,
    ENDS,
    FINISH,
    Activity,
    Held,
    Member,
    Mission,
    State,
    check_activity,
    check_members,
    ended,
    moved,
    require_organiser,
    require_part,
    window,
)

NOW = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
TODAY = date(2026, 1, 5)
KEY = UUID(int=1)
MISSION = Mission(
    id=KEY,
    ticket=KEY,
    area="339999100200",
    team="t",
    members=["a", "b"],
    skill="power-repair",
    level=1,
    begins=NOW,
    ends=NOW + timedelta(hours=4),
    kilometres=1.0,
    basis="PLACE",
    offered_by="cadre",
    offered_at=NOW,
)
LEGAL = {
    ("acceptMission", "OFFERED", "ACCEPTED"),
    ("declineMission", "OFFERED", "DECLINED"),
    ("declineMission", "ACCEPTED", "DECLINED"),
    ("arriveAtMission", "ACCEPTED", "ON_SITE"),
    ("finishMission", "ON_SITE", "DONE"),
    ("finishMission", "ON_SITE", "FAILED"),
    ("finishMission", "ACCEPTED", "FAILED"),
    ("cancelMission", "OFFERED", "CANCELLED"),
    ("cancelMission", "ACCEPTED", "CANCELLED"),
}


def test_every_deed_in_every_state() -> None:
    done = set()
    for deed, before, after in product(DEEDS, State, State):
        mission = replace(MISSION, state=before)
        reason = next(iter(deed.reasons.get(after, {})), None)
        if (deed.name, before, after) not in LEGAL:
            with pytest.raises(IllegalTransition):
                moved(mission, deed, after, reason, "a", NOW)
            continue
        result = moved(mission, deed, after, reason, "a", NOW)
        assert (result.version, result.ended_at is not None) == (2, after in ENDS)
        done.add((deed.name, before.value, after.value))
    assert done == LEGAL


def test_a_reason_is_given_where_one_is_asked_for() -> None:
    there = replace(MISSION, state=State.ON_SITE)
    assert moved(there, FINISH, State.FAILED, "ABSENT", "a", NOW).reason == "ABSENT"
    for to, reason in ((State.FAILED, None), (State.FAILED, "SOLVED"), (State.DONE, "ABSENT")):
        with pytest.raises(InvalidInput):
            moved(there, FINISH, to, reason, "a", NOW)


def test_who_was_sent_answers_and_who_is_in_charge_cancels() -> None:
    cadre = Principal("cadre", roles=frozenset({"village_cadre"}), areas=("339999100200",))
    require_part(ACCEPT, Principal("a"), MISSION)
    require_part(CANCEL, cadre, MISSION)
    elsewhere = replace(cadre, areas=("339999100201",))
    for deed, principal in ((ACCEPT, cadre), (ACCEPT, Principal("c")), (CANCEL, Principal("a")), (CANCEL, elsewhere)):
        with pytest.raises(Forbidden):
            require_part(deed, principal, MISSION)


def test_the_time_of_a_mission() -> None:
    usual = timedelta(hours=4)
    assert window(None, None, usual, NOW) == (NOW, NOW + usual)
    later = NOW + timedelta(days=1)
    assert window(later, None, usual, NOW) == (later, later + usual)
    for begins, ends, field in (
        (NOW - timedelta(days=1), None, "begins"),
        (NOW + timedelta(days=91), None, "begins"),
        (NOW.replace(tzinfo=None), None, "begins"),
        (later, later, "ends"),
        (later, later + timedelta(days=8), "ends"),
    ):
        with pytest.raises(InvalidInput) as refused:
            window(begins, ends, usual, NOW)
        assert refused.value.extra["field"] == field


@pytest.mark.parametrize(
    ("changes", "rule"),
    [({"subject": "a"}, "unique"), ({"until": date(2023, 1, 1)}, "order"), ({"skills": {"crops": 4}}, "range")],
)
def test_members_that_will_not_do(changes: dict[str, Any], rule: str) -> None:
    one = Member(subject="a", name="示例甲", skills={"crops": 1}, since=date(2024, 1, 1))
    check_members([one, replace(one, subject="b")])
    with pytest.raises(InvalidInput) as refused:
        check_members([one, replace(one, **{"subject": "b", **changes})])
    assert (refused.value.extra["field"].startswith("members[1]"), refused.value.extra["rule"]) == (True, rule)


def test_activities() -> None:
    check_activity(TODAY, time(8), time(9), TODAY)
    for day, begins, ends in ((date(2025, 1, 1), time(8), time(9)), (TODAY, time(9), time(9))):
        with pytest.raises(InvalidInput):
            check_activity(day, begins, ends, TODAY)
    planned = Activity(
        id=KEY,
        team="t",
        area="339999",
        place="p",
        topic="t",
        day=TODAY,
        begins=time(11),
        ends=time(17),
        planned_by="a",
        planned_at=NOW,
    )
    held = ended(planned, Held.HELD, "a", NOW, people=3)
    assert (held.state, held.people, held.version) == (Held.HELD, 3, 2)
    with pytest.raises(Conflict):
        ended(held, Held.CANCELLED, "a", NOW, reason="x")
    with pytest.raises(Conflict):
        ended(replace(planned, begins=time(13)), Held.HELD, "a", NOW)


def test_who_organises_activities() -> None:
    members = [Member(subject="a", name="示例甲", skills={}, since=date(2024, 1, 1), until=TODAY)]
    require_organiser(Principal("a"), "339999100200", members, TODAY)
    require_organiser(
        Principal("c", roles=frozenset({"township_clerk"}), areas=("339999100",)), "339999100200", members, TODAY
    )
    for principal, day in ((Principal("c"), TODAY), (Principal("a"), TODAY + timedelta(1))):
        with pytest.raises(Forbidden):
            require_organiser(principal, "339999100200", members, day)
