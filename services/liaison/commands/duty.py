"""The cadre on duty signs in."""

from datetime import date as calendar_date
from datetime import datetime
from typing import Annotated

from msgspec import Meta

from services.chassis import outbox
from services.chassis.commands import Command, Doing, Input
from services.liaison.commands.area import known_station
from services.liaison.commands.calendar import known_day
from services.liaison.domain.duty import check_on_duty, instant_of_sign_in, key_of
from services.liaison.events import DutySignedIn
from services.liaison.store import duty


class SignInForDuty(Input, frozen=True, kw_only=True):
    """`signed_at` is given by a phone that was offline at the time."""

    area: str
    date: calendar_date
    signed_at: Annotated[datetime, Meta(tz=True)] | None = None


async def sign_in_for_duty(doing: Doing, given: SignInForDuty) -> str:
    """Notes the sign-in once: a repetition by the same person keeps the first time. Returns the duty's key."""
    connection, subject = doing.connection, doing.principal.subject
    area = await known_station(connection, given.area)
    day = await known_day(connection, given.date)
    at = instant_of_sign_in(given.date, given.signed_at, doing.clock.now())
    check_on_duty(day, await duty.on_duty(connection, area, given.date), subject)
    if await duty.sign_in(connection, area, given.date, subject, at):
        event = DutySignedIn(area=area, date=given.date, cadre=subject, signed_at=at)
        await outbox.record(connection, doing.clock, event, subject=key_of(area, given.date), area=area)
    else:
        check_on_duty(day, await duty.on_duty(connection, area, given.date), subject)
    return key_of(area, given.date)


SIGN_IN_FOR_DUTY = Command(
    name="signInForDuty",
    input=SignInForDuty,
    roles=frozenset({"village_cadre"}),
    run=sign_in_for_duty,
    root="duty",
)
