"""A duty goes to another with their consent (换班、代班), or is assigned. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date as calendar_date
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.chassis.errors import Conflict, Forbidden, InvalidInput
from services.liaison.domain.roster import Shift, Standing


class OfferState(StrEnum):
    """LAPSED is read, never kept: the day is past, or the duty has left the one who offered it."""

    OPEN = "OPEN"
    TAKEN = "TAKEN"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"
    LAPSED = "LAPSED"


PAST: Mapping[OfferState, str] = {
    OfferState.TAKEN: "was taken by somebody meanwhile",
    OfferState.DECLINED: "was declined",
    OfferState.WITHDRAWN: "was withdrawn",
}


@dataclass(frozen=True, kw_only=True)
class Offer:
    """`by` asks `to`, or anybody, to take the duty of a day; with `exchange` they take that duty of the other's in return."""

    id: UUID
    area: str
    date: calendar_date
    by: str
    to: str | None
    exchange: calendar_date | None
    state: OfferState = OfferState.OPEN
    made_at: datetime
    answered_by: str | None = None
    answered_at: datetime | None = None


def check_future(
    standing: Standing | None, day: calendar_date, today: calendar_date, field: str = "date"
) -> Shift | None:
    """The shift that may still change hands; raises InvalidInput for a past day, Conflict for a signed one."""
    if day < today:
        raise InvalidInput(f"{field} is past", field=field, rule="not.past")
    if standing is not None and standing.signed:
        raise Conflict("who has that duty has signed in already", field=field, rule="duty.signed")
    return None if standing is None else standing.shift


def check_offered(shift: Shift | None, subject: str, field: str) -> Shift:
    """The shift, which must be the subject's; raises Conflict."""
    if shift is None or shift.subject != subject:
        raise Conflict("that duty is not with the one who would give it, any more", field=field, rule="duty.moved")
    return shift


def answered(offer: Offer, state: OfferState, by: str, at: datetime) -> Offer:
    """The offer after its answer; raises Forbidden for whom it is not meant, Conflict where it was answered before."""
    if state is OfferState.WITHDRAWN:
        if by != offer.by:
            raise Forbidden("who made the offer withdraws it")
    elif by == offer.by or offer.to not in (None, by):
        raise Forbidden("the offer is for somebody else")
    elif state is OfferState.DECLINED and offer.to is None:
        raise Conflict("an offer to anybody is not declined: leave it to others", rule="offer.open")
    if offer.state is not OfferState.OPEN:
        raise Conflict(f"the offer {PAST[offer.state]}; the roster stays as it is now", rule="offer.answered")
    return replace(offer, state=state, answered_by=by, answered_at=at)


def handed(shift: Shift, to: str) -> Shift:
    """The shift in other hands. Whose turn it was by the rule stays; back with them it is no more than that."""
    turn = shift.by_rule
    return Shift(shift.date, to) if to == turn else Shift(shift.date, to, agreed=True, turn=turn)
