"""Who may do what: roles × deeds over HTTP, reporting, and the two fences against each other."""

from collections.abc import Iterator
from functools import partial
from itertools import combinations, product
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.chassis.db import transaction
from services.chassis.errors import Forbidden, NotFound
from services.chassis.principal import Caller, Principal
from services.tickets.domain.access import acting, reach, reporting_role, role_for, sees
from services.tickets.domain.ticket import ASSIGN, CALL_BACK, CLOSE, MOVES, RATE, SIGN, WITHDRAW, Deed, Status, possible
from tests.tickets.matters import (
    COUNTY,
    GRID,
    HANDLERS,
    HOUSEHOLD,
    MAY,
    OTHER_HOUSEHOLD,
    OTHER_VILLAGE,
    PATH,
    ROLES,
    SELECT,
    SERVICE,
    STAFF,
    TOLD,
    TOWNSHIP,
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
            may = role in MAY[deed] or (deed, role) == ("callBackTicket", "resident")
            expected = (200, after) if may else (403, "FORBIDDEN")
            if (status, answer.get("status" if status == 200 else "code")) != expected:
                wrong.append((role, deed, status, answer))
    assert not wrong
    allowed = 1 + sum(len(MAY[deed]) for deed, *_ in PATH)
    assert await tickets.count("step") == await tickets.count(TOLD) == allowed


@pytest.mark.parametrize(
    ("role", "deed", "claims"),
    [
        (role, deed, {"areas": areas})
        for deed, roles in MAY.items()
        for role in sorted(roles)
        for areas in ([OTHER_VILLAGE], [])
    ]
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


@pytest.mark.parametrize("deed", MOVES, ids=lambda deed: deed.name)
def test_handlers_act_only_where_their_unit_is_in_charge(deed: Deed) -> None:
    """The village reads what was handed up to the township, but its deeds are the township's now."""
    ticket = a_ticket(status=Status.RETURNED, station=TOWNSHIP, department="agriculture")
    for role in sorted(MAY[deed.name] & HANDLERS):
        with pytest.raises(Forbidden):
            role_for(deed, Tickets.principal(role, areas=(VILLAGE,)), ticket)
        if not (deed.above and role != "city_admin"):
            assert role_for(deed, Tickets.principal(role, areas=(TOWNSHIP,)), ticket) == role


def test_a_superior_is_above_the_unit_in_charge() -> None:
    clerk = partial(Tickets.principal, "township_clerk")
    assert role_for(RATE, clerk(areas=(TOWNSHIP,)), a_ticket(status=Status.RESOLVED)) == "township_clerk"
    for areas, station in (((VILLAGE,), VILLAGE), ((TOWNSHIP,), TOWNSHIP), ((VILLAGE,), TOWNSHIP)):
        with pytest.raises(Forbidden):
            role_for(RATE, clerk(areas=areas), a_ticket(status=Status.RESOLVED, station=station))
    assert role_for(RATE, Tickets.principal("city_admin", areas=(COUNTY,)), a_ticket(station=COUNTY)) == "city_admin"


def test_whose_move_it_is_names_the_person() -> None:
    officer, cadre = Tickets.principal("department_officer"), Tickets.principal("village_cadre")
    for status, mover, other in ((Status.SIGNED, officer, cadre), (Status.RESOLVED, cadre, officer)):
        ticket = a_ticket(status=status, department="agriculture")
        assert role_for(ASSIGN, mover, ticket) in mover.roles
        with pytest.raises(Forbidden):
            role_for(ASSIGN, other, ticket)


def test_ones_own_matter() -> None:
    """Who reported it may take it back, and a resident of the household may say how it went; nobody else of them."""
    ticket = a_ticket(household=HOUSEHOLD, reported_by="a")
    reporter, family = (Principal(one, roles=frozenset({"resident"}), household=str(HOUSEHOLD)) for one in "ab")
    assert role_for(WITHDRAW, reporter, ticket) == role_for(CALL_BACK, reporter, ticket) == "resident"
    assert role_for(CALL_BACK, family, ticket) == "resident"
    with pytest.raises(Forbidden):
        role_for(WITHDRAW, family, ticket)
    agent = Principal("a", roles=frozenset({"errand_agent"}), areas=(OTHER_VILLAGE,))
    assert role_for(WITHDRAW, agent, ticket) == "errand_agent"
    with pytest.raises(Forbidden):
        role_for(CALL_BACK, agent, ticket)


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


async def test_what_a_ticket_allows_is_what_the_caller_may_do(tickets: Tickets) -> None:
    """`Ticket.allowed`, which the database answers, against the domain: roles × reach × states × conditions."""
    happened = ((False, None), (False, "DISSATISFIED"), (True, "DISSATISFIED"))
    world = [
        a_ticket(
            status=status,
            department="agriculture",
            household=HOUSEHOLD,
            reported_by="a",
            station=station,
            returns=2,
            reopened=reopened,
            satisfaction=satisfaction,
            merged_into=UUID(int=0) if status == "MERGED" else None,
        )
        for status, station, (reopened, satisfaction) in product(Status, (VILLAGE, TOWNSHIP), happened)
    ]
    async with transaction(tickets.pool, SERVICE) as connection:
        await put(connection, a_ticket(id=UUID(int=0), area=OTHER_VILLAGE))
        for ticket in world:
            await put(connection, ticket)
    callers = [
        Principal(subject, None, frozenset({role}), areas, department, household)
        for role, areas, department, household in (
            *product(sorted(HANDLERS), ((COUNTY,), (TOWNSHIP,), (VILLAGE,)), (None,), (None,)),
            *product(("grid_worker", "mediator", "auditor"), ((GRID,),), (None,), (None,)),
            *product(("department_officer",), ((COUNTY,),), ("agriculture", "water"), (None,)),
            ("resident", (), None, str(HOUSEHOLD)),
        )
        for subject in ("a", "b")
    ]
    keys = [str(ticket.id) for ticket in world]
    for principal in callers:
        _, answer = await tickets.of(principal).read("ticketsById", {"keys": keys}, [["allowed", "allowed"]])
        for ticket, found in zip(world, answer, strict=True):
            if not sees(principal, ticket):
                assert found is None
                continue
            expected = [deed.name for deed in possible(ticket) if acting(deed, principal, ticket)]
            assert found["allowed"] == expected, (principal, ticket)
