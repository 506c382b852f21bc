"""Who may do what: roles × deeds over HTTP, reporting, and the two fences against each other."""

from collections.abc import Iterator
from itertools import combinations, product
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.chassis.db import transaction
from services.chassis.errors import Forbidden, NotFound
from services.chassis.principal import Caller, Principal
from services.tickets.domain.access import reach, reporting_role, role_for, sees
from services.tickets.domain.ticket import CLOSE, MOVES, SIGN
from tests.tickets.matters import (
    COUNTY,
    GRID,
    HOUSEHOLD,
    MAY,
    OTHER_HOUSEHOLD,
    OTHER_VILLAGE,
    PATH,
    ROLES,
    SELECT,
    SERVICE,
    STAFF,
    VILLAGE,
    Tickets,
    a_ticket,
    given_for,
    put,
    report,
)


async def test_roles_by_deeds(tickets: Tickets) -> None:
    """Each role in its reach: its own deeds go through, all others are FORBIDDEN and change nothing."""
    wrong = []
    for role in ROLES:
        client = tickets.as_(role, household=str(HOUSEHOLD))
        for deed, _, before, after in PATH:
            key = await tickets.have(before, household=HOUSEHOLD)
            status, answer = await client.command(deed, given_for(deed, key), SELECT)
            expected = (200, after) if role in MAY[deed] else (403, "FORBIDDEN")
            if (status, answer.get("status" if status == 200 else "code")) != expected:
                wrong.append((role, deed, status, answer))
    assert not wrong
    allowed = sum(len(roles) for roles in MAY.values())
    assert await tickets.count("step") == await tickets.count("outbox") == allowed


@pytest.mark.parametrize(
    ("role", "deed", "claims"),
    [(role, deed, {"areas": [OTHER_VILLAGE]}) for deed, roles in MAY.items() for role in sorted(roles)]
    + [(role, deed, {"areas": []}) for deed, roles in MAY.items() for role in sorted(roles)]
    + [("department_officer", "signTicket", {"department": "water"}), ("department_officer", "resolveTicket", {})],
)
def test_out_of_reach_nothing_is_found(role: str, deed: str, claims: dict[str, Any]) -> None:
    declared = next(move for move in MOVES if move.name == deed)
    ticket = a_ticket(department="agriculture" if claims else "water")
    principal = Tickets.principal(role, **{**claims, "areas": tuple(claims.get("areas", (VILLAGE,)))})
    with pytest.raises(NotFound):
        role_for(declared, principal, ticket)


async def test_out_of_reach_over_http_is_not_found_and_changes_nothing(tickets: Tickets) -> None:
    drafted, dispatched = await tickets.have(), await tickets.have("DISPATCHED")
    asked = [
        (tickets.as_("village_cadre", areas=[OTHER_VILLAGE]), "acceptTicket", drafted),
        (tickets.as_("village_cadre"), "acceptTicket", uuid4()),
        (tickets.as_("department_officer", department="water"), "signTicket", dispatched),
        (tickets.as_("department_officer", areas=[OTHER_VILLAGE]), "signTicket", dispatched),
        (tickets.as_("department_officer", department=None), "signTicket", dispatched),
        (tickets.as_("department_officer"), "signTicket", drafted),
    ]
    for client, deed, key in asked:
        status, problem = await client.command(deed, given_for(deed, key), SELECT)
        assert (status, problem["code"]) == (404, "NOT_FOUND")
        read = await client.read("ticket", {"id": str(key)}, SELECT)
        assert (read[0], read[1]["code"]) == (404, "NOT_FOUND")
    assert await tickets.count("step") == await tickets.count("client_key") == 0


async def test_who_may_report(tickets: Tickets) -> None:
    select: list[Any] = [["h", "history", None, [["r", "actorRole"]]]]
    for role in ROLES:
        status, answer = await tickets.as_(role).command("reportTicket", report(), select)
        expected = (200, [{"r": role}]) if role in STAFF | {"resident"} else (403, "FORBIDDEN")
        assert (status, answer.get("h", answer.get("code"))) == expected


async def test_staff_report_in_their_areas_only(tickets: Tickets) -> None:
    worker = tickets.as_("grid_worker", areas=[GRID])
    for area, status in ((GRID, 200), (VILLAGE, 404), (OTHER_VILLAGE, 404)):
        assert (await worker.command("reportTicket", report(areaCode=area), SELECT))[0] == status


async def test_residents_report_anywhere_for_their_own_household_or_none(tickets: Tickets) -> None:
    resident = tickets.as_("resident", household=str(HOUSEHOLD))
    for household, expected in ((str(HOUSEHOLD), 200), (None, 200), (str(OTHER_HOUSEHOLD), 403)):
        status, answer = await resident.command(
            "reportTicket", report(householdId=household, areaCode=OTHER_VILLAGE), SELECT
        )
        assert status == expected, answer
    status, problem = await resident.command("reportTicket", report(source="HOTLINE"), SELECT)
    assert (status, problem["field"], problem["rule"]) == (422, "source", "role.source")
    assert (await tickets.as_("resident").command("reportTicket", report(householdId=str(HOUSEHOLD)), SELECT))[0] == 403
    assert await tickets.count("ticket") == 2


async def test_residents_read_what_is_theirs(tickets: Tickets) -> None:
    own = await tickets.have(reported_by="example-resident")
    family = await tickets.have(household=HOUSEHOLD)
    await tickets.have(household=OTHER_HOUSEHOLD)
    await tickets.have()
    resident = tickets.as_("resident", household=str(HOUSEHOLD))
    page: list[Any] = [["edges", "edges", None, [["node", "node", None, [["key", "key"]]]]]]
    _, answer = await resident.read("tickets", {}, page)
    assert {UUID(edge["node"]["key"]) for edge in answer["edges"]} == {own, family}
    _, answer = await resident.read("ticketsByHousehold", {"keys": [str(HOUSEHOLD), str(OTHER_HOUSEHOLD)]}, SELECT)
    assert [[UUID(ticket["key"]) for ticket in tickets_] for tickets_ in answer] == [[family], []]


def test_who_is_both_acts_as_staff_where_staff() -> None:
    both = Principal("a", roles=frozenset({"resident", "grid_worker"}), areas=(GRID,), household=str(HOUSEHOLD))
    assert reporting_role(both, GRID, OTHER_HOUSEHOLD) == "grid_worker"
    assert reporting_role(both, OTHER_VILLAGE, HOUSEHOLD) == "resident"
    with pytest.raises(Forbidden):
        reporting_role(both, OTHER_VILLAGE, OTHER_HOUSEHOLD)


def test_who_reported_from_elsewhere_reads_but_does_not_handle() -> None:
    moved_away = Principal("a", roles=frozenset({"village_cadre"}), areas=(OTHER_VILLAGE,))
    ticket = a_ticket(reported_by="a")
    assert sees(moved_away, ticket)
    with pytest.raises(Forbidden):
        role_for(CLOSE, moved_away, ticket)


def test_an_officer_who_is_staff_too_signs_only_for_their_department() -> None:
    both = Principal(
        "a", roles=frozenset({"city_admin", "department_officer"}), areas=(COUNTY,), department="agriculture"
    )
    assert role_for(SIGN, both, a_ticket(department="agriculture")) == "department_officer"
    with pytest.raises(Forbidden):
        role_for(SIGN, both, a_ticket(department="water"))


def test_claims_that_count_for_nothing() -> None:
    assert reach(Principal("a", areas=(COUNTY,), department="water", household=str(HOUSEHOLD))).setting == (
        '{"subject":"a"}'
    )
    assert reach(Principal("a", roles=frozenset({"resident"}), household="no uuid")).setting == '{"subject":"a"}'
    assert reach(Principal("a", roles=frozenset({"department_officer"}), areas=(COUNTY,))).areas == ()


def everybody() -> Iterator[Principal]:
    """Callers with every mixture of roles that differ here and of claims."""
    kinds = ("resident", "village_cadre", "auditor", "department_officer")
    mixtures = (frozenset(roles) for n in range(len(kinds) + 1) for roles in combinations(kinds, n))
    areas = ((), (COUNTY,), (GRID,), (OTHER_VILLAGE,), (OTHER_VILLAGE, GRID))
    households = (None, str(HOUSEHOLD), str(OTHER_HOUSEHOLD))
    for values in product(("a", "b"), (None,), mixtures, areas, (None, "agriculture", "water"), households):
        yield Principal(*values)


async def test_both_fences_let_the_same_through(tickets: Tickets) -> None:
    """Every ticket of a small world is read by the database exactly where the domain says that the caller sees it."""
    world = [
        a_ticket(area=area, department=department, household=household, reported_by=reporter)
        for area in (GRID, VILLAGE, OTHER_VILLAGE)
        for department in (None, "agriculture")
        for household in (None, HOUSEHOLD)
        for reporter in ("a", "c")
    ]
    async with transaction(tickets.pool, SERVICE) as connection:
        for ticket in world:
            await put(connection, ticket)
    read: dict[Caller, set[UUID]] = {}
    for principal in everybody():
        caller = reach(principal)
        if caller not in read:
            async with transaction(tickets.pool, caller) as connection:
                read[caller] = {row["id"] for row in await connection.fetch("SELECT id FROM ticket")}
        assert read[caller] == {ticket.id for ticket in world if sees(principal, ticket)}, principal
    assert len(read) > 50
