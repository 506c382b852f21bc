"""The report on a village's plots: planted faults are found, others are not, and it does not matter which way round one looks."""

import base64
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench import plots as bench
from bench.ground import land
from services.chassis.db import prepare_connection
from tests.archive.conftest import VILLAGE, Archive
from tests.archive.plots import command, record, square
from tests.conftest import MakeDatabase

CODE = [["code", "code"]]
SELECT = [
    ["overlaps", "overlaps", None, [["mu", "mu"], ["shape", "shape"], ["a", "a", None, CODE], ["b", "b", None, CODE]]],
    ["gaps", "gaps", None, [["mu", "mu"], ["plots", "plots", None, CODE]]],
    [
        *("neighbours", "neighbours", None),
        [
            ["kind", "kind"],
            ["side", "side"],
            ["words", "words"],
            ["plot", "plot", None, CODE],
            ["others", "others", None, CODE],
        ],
    ],
]


async def report(archive: Archive, **args: Any) -> Any:
    status, answer = await archive.as_("cadre").read("villagePlotReport", {"code": VILLAGE, **args}, SELECT)
    assert status == 200, answer
    return answer


def neighbours(answer: Any) -> list[tuple[str, ...]]:
    return sorted(
        (one["kind"], one["plot"]["code"][-1], one["side"], "".join(other["code"][-1] for other in one["others"]))
        for one in answer["neighbours"]
    )


async def test_what_covers_the_same_ground(archive: Archive) -> None:
    await record(archive, 1, shape=square(0, 0), effectiveOn="2025-01-01")
    reaching = await record(archive, 2, holder=2, shape=square(0.9, 0), effectiveOn="2025-02-01")
    await record(archive, 3, holder=None, shape=square(0, 1), effectiveOn="2025-01-01")
    (overlap,) = (await report(archive))["overlaps"]
    assert (overlap["a"]["code"][-1], overlap["b"]["code"][-1], overlap["mu"]) == ("1", "2", 0.15)
    assert overlap["shape"]["type"] == "Polygon"
    assert (await report(archive, overlapMu=0.2))["overlaps"] == []
    assert (await report(archive, asOf="2025-01-31"))["overlaps"] == []
    assert len((await report(archive, asOf="2025-02-01"))["overlaps"]) == 1
    assert (await report(archive, asOf="2025-02-01", knownAt="2025-03-01T00:00:00Z"))["overlaps"] == []
    await command(archive, "revisePlot", id=reaching["key"], version=1, shape=square(1, 0))
    assert (await report(archive))["overlaps"] == []


async def test_ground_that_is_nobodys(archive: Archive) -> None:
    """A strip of 0.9 m between 1 and 2, a hole of 8 m by 33 m amid 1, 3, 4 and 5, and a road of 6 m beside 6, which is none."""
    await record(archive, 1, shape=square(0, 0))
    await record(archive, 2, holder=2, shape=square(1.03, 0))
    await record(archive, 3, holder=3, shape=square(0, 1, width=0.5))
    await record(archive, 4, holder=4, shape=square(0.77, 1, width=0.5))
    await record(archive, 5, holder=5, shape=square(0, 2, width=1.27))
    await record(archive, 6, holder=6, shape=square(2.25, 0))

    async def gaps(**limits: float) -> dict[str, float]:
        return {
            "".join(plot["code"][-1] for plot in gap["plots"]): gap["mu"]
            for gap in (await report(archive, **limits))["gaps"]
        }

    assert await gaps() == {"1345": pytest.approx(0.39, abs=0.01), "124": pytest.approx(0.044, abs=0.001)}
    assert (await gaps(gapMetres=0.5)).keys() == {"1345"}
    assert (await gaps(gapToMu=0.3)).keys() == {"124"}
    assert (await gaps(gapFromMu=0.1)).keys() == {"1345"}


WORDS: list[tuple[str, str, list[tuple[str, ...]]]] = [
    ("示例乙一", "示例甲一", []),
    ("示例乙二的田", "示例甲三家", []),
    (f"{VILLAGE}0100002", f"{VILLAGE}0100001", []),
    ("示例田2号", "示例田1号", []),
    ("与示例乙一 相邻", "示例 甲一", []),
    ("村道", "水渠", []),
    ("示例乙一", "水渠", [("ONE_SIDED", "1", "EAST", "2")]),
    ("村道", "示例甲一", [("ONE_SIDED", "2", "WEST", "1")]),
    ("示例乙一", "示例丙一", [("CONTRADICTION", "1", "EAST", "2"), ("ONE_SIDED", "2", "WEST", "3")]),
]
"""The eastern side of plot 1, the western of plot 2 beside it, and what the report says of them."""


async def test_four_sides_in_words(archive: Archive) -> None:
    plots = [await record(archive, n, holder=n, shape=square(n, 0) if n < 3 else None) for n in (1, 2, 3)]
    for east_of_1, west_of_2, expected in WORDS:
        for plot, side in ((plots[0], {"east": east_of_1}), (plots[1], {"west": west_of_2})):
            now = (await archive.as_("cadre").read("plot", {"id": plot["key"]}, [["version", "version"]]))[1]["version"]
            status, problem = await command(archive, "revisePlot", id=plot["key"], version=now, **side)
            assert status == 200, problem
        assert neighbours(await report(archive)) == expected, (east_of_1, west_of_2)
        assert neighbours(await report(archive, asOf="2999-01-01")) == expected, (east_of_1, west_of_2)


async def test_a_wrong_side_is_a_contradiction_and_a_far_plot_is_not_meant(archive: Archive) -> None:
    await record(archive, 1, shape=square(0, 0), east="示例乙一")
    await record(archive, 2, holder=2, shape=square(1, 0), east="示例甲一")
    await record(archive, 3, holder=2, shape=square(30, 30), west="示例甲一")
    assert neighbours(await report(archive)) == [
        ("CONTRADICTION", "1", "EAST", "2"),
        ("CONTRADICTION", "2", "EAST", "1"),
        ("CONTRADICTION", "3", "WEST", "1"),
    ]


async def test_where_a_shape_is_missing_words_alone_count(archive: Archive) -> None:
    await record(archive, 1, shape=square(0, 0), east="示例乙一", west="村道")
    await record(archive, 2, holder=2, west="示例甲一")
    await record(archive, 3, holder=2, shape=square(0, 1))
    assert neighbours(await report(archive)) == []


async def test_the_longest_name_counts(archive: Archive) -> None:
    """甲 is part of 甲二; words that name the longer one do not name the shorter."""
    await record(archive, 1, shape=square(0, 0), name="大塘", east="大塘边")
    await record(archive, 2, holder=2, shape=square(1, 0), name="大塘边", west="大塘")
    assert neighbours(await report(archive)) == []


async def test_the_village_itself_is_a_neighbour(archive: Archive) -> None:
    await record(archive, 1, shape=square(0, 0), east="村集体")
    await record(archive, 2, holder=None, shape=square(1, 0), west="示例甲一")
    assert neighbours(await report(archive)) == []


async def test_who_may_ask(archive: Archive) -> None:
    async def code(account: str, **args: Any) -> str:
        return str((await archive.as_(account).read("villagePlotReport", {"code": VILLAGE, **args}, SELECT))[1]["code"])

    for account in ("resident", "officer", "grid-worker"):
        assert await code(account) == "FORBIDDEN"
    assert await code("cadre", code="99") == "UNKNOWN_AREA"
    assert await code("cadre", code="3399991002000001") == "INVALID_INPUT"
    assert await code("cadre", gapMetres=-1) == "INVALID_INPUT"
    assert await code("cadre", overlapMu="much") == "INVALID_INPUT"
    assert await code("cadre", width=3) == "INVALID_INPUT"


async def test_pages_of_plots(archive: Archive) -> None:
    for serial, holder in ((1, 1), (2, 5), (3, None), (4, 2)):
        await record(archive, serial, holder=holder, category="99" if holder is None else "10")

    async def codes(account: str, **args: Any) -> list[str]:
        page = [["edges", "edges", None, [["node", "node", None, CODE]]]]
        status, answer = await archive.as_(account).read("plots", args, page)
        assert status == 200, answer
        return [edge["node"]["code"][-1] for edge in answer["edges"]]

    assert await codes("cadre", area=VILLAGE) == ["3", "1", "4", "2"]
    assert await codes("cadre", area=VILLAGE, common=True) == ["3"]
    assert await codes("cadre", area=VILLAGE, category="10", common=False) == ["1", "4", "2"]
    assert await codes("cadre", area=VILLAGE, disputed=True) == []
    assert await codes("grid-worker", area=VILLAGE) == ["1", "4"]
    assert (await archive.as_("resident").read("plots", {"area": VILLAGE}, CODE))[1]["code"] == "FORBIDDEN"
    assert (await archive.as_("cadre").read("plots", {"area": VILLAGE, "category": "1"}, CODE))[1][
        "code"
    ] == "INVALID_INPUT"


HEADS = {1: "示例甲一", 2: "示例乙一", 3: "示例丙一", 4: "示例丁一", None: "村集体"}
HOLDERS = [1, 2, 1, 3, None, 4, 2, None]
SIDES = ("EAST", "SOUTH", "WEST", "NORTH")
OPPOSITE = {"EAST": "WEST", "WEST": "EAST", "NORTH": "SOUTH", "SOUTH": "NORTH"}
CALLED = {
    "村道": set(),
    **{name: {n for n, one in enumerate(HOLDERS) if one == holder} for holder, name in HEADS.items()},
    **{f"示例田{n}号": {n} for n in range(len(HOLDERS))},
}
"""Words → the plots that they name, by serial."""
Words = list[tuple[str, str, str, str]]


def expected(words: Words) -> set[tuple[str, int, str, tuple[int, ...]]]:
    """What the report must find, said in another way. Plots 0 and 1, 2 and 3 … lie side by side, the pairs far apart."""
    meant = {}
    for n, sides in enumerate(words):
        for side, text in zip(SIDES, sides, strict=True):
            named = CALLED[text] - {n}
            meant[n, side] = named & {n ^ 1} or named
    found = set()
    for (n, side), named in meant.items():
        if named and not any(n in meant[other, OPPOSITE[side]] for other in named):
            denied = all(meant[o, OPPOSITE[side]] or any(n in meant[o, any_side] for any_side in SIDES) for o in named)
            found.add(("CONTRADICTION" if denied else "ONE_SIDED", n, side, tuple(sorted(named))))
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.tuples(*[st.sampled_from(sorted(CALLED))] * 4), min_size=len(HOLDERS), max_size=len(HOLDERS)))
async def test_neighbours_agree_or_are_reported_from_wherever_one_looks(archive: Archive, words: Words) -> None:
    if not await archive.admin.fetchval("SELECT EXISTS (SELECT FROM plot)"):
        for n, holder in enumerate(HOLDERS):
            await record(archive, n + 1, holder=holder, name=f"示例田{n}号", shape=square(10 * (n // 2) + n % 2, 0))
        await archive.admin.execute("SET jit TO off")  # as the service has it

    async def findings(turned: bool) -> set[tuple[str, int, str, tuple[int, ...]]]:
        for n, (east, south, west, north) in enumerate(words):
            sides = (west, north, east, south) if turned else (east, south, west, north)
            await archive.admin.execute(
                "UPDATE plot SET east = $2, south = $3, west = $4, north = $5 WHERE right(code, 5)::int = $1",
                n + 1,
                *sides,
            )
        serials = {
            row["id"]: int(row["code"][-5:]) - 1 for row in await archive.admin.fetch("SELECT id, code FROM plot")
        }
        return {
            (row["kind"], serials[row["plot"]], row["side"], tuple(sorted(serials[other] for other in row["others"])))
            for row in await archive.admin.fetch("SELECT * FROM village_neighbours($1, NULL, NULL)", VILLAGE)
        }

    found = await findings(turned=False)
    assert found == expected(words)
    assert {(kind, n, OPPOSITE[side], others) for kind, n, side, others in await findings(turned=True)} == found


async def test_all_that_was_planted_in_a_large_village_is_found(make_database: MakeDatabase) -> None:
    """Of 400 plots; each boundary that was moved, and each name that was changed, by a cadre's own sight."""
    made = land(3, 400, 90)
    database = await make_database("archive")
    connection = await asyncpg.connect(database.superuser_url, server_settings={"jit": "off"})
    await prepare_connection(connection)
    try:
        await connection.execute("BEGIN")
        await bench.lay(connection, made)
        await connection.execute("SET LOCAL ROLE archive_app")
        today, past, before = [await bench.ask(connection, day) for day in ("infinity", bench.DAY, "2023-01-01")]
    finally:
        await connection.close()

    def serials(*plots: Any) -> tuple[int, ...]:
        return tuple(sorted(int(base64.b64decode(plot["id"]).decode()[-12:]) for plot in plots))

    assert {serials(one["a"], one["b"]) for one in today["overlaps"]} == set(made.overlapped)
    between = [set(serials(*one["plots"])) for one in today["gaps"]]
    assert all(any(set(pair) <= plots for plots in between) for pair in made.apart)
    contradicted = {(*serials(one["plot"]), one["side"]) for one in today["neighbours"]}
    assert {(plot, "NORTH") for plot, _ in made.misnamed} <= contradicted
    assert past == today
    assert before == {"overlaps": [], "gaps": [], "neighbours": []}
