"""The queue: take a number, call it, call it again, serve it, pass it on, give it up; and who staffs a window.

Who changes a number has locked it; who calls the next passes over what another window is just calling, so that none is called twice.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from services.chassis.clock import Clock, stopped_within, today
from services.chassis.commands import Command, Doing, Input
from services.chassis.db import Connection, Pool, transaction
from services.chassis.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    StaleVersion,
    UnknownCode,
    none_such,
    require_version,
)
from services.chassis.outbox import record
from services.chassis.principal import Principal, itself
from services.tickets.domain.item import require_level
from services.tickets.domain.queue import Number, Outcome, Turn, label
from services.tickets.domain.role import Role
from services.tickets.domain.window import CLERKS, TAKERS, Centre, Hours, Window, group_for, hours
from services.tickets.events import QueueCalled, QueueServed
from services.tickets.store import calendar
from services.tickets.store import queue as store
from services.tickets.store import window as windows

VOID_SECONDS = 600


class TakeNumber(Input, frozen=True, kw_only=True):
    """For an item or for a group, of a class of priority or of none."""

    centre_code: str
    item_code: str | None = None
    group_code: str | None = None
    priority: str | None = None


class AtWindow(Input, frozen=True, kw_only=True):
    centre_code: str
    window_code: str


class NumberDeed(Input, frozen=True, kw_only=True):
    """Without a version it is meant for the number as it stands, with one only for that."""

    id: UUID
    version: int | None = None


class TransferNumber(NumberDeed, frozen=True, kw_only=True):
    """To a window, to a group, or to both; `drop_priority` where the ground was not shown."""

    group_code: str | None = None
    window_code: str | None = None
    drop_priority: bool = False


class FinishServing(NumberDeed, frozen=True, kw_only=True):
    """`ticket_id` is the matter that it led to."""

    outcome: Outcome
    ticket_id: UUID | None = None


@dataclass(frozen=True)
class Place:
    """A centre on a day: its windows and hours."""

    centre: Centre
    windows: dict[str, Window]
    day: date
    hours: Hours

    def serving(self, group: str) -> int:
        """How many windows serve the group."""
        return sum(group in window.groups for window in self.windows.values() if not window.closed)

    def window(self, code: str, field: str = "windowCode") -> Window:
        """Raises UnknownCode also for one that is closed."""
        window = self.windows.get(code)
        if window is None or window.closed:
            raise UnknownCode("window", field=field)
        return window


async def place_of(connection: Connection, clock: Clock, code: str) -> Place:
    """Raises UnknownCode for a centre that there is not, or not any more."""
    day = today(clock)
    centre = await windows.centre(connection, code, day)
    if centre is None or centre.closed:
        raise UnknownCode("centre", field="centreCode")
    known = await windows.windows(connection, code, day)
    kind = (await calendar.read(connection, day.year)).kind(day)
    return Place(centre, known, day, hours(centre, day, kind))


async def take_number(doing: Doing, given: TakeNumber) -> str:
    """Gives the day's next number of a group. Raises InvalidInput, UnknownCode, NotFound (centre out of reach), or Conflict: the centre is not
    open, the wait would pass its closing, or a resident waits there already."""
    place = await place_of(doing.connection, doing.clock, given.centre_code)
    centre, now = place.centre, doing.clock.now()
    role = _taking_role(doing.principal, centre.area)
    group = await _group(doing, place, given)
    if given.priority is not None and not await windows.class_known(doing.connection, given.priority):
        raise UnknownCode("priority", field="priority")
    place.hours.require_given(now, timedelta(minutes=centre.lead))
    subject = doing.principal.subject
    serial = await store.next_serial(doing.connection, centre.code, place.day, group)
    if role is Role.RESIDENT:
        waits = await store.waits(doing.connection, subject, centre.code, place.day, group)
        if waits is not None:
            raise Conflict(f"you wait in this queue already, with number {waits}")
    rank = 1 if given.priority is None else 0
    expected = await store.estimate(doing.connection, centre.code, place.day, group, rank)
    if place.hours.after(now, expected.wait + expected.average) is None:
        raise Conflict(
            f"no more numbers are given today: {expected.ahead} wait ahead, some {expected.minutes} minutes, and the centre closes at "
            f"{place.hours.closes:%H:%M}"
        )
    number = Number(
        id=uuid7(),
        centre=centre.code,
        area=centre.area,
        day=place.day,
        group_code=group,
        serial=serial,
        number=label(group, serial),
        item=given.item_code,
        priority=given.priority,
        ahead_rank=rank,
        place_at=now,
        taken_at=now,
        waiting_since=now,
    )
    await store.insert(doing.connection, number, subject, role)
    return str(number.id)


async def open_window(doing: Doing, given: AtWindow) -> str:
    """The clerk sits down at a window, also in the place of another one. Raises UnknownCode, NotFound, Conflict (another came first)."""
    place = await _clerks_place(doing, given.centre_code)
    window, now = place.window(given.window_code), doing.clock.now()
    held = await store.shift(doing.connection, place.centre.code, place.day, window.code)
    if held is not None:
        await store.close_shift(doing.connection, held["id"], now)
    opened = await store.open_shift(
        doing.connection,
        centre=place.centre.code,
        area=place.centre.area,
        day=place.day,
        window=window.code,
        groups=window.groups,
        clerk=doing.principal.subject,
        at=now,
    )
    if not opened:
        raise Conflict("another clerk has just opened this window")
    return f"{place.centre.code}/{window.code}"


async def close_window(doing: Doing, given: AtWindow) -> str:
    """The clerk leaves the window. Raises UnknownCode, NotFound, Conflict: it is not open, is another's, or a number is there."""
    place = await _clerks_place(doing, given.centre_code)
    window = place.window(given.window_code)
    held = await _staffed(doing, place, window.code)
    await _require_free(doing, place, window.code)
    await store.close_shift(doing.connection, held, doing.clock.now())
    return f"{place.centre.code}/{window.code}"


async def call_next(doing: Doing, given: AtWindow) -> str:
    """Calls who is next for the window. Raises UnknownCode, NotFound, or Conflict: the window is not the clerk's, has somebody, or nobody waits."""
    place = await _clerks_place(doing, given.centre_code)
    window, now = place.window(given.window_code), doing.clock.now()
    await _staffed(doing, place, window.code)
    await _require_free(doing, place, window.code)
    number = await store.call(doing.connection, place.centre.code, place.day, window.groups, window.code)
    if number is None:
        raise Conflict("nobody waits for this window")
    called = await _save(
        doing,
        number,
        replace(
            number,
            status=number.after("callNext"),
            window_code=window.code,
            calls=1,
            first_called=now,
            called_at=now,
            started_at=None,
            ended_at=None,
        ),
    )
    event = QueueCalled(**_told(called), at=now, waited_seconds=round((now - called.waiting_since).total_seconds()))
    await record(doing.connection, doing.clock, event, subject=str(called.id), area=called.area)
    return str(called.id)


async def recall_number(doing: Doing, given: NumberDeed) -> str:
    """Calls the number once more. Raises what `_at_window` raises."""
    number = await _at_window(doing, given, "recallNumber")
    return str((await _save(doing, number, replace(number, calls=number.calls + 1, called_at=doing.clock.now()))).id)


async def start_serving(doing: Doing, given: NumberDeed) -> str:
    """The person is there. Raises what `_at_window` raises."""
    number = await _at_window(doing, given, "startServing")
    started = replace(number, status=number.after("startServing"), started_at=doing.clock.now())
    return str((await _save(doing, number, started)).id)


async def finish_serving(doing: Doing, given: FinishServing) -> str:
    """The service has ended. Raises what `_at_window` raises, and NotFound for a ticket out of reach."""
    number, now = await _at_window(doing, given, "finishServing"), doing.clock.now()
    if given.ticket_id is not None and not await store.ticket_seen(doing.connection, given.ticket_id):
        raise NotFound("ticketId: no such ticket, or outside your reach")
    finished = await _save(
        doing,
        number,
        replace(
            number,
            status=number.after("finishServing"),
            ended_at=now,
            outcome=given.outcome,
            ticket=given.ticket_id,
        ),
    )
    await _end_turn(doing, number, "SERVED")
    served = round((now - (number.started_at or now)).total_seconds())
    event = QueueServed(**_told(finished), at=now, served_seconds=served, outcome=given.outcome)
    await record(doing.connection, doing.clock, event, subject=str(finished.id), area=finished.area)
    return str(finished.id)


async def transfer_number(doing: Doing, given: TransferNumber) -> str:
    """To another window or group, where it waits by the time at which it was taken. Raises what `_at_window` raises, InvalidInput, UnknownCode."""
    number, now = await _at_window(doing, given, "transferNumber"), doing.clock.now()
    place = await place_of(doing.connection, doing.clock, number.centre)
    group = number.group_code if given.group_code is None else place.centre.group(given.group_code).code
    if given.window_code is not None:
        window = place.window(given.window_code)
        if given.group_code is None and group not in window.groups:
            group = window.groups[0]
        elif group not in window.groups:
            raise InvalidInput(
                "windowCode: this window does not serve the group", field="windowCode", rule="window.group"
            )
    elif given.group_code is None and not given.drop_priority:
        raise InvalidInput("name the group or the window that it goes to", field="groupCode", rule="required")
    elif not place.serving(group):
        raise InvalidInput("groupCode: no window serves this group", field="groupCode", rule="group.window")
    dropped: dict[str, Any] = {"priority": None, "ahead_rank": 1} if given.drop_priority else {}
    moved = replace(
        number,
        status=number.after("transferNumber"),
        group_code=group,
        for_window=given.window_code,
        window_code=None,
        calls=0,
        waiting_since=now,
        **dropped,
    )
    await _save(doing, number, moved)
    await _end_turn(doing, number, "TRANSFERRED")
    return str(number.id)


async def mark_no_show(doing: Doing, given: NumberDeed) -> str:
    """Nobody came. Raises what `_at_window` raises, and Conflict while it was not called often enough."""
    number = await _at_window(doing, given, "markNoShow")
    place = await place_of(doing.connection, doing.clock, number.centre)
    if number.calls < place.centre.calls:
        raise Conflict(f"the number was called {number.calls} times; it is a no-show after {place.centre.calls}")
    missed = replace(number, status=number.after("markNoShow"), ended_at=doing.clock.now())
    await _save(doing, number, missed)
    await _end_turn(doing, number, "NO_SHOW")
    return str(number.id)


async def return_number(doing: Doing, given: NumberDeed) -> str:
    """Who did not show comes back, once, behind the next few. Raises NotFound, Forbidden, StaleVersion, Conflict."""
    number, now = await _own(doing, given), doing.clock.now()
    status = number.after("returnNumber")
    if number.returned_at is not None:
        raise Conflict("the number came back once already: take a new one")
    place = await place_of(doing.connection, doing.clock, number.centre)
    ahead = await store.places(doing.connection, number.centre, number.day, number.group_code, place.centre.behind)
    rank, place_at = ahead[-1] if ahead else (number.ahead_rank, number.place_at)
    returned = replace(
        number,
        status=status,
        ahead_rank=rank,
        place_at=place_at,
        returned_at=now,
        waiting_since=now,
        window_code=None,
        calls=0,
    )
    return str((await _save(doing, number, returned)).id)


async def cancel_number(doing: Doing, given: NumberDeed) -> str:
    """Whoever took it, or a clerk, gives it up. Raises NotFound, Forbidden, StaleVersion, IllegalTransition, Conflict."""
    number = await _own(doing, given)
    cancelled = replace(number, status=number.after("cancelNumber"), ended_at=doing.clock.now())
    return str((await _save(doing, number, cancelled)).id)


async def void_numbers(pool: Pool, clock: Clock, stop: asyncio.Event) -> None:
    """Ends what earlier days have left, every few minutes until the stop."""
    while not stop.is_set():
        async with transaction(pool, itself("tickets")) as connection:
            await store.void(connection, today(clock))
        if await stopped_within(stop, VOID_SECONDS):
            return


def _taking_role(principal: Principal, area: str) -> Role:
    for role in TAKERS:
        if role in principal.roles and (role is Role.RESIDENT or principal.covers(area)):
            return role
    raise NotFound("centreCode: outside your areas")


async def _group(doing: Doing, place: Place, given: TakeNumber) -> str:
    if (given.item_code is None) == (given.group_code is None):
        raise InvalidInput("name either the item or the group", field="itemCode", rule="one.of")
    if given.group_code is not None:
        group = place.centre.group(given.group_code).code
        if not place.serving(group):
            raise InvalidInput("groupCode: no window serves this group", field="groupCode", rule="group.window")
        return group
    code = given.item_code or ""
    item = (await windows.items(doing.connection, [code], place.day)).get(code)
    if item is None:
        raise UnknownCode("item", field="itemCode")
    require_level(item, place.centre.level)
    return group_for(item.departments, place.windows.values())


async def _clerks_place(doing: Doing, code: str) -> Place:
    place = await place_of(doing.connection, doing.clock, code)
    if not doing.principal.covers(place.centre.area):
        raise NotFound("centreCode: outside your areas")
    return place


async def _staffed(doing: Doing, place: Place, window: str) -> UUID:
    """The clerk's shift at the window, held so that one call comes after the other."""
    held = await store.shift(doing.connection, place.centre.code, place.day, window)
    if held is None:
        raise Conflict("the window is not open: open it first")
    if held["clerk"] != doing.principal.subject:
        raise Conflict("another clerk is at this window: open it to take it over")
    shift: UUID = held["id"]
    return shift


async def _require_free(doing: Doing, place: Place, window: str) -> None:
    there = await store.at_window(doing.connection, place.centre.code, place.day, window)
    if there is not None:
        raise Conflict(f"number {there} is at this window: finish it, pass it on, or mark it a no-show first")


async def _locked(doing: Doing, given: NumberDeed) -> Number:
    number = await store.lock(doing.connection, given.id)
    if number is None:
        raise none_such("number")
    require_version("number", given.version, number.version)
    number.require_day(today(doing.clock))
    return number


async def _own(doing: Doing, given: NumberDeed) -> Number:
    """The number of whoever took it, or any of a clerk's centre."""
    number = await _locked(doing, given)
    clerk = doing.principal.has(frozenset(CLERKS)) and doing.principal.covers(number.area)
    if not clerk and not await store.holds(doing.connection, number.id, doing.principal.subject):
        raise Forbidden("this is for whoever took the number, and for the centre's clerks")
    return number


async def _at_window(doing: Doing, given: NumberDeed, deed: str) -> Number:
    """The number at the clerk's window, in a state that allows the deed.

    Raises NotFound, StaleVersion, IllegalTransition, or Conflict: it is of an earlier day, or at another clerk's window.
    """
    number = await _locked(doing, given)
    number.after(deed)
    if number.window_code is not None:
        held = await store.shift(doing.connection, number.centre, number.day, number.window_code)
        if held is None or held["clerk"] != doing.principal.subject:
            raise Conflict("the number is at another clerk's window")
    return number


async def _save(doing: Doing, was: Number, number: Number) -> Number:
    after = replace(number, version=was.version + 1)
    if not await store.update(doing.connection, after, was=was.version):
        raise StaleVersion("number", current=was.version)
    return after


async def _end_turn(doing: Doing, number: Number, ended: str) -> None:
    now = doing.clock.now()
    turn = Turn(number, number.window_code or "", number.first_called or now, number.started_at, now, ended)
    await store.add_turn(doing.connection, turn)


def _told(number: Number) -> dict[str, Any]:
    return {
        "queue_number": number.id,
        "number": number.number,
        "centre": number.centre,
        "area": number.area,
        "group": number.group_code,
        "window": number.window_code,
        "item": number.item,
    }


_CLERKS = frozenset(CLERKS)
COMMANDS = (
    Command("takeNumber", TakeNumber, frozenset(TAKERS), take_number, "queueNumber"),
    Command("openWindow", AtWindow, _CLERKS, open_window, "serviceWindow"),
    Command("closeWindow", AtWindow, _CLERKS, close_window, "serviceWindow"),
    Command("callNext", AtWindow, _CLERKS, call_next, "queueNumber"),
    Command("recallNumber", NumberDeed, _CLERKS, recall_number, "queueNumber"),
    Command("startServing", NumberDeed, _CLERKS, start_serving, "queueNumber"),
    Command("transferNumber", TransferNumber, _CLERKS, transfer_number, "queueNumber"),
    Command("markNoShow", NumberDeed, _CLERKS, mark_no_show, "queueNumber"),
    Command("returnNumber", NumberDeed, frozenset(TAKERS), return_number, "queueNumber"),
    Command("finishServing", FinishServing, _CLERKS, finish_serving, "queueNumber"),
    Command("cancelNumber", NumberDeed, frozenset(TAKERS), cancel_number, "queueNumber"),
)
