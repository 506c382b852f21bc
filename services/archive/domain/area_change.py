"""Areas that change: villages and grids are merged, split, moved under another code, renamed.

A plan says all that follows: which areas end and begin, where each grid's households go, and which numbers (户号) change because a village holds
each once. Rules that a plan is made by:

- A code is never given to another area; one that an undone change began was never valid, and may be begun again.
- Of the areas that a merge or split names, one may go on: the one whose code is among those of the result.
- Grids follow their village. A grid keeps its serial where its new village never had that, else it gets the next after the highest.
- A number that another household of the new village has gets the first free of -2, -3 … after it. Whoever stays keeps theirs; of those who come,
  whose former area was named first.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import count
from typing import Literal, TypeVar
from uuid import UUID

from services.archive.domain.area import COUNTY_DIGITS, GRID_DIGITS, VILLAGE_DIGITS, Area, village_of
from services.archive.domain.division import NAME, CodeBroken, code_of
from services.archive.domain.text import REASON
from services.chassis.errors import InvalidInput, UnknownCode

Kind = Literal["MERGE", "SPLIT", "MOVE", "RENAME"]
Fate = Literal["ENDED", "BEGUN", "KEPT", "RENAMED"]
State = Literal["PLANNED", "DONE", "UNDONE"]
LAST_SERIAL = 9999
_GRID = re.compile(rf"[0-9]{{{GRID_DIGITS}}}")

T = TypeVar("T")


@dataclass(frozen=True)
class Target:
    """An area of the result. `code`: of a grid, its village's is enough, or none where it stays in its village: it then gets the next serial.

    Of a split, `grids` (codes; of a village) or `households` (ids; of a grid) say what it gets; one target may leave that out and gets the rest.
    `plots` are codes of plots that the village holds itself.
    """

    code: str | None = None
    name: str | None = None
    grids: tuple[str, ...] | None = None
    households: tuple[UUID, ...] | None = None
    plots: tuple[str, ...] = ()


@dataclass(frozen=True)
class Request:
    """What shall be done to the areas of `former`; `changed_on` is the first day of what comes."""

    kind: Kind
    changed_on: date
    reason: str
    former: tuple[str, ...]
    to: tuple[Target, ...]

    @property
    def named(self) -> tuple[str, ...]:
        """The codes that it names."""
        return (*self.former, *(target.code for target in self.to if target.code))

    @property
    def villages(self) -> tuple[str, ...]:
        """The villages that these are or lie in."""
        return tuple(dict.fromkeys(village_of(code) for code in self.named if len(code) >= VILLAGE_DIGITS))


@dataclass(frozen=True)
class Sheet:
    """A household as a plan sees it: counts are of its members and of its plots."""

    id: UUID
    grid: str
    number: str
    open: bool = True
    persons: int = 0
    plots: int = 0


@dataclass(frozen=True)
class Register:
    """What there is: all areas and sheets of the villages concerned, with the areas above; plots that villages hold (code → village), who works
    in which grid, and the last day on which something of an area changed."""

    areas: Mapping[str, Area]
    sheets: Sequence[Sheet] = ()
    plots: Mapping[str, str] = field(default_factory=dict)
    workers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    changed: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True)
class Number:
    """A household that gets another number, in the grid that it comes to."""

    household: UUID
    grid: str
    former: str
    number: str


@dataclass(frozen=True)
class Plan:
    """All that follows from a request. `ways` maps each area that hands something over to the one that gets what is named nowhere else, which
    may be itself; `sheets` and `plots` say what is named. `edges` are (predecessor, successor), of villages too where a grid goes to another."""

    request: Request
    ended: tuple[str, ...] = ()
    begun: tuple[Area, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    edges: tuple[tuple[str, str], ...] = ()
    ways: Mapping[str, str] = field(default_factory=dict)
    sheets: Mapping[UUID, str] = field(default_factory=dict)
    plots: Mapping[str, str] = field(default_factory=dict)
    numbers: tuple[Number, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """Every area that it ends, begins, renames or hands something to."""
        begun = (area.code for area in self.begun)
        both = (code for edge in self.edges for code in edge)
        return tuple(dict.fromkeys((*self.ended, *begun, *self.names, *both)))

    def grid_of(self, sheet: Sheet) -> str:
        """Where the household lies afterwards."""
        return self.sheets.get(sheet.id) or self.ways.get(sheet.grid, sheet.grid)


@dataclass(frozen=True)
class Touched:
    """What a change does to one area. Counts: of one that ends what it holds, of another what comes to it."""

    fate: Fate
    code: str
    name: str
    former_name: str | None
    households: int
    persons: int
    plots: int
    grid_workers: int


@dataclass(frozen=True)
class Way:
    """How many households go from where to where."""

    predecessor: str
    successor: str
    households: int


@dataclass(frozen=True)
class Impact:
    """What a plan does, as it is shown and then carried out: households that are open, their members and plots, and those of villages."""

    areas: tuple[Touched, ...]
    moves: tuple[Way, ...]
    numbers: tuple[Number, ...]
    households: int
    persons: int
    plots: int
    grid_workers: int


@dataclass(frozen=True)
class AreaChange:
    """A change as it is kept. `area` is the smallest division that holds it all."""

    id: UUID
    area: str
    request: Request
    impact: Impact
    codes: tuple[str, ...]
    version: int
    planned_by: str
    planned_at: datetime
    state: State = "PLANNED"


def plan_change(request: Request, register: Register) -> Plan:
    """Raises InvalidInput or UnknownCode for the first rule that the request breaks."""
    REASON.check(request.reason, "reason")
    former = _former(request, register)
    if request.kind == "RENAME":
        return Plan(request, names=_renamed(request, register, former[0]))
    counts = {"MERGE": (2, 1), "SPLIT": (1, 2), "MOVE": (1, 1)}
    least, results = counts[request.kind]
    if len(former) < least or (request.kind != "MERGE" and len(former) > 1):
        raise InvalidInput(
            f"from: {request.kind} takes {'two or more areas' if least > 1 else 'one area'}",
            field="from",
            rule="change.from",
        )
    if len(request.to) < results or (request.kind != "SPLIT" and len(request.to) > 1):
        raise InvalidInput(
            f"to: {request.kind} makes {'two or more areas' if results > 1 else 'one area'}",
            field="to",
            rule="change.to",
        )
    plan = _villages(request, register, former) if former[0].kind == "VILLAGE" else _grids(request, register, former)
    _require_days(plan, register)
    return replace(plan, numbers=tuple(_numbers(plan, register)))


def impact_of(plan: Plan, register: Register) -> Impact:
    """What the plan does to what is there."""
    moved = [
        (sheet, plan.grid_of(sheet)) for sheet in register.sheets if sheet.open and plan.grid_of(sheet) != sheet.grid
    ]
    held = [(area, plan.plots.get(code) or plan.ways.get(area, area)) for code, area in register.plots.items()]
    held = [(area, village) for area, village in held if area != village]
    workers = [(subject, *edge) for edge in plan.edges for subject in register.workers.get(edge[0], ())]
    names = {area.code: area.name for area in (*register.areas.values(), *plan.begun)}

    def touched(fate: Fate, code: str) -> Touched:
        """Of an area that ends what goes out of it, of another what comes in. What moves inside of it does neither."""
        here, there = (0, 1) if fate == "ENDED" else (1, 0)

        def counts(way: tuple[str, str]) -> bool:
            return way[here].startswith(code) and not way[there].startswith(code)

        sheets = [sheet for sheet, grid in moved if counts((sheet.grid, grid))]
        return Touched(
            fate,
            code,
            plan.names.get(code, names[code]),
            names[code] if code in plan.names else None,
            len(sheets),
            sum(sheet.persons for sheet in sheets),
            sum(sheet.plots for sheet in sheets) + sum(counts(way) for way in held),
            len({subject for subject, *way in workers if counts((way[0], way[1]))}),
        )

    begun = [area.code for area in plan.begun]
    others = [code for code in plan.codes if code not in plan.ended and code not in begun]
    fates: list[tuple[Fate, str]] = [
        *(("ENDED", code) for code in plan.ended),
        *(("BEGUN", code) for code in begun),
        *((("RENAMED" if code in plan.names else "KEPT"), code) for code in others),
    ]
    return Impact(
        areas=tuple(touched(fate, code) for fate, code in fates),
        moves=tuple(
            Way(*edge, sum(sheet.grid.startswith(edge[0]) and grid.startswith(edge[1]) for sheet, grid in moved))
            for edge in plan.edges
        ),
        numbers=plan.numbers,
        households=len(moved),
        persons=sum(sheet.persons for sheet, _ in moved),
        plots=sum(sheet.plots for sheet, _ in moved) + len(held),
        grid_workers=len({subject for subject, *_ in workers}),
    )


def holding(codes: Iterable[str]) -> str:
    """The smallest division that holds all of them; they lie in one county."""
    some = list(codes)
    return next(
        some[0][:size]
        for size in (GRID_DIGITS, VILLAGE_DIGITS, 9, COUNTY_DIGITS)
        if all(code[:size] == some[0][:size] for code in some)
    )


def _former(request: Request, register: Register) -> list[Area]:
    """The areas that are named, each known, valid and of one kind, in one county with what comes."""
    if not request.former:
        raise InvalidInput("from: name at least one area", field="from", rule="required")
    if not request.to:
        raise InvalidInput("to: name at least one area", field="to", rule="required")
    areas = []
    for position, code in enumerate(request.former):
        field = f"from[{position}]"
        if code not in register.areas:
            raise UnknownCode("area", field=field)
        if request.former.index(code) != position:
            raise InvalidInput(f"{field} names an area twice", field=field, rule="unique")
        area = register.areas[code]
        if area.valid_to is not None:
            raise InvalidInput(f"{field} is not valid any more", field=field, rule="area.valid")
        if area.kind != register.areas[request.former[0]].kind:
            raise InvalidInput(f"{field} must be of the same kind as the others", field=field, rule="area.kind")
        areas.append(area)
    if request.kind != "RENAME" and areas[0].kind not in ("VILLAGE", "GRID"):
        raise InvalidInput("from: only villages and grids are merged, split or moved", field="from", rule="area.kind")
    if request.kind != "RENAME" and len({code[:COUNTY_DIGITS] for code in request.named}) > 1:
        raise InvalidInput("a change must lie in one county", field="to", rule="change.one_county")
    return areas


def _renamed(request: Request, register: Register, area: Area) -> dict[str, str]:
    if len(request.former) > 1 or len(request.to) > 1:
        raise InvalidInput("from and to: RENAME takes one area", field="from", rule="change.from")
    target = request.to[0]
    if target.code not in (None, area.code):
        raise InvalidInput(
            "to[0].code: RENAME leaves the code as it is; MOVE changes it", field="to[0].code", rule="change.code"
        )
    name = _name(target, 0, None)
    if name == area.name:
        raise InvalidInput("to[0].name is the area's name already", field="to[0].name", rule="name.changed")
    _require_day(request, register, area.code)
    return {area.code: name}


def _name(target: Target, position: int, usual: str | None) -> str:
    field = f"to[{position}].name"
    if target.name is not None:
        return NAME.check(target.name, field)
    if usual is None:
        raise InvalidInput(f"{field} is needed", field=field, rule="required")
    return usual


def _villages(request: Request, register: Register, former: Sequence[Area]) -> Plan:
    """Villages, whose grids get codes of the villages that they come to."""
    sources = {area.code for area in former}
    targets = [_village(request, register, target, position) for position, target in enumerate(request.to)]
    _require_distinct(targets)
    for position, target in enumerate(request.to):
        if target.households is not None or (target.grids is not None and request.kind != "SPLIT"):
            raise InvalidInput(
                f"to[{position}]: only a split shares out, and villages share grids",
                field=f"to[{position}]",
                rule="change.parts",
            )
    present = {
        code: area.name
        for code, area in sorted(register.areas.items())
        if area.kind == "GRID" and area.valid_to is None and village_of(code) in sources
    }
    home = dict.fromkeys(present, targets[0])
    rest: str | None = targets[0]
    if request.kind == "SPLIT":
        home, rest = _shared(targets, [target.grids for target in request.to], present, "grids")
        if (
            present
            and (empty := next((n for n, code in enumerate(targets) if code not in home.values()), None)) is not None
        ):
            raise InvalidInput(
                f"to[{empty}].grids: each village gets at least one", field=f"to[{empty}].grids", rule="split.empty"
            )
    serials = _Serials(register)
    order = {area.code: place for place, area in enumerate(former)}
    grids = {
        grid: grid if village_of(grid) == home[grid] else serials.give(home[grid], grid[VILLAGE_DIGITS:])
        for grid in sorted(home, key=lambda grid: (order[village_of(grid)], grid))
    }
    edges = [(source, target) for source in order for target in targets if source != target]
    edges += [(grid, code) for grid, code in grids.items() if grid != code]
    villages, names = _begun(request, register, targets, former)
    follow = (
        Area(code, present[grid], request.changed_on, source=request.reason)
        for grid, code in grids.items()
        if grid != code
    )
    return Plan(
        request,
        ended=tuple(code for code in (*order, *grids) if code not in targets and code not in grids.values()),
        begun=(*villages, *follow),
        names=names,
        edges=tuple(edges),
        ways={**dict.fromkeys(order, rest or targets[0]), **grids},
        plots=dict(_plots(request, register, targets, sources)),
    )


def _grids(request: Request, register: Register, former: Sequence[Area]) -> Plan:
    """Grids, whose households follow, in a split as they are named."""
    if len({village_of(area.code) for area in former}) > 1:
        raise InvalidInput("from: grids that are merged lie in one village", field="from", rule="grid.same_village")
    serials = _Serials(register)
    targets = [_grid(request, register, target, position, serials) for position, target in enumerate(request.to)]
    _require_distinct(targets)
    for position, target in enumerate(request.to):
        if target.grids is not None or target.plots or (target.households is not None and request.kind != "SPLIT"):
            raise InvalidInput(
                f"to[{position}]: only a split shares out, and grids share households",
                field=f"to[{position}]",
                rule="change.parts",
            )
    sheets: Mapping[UUID, str] = {}
    rest: str | None = targets[0]
    if request.kind == "SPLIT":
        here = {sheet.id: sheet for sheet in register.sheets if sheet.grid == former[0].code and sheet.open}
        sheets, rest = _shared(targets, [target.households for target in request.to], here, "households")
    begun, names = _begun(request, register, targets, former)
    ways = [(area.code, target) for area in former for target in targets if area.code != target]
    villages = dict.fromkeys((village_of(one), village_of(other)) for one, other in ways)
    return Plan(
        request,
        ended=tuple(area.code for area in former if area.code not in targets),
        begun=begun,
        names=names,
        edges=(*(way for way in villages if way[0] != way[1]), *ways),
        ways={area.code: rest or targets[0] for area in former},
        sheets=sheets,
    )


def _village(request: Request, register: Register, target: Target, position: int) -> str:
    """The code of a village of the result; raises where no village can have it, or another has or had it."""
    field = f"to[{position}].code"
    if target.code is None:
        raise InvalidInput(f"{field} is needed", field=field, rule="required")
    try:
        whole = code_of(target.code) == target.code
    except CodeBroken as broken:
        raise InvalidInput(f"{field} {broken.form}", field=field, rule=broken.rule) from None
    if not whole or len(target.code) != VILLAGE_DIGITS:
        raise InvalidInput(f"{field} must be the 12 digits of a village", field=field, rule="area.kind")
    _require_free(request, register, target.code, field)
    _require_above(request, register, target.code[:9], field)
    return target.code


def _grid(request: Request, register: Register, target: Target, position: int, serials: "_Serials") -> str:
    """The code of a grid of the result: as it is given, or the next in the village."""
    field = f"to[{position}].code"
    code = target.code or village_of(request.former[0])
    if len(code) != VILLAGE_DIGITS and not _GRID.fullmatch(code):
        raise InvalidInput(
            f"{field} must be the 16 digits of a grid, or its village's 12", field=field, rule="area.kind"
        )
    village = village_of(code)
    if request.kind != "MOVE" and village != village_of(request.former[0]):
        raise InvalidInput(f"{field}: a grid is moved, then merged or split", field=field, rule="grid.same_village")
    _require_above(request, register, village, field)
    if len(code) == VILLAGE_DIGITS:
        return serials.give(village)
    _require_free(request, register, code, field)
    serials.take(code)
    return code


def _require_free(request: Request, register: Register, code: str, field: str) -> None:
    known = register.areas.get(code)
    if known is None or known.never_was:
        return
    if request.kind == "MOVE" or code not in request.former:
        raise InvalidInput(f"{field} is, or was, that of another area", field=field, rule="code.unused")


def _require_above(request: Request, register: Register, code: str, field: str) -> None:
    above = register.areas.get(code)
    if above is None or above.valid_to is not None or not above.valid_on(request.changed_on):
        raise InvalidInput(
            f"{field}: what it lies in must be there, and valid on the day", field=field, rule="area.above"
        )


def _require_distinct(targets: Sequence[str]) -> None:
    for position, code in enumerate(targets):
        if code in targets[:position]:
            raise InvalidInput(f"to[{position}].code names an area twice", field=f"to[{position}].code", rule="unique")


def _shared(
    targets: Sequence[str], given: Sequence[Sequence[T] | None], there: Mapping[T, object], what: str
) -> tuple[dict[T, str], str | None]:
    """Part → target, each part once; and the target that gets the rest, None when all are named."""
    home: dict[T, str] = {}
    rest: str | None = None
    for position, (target, parts) in enumerate(zip(targets, given, strict=True)):
        field = f"to[{position}].{what}"
        if parts is None:
            if rest is not None:
                raise InvalidInput(f"{field}: only one of the areas gets the rest", field=field, rule="split.rest")
            rest = target
        for part in parts or ():
            if part not in there:
                raise InvalidInput(f"{field} must be of the area that is split", field=field, rule="split.known")
            if part in home:
                raise InvalidInput(f"{field} names one that another area gets", field=field, rule="unique")
            home[part] = target
    left = [part for part in there if part not in home]
    if left and rest is None:
        raise InvalidInput(
            f"to: {len(left)} {what} are named nowhere, and no area gets the rest", field="to", rule="split.whole"
        )
    return home | {part: rest for part in left if rest is not None}, rest


def _begun(
    request: Request, register: Register, targets: Sequence[str], former: Sequence[Area]
) -> tuple[tuple[Area, ...], dict[str, str]]:
    """The areas that begin, and the new names of those that go on."""
    begun, names = [], {}
    sources = {area.code: area for area in former}
    for position, (code, target) in enumerate(zip(targets, request.to, strict=True)):
        if code not in sources:
            usual = former[0].name if request.kind == "MOVE" else None
            begun.append(Area(code, _name(target, position, usual), request.changed_on, source=request.reason))
        elif target.name is not None and (name := _name(target, position, None)) != sources[code].name:
            names[code] = name
    return tuple(begun), names


def _plots(
    request: Request, register: Register, targets: Sequence[str], sources: set[str]
) -> Iterator[tuple[str, str]]:
    """The plots of the village itself that are named."""
    seen: set[str] = set()
    for position, (code, target) in enumerate(zip(targets, request.to, strict=True)):
        field = f"to[{position}].plots"
        for plot in target.plots:
            if register.plots.get(plot) not in sources:
                raise InvalidInput(
                    f"{field} must be of a village that changes, and held by it", field=field, rule="split.known"
                )
            if plot in seen:
                raise InvalidInput(f"{field} names a plot twice", field=field, rule="unique")
            seen.add(plot)
            yield plot, code


def _require_days(plan: Plan, register: Register) -> None:
    """What ends was valid for a day at least, and nothing of it has changed on the day or later."""
    begun = {area.code for area in plan.begun}
    for code in plan.codes:
        if code not in begun:
            _require_day(plan.request, register, code)


def _require_day(request: Request, register: Register, code: str) -> None:
    if request.changed_on <= register.areas[code].valid_from:
        raise InvalidInput(
            "changedOn must lie after the first day of what changes", field="changedOn", rule="changed_on.after_begin"
        )
    if code in register.changed and request.changed_on <= register.changed[code]:
        raise InvalidInput(
            "changedOn must lie after the last change of the same areas", field="changedOn", rule="changed_on.order"
        )


def _numbers(plan: Plan, register: Register) -> Iterator[Number]:
    """The households whose number another household of their new village has."""
    after = {sheet.id: plan.grid_of(sheet) for sheet in register.sheets if sheet.open}
    taken: dict[str, set[str]] = {}
    coming = []
    for sheet in register.sheets:
        if sheet.open and village_of(after[sheet.id]) == village_of(sheet.grid):
            taken.setdefault(village_of(sheet.grid), set()).add(sheet.number)
        elif sheet.open:
            coming.append(sheet)
    order = {village_of(code): place for place, code in reversed(list(enumerate(plan.request.former)))}
    twice = []
    for sheet in sorted(coming, key=lambda sheet: (order[village_of(sheet.grid)], sheet.number, sheet.id)):
        numbers = taken.setdefault(village_of(after[sheet.id]), set())
        if sheet.number in numbers:
            twice.append(sheet)
        numbers.add(sheet.number)
    for sheet in twice:
        numbers = taken[village_of(after[sheet.id])]
        number = next(free for n in count(2) if (free := f"{sheet.number}-{n}") not in numbers)
        numbers.add(number)
        yield Number(sheet.id, after[sheet.id], sheet.number, number)


class _Serials:
    """The serials of grids that villages ever had."""

    def __init__(self, register: Register) -> None:
        self._used: dict[str, set[int]] = {}
        for code, area in register.areas.items():
            if area.kind == "GRID" and not area.never_was:
                self.take(code)

    def take(self, code: str) -> None:
        self._used.setdefault(village_of(code), set()).add(int(code[VILLAGE_DIGITS:]))

    def give(self, village: str, wanted: str | None = None) -> str:
        """The code of a grid of the village: with the wanted serial if no grid ever had that, else with the next."""
        used = self._used.setdefault(village, set())
        serial = max(used, default=0) + 1 if wanted is None or int(wanted) in used else int(wanted)
        if serial > LAST_SERIAL:
            raise InvalidInput("to: the village has no serial for another grid", field="to", rule="grid.serials")
        used.add(serial)
        return f"{village}{serial:04d}"
