"""reviseCentre, reviseWindow, reviseItem: how a centre, a window, a service item is from a day on."""

import tomllib
from collections.abc import Sequence
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import msgspec

from services.chassis.clock import today
from services.chassis.commands import Command, Doing, Input, Part
from services.chassis.db import Connection
from services.chassis.errors import InvalidInput, NotFound, UnknownCode
from services.tickets.commands.catalogue import known_category
from services.tickets.domain import item as items
from services.tickets.domain.item import Item, Material
from services.tickets.domain.text import TITLE
from services.tickets.domain.window import REVISERS, Centre, Group, Opening, OpenOn, Window, checked_centre
from services.tickets.store import area as areas
from services.tickets.store import window as store

Listed = Annotated[Sequence[str], msgspec.Meta(max_length=50)]


class GivenOpening(Part, frozen=True, kw_only=True):
    """Times of the form 08:30, in China; 24:00 is the end of the day."""

    day: OpenOn
    opens: Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
    closes: Annotated[str, msgspec.Meta(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]


class GivenGroup(Part, frozen=True, kw_only=True):
    code: str
    name: str
    minutes: int


class GivenMaterial(Part, frozen=True, kw_only=True):
    code: str
    name: str
    original: bool = False
    copies: int = 0


class ReviseCentre(Input, frozen=True, kw_only=True):
    """All of it, as it is from `effective_on` (today by default) on. See domain.window.Centre."""

    code: str
    area_code: str
    name: str
    opening: Annotated[Sequence[GivenOpening], msgspec.Meta(max_length=20)]
    groups: Annotated[Sequence[GivenGroup], msgspec.Meta(max_length=26)]
    calls: Annotated[int, msgspec.Meta(ge=1, le=10)] = 3
    behind: Annotated[int, msgspec.Meta(ge=0, le=20)] = 3
    lead: Annotated[int, msgspec.Meta(ge=0, le=720)] = 30
    closed: bool = False
    effective_on: date | None = None


class ReviseWindow(Input, frozen=True, kw_only=True):
    """All of it, as it is from `effective_on` (today by default) on. See domain.window.Window."""

    centre_code: str
    code: Annotated[str, msgspec.Meta(pattern="^[0-9A-Z]{1,4}$")]
    name: str
    groups: Listed
    departments: Listed = ()
    closed: bool = False
    effective_on: date | None = None


class ReviseItem(Input, frozen=True, kw_only=True):
    """All of it, as it is from `effective_on` (today by default) on. See domain.item.Item."""

    code: str
    name: str
    category: str
    legal_basis: str
    limit_days: int
    fee: Decimal = Decimal(0)
    agent: bool = False
    departments: Listed
    levels: Listed
    materials: Annotated[Sequence[GivenMaterial], msgspec.Meta(max_length=items.MOST_MATERIALS)] = ()
    withdrawn: bool = False
    effective_on: date | None = None


async def revise_centre(doing: Doing, given: ReviseCentre) -> str:
    """Raises InvalidInput, UnknownCode, or NotFound for an area out of reach."""
    since = _since(doing, given.effective_on)
    if not items.CODE.fullmatch(given.code):
        raise InvalidInput("code must have the form of a code, such as east-street", field="code", rule="code")
    centre = checked_centre(
        Centre(
            code=given.code,
            area=given.area_code,
            name=TITLE.check(given.name, "name"),
            opening=tuple(
                Opening(each.day, time.fromisoformat(each.opens), _closing(each.closes)) for each in given.opening
            ),
            groups=tuple(
                Group(each.code, TITLE.check(each.name, "groups.name"), each.minutes) for each in given.groups
            ),
            calls=given.calls,
            behind=given.behind,
            lead=given.lead,
            closed=given.closed,
        )
    )
    area = await areas.find(doing.connection, centre.area)
    if area is None:
        raise UnknownCode("area", field="areaCode")
    area.require_place(since)
    _require_reach(doing, centre.area)
    known = await store.centre(doing.connection, centre.code, since)
    if known is not None and known.area != centre.area:
        _require_reach(doing, known.area)
    await store.keep_centre(doing.connection, centre, since)
    return f"{centre.code}@{since}"


async def revise_window(doing: Doing, given: ReviseWindow) -> str:
    """Raises InvalidInput, UnknownCode, or NotFound for a centre out of reach."""
    since = _since(doing, given.effective_on)
    centre = await store.centre(doing.connection, given.centre_code, since)
    if centre is None:
        raise UnknownCode("centre", field="centreCode")
    _require_reach(doing, centre.area)
    if not given.groups or len(set(given.groups)) < len(given.groups):
        raise InvalidInput("groups must be named once each", field="groups", rule="unique")
    for code in given.groups:
        centre.group(code)
    await _require_departments(doing.connection, given.departments)
    window = Window(
        centre=centre.code,
        code=given.code,
        name=TITLE.check(given.name, "name"),
        groups=tuple(given.groups),
        departments=tuple(given.departments),
        closed=given.closed,
    )
    await store.keep_window(doing.connection, window, since)
    return f"{centre.code}/{window.code}@{since}"


async def revise_item(doing: Doing, given: ReviseItem) -> str:
    """Raises InvalidInput or UnknownCode."""
    since = _since(doing, given.effective_on)
    item = items.checked(
        Item(
            code=given.code,
            name=given.name.strip(),
            category=given.category,
            legal_basis=given.legal_basis.strip(),
            limit_days=given.limit_days,
            fee=given.fee,
            agent=given.agent,
            departments=tuple(given.departments),
            levels=tuple(given.levels),
            materials=tuple(Material(each.code, each.name, each.original, each.copies) for each in given.materials),
            withdrawn=given.withdrawn,
        )
    )
    await known_category(doing.connection, doing.clock, item.category)
    await _require_departments(doing.connection, item.departments)
    await store.keep_item(doing.connection, item, since)
    return f"{item.code}@{since}"


async def load_classes(connection: Connection, file: Path) -> None:
    """The classes of priority, which every deployment has."""
    await store.keep_classes(connection, _read(file)["class"])


async def load_centres(connection: Connection, file: Path) -> None:
    """Centres, windows and items as they are from the file's day `since` on; what is known of that day already is renewed."""
    data = _read(file)
    since: date = data["since"]
    for item in msgspec.convert(data["item"], list[Item], strict=False):
        await store.keep_item(connection, items.checked(item), since)
    for centre in msgspec.convert(data["centre"], list[Centre], strict=False):
        await store.keep_centre(connection, checked_centre(centre), since)
    for window in msgspec.convert(data["window"], list[Window]):
        await store.keep_window(connection, window, since)


def _read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _closing(text: str) -> time:
    return time.max if text == "24:00" else time.fromisoformat(text)


def _since(doing: Doing, day: date | None) -> date:
    if day is not None and day < today(doing.clock):
        raise InvalidInput("effectiveOn must not lie in the past", field="effectiveOn", rule="day.past")
    return day or today(doing.clock)


def _require_reach(doing: Doing, area: str) -> None:
    if not doing.principal.covers(area):
        raise NotFound("areaCode: outside your areas")


async def _require_departments(connection: Connection, codes: Sequence[str]) -> None:
    if await store.unknown_departments(connection, codes):
        raise UnknownCode("department", field="departments")


COMMANDS = (
    Command("reviseCentre", ReviseCentre, frozenset(REVISERS), revise_centre, "centreVersion"),
    Command("reviseWindow", ReviseWindow, frozenset(REVISERS), revise_window, "windowVersion"),
    Command("reviseItem", ReviseItem, frozenset(REVISERS), revise_item, "itemVersion"),
)
