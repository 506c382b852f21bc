"""What is told of a call adds up to the same, in whatever order it comes."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import uuid4

import pytest

from services.chassis.vault import Sealed
from services.tickets.domain.call import Call, Direction, Notice, Recording, call_id, completed

RUNG = datetime(2026, 1, 5, 4, tzinfo=UTC)
KEY = uuid4()
NOTHING = Call(id=KEY, trunk="county-1", area="339999", told_at=RUNG)
TOLD = (
    Call(id=KEY, trunk="county-1", area="339999", told_at=RUNG, rung_at=RUNG, number=Sealed(b"s", b"i", "138****5678")),
    Call(id=KEY, trunk="county-1", area="339999", told_at=RUNG, answered_at=RUNG + timedelta(seconds=9), agent="a"),
    Call(
        id=KEY,
        trunk="county-1",
        area="339999",
        told_at=RUNG,
        ended_at=RUNG + timedelta(minutes=3),
        notice=Notice.PLAYED,
    ),
    Call(
        id=KEY,
        trunk="county-1",
        area="339999",
        told_at=RUNG,
        recording=Recording("s3://r/1", b"0" * 32),
        transcript="示例",
    ),
)


def test_the_order_and_repeats_do_not_matter() -> None:
    outcomes = set()
    for order in permutations(TOLD):
        call = NOTHING
        for more in (*order, *order):
            call = completed(call, more)
        outcomes.add(call)
    assert len(outcomes) == 1
    (call,) = outcomes
    assert (call.rung_at, call.agent, call.notice, call.transcript) == (RUNG, "a", Notice.PLAYED, "示例")


def test_what_is_known_stands_and_what_was_forgotten_stays_so() -> None:
    known = completed(NOTHING, TOLD[0])
    late = completed(
        known, Call(id=KEY, trunk="county-1", area="339999", told_at=RUNG, rung_at=RUNG + timedelta(hours=1))
    )
    assert late == known
    forgotten = Call(id=KEY, trunk="county-1", area="339999", told_at=RUNG, forgotten_at=RUNG + timedelta(days=180))
    again = forgotten
    for more in TOLD:
        again = completed(again, more)
    assert (again.number, again.recording, again.transcript) == (None, None, None)
    assert again.ended_at == RUNG + timedelta(minutes=3)


@pytest.mark.parametrize("ways", [(Direction.OUT, Direction.IN), (Direction.IN, Direction.OUT)])
def test_a_call_that_goes_out_once_does(ways: tuple[Direction, Direction]) -> None:
    first, second = (
        Call(id=KEY, trunk="county-1", area="339999", told_at=RUNG, direction=direction) for direction in ways
    )
    assert completed(first, second).direction is Direction.OUT


def test_a_call_is_the_same_for_one_trunk_only() -> None:
    assert call_id("county-1", "7") == call_id("county-1", "7")
    assert len({call_id("county-1", "7"), call_id("county-2", "7"), call_id("county-1", "8")}) == 3
