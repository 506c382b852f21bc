"""Assessment: schemes, the reckoning of a period, objections to its cases. A period is reckoned by the service itself, whoever asks for it."""

import asyncio
import tomllib
from datetime import date
from pathlib import Path
from uuid import UUID

import structlog
from uuid_utils.compat import uuid7

from services.chassis.clock import Clock, stopped_within, today
from services.chassis.commands import Command, Doing, Input
from services.chassis.config import ConfigError
from services.chassis.db import Connection, Pool, acting, transaction
from services.chassis.errors import Conflict, Forbidden, InvalidInput, NotFound, none_such
from services.chassis.outbox import record
from services.chassis.principal import Principal, itself
from services.tickets.domain.assessment import (
    MOST_INDICATORS,
    REASON,
    Measure,
    Period,
    PeriodKind,
    Scheme,
    UnitKind,
    digest,
    in_force,
    read_schemes,
    results,
)
from services.tickets.domain.catalogue import require_ahead
from services.tickets.domain.role import Role
from services.tickets.events import AssessmentComputed
from services.tickets.store import assessment as store

ITSELF = itself("tickets")
ASSESSING_SECONDS = 3600
ADMINS = frozenset({Role.CITY_ADMIN.value})
OBJECTORS = {
    UnitKind.DEPARTMENT: Role.DEPARTMENT_OFFICER,
    UnitKind.WORKER: Role.DEPARTMENT_OFFICER,
    UnitKind.TOWNSHIP: Role.TOWNSHIP_CLERK,
    UnitKind.VILLAGE: Role.VILLAGE_CADRE,
}

log = structlog.get_logger()


class ReviseScheme(Input, frozen=True, kw_only=True):
    """A scheme as it is from `since` on; one without indicators ends there."""

    code: str
    since: date
    name: str
    unit: UnitKind
    period: PeriodKind
    minimum: int
    exclude: tuple[str, ...] = ()
    indicators: tuple[Measure, ...] = ()


class ComputeAssessment(Input, frozen=True, kw_only=True):
    period: str


class ObjectToCase(Input, frozen=True, kw_only=True):
    result_id: UUID
    case_id: UUID
    reason: str


class DecideObjection(Input, frozen=True, kw_only=True):
    id: UUID
    upheld: bool
    note: str


def _require_county(principal: Principal) -> None:
    """Schemes and assessments are the whole county's."""
    if not any(len(area) <= 6 for area in principal.areas):
        raise Forbidden("assessments are for the city's admins, in charge of the whole county")


async def revise_scheme(doing: Doing, given: ReviseScheme) -> str:
    """Raises InvalidInput, or Conflict where the code has one of that day."""
    _require_county(doing.principal)
    require_ahead(given.since, today(doing.clock))
    if len(given.indicators) > MOST_INDICATORS:
        raise InvalidInput(f"indicators may be at most {MOST_INDICATORS}", field="indicators", rule="length")
    values = {name: getattr(given, name) for name in Scheme.__struct_fields__}
    scheme = Scheme(**values).check()
    if not await store.keep_schemes(doing.connection, [scheme], doing.principal.subject, doing.clock.now()):
        raise Conflict("since: the scheme has a line of that day already; choose a later one")
    return f"{scheme.code}/{scheme.since}"


async def assess(connection: Connection, clock: Clock, period: Period, by: str, *, anew: bool = True) -> UUID:
    """Reckons a period from the history, or, not `anew`, from the cases that it has; returns the id of its newest version, a new one only
    where something has changed. The connection acts as the service.
    """
    await store.lock(connection)
    last = await store.last(connection, period)
    version = 1 if last is None else last.version + 1
    schemes = in_force(await store.schemes(connection), period)
    if anew:
        await store.keep_cases(connection, period, version)
    count, cases = await store.cases(connection, period)
    hashed = digest(period, schemes, cases)
    if last is not None and last.digest == hashed:
        return last.id
    assessment = store.Assessment(uuid7(), period.name, version, hashed, count)
    await store.add(connection, assessment, period, schemes, by, clock.now())
    units = 0
    for scheme in schemes:
        found = results(scheme, await store.tallies(connection, period, scheme))
        await store.add_results(connection, assessment.id, scheme, found)
        units += len(found)
    event = AssessmentComputed(
        assessment=assessment.id,
        period=period.name,
        version=version,
        schemes=[scheme.code for scheme in schemes],
        cases=count,
        units=units,
        digest=hashed.hex(),
        at=clock.now(),
    )
    await record(connection, clock, event, subject=str(assessment.id), area="")
    return assessment.id


async def compute_assessment(doing: Doing, given: ComputeAssessment) -> str:
    """Raises InvalidInput while the period lasts."""
    _require_county(doing.principal)
    period = Period.of(given.period)
    period.require_over(today(doing.clock))
    async with acting(doing.connection, ITSELF):
        return str(await assess(doing.connection, doing.clock, period, doing.principal.subject))


async def object_to_case(doing: Doing, given: ObjectToCase) -> str:
    """Raises NotFound, Forbidden, or Conflict where it is too late or was done before."""
    reason = REASON.check(given.reason, "reason")
    of = await store.result(doing.connection, given.result_id)
    if of is None:
        raise none_such("resultId")
    principal = doing.principal
    if OBJECTORS[of.unit_kind] not in principal.roles or not _is_of(principal, of.unit_kind, of.unit):
        raise Forbidden("objectToCase is for the people of the unit that is assessed")
    if not of.newest:
        raise Conflict("resultId: a later version has taken its place; object to that one")
    if not await store.counts(doing.connection, given.case_id, of):
        raise NotFound("caseId: no case of this result")
    added = await store.add_objection(doing.connection, of, given.case_id, reason, principal.subject, doing.clock.now())
    if added is None:
        raise Conflict("caseId: an objection to it has been made already")
    return str(added)


def _is_of(principal: Principal, kind: UnitKind, unit: str) -> bool:
    if kind is UnitKind.DEPARTMENT:
        return principal.department == unit
    if kind is UnitKind.WORKER:
        return principal.subject == unit
    return unit in principal.areas


async def decide_objection(doing: Doing, given: DecideObjection) -> str:
    """A village's are decided by its township's clerks or the city's admins, all others by these. Upheld, the period is reckoned anew.

    Raises NotFound, Forbidden, or Conflict where it was decided before.
    """
    note = REASON.check(given.note, "note")
    objection = await store.objection(doing.connection, given.id)
    if objection is None:
        raise NotFound("id: no objection, or outside your reach")
    _require_superior(doing.principal, objection)
    now = doing.clock.now()
    async with acting(doing.connection, ITSELF):
        await store.lock(doing.connection)
        if not await store.decide(doing.connection, given.id, given.upheld, note, doing.principal.subject, now):
            raise Conflict("the objection has been decided already")
        if given.upheld:
            period = Period.of(objection.period)
            await assess(doing.connection, doing.clock, period, doing.principal.subject, anew=False)
    return str(given.id)


def _require_superior(principal: Principal, objection: store.Objection) -> None:
    county = Role.CITY_ADMIN in principal.roles and any(len(area) <= 6 for area in principal.areas)
    township = (
        objection.unit_kind is UnitKind.VILLAGE
        and Role.TOWNSHIP_CLERK in principal.roles
        and any(objection.unit.startswith(area) and len(area) < len(objection.unit) for area in principal.areas)
    )
    if not (county or township) or principal.subject == objection.by:
        raise Forbidden("decideObjection is for who is above the unit, and not for who objected")


async def load_schemes(connection: Connection, clock: Clock, path: Path) -> int:
    """Adds the file's schemes that are new; returns how many. Raises ConfigError where the file will not do."""
    return await store.keep_schemes(connection, _read(path), ITSELF.subject, clock.now())


def _read(path: Path) -> tuple[Scheme, ...]:
    try:
        return read_schemes(tomllib.loads(path.read_text(encoding="utf-8")).get("scheme", []))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, InvalidInput) as error:
        raise ConfigError(f"the schemes of assessment in {path.name} will not do: {error}") from None


async def assess_past(pool: Pool, clock: Clock) -> list[str]:
    """Reckons the last month, and the last quarter, where nobody has yet; returns which. Workers that do so at once do it once."""
    done = []
    for kind in PeriodKind:
        period = Period.before(today(clock), kind)
        async with transaction(pool, ITSELF) as connection:
            await store.lock(connection)
            schemes = in_force(await store.schemes(connection), period)
            if schemes and await store.last(connection, period) is None:
                await assess(connection, clock, period, ITSELF.subject)
                done.append(period.name)
    return done


async def assess_in_time(pool: Pool, clock: Clock, stop: asyncio.Event) -> None:
    """The worker's task: on the 1st, or as soon after it as a worker runs."""
    while not stop.is_set():
        for period in await assess_past(pool, clock):
            log.info("assessment.computed", period=period)
        if await stopped_within(stop, ASSESSING_SECONDS):
            return


COMMANDS = (
    Command("reviseScheme", ReviseScheme, ADMINS, revise_scheme, "assessmentScheme"),
    Command("computeAssessment", ComputeAssessment, ADMINS, compute_assessment, "assessment"),
    Command(
        "objectToCase",
        ObjectToCase,
        frozenset(role.value for role in OBJECTORS.values()),
        object_to_case,
        "assessmentObjection",
    ),
    Command(
        "decideObjection",
        DecideObjection,
        frozenset({Role.TOWNSHIP_CLERK.value, Role.CITY_ADMIN.value}),
        decide_objection,
        "assessmentObjection",
    ),
)
