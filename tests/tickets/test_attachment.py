"""Documents of matters over /files: who adds and reads them, deeds that bring them, and the sweep."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from services.chassis.clock import FixedClock
from services.chassis.objects import Objects
from services.tickets.config import Api
from services.tickets.store import attachment as store
from tests.archive.pictures import HEIC
from tests.support.client import Service
from tests.tickets.matters import HOUSEHOLD, OTHER_VILLAGE, SERVICE, Tickets, given_for

DOCUMENTS: list[Any] = [
    ["a", "attachments", None, [["title", "title"], ["url", "url"], ["bytes", "bytes"], ["type", "contentType"]]]
]


async def put(who: Service, key: UUID, body: bytes = HEIC, **query: str) -> tuple[int, dict[str, Any]]:
    asked = {"ticket": str(key), "title": "示例证明", **query}
    address = f"{who.base_url}/files/attachments"
    async with who.session.put(address, params=asked, data=body, headers=_token(who)) as answer:
        return answer.status, await answer.json(content_type=None)


async def get(who: Service, key: str) -> tuple[int, bytes]:
    async with who.session.get(f"{who.base_url}/files/attachments/{key}", headers=_token(who)) as answer:
        return answer.status, await answer.read()


def _token(who: Service) -> dict[str, str]:
    return {"Authorization": f"Bearer {who.token}"}


async def test_a_document_is_added_once_and_read_by_who_reaches_the_ticket(tickets: Tickets) -> None:
    key = await tickets.have("SIGNED", household=HOUSEHOLD)
    officer, cadre = tickets.as_("department_officer"), tickets.as_("village_cadre")
    resident = tickets.as_("resident", household=str(HOUSEHOLD))
    status, kept = await put(officer, key)
    assert (status, kept["sha256"]) == (201, hashlib.sha256(HEIC).hexdigest())
    assert await put(cadre, key) == (200, kept)
    number = kept["url"].rpartition("/")[2]
    for who in (officer, cadre, resident, tickets.as_("auditor")):
        assert await get(who, number) == (200, HEIC)
        _, answer = await who.read("ticket", {"id": str(key)}, DOCUMENTS)
        assert answer["a"] == [{"title": "示例证明", "url": kept["url"], "bytes": len(HEIC), "type": "image/heic"}]
    for who in (
        tickets.as_("village_cadre", areas=[OTHER_VILLAGE]),
        tickets.as_("department_officer", department="water"),
        tickets.as_("resident", "example-stranger"),
    ):
        assert (await get(who, number))[0] == 404
        assert (await put(who, key))[0] == 404
    assert (await put(tickets.as_("auditor"), key))[0] == 403


async def test_what_is_no_document_is_refused_and_leaves_nothing(tickets: Tickets, config: Api) -> None:
    key, cadre = await tickets.have(), tickets.as_("village_cadre")
    for body, query, field in (
        (b"MZ no document at all", {}, "body"),
        (HEIC, {"title": " "}, "title"),
        (HEIC, {"ticket": "1"}, "ticket"),
    ):
        status, problem = await put(cadre, key, body, **query)
        assert (status, problem["field"]) == (422, field)
    status, problem = await put(cadre, await tickets.have("CLOSED"))
    assert (status, problem["rule"]) == (409, "ticket.open")
    assert [
        found.key for folder in (store.INCOMING, store.KEPT) async for found in Objects.of(config).list(folder)
    ] == []
    assert await tickets.count("attachment") == 0


async def test_a_deed_names_the_documents_that_it_brought(tickets: Tickets) -> None:
    key, other = await tickets.have("SIGNED"), await tickets.have("SIGNED")
    officer = tickets.as_("department_officer")
    mine, foreign = [(await put(officer, one))[1]["url"].rpartition("/")[2] for one in (key, other)]
    for wrong in ([foreign], [mine, mine], [str(uuid4())]):
        given = given_for("resolveTicket", key, attachmentIds=wrong)
        status, problem = await officer.command("resolveTicket", given, [["key", "key"]])
        assert (status, problem["field"], problem["rule"]) == (422, "attachmentIds", "known.attachment")
    select: list[Any] = [["h", "history", None, [["a", "attachments", None, [["url", "url"]]]]]]
    _, answer = await officer.command("resolveTicket", given_for("resolveTicket", key, attachmentIds=[mine]), select)
    assert answer["h"] == [{"a": [{"url": f"/files/tickets/attachments/{mine}"}]}]


async def test_the_sweep_takes_what_no_row_names(tickets: Tickets, config: Api, tmp_path: Path) -> None:
    key = await tickets.have()
    status, kept = await put(tickets.as_("village_cadre"), key)
    assert status == 201
    for folder in (store.KEPT, store.INCOMING):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "left-behind").write_bytes(b"x")
    objects, going = Objects.of(config), datetime.now(UTC)
    for later, deleted in ((timedelta(hours=23), 0), (timedelta(days=2), 2), (timedelta(days=2), 0)):
        clock = FixedClock(going + later)
        assert await store.sweep(tickets.pool, SERVICE, objects, clock, lambda: True) == deleted
    assert (await get(tickets.as_("village_cadre"), kept["url"].rpartition("/")[2]))[1] == HEIC
