"""reviseItemClerk: who does a permit or certificate; a caller's matter of that kind goes straight to them."""

import re

from services.chassis.commands import Command, Doing, Input
from services.chassis.errors import InvalidInput, NotFound, UnknownCode
from services.tickets.domain.role import Role
from services.tickets.domain.text import SUBJECT
from services.tickets.store import area as areas
from services.tickets.store import call as store
from services.tickets.store import department as departments

ITEM = re.compile(r"[a-z][a-z0-9-]{0,39}")


class ReviseItemClerk(Input, frozen=True, kw_only=True):
    """`item_code` is a category's or a service item's. Inactive, the next larger area's clerk does it."""

    item_code: str
    area_code: str
    department_code: str
    subject: str
    active: bool = True


async def revise_item_clerk(doing: Doing, given: ReviseItemClerk) -> str:
    """Raises InvalidInput, UnknownCode, or NotFound for an area out of reach."""
    if not ITEM.fullmatch(given.item_code):
        raise InvalidInput("itemCode must have the form of a code, such as id-card", field="itemCode", rule="form")
    if await areas.find(doing.connection, given.area_code) is None:
        raise UnknownCode("area", field="areaCode")
    if not doing.principal.covers(given.area_code):
        raise NotFound("areaCode: outside your areas")
    if not await departments.known(doing.connection, given.department_code):
        raise UnknownCode("department", field="departmentCode")
    await store.keep_clerk(
        doing.connection,
        item=given.item_code,
        area=given.area_code,
        department=given.department_code,
        subject=SUBJECT.check(given.subject, "subject"),
        active=given.active,
        by=doing.principal.subject,
        at=doing.clock.now(),
    )
    return f"{given.item_code}/{given.area_code}"


COMMAND = Command("reviseItemClerk", ReviseItemClerk, frozenset({Role.CITY_ADMIN}), revise_item_clerk, "itemClerk")
