"""Checks the arguments of the reads of series, sessions and sign-ups. Everybody who is authenticated may read them; policies hide who signed up."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from services.chassis.clock import SystemClock, today
from services.chassis.errors import UnknownCode
from services.chassis.service import Asking, Preparation
from services.liaison.domain import sign_up
from services.liaison.domain.session import Kind, State
from services.liaison.routes.arguments import argument
from services.liaison.store import area as areas

_FORMS: Mapping[str, Any] = {
    "areaCode": str,
    "area": str,
    "kind": Kind,
    "from": date,
    "to": date,
    "state": State,
    "subject": str,
    "gap": bool,
    "session": UUID,
}


async def _checked(asking: Asking, **forms: Any) -> dict[str, Any]:
    """The arguments, `areaCode` as `area`; raises InvalidInput for another form and UnknownCode for an area that is not known."""
    args = {name: value for name, value in asking.args.items() if value is not None}
    known = {**_FORMS, **forms}
    for name in args.keys() & known.keys():
        argument(asking, name, known[name])
    code = args.pop("areaCode", None)
    if code is None:
        return args
    if not await areas.known(asking.pool, code):
        raise UnknownCode("area", field="areaCode")
    return {**args, "area": code}


async def sessions(asking: Asking) -> dict[str, Any]:
    return await _checked(asking)


async def sessions_ahead(asking: Asking) -> dict[str, Any]:
    """From today on, unless `from` says otherwise."""
    return {"from": today(SystemClock()).isoformat(), **await _checked(asking)}


async def sign_ups(asking: Asking) -> dict[str, Any]:
    return await _checked(asking, state=sign_up.State)


PREPARE: Mapping[str, Preparation] = {
    "series": sessions,
    "sessions": sessions,
    "sessionsAhead": sessions_ahead,
    "signUps": sign_ups,
}
