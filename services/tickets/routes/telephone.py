"""The telephone systems' hook, and what is checked of reads about calls."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from starlette.responses import Response

from services.chassis.contact import PHONE, checked_phone
from services.chassis.db import transaction
from services.chassis.errors import Forbidden, InvalidInput, NotFound, UnknownCode
from services.chassis.http import JsonBytes, decode
from services.chassis.principal import Caller
from services.chassis.service import Asking, Opening, OpenRoute, Preparation
from services.chassis.vault import Vault
from services.tickets.commands.call import take_call
from services.tickets.domain.access import reach
from services.tickets.domain.call import MOST_DAYS, Span
from services.tickets.domain.role import Role
from services.tickets.domain.telephone import CallEvent, Trunk, heard, signed_by
from services.tickets.store import area as areas
from services.tickets.store import call as calls

AGENTS: frozenset[str] = frozenset({Role.HOTLINE_AGENT})
OVERSEERS = AGENTS | {Role.CITY_ADMIN, Role.AUDITOR}
AUDITORS: frozenset[str] = frozenset({Role.AUDITOR, Role.CITY_ADMIN})


def telephone_hook(trunks: Sequence[Trunk], vault: Vault) -> OpenRoute:
    """`POST /open/calls`, signed by the secret of a trunk; the answer names the call. Without that nothing is kept."""

    async def take(opening: Opening) -> Response:
        body = await opening.request.body()
        now = opening.clock.now()
        trunk = signed_by(trunks, opening.request.headers, body, now)
        told = heard(trunk, decode(body, CallEvent), now)
        caller = Caller(f"telephone:{trunk.code}", areas=(trunk.area,), roles=("telephone",))
        async with transaction(opening.pool, caller) as connection:
            call = await take_call(connection, opening.clock, vault, told)
        return JsonBytes(msgspec.json.encode({"call": call}))

    return OpenRoute("/calls", ("POST",), take)


async def prepare_calls(asking: Asking) -> dict[str, Any]:
    args = await _given(asking, OVERSEERS, "area", "agent", "unlinked", "first", "after")
    if not isinstance(args.get("agent", ""), str) or not isinstance(args.get("unlinked", True), bool):
        raise InvalidInput("agent is a text, unlinked true or false", field="agent", rule="form")
    return args


async def prepare_call_record(asking: Asking) -> dict[str, Any]:
    return await _given(asking, AGENTS, "id")


async def prepare_callbacks(asking: Asking) -> dict[str, Any]:
    return await _given(asking, None, "area", "first", "after")


async def prepare_disclosures(asking: Asking) -> dict[str, Any]:
    return await _given(asking, AUDITORS, "area", "ticket", "first", "after")


async def prepare_caller(vault: Vault, asking: Asking) -> dict[str, Any]:
    """Whose matters: of a call's number, or of a phone that is named; they are found by its blind index."""
    args = await _given(asking, AGENTS, "callId", "phone")
    if len(args) != 1:
        raise InvalidInput("give callId or phone, not both", field="callId", rule="required")
    if "phone" in args:
        return {"index": vault.index(checked_phone(str(args["phone"]), "phone"), field=PHONE).hex()}
    try:
        key = UUID(str(args["callId"]))
    except ValueError:
        raise InvalidInput("callId is no key of a call", field="callId", rule="form") from None
    async with transaction(asking.pool, reach(asking.principal)) as connection:
        call = await calls.find(connection, key)
    if call is None or call.number is None:
        raise NotFound("callId: none such, outside your reach, or its number is not known")
    return {"index": call.number.index.hex()}


async def prepare_measures(asking: Asking) -> dict[str, Any]:
    """The days are calendar days in China, both included."""
    args = await _given(asking, OVERSEERS, "from", "to", "by", "area")
    first, last = (_day(args, name) for name in ("from", "to"))
    if not timedelta(0) <= last - first < timedelta(days=MOST_DAYS):
        raise InvalidInput(f"to must not be before from, nor {MOST_DAYS} days on", field="to", rule="span")
    by = args.get("by", Span.TOTAL.value)
    if by not in Span.__members__:
        raise InvalidInput(f"by must be one of {', '.join(Span)}", field="by", rule="form")
    return args | {"by": by}


def preparations(vault: Vault | None) -> dict[str, Preparation]:
    """By root; `caller` is there only where the keys are."""
    plain: dict[str, Preparation] = {
        "calls": prepare_calls,
        "callRecord": prepare_call_record,
        "callbackQueue": prepare_callbacks,
        "disclosures": prepare_disclosures,
        "hotlineMeasures": prepare_measures,
    }
    return plain if vault is None else plain | {"caller": partial(prepare_caller, vault)}


async def _given(asking: Asking, roles: frozenset[str] | None, *known: str) -> dict[str, Any]:
    """The arguments that are given, an area checked. Raises Forbidden, InvalidInput or UnknownCode."""
    if roles is not None and not asking.principal.has(roles):
        raise Forbidden(f"this is for the roles: {', '.join(sorted(roles))}")
    args = {name: value for name, value in asking.args.items() if value is not None}
    for name in args.keys() - set(known):
        raise InvalidInput(f"{name} is no argument here", field=name, rule="known.argument")
    area = args.get("area")
    if area is not None and (not isinstance(area, str) or await areas.find(asking.pool, area) is None):
        raise UnknownCode("area", field="area")
    return args


def _day(args: dict[str, Any], name: str) -> date:
    try:
        return date.fromisoformat(str(args.get(name)))
    except ValueError:
        raise InvalidInput(f"{name} must be a day, such as 2026-01-31", field=name, rule="form") from None
