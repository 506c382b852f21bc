"""Who is calling the gateway. Services verify the same token again; the gateway's own check only saves them the work."""

from dataclasses import dataclass

from services.chassis.auth import Verifier
from services.chassis.http import bearer
from services.chassis.principal import Principal


@dataclass(frozen=True)
class Caller:
    """A verified principal and the token that proves it, to be forwarded."""

    principal: Principal
    token: str


async def caller_of(authorization: str | None, verifier: Verifier) -> Caller:
    """The caller by an `Authorization` value; raises Unauthenticated."""
    token = bearer(authorization)
    return Caller(await verifier.verify(token), token)
