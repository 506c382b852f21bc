"""Calendars to subscribe to: what they hold, what of them changes, and that two programs of others read them alike."""

import gzip
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import vobject

from services.chassis.clock import CHINA
from services.chassis.db import transaction
from services.liaison.commands.area import note_area
from services.liaison.domain.feed import CANCELLED_DAYS, Entry, Told, revised, since
from services.liaison.domain.icalendar import calendar
from tests.liaison.conftest import BARE_VILLAGE, MONDAY, SERVICE, VILLAGE, Liaison, add_cadre
from tests.support import npm
from tests.support.client import Service

SESSION = UUID("00000000-0000-7000-8000-000000000001")
MARKET = UUID("00000000-0000-7000-8000-000000000002")
PLAN = UUID("00000000-0000-7000-8000-000000000003")
STALL = UUID("00000000-0000-7000-8000-000000000004")
TUESDAY = date(2026, 1, 6)
LATER = date(2026, 1, 8)
NOW = MONDAY
PARTS = (
    ",",
    ";",
    "\n",
    '"',
    "'",
    "\\",
    "\\n",
    ":",
    "\t",
    "😀",
    "👩‍👩‍👧",
    "示例",
    "村" * 40,
    "é",
    " ",
    "END:VEVENT",
    "\r\n",
)


@pytest.fixture(scope="session")
def node() -> None:
    npm.install()


# --- How it is written --------------------------------------------------------------------------------------------------


def varied(seed: int) -> str:
    rng = random.Random(seed)
    return "示" + "".join(rng.choice(PARTS) for _ in range(rng.randint(0, 12))) + "例"


def told(seed: int) -> Told:
    rng = random.Random(seed)
    day = date(2026, 1, 1) + timedelta(days=seed)
    begins = datetime(day.year, day.month, day.day, rng.randint(0, 22), rng.randint(0, 59), tzinfo=CHINA)
    timed = {"begins": begins, "ends": begins + timedelta(minutes=rng.randint(15, 600))} if seed % 3 else {}
    entry = Entry(
        kind=rng.choice(("DUTY", "GATHERING", "DIALOGUE", "STALL", "MARKET")),
        ref=str(seed),
        day=day,
        summary=varied(seed),
        place=varied(seed + 1),
        details=varied(seed + 2) if seed % 2 else "",
        busy=bool(seed % 2),
        **timed,
    )
    return Told(entry, rng.randint(0, 99), cancelled=not seed % 5, changed_at=NOW)


def instances(document: str) -> list[dict[str, Any]]:
    """As vobject reads them, in the form of what tests/npm/ical.js prints."""

    def instant(value: date) -> str:
        if isinstance(value, datetime):
            return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z"
        return value.isoformat()

    events = getattr(vobject.readOne(document), "vevent_list", [])
    return [
        {
            "uid": event.uid.value,
            "sequence": int(event.sequence.value),
            "summary": event.summary.value,
            "description": event.description.value if hasattr(event, "description") else "",
            "location": event.location.value if hasattr(event, "location") else "",
            "status": event.status.value,
            "starts": instant(event.dtstart.value),
            "ends": instant(event.dtend.value),
        }
        for event in events
    ]


def read_by_both(document: bytes) -> tuple[str, list[dict[str, Any]]]:
    """Name and instances of a calendar as two libraries of others read it; they must agree."""
    text = document.decode()
    there = npm.run("ical.js", text)
    assert there["refresh"] == "PT1H"
    assert instances(text) == there["events"]
    return there["name"], there["events"]


@pytest.mark.usefixtures("node")
def test_two_libraries_of_others_read_what_was_meant() -> None:
    entries = [told(seed) for seed in range(120)]
    document = calendar("339999100200", "示例,村;\\", "说明\n两行", entries)
    assert max(map(len, document.split(b"\r\n"))) <= 75, "octets in a line"
    assert "\r\nNAME:示例\\,村\\;\\\\\r\nX-WR-CALNAME:示例\\,村\\;\\\\\r\n" in document.decode(), (
        "which neither takes apart"
    )
    _, events = read_by_both(document)
    for entry, event in zip(entries, events, strict=True):
        plain = {name: value.replace("\r\n", "\n") for name, value in event.items() if isinstance(value, str)}
        assert plain["summary"].removeprefix("【已取消】") == entry.entry.summary.replace("\r\n", "\n")
        assert (event["status"] == "CANCELLED") == entry.cancelled == plain["summary"].startswith("【已取消】")
        assert plain["location"] == entry.entry.place.replace("\r\n", "\n")
        assert plain["description"] == entry.entry.details.replace("\r\n", "\n")
        assert event["sequence"] == entry.sequence
        begins, ends = entry.entry.begins, entry.entry.ends
        if begins is None or ends is None:
            assert (event["starts"], event["ends"]) == (
                entry.entry.day.isoformat(),
                (entry.entry.day + timedelta(days=1)).isoformat(),
            )
        else:
            assert datetime.fromisoformat(event["starts"]) == begins
            assert datetime.fromisoformat(event["ends"]) == ends


# --- What changes -------------------------------------------------------------------------------------------------------


def entry(ref: str, day: date, summary: str = "示例") -> Entry:
    return Entry(kind="GATHERING", ref=ref, day=day, summary=summary)


def test_whatever_becomes_another_has_a_higher_sequence() -> None:
    """Random comings, goings, moves and changes of words: of one UID the sequence rises exactly with what is told."""
    rng = random.Random(7)
    before: dict[str, Told] = {}
    now, first = NOW, since(date(2026, 1, 5))
    for _ in range(200):
        now += timedelta(days=rng.random() * 3)
        entries = [
            entry(str(ref), date(2026, 1, 5) + timedelta(days=rng.randint(0, 3)), rng.choice("甲乙"))
            for ref in range(3)
            if rng.random() > 0.2
        ]
        revision = revised(before, entries, first=first, now=now)
        after = {one.entry.uid: one for one in revision.told}
        assert {uid: one.entry for uid, one in after.items() if not one.cancelled} == {e.uid: e for e in entries}
        for uid, one in after.items():
            known = before.get(uid)
            same = known is not None and (known.entry, known.cancelled) == (one.entry, one.cancelled)
            assert (one in revision.changed) != same
            if known is not None:
                assert one.sequence == known.sequence if same else one.sequence > known.sequence
        for uid, known in before.items():
            if uid not in after:
                assert known.cancelled
                assert known.changed_at <= now - timedelta(days=CANCELLED_DAYS)
                assert uid in revision.forgotten
        before = after


def test_what_moves_is_off_on_the_old_day_and_higher_on_the_new_one() -> None:
    kept = revised({}, [entry("a", TUESDAY)], first=since(TUESDAY), now=NOW).told
    revision = revised({one.entry.uid: one for one in kept}, [entry("a", LATER)], first=since(TUESDAY), now=NOW)
    assert [(one.entry.day, one.sequence, one.cancelled) for one in revision.told] == [
        (TUESDAY, 1, True),
        (LATER, 2, False),
    ]


def test_what_is_past_goes_without_a_word() -> None:
    kept = {one.entry.uid: one for one in revised({}, [entry("a", TUESDAY)], first=TUESDAY, now=NOW).told}
    revision = revised(kept, [], first=TUESDAY + timedelta(days=1), now=NOW)
    assert (revision.told, revision.changed, revision.forgotten) == ([], [], list(kept))


# --- Over HTTP ----------------------------------------------------------------------------------------------------------


Fetch = Callable[..., Awaitable[tuple[int, Any, bytes]]]


@pytest.fixture
def fetch(liaison: Liaison) -> Fetch:
    """`fetch(path, header=…)` without a token, as programs of calendars do."""
    client = liaison.as_("nobody")

    async def get(path: str, **headers: str) -> tuple[int, Any, bytes]:
        named = {"Accept-Encoding": "identity"} | {name.replace("_", "-"): value for name, value in headers.items()}
        async with client.session.get(client.base_url + path, headers=named) as answer:
            return answer.status, answer.headers, await answer.read()

    return get


async def open_feed(client: Service) -> str:
    """The path at the service, which is what the gateway forwards."""
    status, answer = await client.command(
        "openFeed", {"clientKey": str(uuid4())}, [["feed", "feed", None, [["path", "path"], ["openedAt", "openedAt"]]]]
    )
    assert status == 200, answer
    path: str = answer["feed"]["path"]
    assert path.startswith("/open/liaison/")
    return path.replace("/open/liaison/", "/open/")


async def arrange(liaison: Liaison) -> None:
    """A gathering to which example-cadre goes for a department, and a market with a stall that they staff."""
    async with transaction(liaison.pool, SERVICE) as connection:
        await note_area(connection, VILLAGE, name="示例村")
        await add_cadre(connection, "example-officer", department="civil-affairs", name="示例干部")
        await connection.execute(
            "INSERT INTO session (id, kind, area, due, date, opens, minutes, state) "
            "VALUES ($1, 'GATHERING', $2, $3, $3, '09:00', 120, 'PLANNED')",
            *(SESSION, VILLAGE, TUESDAY),
        )
        await connection.execute(
            "INSERT INTO session_staff (session, department, subject) VALUES ($1, 'civil-affairs', 'example-officer')",
            SESSION,
        )
        await connection.execute(
            "INSERT INTO market (id, area, name, rule, days, short_month, words, since, planned_until) "
            "VALUES ($1, '339999100', '示例墟', 'SOLAR', '{8}', 'SKIP', '阳历逢八', '2026-01-01', '2026-12-31')",
            MARKET,
        )
        await connection.execute("INSERT INTO market_day VALUES ($1, $2, '阳历1月8日，逢八')", MARKET, LATER)
        await connection.execute(
            "INSERT INTO stall_plan VALUES ($1, $2, $3, 'example', '{example-officer}', '示例服务', '08:30', '11:00', $4, $4, 1, 'x')",
            *(PLAN, MARKET, VILLAGE, LATER),
        )
        await connection.execute("INSERT INTO stall (id, plan, date) VALUES ($1, $2, $3)", STALL, PLAN, LATER)


def shown(events: list[dict[str, Any]], first: date, last: date) -> list[tuple[str, str, str, int]]:
    return [
        (event["starts"], event["summary"], event["status"], event["sequence"])
        for event in events
        if first.isoformat() <= event["starts"] <= last.isoformat()
    ]


@pytest.mark.usefixtures("node")
async def test_a_villages_calendar_is_open_to_everybody(liaison: Liaison, fetch: Fetch) -> None:
    await arrange(liaison)
    status, headers, document = await fetch(f"/open/villages/{VILLAGE}.ics")
    assert (status, headers["Content-Type"]) == (200, "text/calendar; charset=utf-8; method=PUBLISH")
    assert headers["Cache-Control"] == "public, max-age=900"
    name, events = read_by_both(document)
    assert name == "示例村 便民日历"
    assert shown(events, TUESDAY, LATER + timedelta(days=1)) == [
        ("2026-01-06T00:00:00.000Z", "值班：示例村干部甲", "CONFIRMED", 0),
        ("2026-01-06T01:00:00.000Z", "集中服务日", "CONFIRMED", 0),
        ("2026-01-07T00:00:00.000Z", "值班：示例村干部乙", "CONFIRMED", 0),
        ("2026-01-08T00:00:00.000Z", "值班：示例村干部甲", "CONFIRMED", 0),
        ("2026-01-08", "墟日 示例墟", "CONFIRMED", 0),
        ("2026-01-08T00:30:00.000Z", "墟日服务：示例服务", "CONFIRMED", 0),
    ]
    assert b"example-" not in document, "accounts are nobody's business"
    for nothing in ("339999100299", "339999100", "x", f"{BARE_VILLAGE}0001"):
        assert (await fetch(f"/open/villages/{nothing}.ics"))[0] == 404


async def test_who_has_it_already_is_told_so(liaison: Liaison, fetch: Fetch) -> None:
    status, headers, document = await fetch(f"/open/villages/{VILLAGE}.ics")
    liaison.clock.instant += timedelta(hours=1)
    unchanged = await fetch(f"/open/villages/{VILLAGE}.ics", If_None_Match=headers["ETag"])
    assert (status, unchanged[0], unchanged[2]) == (200, 304, b"")
    assert unchanged[1]["ETag"] == headers["ETag"]
    assert headers["Last-Modified"] == unchanged[1]["Last-Modified"] == "Mon, 05 Jan 2026 00:30:00 GMT"
    _, packed, body = await fetch(f"/open/villages/{VILLAGE}.ics", Accept_Encoding="gzip")
    assert packed["ETag"] == headers["ETag"]
    assert (await fetch(f"/open/villages/{VILLAGE}.ics"))[2] == document, "the same bytes each time"
    async with liaison.pool.acquire() as connection:
        assert await connection.fetchval("SELECT count(*) FROM feed_entry") == 0, "the service's own"
    assert (body if body.startswith(b"BEGIN") else gzip.decompress(body)) == document


@pytest.mark.usefixtures("node")
async def test_moved_cancelled_and_swapped_is_off_where_it_was(liaison: Liaison, fetch: Fetch) -> None:
    await arrange(liaison)
    own = await open_feed(liaison.as_("example-officer"))
    duty = await open_feed(liaison.as_("example-cadre"))
    paths = {"village": f"/open/villages/{VILLAGE}.ics", "own": own, "duty": duty}
    before = {whose: (await fetch(path))[1]["ETag"] for whose, path in paths.items()}
    async with transaction(liaison.pool, SERVICE) as connection:
        await connection.execute("UPDATE session SET date = $2 WHERE id = $1", SESSION, LATER)
        await connection.execute("UPDATE stall SET state = 'CANCELLED', cause = 'TEAM' WHERE id = $1", STALL)
        await connection.execute(
            "UPDATE duty SET subject = CASE date WHEN $2 THEN 'example-cadre-2' ELSE 'example-cadre' END WHERE area = $1 AND date IN ($2, $3)",
            *(VILLAGE, TUESDAY, TUESDAY + timedelta(days=1)),
        )
    liaison.clock.instant += timedelta(minutes=1)
    read = {}
    for whose, path in paths.items():
        _, headers, document = await fetch(path)
        assert headers["ETag"] != before[whose]
        read[whose] = shown(read_by_both(document)[1], TUESDAY, LATER + timedelta(days=1))
    assert read["village"] == [
        ("2026-01-06T00:00:00.000Z", "值班：示例村干部乙", "CONFIRMED", 1),
        ("2026-01-06T01:00:00.000Z", "【已取消】集中服务日", "CANCELLED", 1),
        ("2026-01-07T00:00:00.000Z", "值班：示例村干部甲", "CONFIRMED", 1),
        ("2026-01-08T00:00:00.000Z", "值班：示例村干部甲", "CONFIRMED", 0),
        ("2026-01-08T01:00:00.000Z", "集中服务日", "CONFIRMED", 2),
        ("2026-01-08", "墟日 示例墟", "CONFIRMED", 0),
        ("2026-01-08T00:30:00.000Z", "【已取消】墟日服务：示例服务", "CANCELLED", 1),
    ]
    assert read["own"] == [
        ("2026-01-06T01:00:00.000Z", "【已取消】集中服务日 示例村", "CANCELLED", 1),
        ("2026-01-08T01:00:00.000Z", "集中服务日 示例村", "CONFIRMED", 2),
        ("2026-01-08T00:30:00.000Z", "【已取消】墟日服务：示例服务 示例村", "CANCELLED", 1),
    ]
    assert read["duty"][:2] == [
        ("2026-01-06T00:00:00.000Z", "【已取消】值班 示例村", "CANCELLED", 1),
        ("2026-01-07T00:00:00.000Z", "值班 示例村", "CONFIRMED", 2),
    ]
    liaison.clock.instant += timedelta(days=CANCELLED_DAYS)
    _, _, document = await fetch(paths["own"])
    assert instances(document.decode()) == [], "past, and long told"


async def test_an_address_is_told_again_until_it_is_revoked(liaison: Liaison, fetch: Fetch) -> None:
    client, other = liaison.as_("example-cadre"), liaison.as_("example-cadre-2")
    path = await open_feed(client)
    assert await open_feed(client) == path
    assert await open_feed(other) != path
    status, headers, document = await fetch(path)
    assert (status, headers["Cache-Control"]) == (200, "private, max-age=900")
    assert "X-WR-CALNAME:我的日程（示例村干部甲）".encode() in document
    feeds = [["id", "id"], ["revokedAt", "revokedAt"]]
    _, own = await client.read("calendarFeeds", {}, feeds)
    assert [feed["revokedAt"] for feed in own] == [None]
    status, revoked = await client.command("revokeFeed", {"clientKey": str(uuid4())}, feeds)
    assert (status, revoked["id"], revoked["revokedAt"]) == (200, own[0]["id"], "2026-01-05T00:30:00.000Z")
    status, problem = await client.command("revokeFeed", {"clientKey": str(uuid4())}, feeds)
    assert (status, problem["code"]) == (404, "NOT_FOUND")
    again = await open_feed(client)
    feed, _, signature = path.partition(".")
    refused = [
        path,
        f"/open/calendars/{SESSION}.{signature}",
        f"{feed}.{signature.removesuffix('.ics').swapcase()}.ics",
        f"{feed}.ics",
        "/open/calendars/x.ics",
        "/open/calendars/é.é.ics",
    ]
    answers = [await fetch(wrong) for wrong in refused]
    assert {status for status, _, _ in answers} == {404}
    assert len({body.replace(headers["X-Correlation-Id"].encode(), b"") for _, headers, body in answers}) == 1
    assert (await fetch(again))[0] == 200


async def test_only_staff_have_a_calendar_of_their_own(liaison: Liaison) -> None:
    status, problem = await liaison.as_("example-resident", "resident").command(
        "openFeed", {"clientKey": str(uuid4())}, [["feed", "feed"]]
    )
    assert (status, problem["code"]) == (403, "FORBIDDEN")
