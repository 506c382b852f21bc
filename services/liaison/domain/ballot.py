"""Proposals and votes: where a proposal stands, what is counted, and what comes out by the rule. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from services.chassis.errors import Conflict, IllegalTransition, InvalidInput
from services.chassis.text import Text
from services.liaison.domain.dialogue import Preset, Standing

TEXT = Text(4000, lines=True)
MOST_PROPOSALS = 99
MOST_COUNTERS = 10


class State(StrEnum):
    OPEN = "OPEN"
    VOTING = "VOTING"
    ADOPTED = "ADOPTED"
    REJECTED = "REJECTED"
    NOT_QUORATE = "NOT_QUORATE"
    WITHDRAWN = "WITHDRAWN"


STATES: Mapping[State, str] = {
    State.OPEN: "待表决",
    State.VOTING: "表决中",
    State.ADOPTED: "通过",
    State.REJECTED: "未通过",
    State.NOT_QUORATE: "未达法定人数",
    State.WITHDRAWN: "已撤回",
}
DEEDS: Mapping[str, frozenset[State]] = {
    "openVote": frozenset({State.OPEN}),
    "recordVote": frozenset({State.OPEN}),
    "castVote": frozenset({State.VOTING}),
    "closeVote": frozenset({State.VOTING}),
    "withdrawProposal": frozenset({State.OPEN, State.VOTING}),
}
"""In which states each is possible."""


class Proposer(StrEnum):
    PARTY_BRANCH = "PARTY_BRANCH"
    COMMITTEE = "COMMITTEE"
    REPRESENTATIVES = "REPRESENTATIVES"
    VILLAGERS = "VILLAGERS"
    OTHER = "OTHER"


PROPOSERS: Mapping[Proposer, str] = {
    Proposer.PARTY_BRANCH: "村党组织",
    Proposer.COMMITTEE: "村民委员会",
    Proposer.REPRESENTATIVES: "村民代表",
    Proposer.VILLAGERS: "村民",
    Proposer.OTHER: "其他",
}


class Choice(StrEnum):
    FOR = "FOR"
    AGAINST = "AGAINST"
    ABSTAIN = "ABSTAIN"


SEALED: Mapping[str, Choice] = {"F": Choice.FOR, "A": Choice.AGAINST, "-": Choice.ABSTAIN}
"""What stands in a sealed ballot: all of one length, so that it does not tell."""
LETTERS: Mapping[Choice, str] = {choice: letter for letter, choice in SEALED.items()}


@dataclass(frozen=True)
class Tally:
    """How many voted how."""

    in_favour: int = 0
    against: int = 0
    abstain: int = 0

    @property
    def cast(self) -> int:
        return self.in_favour + self.against + self.abstain


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """`body` and `secret` are there once a vote was opened."""

    id: UUID
    session: UUID
    area: str
    state: State
    body: UUID | None
    secret: bool | None
    version: int


@dataclass(frozen=True)
class Decision:
    """What came of a vote, in Chinese in `explanation`."""

    state: State
    standing: Standing
    tally: Tally
    explanation: str


def tally_of(choices: Sequence[Choice]) -> Tally:
    return Tally(choices.count(Choice.FOR), choices.count(Choice.AGAINST), choices.count(Choice.ABSTAIN))


def allowed(state: State) -> tuple[str, ...]:
    """The names of the deeds that a state allows, whoever may do them."""
    return tuple(name for name, states in DEEDS.items() if state in states)


def require(deed: str, state: State) -> None:
    """Raises IllegalTransition, which for a late vote says so."""
    if state in DEEDS[deed]:
        return
    if deed == "castVote":
        why = "the vote is not open yet" if state is State.OPEN else "the vote is closed"
    else:
        why = f"{deed} is not possible while the proposal is {state}"
    raise IllegalTransition(why, state=state, allowed=allowed(state), rule="proposal.state")


def decide(preset: Preset, standing: Standing, tally: Tally) -> Decision:
    """More than half of those present must be for it, not of those who voted. Raises Conflict where more voted than came."""
    if tally.cast > standing.present:
        raise Conflict(
            f"{tally.cast} votes, but {standing.present} of those entitled are noted as present: note attendance first",
            rule="vote.present",
        )
    least = preset.passing.least(standing.present)
    state = State.ADOPTED if tally.in_favour >= least else State.REJECTED
    if not standing.quorate:
        state = State.NOT_QUORATE
    counted = f"同意 {tally.in_favour} 票，反对 {tally.against} 票，弃权 {tally.abstain} 票"
    silent = standing.present - tally.cast
    rest = f"，未投 {silent} 票" if silent else ""
    needs = f"须经到会人员{preset.passing.words}同意（{least} 票）"
    return Decision(state, standing, tally, f"{counted}{rest}；{needs}，{STATES[state]}。{standing.explanation}")


def check_counted(tally: Tally) -> None:
    """Raises InvalidInput for a count that is negative, or where nobody voted."""
    for name, number in (
        ("votesFor", tally.in_favour),
        ("votesAgainst", tally.against),
        ("votesAbstain", tally.abstain),
    ):
        if number < 0:
            raise InvalidInput(f"{name} must not be negative", field=name, rule="range")
    if not tally.cast:
        raise InvalidInput(
            "votesFor, votesAgainst and votesAbstain must not all be 0", field="votesFor", rule="required"
        )
