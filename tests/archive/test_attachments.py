"""Documents and photos of sheets: over HTTP, in a folder, on a real database."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.archive.commands.attachment import sweep_attachments
from services.archive.store import attachment as store
from services.chassis.clock import SystemClock
from services.chassis.config import ObjectStoreConfig
from services.chassis.objects import Objects
from services.chassis.principal import itself
from tests.archive.conftest import VILLAGE, Archive, household, key, person
from tests.archive.pictures import HEIC, PDF, PLACE, jpeg, png, webp

ATTACHMENTS = [
    [
        "attachments",
        "attachments",
        None,
        [[name, name] for name in ("key", "title", "subject", "contentType", "bytes", "sha256", "url", "takenOn")],
    ],
    ["uploadUrl", "uploadUrl"],
]


async def put(
    archive: Archive, account: str, body: Any, headers: dict[str, str] | None = None, **asked: str
) -> tuple[int, Any]:
    client = archive.as_(account)
    given = {"Authorization": f"Bearer {client.token}", **(headers or {})}
    query = {"household": household(1), "title": "示例照片", **asked}
    url = f"{archive.base_url}/files/attachments"
    async with client.session.put(url, params=query, data=body, headers=given) as answer:
        return answer.status, await answer.json()


async def get(archive: Archive, account: str, path: str, **headers: str) -> tuple[int, bytes, Any]:
    client = archive.as_(account)
    url = archive.base_url + path.replace("/files/archive/", "/files/")
    given = {"Authorization": f"Bearer {client.token}", **headers}
    async with client.session.get(url, headers=given) as answer:
        return answer.status, await answer.read(), answer.headers


async def sheet(archive: Archive, number: int = 1, account: str = "cadre") -> Any:
    status, answer = await archive.as_(account).read("household", {"id": household(number)}, ATTACHMENTS)
    assert status == 200, answer
    return answer["attachments"]


def kept(archive: Archive) -> list[Path]:
    return sorted(path for path in archive.documents.rglob("*") if path.is_file())


async def remove(archive: Archive, account: str, attachment: str) -> tuple[int, Any]:
    given = {"clientKey": key(), "id": attachment}
    return await archive.as_(account).command("removeAttachment", given, ATTACHMENTS)


async def test_a_photo_is_kept_without_its_place(archive: Archive) -> None:
    status, told = await put(archive, "grid-worker", jpeg(), takenOn="2026-01-05")
    assert status == 201, told
    status, content, headers = await get(archive, "cadre", told["url"])
    assert status == 200
    assert PLACE not in content
    assert hashlib.sha256(content).hexdigest() == told["sha256"]
    assert (headers["Content-Type"], headers["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert headers["Content-Disposition"] == "inline; filename*=UTF-8''%E7%A4%BA%E4%BE%8B%E7%85%A7%E7%89%87.jpg"
    assert headers["ETag"] == f'"{told["sha256"]}"'
    assert "private" in headers["Cache-Control"]
    (shown,) = await sheet(archive)
    assert shown | {"key": ""} == {
        "key": "",
        "title": "示例照片",
        "subject": "HOUSEHOLD",
        "contentType": "image/jpeg",
        "bytes": len(content),
        "sha256": told["sha256"],
        "url": told["url"],
        "takenOn": "2026-01-05",
    }
    assert await archive.events("archive.attachment.added.v1") == [
        {
            "attachment": shown["key"],
            "household": household(1),
            "area": "3399991002000001",
            "subject": "HOUSEHOLD",
            "subjectId": household(1),
            "contentType": "image/jpeg",
        }
    ]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(png(), "image/png"), (webp(), "image/webp"), (HEIC, "image/heic"), (PDF, "application/pdf")],
)
async def test_the_type_is_what_the_first_bytes_say(archive: Archive, body: bytes, content_type: str) -> None:
    status, told = await put(archive, "cadre", body, {"Content-Type": "image/jpeg"})
    assert (status, told["contentType"]) == (201, content_type)
    _, content, headers = await get(archive, "cadre", told["url"])
    assert headers["Content-Type"] == content_type
    assert content == body or content_type in ("image/png", "image/webp")
    assert headers["Content-Disposition"].startswith("attachment" if content_type == "application/pdf" else "inline")


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b"<html><script>", "attachment.type"),
        (b"MZ" + bytes(100), "attachment.type"),
        (b"", "attachment.type"),
        (b"%PDF-1.7", "attachment.empty"),
        (jpeg()[:-40], "jpeg.form"),
        (png()[:60], "png.form"),
    ],
)
async def test_what_is_no_document_leaves_nothing(archive: Archive, body: bytes, rule: str) -> None:
    before = await archive.everything()
    status, problem = await put(archive, "cadre", body)
    assert (status, problem["code"], problem["rule"]) == (422, "INVALID_INPUT", rule)
    assert await archive.everything() == before
    assert kept(archive) == []


async def test_a_declared_digest_is_checked(archive: Archive) -> None:
    digest = base64.b64encode(hashlib.sha256(jpeg()).digest()).decode()
    status, _ = await put(archive, "cadre", jpeg(), {"Content-Digest": f"sha-256=:{digest}:"})
    assert status == 201
    other = base64.b64encode(bytes(32)).decode()
    for header, rule in ((f"sha-256=:{other}:", "sha256"), ("md5=:AAAA:", "form")):
        status, problem = await put(archive, "cadre", png(), {"Content-Digest": header})
        assert (status, problem["rule"]) == (422, rule)
    assert len(kept(archive)) == 1


async def test_a_broken_upload_leaves_nothing(archive: Archive) -> None:
    async def breaks_off() -> AsyncIterator[bytes]:
        yield jpeg(scan=bytes(6_000_000))[:5_900_000]
        raise ConnectionResetError

    with pytest.raises(Exception):  # noqa: B017, PT011  whatever the client makes of it
        await put(archive, "cadre", breaks_off())
    async with asyncio.timeout(10):
        while kept(archive):
            await asyncio.sleep(0.05)
    assert await sheet(archive) == []


async def test_a_document_that_is_too_large_is_refused(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.archive.routes.attachment.MOST_BYTES", 1000)
    status, problem = await put(archive, "cadre", jpeg(scan=bytes(2000)))
    assert (status, problem["code"]) == (413, "PAYLOAD_TOO_LARGE")
    assert kept(archive) == []


async def test_the_same_content_is_one_object_and_one_attachment(archive: Archive) -> None:
    first = await put(archive, "cadre", jpeg())
    again = await put(archive, "cadre", jpeg(), title="示例另一名")
    assert (first[0], again[0]) == (201, 200)
    assert first[1] == again[1]
    elsewhere = await put(archive, "cadre", jpeg(), household=household(2))
    assert elsewhere[0] == 201
    assert elsewhere[1]["url"] != first[1]["url"]
    assert len(kept(archive)) == 1
    assert len(await archive.events("archive.attachment.added.v1")) == 2


async def test_each_part_of_a_sheet_has_its_own(archive: Archive) -> None:
    given = {"clientKey": key(), "householdId": household(1), "text": "示例走访", "visitedOn": "2026-01-05"}
    select = [["key", "key"], ["uploadUrl", "uploadUrl"]]
    _, note = await archive.as_("grid-worker").command("addVisitNote", given, select)
    _, member = await archive.as_("cadre").read("member", {"id": person(1)}, [["uploadUrl", "uploadUrl"]])
    assert member["uploadUrl"] == f"/files/archive/attachments?household={household(1)}&of=member:{person(1)}"
    assert note["uploadUrl"] == f"/files/archive/attachments?household={household(1)}&of=visit_note:{note['key']}"
    await put(archive, "cadre", jpeg(), of=f"member:{person(1)}")
    await put(archive, "cadre", png(), of=f"visit_note:{note['key']}")
    for root, one, content_type in (("member", person(1), "image/jpeg"), ("visitNote", note["key"], "image/png")):
        _, found = await archive.as_("cadre").read(root, {"id": one}, ATTACHMENTS)
        assert [each["contentType"] for each in found["attachments"]] == [content_type]
    assert len(await sheet(archive)) == 2


@pytest.mark.parametrize(
    ("asked", "status", "where"),
    [
        ({"household": "x"}, 422, "household"),
        ({"title": " "}, 422, "title"),
        ({"title": "长" * 101}, 422, "title"),
        ({"takenOn": "2999-01-01"}, 422, "takenOn"),
        ({"takenOn": "1.1.2026"}, 422, "takenOn"),
        ({"of": "member"}, 422, "of"),
        ({"of": f"household:{household(1)}"}, 422, "of"),
        ({"of": f"member:{person(6)}"}, 404, "of"),
        ({"of": f"plot:{person(1)}"}, 404, "of"),
        ({"household": household(4711)}, 404, None),
    ],
)
async def test_what_an_upload_must_say(archive: Archive, asked: dict[str, str], status: int, where: str | None) -> None:
    answer, problem = await put(archive, "cadre", jpeg(), None, **asked)
    assert (answer, problem.get("field")) == (status, where)
    assert kept(archive) == []


async def test_ranges_and_what_the_caller_has(archive: Archive) -> None:
    _, told = await put(archive, "cadre", PDF)
    for asked, status, content in (
        ("bytes=0-3", 206, PDF[:4]),
        ("bytes=5-", 206, PDF[5:]),
        ("bytes=-4", 206, PDF[-4:]),
        ("bytes=0-9999", 206, PDF),
        ("bytes=-9999", 206, PDF),
        ("bytes=9999-", 416, b""),
        ("bytes=5-2", 416, b""),
        ("bytes=-0", 416, b""),
        ("bytes=0-1,3-4", 200, PDF),
        ("nonsense", 200, PDF),
        ("bytes=-", 200, PDF),
    ):
        answer, found, headers = await get(archive, "cadre", told["url"], Range=asked)
        assert (answer, found) == (status, content), asked
        if status != 200:
            assert headers["Content-Range"].endswith(f"/{len(PDF)}")
    etag = f'"{told["sha256"]}"'
    assert (await get(archive, "cadre", told["url"], **{"If-None-Match": etag}))[:2] == (304, b"")
    assert (await get(archive, "cadre", told["url"], **{"If-None-Match": '"other"'}))[0] == 200


async def test_who_may_do_what(archive: Archive) -> None:
    _, told = await put(archive, "cadre", jpeg(), household=household(5))
    for account, status in (
        *(("cadre", 200), ("clerk", 200), ("admin", 200), ("auditor", 200)),
        *(("grid-worker", 404), ("resident", 404), ("officer", 404)),
    ):
        assert (await get(archive, account, told["url"]))[0] == status, account
    owner = archive.issuer.token(roles=["resident"], household=household(5))
    async with archive.as_("cadre").session.get(
        archive.base_url + told["url"].replace("/archive", ""), headers={"Authorization": f"Bearer {owner}"}
    ) as answer:
        assert answer.status == 200
    assert (await put(archive, "grid-worker", png(), household=household(5)))[0] == 404
    for account in ("resident", "auditor", "officer"):
        assert (await put(archive, account, png()))[0] == 403, account
    (shown,) = await sheet(archive, 5)
    assert (await remove(archive, "grid-worker", shown["key"]))[0] == 404
    assert (await remove(archive, "auditor", shown["key"]))[0] == 403
    async with archive.pool.acquire() as connection:
        assert await connection.fetchval("SELECT count(*) FROM attachment") == 0


async def test_reading_one_is_written_down(archive: Archive) -> None:
    _, told = await put(archive, "cadre", jpeg())
    await get(archive, "clerk", told["url"])
    rows = await archive.admin.fetch(
        "SELECT by, deed, household_id::text, fields FROM audit WHERE 'attachments' = ANY (fields)"
    )
    assert [tuple(row) for row in rows] == [("example-clerk", "READ", household(1), ["attachments"])]


async def test_a_removed_one_is_gone_at_once_and_its_object_later(archive: Archive) -> None:
    _, told = await put(archive, "cadre", jpeg())
    (shown,) = await sheet(archive)
    status, after = await remove(archive, "grid-worker", shown["key"])
    assert (status, after["attachments"]) == (200, [])
    assert (await get(archive, "cadre", told["url"]))[0] == 404
    assert (await remove(archive, "cadre", shown["key"]))[0] == 404
    assert await archive.events("archive.attachment.removed.v1") == [
        {"attachment": shown["key"], "household": household(1), "area": "3399991002000001"}
    ]
    assert len(kept(archive)) == 1
    assert (await put(archive, "cadre", jpeg()))[0] == 201
    assert len(await sheet(archive)) == 1


async def test_the_sweep_takes_what_nothing_names(archive: Archive) -> None:
    _, told = await put(archive, "cadre", jpeg())
    _, other = await put(archive, "cadre", PDF)
    named = {archive.documents / "attachments" / each["sha256"] for each in (told, other)}
    for path in ("incoming/1", "attachments/" + "ab" * 32, "imports/1"):
        (archive.documents / path).parent.mkdir(exist_ok=True)
        (archive.documents / path).write_bytes(b"orphan")
    objects, caller = objects_of(archive), itself("archive")

    class Later(SystemClock):
        def __init__(self, days: float) -> None:
            self.ahead = timedelta(days=days)

        def now(self) -> Any:
            return super().now() + self.ahead

    async def sweep(days: float) -> int:
        return await store.sweep(archive.pool, caller, objects, Later(days), lambda: True)

    assert await sweep(0.9) == 0
    assert await sweep(1.1) == 2
    assert set(kept(archive)) == {*named, archive.documents / "imports" / "1"}
    shown = next(one for one in await sheet(archive) if one["sha256"] == told["sha256"])
    await remove(archive, "cadre", shown["key"])
    assert await sweep(29) == 0
    assert await sweep(31) == 1
    assert set(kept(archive)) == {archive.documents / "attachments" / other["sha256"], archive.documents / "imports/1"}
    status, problem, _ = await get(archive, "cadre", other["url"])
    assert (status, problem) == (200, PDF)


async def test_the_worker_sweeps_until_it_is_told_to_stop(archive: Archive) -> None:
    stop = asyncio.Event()
    sweeping = asyncio.create_task(sweep_attachments(objects_of(archive), archive.pool, SystemClock(), stop))
    await asyncio.sleep(0)
    stop.set()
    await asyncio.wait_for(sweeping, 10)


async def test_an_object_that_is_gone_is_said_to_be(archive: Archive) -> None:
    _, told = await put(archive, "cadre", PDF)
    kept(archive)[0].unlink()
    assert (await get(archive, "cadre", told["url"]))[0] == 404


async def test_lists_of_an_area_show_them_too(archive: Archive) -> None:
    await put(archive, "cadre", PDF)
    select = [["edges", "edges", None, [["node", "node", None, ATTACHMENTS]]]]
    _, page = await archive.as_("cadre").read("households", {"area": VILLAGE}, select)
    assert [len(edge["node"]["attachments"]) for edge in page["edges"]] == [1, *[0] * 9]


def objects_of(archive: Archive) -> Objects:
    return Objects.of(ObjectStoreConfig(object_store_url=archive.documents.as_uri()))
