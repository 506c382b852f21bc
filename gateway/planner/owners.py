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
    "household": Read("archive", "household", {"id": "Household"}),
    "households": Read("archive", "households"),
    "dutyOn": Read("liaison", "dutyOn"),
    "ticket": Read("tickets", "ticket", {"id": "Ticket"}),
    "tickets": Read("tickets", "tickets"),
    "ticketChanged": Read("tickets", "ticket", {"id": "Ticket"}),
}

# type → (root, its argument that takes the key)
NODES: Mapping[str, tuple[Read, str]] = {
    "Area": (Read("archive", "area"), "code"),
    "Household": (Read("archive", "household"), "id"),
    "Member": (Read("archive", "member"), "id"),
    "VisitNote": (Read("archive", "visitNote"), "id"),
    "Ticket": (Read("tickets", "ticket"), "id"),
    "Duty": (Read("liaison", "duty"), "id"),
}

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
    "addVisitNote": Command("archive", {"householdId": "Household"}, {"visitNote": None, "household": "household"}),
    "reviseHousehold": Command("archive", {"id": "Household", "members.id": "Member"}, {"household": None}),
    "signInForDuty": Command("liaison", {}, {"duty": None}),
}

CROSSINGS: Mapping[tuple[str, str], Crossing] = {
    ("Me", "areas"): Crossing("archive", "areasByCode", "areas", spread=True),
    ("Me", "household"): Crossing("archive", "householdsById", "household"),
    ("Household", "tickets"): Crossing("tickets", "ticketsByHousehold", "key", many=True),
    ("Area", "duty"): Crossing("liaison", "dutiesByKey", "code", suffix="date"),
    ("Ticket", "area"): Crossing("archive", "areasByCode", "areaCode"),
    ("Ticket", "household"): Crossing("archive", "householdsById", "householdKey"),
}
