"""Units of the network (网络): the service centres and points of county, township and village (便民服务中心、代办点), and their business staff.

Which items a unit handles is data: codes of categories, each with all that lies below it, and of single service items. Pure.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from services.chassis import phone
from services.chassis.errors import Conflict, InvalidInput
from services.chassis.text import Text
from services.tickets.domain.catalogue import require_code
from services.tickets.domain.role import Role
from services.tickets.domain.window import LEVELS

REVISERS = (Role.CITY_ADMIN, Role.TOWNSHIP_CLERK)
"""Set up units, and say who works there, in their areas."""
MOST_ITEMS = 500
NAME = Text(100)
PHONE = Text(30)
HOURS = Text(200)
STAFF_NAME = Text(60)
SUBJECT = Text(200)


@dataclass(frozen=True, kw_only=True)
class Unit:
    """Its code is that of its area, so it has a level. `phone` and `hours` are told to everybody."""

    code: str
    name: str
    phone: str | None = None
    hours: str | None = None
    items: tuple[str, ...] = ()
    active: bool = True

    def handles(self, codes: Collection[str]) -> bool:
        """`codes` are an item's own and those of the categories that hold it."""
        return self.active and not set(codes).isdisjoint(self.items)


@dataclass(frozen=True, kw_only=True)
class Staff:
    """Who does these items at a unit: the subject of an account, and the name that is shown. `deputy` is another's subject."""

    unit: str
    subject: str
    name: str
    items: tuple[str, ...]
    deputy: str | None = None
    active: bool = True


def checked_unit(unit: Unit) -> Unit:
    """Raises InvalidInput that names the field."""
    if len(unit.code) not in LEVELS:
        raise InvalidInput("code must be that of a county, township or village", field="code", rule="kind.area")
    NAME.check(unit.name, "name")
    if unit.hours is not None:
        HOURS.check(unit.hours, "hours")
    if unit.phone is not None and phone.parse(PHONE.check(unit.phone, "phone")) is None:
        raise InvalidInput("phone is no phone number: give it with its area code", field="phone", rule="form")
    _check_items(unit.items)
    return unit


def checked_staff(staff: Staff) -> Staff:
    """Raises InvalidInput that names the field."""
    SUBJECT.check(staff.subject, "subject")
    STAFF_NAME.check(staff.name, "name")
    if staff.deputy is not None and SUBJECT.check(staff.deputy, "deputy") == staff.subject:
        raise InvalidInput("deputy must be somebody else", field="deputy", rule="other")
    if not staff.items:
        raise InvalidInput("items must name at least one", field="items", rule="required")
    _check_items(staff.items)
    return staff


def _check_items(items: Sequence[str]) -> None:
    if len(items) > MOST_ITEMS or len(set(items)) < len(items):
        raise InvalidInput(f"items: at most {MOST_ITEMS} codes, each once", field="items", rule="unique")
    for code in items:
        require_code(code, "items")


def require_handled(unit: Unit | None, codes: Collection[str]) -> None:
    """A matter goes only to a unit that is there and handles it: raises Conflict that says which of the two is wrong."""
    if unit is None or not unit.active:
        raise Conflict(
            "station: no unit works in this area; hand it to another, or have the unit set up", rule="unit.known"
        )
    if not unit.handles(codes):
        raise Conflict("station: the unit of this area does not handle matters of this category", rule="unit.handles")
