"""The minutes of a dialogue are drafted, signed and published."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from services.chassis import outbox
from services.chassis.commands import Command, Doing, Input
from services.chassis.db import acting
from services.chassis.errors import Conflict, Forbidden, StaleVersion, none_such
from services.liaison.commands.dialogue import held, redraft, require_fresh
from services.liaison.domain.access import CALLER, household_of
from services.liaison.domain.minutes import TEXT, Signer, missing
from services.liaison.domain.role import EVERYBODY, HOSTS
from services.liaison.events import MinutesPublished, MinutesSigned
from services.liaison.store import dialogue as dialogues
from services.liaison.store import minutes as store
from services.liaison.store import proposal, voting_body
from services.liaison.store import session as sessions
from services.liaison.store.dialogue import Dialogue
from services.liaison.store.minutes import Draft

NO_DRAFT = "there are no minutes yet: draft them"


class DraftMinutes(Input, frozen=True, kw_only=True):
    """`text` is what the recorder adds to what is written down. `version` is that of the newest minutes, absent where there are none."""

    session_id: UUID
    version: int | None = None
    text: str


class SignMinutes(Input, frozen=True, kw_only=True):
    """`version` and `digest` are those of the minutes that the signer has read."""

    session_id: UUID
    version: int
    digest: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    role: Signer


class PublishMinutes(Input, frozen=True, kw_only=True):
    session_id: UUID
    version: int


async def draft_minutes(doing: Doing, given: DraftMinutes) -> str:
    """A new version, which nobody has signed, wherever something differs or another is the recorder now.

    Raises as `held` does, or Conflict before it was held or while a vote is open.
    """
    dialogue = await held(doing, given.session_id)
    if dialogue.state != "HELD":
        raise Conflict("minutes are drafted when the dialogue was held", rule="minutes.held")
    await _require_no_vote(doing, dialogue)
    newest = await store.newest(doing.connection, dialogue.session)
    if (None if newest is None else newest.version) != given.version:
        raise StaleVersion("minutes", current=0 if newest is None else newest.version)
    await redraft(doing, dialogue, TEXT.check(given.text, "text"))
    return str(dialogue.session)


async def sign_minutes(doing: Doing, given: SignMinutes) -> str:
    """Raises Forbidden for a part that is not the caller's, StaleVersion for minutes that are no longer the newest, Conflict for a second time."""
    connection, principal = doing.connection, doing.principal
    found = await sessions.find(connection, given.session_id)
    if found is None:
        raise none_such("dialogue")
    hosts = principal.covers(found.area) and principal.has(HOSTS)
    async with acting(connection, CALLER):
        dialogue = await dialogues.lock(connection, given.session_id)
        if dialogue is None:
            raise none_such("dialogue")
        seats = await voting_body.seats(
            connection, dialogue.area, principal.subject, household_of(principal), dialogue.date
        )
        if not hosts and not seats:
            raise none_such("dialogue")
        draft = await _newest(doing, dialogue, given.version)
        signed = await store.signatures(connection, dialogue.session, draft.version)
    if draft.digest != given.digest:
        raise Conflict("digest is not that of the minutes: read them again", rule="minutes.digest")
    await require_fresh(connection, dialogue.session, draft)
    _require_part(given.role, hosts, bool(seats), draft.drafted_by == principal.subject)
    mine = {principal.subject, *map(str, seats)}
    if any(signer in mine for _, signer in signed):
        raise Conflict("you have signed: each signature is another person's", rule="minutes.signed")
    represents = given.role is Signer.REPRESENTATIVE
    await store.sign(
        *(connection, dialogue.session, draft, given.role),
        signer=str(seats[0]) if represents else principal.subject,
        name=None if represents else principal.name,
        at=doing.clock.now(),
    )
    event = MinutesSigned(
        session=dialogue.session, area=dialogue.area, version=draft.version, role=given.role, digest=draft.digest
    )
    await outbox.record(connection, doing.clock, event, subject=str(dialogue.session), area=dialogue.area)
    return str(dialogue.session)


def _require_part(role: Signer, hosts: bool, represents: bool, recorded: bool) -> None:
    allowed = {Signer.RECORDER: hosts and recorded, Signer.HOST: hosts, Signer.REPRESENTATIVE: represents}
    who = {
        Signer.RECORDER: "whoever drafted the minutes",
        Signer.HOST: "a host of the village",
        Signer.REPRESENTATIVE: "a representative of the village on that day",
    }
    if not allowed[role]:
        raise Forbidden(f"{role} is signed by {who[role]}")


async def publish_minutes(doing: Doing, given: PublishMinutes) -> str:
    """Everybody may read them from now on, and nothing of the dialogue changes any more. Raises Conflict where a signature is missing."""
    dialogue = await held(doing, given.session_id)
    await _require_no_vote(doing, dialogue)
    draft = await _newest(doing, dialogue, given.version)
    await require_fresh(doing.connection, dialogue.session, draft)
    signed = [role for role, _ in await store.signatures(doing.connection, dialogue.session, draft.version)]
    if lacking := missing(signed):
        raise Conflict(f"still to be signed by: {', '.join(lacking)}", rule="minutes.unsigned")
    at = doing.clock.now()
    await dialogues.publish(doing.connection, dialogue.session, draft.version, by=doing.principal.subject, at=at)
    event = MinutesPublished(
        session=dialogue.session, area=dialogue.area, version=draft.version, digest=draft.digest, at=at
    )
    await outbox.record(doing.connection, doing.clock, event, subject=str(dialogue.session), area=dialogue.area)
    return str(dialogue.session)


async def _newest(doing: Doing, dialogue: Dialogue, version: int) -> Draft:
    if dialogue.published is not None:
        raise Conflict("the minutes are published: nothing changes any more", rule="minutes.published")
    draft = await store.newest(doing.connection, dialogue.session)
    if draft is None:
        raise Conflict(NO_DRAFT, rule="minutes.draft")
    if draft.version != version:
        raise StaleVersion("minutes", current=draft.version)
    return draft


async def _require_no_vote(doing: Doing, dialogue: Dialogue) -> None:
    if await proposal.any_voting(doing.connection, dialogue.session):
        raise Conflict("a vote is open: close it first", rule="minutes.voting")


COMMANDS = (
    Command("draftMinutes", DraftMinutes, HOSTS, draft_minutes, "dialogue"),
    Command("signMinutes", SignMinutes, EVERYBODY, sign_minutes, "dialogue"),
    Command("publishMinutes", PublishMinutes, HOSTS, publish_minutes, "dialogue"),
)
