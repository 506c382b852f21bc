"""A model of matters, made from the tests' own table of the way, and a machine that plays random moves of random people on both: on the model
and, by the real commands, on a real database.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.chassis.clock import FixedClock
from services.chassis.commands import Command, Doing
from services.chassis.db import Connection, Pool, transaction
from services.chassis.errors import Forbidden, Problem
from services.chassis.principal import Principal
from services.tickets.commands import moves, report
from services.tickets.domain.access import reach
from tests.tickets.clock_checks import clocks_follow
from tests.tickets.matters import (
    COUNTY,
    ENDS,
    GRID,
    HANDLERS,
    HOUSEHOLD,
    LEGAL,
    MAY,
    OFFICERS,
    OPEN,
    OTHER_VILLAGE,
    SERVICE,
    STAFF,
    TOWNSHIP,
    VILLAGE,
    WAYS,
    WITH_DEPARTMENT,
    given_for,
)
from tests.tickets.matters import (
    report as reported,
)

T = TypeVar("T")
COMMANDS: dict[str, Command] = {command.name: command for command in (report.COMMAND, *moves.COMMANDS)}
PAST = {deed.name: deed.past for deed, *_ in moves.MOVES}
DEEDS = tuple(deed for deed in WAYS if deed in PAST)
DEPARTMENTS = ("agriculture", "water")


def somebody(
    subject: str, role: str, *areas: str, department: str | None = None, household: UUID | None = None
) -> Principal:
    return Principal(subject, None, frozenset({role}), areas, department, None if household is None else str(household))


PEOPLE = (
    somebody("cadre", "village_cadre", VILLAGE),
    somebody("cadre-elsewhere", "village_cadre", OTHER_VILLAGE),
    somebody("clerk", "township_clerk", TOWNSHIP),
    somebody("admin", "city_admin", COUNTY),
    somebody("agent", "hotline_agent", COUNTY),
    somebody("worker", "grid_worker", GRID),
    somebody("mediator", "mediator", VILLAGE),
    *(somebody(f"officer-{code}", "department_officer", COUNTY, department=code) for code in DEPARTMENTS),
    somebody("reporter", "resident"),
    somebody("family", "resident", household=HOUSEHOLD),
    somebody("stranger", "resident"),
    somebody("auditor", "auditor", COUNTY),
)
BY_SUBJECT = {one.subject: one for one in PEOPLE}


@dataclass
class Matter:
    """What the model knows of a ticket; `history` has (deed in the past tense, state before, state after, actor)."""

    key: UUID
    household: UUID | None
    reporter: str
    status: str = "DRAFTED"
    station: str = VILLAGE
    department: str | None = None
    assignee: str | None = None
    returns: int = 0
    ruled: bool = False
    reopened: bool = False
    said: str | None = None
    superior: str | None = None
    escalation: int = 0
    into: UUID | None = None
    history: list[tuple[str, str | None, str, str]] = field(default_factory=list)

    @property
    def owner(self) -> str:
        return f"department/{self.department}" if self.status in WITH_DEPARTMENT else f"area/{self.station}"

    def seen_by(self, one: Principal) -> bool:
        (role,) = one.roles
        if one.subject == self.reporter or (
            role == "resident" and self.household and one.household == str(self.household)
        ):
            return True
        if role in OFFICERS:
            return one.covers(GRID) and one.department == self.department
        return role != "resident" and one.covers(GRID)

    def may(self, deed: str, one: Principal) -> bool:
        (role,) = one.roles
        own = deed == "withdrawTicket" and one.subject == self.reporter
        asked = deed == "callBackTicket" and role == "resident" and self.seen_by(one)
        return own or asked or (role in MAY[deed] and self.in_charge(deed, role, one))

    def in_charge(self, deed: str, role: str, one: Principal) -> bool:
        if deed == "assignTicket" and (role in OFFICERS) != (self.status in WITH_DEPARTMENT):
            return False
        if role in OFFICERS:
            return self.seen_by(one)
        if deed == "rateTicket" and role == "township_clerk":
            return any(self.station.startswith(area) and self.station != area for area in one.areas)
        return one.covers(self.station if role in HANDLERS else GRID)

    def forbidden(self, deed: str) -> str | None:
        """The rule that stands against the deed beside the state."""
        unhappy = "DISSATISFIED" in (self.said, self.superior)
        rules = {
            "dispatchTicket": (self.status == "RETURNED" and self.returns >= 2, "ticket.returned_twice"),
            "returnTicket": (self.ruled, "ticket.ruled"),
            "closeTicket": (unhappy and not self.reopened, "ticket.reopen_first"),
            "reopenTicket": (
                self.reopened or not unhappy,
                "ticket.reopened_once" if self.reopened else "ticket.dissatisfied",
            ),
        }
        broken, name = rules.get(deed, (False, ""))
        return name if broken else None

    def expected(self, deed: str, one: Principal, given: dict[str, Any], others: dict[UUID, "Matter"]) -> str | None:
        """The code of the error, and its rule where it has one; None where the deed goes through."""
        return next(self.refusals(deed, one, given, others), None)

    def refusals(self, deed: str, one: Principal, given: dict[str, Any], others: dict[UUID, "Matter"]) -> Iterator[str]:
        """Why not, in the order in which it is asked."""
        ever = MAY[deed] | {"withdrawTicket": STAFF | {"resident"}, "callBackTicket": {"resident"}}.get(
            deed, frozenset()
        )
        if one.roles.isdisjoint(ever):
            yield "FORBIDDEN"
        if deed == "mergeTicket":
            target = others[UUID(given["into"])]
            if target is self or not target.seen_by(one) or target.status not in OPEN:
                yield "INVALID_INPUT"
        if not self.seen_by(one):
            yield "NOT_FOUND"
        if not self.may(deed, one):
            yield "FORBIDDEN"
        if (deed, self.status) not in LEGAL:
            yield "ILLEGAL_TRANSITION"
        if (broken := self.forbidden(deed)) is not None:
            yield f"ILLEGAL_TRANSITION {broken}"
        same = given.get("departmentCode") == self.department and given.get("assignee") in (None, self.assignee)
        if (deed == "reopenTicket" and same) or (deed == "handOverTicket" and given["station"] == self.station):
            yield "INVALID_INPUT"
        if deed == "escalateTicket" and self.escalation >= 3:
            yield "CONFLICT"

    def do(self, deed: str, one: Principal, given: dict[str, Any]) -> None:
        before, self.status = self.status, LEGAL[deed, self.status]
        self.history.append((PAST[deed], before, self.status, one.subject))
        if deed in ("dispatchTicket", "ruleTicket", "reopenTicket"):
            self.ruled = deed == "ruleTicket" or (self.ruled and given["departmentCode"] == self.department)
            self.department, self.assignee = given["departmentCode"], given.get("assignee")
        match deed:
            case "startTicket":
                self.assignee = self.assignee or one.subject
            case "returnTicket":
                self.returns, self.assignee = self.returns + 1, None
            case "callBackTicket":
                self.said = given["satisfaction"]
            case "rateTicket":
                self.superior = given["satisfaction"]
            case "reopenTicket":
                self.reopened, self.said, self.superior = True, None, None
            case "mergeTicket":
                self.into = UUID(given["into"])
            case "assignTicket":
                self.assignee = given["assignee"]
            case "handOverTicket":
                self.station, self.assignee = given["station"], None
            case "escalateTicket":
                self.escalation += 1


Check = Callable[[Connection, Matter], Awaitable[None]]


async def as_modelled(connection: Connection, matter: Matter) -> None:
    """Row and history are the model's: states, one owner, versions by one without a gap."""
    row = await connection.fetchrow("SELECT * FROM ticket WHERE id = $1", matter.key)
    assert row is not None
    names = ("status", "station", "owner", "department", "assignee", "returns", "reopened", "escalation")
    assert {name: row[name] for name in names} == {name: getattr(matter, name) for name in names}
    assert (row["satisfaction"], row["superior_satisfaction"]) == (matter.said, matter.superior)
    assert ((row["ruled"] is not None), row["merged_into"]) == (matter.ruled, matter.into)
    steps = await connection.fetch("SELECT * FROM step WHERE ticket = $1 ORDER BY version", matter.key)
    assert [step["version"] for step in steps] == list(range(1, row["version"] + 1))
    assert [(step["deed"], step["from_status"], step["to_status"], step["actor"]) for step in steps] == matter.history
    assert [step["to_status"] for step in steps[:-1]] == [step["from_status"] for step in steps[1:]]


async def clocks_as_they_went(connection: Connection, matter: Matter) -> None:
    await clocks_follow(connection, matter.key)


CHECKS: list[Check] = [as_modelled, clocks_as_they_went]
"""What must hold of each matter after each move."""


class Matters(RuleBasedStateMachine):
    """The machine runs in a thread of its own; the database is spoken to on the test's loop."""

    loop: asyncio.AbstractEventLoop
    pool: Pool
    clock: FixedClock

    def __init__(self) -> None:
        super().__init__()
        self.matters: dict[UUID, Matter] = {}
        self.moved: set[UUID] = set()

    def run_there(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    @initialize()
    def two_matters(self) -> None:
        self.open("reporter", None)
        self.open("family", HOUSEHOLD)

    @rule(subject=st.sampled_from(("worker", "agent")))
    def another(self, subject: str) -> None:
        if len(self.matters) < 4:
            self.open(subject, HOUSEHOLD)

    def open(self, subject: str, household: UUID | None) -> None:
        one = BY_SUBJECT[subject]
        given = reported(householdId=None if household is None else str(household), category="other")
        key = UUID(self.run_there(self.perform(COMMANDS["reportTicket"], one, given)))
        self.matters[key] = Matter(key, household, one.subject, history=[("reported", None, "DRAFTED", one.subject)])
        self.moved.add(key)

    async def perform(self, command: Command, one: Principal, given: dict[str, Any]) -> str:
        if not one.has(command.roles):
            raise Forbidden(command.name)
        async with transaction(self.pool, reach(one)) as connection:
            return await command.run(
                Doing(connection, one, self.clock), msgspec.convert(given, command.input, strict=False)
            )

    def draw_matter(self, draw: Callable[..., Any]) -> Matter:
        place: int = draw(st.integers(0, len(self.matters) - 1))
        return list(self.matters.values())[place]

    def draw_input(self, draw: Callable[..., Any], deed: str, matter: Matter) -> dict[str, Any]:
        given = given_for(deed, matter.key)
        if deed in ("dispatchTicket", "ruleTicket", "reopenTicket"):
            given["departmentCode"] = draw(st.sampled_from(DEPARTMENTS))
            given["assignee"] = draw(st.sampled_from((None, "a", "b")))
        if deed == "assignTicket":
            given["assignee"] = draw(st.sampled_from((None, "a", "b")))
        if deed in ("callBackTicket", "rateTicket"):
            given["satisfaction"] = draw(st.sampled_from(("DISSATISFIED", "SATISFIED")))
        if deed == "mergeTicket":
            given["into"] = str(self.draw_matter(draw).key)
        if deed == "handOverTicket":
            given["station"] = draw(st.sampled_from((VILLAGE, TOWNSHIP, COUNTY)))
        if deed == "suspendTicket":
            given["until"] = (self.clock.now() + timedelta(days=2)).isoformat()
        return given

    def attempt(self, deed: str, one: Principal, matter: Matter, given: dict[str, Any]) -> None:
        expected = matter.expected(deed, one, given, self.matters)
        self.clock.instant += timedelta(minutes=1)
        found: str | None = None
        detail = ""
        try:
            self.run_there(self.perform(COMMANDS[deed], one, given))
        except Problem as problem:
            rule_ = problem.extra.get("rule") if problem.code == "ILLEGAL_TRANSITION" else None
            found, detail = " ".join(filter(None, (problem.code, rule_))), problem.detail
        assert found == expected, (deed, one.subject, matter, detail)
        if found is None:
            matter.do(deed, one, given)
            self.moved.add(matter.key)

    @rule(data=st.data(), deed=st.sampled_from(DEEDS), one=st.sampled_from(PEOPLE))
    def any_move(self, data: st.DataObject, deed: str, one: Principal) -> None:
        matter = self.draw_matter(data.draw)
        self.attempt(deed, one, matter, self.draw_input(data.draw, deed, matter))

    @rule(data=st.data(), moves_=st.integers(1, 8), ends=st.integers(0, 9))
    def a_matter_goes_on(self, data: st.DataObject, moves_: int, ends: int) -> None:
        """Moves that the model holds for possible, most of them to another state, few to an end but the last; and those that only a
        condition forbids.
        """
        matter = self.draw_matter(data.draw)
        for _ in range(moves_):
            ways = [deed for deed in DEEDS if (deed, matter.status) in LEGAL]
            deeds = [deed for deed in ways if matter.forbidden(deed) is None]
            for barred in (deed for deed in ways if deed not in deeds):
                one = next(one for one in PEOPLE if matter.may(barred, one) and matter.seen_by(one))
                self.attempt(barred, one, matter, self.draw_input(data.draw, barred, matter))
            going = [deed for deed in deeds if LEGAL[deed, matter.status] not in ENDS[1:]]
            onward = [deed for deed in going if LEGAL[deed, matter.status] != matter.status]
            if not onward:
                return
            deed = data.draw(st.sampled_from(onward * 3 + (going if ends else deeds)))
            one = data.draw(st.sampled_from([one for one in PEOPLE if matter.may(deed, one) and matter.seen_by(one)]))
            self.attempt(deed, one, matter, self.draw_input(data.draw, deed, matter))
            self.what_moved_is_as_it_should_be()

    @invariant()
    def what_moved_is_as_it_should_be(self) -> None:
        self.run_there(self.check())

    async def check(self) -> None:
        async with transaction(self.pool, SERVICE) as connection:
            for key in self.moved:
                for check in CHECKS:
                    await check(connection, self.matters[key])
        self.moved.clear()
