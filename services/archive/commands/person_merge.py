"""Persons who turn out to be one are merged, and a merge that was wrong is undone; pairs that only look alike are dismissed."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Annotated
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from services.archive.commands.sheets import GivenRelation, carry_out, change_of, load, relations_of
from services.archive.domain import deeds
from services.archive.domain import person_merge as domain
from services.archive.domain.access import VILLAGE_WRITERS
from services.archive.domain.history import History
from services.archive.domain.person_merge import Side
from services.archive.domain.text import REASON
from services.archive.events import PersonMerged, PersonUnmerged
from services.archive.store import finding
from services.archive.store import person_merge as store
from services.archive.store import sheet as sheets
from services.archive.store.person_merge import Place
from services.chassis.clock import today
from services.chassis.commands import Command, Doing, Input
from services.chassis.errors import Conflict, InvalidInput, NotFound
from services.chassis.outbox import record
from services.chassis.vault import Vault

ABSENT = "none such, or outside your reach"


class MergePersons(Input, frozen=True, kw_only=True):
    """`ends_in`, `effective_on` and `relations` are needed where both are members of different households: see domain.person_merge.merged."""

    keep_id: UUID
    drop_id: UUID
    reason: str
    ends_in: UUID | None = None
    effective_on: date | None = None
    relations: Annotated[Sequence[GivenRelation], msgspec.Meta(max_length=100)] = ()


class UnmergePersons(Input, frozen=True, kw_only=True):
    """`id` is the merge's."""

    id: UUID
    reason: str


class DismissDuplicate(Input, frozen=True, kw_only=True):
    one_id: UUID
    other_id: UUID
    reason: str


async def merge(vault: Vault, doing: Doing, given: MergePersons) -> str:
    reason = REASON.check(given.reason, "reason")
    day = given.effective_on or today(doing.clock)
    if day > today(doing.clock):
        raise InvalidInput("effectiveOn lies ahead", field="effectiveOn", rule="deed.future")
    if given.keep_id == given.drop_id:
        raise InvalidInput("dropId must be somebody else than keepId", field="dropId", rule="merge.two_persons")
    kept, dropped = await _places(doing, given)
    concerned = {place.household: place.version for place in (kept, dropped) if place.household is not None}
    before = await load(doing, vault, {key: version or 0 for key, version in concerned.items()})
    one, other = (await _side(doing, vault, kept, before, day), await _side(doing, vault, dropped, before, day))
    outcome = domain.merged(
        one,
        other,
        given.ends_in,
        relations_of(given.relations, "relations"),
        day,
    )
    changed = [sheet.id for sheet in outcome.sheets]
    last = await store.last_entry(doing.connection, changed)
    await store.mark(doing.connection, dropped.id, kept.id)
    change = change_of(doing, valid_from=day, reason=reason)
    await carry_out(doing, vault, before, outcome, change)
    if (await store.places(doing.connection, [dropped.id]))[dropped.id].household is not None:
        raise InvalidInput(
            "effectiveOn: the membership was told anew of a later day", field="effectiveOn", rule="merge.told_later"
        )
    await finding.forget_duplicates(doing.connection, dropped.id)
    key = uuid7()
    await store.add(
        doing.connection,
        key,
        kept=kept.id,
        dropped=dropped.id,
        reason=reason,
        valid_from=day,
        at=change.at,
        by=change.by,
        filled={name: getattr(one.member, name) for name in domain.taken_over(one.member, other.member)},
        sheets=changed,
        after=last,
    )
    area = (await store.places(doing.connection, [kept.id]))[kept.id].area
    event = PersonMerged(kept=kept.id, dropped=dropped.id, households=changed, area=area, effective_on=day)
    await record(doing.connection, doing.clock, event, subject=str(kept.id), area=area)
    return str(key)


async def _places(doing: Doing, given: MergePersons) -> tuple[Place, Place]:
    found = await store.places(doing.connection, [given.keep_id, given.drop_id])
    for key, field in ((given.keep_id, "keepId"), (given.drop_id, "dropId")):
        if key not in found or not doing.principal.covers(found[key].area):
            raise NotFound(f"{field}: {ABSENT}", field=field)
        if found[key].merged_into is not None:
            raise Conflict(f"{field}: has been merged into another already", field=field, rule="merge.merged_already")
    return found[given.keep_id], found[given.drop_id]


async def _side(doing: Doing, vault: Vault, place: Place, before: dict[UUID, History], day: date) -> Side:
    if place.household is None:
        known = await sheets.without_household(doing.connection, vault, [place.id])
        if place.id not in known:
            raise Conflict("somebody else moves the person right now; try again", rule="merge.moved")
        return Side(known[place.id], None)
    sheet = deeds.standing(before[place.household], day)
    for member in sheet.members:
        if member.id == place.id:
            return Side(member, sheet)
    raise InvalidInput(
        "effectiveOn: the person was no member of their household yet", field="effectiveOn", rule="merge.not_yet"
    )


async def unmerge(vault: Vault, doing: Doing, given: UnmergePersons) -> str:
    reason = REASON.check(given.reason, "reason")
    found = await store.find(doing.connection, given.id)
    if found is None:
        raise NotFound(f"merge: {ABSENT}")
    if found.undone:
        raise Conflict("the merge is undone already", rule="merge.undone_already")
    if found.kept_merged:
        raise Conflict("the kept person has been merged since: undo that first", rule="merge.later_first")
    order = list(reversed(found.sheets))
    before = await load(doing, vault, await store.versions(doing.connection, order))
    if before.keys() != set(order):
        raise NotFound(f"merge: {ABSENT}")
    outcome = domain.undone(
        [before[key] for key in order], set(found.entries), found.kept, found.filled, found.valid_from
    )
    change = change_of(doing, valid_from=found.valid_from, reason=reason)
    await carry_out(doing, vault, before, outcome, change)
    await store.mark(doing.connection, found.dropped, None)
    await store.undo(doing.connection, found.id, change.at, change.by, reason)
    await finding.note_duplicates(doing.connection, [found.kept, found.dropped])
    area = (await store.places(doing.connection, [found.kept]))[found.kept].area
    event = PersonUnmerged(
        kept=found.kept, dropped=found.dropped, households=order, area=area, effective_on=found.valid_from
    )
    await record(doing.connection, doing.clock, event, subject=str(found.kept), area=area)
    return str(found.id)


async def dismiss(doing: Doing, given: DismissDuplicate) -> str:
    """A pair that was dismissed comes back only for a new reason."""
    reason = REASON.check(given.reason, "reason")
    one, other = sorted((given.one_id, given.other_id))
    at, by = doing.clock.now(), doing.principal.subject
    if not await finding.dismiss(doing.connection, (one, other), at=at, by=by, reason=reason):
        raise NotFound(f"duplicate: {ABSENT}")
    return f"{one}/{other}"


DISMISS_DUPLICATE = Command("dismissDuplicate", DismissDuplicate, VILLAGE_WRITERS, dismiss, root="duplicate")


def person_commands(vault: Vault) -> tuple[Command, ...]:
    """The commands of this module."""
    return (
        Command("mergePersons", MergePersons, VILLAGE_WRITERS, partial(merge, vault), root="personMerge"),
        Command("unmergePersons", UnmergePersons, VILLAGE_WRITERS, partial(unmerge, vault), root="personMerge"),
        DISMISS_DUPLICATE,
    )
