"""Who serves in the county, when they are away, and by which rules: invented but for the villages' codes, and the same for the same seed.

Nobody here exists; every name begins with 示例 (example).
"""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from random import Random
from typing import Any
from uuid import UUID

import asyncpg

from services.archive.app import HERE
from services.archive.domain.area import divisions

COUNTY = "330881"
YEAR = 2026
FIRST, LAST = date(YEAR, 1, 1), date(YEAR, 12, 31)
SINCE = date(YEAR - 1, 1, 1)
DEPARTMENTS = ("agriculture", "civil-affairs", "justice")
SPARE = 0.15
"""A department has so many more experts than there are villages, by township."""
PATTERNS = ("ROTATION", "FAIR", "WEEKDAYS")
NOTED_AT = datetime(YEAR - 1, 12, 1, tzinfo=UTC)
GATHERINGS, DIALOGUES = (UUID(f"00000000-0000-7000-8000-00000000000{n}") for n in (1, 2))


@dataclass(frozen=True)
class Filled:
    villages: int
    cadres: int
    experts: int
    leaves: int


async def fill(connection: "asyncpg.Connection[asyncpg.Record]", seed: int) -> Filled:
    """Writes it all; no rule has a roster and no series a session yet."""
    rng = Random(seed)
    codes = [area.code for area in divisions((HERE / "data" / "divisions.csv").read_text(encoding="utf-8"))]
    villages = sorted(code for code in codes if len(code) == 12 and code.startswith(COUNTY))
    pools = {village: [f"example-{village}-{n}" for n in range(1, rng.randint(5, 7) + 1)] for village in villages}
    cadres: list[tuple[Any, ...]] = [
        (subject, f"示例干部{subject[8:]}", village, village, None, SINCE)
        for village in villages
        for subject in pools[village]
    ]
    townships = Counter(village[:9] for village in villages)
    experts: list[tuple[Any, ...]] = [
        (f"example-{department}-{township}-{n}", f"示例专家{department}{n}", COUNTY, township, department, SINCE)
        for department in DEPARTMENTS
        for township, size in sorted(townships.items())
        for n in range(1, size + ceil(size * SPARE) + 1)
    ]
    leaves = [leave for subject, *_ in (*cadres, *experts) for leave in _leaves(rng, subject)]
    await _copy(connection, "area", ("code",), [(code,) for code in codes])
    await _copy(connection, "cadre", ("subject", "name", "area", "base", "department", "since"), [*cadres, *experts])
    await _copy(connection, "leave", ("id", "subject", "first", "last", "noted_by", "noted_at"), leaves)
    rules = [(village, FIRST, PATTERNS[n % len(PATTERNS)]) for n, village in enumerate(villages)]
    await _copy(connection, "duty_rule", ("area", "starts", "pattern"), rules)
    places = [
        (village, FIRST, place, subject, [place] if place <= 5 else [])
        for village, pool in pools.items()
        for place, subject in enumerate(pool, 1)
    ]
    await _copy(connection, "duty_rule_cadre", ("area", "starts", "place", "subject", "weekdays"), places)
    columns = ("id", "kind", "area", "title", "weekday", "day", "policy", "opens", "minutes", "departments", "starts")
    series = [
        (
            GATHERINGS,
            "GATHERING",
            COUNTY,
            "示例一周一集中",
            2,
            None,
            "NEXT_WORKDAY",
            time(9),
            180,
            list(DEPARTMENTS),
            FIRST,
        ),
        (DIALOGUES, "DIALOGUE", COUNTY, "示例一月一沟通", None, 15, "NEXT_WORKDAY", time(14), 120, [], FIRST),
    ]
    await _copy(connection, "series", columns, series)
    await connection.execute("ANALYZE")
    return Filled(len(villages), len(cadres), len(experts), len(leaves))


def _leaves(rng: Random, subject: str) -> list[tuple[Any, ...]]:
    """Up to three a year, of one to five days each, one a third of the year."""
    found = []
    for third in range(3):
        if rng.random() < 0.7:
            first = FIRST + timedelta(days=third * 120 + rng.randrange(115))
            last = first + timedelta(days=rng.randrange(5))
            found.append((UUID(int=rng.getrandbits(128), version=4), subject, first, last, subject, NOTED_AT))
    return found


async def _copy(
    connection: "asyncpg.Connection[asyncpg.Record]", table: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]]
) -> None:
    await connection.copy_records_to_table(table, columns=columns, records=rows)
