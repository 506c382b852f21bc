"""Row-level security, table by table and caller by caller: what the database lets through, whatever the code above it asks.

The tables are found in the database, so a new one fails until it is fenced and stands in FENCE, or is said to hold no people's data.
"""

import re
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from itertools import compress
from typing import Any

import asyncpg
import pytest

from services.chassis.principal import Caller, Principal
from services.liaison.domain.access import reach
from tests.liaison.conftest import GRID, SERVICE, VILLAGE
from tests.support.databases import Databases

UNFENCED = {
    # the calendar, codes and rules
    *("area", "calendar_day", "calendar_year", "reminder_rule", "team"),
    # the frame's own
    *("client_key", "consumer_pause", "feed", "flight", "inbox", "outbox", "schema_ledger"),
}
TOWNSHIP, CITY, ELSEWHERE = VILLAGE[:9], VILLAGE[:6], VILLAGE[:6] + "200200"
ROLE = "liaison_app"
HOME, OTHER_HOME, FAR_HOME = (f"00000000-0000-7000-8000-00000000000{n}" for n in (1, 2, 3))


def _caller(subject: str, role: str, *areas: str, **claims: Any) -> Caller:
    return reach(Principal(subject, roles=frozenset({role}), areas=areas, **claims))


CALLERS: Mapping[str, Caller | None] = {
    "nobody": None,
    "person": _caller("person", "resident", household=HOME),
    "family": _caller("family", "resident", household=HOME),
    "other": _caller("other", "resident", household=OTHER_HOME),
    "worker": _caller("worker", "grid_worker", GRID),
    "cadre": _caller("cadre", "village_cadre", VILLAGE),
    "far": _caller("far", "village_cadre", ELSEWHERE),
    "clerk": _caller("clerk", "township_clerk", TOWNSHIP),
    "officer": _caller("officer", "department_officer", CITY, department="water"),
    "auditor": _caller("auditor", "auditor", CITY),
    "admin": _caller("admin", "city_admin", CITY),
    "service": SERVICE,
}
"""`person` raised, signed up and votes; `worker` is on duty and wrote down the visit; `officer` is of the department whose it all is."""
LOCAL = ("person", "family", "other", "worker", "cadre", "clerk")
"""Who has nothing to do with the village elsewhere."""

# What each may do with a row of the village: r see it, c change it, d delete it, a add such a one.
FENCE = """
                   nobody person family other worker cadre far clerk officer auditor admin service
agenda_item             -      r      r     r      r   rda   r   rda       r       r   rda     rda
attendance              -      r      r     r      r   rda   r   rda       r       r   rda     rda
attendee                -      r      r     -      -   rda   -   rda       -       -   rda     rda
ballot                  -    rca    rca     -      -     r   -     r       -       -     r       r
ballot_box              -      -      -     -      -     -   -     -       -       -     -       -
body_member             -      r      r     -      -     r   -  rcda       -       -  rcda    rcda
cadre                   -      r      r     r      r     r   r   rca       r       r   rca     rca
calendar_feed           -      a      a     a      a   rca   a     a       a       a     a     rca
contact                 -      a      -     -     ra     r   -     r       r       -     r      rd
dialogue                -      r      r     r      r   rca   r   rca       r       r   rca     rca
disclosure              -      -      -     -      a    ra   -     a       a       r    ra       -
duty                    -      r      r     r     rc     r   r   rca       r       r   rca    rcda
duty_gap                -      -      -     -      -     -   -     -       -       -     -     rda
duty_offer              -      r      r     r    rca    rc   r     r       r       r     r       r
duty_rule               -      r      r     r      r     r   r   rca       r       r   rca     rca
duty_rule_cadre         -      r      r     r      r     r   r   rda       r       r   rda     rda
duty_visit              -      r      r     -     ra    ra   -    ra       -       r    ra      ra
engagement              -      r      r     r      r     r   r     r       r       r     r       r
feed_entry              -      -      -     -      -     -   -     -       -       -     -    rcda
leave                   -      r      r     r    rca     r   r   rca       r       r   rca     rca
leave_reason            -      -      -     -     ra     -   -    ra       -       -    ra      ra
market                  -      r      r     r      r     r   r   rca       r       r   rca     rca
market_day              -      r      r     r      r     r   r   rda       r       r   rda     rda
market_exception        -      r      r     r      r     r   r   rda       r       r   rda     rda
matter                  -      r      r     -     ra    ra   -    ra       r       r    ra     rca
minutes                 -      r      r     -      -    ra   -    ra       -       r    ra      ra
minutes_signature       -     ra     ra     -      -    ra   -    ra       -       r    ra      ra
proposal                -      r      r     r      r   rca   r   rca       r       r   rca     rca
reminder                -      -      -     -      -     -   -     -       -       -     -     rda
secret_voter            -      r      r     -      -     -   -     -       -       -     -       -
series                  -      r      r     r      r     r   r   rca       r       r   rca     rca
session                 -      r      r     r      r    rc   r    rc       r       r    rc    rcda
session_staff           -      r      r     r      r   rca   r   rca       r       r   rca    rcda
session_topic           -      r      r     r      r     r   r     r       r       r     r       r
sign_up                 -    rca     ra     a      a   rca   -   rca       a       -   rca      rc
stall                   -      r      r     r      r   rca   r   rca       r       r   rca     rca
stall_plan              -      r      r     r      r   rca   r   rca       r       r   rca     rca
station                 -      r      r     r      r     r   r   rca       r       r   rca     rca
study                   -      r      r     r      r    ra   r    ra       r       r    ra      ra
suggestion              -    rca     rc     -      -    rc   -    rc      rc       r    rc      rc
suggestion_person       -     ra     ra     a      a   rca   -   rca       r       r   rca     rca
suggestion_step         -     ra     ra     -      -    ra   -    ra      ra       r    ra      ra
suggestion_support      -     ra      a     -      -     a   -     a       a       a     a       a
suggestion_words        -     ra      r     -      -    rc   -    rc       r       r    rc      rc
voting_body             -      r      r     r      r     r   r   rca       r       r   rca     rca
"""
EXPECTED = {line.split()[0]: line.split()[1:] for line in FENCE.splitlines()[2:]}
RESIDENTS = ("person", "family", "other")
ANYWHERE = {"calendar_feed": LOCAL, "sign_up": RESIDENTS, "suggestion_person": RESIDENTS}
"""What some may add in any village: residents sign up and raise where they are."""
CHILDREN = (
    *("attendee", "ballot", "body_member", "contact", "dialogue", "disclosure", "leave_reason", "minutes"),
    *("proposal", "sign_up", "stall_plan", "suggestion", "suggestion_words"),
)
"""Their area must be that of what they hang on."""

# Who wrote the row, and what it holds. All rows of a village have its id, so that they hang together; `own` and `home` are whom a sign-up is for.
ROWS: Mapping[str, tuple[str, str]] = {
    "agenda_item": ("cadre", "session = '{id}', place = 1, kind = 'STUDY', title = '示例', minutes = 30"),
    "attendance": ("cadre", "session = '{id}', kind = 'GUEST', people = 1"),
    "attendee": (
        "cadre",
        "session = '{id}', place = 1, area = '{area}', kind = 'VILLAGER', household = '{house}', present = true",
    ),
    "ballot": ("person", "proposal = '{id}', member = '{id}', area = '{area}', choice = 'FOR'"),
    "ballot_box": ("person", "proposal = '{id}'"),
    "body_member": (
        "clerk",
        "id = '{id}', body = '{id}', area = '{area}', household = '{house}', since = '2020-01-01'",
    ),
    "cadre": ("clerk", "subject = '{duty}', name = '示例', area = '{area}', base = '{area}', since = '2020-01-01'"),
    "calendar_feed": ("cadre", "subject = '{me}', id = '{id}', opened_at = '2020-01-01'"),
    "contact": (
        "worker",
        "owner = '{id}', kind = 'VISIT', area = '{area}', name_sealed = '\\x00', name_masked = '示**', by = '{me}', at = '2020-01-06'",
    ),
    "dialogue": ("cadre", "session = '{id}', area = '{area}', body = '{id}'"),
    "disclosure": (
        "cadre",
        "by = '{me}', roles = '{{}}', areas = '{{}}', at = '2020-01-06', purpose = 'SERVICE', kind = 'VISIT', owner = '{id}', "
        "area = '{area}', fields = '{{name}}'",
    ),
    "duty": ("clerk", "area = '{area}', date = '2020-01-06', subject = '{duty}'"),
    "duty_gap": ("service", "area = '{area}', date = '2020-01-07', told_at = '2020-01-06'"),
    "duty_offer": ("worker", "id = '{id}', area = '{area}', date = '2020-01-06', by = '{me}', made_at = '2020-01-01'"),
    "duty_rule": ("clerk", "area = '{area}', starts = '2020-01-01'"),
    "duty_rule_cadre": ("clerk", "area = '{area}', starts = '2020-01-01', place = 1, subject = '{duty}'"),
    "duty_visit": (
        "worker",
        "id = '{id}', area = '{area}', at = '2020-01-06 10:00+08', purpose = 'VISIT', note = '示例', household = '{house}', by = '{me}', "
        "received_at = '2020-01-06'",
    ),
    "engagement": (
        "service",
        "kind = 'SESSION', ref = '{id}', subject = '{duty}', area = '{area}', during = '[2019-01-01, 2019-01-02)'",
    ),
    "feed_entry": (
        "service",
        "feed = '{area}', uid = 'x', entry = '{{}}', sequence = 0, cancelled = false, changed_at = '2020-01-01'",
    ),
    "leave": (
        "clerk",
        "id = '{id}', subject = '{duty}', first = '2020-02-01', last = '2020-02-02', noted_by = '{me}', noted_at = '2020-01-01'",
    ),
    "leave_reason": ("clerk", "leave = '{id}', subject = '{duty}', area = '{area}', reason = 'SICK'"),
    "market": (
        "clerk",
        "id = '{id}', area = '{area}', name = '示例墟', rule = 'SOLAR', days = '{{8}}', short_month = 'SKIP', words = '示例', "
        "since = '2020-01-01', planned_until = '2020-12-31'",
    ),
    "market_day": ("clerk", "market = '{id}', date = '2020-01-08', text = '示例'"),
    "market_exception": ("clerk", "market = '{id}', date = '2020-01-09', kind = 'ADDED', reason = '示例'"),
    "matter": (
        "worker",
        "source_id = '{id}', source = 'DUTY', area = '{area}', category = 'roads', household = '{house}', department = 'water', by = '{me}', "
        "at = '2020-01-06'",
    ),
    "minutes": (
        "cadre",
        "session = '{id}', version = 1, area = '{area}', record = 'x', digest = encode(sha256('x'), 'hex'), drafted_by = '{me}', "
        "drafted_at = '2020-01-08'",
    ),
    "minutes_signature": (
        "cadre",
        "session = '{id}', version = 1, role = '{part}', signer = '{signer}', digest = encode(sha256('x'), 'hex'), signed_at = '2020-01-08'",
    ),
    "proposal": (
        "cadre",
        "id = '{id}', session = '{id}', area = '{area}', place = 1, title = '示例', text = '示例', proposed_by = 'VILLAGERS', "
        "state = 'VOTING', body = '{id}', secret = false, noted_by = '{me}', noted_at = '2020-01-07'",
    ),
    "reminder": ("service", "kind = 'DUTY', ref = '{area}', subject = '{duty}', at = '2020-01-05'"),
    "secret_voter": ("person", "proposal = '{id}', member = '{id}'"),
    "series": (
        "clerk",
        "id = '{id}', kind = 'DIALOGUE', area = '{area}', title = '示例', day = 15, policy = 'SKIP', opens = '09:00', minutes = 60, "
        "starts = '2020-01-01'",
    ),
    "session": (
        "service",
        "id = '{id}', kind = 'DIALOGUE', area = '{area}', due = '2020-01-07', date = '2020-01-07', opens = '09:00', minutes = 60, "
        "state = 'PLANNED'",
    ),
    "session_staff": ("service", "session = '{id}', department = 'water', subject = '{duty}'"),
    "session_topic": ("service", "session = '{id}', topic = '示例', people = 1"),
    "sign_up": (
        "person",
        "id = '{id}', session = '{id}', area = '{area}', subject = {own}, household = '{home}', topic = '示例', state = 'OPEN', "
        "signed_by = '{me}', signed_at = '2020-01-01'",
    ),
    "stall": ("cadre", "id = '{id}', plan = '{id}', date = '2020-01-08'"),
    "stall_plan": (
        "cadre",
        "id = '{id}', market = '{id}', area = '{area}', team = 'example', staff = '{{x}}', topic = '示例', begins = '08:00', ends = '11:00', "
        "first = '2020-01-01', last = '2020-12-31', every_nth = 1, by = '{me}'",
    ),
    "station": ("clerk", "area = '{area}', name = '示例站', longitude = 118, latitude = 28, radius = 100"),
    "study": (
        "cadre",
        "id = '{id}', session = '{id}', item = 1, title = '示例', minutes = 30, people = 1, noted_by = '{me}', noted_at = '2020-01-07'",
    ),
    "suggestion": (
        "person",
        "id = '{id}', area = '{area}', source = 'APP', category = 'roads', state = 'RAISED', anonymous = false, raised_at = '2020-01-06', "
        "updated_at = '2020-01-06'",
    ),
    "suggestion_person": (
        "person",
        "suggestion = '{id}', area = '{area}', anonymous = false, by = '{me}', household = '{home}'",
    ),
    "suggestion_step": (
        "person",
        "suggestion = '{id}', version = 1, at = '2020-01-06', deed = 'raised', after = 'RAISED', by = '{me}'",
    ),
    "suggestion_support": ("person", "suggestion = '{id}', subject = '{me}', at = '2020-01-06'"),
    "suggestion_words": ("person", "suggestion = '{id}', area = '{area}', text = '示例'"),
    "voting_body": (
        "clerk",
        "id = '{id}', area = '{area}', name = '示例', rule = 'ASSEMBLY', eligible = 9, since = '2020-01-01'",
    ),
}
ACCEPTED = """
UPDATE suggestion SET department = 'water', state = 'ACCEPTED'; UPDATE suggestion_person SET department = 'water';
UPDATE suggestion_words SET department = 'water';
INSERT INTO cadre (subject, name, area, base, since) VALUES ('cadre', '示例', '339999100200', '339999100200', '2020-01-01')
"""
CHANGES = {
    "duty_offer": "state = CASE by WHEN '{me}' THEN 'WITHDRAWN' ELSE 'TAKEN' END, answered_by = '{me}', answered_at = now()",
    "sign_up": "state = 'WITHDRAWN', ended_by = '{me}', ended_at = now()",
    "suggestion": "state = 'ANSWERED', satisfaction = 'SATISFIED'",
}
"""What changes a row, where writing a column anew as it is would not be let through, or would say little."""

ATTEMPT = """
CREATE FUNCTION attempt(deed text, caller text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE reached bigint;
BEGIN
    PERFORM set_config('sanmin.caller', caller, true);
    EXECUTE deed;
    GET DIAGNOSTICS reached = ROW_COUNT;
    RAISE SQLSTATE 'UNDO1' USING DETAIL = reached > 0;
EXCEPTION
    WHEN insufficient_privilege THEN RETURN false;
    WHEN SQLSTATE 'UNDO1' THEN GET STACKED DIAGNOSTICS deed = PG_EXCEPTION_DETAIL; RETURN deed;
END $$
"""
ATTEMPTS = """
SELECT attempt(deed, caller) FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked (deed, caller, n) ORDER BY n
"""
TABLES = """
SELECT c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS fenced,
    (SELECT attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        AND has_column_privilege($1, c.oid, a.attnum, 'UPDATE') ORDER BY attnum LIMIT 1) AS changeable,
    ARRAY(SELECT a.attname::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
        WHERE i.indrelid = c.oid AND i.indisprimary) AS keys
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'm')
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') ORDER BY 1
"""
DEFINERS = """
SELECT proname, proconfig, prorettype = 'trigger'::regtype OR NOT has_function_privilege('public', oid, 'EXECUTE') AS kept
FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace
"""

BLIND = """
SELECT relname FROM pg_class
WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace AND NOT coalesce(reloptions, '{}') @> '{security_invoker=true}'
"""


def name_of(who: str) -> str:
    return SERVICE.subject if who == "service" else who


def row_of(table: str, village: int, who: str, *, me: str | None = None, area: str | None = None) -> dict[str, str]:
    """Columns and their SQL, of a row of the village (1 here, 2 elsewhere), as `who` writes it; it may claim another area."""
    me = me or name_of(who)
    key = f"00000000-0000-7000-8000-0000000000a{village}"
    house = HOME if village == 1 else FAR_HOME
    caller = CALLERS[who]
    resident = caller is not None and caller.household is not None
    text = ROWS[table][1].format(
        id=key,
        area=area or (VILLAGE if village == 1 else ELSEWHERE),
        me=me,
        duty="worker" if village == 1 else "worker-2",
        house=house,
        home=house if caller is None or me != who else caller.household or house,
        own=f"'{me}'" if resident else "NULL",
        part="REPRESENTATIVE" if resident else "HOST",
        signer=key if resident else me,
    )
    return dict(column.split(" = ", 1) for column in re.split(r", (?=\w+ = )", text))


def insert(table: str, row: Mapping[str, str]) -> str:
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(row.values())})"


def standing(table: str, village: int) -> dict[str, str]:
    """The row that is there, by whoever writes such a one."""
    who = ROWS[table][0]
    return row_of(table, village, who, me=None if village == 1 else f"{who}-2")


class Fence:
    """A database with a row of each fenced table in the village and in one elsewhere. What is tried is undone."""

    def __init__(self, admin: "asyncpg.Connection[asyncpg.Record]", tables: Mapping[str, asyncpg.Record]) -> None:
        self.admin = admin
        self.tables = tables

    async def reached(self, deeds: Iterable[tuple[str, str]]) -> list[bool]:
        """Whether each deed reaches a row, by the caller of that name."""
        asked = [(deed, "" if (caller := CALLERS[who]) is None else caller.setting) for deed, who in deeds]
        await self.admin.execute(f"SET LOCAL ROLE {ROLE}")
        found = await self.admin.fetch(ATTEMPTS, *map(list, zip(*asked, strict=True)))
        await self.admin.execute("RESET ROLE")
        return [row[0] for row in found]

    def at(self, table: str, village: int) -> str:
        """Finds the village's row."""
        row = standing(table, village)
        keys = row.keys() & set(self.tables[table]["keys"]) or row.keys()
        return " AND ".join(f"{column} = {row[column]}" for column in keys)

    async def seen(self, table: str, before: str = "") -> set[str]:
        """Who sees a row of the village, after something was done."""
        async with undone(self.admin):
            at = self.at(table, 1)
            await self.admin.execute(before)
            found = await self.reached((f"SELECT FROM {table} WHERE {at}", who) for who in CALLERS)
        return {who for who, sees in zip(CALLERS, found, strict=True) if sees}

    async def let_through(self, table: str, village: int, callers: Collection[str]) -> list[str]:
        """By caller, which of r, c, d and a the table lets through with the village's row."""
        at = self.at(table, village)
        column = self.tables[table]["changeable"] or next(iter(standing(table, village)))
        change = CHANGES.get(table, f"{column} = {column}")
        deeds = (
            f"SELECT FROM {table} WHERE {at}",
            f"UPDATE {table} SET {change} WHERE {at}",
            f"DELETE FROM {table} WHERE {at}",
        )
        async with undone(self.admin):
            found = await self.reached((deed.replace("{me}", name_of(who)), who) for deed in deeds for who in callers)
            await self.admin.execute(f"DELETE FROM {table}")
            found += await self.reached((insert(table, row_of(table, village, who)), who) for who in callers)
        many = len(callers)
        return ["".join(compress("rcda", found[n::many])) or "-" for n in range(many)]


@asynccontextmanager
async def undone(admin: "asyncpg.Connection[asyncpg.Record]") -> AsyncIterator[None]:
    transaction = admin.transaction()
    await transaction.start()
    try:
        yield
    finally:
        await transaction.rollback()


@pytest.fixture(scope="module")
async def fence(databases: Databases) -> AsyncIterator[Fence]:
    database = await databases.clone("liaison")
    admin = await asyncpg.connect(database.superuser_url)
    tables = {row["name"]: row for row in await admin.fetch(TABLES, ROLE)}
    assert {name for name, row in tables.items() if not row["fenced"]} == UNFENCED
    fenced = {name: row for name, row in tables.items() if row["fenced"]}
    assert fenced.keys() == ROWS.keys() == EXPECTED.keys()
    await admin.execute("SET session_replication_role = replica")  # foreign keys and triggers are others' business
    for table in fenced:
        for village in (1, 2):
            await admin.execute(insert(table, standing(table, village)))
    await admin.execute(ACCEPTED)
    await admin.execute(ATTEMPT)
    yield Fence(admin, fenced)
    await admin.close()


async def test_each_table_lets_through_what_fence_says(fence: Fence) -> None:
    assert {table: await fence.let_through(table, 1, CALLERS) for table in fence.tables} == EXPECTED


async def test_elsewhere_only_what_everybody_may(fence: Fence) -> None:
    other = list(CALLERS).index("other")
    for table, expected in EXPECTED.items():
        public = "r" if "r" in expected[other] else ""
        allowed = [public + ("a" if who in ANYWHERE.get(table, ()) else "") or "-" for who in LOCAL]
        assert await fence.let_through(table, 2, LOCAL) == allowed, table


async def test_no_row_claims_another_village_than_what_it_hangs_on(fence: Fence) -> None:
    for table in CHILDREN:
        deeds = [(insert(table, row_of(table, 2, who, area=VILLAGE)), who) for who in LOCAL]
        async with undone(fence.admin):
            assert not any(await fence.reached(deeds)), table


async def test_a_suggestion_is_three_rows_for_three_circles(fence: Fence) -> None:
    hosts = {"cadre", "clerk", "admin", "service"}
    hide, publish = (
        "UPDATE suggestion_person SET anonymous = true",
        "UPDATE suggestion SET published_at = now(), public_text = '示例'",
    )
    assert await fence.seen("suggestion_person", hide) == {"person", *hosts}
    assert await fence.seen("suggestion_words", hide) == {"person", "officer", "auditor", *hosts}
    assert await fence.seen("suggestion", hide) == {"person", "officer", "auditor", *hosts}
    assert await fence.seen("contact", hide) == {"worker", *hosts}
    assert await fence.seen("suggestion", publish) == CALLERS.keys() - {"nobody"}
    assert await fence.seen("suggestion_words", publish) == {"person", "family", "officer", "auditor", *hosts}


async def test_published_minutes_are_everybodys(fence: Fence) -> None:
    publish = "UPDATE dialogue SET published = 1, published_at = now()"
    for table in ("minutes", "minutes_signature"):
        assert await fence.seen(table, publish) == CALLERS.keys() - {"nobody"}


async def test_what_acts_as_the_owner_is_called_by_nobody_else_and_looks_at_our_tables_alone(fence: Fence) -> None:
    """A temporary table would else stand before one of ours; views look with the eyes of whoever asks."""
    definers = await fence.admin.fetch(DEFINERS)
    assert len(definers) > 5
    for name, config, kept in definers:
        assert (config, kept) == (["search_path=public, pg_temp"], True), name
    assert await fence.admin.fetch(BLIND) == []
