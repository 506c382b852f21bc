"""Calendars and posters through the gateway: an address is opened, read by a program without an account, and revoked."""

import vobject

from tests.gateway.conftest import VILLAGE, Running
from tests.gateway.test_mutations import do


async def test_an_own_calendar_is_read_at_its_address_until_it_is_revoked(running: Running) -> None:
    cadre = running.as_("cadre")
    opened = (await do(cadre, "openFeed", "feed { path openedAt }"))["feed"]
    assert (await do(cadre, "openFeed", "feed { path openedAt }"))["feed"] == opened
    async with running.session.get(running.url + opened["path"]) as answer:
        document, tag = await answer.text(), answer.headers["ETag"]
        assert (answer.status, answer.content_type) == (200, "text/calendar")
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.headers["Last-Modified"].endswith("GMT")
    events = vobject.readOne(document).vevent_list
    assert {event.summary.value.split(" ")[0] for event in events} >= {"值班"}
    async with running.session.get(running.url + opened["path"], headers={"If-None-Match": tag}) as answer:
        assert answer.status == 304
    (own,) = (await cadre("{ calendarFeeds { id revokedAt } }"))["calendarFeeds"]
    revoked = (await do(cadre, "revokeFeed", "feed { id revokedAt }"))["feed"]
    assert (revoked["id"], own["revokedAt"], revoked["revokedAt"] is None) == (own["id"], None, False)
    node = await cadre("query ($id: ID!) { node(id: $id) { ... on CalendarFeed { revokedAt } } }", id=own["id"])
    assert node["node"] == {"revokedAt": revoked["revokedAt"]}
    async with running.session.get(running.url + opened["path"]) as answer:
        assert answer.status == 404


async def test_a_villages_calendar_needs_no_account_and_its_poster_one(running: Running) -> None:
    async with running.session.get(f"{running.url}/open/liaison/villages/{VILLAGE}.ics") as answer:
        calendar = vobject.readOne(await answer.text())
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "public, max-age=900")
    (name,) = calendar.contents["x-wr-calname"]
    assert name.value == "示例村(example) 便民日历"
    poster = f"{running.url}/files/liaison/villages/{VILLAGE}/poster.html?month=2026-10"
    async with running.session.get(poster) as answer:
        assert answer.status == 401
    async with running.session.get(poster, headers=running.as_("resident").headers) as answer:
        page = await answer.text()
        assert (answer.status, "示例村(example)便民服务月历" in page, "国庆节" in page) == (200, True, True)
