"""A small part of the invented county in a real database: the same twice, whole after an interruption, and seen by the right callers only."""

import asyncio
import base64
import io
import os
import signal
import sys
from dataclasses import asdict
from random import Random
from uuid import UUID

import msgspec
import pytest
from rich.console import Console

from bench import bare, county, ledger, load, loading, page, rows, search
from bench.ledger import LedgerError, Line, open_ledger
from bench.people import MARK, Person, Register
from bench.shape import Village
from services.archive.app import HERE
from services.archive.commands.area import publish_areas
from services.archive.domain.area import divisions
from services.archive.domain.id_number import facts_of
from services.archive.domain.search import name_text, question
from services.archive.store import sheet as sheets
from services.archive.store.sheet import AREA
from services.archive.views import VIEWS
from services.chassis.clock import SystemClock
from services.chassis.db import open_pool, transaction
from services.chassis.keys import vault_of
from services.chassis.principal import Caller, itself
from tests.conftest import MakeDatabase, Serve
from tests.support.databases import Database

SEED = 7
FEW = 2
VILLAGE = "330881001001"
SHEETS = b'[["edges","edges",null,[["node","node",null,[["number","number"],["members","members",null,[["name","name"],["idNumber","idNumber"]]]]]]]]'


@pytest.fixture
async def database(make_database: MakeDatabase) -> Database:
    """An archive with the real divisions and no grids."""
    made = await make_database("archive")
    pool = await open_pool(made.app_url, 1)
    async with pool, transaction(pool, itself("archive")) as connection:
        await publish_areas(
            connection, SystemClock(), divisions((HERE / "data" / "divisions.csv").read_text(encoding="utf-8"))
        )
    return made


@pytest.fixture
def access(database: Database) -> loading.Access:
    key = base64.b64encode(bytes(32)).decode()
    return loading.Access(
        superuser_database_url=database.superuser_url,
        archive_database=database.name,
        personal_data_key=key,
        blind_index_key=key,
    )


async def fill(access: loading.Access, seed: int = SEED) -> county.Loaded:
    return await asyncio.to_thread(county.fill, access, seed, FEW, Console(file=io.StringIO()))


async def ledger_of(access: loading.Access) -> dict[str, Line]:
    async with access.connect() as connection:
        return await open_ledger(connection, SEED)


async def count(access: loading.Access, table: str) -> int:
    async with access.connect() as connection:
        number: int = await connection.fetchval(f"SELECT count(*) FROM {table}")
        return number


async def test_villages_are_loaded_whole_and_once(access: loading.Access) -> None:
    first = await fill(access)
    assert first.fresh == first.villages == FEW
    lines = await ledger_of(access)
    assert set(lines) == {"330881001001", "330881001002"}
    assert await count(access, "household") == first.households == sum(line.households for line in lines.values())
    assert await count(access, "person") == await count(access, "membership") == first.persons
    assert await count(
        access, "outbox WHERE type = 'archive.area.published.v1' AND length(subject) = 16"
    ) == await count(access, "area WHERE kind = 'GRID'")
    second = await fill(access)
    assert second.fresh == 0
    assert (second.households, second.persons) == (first.households, first.persons)
    with pytest.raises(LedgerError, match=f"seed {SEED}"):
        await fill(access, SEED + 1)


async def test_what_is_made_is_the_same_every_time(access: loading.Access) -> None:
    villages, _ = await county.plan(access, SEED, FEW)
    vault = vault_of(access)
    digests = [rows.batch(village, SEED, vault).hash.digest() for village in (*villages, *villages)]
    assert digests[:FEW] == digests[FEW:]
    assert rows.batch(villages[0], SEED + 1, vault).hash.digest() != digests[0]


class Interrupted(Exception):
    pass


async def test_an_interrupted_village_leaves_nothing_and_is_made_anew(
    access: loading.Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    villages, _ = await county.plan(access, SEED, FEW)

    def load(worker: loading.Worker, village: Village) -> Line:
        return worker.load(village, SEED)

    async def break_off(*_: object) -> None:
        raise Interrupted

    worker = await asyncio.to_thread(loading.Worker, access)
    done = await asyncio.to_thread(load, worker, villages[0])
    with monkeypatch.context() as patch:
        patch.setattr(ledger, "note", break_off)
        with pytest.raises(Interrupted):
            await asyncio.to_thread(load, worker, villages[1])
    await asyncio.to_thread(worker.close)
    assert await count(access, "household") == done.households
    assert await ledger_of(access) == {done.village: done}

    resumed = await fill(access)
    assert resumed.fresh == 1
    assert await count(access, "household") == resumed.households > done.households


async def test_sheets_open_under_the_archives_keys(access: loading.Access) -> None:
    await fill(access)
    async with access.connect() as connection:
        households = [row["id"] for row in await connection.fetch("SELECT id FROM household ORDER BY id LIMIT 40")]
        for household in households:
            sheet = await sheets.find(connection, vault_of(access), household)
            assert sheet is not None
            present = sheet.members
            assert [member.relation for member in present].count("02") == 1
            for member in present:
                assert member.id_number is not None
                facts = facts_of(member.id_number)
                assert (facts.birth_date, facts.sex) == (member.birth_date, member.sex)
                assert member.phone is None or member.phone.startswith("+861540")
        assert await connection.fetchval(AREA, households[0]) == f"{VILLAGE}0001"


async def test_callers_see_their_area_only(access: loading.Access, database: Database) -> None:
    await fill(access)
    async with await open_pool(database.app_url, 1) as pool:

        async def seen(*areas: str, **args: object) -> bytes:
            return await VIEWS.read(
                pool, Caller("example", areas=areas), "households", {"area": VILLAGE, **args}, SHEETS
            )

        assert (await seen(VILLAGE)).count(b'"number"') == 50
        assert b"339999****" in await seen("330881")
        assert (await seen("330881001002")).count(b'"number"') == 0
        assert (await seen()).count(b'"number"') == 0

        name = Register(Random(f"{SEED}:{VILLAGE}"), 0).household()[0].name
        asked = question(name.removesuffix(MARK))
        start = {"from_area": VILLAGE, "from_household": str(UUID(int=0))}
        found = await seen("330881", terms=list(asked.terms), patterns=list(asked.patterns), **start)
        assert name.encode() in found


async def test_the_bare_endpoint_gives_the_archives_households(
    access: loading.Access, database: Database, serve: Serve
) -> None:
    await fill(access)
    member = ("id", "name", "relation", "relationName", "sex", "birthDate", "idNumber", "phone", "isHead")
    members_node = ["members", "members", None, [[name, name] for name in member]]
    node = [*([name, name] for name in ("id", "number", "address", "version")), members_node]
    select = msgspec.json.encode([["edges", "edges", None, [["node", "node", None, node]]]])
    async with await open_pool(database.app_url, 1) as pool:
        caller = Caller("example", areas=("33",), roles=("city_admin",))
        answer = await VIEWS.read(pool, caller, "households", {"area": VILLAGE}, select)
    ours = [edge["node"] for edge in msgspec.json.decode(answer)["edges"]]
    url = await serve(bare.build(bare.Bare(database_url=access.url, port=1, database_pool=1)))
    theirs = await asyncio.to_thread(
        page.fetch, load.post(f"{url}/households", b'{"area":"%s"}' % VILLAGE.encode()), f"{url}/households"
    )
    assert msgspec.json.decode(theirs) == ours
    assert len(ours) == 50


def test_searched_names_are_those_of_the_village() -> None:
    village = Village(VILLAGE, "示例村", 0, 100, (1, 2))
    asked = search.names(village, SEED, 10)
    everybody = [name_text(person.name) for person in _people(village)]
    assert {len(name) for name in asked if not name.isascii()} == {1, 2, 3}
    assert sum(name.isascii() for name in asked) == 4
    for name in asked:
        (pattern,) = question(name).patterns
        assert any(pattern.strip("%") in full for full in everybody), name
    assert asked == search.names(village, SEED, 10)


def _people(village: Village) -> list[Person]:
    register = Register(Random(f"{SEED}:{village.code}"), village.serial)
    return [person for _ in range(village.households) for person in register.household()]


async def test_ctrl_c_stops_between_villages_and_the_next_run_goes_on(access: loading.Access) -> None:
    few = 30
    settings = {f"SANMIN_{name.upper()}": str(value) for name, value in asdict(access).items()}
    command = [sys.executable, "-m", "bench.county", "--seed", str(SEED), "--villages", str(few)]
    process = await asyncio.create_subprocess_exec(
        *command, env={**os.environ, **settings}, stderr=asyncio.subprocess.PIPE, start_new_session=True
    )
    async with asyncio.timeout(60):
        while not await ledger_of(access):
            await asyncio.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        _, told = await process.communicate()
    assert process.returncode == 130
    assert b"Stopped." in told
    assert b"Traceback" not in told
    there = await ledger_of(access)
    assert 0 < len(there) < few
    assert await count(access, "household") == sum(line.households for line in there.values())

    process = await asyncio.create_subprocess_exec(
        *command, env={**os.environ, **settings}, stderr=asyncio.subprocess.PIPE
    )
    _, told = await process.communicate()
    assert process.returncode == 0, told
    assert f"{few} villages".encode() in told
    assert await count(access, "person") == sum(line.persons for line in (await ledger_of(access)).values())
