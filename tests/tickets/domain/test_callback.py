"""How often somebody is called back."""

from datetime import UTC, datetime, timedelta

import pytest

from services.chassis.errors import Conflict
from services.tickets.domain.callback import Attempt, HotlineRule, Outcome, require_another, require_tried

RULE = HotlineRule(claim_minutes=15, attempts_a_day=3, unreached_after=3)
# 23:30 in China on the 5th.
LATE = datetime(2026, 1, 5, 15, 30, tzinfo=UTC)


def tries(*outcomes: Outcome, at: datetime = LATE) -> list[Attempt]:
    return [Attempt(at, outcome) for outcome in outcomes]


def test_the_day_is_chinas() -> None:
    thrice = tries(Outcome.BUSY, Outcome.BUSY, Outcome.UNREACHED)
    require_another(RULE, thrice[:2], LATE)
    with pytest.raises(Conflict) as refused:
        require_another(RULE, thrice, LATE + timedelta(minutes=29))
    assert refused.value.extra["rule"] == "callback.attempts_a_day"
    require_another(RULE, thrice, LATE + timedelta(minutes=31))


def test_nobody_reached_needs_three_attempts_that_reached_nobody() -> None:
    require_tried(RULE, tries(Outcome.UNREACHED, Outcome.BUSY, Outcome.UNREACHED))
    for attempts in (
        [],
        tries(Outcome.UNREACHED, Outcome.BUSY),
        tries(Outcome.UNREACHED, Outcome.REACHED, Outcome.BUSY),
    ):
        with pytest.raises(Conflict) as refused:
            require_tried(RULE, attempts)
        assert refused.value.extra["rule"] == "callback.unreached_after"
