"""To whom contacts are shown, for what, and how often."""

from datetime import UTC, datetime, timedelta

import pytest

from services.chassis.disclosure import Purpose, require_purpose, require_within_limits
from services.chassis.errors import Forbidden, TooManyRequests
from services.tickets.domain.disclosure import ROLES, RULES

NOW = datetime(2026, 1, 5, 4, tzinfo=UTC)
ALLOWED = {
    Purpose.SERVICE: "grid_worker village_cadre township_clerk window_clerk hotline_agent department_officer errand_agent",
    Purpose.VERIFICATION: "village_cadre township_clerk",
    Purpose.EMERGENCY: (
        "grid_worker village_cadre township_clerk window_clerk hotline_agent department_officer errand_agent city_admin"
    ),
    Purpose.MEDIATION: "mediator village_cadre",
}


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("role", sorted({*ROLES, "resident", "auditor"}))
def test_the_table_of_roles_and_purposes(purpose: Purpose, role: str) -> None:
    if role in ALLOWED.get(purpose, "").split():
        require_purpose(RULES, frozenset({role}), purpose)
    else:
        with pytest.raises(Forbidden):
            require_purpose(RULES, frozenset({role}), purpose)


def test_limits_by_hour_and_day() -> None:
    hour = [NOW - timedelta(minutes=minute) for minute in range(30)]
    require_within_limits(NOW, hour[1:])
    with pytest.raises(TooManyRequests) as refused:
        require_within_limits(NOW, hour)
    assert refused.value.extra["retryAfter"] == 31 * 60 + 1
    day = [NOW - timedelta(hours=2, minutes=minute) for minute in range(200)]
    with pytest.raises(TooManyRequests):
        require_within_limits(NOW, day)
    require_within_limits(NOW + timedelta(hours=19), day)
