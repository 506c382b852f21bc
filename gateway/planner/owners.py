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
    edge that leads to it from the changed object; None is that object itself.
    """

    service: str
    ids: Mapping[str, str]
    payload: Mapping[str, str | None]


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
    "import": Read("archive", "import", {"id": "Import"}),
    "imports": Read("archive", "imports"),
    "ticket": Read("tickets", "ticket", {"id": "Ticket"}),
    "tickets": Read("tickets", "tickets"),
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
    "Correction": (Read("archive", "correction"), "id"),
    "Import": (Read("archive", "import"), "id"),
    "Ticket": (Read("tickets", "ticket"), "id"),
    "Duty": (Read("liaison", "duty"), "id"),
}

_SHEET = {"id": "Household", "relations.id": "Member"}
_MOVE = Command("tickets", {"id": "Ticket"}, {"ticket": None})

COMMANDS: Mapping[str, Command] = {
    "reportTicket": Command("tickets", {"householdId": "Household"}, {"ticket": None}),
    "acceptTicket": _MOVE,
    "dispatchTicket": _MOVE,
    "signTicket": _MOVE,
    "resolveTicket": _MOVE,
    "verifyTicket": _MOVE,
    "callBackTicket": _MOVE,
    "closeTicket": _MOVE,
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
    "signInForDuty": Command("liaison", {}, {"duty": None}),
}

CROSSINGS: Mapping[tuple[str, str], Crossing] = {
    ("Me", "areas"): Crossing("archive", "areasByCode", "areas", spread=True),
    ("Me", "household"): Crossing("archive", "householdsById", "household"),
    ("Household", "tickets"): Crossing("tickets", "ticketsByHousehold", "key", many=True),
    ("Area", "duty"): Crossing("liaison", "dutiesByKey", "code", suffix="date"),
    ("ChangedArea", "tickets"): Crossing("tickets", "openTicketsByArea", "code"),
    ("ChangedArea", "duties"): Crossing("liaison", "dutiesAheadByArea", "code"),
    ("Ticket", "area"): Crossing("archive", "areasByCode", "areaCode"),
    ("Ticket", "household"): Crossing("archive", "householdsById", "householdKey"),
}
