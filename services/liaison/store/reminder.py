"""Which reminders are due, each claimed once."""

from datetime import datetime

from services.chassis.db import Connection
from services.liaison.domain.reminder import LATEST, Reminder

# Rows that a deed or a plan is just changing are left out; they are looked at again the next time, as they are then.
DUTIES = """
WITH due AS MATERIALIZED (
    SELECT d.area || '/' || d.date AS ref, d.area, d.subject, d.date AS day, lower(duty_hours(d.date)) AS begins,
        in_china(d.date - r.days_before, r.at) AS at
    FROM reminder_rule r JOIN duty d ON d.date BETWEEN ($1 AT TIME ZONE 'Asia/Shanghai')::date + r.days_before
            AND ($2 AT TIME ZONE 'Asia/Shanghai')::date + r.days_before
    WHERE r.kind = 'DUTY' AND in_china(d.date - r.days_before, r.at) > $1 AND in_china(d.date - r.days_before, r.at) <= $2
        AND upper(duty_hours(d.date)) > $2
        AND NOT EXISTS (SELECT FROM reminder t WHERE t.at = in_china(d.date - r.days_before, r.at) AND t.kind = 'DUTY'
            AND t.ref = d.area || '/' || d.date AND t.subject = d.subject)
    LIMIT $3 FOR SHARE OF d SKIP LOCKED
), told AS (
    INSERT INTO reminder (kind, ref, subject, at) SELECT 'DUTY', ref, subject, at FROM due ON CONFLICT DO NOTHING RETURNING ref, subject, at
)
SELECT 'DUTY' AS kind, due.* FROM due JOIN told USING (ref, subject, at) ORDER BY at, ref, subject
"""
SESSIONS = """
WITH due AS MATERIALIZED (
    SELECT s.id, s.id::text AS ref, s.area, s.date AS day, in_china(s.date, s.opens) AS begins, in_china(s.date - r.days_before, r.at) AS at
    FROM reminder_rule r JOIN session s ON s.date BETWEEN ($1 AT TIME ZONE 'Asia/Shanghai')::date + r.days_before
            AND ($2 AT TIME ZONE 'Asia/Shanghai')::date + r.days_before
    WHERE r.kind = 'SESSION' AND in_china(s.date - r.days_before, r.at) > $1 AND in_china(s.date - r.days_before, r.at) <= $2
        AND s.state = 'PLANNED' AND in_china(s.date, s.opens) + make_interval(mins => s.minutes) > $2
    FOR SHARE OF s SKIP LOCKED
), whom AS (
    SELECT due.ref, due.area, subject, due.day, due.begins, due.at
    FROM due CROSS JOIN LATERAL (
        SELECT '' UNION SELECT f.subject FROM session_staff f WHERE f.session = due.id AND f.subject IS NOT NULL) AS each_(subject)
    WHERE NOT EXISTS (SELECT FROM reminder t WHERE t.at = due.at AND t.kind = 'SESSION' AND t.ref = due.ref AND t.subject = each_.subject)
    LIMIT $3
), told AS (
    INSERT INTO reminder (kind, ref, subject, at) SELECT 'SESSION', ref, subject, at FROM whom ON CONFLICT DO NOTHING RETURNING ref, subject, at
)
SELECT 'SESSION' AS kind, whom.* FROM whom JOIN told USING (ref, subject, at) ORDER BY at, ref, subject
"""
FORGET = "DELETE FROM reminder WHERE at < $1"


async def claim(connection: Connection, now: datetime, most: int) -> list[Reminder]:
    """Those that are due and not told yet, of each kind at most so many; they are told with the transaction, and by nobody else."""
    rows = [row for sql in (DUTIES, SESSIONS) for row in await connection.fetch(sql, now - LATEST, now, most)]
    return [Reminder(**row) for row in rows]


async def forget(connection: Connection, now: datetime) -> None:
    """Drops what could not be told again anyway."""
    await connection.execute(FORGET, now - 2 * LATEST)
