"""What is written down of a dialogue: agenda, who came, what was studied."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.chassis.db import Connection
from services.liaison.domain.dialogue import AgendaKind, Attendee, AttendeeKind, Item, Standing

BEGIN = """
INSERT INTO dialogue (session, area) SELECT id, area FROM session WHERE id = $1 AND kind = 'DIALOGUE' ON CONFLICT DO NOTHING
"""
LOCK = """
SELECT d.session, d.area, d.body, d.eligible, d.present, d.needed, d.quorate, d.explanation, d.published, d.version, s.date, s.state
FROM dialogue d JOIN session s ON s.id = d.session WHERE d.session = $1 FOR NO KEY UPDATE OF d FOR SHARE OF s
"""
CHANGED = "UPDATE dialogue SET version = version + 1, body = $2 WHERE session = $1"
UNNOTE = """
UPDATE dialogue SET eligible = NULL, present = NULL, needed = NULL, quorate = NULL, explanation = NULL, noted_by = NULL, noted_at = NULL
WHERE session = $1
"""
CLEAR_AGENDA = "DELETE FROM agenda_item WHERE session = $1"
PUT_ITEM = "INSERT INTO agenda_item (session, place, kind, title, minutes, presenter) VALUES ($1, $2, $3, $4, $5, $6)"
ITEM_KIND = "SELECT kind FROM agenda_item WHERE session = $1 AND place = $2"
STUDIED = "SELECT DISTINCT item FROM study WHERE session = $1"
CLEAR_COUNTS = "DELETE FROM attendance WHERE session = $1"
CLEAR_ATTENDEES = "DELETE FROM attendee WHERE session = $1"
PUT_COUNT = "INSERT INTO attendance (session, kind, people) VALUES ($1, $2, $3)"
PUT_ATTENDEE = """
INSERT INTO attendee (session, place, area, kind, household, subject, present, proxy_household, proxy_subject)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
NOTE = """
UPDATE dialogue SET eligible = $2, present = $3, needed = $4, quorate = $5, explanation = $6, noted_by = $7, noted_at = $8 WHERE session = $1
"""
PEOPLE = "SELECT coalesce(sum(people), 0) FROM attendance WHERE session = $1"
NOTED = "SELECT EXISTS (SELECT FROM dialogue WHERE session = $1 AND noted_at IS NOT NULL)"
BEGUN = "SELECT dialogue_begun($1)"
ADD_STUDY = """
INSERT INTO study (id, session, item, title, material, minutes, presenter, people, noted_by, noted_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
PUBLISH = (
    "UPDATE dialogue SET published = $2, published_by = $3, published_at = $4, version = version + 1 WHERE session = $1"
)


@dataclass(frozen=True)
class Dialogue:
    """As it stands, with what of its session counts. `standing` is None until attendance is noted; `published` is a version of the minutes."""

    session: UUID
    area: str
    date: date
    state: str
    body: UUID | None
    standing: Standing | None
    published: int | None
    version: int


async def begin(connection: Connection, key: UUID) -> None:
    """Begins to write down a session's dialogue, at version 0, where that was not begun before."""
    await connection.execute(BEGIN, key)


async def lock(connection: Connection, key: UUID) -> Dialogue | None:
    row = await connection.fetchrow(LOCK, key)
    if row is None:
        return None
    standing = None
    if row["eligible"] is not None:
        names = ("eligible", "present", "needed", "quorate", "explanation")
        standing = Standing(*(row[name] for name in names))
    return Dialogue(
        row["session"], row["area"], row["date"], row["state"], row["body"], standing, row["published"], row["version"]
    )


async def changed(connection: Connection, key: UUID, body: UUID | None) -> None:
    """One version on; `body` is which body meets."""
    await connection.execute(CHANGED, key, body)


async def unnote(connection: Connection, key: UUID) -> None:
    """Attendance must be noted again: another body meets."""
    await connection.execute(UNNOTE, key)


async def put_agenda(connection: Connection, key: UUID, items: Sequence[Item]) -> None:
    """In the place of what was there."""
    await connection.execute(CLEAR_AGENDA, key)
    await connection.executemany(
        PUT_ITEM,
        [(key, place, each.kind, each.title, each.minutes, each.presenter) for place, each in enumerate(items, 1)],
    )


async def item_kind(connection: Connection, key: UUID, place: int) -> AgendaKind | None:
    kind = await connection.fetchval(ITEM_KIND, key, place)
    return None if kind is None else AgendaKind(kind)


async def studied(connection: Connection, key: UUID) -> list[int]:
    """The places of the agenda of which there are study records."""
    return [row["item"] for row in await connection.fetch(STUDIED, key)]


async def put_attendance(
    connection: Connection,
    dialogue: Dialogue,
    people: Mapping[AttendeeKind, int],
    attendees: Sequence[Attendee],
    standing: Standing,
    *,
    by: str,
    at: datetime,
) -> None:
    """In the place of what was noted before."""
    key = dialogue.session
    await connection.execute(CLEAR_COUNTS, key)
    await connection.execute(CLEAR_ATTENDEES, key)
    await connection.executemany(PUT_COUNT, [(key, kind, number) for kind, number in people.items()])
    rows = []
    for place, each in enumerate(attendees, 1):
        proxy = (None, None) if each.proxy_for is None else (each.proxy_for.household, each.proxy_for.subject)
        rows.append((key, place, dialogue.area, each.kind, each.who.household, each.who.subject, each.present, *proxy))
    await connection.executemany(PUT_ATTENDEE, rows)
    numbers = (standing.eligible, standing.present, standing.needed, standing.quorate, standing.explanation)
    await connection.execute(NOTE, key, *numbers, by, at)


async def people(connection: Connection, key: UUID) -> int:
    """How many came, as noted."""
    number: int = await connection.fetchval(PEOPLE, key)
    return number


async def noted(connection: Connection, key: UUID) -> bool:
    """Whether attendance is noted."""
    return bool(await connection.fetchval(NOTED, key))


async def begun(connection: Connection, key: UUID) -> bool:
    """Whether attendance is noted, or a vote was opened."""
    return bool(await connection.fetchval(BEGUN, key))


async def add_study(
    connection: Connection,
    study: UUID,
    key: UUID,
    item: int,
    title: str,
    *,
    material: str | None,
    minutes: int,
    presenter: str | None,
    people: int,
    by: str,
    at: datetime,
) -> None:
    await connection.execute(ADD_STUDY, study, key, item, title, material, minutes, presenter, people, by, at)


async def publish(connection: Connection, key: UUID, minutes: int, *, by: str, at: datetime) -> None:
    """`minutes` is the version of them that everybody may read from now on."""
    await connection.execute(PUBLISH, key, minutes, by, at)
