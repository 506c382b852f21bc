"""Webhooks: an event is kept, claimed, and settled as delivered or failed; an operator enables, disables, redelivers.

Every deed is the caller's transaction, and holds the webhook's row first.
"""

from datetime import datetime, timedelta
from uuid import UUID

from services.chassis.clock import Clock
from services.chassis.db import Connection
from services.chassis.envelope import decode
from services.chassis.errors import NotFound
from services.chassis.outbox import record
from services.tickets.domain.text import REASON
from services.tickets.domain.webhook import State, Target, retry_after
from services.tickets.events import WebhookDisabled
from services.tickets.store import webhook as store
from services.tickets.store.webhook import Claimed

LEASE = timedelta(seconds=30)
"""Longer than an attempt can take: after it, whoever made the attempt is taken for dead."""


async def keep(connection: Connection, clock: Clock, department: str, body: bytes) -> bool:
    """Keeps an event for delivery; False when it was there. Raises ValueError for a body that is no event."""
    return await store.keep(connection, department, decode(body), body, clock.now())


async def claim(connection: Connection, clock: Clock, target: Target, flying: int) -> list[Claimed]:
    """The events to be sent now, beside `flying` that are under way: of each subject the first, and only when it is due."""
    now = clock.now()
    state = await _lock(connection, target.department)
    most = state.room(now, flying)
    return await store.claim(connection, target.department, now, now + LEASE, most) if most else []


async def settle(
    connection: Connection, clock: Clock, target: Target, claimed: Claimed, *, good: bool, outcome: str
) -> State:
    """Notes how an attempt ended. A failure too many in a row disables the webhook and tells of it."""
    now = clock.now()
    state = await _lock(connection, target.department)
    if good:
        await store.delivered(connection, target.department, claimed.event, now, outcome)
        after = State(disabled_at=state.disabled_at)
        await store.save(connection, target.department, after)
        return after
    await store.failed(connection, target.department, claimed.event, now + retry_after(claimed.attempt), outcome)
    after = state.failed(now, target.disable_after)
    await store.save(connection, target.department, after, f"{after.failures} failures in a row, the last: {outcome}")
    if state.disabled_at is None and after.disabled_at is not None:
        told = WebhookDisabled(
            department=target.department, failures=after.failures, since=after.since or now, at=after.disabled_at
        )
        await record(connection, clock, told, subject=target.department, area=target.area, department=target.department)
    return after


async def enable(connection: Connection, clock: Clock, department: str) -> int:
    """Starts afresh: no failures, and all that waits is due. Returns how many events that are."""
    await _lock(connection, department)
    await store.save(connection, department, State())
    return await store.redeliver(connection, department, clock.now(), None, None)


async def disable(connection: Connection, clock: Clock, department: str, reason: str) -> bool:
    """Sends nothing more until `enable`; False when it was disabled already. Raises InvalidInput for an empty reason."""
    reason = REASON.check(reason, "reason")
    state = await _lock(connection, department)
    if state.disabled_at is not None:
        return False
    await store.save(
        connection, department, State(state.failures, state.since, state.paused_until, clock.now()), reason
    )
    return True


async def redeliver(
    connection: Connection, clock: Clock, department: str, event: UUID | None, since: datetime | None
) -> int:
    """Makes one event, all that came since a time, or all that wait due now, also what was delivered. Returns how many."""
    await _lock(connection, department)
    return await store.redeliver(connection, department, clock.now(), event, since)


async def _lock(connection: Connection, department: str) -> State:
    state = await store.lock(connection, department)
    if state is None:
        raise NotFound(f"department {department!r} has no webhook")
    return state
