"""Reads of village sheets."""

from typing import Any

from services.archive.domain.access import READERS, RESIDENT
from services.archive.routes.area import KnownAreas, given
from services.archive.routes.household import at_time
from services.chassis.errors import Forbidden, InvalidInput
from services.chassis.principal import Principal
from services.chassis.service import Asking


async def prepare_village(known: KnownAreas, asking: Asking) -> dict[str, Any]:
    """Raises UnknownCode, and Forbidden for who reads no sheets at all; a village out of reach is not found."""
    args = given(asking, "code", "asOf", "knownAt")
    code = await known.require(asking.pool, args.get("code"), "code")
    if not asking.principal.has(READERS | {RESIDENT}):
        raise Forbidden("villageSheet is for staff and residents")
    return {"id": code, **at_time(args)}


def reaches_all(principal: Principal, code: str) -> bool:
    """Whether the principal reads all household sheets of the village."""
    return principal.has(READERS) and principal.covers(code)


async def prepare_reconciliation(known: KnownAreas, asking: Asking) -> dict[str, Any]:
    """Only who reaches the whole village: the sums over a part of its sheets would show gaps that are none."""
    args = await prepare_village(known, asking)
    if len(args["id"]) != 12:
        raise InvalidInput("code must be the code of a village", field="code", rule="area.kind")
    if not reaches_all(asking.principal, args["id"]):
        raise Forbidden("code: sums are for who reaches the whole village")
    return {"as_of": "infinity", **args}
