"""Which service answers what: the one table between the public schema and the services' roots and commands."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Read:
    """A root field: a service's root. `ids` maps arguments that are global ids to the type that they must be of."""

    service: str
    root: str
    ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Command:
    """A mutation: a service's command of the same name. `ids` are paths into the input. `payload` maps each object of the payload to the
    edge that leads to it from the changed object; None is that object itself. `beside` are the payload's secrets, which the command makes.
    """

    service: str
    ids: Mapping[str, str]
    payload: Mapping[str, str | None]
    beside: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Crossing:
    """An edge to another service. `source` is the raw field of the near side that holds the key, or keys where `spread`.

    `root` is an each_one root, or an each_many root where `many`. `suffix` names an argument that is part of the key.
    """

    service: str
    root: str
    source: str
    many: bool = False
    spread: bool = False
    suffix: str | None = None

    def key(self, source: str, args: Mapping[str, object]) -> str:
        return source if self.suffix is None else f"{source}/{args[self.suffix]}"


READS: Mapping[str, Read] = {
    "area": Read("archive", "area"),
    "areas": Read("archive", "areas"),
    "resolveArea": Read("archive", "areasOn"),
    "areaChange": Read("archive", "areaChange", {"id": "AreaChange"}),
    "areaChanges": Read("archive", "areaChanges"),
    "household": Read("archive", "household", {"id": "Household"}),
    "households": Read("archive", "households"),
    "people": Read("archive", "people"),
    "duplicates": Read("archive", "duplicates"),
    "duplicatesOf": Read("archive", "duplicatesOf"),
    "personMerge": Read("archive", "personMerge", {"id": "PersonMerge"}),
    "unattachedPersons": Read("archive", "unattachedPersons"),
    "registers": Read("archive", "registers"),
    "register": Read("archive", "register"),
    "visitQueue": Read("archive", "visitQueue"),
    "freshness": Read("archive", "freshness"),
    "villageSheet": Read("archive", "villageSheet"),
    "villageReconciliation": Read("archive", "villageReconciliation"),
    "plot": Read("archive", "plot", {"id": "Plot"}),
    "plots": Read("archive", "plots"),
    "villagePlotReport": Read("archive", "villagePlotReport"),
    "mediationPack": Read("archive", "mediationPack", {"a": "Plot", "b": "Plot"}),
    "householdAccess": Read("archive", "householdAccess", {"id": "Household"}),
    "corrections": Read("archive", "corrections", {"household": "Household"}),
    "dutyOn": Read("liaison", "dutyOn"),
    **{
        name: Read("liaison", name)
        for name in ("duties", "dutyRules", "dutyOffers", "dutyVisits", "dutyFairness", "cadres", "leaves")
    },
    **{name: Read("liaison", name) for name in ("calendarDay", "calendarDays", "calendarYears")},
    **{name: Read("liaison", name) for name in ("markets", "marketDays")},
    "calendarFeeds": Read("liaison", "calendarFeeds"),
    "market": Read("liaison", "market", {"id": "Market"}),
    "stall": Read("liaison", "stall", {"id": "Stall"}),
    "stalls": Read("liaison", "stalls", {"market": "Market"}),
    "stallPlan": Read("liaison", "stallPlan", {"id": "StallPlan"}),
    **{name: Read("liaison", name) for name in ("series", "sessions", "sessionsAhead")},
    "session": Read("liaison", "session", {"id": "Session"}),
    "signUps": Read("liaison", "signUps", {"session": "Session"}),
    "suggestion": Read("liaison", "suggestion", {"id": "Suggestion"}),
    "suggestions": Read("liaison", "suggestions", {"sessionId": "Session"}),
    **{name: Read("liaison", name) for name in ("raisedMatters", "liaisonDisclosures", "liaisonFigures")},
    "import": Read("archive", "import", {"id": "Import"}),
    "imports": Read("archive", "imports"),
    "ticket": Read("tickets", "ticket", {"id": "Ticket"}),
    "tickets": Read("tickets", "tickets"),
    "call": Read("tickets", "call", {"id": "Call"}),
    "calls": Read("tickets", "calls"),
    "callRecord": Read("tickets", "callRecord", {"id": "Call"}),
    "caller": Read("tickets", "caller", {"callId": "Call"}),
    "callbackQueue": Read("tickets", "callbackQueue"),
    "disclosures": Read("tickets", "disclosures", {"ticket": "Ticket"}),
    "itemClerks": Read("tickets", "itemClerks"),
    "hotlineMeasures": Read("tickets", "hotlineMeasures"),
    "errand": Read("tickets", "errand", {"id": "Errand"}),
    "errands": Read("tickets", "errands", {"household": "Household"}),
    "errandAgents": Read("tickets", "errandAgents"),
    "errandCandidates": Read("tickets", "errandCandidates", {"id": "Errand"}),
    "documentsOut": Read("tickets", "documentsOut"),
    "errandRules": Read("tickets", "errandRules"),
    "errandItems": Read("tickets", "errandItems"),
    "errandMeasures": Read("tickets", "errandMeasures"),
    "serviceCentre": Read("tickets", "serviceCentre"),
    "serviceCentres": Read("tickets", "serviceCentres"),
    "serviceItem": Read("tickets", "serviceItem"),
    "serviceItems": Read("tickets", "serviceItems"),
    "queueClasses": Read("tickets", "queueClasses"),
    "queueNumber": Read("tickets", "queueNumber", {"id": "QueueNumber"}),
    "myQueueNumbers": Read("tickets", "myQueueNumbers"),
    "queue": Read("tickets", "queue"),
    "queueFigures": Read("tickets", "queueFigures"),
    "intake": Read("tickets", "intake", {"id": "Intake"}),
    "intakes": Read("tickets", "intakes"),
    "unit": Read("tickets", "unitOf"),
    "units": Read("tickets", "units"),
    "unitFor": Read("tickets", "unitFor"),
    **{
        name: Read("tickets", name)
        for name in ("deadlines", "categories", "routeFor", "routes", "limits", "escalations")
    },
    "matterFigures": Read("tickets", "matterFigures"),
    "assessmentSchemes": Read("tickets", "assessmentSchemes"),
    "assessments": Read("tickets", "assessments"),
    "assessmentResults": Read("tickets", "assessmentResults"),
    "assessmentCases": Read("tickets", "assessmentCases", {"result": "AssessmentResult"}),
    "assessmentObjections": Read("tickets", "assessmentObjections"),
    "teamSkills": Read("tickets", "teamSkills"),
    "teamKinds": Read("tickets", "teamKinds"),
    "team": Read("tickets", "team", {"id": "Team"}),
    "teams": Read("tickets", "teams"),
    "proposeTeams": Read("tickets", "proposeTeams", {"ticket": "Ticket"}),
    "mission": Read("tickets", "mission", {"id": "Mission"}),
    "missions": Read("tickets", "missions"),
    "activity": Read("tickets", "activity", {"id": "Activity"}),
    "activities": Read("tickets", "activities"),
    "activityFigures": Read("tickets", "activityFigures"),
    "mediation": Read("tickets", "mediation", {"id": "Mediation"}),
    "mediations": Read("tickets", "mediations"),
    "obligationsDue": Read("tickets", "obligationsDue"),
    "mediators": Read("tickets", "mediators"),
    "dialogue": Read("liaison", "dialogueOf", {"sessionId": "Session"}),
    "proposal": Read("liaison", "proposal", {"id": "Proposal"}),
    "proposals": Read("liaison", "proposals"),
    "votingBodies": Read("liaison", "votingBodies"),
    "ticketChanged": Read("tickets", "ticket", {"id": "Ticket"}),
}

# type → (root, its argument that takes the key)
NODES: Mapping[str, tuple[Read, str]] = {
    "Area": (Read("archive", "area"), "code"),
    "AreaChange": (Read("archive", "areaChange"), "id"),
    "Household": (Read("archive", "household"), "id"),
    "Member": (Read("archive", "member"), "id"),
    "VillageSheet": (Read("archive", "villageSheet"), "code"),
    "Plot": (Read("archive", "plot"), "id"),
    "VisitNote": (Read("archive", "visitNote"), "id"),
    "Attachment": (Read("archive", "attachment"), "id"),
    "TicketAttachment": (Read("tickets", "ticketAttachment"), "id"),
    "Correction": (Read("archive", "correction"), "id"),
    "Import": (Read("archive", "import"), "id"),
    "Ticket": (Read("tickets", "ticket"), "id"),
    "Unit": (Read("tickets", "unit"), "id"),
    "Assessment": (Read("tickets", "assessment"), "id"),
    "AssessmentResult": (Read("tickets", "assessmentResult"), "id"),
    "AssessmentCase": (Read("tickets", "assessmentCase"), "id"),
    "AssessmentObjection": (Read("tickets", "assessmentObjection"), "id"),
    "Duty": (Read("liaison", "duty"), "id"),
    "DutyRule": (Read("liaison", "dutyRule"), "id"),
    "Dialogue": (Read("liaison", "dialogue"), "id"),
    "Proposal": (Read("liaison", "proposal"), "id"),
    "VotingBody": (Read("liaison", "votingBody"), "id"),
    "DutyOffer": (Read("liaison", "dutyOffer"), "id"),
    "DutyVisit": (Read("liaison", "dutyVisit"), "id"),
    "Cadre": (Read("liaison", "cadre"), "id"),
    "Leave": (Read("liaison", "leave"), "id"),
    "CalendarFeed": (Read("liaison", "calendarFeed"), "id"),
    "Market": (Read("liaison", "market"), "id"),
    "Stall": (Read("liaison", "stall"), "id"),
    "StallPlan": (Read("liaison", "stallPlan"), "id"),
    "Series": (Read("liaison", "seriesById"), "id"),
    "Session": (Read("liaison", "session"), "id"),
    "SignUp": (Read("liaison", "signUp"), "id"),
    "Suggestion": (Read("liaison", "suggestion"), "id"),
    "QueueNumber": (Read("tickets", "queueNumber"), "id"),
    "Intake": (Read("tickets", "intake"), "id"),
    "Errand": (Read("tickets", "errand"), "id"),
    "Team": (Read("tickets", "team"), "id"),
    "Mission": (Read("tickets", "mission"), "id"),
    "Activity": (Read("tickets", "activity"), "id"),
    "Mediation": (Read("tickets", "mediation"), "id"),
    "Obligation": (Read("tickets", "obligation"), "id"),
    "Call": (Read("tickets", "call"), "id"),
}

_SHEET = {"id": "Household", "relations.id": "Member"}
_MOVE = Command("tickets", {"id": "Ticket", "into": "Ticket", "attachmentIds": "TicketAttachment"}, {"ticket": None})

COMMANDS: Mapping[str, Command] = {
    "reportTicket": Command(
        "tickets",
        {"householdId": "Household", "personIds": "Member", "plotIds": "Plot"},
        {"ticket": None},
        beside=frozenset({"statusCode"}),
    ),
    "newStatusCode": Command("tickets", {"ticketId": "Ticket"}, {}, beside=frozenset({"statusCode"})),
    "reviseUnit": Command("tickets", {}, {"unit": None}),
    "reviseUnitStaff": Command("tickets", {}, {"unit": None}),
    "acceptTicket": _MOVE,
    "dispatchTicket": _MOVE,
    "signTicket": _MOVE,
    "resolveTicket": _MOVE,
    "verifyTicket": _MOVE,
    "callBackTicket": _MOVE,
    "closeTicket": _MOVE,
    **dict.fromkeys(
        (
            *(
                "startTicket",
                "suspendTicket",
                "resumeTicket",
                "returnTicket",
                "ruleTicket",
                "reworkTicket",
                "reopenTicket",
            ),
            *("mergeTicket", "withdrawTicket", "referTicket", "assignTicket", "handOverTicket", "superviseTicket"),
            *("escalateTicket", "rateTicket"),
        ),
        _MOVE,
    ),
    **dict.fromkeys(("requestExtension", "decideExtension"), _MOVE),
    "reviseCategory": Command("tickets", {}, {"category": None}),
    "reviseRoute": Command("tickets", {}, {"route": None}),
    "reviseLimits": Command("tickets", {}, {"limits": None}),
    "reviseEscalation": Command("tickets", {}, {"escalation": None}),
    "noteCall": Command("tickets", {}, {"call": None}),
    "reportByPhone": Command("tickets", {"callId": "Call", "householdId": "Household"}, {"ticket": None}),
    "linkCall": Command("tickets", {"callId": "Call", "ticketId": "Ticket"}, {"call": None}),
    "setContact": Command("tickets", {"ticketId": "Ticket"}, {"ticket": None}),
    "revealContact": Command("tickets", {"ticketId": "Ticket", "callId": "Call"}, {"contact": "contact"}),
    **dict.fromkeys(("claimCallback", "noteCallback"), Command("tickets", {"ticketId": "Ticket"}, {"callback": None})),
    "reviseItemClerk": Command("tickets", {}, {"itemClerk": None}),
    "planAreaChange": Command("archive", {"to.households": "Household"}, {"areaChange": None}),
    "carryOutAreaChange": Command("archive", {"id": "AreaChange"}, {"areaChange": None}),
    "undoAreaChange": Command("archive", {"id": "AreaChange"}, {"areaChange": None}),
    "addVisitNote": Command("archive", {"householdId": "Household"}, {"visitNote": None, "household": "household"}),
    **dict.fromkeys(
        ("openHousehold", "reviseHousehold"),
        Command("archive", {"id": "Household", "members.id": "Member"}, {"household": None}),
    ),
    "splitHousehold": Command(
        "archive",
        {**_SHEET, "members.id": "Member", "itemIds": "Item", "plotIds": "Plot"},
        {"household": "splitFrom", "founded": None},
    ),
    **dict.fromkeys(
        (
            *(
                "correctHousehold",
                "mergeHouseholds",
                "moveMembersIn",
                "moveMembersOut",
                "registerBirth",
                "registerDeath",
            ),
            *("registerMarriage", "registerMarriageOut", "changeHead", "closeHousehold", "recordItem", "endItem"),
        ),
        Command(
            "archive",
            {
                **_SHEET,
                **dict.fromkeys(
                    ("members.id", "strike", "memberIds", "memberId", "partnerId", "headId", "spouse.id", "child.id"),
                    "Member",
                ),
                "others.id": "Household",
                "itemId": "Item",
            },
            {"household": None},
        ),
    ),
    **dict.fromkeys(
        ("reviseVillage", "recordFigure", "confirmFigure", "startTerm", "recordAgreement"),
        Command("archive", {}, {"villageSheet": None}),
    ),
    "recordAssetEntry": Command("archive", {"reverses": "VillageBooking"}, {"villageSheet": None}),
    "endTerm": Command("archive", {"id": "VillageTerm"}, {"villageSheet": None}),
    "recordPlot": Command("archive", {"householdId": "Household"}, {"plot": None}),
    "transferPlot": Command(
        "archive", {"id": "Plot", "householdId": "Household", "exchangeForId": "Plot"}, {"plot": None}
    ),
    **dict.fromkeys(("revisePlot", "disputePlot", "settlePlot"), Command("archive", {"id": "Plot"}, {"plot": None})),
    "removePlot": Command("archive", {"id": "Plot"}, {"removedPlot": None}),
    "setAreaShape": Command("archive", {}, {"area": None}),
    "reveal": Command("archive", {"householdId": "Household", "memberId": "Member"}, {"values": "values"}),
    "requestCorrection": Command("archive", {"householdId": "Household", "memberId": "Member"}, {"correction": None}),
    "decideCorrection": Command(
        "archive", {"id": "Correction", "revision.members.id": "Member"}, {"correction": None, "household": "household"}
    ),
    "holdHousehold": Command("archive", {"id": "Household"}, {"household": None}),
    "liftHold": Command("archive", {"id": "Household"}, {"household": None}),
    "mergePersons": Command(
        "archive",
        {"keepId": "Member", "dropId": "Member", "endsIn": "Household", "relations.id": "Member"},
        {"merge": None},
    ),
    "unmergePersons": Command("archive", {"id": "PersonMerge"}, {"merge": None}),
    "dismissDuplicate": Command("archive", {"oneId": "Member", "otherId": "Member"}, {"duplicate": None}),
    "removeAttachment": Command("archive", {"id": "Attachment"}, {"household": None}),
    "requestErrand": Command("tickets", {"householdId": "Household", "personId": "Member"}, {"errand": None}),
    **dict.fromkeys(
        (
            *("assignErrand", "mandateErrand", "revokeMandate", "collectDocuments", "submitErrand", "obtainErrand"),
            *("deliverErrand", "finishErrand", "cancelErrand", "offerDocuments", "acceptDocuments", "declineDocuments"),
            "planErrandVisit",
        ),
        Command(
            "tickets",
            {
                "id": "Errand",
                "mandateId": "Mandate",
                "documentIds": "ErrandDocument",
                "recipientId": "Member",
                **dict.fromkeys(("attachmentId", "signatureId", "photoId"), "TicketAttachment"),
            },
            {"errand": None},
        ),
    ),
    "noteErrandVisit": Command("tickets", {"id": "ErrandVisit"}, {"errand": None}),
    "tellDeliveryCode": Command("tickets", {"id": "Errand"}, {"delivery": "delivery"}),
    "reviseErrandAgent": Command("tickets", {}, {"agent": None}),
    "reviseErrandRule": Command("tickets", {}, {"rule": None}),
    "reviseErrandItem": Command("tickets", {}, {"item": None}),
    "reviseCentre": Command("tickets", {}, {"centre": None}),
    **dict.fromkeys(("reviseWindow", "openWindow", "closeWindow"), Command("tickets", {}, {"window": None})),
    "reviseItem": Command("tickets", {}, {"item": None}),
    **dict.fromkeys(
        (
            *("takeNumber", "callNext", "recallNumber", "startServing", "transferNumber", "markNoShow", "returnNumber"),
            *("finishServing", "cancelNumber"),
        ),
        Command("tickets", {"id": "QueueNumber", "ticketId": "Ticket"}, {"number": None}),
    ),
    **dict.fromkeys(
        ("openIntake", "completeIntake"),
        Command(
            "tickets",
            {
                "id": "Intake",
                "householdId": "Household",
                "numberId": "QueueNumber",
                "materials.attachmentIds": "TicketAttachment",
            },
            {"intake": None},
        ),
    ),
    "resolveIntake": Command("tickets", {"id": "Ticket"}, {"ticket": None}),
    "reviseScheme": Command("tickets", {}, {"scheme": None}),
    "computeAssessment": Command("tickets", {}, {"assessment": None}),
    "objectToCase": Command(
        "tickets", {"resultId": "AssessmentResult", "caseId": "AssessmentCase"}, {"objection": None}
    ),
    "decideObjection": Command("tickets", {"id": "AssessmentObjection"}, {"objection": None}),
    "reviseTeam": Command("tickets", {}, {"team": None}),
    "reviseAreaCentre": Command("tickets", {}, {"areaCentre": None}),
    "sendTeam": Command("tickets", {"ticketId": "Ticket"}, {"mission": None}),
    **dict.fromkeys(
        ("acceptMission", "declineMission", "arriveAtMission", "finishMission", "cancelMission"),
        Command("tickets", {"id": "Mission"}, {"mission": None}),
    ),
    "planActivity": Command("tickets", {}, {"activity": None}),
    **dict.fromkeys(
        ("holdActivity", "cancelActivity"),
        Command("tickets", {"id": "Activity", "householdIds": "Household"}, {"activity": None}),
    ),
    "reviseMediator": Command("tickets", {"householdId": "Household"}, {"mediator": None}),
    "openMediation": Command(
        "tickets",
        {"id": "Ticket", "parties.householdId": "Household", "parties.personId": "Member", "plots": "Plot"},
        {"mediation": None},
    ),
    **dict.fromkeys(
        ("noteMediationSession", "draftAgreement", "concludeMediation"),
        Command(
            "tickets",
            {
                "id": "Mediation",
                "parties": "MediationParty",
                "plots": "Plot",
                "obligations.partyId": "MediationParty",
                "attachmentId": "TicketAttachment",
            },
            {"mediation": None},
        ),
    ),
    "reviseMediation": Command(
        "tickets",
        {"id": "Mediation", "parties.householdId": "Household", "parties.personId": "Member", "plots": "Plot"},
        {"mediation": None},
    ),
    "performObligation": Command(
        "tickets", {"id": "Obligation", "attachmentId": "TicketAttachment"}, {"mediation": None}
    ),
    "setVotingBody": Command("liaison", {"id": "VotingBody", "members.householdId": "Household"}, {"body": None}),
    **dict.fromkeys(
        ("setAgenda", "noteStudy", "draftMinutes", "signMinutes", "publishMinutes"),
        Command("liaison", {"sessionId": "Session", "bodyId": "VotingBody"}, {"dialogue": None}),
    ),
    "noteAttendance": Command(
        "liaison",
        {
            "sessionId": "Session",
            **dict.fromkeys(("people.householdId", "people.proxyFor.householdId"), "Household"),
        },
        {"dialogue": None},
    ),
    **dict.fromkeys(
        ("propose", "openVote", "castVote", "closeVote", "recordVote", "withdrawProposal"),
        Command("liaison", {"sessionId": "Session", "proposalId": "Proposal"}, {"proposal": None}),
    ),
    **dict.fromkeys(("signInForDuty", "signOutOfDuty", "assignDuty"), Command("liaison", {}, {"duty": None})),
    **dict.fromkeys(
        ("offerDuty", "takeDuty", "declineDuty", "withdrawDutyOffer"),
        Command("liaison", {"offerId": "DutyOffer"}, {"offer": None}),
    ),
    "noteDutyVisit": Command("liaison", {"householdId": "Household"}, {"visit": None}),
    "reviseCadre": Command("liaison", {}, {"cadre": None}),
    **dict.fromkeys(("noteLeave", "withdrawLeave"), Command("liaison", {"id": "Leave"}, {"leave": None})),
    "setDutyRule": Command("liaison", {}, {"rule": None}),
    "openFeed": Command("liaison", {}, {"feed": "feed"}),
    "revokeFeed": Command("liaison", {}, {"feed": None}),
    "setStation": Command("liaison", {}, {"station": None}),
    "raiseSuggestion": Command("liaison", {"sessionId": "Session", "householdId": "Household"}, {"suggestion": None}),
    **dict.fromkeys(
        (
            *("acceptSuggestion", "declineSuggestion", "mergeSuggestion", "answerSuggestion", "solveSuggestion"),
            *("noteSuggestionCallback", "publishSuggestion", "supportSuggestion"),
        ),
        Command("liaison", {"id": "Suggestion", "into": "Suggestion"}, {"suggestion": None}),
    ),
    "revealLiaisonContact": Command(
        "liaison", {"visitId": "DutyVisit", "suggestionId": "Suggestion"}, {"contact": "contact"}
    ),
    **dict.fromkeys(
        ("reviseMarket", "addMarketException", "dropMarketException"),
        Command("liaison", {"id": "Market", "marketId": "Market"}, {"market": None}),
    ),
    **dict.fromkeys(
        ("planStalls", "cancelStalls"),
        Command("liaison", {"id": "StallPlan", "marketId": "Market"}, {"stallPlan": None}),
    ),
    **dict.fromkeys(("setSeries", "endSeries"), Command("liaison", {"id": "Series"}, {"series": None})),
    **dict.fromkeys(
        ("moveSession", "cancelSession", "setTopic", "assignStaff", "holdSession"),
        Command("liaison", {"id": "Session"}, {"session": None}),
    ),
    **dict.fromkeys(
        ("signUp", "withdrawSignUp", "answerSignUp", "raiseSignUp"),
        Command("liaison", {"id": "SignUp", "sessionId": "Session", "householdId": "Household"}, {"signUp": None}),
    ),
}

CROSSINGS: Mapping[tuple[str, str], Crossing] = {
    ("Me", "areas"): Crossing("archive", "areasByCode", "areas", spread=True),
    ("Me", "household"): Crossing("archive", "householdsById", "household"),
    ("Household", "tickets"): Crossing("tickets", "ticketsByHousehold", "key", many=True),
    ("Area", "duty"): Crossing("liaison", "dutiesByKey", "code", suffix="date"),
    ("ChangedArea", "tickets"): Crossing("tickets", "openTicketsByArea", "code"),
    ("ChangedArea", "duties"): Crossing("liaison", "dutiesAheadByArea", "code"),
    ("DutyVisit", "household"): Crossing("archive", "householdsById", "householdKey"),
    ("DutyVisit", "ticket"): Crossing("tickets", "ticketsById", "ticketKey"),
    ("Errand", "area"): Crossing("archive", "areasByCode", "areaCode"),
    ("Errand", "household"): Crossing("archive", "householdsById", "householdKey"),
    ("MatterFigures", "area"): Crossing("archive", "areasByCode", "areaCode"),
    ("Activity", "stall"): Crossing("liaison", "stallsById", "key"),
    ("SignUp", "household"): Crossing("archive", "householdsById", "householdKey"),
    ("SignUp", "ticket"): Crossing("tickets", "ticketsById", "ticketKey"),
    ("Area", "nextSessions"): Crossing("liaison", "sessionsAheadByArea", "code", many=True),
    ("Activity", "households"): Crossing("archive", "householdsById", "householdKeys", spread=True),
    ("Attendee", "household"): Crossing("archive", "householdsById", "householdKey"),
    ("BodyMember", "household"): Crossing("archive", "householdsById", "householdKey"),
    ("MediationParty", "household"): Crossing("archive", "householdsById", "householdKey"),
    ("Market", "area"): Crossing("archive", "areasByCode", "areaCode"),
    ("Stall", "team"): Crossing("tickets", "teamsByCode", "teamCode"),
    ("Stall", "activity"): Crossing("tickets", "activitiesById", "key"),
    ("Suggestion", "household"): Crossing("archive", "householdsById", "householdKey"),
    ("Suggestion", "ticket"): Crossing("tickets", "ticketsById", "ticketKey"),
    ("RaisedMatter", "ticket"): Crossing("tickets", "ticketsById", "ticketKey"),
    ("Ticket", "suggestion"): Crossing("liaison", "suggestionsByTicket", "key"),
    ("Ticket", "area"): Crossing("archive", "areasByCode", "areaCode"),
    ("Ticket", "household"): Crossing("archive", "householdsById", "householdKey"),
}
