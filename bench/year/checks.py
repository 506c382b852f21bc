"""What must hold of a planned year, each as a question to the database that finds the breaches: there must be none."""

import asyncpg

CHECKS = {
    "somebody on duty in two villages on a day": """
        SELECT count(*) FROM (SELECT FROM duty GROUP BY subject, date HAVING count(*) > 1) twice
    """,
    "somebody sent to two sessions at one time": """
        WITH place AS MATERIALIZED (
            SELECT f.subject, s.date, s.area, f.session, f.department, s.opens, s.opens + make_interval(mins => s.minutes) AS ends
            FROM session_staff f JOIN session s ON s.id = f.session WHERE f.subject IS NOT NULL AND s.state IN ('PLANNED', 'HELD'))
        SELECT count(*) FROM place a JOIN place b ON b.subject = a.subject AND b.date = a.date
            AND (b.session, b.department) > (a.session, a.department) AND b.opens < a.ends AND a.opens < b.ends
    """,
    "somebody on duty and sent elsewhere on a day": """
        SELECT count(*) FROM session_staff f JOIN session s ON s.id = f.session JOIN duty d ON d.subject = f.subject AND d.date = s.date
        WHERE s.state IN ('PLANNED', 'HELD') AND d.area <> s.area
    """,
    "engagements of one person in two places at one time": """
        SELECT count(*) FROM engagement a JOIN engagement b ON b.subject = a.subject AND b.area > a.area AND b.during && a.during
    """,
    "a duty on a day off": """
        SELECT count(*) FROM duty JOIN calendar_day c USING (date) WHERE c.kind IN ('HOLIDAY', 'WEEKEND')
    """,
    "a village without duty on a working day": """
        SELECT count(*) FROM area a CROSS JOIN calendar_day c LEFT JOIN duty d ON d.area = a.code AND d.date = c.date
        WHERE length(a.code) = 12 AND a.code ^@ $1 AND c.date BETWEEN $2 AND $3 AND c.kind IN ('WORKDAY', 'MAKEUP_WORKDAY')
            AND d.subject IS NULL
    """,
    "a village without duty on a make-up workday": """
        SELECT count(*) FROM area a CROSS JOIN calendar_day c LEFT JOIN duty d ON d.area = a.code AND d.date = c.date
        WHERE length(a.code) = 12 AND a.code ^@ $1 AND c.date BETWEEN $2 AND $3 AND c.kind = 'MAKEUP_WORKDAY' AND d.subject IS NULL
    """,
    "a duty of somebody on leave, or of another pool": """
        SELECT count(*) FROM duty d WHERE NOT EXISTS (SELECT FROM duty_rule_cadre p WHERE p.area = d.area AND p.subject = d.subject)
            OR EXISTS (SELECT FROM leave l WHERE l.subject = d.subject AND d.date BETWEEN l.first AND l.last AND l.withdrawn_at IS NULL)
    """,
    "somebody on leave sent to a session": """
        SELECT count(*) FROM session_staff f JOIN session s ON s.id = f.session
        JOIN leave l ON l.subject = f.subject AND s.date BETWEEN l.first AND l.last AND l.withdrawn_at IS NULL
    """,
    "a session on a day off": """
        SELECT count(*) FROM session s JOIN calendar_day c USING (date)
        WHERE s.state = 'PLANNED' AND c.kind IN ('HOLIDAY', 'WEEKEND')
    """,
    "a Tuesday or a 15th on which a village has no session": """
        SELECT count(*) FROM area a CROSS JOIN series r CROSS JOIN calendar_day c
        LEFT JOIN session s ON s.series = r.id AND s.area = a.code AND s.due = c.date AND s.state = 'PLANNED'
        WHERE length(a.code) = 12 AND a.code ^@ $1 AND c.date BETWEEN $2 AND $3
            AND (extract(isodow FROM c.date) = r.weekday OR extract(day FROM c.date) = r.day) AND s.id IS NULL
    """,
    "a session to which a required department sends nobody": """
        SELECT count(*) FROM session s JOIN series r ON r.id = s.series CROSS JOIN unnest(r.departments) AS required
        LEFT JOIN session_staff f ON f.session = s.id AND f.department = required
        WHERE s.state = 'PLANNED' AND f.subject IS NULL
    """,
    "a session to which the wrong department's cadre is sent": """
        SELECT count(*) FROM session_staff f JOIN cadre c USING (subject) WHERE c.department IS DISTINCT FROM f.department
    """,
}
"""$1 is the county, $2 and $3 the first and last day."""

COUNTS = """
SELECT (SELECT count(*) FROM duty) AS duties, (SELECT count(*) FROM session WHERE kind = 'GATHERING') AS gatherings,
    (SELECT count(*) FROM session WHERE kind = 'DIALOGUE') AS dialogues,
    (SELECT count(*) FROM session_staff WHERE subject IS NOT NULL) AS sent,
    (SELECT count(*) FROM outbox) AS events
"""
SPREAD = """
WITH of_pool AS (
    SELECT p.area, count(d.date) AS duties FROM duty_rule r JOIN duty_rule_cadre p USING (area, starts)
    LEFT JOIN duty d ON d.area = p.area AND d.subject = p.subject
    WHERE r.pattern <> 'WEEKDAYS' GROUP BY p.area, p.subject),
sent AS (
    SELECT c.department, count(f.session) AS sessions FROM cadre c LEFT JOIN session_staff f USING (subject) WHERE c.department IS NOT NULL
    GROUP BY c.department, c.subject)
SELECT (SELECT max(most - least) FROM (SELECT max(duties) AS most, min(duties) AS least FROM of_pool GROUP BY area) village) AS duties,
    (SELECT max(most - least) FROM (SELECT max(sessions) AS most, min(sessions) AS least FROM sent GROUP BY department) department) AS sessions
"""


async def breaches(connection: "asyncpg.Connection[asyncpg.Record]", *given: object) -> dict[str, int]:
    """How many breaches of each there are; `given` are the county, the first and the last day."""
    return {
        what: await connection.fetchval(sql, *(given if "$1" in sql else ()), timeout=120)
        for what, sql in CHECKS.items()
    }
