"""Holds what happened against what was written. Pure: rows in, findings out.

A repeat in a log or on the way to the sink is allowed (delivery is at least once); a second effect, a gap, a lost or invented event is not.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Line:
    """One event as a ledger has it. `place` counts from 1 without a gap where the ledger promises that: a sequence or a position."""

    event: UUID
    subject: str
    number: int
    place: int | None = None


@dataclass
class Findings:
    """Counts of what is wrong with one ledger, and of what was allowed to happen; `examples` name a few events a kind."""

    lines: int
    repeats: int = 0
    lost: int = 0
    doubles: int = 0
    ghosts: int = 0
    disorders: int = 0
    gaps: int = 0
    changed: int = 0
    examples: dict[str, list[str]] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubles or self.ghosts or self.disorders or self.gaps or self.changed)


EXAMPLES = 5


def check(written: Sequence[Line], ledger: Sequence[Line], *, once: bool, placed: bool = False) -> Findings:
    """Holds a ledger, in its own order, against what was written.

    - lost: written, and not in the ledger; ghosts: in the ledger, and never written
    - doubles: more than one line for an event, where the ledger must have each `once`; else they are repeats
    - disorders: a subject's events whose first lines are not in the order of their numbers
    - gaps: places from 1 to the highest that no event has (`placed`)
    - changed: events with another subject or number than was written, or with more than one place, or with the place of another
    """
    truth = {line.event: line for line in written}
    lines = Counter(line.event for line in ledger)
    first: dict[UUID, Line] = {}
    for line in ledger:
        first.setdefault(line.event, line)
    more = [event for event, count in lines.items() if count > 1]
    found = {
        "lost": [event for event in truth if event not in lines],
        "ghosts": [event for event in lines if event not in truth],
        "doubles": more if once else [],
        "disorders": _disorders(first.values()),
        "changed": _changed(truth, ledger, placed),
    }
    return Findings(
        lines=len(ledger),
        repeats=0 if once else sum(lines[event] - 1 for event in more),
        lost=len(found["lost"]),
        ghosts=len(found["ghosts"]),
        doubles=len(found["doubles"]),
        disorders=len(found["disorders"]),
        changed=len(found["changed"]),
        gaps=_gaps(ledger) if placed else 0,
        examples={kind: [str(event) for event in events[:EXAMPLES]] for kind, events in found.items() if events},
    )


def vanished(acknowledged: Iterable[UUID], entries: Iterable[UUID]) -> list[UUID]:
    """Keys of writes that the database confirmed and does not have."""
    return sorted(set(acknowledged) - set(entries))


def _disorders(first: Iterable[Line]) -> list[UUID]:
    highest: dict[str, int] = defaultdict(int)
    found = []
    for line in first:
        if line.number < highest[line.subject]:
            found.append(line.event)
        highest[line.subject] = max(highest[line.subject], line.number)
    return found


def _changed(truth: dict[UUID, Line], ledger: Iterable[Line], placed: bool) -> list[UUID]:
    places: dict[UUID, int | None] = {}
    owners: dict[int | None, UUID] = {}
    found: dict[UUID, None] = {}
    for line in ledger:
        meant = truth.get(line.event)
        if meant is not None and (line.subject, line.number) != (meant.subject, meant.number):
            found[line.event] = None
        if placed and (
            line.place is None
            or places.setdefault(line.event, line.place) != line.place
            or owners.setdefault(line.place, line.event) != line.event
        ):
            found[line.event] = None
    return list(found)


def _gaps(ledger: Iterable[Line]) -> int:
    places = {line.place for line in ledger if line.place is not None}
    return max(places, default=0) - len(places)
