"""The ledger's figures from events alone: whoever keeps the events can count it again. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from services.liaison.domain.suggestion import State, day_of

FIGURES = ("raised", "accepted", "answered", "solved")


@dataclass(frozen=True)
class Told:
    """What an event of a suggestion says: the verb of its type, the states before and after, and when."""

    suggestion: UUID
    area: str
    verb: str
    state: str
    previous: str | None
    at: datetime


@dataclass
class Line:
    """The days of one suggestion: `solved` stands for as long as it is solved, the others are the first."""

    area: str
    days: dict[str, date] = field(default_factory=dict)

    def note(self, event: Told) -> None:
        day = day_of(event.at)
        if event.verb == "raised":
            self.days["raised"] = day
        if event.state == State.ACCEPTED:
            self.days.setdefault("accepted", day)
        if event.verb == "answered":
            self.days.setdefault("answered", day)
        if event.state != State.SOLVED:
            self.days.pop("solved", None)
        elif event.previous != State.SOLVED:
            self.days["solved"] = day


def ledger(events: Iterable[Told]) -> Mapping[UUID, Line]:
    """A line for each suggestion, of its events in their order."""
    lines: dict[UUID, Line] = {}
    for event in events:
        lines.setdefault(event.suggestion, Line(event.area)).note(event)
    return lines


def figures(lines: Iterable[Line], area: str, first: date, last: date) -> Mapping[str, int]:
    """How many suggestions of an area were raised, accepted, answered and solved in a period, both days included."""
    counted: Counter[str] = Counter()
    for line in lines:
        if line.area.startswith(area):
            counted.update(figure for figure, day in line.days.items() if first <= day <= last)
    return {figure: counted[figure] for figure in FIGURES}
