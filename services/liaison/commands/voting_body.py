"""Who of a village may vote: the roll of its assembly or of its representatives."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta
from uuid_utils.compat import uuid7

from services.chassis.clock import today
from services.chassis.commands import Command, Doing, Input, Part
from services.chassis.errors import Conflict, InvalidInput, NotFound, StaleVersion, UnknownCode
from services.liaison.domain.dialogue import MOST_MEMBERS, MOST_PEOPLE, NAME, SUBJECT, Body, Rule, Share, Who, quorum_of
from services.liaison.domain.role import ARRANGERS
from services.liaison.store import area as areas
from services.liaison.store import voting_body as store

TAKEN = "the village has a body of that name: give its id and version"


class QuorumGiven(Part, frozen=True, kw_only=True):
    numerator: int
    denominator: int
    above: bool


class Named(Part, frozen=True, kw_only=True):
    """An account or a household."""

    household_id: UUID | None = None
    subject: str | None = None


class SetVotingBody(Input, frozen=True, kw_only=True):
    """A new body has no id and no version. `members` are all; without any, `eligible` says how many there are.

    `quorum` may be stricter than the law's. `since` is the day from which that is so, by default today.
    """

    id: UUID | None = None
    version: int | None = None
    area_code: str
    name: str
    rule: Rule
    quorum: QuorumGiven | None = None
    eligible: Annotated[int, Meta(ge=0, le=MOST_PEOPLE)] | None = None
    members: Annotated[Sequence[Named], Meta(max_length=MOST_MEMBERS)] = ()
    since: date | None = None


async def set_voting_body(doing: Doing, given: SetVotingBody) -> str:
    """Raises InvalidInput, UnknownCode, NotFound out of the caller's areas, Conflict or StaleVersion. Earlier days keep their members."""
    connection = doing.connection
    known = await _known(doing, given)
    who = [who_of(each, f"members[{n}]") for n, each in enumerate(given.members)]
    if len(set(who)) < len(who):
        raise InvalidInput("members names one twice", field="members", rule="unique")
    if (given.eligible is None) == (not who):
        raise InvalidInput("give members, or eligible: how many they are", field="eligible", rule="required")
    share = (
        None if given.quorum is None else Share(given.quorum.numerator, given.quorum.denominator, given.quorum.above)
    )
    since = given.since or today(doing.clock)
    body = Body(
        id=uuid7() if known is None else known.id,
        area=given.area_code,
        name=NAME.check(given.name, "name"),
        rule=given.rule,
        quorum=quorum_of(given.rule, share),
        eligible=len(who) if given.eligible is None else given.eligible,
        since=since,
        version=1 if known is None else known.version + 1,
    )
    if known is None:
        if not await store.add(connection, body):
            raise Conflict(TAKEN, field="name", rule="body.name")
    else:
        if since < known.since:
            raise InvalidInput("since lies before the roll that it follows", field="since", rule="order")
        if not await store.revise(connection, body):
            raise Conflict(TAKEN, field="name", rule="body.name")
    sitting = await store.sitting(connection, body.id)
    leave = [key for each, key in sitting.items() if each not in set(who)]
    join = {each: uuid7() for each in who if each not in sitting}
    await store.seat(connection, body, leave=leave, join=join, since=since)
    return str(body.id)


async def _known(doing: Doing, given: SetVotingBody) -> Body | None:
    """The body that is meant; None for a new one."""
    if len(given.area_code) != 12 or not await areas.known(doing.connection, given.area_code):
        raise UnknownCode("area", field="areaCode")
    if not doing.principal.covers(given.area_code):
        raise NotFound("areaCode: outside your areas")
    if given.id is None:
        return None
    known = await store.lock(doing.connection, given.id)
    if known is None or known.area != given.area_code:
        raise NotFound("body: none such in that village")
    if known.version != given.version:
        raise StaleVersion("body", current=known.version)
    return known


def who_of(given: Named, name: str) -> Who:
    """Raises InvalidInput unless it is one of both."""
    if (given.household_id is None) == (given.subject is None):
        raise InvalidInput(f"{name}: give householdId or subject", field=name, rule="required")
    subject = None if given.subject is None else SUBJECT.check(given.subject, f"{name}.subject")
    return Who(given.household_id, subject)


COMMANDS = (Command("setVotingBody", SetVotingBody, ARRANGERS, set_voting_body, "votingBody"),)
