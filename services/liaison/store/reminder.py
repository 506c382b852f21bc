"""Which reminders are due, each claimed once."""

from datetime import datetime

from services.chassis.db import Connection
from services.liaison.domain.reminder import LATEST, Reminder


def _asked(kind: str) -> str:
    """When somebody is to be told within the time from $1 to $2, and of which day. In a table of its own: only a bare day is looked up in the
    index of a table under row-level security.
    """
    return f"""asked AS MATERIALIZED (
    SELECT eve.day + r.days_before AS day, in_china(eve.day, r.at) AS at
    FROM reminder_rule r CROSS JOIN (
        SELECT ($1 AT TIME ZONE 'Asia/Shanghai')::date + n AS day
        FROM generate_series(0, ($2 AT TIME ZONE 'Asia/Shanghai')::date - ($1 AT TIME ZONE 'Asia/Shanghai')::date) n) eve
    WHERE r.kind = '{kind}' AND in_china(eve.day, r.at) > $1 AND in_china(eve.day, r.at) <= $2
)"""


def _claim(kind: str, *, ref: str, whom: str, locked: str, due: str) -> str:
    """Rows that a deed or a plan is just changing, or that another worker has, are left out; they are looked at again the next time, as they are
    then.
    """
    return f"""
WITH {_asked(kind)}, due AS MATERIALIZED ({due}
        AND NOT EXISTS (SELECT FROM reminder t WHERE t.at = asked.at AND t.kind = '{kind}' AND t.ref = {ref} AND t.subject = {whom}.subject)
    LIMIT $3 FOR NO KEY UPDATE OF {locked} SKIP LOCKED
), told AS (
    INSERT INTO reminder (kind, ref, subject, at) SELECT '{kind}', ref, subject, at FROM due ON CONFLICT DO NOTHING RETURNING ref, subject, at
)
SELECT '{kind}' AS kind, due.* FROM due JOIN told USING (ref, subject, at) ORDER BY at, ref, subject
"""


DUTIES = _claim(
    "DUTY",
    ref="d.area || '/' || d.date",
    whom="d",
    locked="d",
    due="""
    SELECT d.area || '/' || d.date AS ref, d.area, d.subject, d.date AS day, lower(duty_hours(d.date)) AS begins, asked.at
    FROM asked JOIN duty d ON d.date = asked.day
    WHERE upper(duty_hours(d.date)) > $2""",
)
SESSIONS = _claim(
    "SESSION",
    ref="s.id::text",
    whom="whom",
    locked="s",
    due="""
    SELECT s.id::text AS ref, s.area, whom.subject, s.date AS day, in_china(s.date, s.opens) AS begins, asked.at
    FROM asked JOIN session s ON s.date = asked.day CROSS JOIN LATERAL (
        SELECT '' UNION SELECT f.subject FROM session_staff f WHERE f.session = s.id AND f.subject IS NOT NULL) AS whom(subject)
    WHERE s.state = 'PLANNED' AND in_china(s.date, s.opens) + make_interval(mins => s.minutes) > $2""",
)
FORGET = "DELETE FROM reminder WHERE at < $1"


async def claim(connection: Connection, now: datetime, most: int) -> list[Reminder]:
    """Those that are due and not told yet, of each kind at most so many; they are told with the transaction, and by nobody else."""
    rows = [row for sql in (DUTIES, SESSIONS) for row in await connection.fetch(sql, now - LATEST, now, most)]
    return [Reminder(**row) for row in rows]


async def forget(connection: Connection, now: datetime) -> None:
    """Drops what could not be told again anyway."""
    await connection.execute(FORGET, now - 2 * LATEST)
