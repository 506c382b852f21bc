"""Many tickets at once, as deeds would have left them: most closed, some at each place of the way, over the last year, in all villages."""

import asyncpg

OPEN_SHARE = 0.08
"""Of a county's matters so many are under way at a time."""
DEPARTMENTS = ("agriculture", "civil-affairs", "health", "justice", "power", "water")
CATEGORIES = ("road", "irrigation", "farming-advice", "other")

FILL = """
WITH villages AS (SELECT array_agg(code ORDER BY code) AS codes FROM area WHERE kind = 'VILLAGE'),
made AS (
    SELECT n, now() - interval '365 days' * (1 - n::float8 / $1) AS at, codes[1 + n % cardinality(codes)] AS village,
        ($2::text[])[1 + (n / 7) % cardinality($2::text[])] AS department, ($3::text[])[1 + n % cardinality($3::text[])] AS category,
        CASE WHEN n < $1 * (1 - $4::float8) THEN 'CLOSED'
            ELSE (ARRAY['DRAFTED', 'ACCEPTED', 'DISPATCHED', 'SIGNED', 'IN_PROGRESS', 'RESOLVED'])[1 + n % 6] END AS status
    FROM generate_series(1, $1) AS n, villages)
INSERT INTO ticket (id, number, title, description, category, source, status, area, department, version, reported_by, reported_at,
    updated_at)
SELECT gen_random_uuid(), 'F' || to_char(at, 'YYYYMMDD') || '-' || lpad(n::text, 7, '0'), '示例事项 ' || n, '示例内容', category, 'WALK_IN',
    status, village, CASE WHEN status NOT IN ('DRAFTED', 'ACCEPTED') THEN department END, 1, 'example', at, at
FROM made
"""


async def fill(connection: "asyncpg.Connection[asyncpg.Record]", tickets: int) -> None:
    """Writes so many, the newest of which are open."""
    await connection.execute(FILL, tickets, DEPARTMENTS, CATEGORIES, OPEN_SHARE, timeout=600)
    await connection.execute("VACUUM (ANALYZE) ticket", timeout=600)
