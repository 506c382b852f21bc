"""claimCallback, noteCallback: verified tickets are called back about by one agent at a time, a few times a day."""

from datetime import timedelta
from uuid import UUID

from services.chassis.commands import Command, Doing, Input
from services.chassis.errors import Conflict, none_such
from services.tickets.domain.access import role_for
from services.tickets.domain.callback import Attempt, Outcome, require_another
from services.tickets.domain.ticket import CALL_BACK, Ticket, moved
from services.tickets.store import callback as store
from services.tickets.store import ticket as tickets


class ClaimCallback(Input, frozen=True, kw_only=True):
    ticket_id: UUID


class NoteCallback(Input, frozen=True, kw_only=True):
    ticket_id: UUID
    outcome: Outcome


async def claim_callback(doing: Doing, given: ClaimCallback) -> str:
    """Makes the callback the caller's for a while. Raises Conflict while it is somebody else's, or where it was tried often enough today."""
    ticket = await _due(doing, given.ticket_id)
    now, by = doing.clock.now(), doing.principal.subject
    rule = await store.rule(doing.connection)
    require_another(rule, await store.attempts(doing.connection, ticket.id), now)
    until = now + timedelta(minutes=rule.claim_minutes)
    if not await store.claim(doing.connection, ticket.id, by, until, now):
        raise Conflict("somebody else is calling back about this ticket; take the next", rule="callback.claimed")
    return str(ticket.id)


async def note_callback(doing: Doing, given: NoteCallback) -> str:
    """Notes how an attempt ended. Who reached the person keeps the claim and says how with callBackTicket; else it goes back to the queue.

    Raises Conflict for who has not claimed the callback, or has no longer.
    """
    ticket = await _due(doing, given.ticket_id)
    now, by = doing.clock.now(), doing.principal.subject
    claimed = await store.claimed(doing.connection, ticket.id)
    if claimed is None or claimed[0] != by or claimed[1] <= now:
        raise Conflict("claim the callback before you call: it is not yours now", rule="callback.unclaimed")
    require_another(await store.rule(doing.connection), await store.attempts(doing.connection, ticket.id), now)
    await store.add(doing.connection, ticket.id, Attempt(now, given.outcome), by)
    if given.outcome is not Outcome.REACHED:
        await store.let_go(doing.connection, ticket.id, now)
    return str(ticket.id)


async def _due(doing: Doing, key: UUID) -> Ticket:
    """The ticket, held; raises NotFound, Forbidden or IllegalTransition as the callback itself would."""
    ticket = await tickets.lock(doing.connection, key)
    if ticket is None:
        raise none_such("ticket")
    role_for(CALL_BACK, doing.principal, ticket)
    moved(ticket, CALL_BACK, doing.clock.now())
    return ticket


_ROLES = frozenset(CALL_BACK.roles)
COMMANDS = (
    Command("claimCallback", ClaimCallback, _ROLES, claim_callback, "callback"),
    Command("noteCallback", NoteCallback, _ROLES, note_callback, "callback"),
)
