"""Every event that tickets publish: ids, codes and states; no title, no note, nobody's name.

Each goes out under the ticket's area and, from its dispatch on, under its department, whose queue thus receives it.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from msgspec import Meta

from services.chassis.envelope import EventData, PersonalData
from services.tickets.domain.call import Direction
from services.tickets.domain.custody import Document, Entry
from services.tickets.domain.deadline import Alarm, Cause, Deadline, Kind
from services.tickets.domain.errand import AlarmReason, Errand
from services.tickets.domain.errand import State as ErrandState
from services.tickets.domain.mediation import Elsewhere, Mediation
from services.tickets.domain.mediation import State as MediationState
from services.tickets.domain.queue import Outcome as QueueOutcome
from services.tickets.domain.team import Activity, Mission
from services.tickets.domain.team import Held as ActivityState
from services.tickets.domain.team import State as MissionState
from services.tickets.domain.ticket import Satisfaction, Source, Status, Ticket

CODE = re.compile(r"[a-z][a-z0-9-]{0,39}")

Instant = Annotated[datetime, Meta(tz=True)]


class TicketChanged(EventData, frozen=True, kw_only=True):
    """What every event of a ticket says: the state after the deed, and the one before it."""

    personal_data: ClassVar[PersonalData] = "reference"

    ticket: Annotated[UUID, Meta(description="The ticket's id; who may see it asks the gateway with it.")]
    number: Annotated[str, Meta(description="The number that people quote.")]
    area: Annotated[str, Meta(description="The code of the area where the matter is.")]
    household: Annotated[UUID | None, Meta(description="The household concerned; null when there is none.")]
    department: Annotated[
        str | None, Meta(description="The code of the department that it was dispatched to; null before.")
    ]
    category: Annotated[
        str | None,
        Meta(
            description="The category where it has a code's form; null where it is free words, which could name somebody."
        ),
    ]
    status: Annotated[Status, Meta(description="The state after the deed.")]
    previous: Annotated[Status | None, Meta(description="The state before it; null at the report.")]
    version: Annotated[int, Meta(description="The ticket's version after the deed, one on with each.")]
    at: Annotated[Instant, Meta(description="When it was done.")]
    source: Annotated[Source, Meta(description="How the matter came in.")]
    source_id: Annotated[
        str | None, Meta(description="The key of what it came from, such as a visit's id; null for most.")
    ]
    owner: Annotated[
        str,
        Meta(description="Whose move it is after the deed: department/<code>, or area/<code> of the unit in charge."),
    ]
    reason: Annotated[str | None, Meta(description="The code of the deed's reason; null where it has none.")]


class Reported(TicketChanged, frozen=True, kw_only=True):
    """Somebody has told of a matter."""

    type = "tickets.ticket.reported.v1"


class Accepted(TicketChanged, frozen=True, kw_only=True):
    """The village or the township has taken the matter on."""

    type = "tickets.ticket.accepted.v1"


class Dispatched(TicketChanged, frozen=True, kw_only=True):
    """The matter has gone to a department; this and all later events reach the department's queue."""

    type = "tickets.ticket.dispatched.v1"


class Signed(TicketChanged, frozen=True, kw_only=True):
    """The department has signed for the matter."""

    type = "tickets.ticket.signed.v1"


class Started(TicketChanged, frozen=True, kw_only=True):
    """The department is at work on the matter."""

    type = "tickets.ticket.started.v1"


class Suspended(TicketChanged, frozen=True, kw_only=True):
    """The matter rests; the reason says what it waits for."""

    type = "tickets.ticket.suspended.v1"


class Resumed(TicketChanged, frozen=True, kw_only=True):
    """The matter rests no more."""

    type = "tickets.ticket.resumed.v1"


class Returned(TicketChanged, frozen=True, kw_only=True):
    """The department has sent the matter back as not its own."""

    type = "tickets.ticket.returned.v1"


class Ruled(TicketChanged, frozen=True, kw_only=True):
    """Whoever dispatches has ruled that the department does it: it cannot send it back any more."""

    type = "tickets.ticket.ruled.v1"


class Resolved(TicketChanged, frozen=True, kw_only=True):
    """The department says that it is done."""

    type = "tickets.ticket.resolved.v1"


class Verified(TicketChanged, frozen=True, kw_only=True):
    """Who took the matter on has seen that it is done."""

    type = "tickets.ticket.verified.v1"


class Reworked(TicketChanged, frozen=True, kw_only=True):
    """Who took the matter on has seen that it is not done: the department goes on."""

    type = "tickets.ticket.reworked.v1"


class CalledBack(TicketChanged, frozen=True, kw_only=True):
    """The person has been asked whether it is done to their satisfaction."""

    type = "tickets.ticket.called_back.v1"

    satisfaction: Annotated[Satisfaction | None, Meta(description="What they said.")]


class Closed(TicketChanged, frozen=True, kw_only=True):
    """The matter has ended."""

    type = "tickets.ticket.closed.v1"


class Reopened(TicketChanged, frozen=True, kw_only=True):
    """Somebody is dissatisfied: the matter is done again, by a new owner."""

    type = "tickets.ticket.reopened.v1"


class Withdrawn(TicketChanged, frozen=True, kw_only=True):
    """The matter was taken back."""

    type = "tickets.ticket.withdrawn.v1"


class Referred(TicketChanged, frozen=True, kw_only=True):
    """The matter is not the county's to settle; the reason says where it went."""

    type = "tickets.ticket.referred.v1"


class Merged(TicketChanged, frozen=True, kw_only=True):
    """The matter is one with another, which goes on."""

    type = "tickets.ticket.merged.v1"

    into: Annotated[UUID, Meta(description="The id of the ticket that goes on.")]


class Assigned(TicketChanged, frozen=True, kw_only=True):
    """A person has the matter, or nobody in particular any more."""

    type = "tickets.ticket.assigned.v1"


class HandedOver(TicketChanged, frozen=True, kw_only=True):
    """Another unit of the network is in charge."""

    type = "tickets.ticket.handed_over.v1"


class Supervised(TicketChanged, frozen=True, kw_only=True):
    """A superior requires that the matter be done."""

    type = "tickets.ticket.supervised.v1"


class Escalated(TicketChanged, frozen=True, kw_only=True):
    """The matter is late or stands still: the next level is told."""

    type = "tickets.ticket.escalated.v1"


class Rated(TicketChanged, frozen=True, kw_only=True):
    """A superior has said whether it is done to their satisfaction."""

    type = "tickets.ticket.rated.v1"


class ExtensionRequested(TicketChanged, frozen=True, kw_only=True):
    """The department asks for more time."""

    type = "tickets.ticket.extension_requested.v1"


class ExtensionDecided(TicketChanged, frozen=True, kw_only=True):
    """More time was given, or was not."""

    type = "tickets.ticket.extension_decided.v1"


class Pressed(TicketChanged, frozen=True, kw_only=True):
    """Somebody has called to urge the matter on; its state stays."""

    type = "tickets.ticket.pressed.v1"


class WebhookDisabled(EventData, frozen=True, kw_only=True):
    """A department's webhook has failed too often in a row: nothing more is sent to it, but everything kept, until an operator enables it."""

    type = "tickets.webhook.disabled.v1"
    personal_data: ClassVar[PersonalData] = "none"

    department: Annotated[str, Meta(description="The department's code.")]
    failures: Annotated[int, Meta(description="How often in a row it has failed.")]
    since: Annotated[Instant, Meta(description="When the first of these failed.")]
    at: Annotated[Instant, Meta(description="When it was disabled.")]


# --- Calls -------------------------------------------------------------------------------------------------------------


class CallChanged(EventData, frozen=True, kw_only=True):
    """What every event of a call says; never a number."""

    personal_data: ClassVar[PersonalData] = "reference"

    call: Annotated[UUID, Meta(description="The call's id; who may see it asks the gateway with it.")]
    trunk: Annotated[str | None, Meta(description="The code of the line; null where an agent has noted the call.")]
    area: Annotated[str, Meta(description="The code of the area that the line is for.")]
    direction: Annotated[Direction, Meta(description="Whether it came in or went out.")]
    agent: Annotated[
        str | None, Meta(description="The subject of the agent's account; null while nobody has answered.")
    ]
    at: Annotated[Instant, Meta(description="When it happened, as the telephone system says.")]


class CallReceived(CallChanged, frozen=True, kw_only=True):
    """A call has begun, or is heard of for the first time."""

    type = "tickets.call.received.v1"


class CallAnswered(CallChanged, frozen=True, kw_only=True):
    """Somebody has answered a call."""

    type = "tickets.call.answered.v1"


class CallEnded(CallChanged, frozen=True, kw_only=True):
    """A call has ended, answered or not."""

    type = "tickets.call.ended.v1"


class CallLinked(EventData, frozen=True, kw_only=True):
    """A call is about a ticket: it opened it, or asked after it."""

    type = "tickets.call.linked.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    call: Annotated[UUID, Meta(description="The call's id.")]
    ticket: Annotated[UUID, Meta(description="The ticket's id.")]
    area: Annotated[str, Meta(description="The code of the area that the line is for.")]
    opened: Annotated[bool, Meta(description="Whether the call opened the ticket.")]
    agent: Annotated[str, Meta(description="The subject of the agent's account.")]
    at: Annotated[Instant, Meta(description="When it was noted.")]


_OF_CALLS: tuple[type[EventData], ...] = (CallReceived, CallAnswered, CallEnded, CallLinked)

# --- Errands -----------------------------------------------------------------------------------------------------------


class ErrandChanged(EventData, frozen=True, kw_only=True):
    """What every event of an errand says: the state after the deed, and the one before it."""

    personal_data: ClassVar[PersonalData] = "reference"

    ticket: Annotated[
        UUID, Meta(description="The id of the errand and of its ticket; who may see it asks the gateway with it.")
    ]
    area: Annotated[str, Meta(description="The code of the area where the person is.")]
    household: Annotated[UUID | None, Meta(description="The household concerned; null when there is none.")]
    item: Annotated[str, Meta(description="The code of the service item.")]
    agent: Annotated[str | None, Meta(description="The subject of the agent's account; null before one is assigned.")]
    submitted_to: Annotated[
        str | None, Meta(description="The code of the department it was submitted to; null before.")
    ]
    state: Annotated[ErrandState, Meta(description="The errand's state after the deed.")]
    previous: Annotated[ErrandState | None, Meta(description="The state before it; null at the request.")]
    version: Annotated[int, Meta(description="The errand's version after the deed, one on with each.")]
    at: Annotated[Instant, Meta(description="When it was done.")]
    recorded_at: Annotated[Instant, Meta(description="When it was told of: later where a phone had no network.")]


class ErrandRequested(ErrandChanged, frozen=True, kw_only=True):
    """Somebody would like to have something done for them."""

    type = "tickets.errand.requested.v1"


class ErrandAssigned(ErrandChanged, frozen=True, kw_only=True):
    """An agent will run the errand; or another one than before."""

    type = "tickets.errand.assigned.v1"


class ErrandMandated(ErrandChanged, frozen=True, kw_only=True):
    """The person has signed what the agent may do."""

    type = "tickets.errand.mandated.v1"


class ErrandRevoked(ErrandChanged, frozen=True, kw_only=True):
    """The mandate was revoked: from now on nothing is collected or submitted by it."""

    type = "tickets.errand.revoked.v1"


class ErrandCollected(ErrandChanged, frozen=True, kw_only=True):
    """The agent has what is needed of the person's papers."""

    type = "tickets.errand.collected.v1"


class ErrandSubmitted(ErrandChanged, frozen=True, kw_only=True):
    """The agent has applied at the department."""

    type = "tickets.errand.submitted.v1"


class ErrandObtained(ErrandChanged, frozen=True, kw_only=True):
    """The agent has what the department issued."""

    type = "tickets.errand.obtained.v1"


class ErrandDelivered(ErrandChanged, frozen=True, kw_only=True):
    """The person has it, as a signature or a code proves."""

    type = "tickets.errand.delivered.v1"


class ErrandFinished(ErrandChanged, frozen=True, kw_only=True):
    """The errand has ended, and no paper is out."""

    type = "tickets.errand.finished.v1"


class ErrandCancelled(ErrandChanged, frozen=True, kw_only=True):
    """The errand has ended without being done, and no paper is out."""

    type = "tickets.errand.cancelled.v1"


class DocumentChanged(EventData, frozen=True, kw_only=True):
    """What every event of a paper in custody says. Holders are `person`, `agent/<subject>` or `department/<code>`."""

    personal_data: ClassVar[PersonalData] = "reference"

    ticket: Annotated[UUID, Meta(description="The id of the errand and of its ticket.")]
    area: Annotated[str, Meta(description="The code of the errand's area.")]
    document: Annotated[UUID, Meta(description="The paper's id.")]
    kind: Annotated[str, Meta(description="The code of its kind, such as ID_CARD.")]
    before: Annotated[str | None, Meta(description="Who held it before the deed.")]
    holder: Annotated[str, Meta(description="Who holds it after the deed.")]
    offered_to: Annotated[str | None, Meta(description="To whom it is offered after the deed; null for nobody.")]
    entry: Annotated[int, Meta(description="The number of the entry in the paper's chain.")]
    at: Annotated[Instant, Meta(description="When it was done.")]
    recorded_at: Annotated[Instant, Meta(description="When it was told of.")]


class DocumentOffered(DocumentChanged, frozen=True, kw_only=True):
    """Whoever holds a paper offers it to somebody; until that one accepts, the holder stays."""

    type = "tickets.errand.offered.v1"


class DocumentHanded(DocumentChanged, frozen=True, kw_only=True):
    """A paper has changed hands."""

    type = "tickets.errand.handed.v1"


class DocumentDeclined(DocumentChanged, frozen=True, kw_only=True):
    """An offer has ended without a hand-over: it was declined, or taken back."""

    type = "tickets.errand.declined.v1"


class ErrandAlarmed(EventData, frozen=True, kw_only=True):
    """Something of an errand stands still: told once."""

    type = "tickets.errand.alarmed.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    ticket: Annotated[UUID, Meta(description="The id of the errand and of its ticket.")]
    area: Annotated[str, Meta(description="The code of the errand's area.")]
    agent: Annotated[str | None, Meta(description="The subject of the agent's account.")]
    reason: Annotated[
        AlarmReason,
        Meta(
            description="A paper was offered and nobody accepted in time; it should be back; the mandate has expired before the end."
        ),
    ]
    about: Annotated[UUID, Meta(description="The id of the paper, or of the mandate.")]
    since: Annotated[
        Instant, Meta(description="Since when it is so; for a paper that is overdue, since when it is out.")
    ]
    at: Annotated[Instant, Meta(description="When it was noticed.")]


_OF_ERRANDS: tuple[type[ErrandChanged], ...] = (
    ErrandRequested,
    ErrandAssigned,
    ErrandMandated,
    ErrandRevoked,
    ErrandCollected,
    ErrandSubmitted,
    ErrandObtained,
    ErrandDelivered,
    ErrandFinished,
    ErrandCancelled,
)
_BY_ERRAND_VERB = {event.type.split(".")[2]: event for event in _OF_ERRANDS}
_OF_DOCUMENTS: Mapping[str, type[DocumentChanged]] = {
    "OFFERED": DocumentOffered,
    "ACCEPTED": DocumentHanded,
    "DECLINED": DocumentDeclined,
    "WITHDRAWN": DocumentDeclined,
}
ERRAND_EVENTS: tuple[type[EventData], ...] = (
    *_OF_ERRANDS,
    DocumentOffered,
    DocumentHanded,
    DocumentDeclined,
    ErrandAlarmed,
)


def errand_event(
    past: str, errand: Errand, previous: ErrandState | None, at: datetime, recorded_at: datetime
) -> ErrandChanged:
    """The event of the deed with that verb in the past tense, about the errand as it stands after it."""
    return _BY_ERRAND_VERB[past](
        ticket=errand.ticket,
        area=errand.area,
        household=errand.household,
        item=errand.item,
        agent=errand.agent,
        submitted_to=errand.submitted_to,
        state=errand.state,
        previous=previous,
        version=errand.version,
        at=at,
        recorded_at=recorded_at,
    )


def document_event(errand: Errand, document: Document, entry: Entry) -> DocumentChanged:
    """The event of an entry in a paper's chain, but the first."""
    return _OF_DOCUMENTS[entry.deed](
        ticket=errand.ticket,
        area=errand.area,
        document=document.id,
        kind=document.kind,
        before=entry.before,
        holder=entry.holder,
        offered_to=entry.offered_to,
        entry=entry.seq,
        at=entry.at,
        recorded_at=entry.recorded_at,
    )


# --- Queue and intake ---------------------------------------------------------------------------------------------------


class NumberMoved(EventData, frozen=True, kw_only=True):
    """What the events of a queue say: a number that hangs on the wall, and where it goes; nothing of who took it."""

    personal_data: ClassVar[PersonalData] = "reference"

    queue_number: Annotated[UUID, Meta(description="The number's id.")]
    number: Annotated[str, Meta(description="The number as it is called, unique in a centre's day.")]
    centre: Annotated[str, Meta(description="The centre's code.")]
    area: Annotated[str, Meta(description="The code of the centre's area.")]
    group: Annotated[str, Meta(description="The letter of the queue in which it waited.")]
    window: Annotated[str, Meta(description="The window's code.")]
    item: Annotated[str | None, Meta(description="The code of the service item; null where none was named.")]
    at: Annotated[Instant, Meta(description="When it was done.")]


class QueueCalled(NumberMoved, frozen=True, kw_only=True):
    """A number is called to a window for the first time there."""

    type = "tickets.queue.called.v1"

    waited_seconds: Annotated[int, Meta(description="How long it has waited for this call.")]


class QueueServed(NumberMoved, frozen=True, kw_only=True):
    """A number has been served."""

    type = "tickets.queue.served.v1"

    served_seconds: Annotated[int, Meta(description="How long the service took.")]
    outcome: Annotated[QueueOutcome, Meta(description="What came of it.")]


class IntakeOpened(EventData, frozen=True, kw_only=True):
    """One form has opened sub-applications in one or several departments, all of them due on one day."""

    type = "tickets.intake.opened.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    intake: Annotated[UUID, Meta(description="The intake's id.")]
    ticket: Annotated[UUID, Meta(description="The parent ticket's id.")]
    parts: Annotated[list[UUID], Meta(description="The ids of the sub-applications' tickets.")]
    centre: Annotated[str, Meta(description="The centre's code.")]
    area: Annotated[str, Meta(description="The code of the centre's area.")]
    items: Annotated[list[str], Meta(description="The codes of the service items.")]
    departments: Annotated[list[str], Meta(description="The codes of the departments concerned, each once.")]
    due_on: Annotated[date, Meta(description="The day by which all of it is due.")]
    at: Annotated[Instant, Meta(description="When it was opened.")]


class DeadlineEvent(EventData, frozen=True, kw_only=True):
    """What every event of a deadline says."""

    personal_data: ClassVar[PersonalData] = "reference"

    ticket: Annotated[UUID, Meta(description="The ticket's id; who may see it asks the gateway with it.")]
    number: Annotated[str, Meta(description="The number that people quote.")]
    area: Annotated[str, Meta(description="The code of the area where the matter is.")]
    department: Annotated[str | None, Meta(description="Whose limit it is; null for the matter's own, OVERALL.")]
    kind: Annotated[Kind, Meta(description="SIGN: to sign for it. WORK: to do it. OVERALL: the whole matter.")]
    round: Annotated[int, Meta(description="The how manieth dispatch it belongs to; 1 for OVERALL.")]
    due_at: Annotated[Instant, Meta(description="The last instant that is in time.")]
    at: Annotated[Instant, Meta(description="When this was found.")]


class DeadlineWarned(DeadlineEvent, frozen=True, kw_only=True):
    """Most of the time has passed, and what was to be done is not done."""

    type = "tickets.deadline.warned.v1"


class DeadlineMoved(DeadlineEvent, frozen=True, kw_only=True):
    """A limit ends at another instant than was known before."""

    type = "tickets.deadline.moved.v1"

    previous: Annotated[Instant, Meta(description="The last instant as it was known before.")]
    cause: Annotated[Cause, Meta(description="What moved it.")]


class DeadlineMissed(DeadlineEvent, frozen=True, kw_only=True):
    """The time has passed, and what was to be done is not done, or was done late."""

    type = "tickets.deadline.missed.v1"

    level: Annotated[int, Meta(description="The level of escalation, 1; 0 where it was done before anybody was told.")]
    subjects: Annotated[list[str], Meta(description="Whom it is told to: subjects of accounts.")]


class DeadlineEscalated(DeadlineEvent, frozen=True, kw_only=True):
    """It is still not done, or was done late and is given back: the next level is told."""

    type = "tickets.deadline.escalated.v1"

    level: Annotated[int, Meta(description="The level of escalation, 1 to 3.")]
    subjects: Annotated[list[str], Meta(description="Whom it is told to: subjects of accounts.")]


_OF_DEADLINES: tuple[type[DeadlineEvent], ...] = (DeadlineWarned, DeadlineMoved, DeadlineMissed, DeadlineEscalated)


def _of_deadline(deadline: Deadline, number: str, at: datetime) -> dict[str, Any]:
    return {
        "ticket": deadline.ticket,
        "number": number,
        "area": deadline.area,
        "department": deadline.department,
        "kind": deadline.kind,
        "round": deadline.round,
        "due_at": deadline.due_at,
        "at": at,
    }


def deadline_moved(deadline: Deadline, number: str, at: datetime, *, previous: datetime, cause: Cause) -> DeadlineMoved:
    return DeadlineMoved(**_of_deadline(deadline, number, at), previous=previous, cause=cause)


def deadline_rung(
    alarm: Alarm, deadline: Deadline, number: str, at: datetime, subjects: tuple[str, ...]
) -> DeadlineEvent:
    """What the timer has found of the deadline, as it stands after it."""
    of_all = _of_deadline(deadline, number, at)
    if alarm is Alarm.WARNED:
        return DeadlineWarned(**of_all)
    late = DeadlineMissed if alarm is Alarm.MISSED else DeadlineEscalated
    return late(**of_all, level=deadline.level, subjects=list(subjects))


# --- Teams and mediation ------------------------------------------------------------------------------------------------


class TeamRevised(EventData, frozen=True, kw_only=True):
    """A service team is new, or what is on record of it or its members has changed."""

    type = "tickets.team.revised.v1"
    personal_data: ClassVar[PersonalData] = "none"

    team: Annotated[str, Meta(description="The team's code.")]
    kind: Annotated[str, Meta(description="The code of its kind.")]
    areas: Annotated[list[str], Meta(description="The codes of the areas that it serves.")]
    active: Annotated[bool, Meta(description="Whether it can be sent.")]
    version: Annotated[int, Meta(description="The team's version after the deed.")]
    at: Annotated[Instant, Meta(description="When it was done.")]


class MissionChanged(EventData, frozen=True, kw_only=True):
    """What every event of a mission says: who goes to which matter, and where it stands."""

    personal_data: ClassVar[PersonalData] = "reference"

    mission: Annotated[UUID, Meta(description="The mission's id.")]
    ticket: Annotated[UUID, Meta(description="The id of the ticket that the team is sent to.")]
    area: Annotated[str, Meta(description="The code of the ticket's area.")]
    team: Annotated[str, Meta(description="The team's code.")]
    members: Annotated[list[str], Meta(description="Who is sent: subjects of accounts.")]
    skill: Annotated[str, Meta(description="The code of the skill that is asked for.")]
    begins: Annotated[Instant, Meta(description="From when the members are taken.")]
    ends: Annotated[Instant, Meta(description="Until when.")]
    state: Annotated[MissionState, Meta(description="The mission's state after the deed.")]
    previous: Annotated[MissionState | None, Meta(description="The state before it; null when it is offered.")]
    reason: Annotated[str | None, Meta(description="The code of why it was declined, failed or cancelled.")]
    version: Annotated[int, Meta(description="The mission's version after the deed, one on with each.")]
    at: Annotated[Instant, Meta(description="When it was done.")]


class MissionOffered(MissionChanged, frozen=True, kw_only=True):
    """Members of a team are asked to see to a matter."""

    type = "tickets.mission.offered.v1"


class MissionAccepted(MissionChanged, frozen=True, kw_only=True):
    """They will come."""

    type = "tickets.mission.accepted.v1"


class MissionDeclined(MissionChanged, frozen=True, kw_only=True):
    """They will not come: somebody else must be sent."""

    type = "tickets.mission.declined.v1"


class MissionArrived(MissionChanged, frozen=True, kw_only=True):
    """They are there."""

    type = "tickets.mission.arrived.v1"


class MissionFinished(MissionChanged, frozen=True, kw_only=True):
    """They have done it, or it could not be done."""

    type = "tickets.mission.finished.v1"


class MissionCancelled(MissionChanged, frozen=True, kw_only=True):
    """Nobody needs to come any more."""

    type = "tickets.mission.cancelled.v1"


class ActivityChanged(EventData, frozen=True, kw_only=True):
    """What every event of a team's activity says; of who was served how many."""

    personal_data: ClassVar[PersonalData] = "none"

    activity: Annotated[UUID, Meta(description="The activity's id.")]
    team: Annotated[str, Meta(description="The team's code.")]
    area: Annotated[str, Meta(description="The code of the area where it is.")]
    day: Annotated[date, Meta(description="On which day.")]
    state: Annotated[ActivityState, Meta(description="The activity's state after the deed.")]
    people: Annotated[int, Meta(description="How many people were served; 0 before it is held.")]
    version: Annotated[int, Meta(description="The activity's version after the deed.")]
    at: Annotated[Instant, Meta(description="When it was done.")]


class ActivityPlanned(ActivityChanged, frozen=True, kw_only=True):
    """A team will be in a village."""

    type = "tickets.activity.planned.v1"


class ActivityServed(ActivityChanged, frozen=True, kw_only=True):
    """It was there."""

    type = "tickets.activity.served.v1"


class ActivityCancelled(ActivityChanged, frozen=True, kw_only=True):
    """It will not come."""

    type = "tickets.activity.cancelled.v1"


class MediationChanged(EventData, frozen=True, kw_only=True):
    """What every event of a mediation says; of the parties and of what was said nothing."""

    personal_data: ClassVar[PersonalData] = "reference"

    ticket: Annotated[UUID, Meta(description="The id of the mediation and of its ticket.")]
    area: Annotated[str, Meta(description="The code of the ticket's area.")]
    state: Annotated[MediationState, Meta(description="The mediation's state after the deed.")]
    previous: Annotated[MediationState | None, Meta(description="The state before it; null at the opening.")]
    referred_to: Annotated[
        Elsewhere | None, Meta(description="Where the parties are sent with what could not be settled.")
    ]
    signed_version: Annotated[int | None, Meta(description="The version of the agreement that is signed.")]
    open: Annotated[int, Meta(description="How many obligations of it are not performed.")]
    version: Annotated[int, Meta(description="The mediation's version after the deed, one on with each.")]
    at: Annotated[Instant, Meta(description="When it was done.")]


class MediationOpened(MediationChanged, frozen=True, kw_only=True):
    """Mediators take a dispute on."""

    type = "tickets.mediation.opened.v1"


class MediationRevised(MediationChanged, frozen=True, kw_only=True):
    """Mediators, parties or plots have changed."""

    type = "tickets.mediation.revised.v1"


class MediationNoted(MediationChanged, frozen=True, kw_only=True):
    """A session was held."""

    type = "tickets.mediation.noted.v1"


class MediationDrafted(MediationChanged, frozen=True, kw_only=True):
    """An agreement was put into words, or into others."""

    type = "tickets.mediation.drafted.v1"


class MediationConcluded(MediationChanged, frozen=True, kw_only=True):
    """The parties have signed, or mediation has failed."""

    type = "tickets.mediation.concluded.v1"


class MediationPerformed(MediationChanged, frozen=True, kw_only=True):
    """What somebody owed by the agreement is done."""

    type = "tickets.mediation.performed.v1"


class ObligationDue(EventData, frozen=True, kw_only=True):
    """What the events of an obligation's date say: told once each."""

    personal_data: ClassVar[PersonalData] = "reference"

    obligation: Annotated[UUID, Meta(description="The obligation's id.")]
    ticket: Annotated[UUID, Meta(description="The id of the mediation and of its ticket.")]
    area: Annotated[str, Meta(description="The code of the ticket's area.")]
    mediators: Annotated[list[str], Meta(description="The case's mediators: subjects of accounts.")]
    due_on: Annotated[date, Meta(description="The last day on which it is in time.")]
    at: Annotated[Instant, Meta(description="When it was noticed.")]


class MediationReminded(ObligationDue, frozen=True, kw_only=True):
    """What somebody owes by an agreement is due soon."""

    type = "tickets.mediation.reminded.v1"


class MediationAlarmed(ObligationDue, frozen=True, kw_only=True):
    """What somebody owes by an agreement is overdue."""

    type = "tickets.mediation.alarmed.v1"


_OF_MISSIONS: tuple[type[MissionChanged], ...] = (
    MissionOffered,
    MissionAccepted,
    MissionDeclined,
    MissionArrived,
    MissionFinished,
    MissionCancelled,
)
_OF_ACTIVITIES: tuple[type[ActivityChanged], ...] = (ActivityPlanned, ActivityServed, ActivityCancelled)
_OF_MEDIATIONS: tuple[type[MediationChanged], ...] = (
    MediationOpened,
    MediationRevised,
    MediationNoted,
    MediationDrafted,
    MediationConcluded,
    MediationPerformed,
)
TEAM_EVENTS: tuple[type[EventData], ...] = (
    TeamRevised,
    *_OF_MISSIONS,
    *_OF_ACTIVITIES,
    *_OF_MEDIATIONS,
    MediationReminded,
    MediationAlarmed,
)
_BY_MISSION_VERB = {event.type.split(".")[2]: event for event in _OF_MISSIONS}
_BY_MEDIATION_VERB = {event.type.split(".")[2]: event for event in _OF_MEDIATIONS}
_BY_ACTIVITY_STATE: Mapping[ActivityState, type[ActivityChanged]] = {
    ActivityState.PLANNED: ActivityPlanned,
    ActivityState.HELD: ActivityServed,
    ActivityState.CANCELLED: ActivityCancelled,
}


def mission_event(past: str, mission: Mission, previous: MissionState | None, at: datetime) -> MissionChanged:
    """The event of the deed with that verb in the past tense, about the mission as it stands after it."""
    return _BY_MISSION_VERB[past](
        mission=mission.id,
        ticket=mission.ticket,
        area=mission.area,
        team=mission.team,
        members=list(mission.members),
        skill=mission.skill,
        begins=mission.begins,
        ends=mission.ends,
        state=mission.state,
        previous=previous,
        reason=mission.reason,
        version=mission.version,
        at=at,
    )


def activity_event(activity: Activity, at: datetime) -> ActivityChanged:
    """The event of what the activity's state tells."""
    return _BY_ACTIVITY_STATE[activity.state](
        activity=activity.id,
        team=activity.team,
        area=activity.area,
        day=activity.day,
        state=activity.state,
        people=activity.people,
        version=activity.version,
        at=at,
    )


def mediation_event(past: str, mediation: Mediation, previous: MediationState | None, at: datetime) -> MediationChanged:
    """The event of the deed with that verb in the past tense, about the case as it stands after it."""
    return _BY_MEDIATION_VERB[past](
        ticket=mediation.ticket,
        area=mediation.area,
        state=mediation.state,
        previous=previous,
        referred_to=mediation.referred_to,
        signed_version=mediation.signed_version,
        open=mediation.open,
        version=mediation.version,
        at=at,
    )


# --- Assessment --------------------------------------------------------------------------------------------------------


class AssessmentComputed(EventData, frozen=True, kw_only=True):
    """A period's assessment has been reckoned for the first time, or a later version corrects it."""

    type = "tickets.assessment.computed.v1"
    personal_data: ClassVar[PersonalData] = "none"

    assessment: Annotated[UUID, Meta(description="The id of this version; who may see it asks the gateway with it.")]
    period: Annotated[str, Meta(description="A month such as 2026-01, or a quarter such as 2026-Q1.")]
    version: Annotated[int, Meta(description="1 for the first, one on with each correction.")]
    schemes: Annotated[list[str], Meta(description="The codes of the schemes by which it was reckoned.")]
    cases: Annotated[int, Meta(description="How many events of the history it counts.")]
    units: Annotated[int, Meta(description="How many units it assesses.")]
    digest: Annotated[str, Meta(description="SHA-256 of all that went into it, in hexadecimal digits.")]
    at: Annotated[Instant, Meta(description="When it was reckoned.")]


class Assisted(TicketChanged, frozen=True, kw_only=True):
    """A service team was sent to the matter."""

    type = "tickets.ticket.assisted.v1"


class Mediated(TicketChanged, frozen=True, kw_only=True):
    """Mediators have taken the dispute on."""

    type = "tickets.ticket.mediated.v1"


_OF_TICKETS: tuple[type[TicketChanged], ...] = (
    Reported,
    Accepted,
    Dispatched,
    Signed,
    Started,
    Suspended,
    Resumed,
    Returned,
    Ruled,
    Resolved,
    Verified,
    Reworked,
    CalledBack,
    Reopened,
    Closed,
    Merged,
    Withdrawn,
    Referred,
    Assigned,
    HandedOver,
    Supervised,
    Escalated,
    Rated,
    ExtensionRequested,
    ExtensionDecided,
    Pressed,
    Assisted,
    Mediated,
)
EVENTS: tuple[type[EventData], ...] = (
    *_OF_TICKETS,
    WebhookDisabled,
    AssessmentComputed,
    *_OF_CALLS,
    *ERRAND_EVENTS,
    QueueCalled,
    QueueServed,
    IntakeOpened,
    *_OF_DEADLINES,
    *TEAM_EVENTS,
)
_BY_VERB = {event.type.split(".")[2]: event for event in _OF_TICKETS}


def code_of(category: str) -> str | None:
    """The category where it has the form of a code; None where it is free words: events carry no free text."""
    return category if CODE.fullmatch(category) else None


def event_of(past: str, ticket: Ticket, previous: Status | None, reason: str | None = None) -> TicketChanged:
    """The event of the deed with that verb in the past tense, about the ticket as it stands after it."""
    event = _BY_VERB[past]
    more: dict[str, Any] = {}
    if event is Merged:
        more = {"into": ticket.merged_into}
    if event is CalledBack:
        more = {"satisfaction": ticket.satisfaction}
    return event(
        ticket=ticket.id,
        number=ticket.number,
        area=ticket.area,
        household=ticket.household,
        department=ticket.department,
        category=code_of(ticket.category),
        status=ticket.status,
        previous=previous,
        version=ticket.version,
        at=ticket.updated_at,
        source=ticket.source,
        source_id=ticket.source_id,
        owner=ticket.owner,
        reason=reason,
        **more,
    )
