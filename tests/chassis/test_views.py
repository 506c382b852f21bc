"""Selections become one statement: right shape, right rows, and never a row that the caller may not see."""

import json
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from services.chassis.db import Pool, transaction
from services.chassis.errors import InvalidInput
from services.chassis.principal import Caller
from services.chassis.views import Views
from tests.chassis.probe import VIEWS
from tests.support.databases import Database

HERE, THERE = "3399991002000001", "3399991002010001"
CALLER = Caller("worker", areas=("339999100200",))
IDS = [UUID(int=n) for n in range(1, 6)]


@pytest.fixture(autouse=True)
async def notes(pool: Pool) -> None:
    async with transaction(pool, Caller("service:probe", service=True)) as connection:
        for n, key in enumerate(IDS):
            area = THERE if n == 4 else HERE
            await connection.execute("INSERT INTO note VALUES ($1, $2, $3)", key, area, f"note 'n' {n}")
        for place in range(4):
            await connection.execute("INSERT INTO line VALUES ($1, $2, $3)", IDS[0], place, f"line {place}")


async def read(pool: Pool, root: str, args: dict[str, Any], select: list[Any], caller: Caller = CALLER) -> Any:
    return json.loads(await VIEWS.read(pool, caller, root, args, json.dumps(select).encode()))


async def test_shape_follows_selection(pool: Pool) -> None:
    select = [
        ["heading", "title"],
        ["__typename", "__typename"],
        ["all", "lines", {"first": 3}, [["text", "text"]]],
        ["lines", "lines", None, [["t", "text"], ["note", "note", None, [["version", "version"]]]]],
    ]
    assert await read(pool, "note", {"id": str(IDS[0])}, select) == {
        "heading": "note 'n' 0",
        "__typename": "Note",
        "all": [{"text": f"line {n}"} for n in range(3)],
        "lines": [{"t": f"line {n}", "note": {"version": 1}} for n in range(2)],
    }


async def test_an_object_may_have_more_keys_than_a_function_takes_arguments(pool: Pool) -> None:
    select: list[Any] = [[f"title{n}", "title"] for n in range(120)]
    assert await read(pool, "note", {"id": str(IDS[0])}, select) == {f"title{n}": "note 'n' 0" for n in range(120)}


async def test_page_walks_all_rows_once(pool: Pool) -> None:
    info = [
        "pageInfo",
        "pageInfo",
        None,
        [["more", "hasNextPage"], ["before", "hasPreviousPage"], ["end", "endCursor"]],
    ]
    select = [["edges", "edges", None, [["node", "node", None, [["title", "title"]]], ["cursor", "cursor"]]], info]
    titles, after = [], None
    for expected in (2, 2):
        page = await read(pool, "page", {"area": "339999100200", "first": 2, "after": after}, select)
        assert len(page["edges"]) == expected
        assert page["pageInfo"]["before"] is (after is not None)
        assert page["pageInfo"]["end"] == page["edges"][-1]["cursor"]
        titles += [edge["node"]["title"] for edge in page["edges"]]
        after = page["pageInfo"]["end"]
    assert page["pageInfo"]["more"] is False
    assert titles == [f"note 'n' {n}" for n in range(4)]
    last = await read(pool, "page", {"area": "339999100200", "after": after}, select)
    assert last == {"edges": [], "pageInfo": {"more": False, "before": True, "end": None}}


async def test_descending_page(pool: Pool) -> None:
    select = [["edges", "edges", None, [["node", "node", None, [["title", "title"]]], ["cursor", "cursor"]]]]
    first = await read(pool, "newest", {"first": 3}, select)
    rest = await read(pool, "newest", {"first": 3, "after": first["edges"][-1]["cursor"]}, select)
    assert [edge["node"]["title"][-1] for edge in first["edges"] + rest["edges"]] == ["3", "2", "1", "0"]


async def test_batches_keep_step_with_keys(pool: Pool) -> None:
    keys = [str(IDS[2]), str(UUID(int=99)), str(IDS[0])]
    assert await read(pool, "byId", {"keys": keys}, [["title", "title"]]) == [
        {"title": "note 'n' 2"}, None, {"title": "note 'n' 0"},
    ]  # fmt: skip
    by_area = await read(pool, "byArea", {"keys": [THERE, HERE]}, [["title", "title"]])
    assert by_area == [[], [{"title": "note 'n' 0"}, {"title": "note 'n' 1"}]]


@pytest.mark.parametrize("caller", [Caller("nobody"), Caller("elsewhere", areas=("330881",))])
async def test_rows_out_of_reach_do_not_exist(pool: Pool, caller: Caller) -> None:
    assert await read(pool, "note", {"id": str(IDS[0])}, [["id", "id"]], caller) is None
    assert await read(pool, "notes", {"area": "33"}, [["id", "id"]], caller) == []


async def test_the_setting_does_not_outlive_its_statement(database: Database) -> None:
    """On one and the same connection: the caller of one statement is unknown to the next."""
    async with asyncpg.create_pool(database.app_url, min_size=1, max_size=1) as single:
        await single.fetchval("SELECT 1")
        select = b'[["id","id"]]'
        assert await VIEWS.read(single, CALLER, "note", {"id": str(IDS[0])}, select) != b"null"
        assert await single.fetchval("SELECT count(*) FROM note") == 0
        assert await single.fetchval("SELECT current_setting('sanmin.caller', true)") in (None, "")


async def test_the_caller_is_set_before_rows_are_read(pool: Pool, database: Database) -> None:
    """In every plan the scan of a guarded table stands below the inner side of a join whose outer side sets the caller."""
    for name, sql in VIEWS.samples().items():
        async with pool.acquire() as connection:
            await connection.execute("SET plan_cache_mode = force_generic_plan")
            await connection.execute(f"PREPARE sample AS {sql}")
            count = await connection.fetchval(
                "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'sample'"
            )
            await connection.execute("SET enable_material = on")
            nulls = ", ".join(["NULL"] * count)
            plan = json.loads(await connection.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE sample({nulls})"))[0]["Plan"]
            await connection.execute("DEALLOCATE sample; RESET ALL")
        assert plan["Node Type"] == "Nested Loop", name
        outer, inner = [child for child in plan["Plans"] if child["Parent Relationship"] in ("Outer", "Inner")]
        assert outer["Node Type"] == "CTE Scan", name
        assert "note" in json.dumps(inner), name
        assert not any("note" in json.dumps(child) for child in plan["Plans"] if child is not inner), name


async def test_every_sample_prepares(pool: Pool) -> None:
    for sql in VIEWS.samples().values():
        async with pool.acquire() as connection:
            await connection.prepare(sql)


@pytest.mark.parametrize(
    ("root", "args", "select", "field"),
    [
        ("nothing", {}, [["id", "id"]], "root"),
        ("note", {"id": str(IDS[0]), "other": 1}, [["id", "id"]], "other"),
        ("note", {"id": "no uuid"}, [["id", "id"]], "args"),
        ("note", {"id": str(IDS[0])}, [["id", "secret"]], "select"),
        ("note", {"id": str(IDS[0])}, [], "select"),
        ("note", {"id": str(IDS[0])}, [["a'b", "id"]], "select"),
        ("note", {"id": str(IDS[0])}, [["id"]], "select"),
        ("note", {"id": str(IDS[0])}, [["id", "id"]] * 801, "select"),
        ("note", {"id": str(IDS[0])}, [["l", "lines", {"first": 6}, [["text", "text"]]]], "first"),
        ("note", {"id": str(IDS[0])}, [["l", "lines", {"last": 6}, [["text", "text"]]]], "last"),
        ("page", {"area": HERE, "first": 0}, [["edges", "edges", None, [["cursor", "cursor"]]]], "first"),
        ("page", {"area": HERE, "first": 201}, [["edges", "edges", None, [["cursor", "cursor"]]]], "first"),
        ("page", {"area": HERE, "after": "bm90aGluZw=="}, [["edges", "edges", None, [["cursor", "cursor"]]]], "after"),
        ("page", {"area": HERE, "after": "***"}, [["edges", "edges", None, [["cursor", "cursor"]]]], "after"),
    ],
)
async def test_bad_questions_name_the_field(
    pool: Pool, root: str, args: dict[str, Any], select: list[Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await read(pool, root, args, select)
    assert caught.value.extra["field"] == field


NOTED = """noted AS (INSERT INTO line (note_id, place, text)
    SELECT given.id, 100 + answer.count, given.who || ': ' || array_to_string(given.fields, ' ')
    FROM answer CROSS JOIN jsonb_to_record(:note) AS given(id uuid, who text, fields text[]) WHERE answer.count > 0)"""
PAGE = [["e", "edges", None, [["n", "node", None, [["__typename", "__typename"], ["t", "title"], ["a", "area"]]]]]]


@pytest.mark.parametrize(
    ("root", "args", "select", "told"),
    [
        ("note", {"id": str(IDS[0])}, [["t", "title"], ["l", "lines", None, [["text", "text"]]]], (1, "lines title")),
        ("note", {"id": str(IDS[4])}, [["t", "title"]], (0, "")),
        ("notes", {"area": HERE}, [["t", "title"]], (4, "title")),
        ("notes", {"area": THERE}, [["t", "title"]], (0, "")),
        ("page", {"area": "339999100200", "first": 3}, PAGE, (3, "area title")),
        ("page", {"area": "339999100200", "first": 50}, PAGE, (4, "area title")),
        ("byId", {"keys": [str(key) for key in IDS]}, [["t", "title"]], (4, "title")),
        ("byId", {"keys": [str(IDS[4])]}, [["t", "title"]], (0, "")),
    ],
)
async def test_a_read_is_written_down_with_what_it_tells_of(
    pool: Pool, root: str, args: dict[str, Any], select: list[Any], told: tuple[int, str]
) -> None:
    """And answers as it would otherwise."""
    views = Views([VIEWS.views["Note"], VIEWS.views["Line"]], VIEWS.roots, {"read": NOTED})
    question = (root, args, json.dumps(select).encode())
    note = {"kind": "read", "id": str(IDS[1]), "who": "worker"}
    assert await views.read(pool, CALLER, *question, note=note) == await views.read(pool, CALLER, *question)
    rows = [tuple(row) for row in await pool.fetch("SELECT place, text FROM line WHERE place >= 100")]
    count, fields = told
    assert rows == ([(100 + count, f"worker: {fields}")] if count else [])
