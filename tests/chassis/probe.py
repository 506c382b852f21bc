"""A small service of the tests' own, declared as the real ones are: notes that lie in areas."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import msgspec

from services.chassis.commands import Command, Doing, Input, Secret
from services.chassis.config import ApiConfig, WorkerConfig
from services.chassis.envelope import EventData
from services.chassis.errors import InvalidInput, TooManyRequests
from services.chassis.inbox import Reacting, Reaction
from services.chassis.outbox import record
from services.chassis.principal import Caller, Principal
from services.chassis.service import Service
from services.chassis.views import Edge, Root, View, Views
from tests.support.databases import Database
from tests.support.tokens import CONFIG

MIGRATIONS = Path(__file__).parent / "migrations"

NOTE = View(
    "Note",
    "note",
    {"id": "global_id('Note', {t}.id::text)", "title": "{t}.title", "area": "{t}.area_code", "version": "{t}.version"},
    {"lines": Edge("Line", "{t}.note_id = {p}.id", many=True, order="{t}.place", first=2, most=5)},
)
LINE = View("Line", "line", {"text": "{t}.text"}, {"note": Edge("Note", "{t}.id = {p}.note_id")})
IN_AREA = "{t}.area_code >= :area AND {t}.area_code < :area || ':'"
VIEWS = Views(
    [NOTE, LINE],
    {
        "note": Root("Note", "one", {"id": "uuid"}, {"id": "{t}.id = :id"}),
        "notes": Root("Note", "many", {"area": "text"}, {"area": IN_AREA}, order=(("{t}.title", "text"),)),
        "page": Root(
            "Note", "page", {"area": "text"}, {"area": IN_AREA}, order=(("{t}.area_code", "text"), ("{t}.id", "uuid"))
        ),
        "newest": Root("Note", "page", order=(("{t}.title", "text"),), descending=True),
        "byId": Root("Note", "each_one", key="{t}.id", key_type="uuid"),
        "byArea": Root("Note", "each_many", key="{t}.area_code", order=(("{t}.title", "text"),), most=2),
    },
)


class NoteWritten(EventData, frozen=True):
    type: ClassVar[str] = "probe.note.written.v1"

    note: UUID
    area: str


class WriteNote(Input, frozen=True):
    id: UUID
    area: str
    title: str


async def write_note(doing: Doing, given: WriteNote) -> str:
    if given.title == "refused":
        raise InvalidInput("title: refused by the tests' rule", field="title", rule="test")
    await doing.connection.execute(
        "INSERT INTO note (id, area_code, title) VALUES ($1, $2, $3)", given.id, given.area, given.title
    )
    written = NoteWritten(note=given.id, area=given.area)
    await record(doing.connection, doing.clock, written, subject=str(given.id), area=given.area)
    return str(given.id)


class TellSecret(Input, frozen=True):
    id: UUID
    too_often: bool = False


class Heard(msgspec.Struct):
    """What the tests' reaction reads of an event."""

    note: UUID
    area: str


@dataclass
class Listener:
    """A reaction that keeps what it heard in the database, and fails as often as it is told to."""

    failures: int = 0
    tries: list[UUID] = field(default_factory=list)

    async def hear(self, reacting: Reacting, heard: Heard) -> None:
        self.tries.append(heard.note)
        await reacting.connection.execute(
            "INSERT INTO line (note_id, place, text) SELECT $1, count(*), $2 FROM line WHERE note_id = $1",
            heard.note,
            str(reacting.event.id),
        )
        if self.failures:
            self.failures -= 1
            raise InvalidInput("the tests' failure")


async def tell_secret(doing: Doing, given: TellSecret) -> dict[str, Any]:
    """Leaves a line on the note each time it is told."""
    if given.too_often:
        raise TooManyRequests("told too often", retry_after=7)
    await doing.connection.execute(
        "INSERT INTO line (note_id, place, text) SELECT $1, count(*), 'told' FROM line", given.id
    )
    return {"secret": "the tests' secret", "all": [{"n": 1}, {"n": 2}], "nothing": None}


async def tell_word(doing: Doing, key: str) -> str:
    """Leaves a line on the note each time, and tells which word it is."""
    await doing.connection.execute(
        "INSERT INTO line (note_id, place, text) SELECT $1, count(*), 'word' FROM line", UUID(key)
    )
    return f"the tests' word {await doing.connection.fetchval('SELECT count(*) FROM line')}"


def reach(principal: Principal) -> Caller:
    return Caller(principal.subject, areas=principal.areas)


def probe(listener: Listener | None = None) -> Service:
    reaction = Reaction(Heard, (listener or Listener()).hear)
    return Service(
        "probe",
        MIGRATIONS,
        VIEWS,
        reach,
        commands=(
            Command("writeNote", WriteNote, frozenset({"writer"}), write_note, "note", {"word": tell_word}),
            Secret("tellSecret", TellSecret, frozenset({"writer"}), tell_secret),
        ),
        reactions={"probe.note.written.v1": reaction},
    )


def api_config(database: Database, **settings: Any) -> ApiConfig:
    return ApiConfig(
        database_url=database.app_url,
        port=0,
        issuer=CONFIG.issuer,
        jwks_url=CONFIG.jwks_url,
        audience=CONFIG.audience,
        **settings,
    )


def worker_config(database: Database, amqp_url: str, prefix: str) -> WorkerConfig:
    return WorkerConfig(database_url=database.app_url, amqp_url=amqp_url, broker_prefix=prefix, port=0)
