"""Duties change hands: offered and taken with consent, or assigned."""

from datetime import date as calendar_date
from uuid import UUID

from uuid_utils.compat import uuid7

from services.chassis.clock import today
from services.chassis.commands import Command, Doing, Input
from services.chassis.db import acting
from services.chassis.errors import Conflict, InvalidInput, none_such
from services.chassis.outbox import record
from services.liaison.commands.area import known_station
from services.liaison.commands.cadre import SERVING, known_cadre
from services.liaison.commands.calendar import known_day
from services.liaison.domain.access import CALLER
from services.liaison.domain.cadre import absent, require_arranger, spans
from services.liaison.domain.duty import key_of
from services.liaison.domain.role import ARRANGERS
from services.liaison.domain.roster import Shift
from services.liaison.domain.swap import Offer, OfferState, answered, check_future, check_offered, handed
from services.liaison.events import DutyAssigned, DutyDeclined, DutyOffered, DutyTaken, DutyWithdrawn
from services.liaison.store import cadre, duty, rule
from services.liaison.store import swap as store


class OfferDuty(Input, frozen=True, kw_only=True):
    """Without `to` anybody who serves in the village or its township may take it. `exchange` is a day of the other's in the same village."""

    area_code: str
    date: calendar_date
    to: str | None = None
    exchange: calendar_date | None = None


class AnswerOffer(Input, frozen=True, kw_only=True):
    offer_id: UUID


class AssignDuty(Input, frozen=True, kw_only=True):
    """An emergency substitute, without anybody's consent."""

    area_code: str
    date: calendar_date
    subject: str


async def offer_duty(doing: Doing, given: OfferDuty) -> str:
    """Returns the offer's key. Raises InvalidInput, UnknownCode, Conflict where the duty is not the caller's, or was offered already."""
    connection, by, day = doing.connection, doing.principal.subject, today(doing.clock)
    area = await known_station(connection, given.area_code, "areaCode")
    check_offered(check_future(await duty.find(connection, area, given.date), given.date, day), by, "date")
    to = given.to
    if given.exchange is not None:
        if given.exchange == given.date:
            raise InvalidInput("exchange must be another day than date", field="exchange", rule="other.day")
        theirs = check_future(await duty.find(connection, area, given.exchange), given.exchange, day, "exchange")
        if theirs is None:
            raise Conflict("nobody has duty on the day of the exchange", field="exchange", rule="duty.moved")
        check_offered(theirs, to or theirs.subject, "exchange")
        to = theirs.subject
    if to == by:
        raise InvalidInput("to must be somebody else", field="to", rule="other")
    if to is not None:
        await _serving(doing, to, area, given.date, "to")
    now = doing.clock.now()
    offer = Offer(id=uuid7(), area=area, date=given.date, by=by, to=to, exchange=given.exchange, made_at=now)
    await store.add(connection, offer)
    event = DutyOffered(area=area, date=offer.date, offer=offer.id, by=by, to=to, exchange=offer.exchange, at=now)
    await record(connection, doing.clock, event, subject=key_of(area, offer.date), area=area)
    return str(offer.id)


async def _serving(doing: Doing, subject: str, area: str, day: calendar_date, field: str) -> None:
    """Raises UnknownCode, or Conflict for one who does not serve there or is away that day."""
    one = await known_cadre(doing, subject, field)
    if not one.may_serve(area):
        raise Conflict(f"{field}: they do not serve in this village or its township", field=field, rule="serves")
    if absent(spans([one], await cadre.leaves(doing.connection, [subject], day, day)), subject, day):
        raise Conflict(f"{field}: they are on leave or not in office that day", field=field, rule="away")


async def _answer(doing: Doing, key: UUID, state: OfferState) -> Offer:
    """Holds the offer, so that of two who answer at once the second sees what the first did. Raises NotFound, Forbidden or Conflict."""
    found = await store.lock(doing.connection, key)
    if found is None:
        raise none_such("offer")
    return answered(found, state, doing.principal.subject, doing.clock.now())


async def _end(doing: Doing, offer: Offer) -> None:
    if not await store.answer(doing.connection, offer):
        raise Conflict("the offer was answered meanwhile", rule="offer.answered")


async def take_duty(doing: Doing, given: AnswerOffer) -> str:
    """The duty, and what is given in return, change hands. Raises NotFound, Forbidden, Conflict."""
    connection, taker, day = doing.connection, doing.principal.subject, today(doing.clock)
    offer = await _answer(doing, given.offer_id, OfferState.TAKEN)
    async with acting(connection, CALLER):
        await rule.hold(connection, offer.area)
        days = sorted(filter(None, (offer.date, offer.exchange)))
        held = {each: check_future(await duty.lock(connection, offer.area, each), each, day) for each in days}
        await _serving(doing, taker, offer.area, offer.date, "offerId")
        shifts = [handed(check_offered(held[offer.date], offer.by, "offerId"), taker)]
        if offer.exchange is not None:
            await _serving(doing, offer.by, offer.area, offer.exchange, "offerId")
            shifts.append(handed(check_offered(held[offer.exchange], taker, "offerId"), offer.by))
        await duty.revise(connection, {offer.area: shifts}, {})
    await _end(doing, offer)
    event = DutyTaken(
        area=offer.area,
        date=offer.date,
        offer=offer.id,
        by=taker,
        from_=offer.by,
        exchange=offer.exchange,
        at=doing.clock.now(),
    )
    await record(connection, doing.clock, event, subject=key_of(offer.area, offer.date), area=offer.area)
    return str(offer.id)


async def decline_duty(doing: Doing, given: AnswerOffer) -> str:
    """Raises NotFound, Forbidden for whom it was not meant, Conflict where it was answered before."""
    offer = await _answer(doing, given.offer_id, OfferState.DECLINED)
    await _end(doing, offer)
    event = DutyDeclined(
        area=offer.area, date=offer.date, offer=offer.id, by=doing.principal.subject, at=doing.clock.now()
    )
    await record(doing.connection, doing.clock, event, subject=key_of(offer.area, offer.date), area=offer.area)
    return str(offer.id)


async def withdraw_duty_offer(doing: Doing, given: AnswerOffer) -> str:
    """Raises NotFound, Forbidden but for who made it, Conflict where it was answered before."""
    offer = await _answer(doing, given.offer_id, OfferState.WITHDRAWN)
    await _end(doing, offer)
    event = DutyWithdrawn(area=offer.area, date=offer.date, offer=offer.id, by=offer.by, at=doing.clock.now())
    await record(doing.connection, doing.clock, event, subject=key_of(offer.area, offer.date), area=offer.area)
    return str(offer.id)


async def assign_duty(doing: Doing, given: AssignDuty) -> str:
    """Returns the duty's key. Raises InvalidInput, UnknownCode, Forbidden, or Conflict where it cannot be, or is signed."""
    connection = doing.connection
    area = await known_station(connection, given.area_code, "areaCode")
    require_arranger(doing.principal, area)
    day = await known_day(connection, given.date)
    if not day.works:
        raise Conflict(f"no duty on {day.date.isoformat()}: {day.explanation}", field="date", rule="duty.none")
    await rule.hold(connection, area)
    shift = check_future(await duty.lock(connection, area, given.date), given.date, today(doing.clock))
    if shift is not None and shift.subject == given.subject:
        raise Conflict("they have that duty already", field="subject", rule="duty.same")
    await _serving(doing, given.subject, area, given.date, "subject")
    turn = None if shift is None else shift.by_rule
    await duty.revise(connection, {area: [Shift(given.date, given.subject, agreed=True, turn=turn)]}, {})
    event = DutyAssigned(
        area=area,
        date=given.date,
        cadre=given.subject,
        from_=None if shift is None else shift.subject,
        by=doing.principal.subject,
        at=doing.clock.now(),
    )
    await record(connection, doing.clock, event, subject=key_of(area, given.date), area=area)
    return key_of(area, given.date)


COMMANDS = (
    Command("offerDuty", OfferDuty, SERVING, offer_duty, "dutyOffer"),
    Command("takeDuty", AnswerOffer, SERVING, take_duty, "dutyOffer"),
    Command("declineDuty", AnswerOffer, SERVING, decline_duty, "dutyOffer"),
    Command("withdrawDutyOffer", AnswerOffer, SERVING, withdraw_duty_offer, "dutyOffer"),
    Command("assignDuty", AssignDuty, ARRANGERS, assign_duty, "duty"),
)
