"""Files of sheets that are handed in, taken in by the worker, and what comes back."""

import asyncio
import csv
import io
import os
import signal
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
import python_calamine
from uuid_utils.compat import uuid7

from services.archive.commands import imports
from services.archive.commands.imports import Chunk, Desk, Means, chunks, take
from services.archive.commands.tables import as_csv
from services.archive.config import Load
from services.archive.domain.imports import FAULT_COLUMNS, SHEETS, Fault, Row
from services.archive.store import imports as store
from services.archive.store.imports import Counts, Job
from services.chassis.clock import SystemClock
from services.chassis.config import ObjectStoreConfig
from services.chassis.db import transaction
from services.chassis.keys import vault_of
from services.chassis.objects import Objects, store_of
from services.chassis.principal import itself
from tests.archive.conftest import GRID, KEYS, OTHER_GRID, VILLAGE, Archive, household

TOWNSHIP = VILLAGE[:9]
CLERK = "example-clerk"
DAY = date(2026, 3, 1)
TAKEN = "339999196203121033"
"""The ID number of somebody in the example village."""
TITLES = ("网格代码", "户号", "住址", "姓名", "与户主关系", "公民身份号码", "出生日期", "电话")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ROOT = [
    [name, name]
    for name in ("id", "state", "rowsTotal", "rowsGood", "rowsBad", "percent", "householdsOpened", "rejectedUrl")
]
FAULTS = ["faults", "faults", None, [[name, name] for name in ("row", "column", "rule")]]


def id_number(serial: int) -> str:
    """A valid one, of a region that was never assigned."""
    digits = f"339998{19500101 + serial // 400}{serial % 400 + 100:03d}"
    return digits + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True)) % 11]


def line(number: int, name: str, relation: str, **cells: str) -> list[str]:
    given = {
        "网格代码": GRID,
        "户号": f"n{number}",
        "住址": f"示例村{number}号",
        "姓名": name,
        "与户主关系": relation,
        **cells,
    }
    return [given.get(title, "") for title in TITLES]


def file_of(lines: Iterable[Sequence[str]], titles: Sequence[str] = TITLES) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([titles, *lines])
    return out.getvalue().encode("gb18030")


def couples(count: int, first: int = 1) -> list[list[str]]:
    """Households of two, with ID numbers and phones."""
    return [
        line(number, f"示例{who}", relation, 公民身份号码=id_number(2 * number + at), 电话=f"1540000{number:04d}")
        for number in range(first, first + count)
        for at, (who, relation) in enumerate((("甲", "02"), ("丙", "97")))
    ]


def job_of(data: bytes, **more: Any) -> Job:
    facts = {"area": TOWNSHIP, "kind": "MEMBERS", "dry_run": False, "submitted_by": CLERK, **more}
    return Job(id=uuid7(), valid_from=DAY, provenance="DOCUMENT", size=len(data), sha256=b"x" * 32, **facts)


async def taken_in(archive: Archive, data: bytes, **more: Any) -> tuple[Counts, list[Fault]]:
    """All chunks of a file, one after the other in this process."""
    job = job_of(data, **more)
    async with transaction(archive.pool, itself("archive")) as connection:
        await store.add(connection, job, datetime.now(UTC))
    counted = Counts()
    for chunk in chunks(SHEETS[job.kind], as_csv(data)):
        counted += await take(archive.pool, archive.vault, SystemClock(), job, chunk)
    async with transaction(archive.pool, itself("archive")) as connection:
        return counted, await store.faults(connection, job.id)


async def sheets(archive: Archive) -> dict[str, list[str]]:
    """All rows but those about imports."""
    return {name: rows for name, rows in (await archive.everything()).items() if not name.startswith("import_")}


async def handed_in(archive: Archive, data: bytes, account: str = "clerk", **query: str) -> tuple[int, Any]:
    client = archive.as_(account)
    headers = {"Authorization": f"Bearer {client.token}"}
    url = f"{client.base_url}/files/imports"
    async with client.session.put(url, params={"kind": "members", **query}, data=data, headers=headers) as answer:
        return answer.status, await answer.json()


async def fetched(archive: Archive, path: str, account: str = "clerk") -> tuple[int, bytes]:
    client = archive.as_(account)
    headers = {"Authorization": f"Bearer {client.token}"}
    async with client.session.get(client.base_url + path, headers=headers) as answer:
        return answer.status, await answer.read()


async def carried_out(archive: Archive, key: UUID) -> Objects:
    """What the worker does with a job, in processes of its own."""
    config = Load(database_url=archive.database.app_url, **KEYS)
    desk = Desk(Means(config.database_url, partial(vault_of, config)), archive.pool, SystemClock())
    objects = store_of(ObjectStoreConfig(object_store_url=archive.documents.as_uri()))
    assert objects is not None
    await imports.carry_out(desk, archive.vault, objects, key, asyncio.Event())
    return objects


async def key_of(archive: Archive, global_id: str) -> UUID:
    return UUID(
        str(
            await archive.admin.fetchval(
                "SELECT id::text FROM import_job WHERE global_id('Import', id::text) = $1", global_id
            )
        )
    )


async def test_a_file_is_taken_in_and_what_is_wrong_comes_back(archive: Archive) -> None:
    good, bad = couples(3), [line(8, "示例甲", "02", 公民身份号码="339999196203121034"), line(8, "示例乙", "20")]
    data = file_of([*good[:2], *bad, *good[2:]])
    status, told = await handed_in(archive, data)
    assert (status, told["state"]) == (202, "WAITING")
    stored = b"".join(path.read_bytes() for path in archive.documents.rglob("*") if path.is_file())
    assert stored
    assert not any(
        cell.encode(coding) in stored for cell in (id_number(2), "示例甲") for coding in ("utf-8", "gb18030")
    )

    key = await key_of(archive, told["id"])
    await carried_out(archive, key)
    status, found = await archive.as_("clerk").read("import", {"id": str(key)}, [*ROOT, FAULTS])
    assert status == 200
    assert {
        name: found[name] for name in ("state", "rowsTotal", "rowsGood", "rowsBad", "percent", "householdsOpened")
    } == {
        "state": "DONE",
        "rowsTotal": 8,
        "rowsGood": 6,
        "rowsBad": 2,
        "percent": 100,
        "householdsOpened": 3,
    }
    assert found["faults"] == [
        {"row": 4, "column": "公民身份号码", "rule": "gb11643.check_digit"},
        {"row": 5, "column": "户号", "rule": "household.whole"},
    ]
    events = await archive.events("archive.import.finished.v1")
    assert [(event["job"], event["good"], event["bad"], event["opened"], event["dryRun"]) for event in events] == [
        (str(key), 6, 2, 3, False)
    ]

    path = found["rejectedUrl"].removeprefix("/files/archive")
    assert (await fetched(archive, f"/files{path}", "admin"))[0] == 404
    status, book = await fetched(archive, f"/files{path}")
    assert status == 200
    head, *lines = python_calamine.load_workbook(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert head == [*TITLES, *FAULT_COLUMNS]
    assert lines == [[*bad[0], "公民身份号码", "gb11643.check_digit"], [*bad[1], "户号", "household.whole"]]
    assert await archive.admin.fetchval("SELECT count FROM audit WHERE deed = 'EXPORT'") == 2

    first, second = ([str(cell) for cell in cells] for cells in lines)
    corrected = [[*first[:5], id_number(16), *first[6:]], second]
    counted, faults = await taken_in(archive, file_of(corrected, [str(title) for title in head]))
    assert (counted, faults) == (Counts(good=2, opened=1), [])


async def test_the_same_file_again_changes_nothing(archive: Archive) -> None:
    data = file_of([*couples(4), line(9, "示例丁", "户主", 出生日期="1950-05-05")])
    counted, faults = await taken_in(archive, data)
    assert (counted, faults) == (Counts(good=9, opened=5), [])
    before = await sheets(archive)
    assert await taken_in(archive, data) == (Counts(good=9), [])
    assert await sheets(archive) == before


async def test_what_is_new_in_a_file_is_added_to_sheets_that_are_there(archive: Archive) -> None:
    await taken_in(archive, file_of(couples(2)))
    more = [line(1, "示例戊", "40", 出生日期="2020-01-01"), line(2, "示例己", "40", 住址="示例村新2号")]
    counted, faults = await taken_in(archive, file_of(more))
    assert (counted, faults) == (Counts(good=2, changed=2), [])
    rows = await archive.admin.fetch(
        "SELECT h.number, h.version, h.address, count(p) FROM household h JOIN person p ON p.household_id = h.id"
        " WHERE h.number IN ('n1', 'n2') GROUP BY h.id ORDER BY 1"
    )
    assert [tuple(row) for row in rows] == [("n1", 2, "示例村1号", 3), ("n2", 2, "示例村新2号", 3)]
    reasons = await archive.admin.fetch("SELECT DISTINCT left(reason, 6) FROM sheet_entry WHERE reason IS NOT NULL")
    assert [row[0] for row in reasons] == ["import"]


async def test_a_dry_run_tells_the_same_and_changes_nothing(archive: Archive) -> None:
    data = file_of([*couples(3), line(8, "示例甲", "20")])
    before = await sheets(archive)
    tried = await taken_in(archive, data, dry_run=True)
    assert await sheets(archive) == before
    assert tried == await taken_in(archive, data)
    assert tried[0] == Counts(good=6, bad=1, opened=3)


async def test_rows_that_another_row_or_sheet_forbids(archive: Archive) -> None:
    twice = id_number(900)
    lines = [
        line(1, "示例甲", "02", 公民身份号码=TAKEN),
        line(2, "示例甲", "02", 公民身份号码=twice),
        line(3, "示例甲", "02", 公民身份号码=twice),
        line(4, "示例甲", "02", 网格代码="3308810010010001"),
        line(5, "示例甲", "02", 网格代码="3399991002009999"),
        line(6, "示例甲", "02"),
    ]
    counted, faults = await taken_in(archive, file_of(lines))
    assert (counted.good, counted.opened) == (2, 2)
    assert [(fault.row, fault.field, fault.rule) for fault in faults] == [
        (2, "idNumber", "id_number.unique"),
        (4, "idNumber", "unique.in_file"),
        (5, "gridCode", "known.area"),
        (6, "gridCode", "known.area"),
    ]


async def test_a_job_writes_in_its_area_only(archive: Archive) -> None:
    lines = [line(1, "示例甲", "02"), line(2, "示例乙", "02", 网格代码=OTHER_GRID)]
    counted, faults = await taken_in(archive, file_of(lines), area=GRID)
    assert (counted.good, [(fault.row, fault.rule) for fault in faults]) == (1, [(3, "area.reach")])
    number = await archive.admin.fetchval("SELECT number FROM household WHERE area_code = $1 LIMIT 1", OTHER_GRID)
    _, faults = await taken_in(archive, file_of([line(3, "示例丙", "02", 户号=number)]), area=GRID)
    assert [(fault.field, fault.rule) for fault in faults] == [("number", "area.reach")]


async def test_plots(archive: Archive) -> None:
    number = await archive.admin.fetchval("SELECT number FROM household WHERE id = $1", UUID(household(1)))
    titles = ["网格代码", "户号", "地块代码", "地块名称", "地块类别", "承包面积（亩）", "东至", "南至", "西至", "北至"]
    plot = [GRID, number, f"{VILLAGE}0199991", "示例田", "承包地块", "1.20", "路", "沟", "山", "田"]
    data = file_of(
        [plot, [*plot[:2], f"{VILLAGE}0199992", *plot[3:]], [GRID, "n404", f"{VILLAGE}0199993", *plot[3:]]], titles
    )
    counted, faults = await taken_in(archive, data, kind="PLOTS")
    assert counted == Counts(good=2, bad=1, changed=1)
    assert [(fault.row, fault.field, fault.rule) for fault in faults] == [(4, "number", "household.known")]
    assert await taken_in(archive, data, kind="PLOTS") == (Counts(good=2, bad=1), faults)
    mu = "SELECT sum(contract_mu) FROM plot WHERE household_id = $1 AND code LIKE '%9999_'"
    assert str(await archive.admin.fetchval(mu, UUID(household(1)))) == "2.40"


async def test_a_chunk_is_taken_in_once_by_however_many(archive: Archive) -> None:
    data = file_of(couples(20))
    job = job_of(data)
    async with transaction(archive.pool, itself("archive")) as connection:
        await store.add(connection, job, datetime.now(UTC))
    [chunk] = chunks(SHEETS["MEMBERS"], as_csv(data))
    taking = [take(archive.pool, archive.vault, SystemClock(), job, chunk) for _ in range(2)]
    async with asyncio.timeout(60):
        counted = await asyncio.gather(*taking)
    assert sorted(one.opened for one in counted) == [0, 20]
    assert await archive.admin.fetchval("SELECT count(*) FROM household WHERE number LIKE 'n%'") == 20


async def test_one_household_in_two_chunks_at_once_is_one_household(archive: Archive) -> None:
    data = file_of(couples(6))
    job = job_of(data)
    async with transaction(archive.pool, itself("archive")) as connection:
        await store.add(connection, job, datetime.now(UTC))
    rows = [Row(number, cells) for number, cells in _cells(couples(6))]
    late = [Row(100, {**rows[0].cells, "name": "示例庚", "relation": "97", "idNumber": id_number(700)})]
    parts = [Chunk(rows, []), Chunk(late, [])]
    async with asyncio.timeout(60):
        counted = await asyncio.gather(*(take(archive.pool, archive.vault, SystemClock(), job, part) for part in parts))
    members = await archive.admin.fetchval(
        "SELECT count(*) FROM person p JOIN household h ON h.id = p.household_id WHERE h.number = 'n1'"
    )
    together = counted[0] + counted[1]
    assert (members, together.good, together.opened) in (
        (3, 13, 6),
        (2, 12, 6),
    )  # without a head the late one is out when it comes first


def _cells(lines: Sequence[Sequence[str]]) -> Iterable[tuple[int, Mapping[str, str]]]:
    fields = ("gridCode", "number", "address", "name", "relation", "idNumber", "birthDate", "phone")
    for number, cells in enumerate(lines, start=2):
        yield number, {field: cell for field, cell in zip(fields, cells, strict=True) if cell}


async def test_a_refused_file_has_failed_for_a_rule(archive: Archive) -> None:
    _, told = await handed_in(archive, file_of([["x"]], ["姓名"]))
    key = await key_of(archive, told["id"])
    objects = await carried_out(archive, key)
    _, found = await archive.as_("clerk").read(
        "import", {"id": str(key)}, [["s", "state"], ["f", "failure"], ["c", "failedIn"]]
    )
    assert found == {"s": "FAILED", "f": "column.required", "c": "网格代码"}
    assert [one async for one in objects.list("imports")] == []
    assert [event["failed"] for event in await archive.events("archive.import.finished.v1")] == ["column.required"]


async def test_who_may_hand_in_what(archive: Archive) -> None:
    data = file_of(couples(1))
    for account in ("cadre", "grid-worker", "resident", "auditor"):
        assert (await handed_in(archive, data, account))[0] == 403
    for query, code, rule in (
        ({"area": "330881"}, 403, None),
        ({"area": "9"}, 422, "known.area"),
        ({"kind": "people"}, 422, "known.kind"),
        ({"dryRun": "yes"}, 422, "form"),
        ({"validFrom": "2999-01-01"}, 422, "deed.future"),
        ({"provenance": "HEARSAY"}, 422, "known.provenance"),
        ({"colour": "red"}, 422, "known.argument"),
    ):
        status, told = await handed_in(archive, data, **query)
        assert (status, told.get("rule")) == (code, rule)
    assert (await handed_in(archive, data, "admin"))[1]["field"] == "area"
    assert (await handed_in(archive, b""))[1]["rule"] == "file.size"
    assert not [path for path in archive.documents.rglob("*") if path.is_file()]
    status, _ = await handed_in(archive, data, "admin", area="339999")
    assert status == 202
    select = [["edges", "edges", None, [["node", "node", None, ROOT]]]]
    for account, seen in (("admin", 1), ("auditor", 1), ("clerk", 0)):
        _, page = await archive.as_(account).read("imports", {}, select)
        assert len(page["edges"]) == seen


async def test_a_repeated_upload_is_one_job(archive: Archive) -> None:
    key, data = str(uuid4()), file_of(couples(1))
    answers = [await handed_in(archive, data, clientKey=key) for _ in range(2)]
    assert answers[0] == answers[1]
    status, told = await handed_in(archive, file_of(couples(2)), clientKey=key)
    assert (status, told["rule"]) == (409, "unique")
    await carried_out(archive, await key_of(archive, answers[0][1]["id"]))
    assert await archive.admin.fetchval("SELECT count(*) FROM household WHERE number LIKE 'n%'") == 1


async def test_templates_are_there_for_who_may_import(archive: Archive) -> None:
    for sheet in SHEETS.values():
        status, book = await fetched(archive, f"/files/imports/template-{sheet.noun}.xlsx")
        assert status == 200
        assert python_calamine.load_workbook(io.BytesIO(book)).sheet_names[0] == sheet.title
    assert (await fetched(archive, "/files/imports/template-members.xlsx", "resident"))[0] == 403
    assert (await fetched(archive, "/files/imports/template-people.xlsx"))[0] == 422


async def test_files_go_when_their_time_is_over(archive: Archive) -> None:
    _, told = await handed_in(archive, file_of([line(1, "示例甲", "20")]))
    key = await key_of(archive, told["id"])
    objects = await carried_out(archive, key)
    assert [one.key.rpartition("/")[2] async for one in objects.list("imports")] == [store.REJECTED]
    desk = Desk(Means("", lambda: archive.vault), archive.pool, SystemClock())
    await imports.sweep(desk, objects)
    assert [one async for one in objects.list("imports")]
    await archive.admin.execute("UPDATE import_job SET finished_at = finished_at - interval '31 days'")
    await imports.sweep(desk, objects)
    assert not [one async for one in objects.list("imports")]
    _, found = await archive.as_("clerk").read("import", {"id": str(key)}, ROOT)
    assert (found["rejectedUrl"], found["rowsBad"]) == (None, 1)


async def test_a_killed_import_goes_on_where_it_stopped(archive: Archive, tmp_path: Path) -> None:
    """The operator's call, all of its processes killed once a part is in, then made again."""
    count = 3 * imports.CHUNK_ROWS
    file = tmp_path / "people.csv"
    file.write_bytes(file_of([*couples(count // 2), line(0, "示例甲", "20")]))
    settings = {f"SANMIN_{name.upper()}": value for name, value in KEYS.items()}
    command = [sys.executable, "-m", "services.archive", "import", str(file), "--kind", "members"]
    environment = {**os.environ, **settings, "SANMIN_DATABASE_URL": archive.database.app_url, "COLUMNS": "200"}
    start = partial(
        asyncio.create_subprocess_exec,
        *command,
        env=environment,
        start_new_session=True,
        stdout=asyncio.subprocess.PIPE,
    )
    process = await start()
    async with asyncio.timeout(120):
        while not await archive.admin.fetchval("SELECT count(*) FROM import_chunk"):
            await asyncio.sleep(0.02)
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    done = await archive.admin.fetchval("SELECT sum(good) FROM import_chunk")
    assert 0 < done < count

    async with asyncio.timeout(120):
        process = await start()
        told, _ = await process.communicate()
    assert process.returncode == 1
    assert f"{count:,} rows taken in, 1 not; sheets opened: {count // 2:,}" in told.decode()
    assert "household.one_head" in told.decode()
    row = await archive.admin.fetchrow(
        "SELECT (SELECT count(*) FROM import_job), (SELECT count(*) FROM household WHERE number LIKE 'n%'),"
        " (SELECT count(*) FROM person p JOIN household h ON h.id = p.household_id WHERE h.number LIKE 'n%')"
    )
    assert tuple(row or ()) == (1, count // 2, count)
    book = python_calamine.load_workbook(io.BytesIO((tmp_path / "people.rejected.xlsx").read_bytes()))
    assert len(book.get_sheet_by_index(0).to_python()) == 2
    assert msgspec.json.encode(await archive.events("archive.import.finished.v1")).count(b'"job"') == 1


@pytest.mark.parametrize("kind", SHEETS)
def test_a_file_is_always_cut_in_the_same_chunks(kind: str) -> None:
    titles = [column.title for column in SHEETS[kind].columns]
    data = (
        file_of(([GRID, f"{number // 3}", *["x"] * (len(titles) - 2)] for number in range(5000)), titles)
        .decode("gb18030")
        .encode()
    )
    cut = [list(chunks(SHEETS[kind], data)) for _ in range(2)]
    assert cut[0] == cut[1]
    assert sum(len(chunk.rows) for chunk in cut[0]) == 5000
    ends = [(chunk.rows[0].cells["number"], chunk.rows[-1].cells["number"]) for chunk in cut[0]]
    assert all(last != first for (_, last), (first, _) in pairwise(ends))


async def test_a_stopped_import_goes_on_later(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "CHUNK_ROWS", 2)
    data, stop = file_of(couples(40)), asyncio.Event()
    job = job_of(data)
    async with transaction(archive.pool, itself("archive")) as connection:
        await store.add(connection, job, datetime.now(UTC))
    config = Load(database_url=archive.database.app_url, **KEYS)
    desk = Desk(Means(config.database_url, partial(vault_of, config)), archive.pool, SystemClock())

    def told(counted: Counts, total: int) -> None:
        if counted.read and counted.read < total:
            stop.set()

    assert await imports.run(desk, job, data, stop, told) is None
    assert await imports.run(desk, job, data, asyncio.Event()) is not None
    async with transaction(archive.pool, itself("archive")) as connection:
        counted = await store.counts(connection, job.id)
    assert (counted.good, counted.bad) == (80, 0)
    assert await archive.admin.fetchval("SELECT count(*) FROM household WHERE number LIKE 'n%'") == 40
