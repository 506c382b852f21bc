"""Proposals are made and voted on. A secret ballot leaves nothing that would tell who voted how: the seal is the service's own, and of the choice
not even a digest is kept.
"""

from collections.abc import Sequence
from functools import partial
from typing import Annotated
from uuid import UUID

from msgspec import Meta
from uuid_utils.compat import uuid7

from services.chassis.commands import Command, Doing, Input
from services.chassis.db import acting
from services.chassis.errors import Conflict, Forbidden, InvalidInput, none_such, require_version
from services.chassis.vault import Vault
from services.liaison.commands.dialogue import held, meeting, written
from services.liaison.domain.access import CALLER, household_of
from services.liaison.domain.ballot import (
    LETTERS,
    MOST_COUNTERS,
    MOST_PROPOSALS,
    SEALED,
    TEXT,
    Choice,
    Proposal,
    Proposer,
    Tally,
    check_counted,
    decide,
    require,
    tally_of,
)
from services.liaison.domain.dialogue import MOST_PEOPLE, PRESETS, SUBJECT, TITLE, Rule
from services.liaison.domain.role import EVERYBODY, HOSTS
from services.liaison.events import DialogueVoted, ProposalMade, ProposalWithdrawn, VoteOpened
from services.liaison.store import proposal as store
from services.liaison.store import session as sessions
from services.liaison.store import voting_body
from services.liaison.store.dialogue import Dialogue

NO_ATTENDANCE = "note attendance first: whether a quorum is there hangs on it"
Votes = Annotated[int, Meta(ge=0, le=MOST_PEOPLE)]


class Propose(Input, frozen=True, kw_only=True):
    session_id: UUID
    title: str
    text: str
    by: Proposer


class OpenVote(Input, frozen=True, kw_only=True):
    proposal_id: UUID
    version: int | None = None
    secret: bool


class OfProposal(Input, frozen=True, kw_only=True):
    proposal_id: UUID
    version: int | None = None


class CastVote(Input, frozen=True, kw_only=True):
    """Of `choice` nothing is kept with the client key."""

    proposal_id: UUID
    choice: Choice


class RecordVote(Input, frozen=True, kw_only=True):
    """A vote by hand or on paper. `counters` are the accounts of those who counted."""

    proposal_id: UUID
    version: int | None = None
    secret: bool = False
    votes_for: Votes
    votes_against: Votes
    votes_abstain: Votes
    counters: Annotated[Sequence[str], Meta(min_length=1, max_length=MOST_COUNTERS)]


async def propose(doing: Doing, given: Propose) -> str:
    """Raises as `held` does, InvalidInput, or Conflict where there are too many."""
    dialogue = await held(doing, given.session_id, ahead=True)
    if await store.number_of(doing.connection, dialogue.session) >= MOST_PROPOSALS:
        raise Conflict(f"a dialogue has at most {MOST_PROPOSALS} proposals", rule="proposal.most")
    key, by = uuid7(), doing.principal.subject
    title, text = TITLE.check(given.title, "title"), TEXT.check(given.text, "text")
    await store.add(
        *(doing.connection, key, dialogue.session, dialogue.area),
        title=title,
        text=text,
        proposed_by=given.by,
        by=by,
        at=doing.clock.now(),
    )
    await written(
        doing, dialogue, ProposalMade(session=dialogue.session, area=dialogue.area, proposal=key, proposer=given.by)
    )
    return str(key)


async def _of(doing: Doing, deed: str, key: UUID, version: int | None) -> tuple[Dialogue, Proposal]:
    """The dialogue and its proposal, both held for the deed. Raises as `held` does, NotFound, StaleVersion or IllegalTransition."""
    seen = await store.find(doing.connection, key)
    if seen is None or not doing.principal.covers(seen.area):
        raise none_such("proposal")
    dialogue = await held(doing, seen.session, ahead=deed == "withdrawProposal")
    proposal = await store.lock(doing.connection, key)
    assert proposal is not None  # noqa: S101  it was found, and none is ever removed
    require(deed, proposal.state)
    require_version("proposal", version, proposal.version)
    return dialogue, proposal


async def open_vote(doing: Doing, given: OpenVote) -> str:
    """Raises Conflict where no body with named members meets."""
    dialogue, proposal = await _of(doing, "openVote", given.proposal_id, given.version)
    body = await meeting(doing, dialogue)
    if body is None or not body.members:
        raise Conflict(
            "openVote needs a body whose members are named; else count, and use recordVote", rule="vote.members"
        )
    await store.open_vote(doing.connection, proposal.id, body.id, given.secret)
    event = VoteOpened(
        session=dialogue.session, area=dialogue.area, proposal=proposal.id, body=body.id, secret=given.secret
    )
    await written(doing, dialogue, event)
    return str(proposal.id)


async def cast_vote(vault: Vault, doing: Doing, given: CastVote) -> str:
    """One ballot a member; a later one counts instead, but not where it is secret: that is a Conflict, as is a vote after the close."""
    connection, principal = doing.connection, doing.principal
    async with acting(connection, CALLER):
        proposal = await store.share(connection, given.proposal_id)
        if proposal is None:
            raise none_such("proposal")
        require("castVote", proposal.state)
        session = await sessions.find(connection, proposal.session)
        assert proposal.body is not None  # noqa: S101  it is voted on, which needs a body
        assert session is not None  # noqa: S101  a foreign key
        household = household_of(principal)
        member = await voting_body.member_of(connection, proposal.body, principal.subject, household, session.date)
    if member is None:
        raise Forbidden("only members of the body that meets may vote")
    if not proposal.secret:
        await store.cast(connection, proposal, member, given.choice)
    else:
        sealed = vault.close(LETTERS[given.choice], owner=str(proposal.id), field="ballot")
        if not await store.drop(connection, proposal, member, sealed):
            raise Conflict("you have voted: a secret ballot cannot be found again to change it", rule="vote.secret")
    return str(proposal.id)


async def close_vote(vault: Vault, doing: Doing, given: OfProposal) -> str:
    """Raises Conflict where attendance is not noted, or more voted than came."""
    dialogue, proposal = await _of(doing, "closeVote", given.proposal_id, given.version)
    if proposal.secret:
        ballots = await store.empty_box(doing.connection, proposal.id)
        owner = str(proposal.id)
        choices = [SEALED[vault.open(each, owner=owner, field="ballot")] for each in ballots]
    else:
        choices = await store.choices(doing.connection, proposal.id)
    await _decide(doing, dialogue, proposal, tally_of(choices), bool(proposal.secret), ())
    return str(proposal.id)


async def record_vote(doing: Doing, given: RecordVote) -> str:
    """Raises InvalidInput or Conflict as `close_vote` does."""
    dialogue, proposal = await _of(doing, "recordVote", given.proposal_id, given.version)
    tally = Tally(given.votes_for, given.votes_against, given.votes_abstain)
    check_counted(tally)
    counters = [SUBJECT.check(each, f"counters[{n}]") for n, each in enumerate(given.counters)]
    if len(set(counters)) < len(counters):
        raise InvalidInput("counters names one twice", field="counters", rule="unique")
    await _decide(doing, dialogue, proposal, tally, given.secret, counters)
    return str(proposal.id)


async def _decide(
    doing: Doing, dialogue: Dialogue, proposal: Proposal, tally: Tally, secret: bool, counters: Sequence[str]
) -> None:
    if dialogue.standing is None:
        raise Conflict(NO_ATTENDANCE, rule="dialogue.attendance")
    body = await meeting(doing, dialogue)
    preset = PRESETS[Rule.CONSULTATION] if body is None else body.preset
    decision = decide(preset, dialogue.standing, tally)
    await store.decide(
        doing.connection,
        proposal.id,
        decision,
        counters=counters,
        body=dialogue.body,
        secret=secret,
        by=doing.principal.subject,
        at=doing.clock.now(),
    )
    event = DialogueVoted(
        session=dialogue.session,
        area=dialogue.area,
        proposal=proposal.id,
        result=decision.state.value,
        secret=secret,
        eligible=decision.standing.eligible,
        present=decision.standing.present,
        votes_for=tally.in_favour,
        votes_against=tally.against,
        votes_abstain=tally.abstain,
    )
    await written(doing, dialogue, event)


async def withdraw_proposal(doing: Doing, given: OfProposal) -> str:
    """Before it is decided. Ballots that were cast count for nothing."""
    dialogue, proposal = await _of(doing, "withdrawProposal", given.proposal_id, given.version)
    await store.withdraw(doing.connection, proposal.id, by=doing.principal.subject, at=doing.clock.now())
    event = ProposalWithdrawn(session=dialogue.session, area=dialogue.area, proposal=proposal.id)
    await written(doing, dialogue, event)
    return str(proposal.id)


def voting(vault: Vault) -> tuple[Command, ...]:
    """The deeds that seal and open ballots."""
    cast = Command(
        *("castVote", CastVote, EVERYBODY, partial(cast_vote, vault), "proposal"),
        unkept=frozenset({"choice"}),
    )
    return (cast, Command("closeVote", OfProposal, HOSTS, partial(close_vote, vault), "proposal"))


COMMANDS = (
    Command("propose", Propose, HOSTS, propose, "proposal"),
    Command("openVote", OpenVote, HOSTS, open_vote, "proposal"),
    Command("recordVote", RecordVote, HOSTS, record_vote, "proposal"),
    Command("withdrawProposal", OfProposal, HOSTS, withdraw_proposal, "proposal"),
)
