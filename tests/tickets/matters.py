"""The field as the tests know it, written down apart from the code: places, people, the way of a ticket."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from services.chassis.clock import FixedClock
from services.chassis.db import Connection, Pool, transaction
from services.chassis.principal import Principal, itself
from services.tickets.domain.ticket import Source, Status, Ticket
from services.tickets.store import ticket as store
from tests.support.client import Service
from tests.support.databases import Database

SERVICE = itself("tickets")
COUNTY, TOWNSHIP, VILLAGE, GRID = "339999", "339999100", "339999100200", "3399991002000001"
OTHER_VILLAGE = "339999100201"
AREAS = {"33": "PROVINCE", COUNTY: "COUNTY", TOWNSHIP: "TOWNSHIP", VILLAGE: "VILLAGE", GRID: "GRID"} | {
    OTHER_VILLAGE: "VILLAGE"
}
HOUSEHOLD = UUID("00000000-0000-7000-8000-000000000001")
OTHER_HOUSEHOLD = UUID("00000000-0000-7000-8000-000000000002")
NOON = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)

PATH = (
    ("acceptTicket", "accepted", "DRAFTED", "ACCEPTED"),
    ("dispatchTicket", "dispatched", "ACCEPTED", "DISPATCHED"),
    ("signTicket", "signed", "DISPATCHED", "SIGNED"),
    ("resolveTicket", "resolved", "SIGNED", "RESOLVED"),
    ("verifyTicket", "verified", "RESOLVED", "VERIFIED"),
    ("callBackTicket", "called_back", "VERIFIED", "CALLED_BACK"),
    ("closeTicket", "closed", "CALLED_BACK", "CLOSED"),
)
"""(deed, its past tense, state before, state after), in the order in which a matter goes."""
DEEDS = tuple(deed for deed, *_ in PATH)

WITH_DEPARTMENT = ("DISPATCHED", "SIGNED", "IN_PROGRESS", "AWAITING")
UNDONE = ("DRAFTED", "ACCEPTED", *WITH_DEPARTMENT, "RETURNED")
DONE = ("RESOLVED", "VERIFIED", "CALLED_BACK")
ENDS = ("CLOSED", "MERGED", "WITHDRAWN", "REFERRED_OUT")
OPEN = (*UNDONE, *DONE)


def _staying(*states: str) -> dict[str, str]:
    return {state: state for state in states}


WAYS: dict[str, dict[str, str]] = {
    "acceptTicket": {"DRAFTED": "ACCEPTED"},
    "dispatchTicket": {"ACCEPTED": "DISPATCHED", "RETURNED": "DISPATCHED"},
    "signTicket": {"DISPATCHED": "SIGNED"},
    "startTicket": {"SIGNED": "IN_PROGRESS"},
    "suspendTicket": {"IN_PROGRESS": "AWAITING"},
    "resumeTicket": {"AWAITING": "IN_PROGRESS"},
    "returnTicket": {"DISPATCHED": "RETURNED", "SIGNED": "RETURNED"},
    "ruleTicket": {"RETURNED": "DISPATCHED"},
    "resolveTicket": {"SIGNED": "RESOLVED", "IN_PROGRESS": "RESOLVED"},
    "verifyTicket": {"RESOLVED": "VERIFIED"},
    "reworkTicket": {"RESOLVED": "IN_PROGRESS"},
    "callBackTicket": {"VERIFIED": "CALLED_BACK"},
    "reopenTicket": {"CALLED_BACK": "DISPATCHED"},
    "closeTicket": {"CALLED_BACK": "CLOSED"},
    "mergeTicket": dict.fromkeys(UNDONE, "MERGED"),
    "withdrawTicket": dict.fromkeys(UNDONE, "WITHDRAWN"),
    "referTicket": dict.fromkeys(UNDONE, "REFERRED_OUT"),
    "assignTicket": _staying(*OPEN),
    "handOverTicket": _staying("DRAFTED", "ACCEPTED", "RETURNED", *DONE),
    "superviseTicket": _staying(*OPEN),
    "escalateTicket": _staying(*OPEN),
    "rateTicket": _staying(*DONE),
    "requestExtension": _staying(*WITH_DEPARTMENT),
    "decideExtension": _staying(*WITH_DEPARTMENT),
}
"""What each deed makes of each state, where a condition does not forbid it."""
LEGAL = {(deed, before): after for deed, moves in WAYS.items() for before, after in moves.items()}

HANDLERS = frozenset({"village_cadre", "township_clerk", "hotline_agent", "city_admin"})
OFFICERS = frozenset({"department_officer"})
MAY = {
    **dict.fromkeys(
        (
            *(
                "acceptTicket",
                "dispatchTicket",
                "ruleTicket",
                "verifyTicket",
                "reworkTicket",
                "reopenTicket",
                "closeTicket",
            ),
            *("mergeTicket", "withdrawTicket", "handOverTicket", "escalateTicket", "decideExtension"),
        ),
        HANDLERS,
    ),
    **dict.fromkeys(
        ("signTicket", "startTicket", "suspendTicket", "returnTicket", "resolveTicket", "requestExtension"), OFFICERS
    ),
    **dict.fromkeys(("resumeTicket", "assignTicket"), HANDLERS | OFFICERS),
    "callBackTicket": HANDLERS | {"grid_worker"},
    "referTicket": HANDLERS | {"mediator"},
    **dict.fromkeys(("superviseTicket", "rateTicket"), frozenset({"township_clerk", "city_admin"})),
}
"""Who may, where they are in charge; beside that a resident calls back about their own, and who reported a matter withdraws it."""
STAFF = HANDLERS | {"grid_worker", "window_clerk", "errand_agent", "mediator"}
ROLES = (*sorted(STAFF), "auditor", "department_officer", "resident")

TOLD = "outbox WHERE type LIKE 'tickets.ticket.%'"
"""The events of tickets, to be counted."""
SELECT: list[Any] = [["key", "key"], ["status", "status"], ["version", "version"], ["allowed", "allowed"]]


def allowed(role: str, status: str) -> list[str]:
    """What someone of that role, in charge of everything, can do with a ticket in that state with which nobody is dissatisfied."""
    working = status in WITH_DEPARTMENT
    return [
        deed
        for deed, moves in WAYS.items()
        if status in moves
        and role in MAY[deed]
        and deed not in ("reopenTicket", *(["assignTicket"] if (role in OFFICERS) != working else []))
    ]


def given_for(deed: str, ticket: UUID | str, **more: Any) -> dict[str, Any]:
    """An input that is complete for the deed."""
    needed: dict[str, dict[str, Any]] = {
        "dispatchTicket": {"departmentCode": "agriculture"},
        "suspendTicket": {"reason": "MATERIALS", "note": "示例：待补材料", "until": "2026-01-20T08:00:00Z"},
        "returnTicket": {"reason": "NOT_OURS", "note": "示例：不属本部门"},
        "ruleTicket": {"reason": "BY_DUTIES", "departmentCode": "agriculture"},
        "resolveTicket": {"note": "示例：已办结"},
        "reworkTicket": {"reason": "NOT_DONE"},
        "callBackTicket": {"satisfaction": "SATISFIED"},
        "reopenTicket": {"departmentCode": "water"},
        "mergeTicket": {"into": str(uuid4())},
        "withdrawTicket": {"reason": "SETTLED"},
        "referTicket": {"to": "COURT", "note": "示例：转法院"},
        "assignTicket": {"assignee": "example-assignee"},
        "handOverTicket": {"station": TOWNSHIP, "reason": "BEYOND_POWERS"},
        "superviseTicket": {"note": "示例：限期办理"},
        "rateTicket": {"satisfaction": "SATISFIED"},
        "requestExtension": {"reason": "weather", "days": 1},
    }
    return {"clientKey": str(uuid4()), "id": str(ticket), **needed.get(deed, {}), **more}


def report(**more: Any) -> dict[str, Any]:
    return {
        "clientKey": str(uuid4()),
        "title": "示例：水渠淤塞",
        "description": "示例：村口水渠淤塞，\n请派人疏通。",
        "category": "irrigation",
        "areaCode": GRID,
        **more,
    }


@dataclass(frozen=True)
class Tickets:
    """The api on a database with areas and departments, and what stands behind it."""

    url: str
    pool: Pool
    database: Database
    clock: FixedClock
    connect: Any

    def as_(self, role: str, subject: str | None = None, **claims: Any) -> Service:
        """A client with one role; without `areas` staff and officers have the example village, without `department` agriculture."""
        return self.of(self.principal(role, subject, **claims))

    @staticmethod
    def principal(role: str, subject: str | None = None, **claims: Any) -> Principal:
        if role != "resident":
            claims.setdefault("areas", (VILLAGE,))
        if role == "department_officer":
            claims.setdefault("department", "agriculture")
        return Principal(subject or f"example-{role}", roles=frozenset({role}), **claims)

    def of(self, principal: Principal) -> Service:
        client: Service = self.connect(self.url, principal)
        return client

    async def have(self, status: str = "DRAFTED", **columns: Any) -> UUID:
        """Puts a ticket into the database as it would stand in that state; returns its id."""
        dispatched = status not in ("DRAFTED", "ACCEPTED")
        columns = {"department": "agriculture" if dispatched else None} | columns
        if status == "MERGED":
            columns = {"merged_into": await self.have()} | columns
        ticket = a_ticket(status=Status(status), reported_at=self.clock.now(), updated_at=self.clock.now(), **columns)
        async with transaction(self.pool, SERVICE) as connection:
            await put(connection, ticket)
        return ticket.id

    async def count(self, table: str) -> int:
        async with transaction(self.pool, SERVICE) as connection:
            return int(await connection.fetchval(f"SELECT count(*) FROM {table}"))


IN_STATE: dict[str, dict[str, Any]] = {
    "AWAITING": {"awaiting_reason": "MATERIALS", "awaiting_until": NOON + timedelta(days=3)},
    "RETURNED": {"returns": 1},
    "REFERRED_OUT": {"referred_to": "COURT"},
}
"""What a ticket has beside, while it is in a state."""


def a_ticket(**changes: Any) -> Ticket:
    key = uuid4()
    changes = IN_STATE.get(changes.get("status", ""), {}) | changes
    fields: dict[str, Any] = {
        "id": key,
        "number": f"T-{key.hex}",
        "title": "示例",
        "description": "示例",
        "category": "other",
        "source": Source.APP,
        "status": Status.DRAFTED,
        "area": GRID,
        "station": changes.get("area", GRID)[:12],
        "reported_by": "example-somebody",
        "reported_at": NOON,
        "updated_at": NOON,
    }
    return Ticket(**fields | changes)


async def put(connection: Connection, ticket: Ticket) -> None:
    """Writes a ticket as it is."""
    await store.insert(connection, ticket)
