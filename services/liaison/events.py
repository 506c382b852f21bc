"""Every event that liaison publishes."""

from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from services.chassis.envelope import EventData, PersonalData
from services.liaison.domain.calendar import DayKind
from services.liaison.domain.duty import Place
from services.liaison.domain.matter import Source as MatterSource
from services.liaison.domain.series import Why as SessionWhy
from services.liaison.domain.session import Kind as SessionKind
from services.liaison.domain.sign_up import State as SignUpState
from services.liaison.domain.suggestion import Satisfaction as SuggestionSatisfaction
from services.liaison.domain.suggestion import State as SuggestionState
from services.liaison.domain.suggestion import Suggestion
from services.liaison.domain.visit import Purpose

Village = Annotated[str, Meta(description="The village's code (12 digits).")]


class RosterPlanned(EventData, frozen=True, kw_only=True):
    """A village's roster was made or revised: it has `days` duties from `from` until `until`, both included."""

    type: ClassVar[str] = "liaison.roster.planned.v1"
    personal_data: ClassVar[PersonalData] = "none"

    area: Village
    from_: Annotated[date, Meta(description="The roster's first day.")] = msgspec.field(name="from")
    until: Annotated[date, Meta(description="The roster's last day.")]
    days: Annotated[int, Meta(description="How many duties it has.")]
    added: Annotated[list[date], Meta(description="Days that have a duty and had none.")] = msgspec.field(
        default_factory=list
    )
    removed: Annotated[list[date], Meta(description="Days that had a duty and have none.")] = msgspec.field(
        default_factory=list
    )
    changed: Annotated[list[date], Meta(description="Days whose duty is another's now.")] = msgspec.field(
        default_factory=list
    )


DutyDay = Annotated[date, Meta(description="The day of the duty.")]
ExchangeDay = Annotated[
    date | None, Meta(description="The day of the other's duty that is taken in return; null where none is.")
]
OfferId = Annotated[UUID, Meta(description="The offer's id.")]


class DutySignedIn(EventData, frozen=True, kw_only=True):
    """The cadre on duty, named by their account's subject, has signed in."""

    type: ClassVar[str] = "liaison.duty.signed_in.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    area: Village
    date: Annotated[date, Meta(description="The day of the duty.")]
    cadre: Annotated[str, Meta(description="The subject of the cadre's account.")]
    signed_at: Annotated[datetime, Meta(tz=True)]
    place: Annotated[Place, Meta(description="Where, against the station's place.")] = Place.UNKNOWN
    metres: Annotated[int | None, Meta(description="How far from the station; null where that is not known.")] = None
    late: Annotated[bool, Meta(description="Whether it is late by the village's rule.")] = False


class DutySignedOut(EventData, frozen=True, kw_only=True):
    """The cadre on duty has signed out."""

    type: ClassVar[str] = "liaison.duty.signed_out.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    area: Village
    date: DutyDay
    cadre: Annotated[str, Meta(description="The subject of the cadre's account.")]
    signed_at: Annotated[datetime, Meta(tz=True)]


class DutyGapFound(EventData, frozen=True, kw_only=True):
    """Nobody is free for a duty that is near. Told once; again where the gap was filled and came about anew."""

    type: ClassVar[str] = "liaison.duty.gap_found.v1"
    personal_data: ClassVar[PersonalData] = "none"

    area: Village
    date: DutyDay


class DutyOffered(EventData, frozen=True, kw_only=True):
    """Who has a duty asks another, or anybody, to take it."""

    type: ClassVar[str] = "liaison.duty.offered.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    area: Village
    date: DutyDay
    offer: OfferId
    by: Annotated[str, Meta(description="Who has the duty.")]
    to: Annotated[str | None, Meta(description="Who is asked; null for anybody.")]
    exchange: ExchangeDay
    at: Annotated[datetime, Meta(tz=True)]


class DutyTaken(EventData, frozen=True, kw_only=True):
    """A duty, and the one in exchange, have changed hands."""

    type: ClassVar[str] = "liaison.duty.taken.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    area: Village
    date: DutyDay
    offer: OfferId
    by: Annotated[str, Meta(description="Who has the duty now.")]
    from_: Annotated[str, Meta(description="Who had it.")] = msgspec.field(name="from")
    exchange: ExchangeDay
    at: Annotated[datetime, Meta(tz=True)]


class DutyDeclined(EventData, frozen=True, kw_only=True):
    """Who was asked to take a duty will not."""

    type: ClassVar[str] = "liaison.duty.declined.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    area: Village
    date: DutyDay
    offer: OfferId
    by: Annotated[str, Meta(description="Who declined.")]
    at: Annotated[datetime, Meta(tz=True)]


class DutyWithdrawn(EventData, frozen=True, kw_only=True):
    """A duty is not offered any more."""

    type: ClassVar[str] = "liaison.duty.withdrawn.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    area: Village
    date: DutyDay
    offer: OfferId
    by: Annotated[str, Meta(description="Who had offered it.")]
    at: Annotated[datetime, Meta(tz=True)]


class DutyAssigned(EventData, frozen=True, kw_only=True):
    """Whoever arranges duties gave one to somebody in an emergency, without consent."""

    type: ClassVar[str] = "liaison.duty.assigned.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    area: Village
    date: DutyDay
    cadre: Annotated[str, Meta(description="Who has the duty now.")]
    from_: Annotated[str | None, Meta(description="Who had it; null where it was a gap.")] = msgspec.field(name="from")
    by: Annotated[str, Meta(description="Who assigned it.")]
    at: Annotated[datetime, Meta(tz=True)]


class DutyVisitNoted(EventData, frozen=True, kw_only=True):
    """Somebody came to the station. Who it was and what was said stays here."""

    type: ClassVar[str] = "liaison.visit.noted.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    visit: Annotated[UUID, Meta(description="The visit's id; a matter that it raises has it as its source.")]
    area: Village
    purpose: Annotated[Purpose, Meta(description="What for.")]
    household: Annotated[UUID | None, Meta(description="Whose household it was about; null when none is named.")]
    visited_at: Annotated[datetime, Meta(tz=True)]
    at: Annotated[datetime, Meta(tz=True)]


DUTY_EVENTS: tuple[type[EventData], ...] = (
    RosterPlanned,
    DutySignedIn,
    DutySignedOut,
    DutyGapFound,
    DutyOffered,
    DutyTaken,
    DutyDeclined,
    DutyWithdrawn,
    DutyAssigned,
    DutyVisitNoted,
)


class CalendarDay(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A day that is not what its weekday says."""

    date: date
    kind: Literal["HOLIDAY", "MAKEUP_WORKDAY"]
    festival: Annotated[str, Meta(description="What it is off or worked for, in Chinese.")]


class ChangedDay(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A day that is of another kind than before."""

    date: date
    before: DayKind
    after: DayKind


class CalendarPublished(EventData, frozen=True, kw_only=True):
    """The working calendar of a year was loaded or changed. While it is not `published`, it goes by weekdays alone and has no `days`."""

    type: ClassVar[str] = "liaison.calendar.published.v1"
    personal_data: ClassVar[PersonalData] = "none"

    year: int
    published: Annotated[
        bool, Meta(description="Whether the State Council has published it; if not, it is provisional.")
    ]
    days: Annotated[
        list[CalendarDay], Meta(description="All of its days that are not what their weekday says, in order.")
    ]
    changed: Annotated[
        list[ChangedDay],
        Meta(description="The days whose kind is another than before the year was loaded; none of a year that is new."),
    ] = msgspec.field(default_factory=list)


class MatterRaised(EventData, frozen=True, kw_only=True):
    """Something came up on duty, at a meeting or at a stall that is for tickets to see to. Its words stay with what it came from."""

    type: ClassVar[str] = "liaison.matter.raised.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    source: Annotated[MatterSource, Meta(description="Where it came up.")]
    source_id: Annotated[
        UUID, Meta(description="The id of the visit, suggestion or stall that it came from; it raises one matter.")
    ]
    area: Annotated[str, Meta(description="The code of the area where the matter is.")]
    category: Annotated[str, Meta(description="The code of the matter's category.")]
    household: Annotated[UUID | None, Meta(description="The household concerned; null when there is none.")]
    department: Annotated[
        str | None, Meta(description="The code of the department that is to do it; null when none is named.")
    ]
    due: Annotated[
        date | None, Meta(description="The last day on which all of it is to be done; null where none was set.")
    ]
    at: Annotated[datetime, Meta(tz=True)]


class SuggestionChanged(EventData, frozen=True, kw_only=True):
    """What every event of a suggestion says: the state after the deed, and the one before it. Not who raised it, and none of its words."""

    personal_data: ClassVar[PersonalData] = "reference"

    suggestion: Annotated[UUID, Meta(description="The suggestion's id; who may see it asks the gateway with it.")]
    area: Village
    source: Annotated[MatterSource, Meta(description="Where it was raised.")]
    session: Annotated[
        UUID | None, Meta(description="The gathering or dialogue in which it was raised; null for none.")
    ]
    category: Annotated[str, Meta(description="The code of its category.")]
    state: Annotated[SuggestionState, Meta(description="The state after the deed.")]
    previous: Annotated[SuggestionState | None, Meta(description="The state before it; null when it is raised.")]
    department: Annotated[
        str | None,
        Meta(description="The code of the department whose it is; null before it was accepted, and for an area's."),
    ]
    owner_area: Annotated[
        str | None, Meta(description="The code of the area whose unit has it; null for a department's.")
    ]
    due: Annotated[
        date | None, Meta(description="The last day on which it is to be answered; null before it was accepted.")
    ]
    version: Annotated[int, Meta(description="The suggestion's version after the deed, one on with each.")]
    at: Annotated[datetime, Meta(tz=True, description="When it was done.")]


class SuggestionRaised(SuggestionChanged, frozen=True, kw_only=True):
    """Somebody has made a suggestion."""

    type = "liaison.suggestion.raised.v1"


class SuggestionAccepted(SuggestionChanged, frozen=True, kw_only=True):
    """It has an owner, and a day by which it is answered."""

    type = "liaison.suggestion.accepted.v1"


class SuggestionDeclined(SuggestionChanged, frozen=True, kw_only=True):
    """It is not taken on; why is told in public."""

    type = "liaison.suggestion.declined.v1"


class SuggestionMerged(SuggestionChanged, frozen=True, kw_only=True):
    """It says the same as another, which goes on."""

    type = "liaison.suggestion.merged.v1"

    into: Annotated[UUID, Meta(description="The id of the suggestion that goes on.")]


class SuggestionAnswered(SuggestionChanged, frozen=True, kw_only=True):
    """Its owner has answered it, or has put the answer into other words."""

    type = "liaison.suggestion.answered.v1"


class SuggestionSolved(SuggestionChanged, frozen=True, kw_only=True):
    """What it asks for is done: whoever raised its matter was called back and is satisfied, or who hosts has seen it."""

    type = "liaison.suggestion.solved.v1"


class SuggestionCalledBack(SuggestionChanged, frozen=True, kw_only=True):
    """The person has been asked about the answer. Somebody who is dissatisfied opens it anew."""

    type = "liaison.suggestion.called_back.v1"

    satisfaction: Annotated[SuggestionSatisfaction, Meta(description="What they said.")]


class SuggestionReopened(SuggestionChanged, frozen=True, kw_only=True):
    """Its matter was called back, and somebody is dissatisfied."""

    type = "liaison.suggestion.reopened.v1"


class SuggestionPublished(SuggestionChanged, frozen=True, kw_only=True):
    """Everybody may read it, with its answer; not who raised it."""

    type = "liaison.suggestion.published.v1"


class SuggestionSupported(SuggestionChanged, frozen=True, kw_only=True):
    """One more supports it; its state and version stay."""

    type = "liaison.suggestion.supported.v1"

    supports: Annotated[int, Meta(description="How many do.")]


class SuggestionReminded(SuggestionChanged, frozen=True, kw_only=True):
    """Its answer is due in a few days; its state and version stay."""

    type = "liaison.suggestion.reminded.v1"


class SuggestionAlarmed(SuggestionChanged, frozen=True, kw_only=True):
    """Its answer is overdue; its state and version stay."""

    type = "liaison.suggestion.alarmed.v1"


SUGGESTION_EVENTS: tuple[type[SuggestionChanged], ...] = (
    SuggestionRaised,
    SuggestionAccepted,
    SuggestionDeclined,
    SuggestionMerged,
    SuggestionAnswered,
    SuggestionSolved,
    SuggestionCalledBack,
    SuggestionReopened,
    SuggestionPublished,
    SuggestionSupported,
    SuggestionReminded,
    SuggestionAlarmed,
)
_OF_SUGGESTIONS = {event.type.split(".")[2]: event for event in SUGGESTION_EVENTS}


def suggestion_event(
    past: str, suggestion: Suggestion, previous: SuggestionState | None, at: datetime, *, supports: int = 0
) -> SuggestionChanged:
    """The event of the deed with that verb in the past tense, about the suggestion as it stands after it."""
    event = _OF_SUGGESTIONS[past]
    more: dict[type[SuggestionChanged], dict[str, Any]] = {
        SuggestionMerged: {"into": suggestion.duplicate_of},
        SuggestionCalledBack: {"satisfaction": suggestion.satisfaction},
        SuggestionSupported: {"supports": supports},
    }
    return event(
        suggestion=suggestion.id,
        area=suggestion.area,
        source=suggestion.source,
        session=suggestion.session,
        category=suggestion.category,
        state=suggestion.state,
        previous=previous,
        department=suggestion.department,
        owner_area=suggestion.owner_area,
        due=suggestion.due,
        version=suggestion.version,
        at=at,
        **more.get(event, {}),
    )


StallId = Annotated[UUID, Meta(description="The stall's id; tickets keep an activity of the same id.")]
ClockTime = Annotated[str, Meta(description="A time of the day in China, such as 08:30.", pattern=r"^\d\d:\d\d$")]


class StallChanged(EventData, frozen=True, kw_only=True):
    """What every event of a team's stall on a market's day says."""

    personal_data: ClassVar[PersonalData] = "none"

    stall: StallId
    market: Annotated[UUID, Meta(description="The market's id.")]
    team: Annotated[str, Meta(description="The code of the service team.")]
    area: Annotated[str, Meta(description="The code of the village or township where the market is held.")]
    date: Annotated[date, Meta(description="On which day.")]
    begins: ClockTime
    ends: ClockTime
    version: Annotated[int, Meta(description="The stall's version after the deed, one on with each.")]


class StallPlanned(StallChanged, frozen=True, kw_only=True):
    """A team will have a stall on a market's day."""

    type = "liaison.stall.planned.v1"


class StallMoved(StallChanged, frozen=True, kw_only=True):
    """The market is on another day, and the stall with it."""

    type = "liaison.stall.moved.v1"

    previous: Annotated[date, Meta(description="The day on which it was to be.")]


class StallCancelled(StallChanged, frozen=True, kw_only=True):
    """There will be no stall."""

    type = "liaison.stall.cancelled.v1"

    cause: Annotated[
        Literal["MARKET", "PLAN"],
        Meta(description="Why: no market is held on that day, or the stalls were taken back."),
    ]


class ReminderIssued(EventData, frozen=True, kw_only=True):
    """Something is to come: a duty, or a session for one of its staff or for its village. Told once of each, to each."""

    type: ClassVar[str] = "liaison.reminder.issued.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    ref: Annotated[str, Meta(description="Of what: the duty's key or the session's id.")]
    kind: Annotated[Literal["DUTY", "SESSION"], Meta(description="What it is.")]
    area: Village
    subject: Annotated[
        str | None, Meta(description="Whom it is for: the subject of their account; null where it is for the village.")
    ]
    date: Annotated[date, Meta(description="The day of the duty or session.")]
    begins_at: Annotated[datetime, Meta(tz=True, description="When it begins.")]
    due_at: Annotated[datetime, Meta(tz=True, description="When to remind of it; at most a day ago.")]


SessionId = Annotated[UUID, Meta(description="The id of the dialogue's session.")]


class DialogueChanged(EventData, frozen=True, kw_only=True):
    """What every event of a monthly dialogue says."""

    personal_data: ClassVar[PersonalData] = "none"

    session: SessionId
    area: Village


class AgendaSet(DialogueChanged, frozen=True, kw_only=True):
    """A dialogue's agenda was set, or set anew."""

    type = "liaison.dialogue.agenda_set.v1"

    body: Annotated[UUID | None, Meta(description="The id of the body that meets; null for a consultation.")]
    items: Annotated[
        list[str], Meta(description="The kinds of its items, in order: STUDY, REMOTE_EDUCATION and the like.")
    ]


class AttendanceNoted(DialogueChanged, frozen=True, kw_only=True):
    """Who came to a dialogue was noted, in numbers."""

    type = "liaison.dialogue.attendance_noted.v1"

    people: Annotated[int, Meta(description="How many came.")]
    eligible: Annotated[int, Meta(description="How many members the body has.")]
    present: Annotated[int, Meta(description="How many of them came, as the rule counts them.")]
    quorate: Annotated[bool, Meta(description="Whether it can decide.")]


class StudyNoted(DialogueChanged, frozen=True, kw_only=True):
    """Something was studied at a dialogue."""

    type = "liaison.dialogue.study_noted.v1"

    minutes: int
    people: Annotated[int, Meta(description="How many took part.")]


class ProposalMade(DialogueChanged, frozen=True, kw_only=True):
    """Something was proposed at a dialogue."""

    type = "liaison.dialogue.proposed.v1"

    proposal: UUID
    proposer: Annotated[
        str, Meta(description="Whose proposal it is: PARTY_BRANCH, COMMITTEE, REPRESENTATIVES, VILLAGERS or OTHER.")
    ]


class VoteOpened(DialogueChanged, frozen=True, kw_only=True):
    """A body's members can vote on a proposal."""

    type = "liaison.dialogue.vote_opened.v1"

    proposal: UUID
    body: Annotated[UUID, Meta(description="The id of the body that votes.")]
    secret: bool


class DialogueVoted(DialogueChanged, frozen=True, kw_only=True):
    """A proposal was voted on."""

    type = "liaison.dialogue.voted.v1"

    proposal: UUID
    result: Annotated[str, Meta(description="ADOPTED, REJECTED or NOT_QUORATE.")]
    secret: bool
    eligible: Annotated[int, Meta(description="How many members the body has.")]
    present: Annotated[int, Meta(description="How many of them were present.")]
    votes_for: int
    votes_against: int
    votes_abstain: int


class ProposalWithdrawn(DialogueChanged, frozen=True, kw_only=True):
    """A proposal was withdrawn before it was decided."""

    type = "liaison.dialogue.withdrawn.v1"

    proposal: UUID


class MinutesSigned(DialogueChanged, frozen=True, kw_only=True):
    """Somebody signed a version of a dialogue's minutes."""

    type = "liaison.dialogue.minutes_signed.v1"

    version: int
    role: Annotated[str, Meta(description="RECORDER, HOST or REPRESENTATIVE.")]
    digest: Annotated[str, Meta(description="SHA-256 of the minutes' canonical JSON, in hexadecimal.")]


class MinutesPublished(DialogueChanged, frozen=True, kw_only=True):
    """A dialogue's minutes can be read by everybody, and change no more."""

    type = "liaison.dialogue.published.v1"

    version: int
    digest: Annotated[str, Meta(description="SHA-256 of the minutes' canonical JSON, in hexadecimal.")]
    at: Annotated[datetime, Meta(tz=True)]


DIALOGUE_EVENTS: tuple[type[DialogueChanged], ...] = (
    *(AgendaSet, AttendanceNoted, StudyNoted, ProposalMade, VoteOpened, DialogueVoted, ProposalWithdrawn),
    *(MinutesSigned, MinutesPublished),
)


class SessionMoved(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A session that is not on the day on which it was, or on which the series has it."""

    due: Annotated[date, Meta(description="Its day by the series.")]
    before: Annotated[date | None, Meta(description="The day on which it was before; null where there was none.")]
    after: Annotated[date | None, Meta(description="The day on which it is; null where it is not held.")]
    reason: Annotated[
        SessionWhy,
        Meta(
            description=(
                "Its day is HOLIDAY or WEEKEND, or TAKEN by another session of the series; or the CALENDAR, the SERIES or the AREA has changed."
            )
        ),
    ]


class SessionsPlanned(EventData, frozen=True, kw_only=True):
    """A series' sessions in a village were planned or revised: it has `count` of them from `from` until `until`, both included."""

    type: ClassVar[str] = "liaison.sessions.planned.v1"
    personal_data: ClassVar[PersonalData] = "none"

    series: Annotated[UUID, Meta(description="The series.")]
    kind: SessionKind
    area: Village
    from_: Annotated[date, Meta(description="The first day that was planned.")] = msgspec.field(name="from")
    until: Annotated[date, Meta(description="The last day that was planned.")]
    count: Annotated[int, Meta(description="How many sessions there are in that time.")]
    changed: Annotated[int, Meta(description="How many are new, gone, or have another day, time or staff.")]
    gaps: Annotated[int, Meta(description="How often a department that is to come has nobody free.")]
    moved: Annotated[
        list[SessionMoved], Meta(description="Those whose day is now another than it was, or than by the series.")
    ]


class SessionGapFound(EventData, frozen=True, kw_only=True):
    """A department that is to come to a session of the next days has nobody free for it."""

    type: ClassVar[str] = "liaison.session.gap_found.v1"
    personal_data: ClassVar[PersonalData] = "none"

    session: Annotated[UUID, Meta(description="The session.")]
    kind: SessionKind
    area: Village
    date: Annotated[date, Meta(description="The day of the session.")]
    department: Annotated[str, Meta(description="The department's code.")]


class SessionMovedByHand(EventData, frozen=True, kw_only=True):
    """Somebody has moved a session to another day or time. Why is to be asked of the session."""

    type: ClassVar[str] = "liaison.session.moved.v1"
    personal_data: ClassVar[PersonalData] = "none"

    session: Annotated[UUID, Meta(description="The session.")]
    kind: SessionKind
    area: Village
    due: Annotated[date, Meta(description="Its day by the series.")]
    before: Annotated[date, Meta(description="The day on which it was.")]
    after: Annotated[date, Meta(description="The day on which it is.")]
    opens: Annotated[str, Meta(description="When it begins, China's time, as 09:00.")]
    at: Annotated[datetime, Meta(tz=True)]


class SessionCancelled(EventData, frozen=True, kw_only=True):
    """A session will not be held. Why is to be asked of the session."""

    type: ClassVar[str] = "liaison.session.cancelled.v1"
    personal_data: ClassVar[PersonalData] = "none"

    session: Annotated[UUID, Meta(description="The session.")]
    kind: SessionKind
    area: Village
    date: Annotated[date, Meta(description="The day on which it would have been.")]
    at: Annotated[datetime, Meta(tz=True)]


class SessionStaffAssigned(EventData, frozen=True, kw_only=True):
    """Somebody has chosen whom a department sends to a session."""

    type: ClassVar[str] = "liaison.session.staff_assigned.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    session: Annotated[UUID, Meta(description="The session.")]
    kind: SessionKind
    area: Village
    date: Annotated[date, Meta(description="The day of the session.")]
    department: Annotated[str, Meta(description="The department's code.")]
    cadre: Annotated[str, Meta(description="The subject of the cadre's account.")]
    at: Annotated[datetime, Meta(tz=True)]


class SessionHeld(EventData, frozen=True, kw_only=True):
    """A session was held."""

    type: ClassVar[str] = "liaison.session.held.v1"
    personal_data: ClassVar[PersonalData] = "none"

    session: Annotated[UUID, Meta(description="The session.")]
    kind: SessionKind
    area: Village
    date: Annotated[date, Meta(description="The day of the session.")]
    people: Annotated[int, Meta(description="How many people came.")]
    came: Annotated[
        list[str], Meta(description="The codes of the departments whose cadre came, as far as it was said.")
    ]
    held_at: Annotated[datetime, Meta(tz=True)]


class SignedUp(EventData, frozen=True, kw_only=True):
    """Somebody will come to a gathering, with a topic."""

    type: ClassVar[str] = "liaison.sign_up.made.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    sign_up: Annotated[UUID, Meta(description="The sign-up.")]
    session: Annotated[UUID, Meta(description="The session.")]
    area: Village
    household: Annotated[UUID | None, Meta(description="The household concerned; null when there is none.")]
    at: Annotated[datetime, Meta(tz=True)]


class SignUpEnded(EventData, frozen=True, kw_only=True):
    """A sign-up was withdrawn, or its topic answered or raised as a matter."""

    type: ClassVar[str] = "liaison.sign_up.ended.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    sign_up: Annotated[UUID, Meta(description="The sign-up.")]
    session: Annotated[UUID, Meta(description="The session.")]
    area: Village
    state: Annotated[SignUpState, Meta(description="How it ended.")]
    at: Annotated[datetime, Meta(tz=True)]


SESSION_EVENTS: tuple[type[EventData], ...] = (
    SessionsPlanned,
    SessionGapFound,
    SessionMovedByHand,
    SessionCancelled,
    SessionStaffAssigned,
    SessionHeld,
    SignedUp,
    SignUpEnded,
)

EVENTS: tuple[type[EventData], ...] = (
    *DUTY_EVENTS,
    CalendarPublished,
    MatterRaised,
    *SUGGESTION_EVENTS,
    StallPlanned,
    StallMoved,
    StallCancelled,
    ReminderIssued,
    *DIALOGUE_EVENTS,
    *SESSION_EVENTS,
)
