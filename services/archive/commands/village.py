"""Deeds on a village's sheet: say facts, enter and confirm figures, book, begin and end terms, write down agreements."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from services.archive.commands.sheets import change_of
from services.archive.domain import village
from services.archive.domain.access import VILLAGE_WRITERS
from services.archive.domain.history import Provenance
from services.archive.domain.village import Word
from services.archive.events import FigureConfirmed, VillageRevised
from services.archive.store import area as areas
from services.archive.store import village as store
from services.chassis.clock import today
from services.chassis.commands import Command, Doing, Input
from services.chassis.errors import InvalidInput, NotFound, StaleVersion, UnknownCode
from services.chassis.outbox import record

ABSENT = "code: outside your areas"
Listed = Annotated[Sequence[str], msgspec.Meta(max_length=village.MOST_LISTED)]


class _Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A part of an input."""


class GivenMarket(_Part, frozen=True, kw_only=True):
    """See domain.village.MARKET_DAYS."""

    rule: str
    days: Sequence[int]


class GivenFacts(_Part, frozen=True, kw_only=True):
    """See domain.village.FACTS. Null leaves a fact as it is, an empty text or list takes it away."""

    terrain: str | None = None
    groups: Listed | None = None
    cultivated_mu: Decimal | None = None
    forest_mu: Decimal | None = None
    water_mu: Decimal | None = None
    roads: str | None = None
    water_supply: str | None = None
    network: str | None = None
    party_branch: str | None = None
    clinics: Listed | None = None
    schools: Listed | None = None
    industries: Listed | None = None
    hazards: Listed | None = None
    market: GivenMarket | None = None
    village_rules: str | None = None


class ReviseVillage(Input, frozen=True, kw_only=True):
    """`effective_on` is the first day on which it holds, today by default."""

    code: str
    version: int
    facts: GivenFacts
    effective_on: date | None = None
    provenance: Provenance = "DOCUMENT"
    reason: str | None = None


class RecordFigure(Input, frozen=True, kw_only=True):
    code: str
    year: int
    figure: str
    value: Decimal
    source: str


class ConfirmFigure(Input, frozen=True, kw_only=True):
    """`value` is the figure as it was looked at."""

    code: str
    year: int
    figure: str
    value: Decimal


class RecordAssetEntry(Input, frozen=True, kw_only=True):
    """Either `kind` and `amount`, or `reverses`, an entry that is taken back."""

    code: str
    kind: str | None = None
    title: str
    amount: Decimal | None = None
    booked_on: date
    document: str
    reverses: UUID | None = None


class StartTerm(Input, frozen=True, kw_only=True):
    code: str
    name: str
    office: str
    since: date
    until: date | None = None


class EndTerm(Input, frozen=True, kw_only=True):
    id: UUID
    until: date
    reason: str | None = None


class RecordAgreement(Input, frozen=True, kw_only=True):
    """`image` is the key of its picture in the object store."""

    code: str
    title: str
    parties: Listed
    agreed_on: date
    text: str
    witness: str | None = None
    image: str | None = None


async def revise_village(doing: Doing, given: ReviseVillage) -> str:
    version = await _lock(doing, given.code)
    if version != given.version:
        raise StaleVersion("village", current=version)
    day = given.effective_on or today(doing.clock)
    if day > today(doing.clock):
        raise InvalidInput("effectiveOn lies ahead", field="effectiveOn", rule="day.future")
    former = await store.parts(doing.connection, given.code, "FACTS", day)
    said = msgspec.to_builtins(given.facts, builtin_types=(Decimal,))
    reason = None if given.reason is None else village.checked_reason(given.reason)
    words = village.revise(former.get("", {}), said, day)
    return await _save(doing, given.code, words, provenance=given.provenance, valid_from=day, reason=reason)


async def record_figure(doing: Doing, given: RecordFigure) -> str:
    await _lock(doing, given.code)
    figures = await store.parts(doing.connection, given.code, "FIGURE")
    words = village.enter_figure(
        figures.get(village.figure_key(given.year, given.figure)),
        year=given.year,
        figure=given.figure,
        value=given.value,
        source=given.source,
        by=doing.principal.subject,
        today=today(doing.clock),
    )
    return await _save(doing, given.code, words)


async def confirm_figure(doing: Doing, given: ConfirmFigure) -> str:
    await _lock(doing, given.code)
    figures = await store.parts(doing.connection, given.code, "FIGURE")
    words = village.confirm_figure(
        figures.get(village.figure_key(given.year, given.figure)),
        value=given.value,
        by=doing.principal.subject,
        name=doing.principal.name,
        today=today(doing.clock),
    )
    await _save(doing, given.code, words)
    event = FigureConfirmed(village=given.code, year=given.year, figure=given.figure)
    await record(doing.connection, doing.clock, event, subject=given.code, area=given.code)
    return given.code


async def record_asset_entry(doing: Doing, given: RecordAssetEntry) -> str:
    await _lock(doing, given.code)
    key, day = str(uuid7()), today(doing.clock)
    common: dict[str, Any] = {
        "title": given.title,
        "booked_on": given.booked_on,
        "document": given.document,
        "today": day,
    }
    if given.reverses is not None:
        bookings = await store.parts(doing.connection, given.code, "BOOKING")
        words = village.reverse(bookings, key, reverses=str(given.reverses), **common)
    elif given.kind is None or given.amount is None:
        raise InvalidInput("kind and amount are needed, or reverses", field="kind", rule="required")
    else:
        words = village.book(key, kind=given.kind, amount=given.amount, **common)
    return await _save(doing, given.code, words, provenance="DOCUMENT")


async def start_term(doing: Doing, given: StartTerm) -> str:
    await _lock(doing, given.code)
    words = village.start_term(
        await store.parts(doing.connection, given.code, "TERM"),
        str(uuid7()),
        name=given.name,
        office=given.office,
        since=given.since,
        until=given.until,
        today=today(doing.clock),
    )
    return await _save(doing, given.code, words)


async def end_term(doing: Doing, given: EndTerm) -> str:
    key = str(given.id)
    code = await store.village_of(doing.connection, key)
    if code is None or not doing.principal.covers(code):
        raise NotFound("id: no such term, or outside your reach", field="id")
    await _lock(doing, code)
    words = village.end_term(
        await store.parts(doing.connection, code, "TERM"),
        key,
        until=given.until,
        reason=given.reason,
        today=today(doing.clock),
    )
    return await _save(doing, code, words)


async def record_agreement(doing: Doing, given: RecordAgreement) -> str:
    await _lock(doing, given.code)
    words = village.agree(
        str(uuid7()),
        title=given.title,
        parties=given.parties,
        agreed_on=given.agreed_on,
        text=given.text,
        witness=given.witness,
        image=given.image,
        today=today(doing.clock),
    )
    return await _save(doing, given.code, words, provenance="DOCUMENT")


async def _lock(doing: Doing, code: str) -> int:
    """The sheet's version. Raises UnknownCode, InvalidInput for another area than a village, NotFound outside the caller's areas."""
    area = await areas.find(doing.connection, code)
    if area is None:
        raise UnknownCode("area", field="code")
    if area.kind != "VILLAGE":
        raise InvalidInput("code must be the code of a village", field="code", rule="area.kind")
    if not doing.principal.covers(code):
        raise NotFound(ABSENT, field="code")
    return await store.lock(doing.connection, code)


async def _save(doing: Doing, code: str, words: Sequence[Word], **known: object) -> str:
    """Writes the words, if there are any, and tells which parts of the sheet they are of."""
    if not words:
        return code
    version = await store.save(doing.connection, code, words, change_of(doing, **known))
    changed = sorted({name for word in words for name in word.names()})
    event = VillageRevised(village=code, version=version, changed=changed)
    await record(doing.connection, doing.clock, event, subject=code, area=code)
    return code


VILLAGE_COMMANDS = tuple(
    Command(name, given, VILLAGE_WRITERS, run, root="villageSheet")
    for name, given, run in (
        ("reviseVillage", ReviseVillage, revise_village),
        ("recordFigure", RecordFigure, record_figure),
        ("confirmFigure", ConfirmFigure, confirm_figure),
        ("recordAssetEntry", RecordAssetEntry, record_asset_entry),
        ("startTerm", StartTerm, start_term),
        ("endTerm", EndTerm, end_term),
        ("recordAgreement", RecordAgreement, record_agreement),
    )
)
