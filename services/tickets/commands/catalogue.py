"""The catalogue of matters: loaded from a file, revised by the city's admins from a day on, asked when a matter begins and is dispatched."""

import tomllib
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from services.chassis.clock import Clock, today
from services.chassis.commands import Command, Doing, Input
from services.chassis.config import ConfigError
from services.chassis.db import Connection
from services.chassis.errors import Forbidden, InvalidInput, UnknownCode
from services.tickets.domain.catalogue import (
    NAME,
    Category,
    Escalation,
    Priority,
    Route,
    require_ahead,
    require_code,
    require_place,
)
from services.tickets.domain.limits import Limits, choose
from services.tickets.domain.role import Role
from services.tickets.domain.worktime import Hours
from services.tickets.store import area as areas
from services.tickets.store import calendar
from services.tickets.store import catalogue as store
from services.tickets.store import department as departments

ADMINS = frozenset({Role.CITY_ADMIN.value})


async def category_or_none(connection: Connection, clock: Clock, code: str) -> Category | None:
    """The category as it is today."""
    return await store.find(connection, code, today(clock))


async def known_category(connection: Connection, clock: Clock, code: str) -> Category:
    """The same; raises UnknownCode where there is none."""
    category = await category_or_none(connection, clock, code)
    if category is None:
        raise UnknownCode("category", field="category")
    return category


async def routed(connection: Connection, clock: Clock, category: str, area: str) -> str:
    """The department to which such a matter goes today; raises InvalidInput where the catalogue names none."""
    department = await store.route(connection, category, area, today(clock))
    if department is None:
        raise InvalidInput(
            "departmentCode is required: the catalogue names no department for this category there",
            field="departmentCode",
            rule="route",
        )
    return department


async def limits_for(connection: Connection, clock: Clock, category: str, priority: str) -> Limits | None:
    """Those of a matter that is dispatched today; None while the catalogue has none at all."""
    day = today(clock)
    path = [line.code for line in await store.path(connection, category, day)]
    return choose(await store.limits(connection, path, priority, day), path, priority, day)


# Loading


def _hours(line: dict[str, Any]) -> Hours:
    return Hours(line["since"], calendar.periods(line["periods"]))


def _category(line: dict[str, Any]) -> Category:
    return Category(**{"parent": None, **line, "priority": Priority(line.get("priority", Priority.NORMAL))})


def _route(line: dict[str, Any]) -> Route:
    return Route(**{"category": "", **line})


def _limits(line: dict[str, Any]) -> Limits:
    return Limits.of({"category": "", "priority": "", **line})


def _escalation(line: dict[str, Any]) -> Escalation:
    return Escalation(**{**line, "subjects": tuple(line["subjects"])})


TABLES: Mapping[str, tuple[Callable[[dict[str, Any]], Any], Callable[[Connection, Any], Awaitable[int]]]] = {
    "hours": (_hours, calendar.add_hours),
    "category": (_category, store.add_categories),
    "route": (_route, store.add_routes),
    "limits": (_limits, store.add_limits),
    "escalation": (_escalation, store.add_escalations),
}


def read_catalogue(file: Path) -> dict[str, list[Any]]:
    """The lines of a catalogue's file, by table; raises ConfigError that names the line."""
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"the catalogue {file.name} cannot be read: {error}") from None
    if unknown := sorted(tables.keys() - TABLES.keys()):
        raise ConfigError(f"the catalogue {file.name} has tables that are not known: {', '.join(unknown)}")
    found: dict[str, list[Any]] = {}
    for name, (parse, _) in TABLES.items():
        for place, line in enumerate(tables.get(name, ()), 1):
            try:
                found.setdefault(name, []).append(parse(line))
            except InvalidInput as error:
                raise ConfigError(f"the catalogue {file.name}, [[{name}]] number {place}: {error.detail}") from None
            except (KeyError, TypeError, ValueError) as error:
                raise ConfigError(
                    f"the catalogue {file.name}, [[{name}]] number {place}: a key is missing, not known, or malformed ({error})"
                ) from None
    return found


async def load_catalogue(connection: Connection, file: Path) -> str:
    """Adds the lines that are not there yet; what is there stays. Says what it did."""
    lines = read_catalogue(file)
    added = {name: await add(connection, lines.get(name, [])) for name, (_, add) in TABLES.items()}
    if added["hours"]:
        await calendar.changed(connection)
    return ", ".join(f"{count} {name}" for name, count in added.items() if count) or "nothing new"


# Revising


class ReviseCategory(Input, frozen=True, kw_only=True):
    """The category is so from `since` on, today if it is not said, until its last day or the next revision."""

    code: str
    name: str
    parent: str | None = None
    priority: Priority = Priority.NORMAL
    since: date | None = None
    until: date | None = None


async def revise_category(doing: Doing, given: ReviseCategory) -> str:
    line = Category(
        code=given.code,
        parent=given.parent,
        name=NAME.check(given.name, "name"),
        since=_since(doing, given.since),
        until=given.until,
        priority=given.priority,
    )
    above = [] if given.parent is None else await store.path(doing.connection, given.parent, line.since)
    require_place(line, above)
    await store.put_category(doing.connection, line)
    return f"{line.code}|{line.since}"


class ReviseRoute(Input, frozen=True, kw_only=True):
    """From `since` on, matters of a category (of every one, if none is named) in an area go to the department; to none, if none is named."""

    area_code: str
    category: str | None = None
    department_code: str | None = None
    since: date | None = None


async def revise_route(doing: Doing, given: ReviseRoute) -> str:
    await _require_area(doing, given.area_code, "areaCode")
    if given.department_code is not None and not await departments.known(doing.connection, given.department_code):
        raise UnknownCode("department", field="departmentCode")
    line = Route(given.area_code, given.category or "", _since(doing, given.since), given.department_code)
    await _require_category(doing, line.category, line.since)
    await store.put_route(doing.connection, line)
    return f"{line.area}|{line.category}|{line.since}"


class ReviseLimits(Input, frozen=True, kw_only=True):
    """From `since` on, for a category and a priority, or for every one; open matters keep what they were given at their dispatch."""

    category: str | None = None
    priority: Priority | None = None
    since: date | None = None
    name: str
    sign: str
    work: str
    overall: str
    return_within: str
    extension: str
    extensions: int
    pause: int
    warn: int
    escalate: str


async def revise_limits(doing: Doing, given: ReviseLimits) -> str:
    plain = {
        name: getattr(given, name)
        for name in given.__struct_fields__
        if name not in ("client_key", "category", "priority", "since", "name")
    }
    since = _since(doing, given.since)
    line = Limits.of(
        {
            "category": given.category or "",
            "priority": given.priority or "",
            "since": since,
            "name": NAME.check(given.name, "name"),
            **plain,
        }
    )
    await _require_category(doing, line.category, since)
    await store.put_limits(doing.connection, line)
    return f"{line.category}|{line.priority}|{line.since}"


class ReviseEscalation(Input, frozen=True, kw_only=True):
    """Whom a unit's late matters are told to at a level, from now on."""

    unit: str
    level: int
    subjects: list[str]


async def revise_escalation(doing: Doing, given: ReviseEscalation) -> str:
    line = Escalation(given.unit, given.level, tuple(given.subjects))
    kind, _, code = line.unit.partition("/")
    if kind == "area":
        await _require_area(doing, code, "unit")
    elif not await departments.known(doing.connection, code):
        raise UnknownCode("department", field="unit")
    await store.put_escalation(doing.connection, line)
    return f"{line.unit}|{line.level}"


def _since(doing: Doing, since: date | None) -> date:
    day = today(doing.clock)
    require_ahead(since or day, day)
    return since or day


async def _require_area(doing: Doing, code: str, field: str) -> None:
    if await areas.find(doing.connection, code) is None:
        raise UnknownCode("area", field=field)
    if not doing.principal.covers(code):
        raise Forbidden(f"{field}: the area is none of yours")


async def _require_category(doing: Doing, code: str, day: date) -> None:
    if code and not await store.path(doing.connection, require_code(code, "category"), day):
        raise UnknownCode("category", field="category")


COMMANDS = (
    Command("reviseCategory", ReviseCategory, ADMINS, revise_category, "categoryLine"),
    Command("reviseRoute", ReviseRoute, ADMINS, revise_route, "routeLine"),
    Command("reviseLimits", ReviseLimits, ADMINS, revise_limits, "limitsLine"),
    Command("reviseEscalation", ReviseEscalation, ADMINS, revise_escalation, "escalationLine"),
)
