"""The rules of duty and how far each is planned."""

from dataclasses import dataclass
from datetime import date

from services.chassis.db import Connection
from services.liaison.domain.roster import Cadre, Rule

PUT = "INSERT INTO duty_rule (area, starts) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING area"
PUT_CADRES = """
INSERT INTO duty_rule_cadre (area, starts, place, subject, name)
SELECT $1, $2, place, subject, name FROM unnest($3::text[], $4::text[]) WITH ORDINALITY AS pool(subject, name, place)
"""
DUE = """
SELECT area, starts FROM duty_rule WHERE planned_until IS NULL OR planned_until < $1 ORDER BY area, starts
"""
CLAIM = """
SELECT (SELECT min(starts) - 1 FROM duty_rule later WHERE later.area = r.area AND later.starts > r.starts) AS last
FROM duty_rule r WHERE area = $1 AND starts = $2 AND (planned_until IS NULL OR planned_until < $3) FOR UPDATE
"""
CADRES = "SELECT subject, name FROM duty_rule_cadre WHERE area = $1 AND starts = $2 ORDER BY place"
PLANNED = "UPDATE duty_rule SET planned_until = $3 WHERE area = $1 AND starts = $2"
UNPLAN = "UPDATE duty_rule SET planned_until = NULL WHERE planned_until IS NOT NULL"
UNPLAN_AREA = "UPDATE duty_rule SET planned_until = NULL WHERE area = $1"


@dataclass(frozen=True)
class Due:
    """A rule that waits for its planning; `last` is its last day where a later rule follows it."""

    rule: Rule
    last: date | None


async def put(connection: Connection, rule: Rule) -> bool:
    """Adds a rule; False when the village has one from that day already. Rules of the village are due for planning then."""
    if await connection.fetchval(PUT, rule.area, rule.starts) is None:
        return False
    subjects, names = [cadre.subject for cadre in rule.pool], [cadre.name for cadre in rule.pool]
    await connection.execute(PUT_CADRES, rule.area, rule.starts, subjects, names)
    await connection.execute(UNPLAN_AREA, rule.area)
    return True


async def due(connection: Connection, until: date) -> list[tuple[str, date]]:
    """The keys of the rules that are not planned up to `until`."""
    return [(row["area"], row["starts"]) for row in await connection.fetch(DUE, until)]


async def claim(connection: Connection, area: str, starts: date, until: date) -> Due | None:
    """Locks a rule for planning; None when another worker has planned it meanwhile."""
    row = await connection.fetchrow(CLAIM, area, starts, until)
    if row is None:
        return None
    pool = tuple(Cadre(cadre["subject"], cadre["name"]) for cadre in await connection.fetch(CADRES, area, starts))
    return Due(Rule(area, starts, pool), row["last"])


async def planned(connection: Connection, rule: Rule, until: date) -> None:
    await connection.execute(PLANNED, rule.area, rule.starts, until)


async def unplan_area(connection: Connection, area: str) -> None:
    """The area's rules are due."""
    await connection.execute(UNPLAN_AREA, area)


async def unplan(connection: Connection) -> None:
    """All rules are due: the calendar has changed."""
    await connection.execute(UNPLAN)
