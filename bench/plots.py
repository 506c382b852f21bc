"""The report on a village's plots: overlaps, gaps and the four sides in words, at 3,000 plots of 800 households.

The village is invented (`ground.py`) and is there for one transaction only, which ends undone: the archive's own tables, indexes, policies and
read model, under its run-time role as a cadre of the village asks. Present and past day are measured; the past is folded from the entries.
"""

import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from bench.ground import Land, land
from bench.load import Outcome
from bench.loading import Access
from bench.report import Figures, Goal
from services.archive.views import VIEWS
from services.chassis.db import prepare_connection
from services.chassis.principal import Caller

VILLAGE = "339999900200"
GRIDS = 12
PLOTS = 3_000
HOUSEHOLDS = 800
SECONDS = 5.0
"""The goal of the whole report."""
ROUNDS = 3
OPENED = datetime(2024, 1, 1, tzinfo=UTC)
DAY = "2025-06-01"
LOOSE = {"overlap": "0.01", "width": "1", "smallest": "0.001", "largest": "0.5"}
"""The limits that are the usual ones."""
WORST = 5_000
NODE = [["id", "id"]]
SELECT = [
    ["overlaps", "overlaps", {"first": WORST}, [["mu", "mu"], ["a", "a", None, NODE], ["b", "b", None, NODE]]],
    ["gaps", "gaps", {"first": WORST}, [["mu", "mu"], ["plots", "plots", None, NODE]]],
    ["neighbours", "neighbours", {"first": WORST}, [["kind", "kind"], ["side", "side"], ["plot", "plot", None, NODE]]],
]

AREAS = """
INSERT INTO area (code, name, parent, code_scheme, source, valid_from)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::date[]) ON CONFLICT DO NOTHING
"""
HOUSEHOLD = """
INSERT INTO household (id, area_code, number, address, search_text, opened_at, revised_at)
SELECT id, grid, lpad(n::text, 4, '0'), '示例', '', $4, $4 FROM unnest($1::uuid[], $2::text[], $3::int[]) t (id, grid, n)
"""
PERSON = """
INSERT INTO person (id, area_code, household_id, relation, name, sex)
SELECT person, grid, household, '02', name, '0' FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[]) t (person, grid, household, name)
"""
MEMBERSHIP = """
INSERT INTO membership (person_id, household_id, area_code, relation)
SELECT id, household_id, area_code, relation FROM person WHERE area_code >= $1 AND area_code < $1 || ':'
"""
ENTRY = """
INSERT INTO sheet_entry (kind, key, household_id, area_code, valid_from, provenance, verified_on, patch, recorded_at, recorded_by)
SELECT 'plot', t.id, t.household, t.grid, $5::timestamptz::date, 'DOCUMENT', $5::timestamptz::date,
    t.facts || jsonb_build_object('shape', ST_SetSRID(ST_GeomFromGeoJSON(t.facts ->> 'shape'), 4490)::text), $5, 'example'
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::jsonb[]) t (id, household, grid, facts)
"""
PLOT = """
INSERT INTO plot (id, code, household_id, area_code, name, category, contract_mu, east, south, west, north, disputed, shape, sources)
SELECT id, code, household_id, area_code, name, category, contract_mu, east, south, west, north, disputed, shape, sources
FROM village_plots($1, current_date, NULL)
"""


def _id(series: int, number: int) -> UUID:
    return UUID(f"00000000-0000-7000-{series}-{number:012d}")


async def lay(connection: "asyncpg.Connection[asyncpg.Record]", made: Land) -> None:
    """Writes the village with its grids, households, heads and plots."""
    codes = [VILLAGE[:6], VILLAGE[:9], VILLAGE, *(f"{VILLAGE}{n + 1:04d}" for n in range(GRIDS))]
    parents = [None, VILLAGE[:6], VILLAGE[:9], *[VILLAGE] * GRIDS]
    same = [["example"] * len(codes), ["example (示例)"] * len(codes)]
    await connection.execute(AREAS, codes, codes, parents, *same, [OPENED.date()] * len(codes))
    households = [_id(9100, n) for n in range(len(made.holders))]
    grids = [f"{VILLAGE}{n * GRIDS // len(made.holders) + 1:04d}" for n in range(len(made.holders))]
    await connection.execute(HOUSEHOLD, households, grids, list(range(len(households))), OPENED)
    await connection.execute(PERSON, [_id(9101, n) for n in range(len(made.holders))], grids, households, made.holders)
    await connection.execute(MEMBERSHIP, VILLAGE)
    await connection.execute(
        ENTRY,
        [_id(9102, plot.serial) for plot in made.plots],
        [households[plot.holder] for plot in made.plots],
        [grids[plot.holder] for plot in made.plots],
        [
            {
                "code": f"{VILLAGE}01{plot.serial:05d}",
                "name": f"示例田{plot.serial}",
                "category": "10",
                "contract_mu": str(plot.mu),
                "disputed": False,
                "shape": {"type": "Polygon", "coordinates": [plot.ring]},
                **dict(zip(("east", "south", "west", "north"), plot.sides, strict=True)),
            }
            for plot in made.plots
        ],
        OPENED,
    )
    await connection.execute(PLOT, VILLAGE)
    for table in ("household", "person", "membership", "plot", "sheet_entry"):
        await connection.execute(f"ANALYZE {table}")


async def ask(connection: "asyncpg.Connection[asyncpg.Record]", as_of: str) -> dict[str, list[Any]]:
    """The whole report as a cadre of the village sees it on that day."""
    caller = Caller(subject="example", areas=(VILLAGE,))
    args = {"code": VILLAGE, "as_of": as_of, **LOOSE}
    answer = await VIEWS.read(connection, caller, "villagePlotReport", args, msgspec.json.encode(SELECT))
    report: dict[str, list[Any]] = msgspec.json.decode(answer)
    return report


async def measure(access: Access, seed: int) -> tuple[list[Figures], list[Goal]]:
    """Lays the village, asks a few times, and leaves nothing behind. Raises AssertionError should a planted fault not be found."""
    made = land(seed, PLOTS, HOUSEHOLDS)
    connection = await asyncpg.connect(access.url, server_settings={"jit": "off"})
    try:
        await prepare_connection(connection)
        await connection.execute("BEGIN")
        await lay(connection, made)
        await connection.execute("SET LOCAL ROLE archive_app")
        figures = []
        for name, as_of in (("report on the plots of a village, today", "infinity"), ("the same, of a past day", DAY)):
            times = []
            for _ in range(ROUNDS):
                started = time.perf_counter()
                report = await ask(connection, as_of)
                times.append((time.perf_counter() - started) * 1000)
            assert len(report["overlaps"]) == len(made.overlapped)
            assert len(report["gaps"]) >= len(made.apart)
            assert len(report["neighbours"]) >= len(made.misnamed)
            figures.append(Figures.of(name, [Outcome(sum(times) / 1000, times)]))
    finally:
        await connection.execute("ROLLBACK")
        await connection.close()
    return figures, [
        Goal(f"{row.name}, {PLOTS:,} plots, seconds", round(row.p99 / 1000, 2), "under", SECONDS) for row in figures
    ]
