"""What else has a say before a ticket moves: `move` asks each guard with the deed and the ticket before and after it, which is held."""

from collections.abc import Awaitable, Callable

from services.chassis.clock import CHINA
from services.chassis.db import Connection
from services.tickets.commands.unit import require_station
from services.tickets.domain.callback import require_tried
from services.tickets.domain.custody import require_in
from services.tickets.domain.errand import require_over
from services.tickets.domain.intake import ACCEPT as TAKE_IN
from services.tickets.domain.intake import UNDONE, require_complete, require_parts_done, require_whole
from services.tickets.domain.ticket import CALL_BACK, ENDS, Deed, Satisfaction, Status, Ticket
from services.tickets.store import callback as callbacks
from services.tickets.store import custody as papers
from services.tickets.store import errand as errands
from services.tickets.store import intake as intakes

Guard = Callable[[Connection, Deed, Ticket, Ticket], Awaitable[None]]


async def papers_are_in(connection: Connection, deed: Deed, before: Ticket, after: Ticket) -> None:
    """A ticket with an errand is neither done nor over while a document is out, and not over before the errand is. Raises Conflict."""
    if before.status == after.status or after.status not in (Status.RESOLVED, *ENDS):
        return
    errand = await errands.lock(connection, after.id)
    if errand is None:
        return
    require_in(await papers.of_errand(connection, after.id), deed.name)
    if after.status in ENDS:
        require_over(errand, deed.name)


async def station_takes_it(connection: Connection, _: Deed, before: Ticket, after: Ticket) -> None:
    """What is handed over goes to a unit that is there and handles such matters. Raises Conflict."""
    if after.station != before.station:
        day = after.updated_at.astimezone(CHINA).date()
        await require_station(connection, after.station, after.category, day)


async def tried_to_reach(connection: Connection, deed: Deed, _: Ticket, after: Ticket) -> None:
    """A callback ends with nobody reached only after it was tried often enough. Raises Conflict."""
    if deed is CALL_BACK and after.satisfaction is Satisfaction.UNREACHED:
        require_tried(await callbacks.rule(connection), await callbacks.attempts(connection, after.id))


async def parts_come_first(connection: Connection, deed: Deed, before: Ticket, after: Ticket) -> None:
    """A ticket with parts goes to no department itself, and is done once all of them are; it is accepted once its papers are there.

    Raises Conflict.
    """
    if after.status is Status.ACCEPTED and deed is not TAKE_IN and await intakes.draft(connection, after.id):
        require_complete()
    if before.status == after.status or after.status not in (Status.DISPATCHED, Status.RESOLVED):
        return
    parts = await intakes.parts(connection, after.id)
    if after.status is Status.DISPATCHED:
        require_whole([number for number, _ in parts])
    else:
        require_parts_done([number for number, status in parts if status in UNDONE])


GUARDS: tuple[Guard, ...] = (papers_are_in, station_takes_it, tried_to_reach, parts_come_first)
