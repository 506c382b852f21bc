"""A household asks to have its sheet corrected; staff of its area decide."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from services.archive.commands.disclosure import reveal
from services.archive.commands.household import ReviseHousehold, revise_household
from services.archive.commands.sheets import GivenMember
from services.archive.domain.access import RESIDENT, WRITERS, own_household
from services.archive.domain.correction import REASON, checked_field, checked_text, due_on
from services.archive.events import CorrectionDecided, CorrectionRequested
from services.archive.store import correction as store
from services.archive.store import sheet as sheets
from services.chassis.clock import today
from services.chassis.commands import Command, Doing, Input, Secret
from services.chassis.errors import Conflict, IllegalTransition, InvalidInput, NotFound, StaleVersion, none_such
from services.chassis.outbox import record
from services.chassis.text import without_numbers
from services.chassis.vault import Vault

HOLDERS = frozenset({"city_admin"})


class RequestCorrection(Input, frozen=True, kw_only=True):
    """`field` is one of domain.correction.FIELDS."""

    household_id: UUID
    member_id: UUID | None = None
    field: str
    wrong: str
    evidence: str | None = None


async def request_correction(doing: Doing, given: RequestCorrection) -> str:
    area = await sheets.area_of(doing.connection, given.household_id)
    if area is None or given.household_id != own_household(doing.principal):
        raise none_such("household")
    if given.member_id is not None and not await store.is_member(doing.connection, given.member_id, given.household_id):
        raise NotFound("memberId: no such member of this household", field="memberId")
    key, now = uuid7(), doing.clock.now()
    due = due_on(today(doing.clock), await store.limit(doing.connection))
    await store.add(
        doing.connection,
        key,
        household=given.household_id,
        area=area,
        person=given.member_id,
        field=checked_field(given.field),
        wrong=checked_text(given.wrong, "wrong"),
        evidence=None if given.evidence is None else checked_text(given.evidence, "evidence"),
        by=doing.principal.subject,
        at=now,
        due=due,
    )
    event = CorrectionRequested(correction=key, household=given.household_id, area=area, field=given.field, due_on=due)
    await record(doing.connection, doing.clock, event, subject=str(key), area=area)
    return str(key)


REQUEST_CORRECTION = Command(
    "requestCorrection", RequestCorrection, frozenset({RESIDENT}), request_correction, root="correction"
)


class Correcting(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What of the sheet changes, as in reviseHousehold."""

    version: int
    address: str | None = None
    house: str | None = None
    members: Annotated[Sequence[GivenMember], msgspec.Meta(max_length=100)] | None = None

    def __repr__(self) -> str:
        return "Correcting(…)"


class DecideCorrection(Input, frozen=True, kw_only=True):
    """Accepted with the revision that corrects the sheet, or without where another command has done so; refused with a reason."""

    id: UUID
    version: int
    accept: bool
    reason: str | None = None
    revision: Correcting | None = None


def decide_correction(vault: Vault) -> Command:
    """The command decideCorrection."""
    revise = revise_household(vault).run

    async def run(doing: Doing, given: DecideCorrection) -> str:
        row = await store.lock(doing.connection, given.id)
        if row is None or not doing.principal.covers(row["area_code"]):
            raise none_such("correction")
        if row["state"] != "OPEN":
            raise IllegalTransition("the request is decided already", state=row["state"], allowed=())
        if row["version"] != given.version:
            raise StaleVersion("correction", current=row["version"])
        if not given.accept and (given.reason is None or given.revision is not None):
            raise InvalidInput("a refusal needs a reason, and changes nothing", field="reason", rule="required")
        reason = None if given.reason is None else without_numbers(REASON.check(given.reason, "reason"), "reason")
        if given.revision is not None:
            one = given.revision
            await revise(
                doing,
                ReviseHousehold(
                    client_key=given.client_key,
                    id=row["household_id"],
                    version=one.version,
                    address=one.address,
                    house=one.house,
                    members=one.members,
                ),
            )
        state = "ACCEPTED" if given.accept else "REFUSED"
        await store.decide(
            doing.connection, row, state=state, by=doing.principal.subject, at=doing.clock.now(), reason=reason
        )
        event = CorrectionDecided(
            correction=given.id, household=row["household_id"], area=row["area_code"], field=row["field"], state=state
        )
        await record(doing.connection, doing.clock, event, subject=str(given.id), area=row["area_code"])
        return str(given.id)

    return Command("decideCorrection", DecideCorrection, WRITERS, run, root="correction")


class HoldHousehold(Input, frozen=True, kw_only=True):
    id: UUID
    reason: str


class LiftHold(Input, frozen=True, kw_only=True):
    id: UUID


async def hold_household(doing: Doing, given: HoldHousehold) -> str:
    """Nothing of the household is erased until the hold is lifted."""
    area = await sheets.lock_area(doing.connection, given.id)
    if area is None or not doing.principal.covers(area):
        raise none_such("household")
    reason = without_numbers(REASON.check(given.reason, "reason"), "reason")
    principal = doing.principal
    if not await store.hold(
        doing.connection, given.id, area=area, reason=reason, by=principal.subject, at=doing.clock.now()
    ):
        raise Conflict("the household is held already")
    return str(given.id)


async def lift_hold(doing: Doing, given: LiftHold) -> str:
    area = await sheets.lock_area(doing.connection, given.id)
    if area is None or not doing.principal.covers(area):
        raise none_such("household")
    if not await store.lift(doing.connection, given.id):
        raise Conflict("the household is not held")
    return str(given.id)


def privacy_commands(vault: Vault) -> tuple[Command | Secret, ...]:
    return (reveal(vault), REQUEST_CORRECTION, decide_correction(vault), HOLD_HOUSEHOLD, LIFT_HOLD)


HOLD_HOUSEHOLD = Command("holdHousehold", HoldHousehold, HOLDERS, hold_household, root="household")
LIFT_HOLD = Command("liftHold", LiftHold, HOLDERS, lift_hold, root="household")
