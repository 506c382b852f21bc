"""What follows from a change of areas."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.archive.domain.area import Area, village_of
from services.archive.domain.area_change import Plan, Register, Request, Sheet, Target, holding, impact_of, plan_change
from tests.archive.changes import TOWNSHIP, change

BEGIN, DAY = date(2024, 1, 1), date(2026, 3, 1)
A, B, C = (f"{TOWNSHIP}{n}" for n in (200, 201, 202))


def world(**villages: list[list[str]]) -> Register:
    """Villages such as v200, each a list of grids, each a list of household numbers."""
    areas = [Area(TOWNSHIP, "示例镇", BEGIN)]
    sheets: list[Sheet] = []
    for name, grids in villages.items():
        village = f"{TOWNSHIP}{name[1:]}"
        areas.append(Area(village, f"示例{name}", BEGIN))
        for serial, numbers in enumerate(grids, start=1):
            areas.append(Area(f"{village}{serial:04d}", f"示例{name}网格{serial}", BEGIN))
            sheets += [
                Sheet(UUID(int=len(sheets) + n), f"{village}{serial:04d}", number, persons=2, plots=1)
                for n, number in enumerate(numbers)
            ]
    return Register({area.code: area for area in areas}, sheets)


def planned(register: Register, kind: str, former: list[str], *to: Target) -> Plan:
    return plan_change(Request(kind, DAY, "示例", tuple(former), to), register)  # type: ignore[arg-type]


def after(plan: Plan, register: Register) -> Register:
    """The register once the plan is carried out."""
    day = plan.request.changed_on
    areas = {code: replace(area, name=plan.names.get(code, area.name)) for code, area in register.areas.items()}
    areas |= {code: replace(areas[code], valid_to=day - timedelta(days=1)) for code in plan.ended}
    areas |= {area.code: area for area in plan.begun}
    numbers = {number.household: number.number for number in plan.numbers}
    sheets = [
        replace(sheet, grid=plan.grid_of(sheet), number=numbers.get(sheet.id, sheet.number))
        for sheet in register.sheets
    ]
    return replace(
        register, areas=areas, sheets=sheets, changed=dict(register.changed) | dict.fromkeys(plan.codes, day)
    )


@given(st.data())
def test_no_household_is_lost_or_in_two_places_whatever_is_done(data: st.DataObject) -> None:
    register = world(v200=[["1", "2"], ["3"]], v201=[["1", "3"], []], v202=[["2", "1-2"]])
    before = {sheet.id for sheet in register.sheets}
    for step in range(data.draw(st.integers(1, 8))):
        request = change(data.draw, register.areas, register.sheets, DAY + timedelta(days=step))
        plan = plan_change(request, register)
        impact = impact_of(plan, register)
        moved = sum(plan.grid_of(sheet) != sheet.grid for sheet in register.sheets)
        assert impact.households == moved
        assert impact.persons == 2 * moved
        assert sum(way.households for way in impact.moves if len(way.predecessor) == 16) == moved
        assert {edge[0] for edge in plan.edges} >= set(plan.ended)
        assert {edge[1] for edge in plan.edges} >= {area.code for area in plan.begun}
        known = register.areas.keys()
        register = after(plan, register)
        assert known.isdisjoint(area.code for area in plan.begun), "no code is given again"
        assert {sheet.id for sheet in register.sheets} == before
        for sheet in register.sheets:
            assert register.areas[sheet.grid].valid_to is None
            assert register.areas[village_of(sheet.grid)].valid_to is None
        numbers = Counter((village_of(sheet.grid), sheet.number) for sheet in register.sheets)
        assert set(numbers.values()) <= {1}


def test_whoever_stays_or_was_named_first_keeps_the_number() -> None:
    register = world(v200=[["1", "1-2"]], v201=[["1"]], v202=[["1", "1-3"]])
    plan = planned(register, "MERGE", [B, C, A], Target(A))
    assert [(number.grid, number.former, number.number) for number in plan.numbers] == [
        (f"{A}0002", "1", "1-4"),
        (f"{A}0003", "1", "1-5"),
    ]
    plan = planned(register, "MERGE", [B, A], Target(f"{TOWNSHIP}300", "示例"))
    assert [(number.grid, number.number) for number in plan.numbers] == [(f"{TOWNSHIP}3000002", "1-3")]


def test_a_closed_sheet_goes_along_and_needs_no_number() -> None:
    register = world(v200=[["1"]], v201=[["1"]])
    register = replace(register, sheets=[replace(sheet, open=sheet.grid.startswith(A)) for sheet in register.sheets])
    plan = planned(register, "MERGE", [A, B], Target(A))
    assert plan.numbers == ()
    assert plan.grid_of(register.sheets[1]) == f"{A}0002"
    assert impact_of(plan, register).households == 0


def test_a_grid_keeps_its_serial_where_the_village_never_had_that() -> None:
    register = world(v200=[[], []], v201=[[], [], []])
    ended = replace(register.areas[f"{A}0002"], valid_to=date(2025, 1, 1))
    register = replace(register, areas=dict(register.areas) | {ended.code: ended})
    plan = planned(register, "MERGE", [B, A], Target(A))
    assert plan.ways == {
        B: A,
        A: A,
        f"{B}0001": f"{A}0003",
        f"{B}0002": f"{A}0004",
        f"{B}0003": f"{A}0005",
        f"{A}0001": f"{A}0001",
    }
    plan = planned(register, "SPLIT", [B], Target(B), Target(C, "示例", grids=(f"{B}0003",)))
    assert plan.ways[f"{B}0003"] == f"{C}0003"


def test_a_code_that_an_undone_change_began_is_free_again() -> None:
    register = world(v200=[[]])
    gone = Area(C, "示例", DAY, DAY - timedelta(days=1))
    plan = planned(replace(register, areas=dict(register.areas) | {C: gone}), "MOVE", [A], Target(C))
    assert [area.code for area in plan.begun] == [C, f"{C}0001"]


def test_the_villages_own_plots_go_as_they_are_named() -> None:
    register = replace(world(v200=[[], []]), plots={"1": A, "2": A})
    plan = planned(register, "SPLIT", [A], Target(A), Target(C, "示例", grids=(f"{A}0002",), plots=("2",)))
    assert plan.plots == {"2": C}
    assert impact_of(plan, register).plots == 1
    assert impact_of(planned(register, "MOVE", [A], Target(C)), register).plots == 2


def test_a_worker_of_both_grids_counts_once() -> None:
    workers = {f"{A}0001": frozenset({"one", "two"}), f"{A}0002": frozenset({"one"})}
    register = replace(world(v200=[[], []]), workers=workers)
    impact = impact_of(planned(register, "MOVE", [A], Target(C)), register)
    assert impact.grid_workers == 2
    assert [(area.code, area.grid_workers) for area in impact.areas if area.fate == "BEGUN"] == [
        (C, 2),
        (f"{C}0001", 2),
        (f"{C}0002", 1),
    ]


def test_the_smallest_division_that_holds_all() -> None:
    assert holding([f"{A}0001"]) == f"{A}0001"
    assert holding([A, f"{A}0001"]) == A
    assert holding([A, B]) == TOWNSHIP
    assert holding([A, "339999101200"]) == "339999"
