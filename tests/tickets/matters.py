"""The field as the tests know it, written down apart from the code: places, people, the way of a ticket."""

from dataclasses import dataclass
from datetime import UTC, datetime
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
LEGAL = {(deed, before): after for deed, _, before, after in PATH} | {("resolveTicket", "IN_PROGRESS"): "RESOLVED"}
DEEDS = tuple(deed for deed, *_ in PATH)

HANDLERS = frozenset({"village_cadre", "township_clerk", "hotline_agent", "city_admin"})
MAY = {
    **dict.fromkeys(("acceptTicket", "dispatchTicket", "verifyTicket", "closeTicket"), HANDLERS),
    "callBackTicket": HANDLERS | {"grid_worker"},
    **dict.fromkeys(("signTicket", "resolveTicket"), frozenset({"department_officer"})),
}
STAFF = HANDLERS | {"grid_worker", "window_clerk", "errand_agent", "mediator"}
ROLES = (*sorted(STAFF), "auditor", "department_officer", "resident")

SELECT: list[Any] = [["key", "key"], ["status", "status"], ["version", "version"], ["allowed", "allowed"]]


def given_for(deed: str, ticket: UUID | str, **more: Any) -> dict[str, Any]:
    """An input that is complete for the deed."""
    needed: dict[str, dict[str, Any]] = {
        "dispatchTicket": {"departmentCode": "agriculture"},
        "resolveTicket": {"note": "示例：已办结"},
        "callBackTicket": {"satisfaction": "SATISFIED"},
    }
    return {"clientKey": str(uuid4()), "id": str(ticket), **needed.get(deed, {}), **more}


def report(**more: Any) -> dict[str, Any]:
    return {
        "clientKey": str(uuid4()),
        "title": "示例：水渠淤塞",
        "description": "示例：村口水渠淤塞，\n请派人疏通。",
        "category": "水利",
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
        ticket = a_ticket(status=Status(status), reported_at=self.clock.now(), updated_at=self.clock.now(), **columns)
        async with transaction(self.pool, SERVICE) as connection:
            await put(connection, ticket)
        return ticket.id

    async def count(self, table: str) -> int:
        async with transaction(self.pool, SERVICE) as connection:
            return int(await connection.fetchval(f"SELECT count(*) FROM {table}"))


def a_ticket(**changes: Any) -> Ticket:
    key = uuid4()
    fields: dict[str, Any] = {
        "id": key,
        "number": f"T-{key.hex}",
        "title": "示例",
        "description": "示例",
        "category": "示例",
        "source": Source.APP,
        "status": Status.DRAFTED,
        "area": GRID,
        "reported_by": "example-somebody",
        "reported_at": NOON,
        "updated_at": NOON,
    }
    return Ticket(**fields | changes)


async def put(connection: Connection, ticket: Ticket) -> None:
    """Writes a ticket with all of its columns."""
    await store.insert(connection, ticket)
    await store.update(connection, ticket, was=ticket.version)
