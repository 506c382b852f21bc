"""One intake for several items (一窗受理、并联办理): which papers are missing, told at once and in one list (一次性告知), and the one due date.

The list at once: 中华人民共和国行政许可法 article 32, paragraph 1, number 4.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from services.chassis.errors import Conflict
from services.tickets.domain.item import Item, Material
from services.tickets.domain.limits import Limits
from services.tickets.domain.ticket import OPEN, Deed, Status
from services.tickets.domain.window import CLERKS
from services.tickets.domain.worktime import Span

MOST_ITEMS = 10


class IntakeStatus(StrEnum):
    """A DRAFT waits for papers; OPENED has its tickets."""

    DRAFT = "DRAFT"
    OPENED = "OPENED"


@dataclass(frozen=True)
class Handed:
    """A paper that was handed in or shown. `attachments` are ids of documents."""

    code: str
    original_seen: bool = False
    copies: int = 0
    attachments: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class Missing:
    """What of a paper is still wanted, and by which items: the original to be seen, so many copies."""

    code: str
    name: str
    original: bool
    copies: int
    items: tuple[str, ...]


class Incomplete(Conflict):
    """Papers are missing; `missing` names all of them."""

    code, title = "MATERIALS_MISSING", "Materials are missing"

    def __init__(self, missing: Sequence[Missing]) -> None:
        listed = [
            {
                "code": each.code,
                "name": each.name,
                "original": each.original,
                "copies": each.copies,
                "items": list(each.items),
            }
            for each in missing
        ]
        super().__init__(
            f"{len(missing)} materials are missing; keep the intake as a draft, or hand them in", missing=listed
        )


@dataclass(frozen=True)
class Part:
    """A sub-application: an item at one of its departments."""

    item: Item
    department: str


def wanted(items: Iterable[Item]) -> dict[str, tuple[Material, tuple[str, ...]]]:
    """Each paper once, with who asks for it: the original where any does, and the copies of all of them together."""
    found: dict[str, tuple[Material, tuple[str, ...]]] = {}
    for item in items:
        for material in item.materials:
            known, by = found.get(material.code, (Material(material.code, material.name, False, 0), ()))
            found[material.code] = (
                Material(known.code, known.name, known.original or material.original, known.copies + material.copies),
                (*by, item.code),
            )
    return found


def missing(items: Iterable[Item], handed: Iterable[Handed]) -> tuple[Missing, ...]:
    """All that is wanted and was not handed in; an attached document counts as a copy each."""
    given: dict[str, tuple[bool, int]] = {}
    for each in handed:
        seen, copies = given.get(each.code, (False, 0))
        given[each.code] = (seen or each.original_seen, copies + each.copies + len(each.attachments))
    lacking = []
    for code, (material, by) in wanted(items).items():
        seen, copies = given.get(code, (False, 0))
        original, short = material.original and not seen, max(material.copies - copies, 0)
        if original or short:
            lacking.append(Missing(code, material.name, original, short, by))
    return tuple(lacking)


def parts(items: Iterable[Item]) -> tuple[Part, ...]:
    """One sub-application an item and department."""
    return tuple(Part(item, department) for item in items for department in item.departments)


def promised(limits: Limits, days: int) -> Limits:
    """The limits of a part: its work and the whole of it are due when all of the intake is."""
    span = Span(days, "d")
    return replace(limits, name="一窗受理承诺时限", work=span, overall=span)


ACCEPT = Deed("openIntake", "accepted", "受理", CLERKS, {Status.DRAFTED: Status.ACCEPTED})
DISPATCH = Deed("openIntake", "dispatched", "派遣", CLERKS, {Status.ACCEPTED: Status.DISPATCHED})
"""Who takes papers at a window accepts the matter and hands it to its departments at once."""
RESOLVE = Deed("resolveIntake", "resolved", "并联件办结", CLERKS, {Status.ACCEPTED: Status.RESOLVED}, needs_note=True)
UNDONE = tuple(status for status in OPEN if status not in (Status.RESOLVED, Status.VERIFIED, Status.CALLED_BACK))
"""States of a part that hold its parent up."""


def require_parts_done(undone: Sequence[str]) -> None:
    """Raises Conflict that tells the numbers of the parts that are not done."""
    if undone:
        raise Conflict(f"the parts {', '.join(undone)} are not done yet")


def require_whole(parts: Sequence[str]) -> None:
    """Raises Conflict for a ticket with parts, whose numbers it tells."""
    if parts:
        raise Conflict(f"its parts {', '.join(parts)} are at their departments: it goes to none itself")


def require_complete() -> None:
    """Raises Conflict for the ticket of an intake that waits for papers."""
    raise Conflict("papers are missing: completeIntake accepts it once they are there")
