"""What is checked of the reads of figures before the read model answers them."""

from datetime import date
from typing import Any

from services.chassis.errors import Forbidden, InvalidInput
from services.chassis.service import Asking
from services.tickets.domain.queue import PER
from services.tickets.domain.role import READERS

MOST_DAYS = 400


async def prepare_figures(asking: Asking) -> dict[str, Any]:
    """Of at most 400 days. Raises Forbidden for who is not on staff, InvalidInput."""
    if not asking.principal.has(frozenset(READERS)):
        raise Forbidden(f"queueFigures is for the roles: {', '.join(READERS)}")
    given = {name: value for name, value in asking.args.items() if value is not None}
    since, until = _day(given.get("since"), "since"), _day(given.get("until"), "until")
    if not 0 <= (until - since).days < MOST_DAYS:
        raise InvalidInput(
            f"until must not be before since, nor {MOST_DAYS} days or more after it", field="until", rule="range"
        )
    if given.get("per") not in PER:
        raise InvalidInput(f"per must be one of {', '.join(PER)}", field="per", rule="known.per")
    return given


def _day(value: Any, field: str) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise InvalidInput(f"{field} must be a day, such as 2026-01-31", field=field, rule="form") from None


PREPARE = {"queueFigures": prepare_figures}
