"""The public schema: what is committed, what the planner's table covers, and that the services' views yield every field."""

from importlib import import_module
from pathlib import Path
from typing import get_args

import pytest
from graphql import GraphQLEnumType, GraphQLObjectType, get_named_type, is_leaf_type

import gateway
from gateway.planner.owners import COMMANDS, CROSSINGS, NODES, READS
from gateway.schema import build_schema, sdl
from services.archive.commands.deeds import CLOSING, MoveReason
from services.archive.domain import area, area_change, sex, village
from services.archive.domain.history import Provenance, Why
from services.archive.domain.item import Benefit, Income
from services.chassis.disclosure import Purpose
from services.chassis.service import Service
from services.chassis.views import Views
from services.liaison.domain import (
    ballot,
    cadre,
    dialogue,
    duty,
    market,
    matter,
    minutes,
    roster,
    stall,
    suggestion,
    swap,
    visit,
)
from services.liaison.domain import figures as liaison_figures
from services.liaison.domain.calendar import DayKind
from services.tickets.domain import (
    call,
    callback,
    catalogue,
    custody,
    errand,
    intake,
    mediation,
    queue,
    team,
    ticket,
    window,
)
from tests.gateway.conftest import KEYS, SEALING

SCHEMA = build_schema()
REGISTERS = ("Register", "RegisterColumn", "RegisterEntry", "RegisterCell")
FRESHNESS = ("StaleFact", "VisitNeed", "VisitDue", "Freshness")
VILLAGES = (
    *("VillageSheet", "VillageFactSource", "VillageFigure", "VillageTerm", "VillageBooking", "VillageLedgerYear"),
    *("VillageAgreement", "VillageMeasure"),
)
PLOTS = (
    *("Plot", "PlotHolding", "PlotEntry", "RemovedPlot", "VillagePlotReport", "PlotOverlap", "PlotGap"),
    *("NeighbourFinding", "MediationPack"),
)
SHEETS = (
    *("Income", "Benefit", "Skill", "Need", "Migration", "Talent", "TalentPoint", "Membership", "Fact"),
    "UnattachedPerson",
)
NETWORK = ("Unit", "UnitStaff", "TicketPlace")
HOTLINE = ("Call", "CallRecord", "Caller", "TicketContact", "Callback", "Disclosure", "ItemClerk", "HotlineMeasure")
ERRANDS = (
    *(
        "Errand",
        "ErrandAgent",
        "Mandate",
        "ErrandDocument",
        "CustodyEntry",
        "ErrandVisit",
        "ErrandDelivery",
        "ErrandAlarm",
    ),
    *("ErrandStep", "ErrandRule", "ErrandItem", "ErrandMeasure"),
)
AREAS = ("Area", "AreaName", "AreaChange", "ChangedArea", "AreaMove", "Renumbering")
WINDOWS = (
    *("ServiceCentre", "CentreOpening", "QueueGroup", "QueueEstimate", "ServiceWindow", "ServiceItem", "Material"),
    *("QueueClass", "QueueNumber", "QueueFigures", "Intake", "HandedMaterial", "MissingMaterial"),
)
TEAMS = (
    *(
        "TeamSkill",
        "TeamKind",
        "Team",
        "TeamMember",
        "MemberSkill",
        "TeamProposal",
        "Mission",
        "Activity",
        "ActivityServed",
    ),
    *("ActivityFigure", "AreaCentre"),
)
MEDIATIONS = (
    *(
        "Mediation",
        "CaseMediator",
        "Mediator",
        "MediationParty",
        "MediationPlot",
        "MediationPackLink",
        "MediationSession",
    ),
    *("MediationAgreement", "Obligation"),
)
DIALOGUES = (
    *("Dialogue", "AgendaItem", "DialogueAttendance", "AttendanceCount", "Attendee", "StudyRecord", "Proposal"),
    *("DialogueMinutes", "MinutesSignature", "VotingBody", "BodyMember"),
)
DUTIES = (
    *("Duty", "Cadre", "AreaDuties", "Station", "DutyOffer", "DutyRule", "PoolMember", "Leave", "DutyVisit"),
    "DutyShare",
)
OWNERS = {
    "archive": (
        *PLOTS,
        *VILLAGES,
        *SHEETS,
        *AREAS,
        "GridWorker",
        "Household",
        "Member",
        "VisitNote",
        "TimelineEntry",
        *REGISTERS,
        *FRESHNESS,
    ),
    "liaison": (*DIALOGUES, *DUTIES),
    "tickets": (
        "Ticket",
        "TicketStep",
        "Department",
        "AreaTickets",
        *WINDOWS,
        *HOTLINE,
        *NETWORK,
        *TEAMS,
        *MEDIATIONS,
        *ERRANDS,
    ),
}


def object_type(name: str) -> GraphQLObjectType:
    found = SCHEMA.type_map[name]
    assert isinstance(found, GraphQLObjectType)
    return found


def service(name: str) -> Service:
    module = import_module(f"services.{name}.app")
    api = import_module(f"services.{name}.config").Api
    tokens = dict.fromkeys(("issuer", "jwks_url", "audience"), "https://nowhere")
    keys = KEYS if name in SEALING else {}
    declared: Service = module.declare(api(port=0, database_url="postgresql://nowhere", **tokens, **keys))
    return declared


def test_committed_sdl_is_the_schema() -> None:
    committed = (Path(gateway.__file__).parent / "schema.graphql").read_text(encoding="utf-8")
    assert committed == sdl(), "write gateway/schema.graphql anew: python -m gateway schema > gateway/schema.graphql"


def test_every_root_field_has_an_owner() -> None:
    assert SCHEMA.query_type is not None
    assert SCHEMA.mutation_type is not None
    assert SCHEMA.subscription_type is not None
    assert set(SCHEMA.query_type.fields) == set(READS) - {"ticketChanged"} | {"me", "node"}
    assert set(SCHEMA.mutation_type.fields) == set(COMMANDS)
    assert set(SCHEMA.subscription_type.fields) == {"ticketChanged"}


def test_every_node_type_can_be_found_by_its_id() -> None:
    interface = SCHEMA.type_map["Node"]
    assert {kind.name for kind in SCHEMA.get_possible_types(interface)} == set(NODES)  # type: ignore[arg-type]


def test_every_object_type_is_described() -> None:
    for kind in SCHEMA.type_map.values():
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            assert kind.description, kind.name
            assert all(field.description for field in kind.fields.values()), kind.name


@pytest.mark.parametrize("name", OWNERS)
def test_views_yield_every_public_field(name: str) -> None:
    views: Views = service(name).views
    missing = []
    for kind in map(object_type, OWNERS[name]):
        view = views.views[kind.name]
        for field_name, field in kind.fields.items():
            crossing = CROSSINGS.get((kind.name, field_name))
            known = view.fields if crossing or is_leaf_type(get_named_type(field.type)) else view.edges
            wanted = crossing.source if crossing else field_name
            if wanted not in known:
                missing.append(f"{kind.name}.{wanted}")
    assert not missing


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("AreaKind", set(area.KINDS.values())),
        ("AreaChangeKind", set(get_args(area_change.Kind))),
        ("AreaChangeState", set(get_args(area_change.State))),
        ("AreaFate", set(get_args(area_change.Fate))),
        ("Sex", set(sex.CODES)),
        ("Provenance", set(get_args(Provenance))),
        ("MembershipReason", set(get_args(Why))),
        ("IncomeSource", set(get_args(Income.__annotations__["source"]))),
        ("BenefitKind", set(get_args(Benefit.__annotations__["benefit"]))),
        ("MoveReason", set(get_args(MoveReason))),
        ("ClosingReason", set(CLOSING)),
        ("MarketRule", set(village.MARKET_DAYS)),
        ("MarketRule", set(market.RuleKind)),
        ("ShortMonth", set(market.ShortMonth)),
        ("MarketExceptionKind", set(market.ExceptionKind)),
        ("StallState", set(stall.State)),
        ("StallCause", set(stall.Cause)),
        ("BookingKind", set(village.BOOKINGS)),
        ("DayKind", {kind.value for kind in DayKind}),
        ("DutyPattern", set(roster.Pattern)),
        ("DutyOfferState", set(swap.OfferState)),
        ("DutyPlace", set(duty.Place)),
        ("DutyPurpose", set(visit.Purpose)),
        ("LeaveReason", set(cadre.LeaveReason)),
        ("AgendaKind", set(dialogue.AgendaKind)),
        ("AttendeeKind", set(dialogue.AttendeeKind)),
        ("VotingRule", set(dialogue.Rule)),
        ("ProposalState", set(ballot.State)),
        ("Proposer", set(ballot.Proposer)),
        ("VoteChoice", set(ballot.Choice)),
        ("MinutesSigner", set(minutes.Signer)),
        ("QueueStatus", set(queue.QueueStatus)),
        ("QueueOutcome", set(queue.Outcome)),
        ("QueuePer", set(queue.PER)),
        ("OpenOn", set(window.OpenOn)),
        ("ServiceLevel", set(window.LEVELS.values())),
        ("IntakeStatus", set(intake.IntakeStatus)),
        ("ErrandState", set(errand.State)),
        ("MissionState", set(team.State)),
        ("DistanceBasis", set(team.BASES)),
        ("ActivityState", set(team.Held)),
        ("MediationState", set(mediation.State)),
        ("MediationSide", set(mediation.Side)),
        ("MediationReferral", set(mediation.Elsewhere)),
        ("RecipientRelation", set(errand.RELATIONS)),
        ("ErrandAlarmReason", set(get_args(errand.AlarmReason))),
        ("DocumentKind", set(custody.KINDS)),
        ("TicketStatus", {status.value for status in ticket.Status}),
        ("TicketSource", {source.value for source in ticket.Source}),
        ("CallDirection", set(call.Direction)),
        ("RecordingNotice", set(call.Notice)),
        ("HotlineSpan", set(call.Span)),
        ("CallbackOutcome", set(callback.Outcome)),
        ("Purpose", set(Purpose)),
        ("SuggestionState", set(suggestion.State)),
        ("LiaisonSource", set(matter.Source)),
        ("LiaisonSpan", set(liaison_figures.By)),
        ("Satisfaction", {satisfaction.value for satisfaction in ticket.Satisfaction}),
        ("TicketPriority", set(catalogue.Priority)),
        ("Outcome", set(ticket.Outcome)),
        ("AwaitingReason", set(ticket.AwaitingReason)),
        ("ReturnReason", set(ticket.ReturnReason)),
        ("RulingReason", set(ticket.RulingReason)),
        ("ReworkReason", set(ticket.ReworkReason)),
        ("WithdrawReason", set(ticket.WithdrawReason)),
        ("Referral", set(ticket.Referral)),
        ("HandOverReason", set(ticket.HandOverReason)),
    ],
)
def test_enums_have_the_values_of_their_owner(name: str, values: set[str]) -> None:
    kind = SCHEMA.type_map[name]
    assert isinstance(kind, GraphQLEnumType)
    assert set(kind.values) == values


@pytest.mark.parametrize("name", OWNERS)
def test_roots_and_commands_that_the_gateway_names_exist(name: str) -> None:
    declared = service(name)
    reads = [*READS.values(), *(read for read, _ in NODES.values())]
    roots = {read.root for read in reads if read.service == name}
    roots |= {crossing.root for crossing in CROSSINGS.values() if crossing.service == name}
    assert roots <= set(declared.views.roots)
    commands = {command.name for command in declared.commands}
    assert {public for public, command in COMMANDS.items() if command.service == name} == commands
