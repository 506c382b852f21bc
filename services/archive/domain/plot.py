"""Plots (地块): code, category, area in mu, and four sides in words (NY/T 2537-2014 for codes and categories of contracted land)."""

import re
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any, Protocol, TypeVar
from uuid import UUID

from services.archive.domain.text import NAME, WORDS
from services.chassis.errors import InvalidInput, NotFound

CODE = re.compile(r"[0-9]{19}")
"""14 digits of who gives it out (village 12 and group 2), 5 of a serial."""
CATEGORIES = {"10": "承包地块", "21": "自留地", "22": "机动地", "23": "开荒地", "99": "其他集体土地"}
M2_PER_MU = Decimal("666.67")
MOST_MU = Decimal(1_000_000)
SIDES = ("east", "south", "west", "north")


@dataclass(frozen=True)
class Plot:
    """A plot as a sheet shows it. Areas are in mu; `shape` is the polygon as hexadecimal EWKB in CGCS2000 (EPSG:4490)."""

    id: UUID
    code: str
    name: str
    category: str
    contract_mu: Decimal
    east: str
    south: str
    west: str
    north: str
    measured_mu: Decimal | None = None
    witness: str | None = None
    disputed: bool = False
    shape: str | None = None


@dataclass(frozen=True)
class PlotInput:
    """A plot as it shall be; None leaves a fact as it is, an empty witness takes it away. `shape` is hexadecimal EWKB, known to be sound."""

    code: str | None = None
    name: str | None = None
    category: str | None = None
    contract_mu: Decimal | None = None
    measured_mu: Decimal | None = None
    east: str | None = None
    south: str | None = None
    west: str | None = None
    north: str | None = None
    witness: str | None = None
    shape: str | None = None


NEEDED = ("code", "name", "category", "contract_mu", *SIDES)
"""What a new plot cannot be without."""


@dataclass(frozen=True)
class Commons:
    """What a village itself holds of the plots that a deed is about."""

    area: str
    plots: tuple[Plot, ...] = ()


class Holder(Protocol):
    """A sheet, or a village's commons."""

    @property
    def plots(self) -> tuple[Plot, ...]: ...


H = TypeVar("H", bound=Holder)


def recorded(holder: H, given: PlotInput, village: str, key: UUID) -> H:
    """The holder with one plot more; raises InvalidInput."""
    for name in NEEDED:
        if getattr(given, name) is None:
            raise InvalidInput(f"{_public(name)} is needed", field=_public(name), rule="required")
    facts: dict[str, Any] = _checked(given, village)
    return _with(holder, (*holder.plots, Plot(key, **facts)))


def revised(holder: H, key: UUID, given: PlotInput, village: str) -> H:
    """The holder with the plot as given; raises InvalidInput, NotFound. A code that stays is not held against today's village."""
    plot = held(holder, key)
    if given.code == plot.code:
        given = replace(given, code=None)
    return _replaced(holder, replace(plot, **_checked(given, village)))


def removed(holder: H, key: UUID) -> H:
    """The holder without the plot; raises InvalidInput while it is in dispute, NotFound."""
    require_peace(held(holder, key))
    return _with(holder, tuple(plot for plot in holder.plots if plot.id != key))


G = TypeVar("G", bound=Holder)


def transferred(giver: G, taker: H, key: UUID, back: UUID | None = None) -> tuple[G, H]:
    """Both holders after a plot has gone from one to the other (流转), and `back` the other way (调换).

    Both keep every plot's facts: no mu is lost. Raises InvalidInput while one is in dispute, NotFound for one that is not there.
    """
    there, returned = held(giver, key), None if back is None else held(taker, back)
    for plot in (there, returned):
        if plot is not None:
            require_peace(plot)
    given = [plot for plot in giver.plots if plot.id != key]
    taken = [plot for plot in taker.plots if plot.id != back]
    if returned is not None:
        given.append(returned)
    return _with(giver, tuple(given)), _with(taker, (*taken, there))


def disputed(holder: H, key: UUID, flag: bool) -> H:
    """The holder with the plot in dispute, or no longer; raises InvalidInput when it is so already, NotFound."""
    plot = held(holder, key)
    if plot.disputed == flag:
        raise InvalidInput(
            "id: the plot is in dispute already" if flag else "id: the plot is in no dispute",
            field="id",
            rule="plot.dispute",
        )
    return _replaced(holder, replace(plot, disputed=flag))


def held(holder: Holder, key: UUID) -> Plot:
    """Raises NotFound."""
    for plot in holder.plots:
        if plot.id == key:
            return plot
    raise NotFound("plot: not held there on that day")


def differences(former: Plot, plot: Plot) -> tuple[str, ...]:
    """The public names of the facts that differ."""
    return tuple(_public(f.name) for f in fields(Plot) if getattr(former, f.name) != getattr(plot, f.name))


def _checked(given: PlotInput, village: str) -> dict[str, Any]:
    """The facts that are given, under their names; raises InvalidInput."""
    facts: dict[str, Any] = {}
    if given.code is not None:
        facts["code"] = checked_code(given.code, village)
    if given.name is not None:
        facts["name"] = NAME.check(given.name, "name")
    if given.category is not None:
        if given.category not in CATEGORIES:
            raise InvalidInput(
                f"category must be one of {', '.join(CATEGORIES)}", field="category", rule="plot.category"
            )
        facts["category"] = given.category
    for name in ("contract_mu", "measured_mu"):
        if (mu := getattr(given, name)) is not None:
            facts[name] = _checked_mu(mu, _public(name))
    for side in SIDES:
        if (words := getattr(given, side)) is not None:
            facts[side] = WORDS.check(words, side)
    if given.witness is not None:
        facts["witness"] = NAME.check(given.witness, "witness") if given.witness.strip() else None
    if given.shape is not None:
        facts["shape"] = given.shape
    return facts


def checked_code(code: str, village: str) -> str:
    """The code; raises InvalidInput unless it has the form and its first 12 digits are the village's code."""
    if not CODE.fullmatch(code):
        raise InvalidInput(
            "code must have 19 digits: village 12, group 2, serial 5", field="code", rule="plot_code.form"
        )
    if not code.startswith(village):
        raise InvalidInput(
            "code must begin with the code of the household's village", field="code", rule="plot_code.village"
        )
    if code.endswith("00000"):
        raise InvalidInput("code must have a serial from 00001 on", field="code", rule="plot_code.serial")
    return code


def _checked_mu(mu: Decimal, field: str) -> Decimal:
    if not 0 <= mu <= MOST_MU:
        raise InvalidInput(f"{field} must be from 0 to {MOST_MU} mu", field=field, rule="mu.range")
    if mu != round(mu, 2):
        raise InvalidInput(f"{field} must have at most two decimals", field=field, rule="mu.decimals")
    return round(mu, 2)


def require_peace(plot: Plot, field: str = "id") -> None:
    """Raises InvalidInput while it is in dispute: what is disputed stays where it is."""
    if plot.disputed:
        raise InvalidInput(f"{field}: the plot is in dispute; settle that first", field=field, rule="plot.disputed")


def _replaced(holder: H, plot: Plot) -> H:
    return _with(holder, tuple(plot if other.id == plot.id else other for other in holder.plots))


def _with(holder: H, plots: tuple[Plot, ...]) -> H:
    return replace(holder, plots=plots)  # type: ignore[type-var]


def _public(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)
