"""Figures of what was held: the shape of the article's own, and each the length of the list that it names."""

import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from services.chassis.db import transaction
from tests.liaison.conftest import BARE_VILLAGE, SERVICE, VILLAGE, Liaison

COUNTY, TOWNSHIP = "339998", "339998101"
VILLAGES = 323
SESSIONS, SUGGESTIONS, SOLVED = 2_350, 4_100, 2_800
"""The article's figures of the monthly dialogue."""
SECONDS = 0.3
YEAR = {"areaCode": COUNTY, "from": "2025-01-01", "to": "2025-12-31"}
COUNTS: list[Any] = [[name, name] for name in ("name", "value", "query", "arguments")]
LINE: list[Any] = [["key", "key"], ["from", "from"], ["to", "to"], ["counts", "counts", None, COUNTS]]
PAGE: list[Any] = [
    ["edges", "edges", None, [["node", "node", None, [["people", "people"]]]]],
    ["pageInfo", "pageInfo", None, [["endCursor", "endCursor"], ["hasNextPage", "hasNextPage"]]],
]

# Villages in townships of 17, a session every few days in one after the other, each with suggestions; of all an even share in each state.
COUNTY_SQL = f"""
INSERT INTO area (code) SELECT '{COUNTY}' UNION ALL SELECT '{COUNTY}' || 101 + t FROM generate_series(0, 18) t
    UNION ALL SELECT '{COUNTY}' || (101 + v / 17) || (200 + v % 17) FROM generate_series(0, {VILLAGES - 1}) v;
CREATE TEMP TABLE village ON COMMIT DROP AS
    SELECT v, '{COUNTY}' || (101 + v / 17) || (200 + v % 17) AS code FROM generate_series(0, {VILLAGES - 1}) v;
INSERT INTO session (id, kind, area, due, date, opens, minutes, state, people, held_at)
    SELECT md5('s' || n)::uuid, CASE WHEN n % 3 = 0 THEN 'GATHERING' ELSE 'DIALOGUE' END, code, day, day, '09:00', 90,
        CASE WHEN n < {SESSIONS} THEN 'HELD' ELSE 'SKIPPED' END, CASE WHEN n < {SESSIONS} THEN 10 + n % 7 END,
        CASE WHEN n < {SESSIONS} THEN in_china(day, '11:00') END
    FROM (SELECT n, date '2025-01-01' + (n % 365) AS day, n % {VILLAGES} AS of FROM generate_series(0, {SESSIONS} + 99) n) s
    JOIN village ON v = of;
CREATE TEMP TABLE said ON COMMIT DROP AS
    SELECT n, md5('g' || n)::uuid AS id, code, in_china(date '2025-01-01' + (n % 340), '10:00') AS at, date '2025-01-01' + (n % 340) AS day
    FROM generate_series(0, {SUGGESTIONS - 1}) n JOIN village ON v = n % {VILLAGES};
INSERT INTO suggestion_person (suggestion, area, anonymous, by) SELECT id, code, false, 'service:liaison' FROM said;
INSERT INTO suggestion_words (suggestion, area, text) SELECT id, code, '示例' FROM said;
INSERT INTO suggestion (id, area, source, category, state, anonymous, raised_at, accepted_on, answered_on, solved_on, updated_at)
    SELECT id, code, 'APP', 'other',
        CASE WHEN n < {SOLVED} THEN 'SOLVED' WHEN n < 3300 THEN 'ANSWERED' WHEN n < 3900 THEN 'ACCEPTED' ELSE 'RAISED' END,
        false, at, CASE WHEN n < 3900 THEN day + 2 END,
        CASE WHEN n < 3300 THEN day + 9 END, CASE WHEN n < {SOLVED} THEN day + 20 END, at + interval '20 days'
    FROM said;
INSERT INTO matter (source_id, source, area, category, by, at, ticket, ticket_state, ticket_version, solved_at)
    SELECT id, 'APP', code, 'other', 'service:liaison', at, NULL, NULL, NULL, CASE WHEN n < 900 THEN at + interval '9 days' END
    FROM said WHERE n < 1000;
"""


async def listed(read: Callable[..., Awaitable[tuple[int, Any]]], figure: dict[str, Any]) -> int:
    """How long the list is that a figure names, or of how many people it tells."""
    people, count, after = figure["name"].endswith("People"), 0, None
    select = PAGE if people else [["edges", "edges", None, [["cursor", "cursor"]]], PAGE[1]]
    while True:
        asked = json.loads(figure["arguments"]) | {"first": 200, "after": after}
        status, page = await read(figure["query"], asked, select)
        assert status == 200, page
        count += sum(edge["node"]["people"] if people else 1 for edge in page["edges"])
        if not page["pageInfo"]["hasNextPage"]:
            return count
        after = page["pageInfo"]["endCursor"]


async def test_the_articles_figures_are_counted_at_once_add_up_and_each_can_be_listed(liaison: Liaison) -> None:
    async with transaction(liaison.pool, SERVICE) as connection:
        await connection.execute(COUNTY_SQL)
    admin = liaison.as_("example-admin", "city_admin", areas=[COUNTY])
    for _ in range(10):
        begun = time.perf_counter()
        status, [line] = await admin.read("liaisonFigures", YEAR, LINE)
        seconds = time.perf_counter() - begun
        if seconds < SECONDS:
            break
    assert (status, seconds < SECONDS) == (200, True), "not even when the machine has time"
    counts = {each["name"]: each["value"] for each in line["counts"]}
    assert counts == {
        "gatheringsHeld": 784,
        "gatheringsSkipped": 33,
        "gatheringPeople": sum(10 + n % 7 for n in range(SESSIONS) if n % 3 == 0),
        "dialoguesHeld": SESSIONS - 784,
        "dialoguesSkipped": 67,
        "dialoguePeople": sum(10 + n % 7 for n in range(SESSIONS) if n % 3),
        "dutiesSigned": 0,
        "dutiesMissed": 0,
        "stallsHeld": 0,
        "stallPeople": 0,
        "suggestionsRaised": SUGGESTIONS,
        "suggestionsAccepted": 3_900,
        "suggestionsAnswered": 3_300,
        "suggestionsSolved": SOLVED,
        "mattersRaised": 1_000,
        "mattersSolved": 900,
    }
    for by, lines in (("MONTH", 12), ("TOWNSHIP", 19), ("VILLAGE", VILLAGES)):
        _, answer = await admin.read("liaisonFigures", YEAR | {"by": by}, LINE)
        assert len(answer) == lines
        sums = dict.fromkeys(counts, 0)
        for line in answer:
            for each in line["counts"]:
                sums[each["name"]] += each["value"]
        assert sums == counts, by
    _, answer = await admin.read("liaisonFigures", YEAR | {"by": "MONTH", "from": "2025-07-10"}, LINE)
    assert [(line["key"], line["from"], line["to"]) for line in answer[:2]] == [
        ("2025-07", "2025-07-10", "2025-07-31"),
        ("2025-08", "2025-08-01", "2025-08-31"),
    ]
    for each in answer[0]["counts"]:
        assert await listed(admin.read, each) == each["value"], each["name"]
        assert (each["value"] > 0) == (counts[each["name"]] > 0)


SMALL_SQL = f"""
INSERT INTO cadre (subject, name, area, base, since) VALUES ('example-figure', '示例干部', '{BARE_VILLAGE}', '{BARE_VILLAGE}', '2025-01-01');
INSERT INTO duty (area, date, subject, signed_in_at)
    SELECT '{BARE_VILLAGE}', d, 'example-figure', CASE WHEN d < '2025-03-10' THEN in_china(d::date, '08:00') END
    FROM generate_series(date '2025-03-03', date '2025-03-14', '1 day') d WHERE extract(isodow FROM d) < 6;
INSERT INTO market (id, area, name, rule, days, short_month, words, since, planned_until)
    VALUES (md5('m')::uuid, '{BARE_VILLAGE}', '示例墟', 'SOLAR', '{{3}}', 'SKIP', '示例', '2025-01-01', '2025-12-31');
INSERT INTO stall_plan (id, market, area, team, staff, topic, begins, ends, first, last, every_nth, by)
    VALUES (md5('p')::uuid, md5('m')::uuid, '{BARE_VILLAGE}', 'example', '{{example-figure}}', '示例', '08:00', '11:00',
        '2025-01-01', '2025-12-31', 1, 'x');
INSERT INTO stall (id, plan, date, state, people) VALUES
    (md5('1')::uuid, md5('p')::uuid, '2025-03-03', 'HELD', 31), (md5('2')::uuid, md5('p')::uuid, '2025-03-13', 'HELD', 11);
INSERT INTO stall (id, plan, date) VALUES (md5('3')::uuid, md5('p')::uuid, '2025-03-23');
"""


async def test_duties_and_stalls_are_counted_and_listed(liaison: Liaison) -> None:
    async with transaction(liaison.pool, SERVICE) as connection:
        await connection.execute(SMALL_SQL)
    host = liaison.as_("example-cadre", areas=[BARE_VILLAGE])
    asked = {"areaCode": BARE_VILLAGE, "from": "2025-03-01", "to": "2025-03-31"}
    _, [line] = await host.read("liaisonFigures", asked, LINE)
    counts = {each["name"]: each for each in line["counts"]}
    for name, value in (("dutiesSigned", 5), ("dutiesMissed", 5), ("stallsHeld", 2), ("stallPeople", 42)):
        assert counts[name]["value"] == value == await listed(host.read, counts[name]), name


async def test_within_a_village_its_townships_line_lists_the_village_alone(liaison: Liaison) -> None:
    async with transaction(liaison.pool, SERVICE) as connection:
        await connection.execute(SMALL_SQL)
        await connection.execute(
            "INSERT INTO stall_plan SELECT md5('q')::uuid, market, $1, 'other', staff, topic, begins, ends, first, last, 1, by FROM stall_plan",
            VILLAGE,
        )
        await connection.execute(
            "INSERT INTO stall (id, plan, date, state, people) VALUES (md5('4')::uuid, md5('q')::uuid, '2025-03-03', 'HELD', 7)"
        )
    clerk = liaison.as_("example-clerk", "township_clerk", areas=["339999100"])
    asked = {"areaCode": BARE_VILLAGE, "from": "2025-03-01", "to": "2025-03-31", "by": "TOWNSHIP"}
    _, [line] = await clerk.read("liaisonFigures", asked, LINE)
    for each in line["counts"]:
        assert await listed(clerk.read, each) == each["value"], each["name"]


async def test_they_are_for_who_reaches_all_that_is_counted(liaison: Liaison) -> None:
    asked = {"areaCode": VILLAGE, "from": "2025-01-01", "to": "2025-12-31"}
    for who, roles, changes, status in (
        ("example-resident", ("resident",), {}, 403),
        ("example-officer", ("department_officer",), {}, 403),
        ("example-cadre", (), {"areaCode": "339999"}, 403),
        ("example-cadre", (), {"areaCode": "339999100299"}, 422),
        ("example-cadre", (), {"to": "2026-01-02"}, 422),
        ("example-cadre", (), {"by": "DAY"}, 422),
        ("example-cadre", (), {}, 200),
    ):
        assert (await liaison.as_(who, *roles).read("liaisonFigures", asked | changes, LINE))[0] == status, (
            who,
            changes,
        )
