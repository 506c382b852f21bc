"""Row-level security, the second fence: what the database itself lets nobody do, whatever the code above it asks."""

from typing import Any

import asyncpg
import pytest

from services.chassis.db import Pool, transaction
from services.chassis.errors import Forbidden
from services.chassis.principal import Caller
from services.tickets.domain.ticket import Status
from services.tickets.store import ticket as store
from services.tickets.store.ticket import ADD_STEP
from tests.tickets.matters import (
    GRID,
    HOUSEHOLD,
    NOON,
    OTHER_HOUSEHOLD,
    OTHER_VILLAGE,
    SERVICE,
    VILLAGE,
    a_ticket,
    put,
)

ACCEPT = "UPDATE ticket SET status = 'ACCEPTED', version = 2 WHERE id = $1 RETURNING id"


BARE: tuple[Any, ...] = (None, None, {}, [])
"""No reason, no note, no data, no attachments."""


@pytest.mark.parametrize("table", ["ticket", "step"])
async def test_no_caller_no_rows(loaded: Pool, table: str) -> None:
    ticket = a_ticket()
    async with transaction(loaded, SERVICE) as connection:
        await put(connection, ticket)
        await connection.execute(
            ADD_STEP, ticket.id, 1, NOON, "reported", None, "DRAFTED", SERVICE.subject, "service", *BARE
        )
        assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 1
    assert await loaded.fetchval(f"SELECT count(*) FROM {table}") == 0
    async with transaction(loaded, Caller(subject="a")) as connection:
        assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0
    async with transaction(loaded, Caller(subject="a", areas=(VILLAGE,))) as connection:
        assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 1
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await store.insert(loaded, a_ticket())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("caller", "moves"),
    [
        (Caller(subject="a", areas=(VILLAGE,)), True),
        (Caller(subject="a", areas=(GRID,), department="agriculture"), True),
        (SERVICE, True),
        (Caller(subject="a", areas=(GRID,), department="water"), False),
        (Caller(subject="a", areas=(OTHER_VILLAGE,)), False),
    ],
)
async def test_who_can_change_a_row(loaded: Pool, caller: Caller, moves: bool) -> None:
    ticket = a_ticket(department="agriculture", household=HOUSEHOLD, reported_by="reporter")
    async with transaction(loaded, SERVICE) as connection:
        await put(connection, ticket)
    async with transaction(loaded, caller) as connection:
        assert (await connection.fetchval(ACCEPT, ticket.id) is not None) is moves
        assert (await store.lock(connection, ticket.id) is not None) is moves


@pytest.mark.parametrize("caller", [Caller(subject="reporter"), Caller(subject="a", household=str(HOUSEHOLD))])
async def test_ones_own_matter_can_be_taken_back_or_rated_and_nothing_else(loaded: Pool, caller: Caller) -> None:
    ticket = a_ticket(household=HOUSEHOLD, reported_by="reporter")
    async with transaction(loaded, SERVICE) as connection:
        await put(connection, ticket)
    for statement in (ACCEPT, "UPDATE ticket SET escalation = 3 WHERE id = $1"):
        with pytest.raises(Forbidden):
            async with transaction(loaded, caller) as connection:
                await connection.execute(statement, ticket.id)
    for status in ("CALLED_BACK", "WITHDRAWN"):
        async with transaction(loaded, caller) as connection:
            await connection.execute("UPDATE ticket SET status = $2 WHERE id = $1", ticket.id, status)


@pytest.mark.parametrize(
    ("column", "value", "status"),
    [
        ("department", None, "SIGNED"),
        ("awaiting_reason", None, "AWAITING"),
        ("returns", 0, "RETURNED"),
        ("referred_to", None, "REFERRED_OUT"),
        ("merged_into", None, "MERGED"),
        ("station", OTHER_VILLAGE, "ACCEPTED"),
    ],
)
async def test_no_state_without_what_belongs_to_it(loaded: Pool, column: str, value: object, status: str) -> None:
    """No open matter without its owner, none that rests without a reason, none merged into nothing, none in charge of who is elsewhere."""
    ticket = a_ticket(**{"department": "water", "status": Status(status), column: value})
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        async with transaction(loaded, SERVICE) as connection:
            await put(connection, ticket)


@pytest.mark.parametrize("status", Status, ids=str)
async def test_the_owner_is_the_database_s_own(loaded: Pool, status: Status) -> None:
    """What the domain says of whose move it is, the table makes itself, for every state and station."""
    target = a_ticket()
    async with transaction(loaded, SERVICE) as connection:
        await put(connection, target)
        for station in (VILLAGE, GRID[:9], GRID[:6]):
            merged = target.id if status == "MERGED" else None
            ticket = a_ticket(status=status, department="water", station=station, merged_into=merged)
            await put(connection, ticket)
            assert await connection.fetchval("SELECT owner FROM ticket WHERE id = $1", ticket.id) == ticket.owner
            assert await store.find(connection, ticket.id) == ticket


@pytest.mark.parametrize(
    ("caller", "columns", "opens"),
    [
        (Caller(subject="a", areas=(VILLAGE,)), {"household": HOUSEHOLD}, True),
        (Caller(subject="a", household=str(HOUSEHOLD)), {"household": HOUSEHOLD}, True),
        (Caller(subject="a"), {}, True),
        (SERVICE, {"reported_by": SERVICE.subject}, True),
        (Caller(subject="a", areas=(VILLAGE,)), {"reported_by": "b"}, False),
        (Caller(subject="a", areas=(OTHER_VILLAGE,)), {"household": HOUSEHOLD}, False),
        (Caller(subject="a", household=str(HOUSEHOLD)), {"household": OTHER_HOUSEHOLD}, False),
    ],
)
async def test_who_can_open_a_row(loaded: Pool, caller: Caller, columns: dict[str, Any], opens: bool) -> None:
    ticket = a_ticket(**{"reported_by": "a", **columns})
    async with transaction(loaded, caller) as connection:
        if opens:
            assert await store.insert(connection, ticket)
        else:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await store.insert(connection, ticket)


async def test_history_is_only_added_to_and_in_ones_own_name(loaded: Pool) -> None:
    ticket = a_ticket(reported_by="a")
    async with transaction(loaded, SERVICE) as connection:
        await put(connection, ticket)
    step = (NOON, "reported", None, "DRAFTED")
    async with transaction(loaded, Caller(subject="a")) as connection:
        await connection.execute(ADD_STEP, ticket.id, 1, *step, "a", "resident", *BARE)
    for caller, actor in ((Caller(subject="a"), "b"), (Caller(subject="b"), "b")):
        with pytest.raises(Forbidden):
            async with transaction(loaded, caller) as connection:
                await connection.execute(ADD_STEP, ticket.id, 2, *step, actor, "resident", *BARE)
    with pytest.raises(asyncpg.UniqueViolationError):
        async with transaction(loaded, SERVICE) as connection:
            await connection.execute(ADD_STEP, ticket.id, 1, *step, SERVICE.subject, "service", *BARE)
    for statement in (
        "DELETE FROM step",
        "UPDATE step SET note = 'x'",
        "DELETE FROM ticket",
        "UPDATE ticket SET title = 'x'",
        "UPDATE ticket SET reported_by = 'x'",
        "UPDATE ticket SET persons = '{}'",
        "DELETE FROM attachment",
        "UPDATE attachment SET title = 'x'",
        "TRUNCATE step",
        "ALTER TABLE ticket DISABLE ROW LEVEL SECURITY",
    ):
        with pytest.raises(Forbidden):
            async with transaction(loaded, SERVICE) as connection:
                await connection.execute(statement)


async def test_the_owner_is_fenced_in_too(loaded: Pool, database: Any) -> None:
    async with transaction(loaded, SERVICE) as connection:
        await put(connection, a_ticket())
    owner = await asyncpg.connect(database.owner_url)
    try:
        assert await owner.fetchval("SELECT count(*) FROM ticket") == 0
    finally:
        await owner.close()


async def test_only_where_the_version_still_stands(loaded: Pool) -> None:
    ticket = a_ticket(version=3)
    async with transaction(loaded, SERVICE) as connection:
        await put(connection, ticket)
        assert not await store.update(connection, ticket, was=2)
        assert await store.update(connection, ticket, was=3)
