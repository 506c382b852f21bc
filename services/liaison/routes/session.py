"""Checks the arguments of the reads of series, sessions and sign-ups. Everybody who is authenticated may read them; policies hide who signed up."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from services.chassis.clock import SystemClock, today
from services.chassis.service import Asking, Preparation
from services.liaison.domain import sign_up
from services.liaison.domain.session import Kind, State
from services.liaison.routes.arguments import argument, in_area

_FORMS: Mapping[str, Any] = {
    "kind": Kind,
    "from": date,
    "to": date,
    "state": State,
    "subject": str,
    "gap": bool,
    "session": UUID,
}


async def _checked(asking: Asking, **forms: Any) -> dict[str, Any]:
    """As `in_area`; raises InvalidInput for another form."""
    args, known = await in_area(asking), {**_FORMS, **forms}
    for name in args.keys() & known.keys():
        argument(asking, name, known[name])
    return args


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
