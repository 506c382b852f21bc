"""newStatusCode, and the code that a report brings with it: by it somebody without an account asks where their matter stands."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from services.chassis.clock import Clock
from services.chassis.commands import Doing, Input, Secret
from services.chassis.db import Connection
from services.chassis.errors import Forbidden, NotFound, TooManyRequests
from services.chassis.vault import Vault
from services.tickets.domain.role import HANDLERS, REPORTERS, Role
from services.tickets.domain.status_code import ANSWERS, LOCKED, MOST_FAILURES, made, shown, typed_code, typed_number
from services.tickets.store import contact as concerned
from services.tickets.store import status_code as store
from services.tickets.store.status_code import Standing


class NewStatusCode(Input, frozen=True, kw_only=True):
    ticket_id: UUID


def code_of_report(vault: Vault) -> Callable[[Doing, str], Awaitable[str]]:
    """What is told beside a report: a new code of the ticket with that key."""

    async def tell(doing: Doing, key: str) -> str:
        code = made()
        subject, now = doing.principal.subject, doing.clock.now()
        await store.keep(doing.connection, vault, UUID(key), code, by=subject, at=now)
        return shown(code)

    return tell


def new_status_code(vault: Vault) -> Secret:
    """The command newStatusCode: the one before is void. For a handler in the ticket's area, or whoever reported it."""
    tell = code_of_report(vault)

    async def run(doing: Doing, given: NewStatusCode) -> Any:
        principal = doing.principal
        ticket = await concerned.concerned(doing.connection, given.ticket_id)
        handles = principal.has(frozenset(HANDLERS)) and principal.covers(ticket.area)
        if not handles and ticket.reported_by != principal.subject:
            raise Forbidden("newStatusCode is for a handler in the ticket's area, or for whoever reported it")
        return {"statusCode": await tell(doing, str(given.ticket_id))}

    return Secret("newStatusCode", NewStatusCode, frozenset({*HANDLERS, *REPORTERS, Role.RESIDENT}), run)


async def standing(
    connection: Connection, clock: Clock, vault: Vault, number: str, code: str
) -> Standing | NotFound | TooManyRequests:
    """Where the ticket stands; or the problem, which is to be raised after the transaction, that keeps count of the attempts.

    A wrong number is counted, answered and costs as a wrong code.
    """
    asked = typed_number(number)
    wrong = NotFound("number or code: not this pair; look at the letters again, or ask who took the matter on")
    if asked is None:
        return wrong
    now = clock.now()
    until = await store.count(connection, asked, now, MOST_FAILURES, LOCKED)
    if until is not None:
        seconds = max(1, round((until - now).total_seconds()))
        return TooManyRequests("too many wrong codes came for this number", retry_after=seconds)
    found = await store.stands(connection, store.digest(vault, asked, typed_code(code)), ANSWERS)
    if found is None:
        return wrong
    await store.clear(connection, asked)
    return found
