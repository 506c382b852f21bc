"""The cadre on duty signs in, and out."""

from datetime import date as calendar_date
from datetime import datetime
from typing import Annotated

from msgspec import Meta

from services.chassis import outbox
from services.chassis.commands import Command, Doing, Input
from services.chassis.place import point
from services.liaison.commands.area import known_station
from services.liaison.commands.cadre import SERVING
from services.liaison.commands.calendar import known_day
from services.liaison.domain.duty import check_on_duty, check_sign_out, found, instant_of_sign_in, key_of
from services.liaison.events import DutySignedIn, DutySignedOut
from services.liaison.store import duty


class SignInForDuty(Input, frozen=True, kw_only=True):
    """`signed_at` is given by a phone that was offline at the time. The place (WGS 84) is compared with the station's and not kept."""

    area: str
    date: calendar_date
    signed_at: Annotated[datetime, Meta(tz=True)] | None = None
    longitude: float | None = None
    latitude: float | None = None
    accuracy_metres: float | None = None


class SignOutOfDuty(Input, frozen=True, kw_only=True):
    """`signed_at` is given by a phone that was offline at the time."""

    area: str
    date: calendar_date
    signed_at: Annotated[datetime, Meta(tz=True)] | None = None


async def sign_in_for_duty(doing: Doing, given: SignInForDuty) -> str:
    """Notes the sign-in once: a repetition by the same person keeps the first time and place. Returns the duty's key."""
    connection, subject, now = doing.connection, doing.principal.subject, doing.clock.now()
    area = await known_station(connection, given.area)
    day = await known_day(connection, given.date)
    at = instant_of_sign_in(given.date, given.signed_at, now)
    station_at, radius = await duty.station(connection, area)
    where = found(station_at, radius, point(given.longitude, given.latitude), given.accuracy_metres)
    check_on_duty(day, _subject(await duty.on_duty(connection, area, given.date)), subject)
    if await duty.sign_in(connection, area, given.date, subject, at, now, where):
        late = await duty.late(connection, area, given.date, at)
        event = DutySignedIn(
            area=area, date=given.date, cadre=subject, signed_at=at, place=where.place, metres=where.metres, late=late
        )
        await outbox.record(connection, doing.clock, event, subject=key_of(area, given.date), area=area)
    else:
        check_on_duty(day, _subject(await duty.on_duty(connection, area, given.date)), subject)
    return key_of(area, given.date)


async def sign_out_of_duty(doing: Doing, given: SignOutOfDuty) -> str:
    """Notes the sign-out once, after the sign-in. Returns the duty's key."""
    connection, subject = doing.connection, doing.principal.subject
    area = await known_station(connection, given.area)
    day = await known_day(connection, given.date)
    at = instant_of_sign_in(given.date, given.signed_at, doing.clock.now())
    rostered = await duty.on_duty(connection, area, given.date)
    check_on_duty(day, _subject(rostered), subject)
    check_sign_out(None if rostered is None else rostered.signed_in_at, at)
    if await duty.sign_out(connection, area, given.date, subject, at):
        event = DutySignedOut(area=area, date=given.date, cadre=subject, signed_at=at)
        await outbox.record(connection, doing.clock, event, subject=key_of(area, given.date), area=area)
    return key_of(area, given.date)


def _subject(rostered: duty.OnDuty | None) -> str | None:
    return None if rostered is None else rostered.subject


COMMANDS = (
    Command("signInForDuty", SignInForDuty, SERVING, sign_in_for_duty, "duty"),
    Command("signOutOfDuty", SignOutOfDuty, SERVING, sign_out_of_duty, "duty"),
)
