"""Figures of what was held and suggested (工作统计), each with the query that lists what it counts. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.chassis.errors import Forbidden, InvalidInput
from services.chassis.principal import Principal
from services.liaison.domain.role import HOSTS, Role

MOST_DAYS = 366
READERS = HOSTS | {Role.AUDITOR}
"""Who reaches all that is counted in their areas; others would be told less than there is."""


class By(StrEnum):
    """A line for all, for each month, or for each township or village of the area."""

    NONE = "NONE"
    MONTH = "MONTH"
    TOWNSHIP = "TOWNSHIP"
    VILLAGE = "VILLAGE"


@dataclass(frozen=True)
class Listing:
    """The query whose list a figure counts, or sums up where it counts people, with what it asks for beside `from`, `to` and the area.

    `area` is the name of the argument for that.
    """

    query: str
    arguments: Mapping[str, str]
    area: str = "areaCode"


def _sessions(kind: str, state: str) -> Listing:
    return Listing("sessions", {"kind": kind, "state": state})


def _suggestions(deed: str) -> Listing:
    return Listing("suggestions", {"deed": deed})


LISTINGS: Mapping[str, Listing] = {
    "gatheringsHeld": _sessions("GATHERING", "HELD"),
    "gatheringsSkipped": _sessions("GATHERING", "SKIPPED"),
    "gatheringPeople": _sessions("GATHERING", "HELD"),
    "dialoguesHeld": _sessions("DIALOGUE", "HELD"),
    "dialoguesSkipped": _sessions("DIALOGUE", "SKIPPED"),
    "dialoguePeople": _sessions("DIALOGUE", "HELD"),
    "dutiesSigned": Listing("duties", {"attendance": "SIGNED"}),
    "dutiesMissed": Listing("duties", {"attendance": "MISSED"}),
    "stallsHeld": Listing("stalls", {"state": "HELD"}, area="area"),
    "stallPeople": Listing("stalls", {"state": "HELD"}, area="area"),
    "suggestionsRaised": _suggestions("RAISED"),
    "suggestionsAccepted": _suggestions("ACCEPTED"),
    "suggestionsAnswered": _suggestions("ANSWERED"),
    "suggestionsSolved": _suggestions("SOLVED"),
    "mattersRaised": Listing("raisedMatters", {"deed": "RAISED"}),
    "mattersSolved": Listing("raisedMatters", {"deed": "SOLVED"}),
}
"""By figure, in the order in which they are told."""


def require_reader(principal: Principal, area: str) -> None:
    """Raises Forbidden for whoever would be told less than there is."""
    if not principal.has(READERS) or not principal.covers(area):
        raise Forbidden("liaisonFigures is for who hosts in the area, and for its auditors")


def require_period(first: date, last: date) -> None:
    """Raises InvalidInput unless the days are in order and not too many."""
    if not 0 <= (last - first).days < MOST_DAYS:
        raise InvalidInput(
            f"to must not be before from, and at most {MOST_DAYS} days may be counted", field="to", rule="range"
        )
