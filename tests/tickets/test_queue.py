"""The queue before the windows: serials, order, races, what comes back, closing time, figures, who may what."""

import asyncio
import base64
import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.chassis.clock import today
from services.chassis.db import transaction
from services.chassis.errors import Forbidden
from services.chassis.principal import Caller
from services.tickets.app import HERE
from services.tickets.commands.window import load_centres
from services.tickets.store import queue as store
from tests.support.client import Service
from tests.tickets.matters import OTHER_VILLAGE, SERVICE, TOWNSHIP, Tickets

CENTRE = "example-town-centre"
NINE = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
SELECT: list[Any] = [
    ["id", "id"],
    ["number", "number"],
    ["status", "status"],
    ["windowCode", "windowCode"],
    ["version", "version"],
    ["estimate", "estimate", None, [["ahead", "ahead"], ["wait", "waitMinutes"], ["basis", "basis"]]],
]


@pytest.fixture
async def town(tickets: Tickets) -> Tickets:
    """The example centres on a Monday at nine."""
    tickets.clock.instant = NINE
    async with transaction(tickets.pool, SERVICE) as connection:
        await load_centres(connection, HERE / "data" / "items.toml")
    return tickets


class Queue:
    """Deeds on numbers, in short."""

    def __init__(self, tickets: Tickets) -> None:
        self.tickets = tickets
        self.keys: dict[str, str] = {}

    @property
    def clerk(self) -> Service:
        """With a token that is of the present."""
        return self.tickets.as_("window_clerk", areas=[TOWNSHIP])

    async def do(self, name: str, who: Service | None = None, /, **given: Any) -> tuple[int, Any]:
        key = {"clientKey": str(uuid4())}
        if name in ("takeNumber", "callNext", "openWindow", "closeWindow"):
            key["centreCode"] = CENTRE
        select = [["staffed", "staffed"]] if "Window" in name else [["key", "id"], *SELECT[1:]]
        return await (who or self.clerk).command(name, {**key, **given}, select)

    async def take(self, group: str = "A", **given: Any) -> str:
        """The new number, as it is called."""
        status, answer = await self.do("takeNumber", groupCode=group, **given)
        assert status == 200, answer
        self.keys[answer["number"]] = await self.key_of(answer["number"])
        self.tickets.clock.instant += timedelta(seconds=1)
        return str(answer["number"])

    async def key_of(self, number: str) -> str:
        async with transaction(self.tickets.pool, SERVICE) as connection:
            return str(
                await connection.fetchval(
                    "SELECT id FROM queue_number WHERE number = $1 AND day = $2", number, today(self.tickets.clock)
                )
            )

    async def deed(self, name: str, number: str, **given: Any) -> tuple[int, Any]:
        return await self.do(name, id=self.keys[number], **given)

    async def call(self, window: str = "1") -> str:
        status, answer = await self.do("callNext", windowCode=window)
        assert status == 200, answer
        return str(answer["number"])

    async def serve(self, window: str = "1", minutes: int = 5) -> str:
        """Calls the next, serves and finishes it."""
        number = await self.call(window)
        assert (await self.deed("startServing", number))[0] == 200
        self.tickets.clock.instant += timedelta(minutes=minutes)
        assert (await self.deed("finishServing", number, outcome="DONE"))[0] == 200
        return number


@pytest.fixture
async def queue(town: Tickets) -> Queue:
    made = Queue(town)
    for window in ("1", "2"):
        assert (await made.do("openWindow", windowCode=window))[0] == 200
    return made


async def test_numbers_go_by_group_and_come_in_order_priority_first(queue: Queue) -> None:
    assert [await queue.take(), await queue.take("C"), await queue.take()] == ["A001", "C001", "A002"]
    assert await queue.take(priority="ELDERLY") == "A003"
    status, answer = await queue.do("takeNumber", itemCode="old-age-subsidy")
    assert (status, answer["number"]) == (200, "A004")
    assert answer["estimate"] == {
        "ahead": 3,
        "wait": 10,
        "basis": "前面3人，2个窗口，平均每人10.0分钟（按平常用时）",
    }
    queue.keys["A004"] = await queue.key_of("A004")
    assert [await queue.serve("2") for _ in range(5)] == ["A003", "A001", "C001", "A002", "A004"]
    status, problem = await queue.do("callNext", windowCode="1")
    assert (status, problem["code"]) == (409, "CONFLICT")


async def test_two_windows_call_at_once_and_get_two_numbers(queue: Queue) -> None:
    for _ in range(3):
        await queue.take()
    for expected in ({"A001", "A002"}, {"A003", None}):
        answers = await asyncio.gather(*(queue.do("callNext", windowCode=window) for window in ("1", "2")))
        assert {answer.get("number") for _, answer in answers} == expected
        assert sorted(status for status, _ in answers) == ([200, 200] if None not in expected else [200, 409])
        for number in expected - {None}:
            assert (await queue.deed("startServing", str(number)))[0] == 200
            assert (await queue.deed("finishServing", str(number), outcome="ADVISED"))[0] == 200


async def test_what_another_window_is_calling_is_passed_over(queue: Queue) -> None:
    for _ in range(2):
        await queue.take()
    day = today(queue.tickets.clock)
    async with (
        transaction(queue.tickets.pool, SERVICE) as one,
        transaction(queue.tickets.pool, SERVICE) as other,
        transaction(queue.tickets.pool, SERVICE) as third,
    ):
        found = [await store.call(each, CENTRE, day, ["A"], "1") for each in (one, other, third)]
    assert [number and number.number for number in found] == ["A001", "A002", None]


async def test_serials_have_no_gap_however_many_take_at_once(queue: Queue) -> None:
    answers = await asyncio.gather(*(queue.do("takeNumber", groupCode="C") for _ in range(12)))
    assert sorted(answer["number"] for _, answer in answers) == [f"C{serial:03d}" for serial in range(1, 13)]


async def test_a_no_show_comes_back_once_behind_the_next_three(queue: Queue) -> None:
    for _ in range(6):
        await queue.take()
    missed = await queue.call()
    for calls in (2, 3):
        status, problem = await queue.deed("markNoShow", missed)
        assert (status, problem["code"]) == (409, "CONFLICT"), calls
        assert (await queue.deed("recallNumber", missed))[0] == 200
    assert (await queue.deed("markNoShow", missed))[0] == 200
    assert (await queue.deed("returnNumber", missed))[1]["estimate"]["ahead"] == 3
    assert [await queue.serve() for _ in range(4)] == ["A002", "A003", "A004", missed]
    status, problem = await queue.deed("returnNumber", missed)
    assert (status, problem["code"], problem["from"]) == (409, "ILLEGAL_TRANSITION", "FINISHED")


async def test_a_number_comes_back_only_once(queue: Queue) -> None:
    number = await queue.take()
    for expected in (200, 409):
        assert await queue.call() == number
        for _ in range(2):
            assert (await queue.deed("recallNumber", number))[0] == 200
        assert (await queue.deed("markNoShow", number))[0] == 200
        assert (await queue.deed("returnNumber", number))[0] == expected


async def test_a_transfer_keeps_the_place_by_time(queue: Queue) -> None:
    first = await queue.take("A")
    await queue.take("C")
    assert await queue.call("1") == first
    assert (await queue.deed("startServing", first))[0] == 200
    status, answer = await queue.deed("transferNumber", first, groupCode="C")
    assert (status, answer["status"], answer["estimate"]["ahead"]) == (200, "WAITING", 0)
    assert await queue.call("2") == first
    status, problem = await queue.deed("transferNumber", first, groupCode="C", windowCode="1")
    assert (status, problem["rule"]) == (422, "window.group")
    status, answer = await queue.deed("transferNumber", first, windowCode="1")
    assert status == 200
    assert await queue.call("2") == "C001"
    assert await queue.call("1") == first


async def test_a_false_priority_is_dropped(queue: Queue) -> None:
    await queue.take()
    hasty = await queue.take(priority="SOLDIER")
    assert await queue.call() == hasty
    assert (await queue.deed("transferNumber", hasty, dropPriority=True))[0] == 200
    assert [await queue.call("1"), await queue.call("2")] == ["A001", hasty]


async def test_the_average_of_today_makes_the_estimate(queue: Queue) -> None:
    for _ in range(4):
        await queue.take()
    for _ in range(3):
        await queue.serve(minutes=4)
    answer = (await queue.do("takeNumber", groupCode="A"))[1]
    assert answer["estimate"] == {
        "ahead": 1,
        "wait": 0,
        "basis": "前面1人，2个窗口，平均每人4.0分钟（今日最近3人）",
    }


async def test_no_numbers_when_the_wait_would_pass_the_closing(queue: Queue) -> None:
    queue.tickets.clock.instant = datetime(2026, 1, 5, 9, 5, tzinfo=UTC)  # 17:05, closes at 17:30
    given = [await queue.do("takeNumber", groupCode="A") for _ in range(6)]
    assert [status for status, _ in given] == [200, 200, 200, 200, 200, 409]
    assert "17:30" in given[-1][1]["detail"]
    queue.tickets.clock.instant = datetime(2026, 1, 3, 2, 0, tzinfo=UTC)  # a Saturday
    assert (await queue.do("takeNumber", groupCode="A"))[0] == 409


async def test_yesterdays_numbers_are_void(queue: Queue) -> None:
    old = await queue.take()
    queue.tickets.clock.instant += timedelta(days=1)
    assert (await queue.do("openWindow", windowCode="1"))[0] == 200
    assert (await queue.do("callNext", windowCode="1"))[0] == 409
    status, problem = await queue.deed("cancelNumber", old)
    assert (status, problem["code"]) == (409, "CONFLICT")
    async with transaction(queue.tickets.pool, SERVICE) as connection:
        assert await store.void(connection, today(queue.tickets.clock)) == 1
        assert await store.void(connection, today(queue.tickets.clock)) == 0
    assert (await queue.do("takeNumber", groupCode="A"))[1]["number"] == "A001"


async def test_a_window_is_one_clerks(queue: Queue) -> None:
    await queue.take()
    other = queue.tickets.as_("window_clerk", "example-other-clerk", areas=[TOWNSHIP])
    assert (await queue.do("callNext", other, windowCode="1"))[0] == 409
    number = await queue.call()
    assert (await queue.do("closeWindow", windowCode="1"))[0] == 409
    assert (await queue.do("callNext", windowCode="1"))[0] == 409
    assert (await queue.do("startServing", other, id=queue.keys[number]))[0] == 409
    assert (await queue.do("openWindow", other, windowCode="1"))[0] == 200
    assert (await queue.do("startServing", other, id=queue.keys[number]))[0] == 200
    status, problem = await queue.deed("finishServing", number, outcome="DONE")
    assert (status, problem["code"]) == (409, "CONFLICT")


async def test_who_takes_and_who_sees(queue: Queue) -> None:
    resident = queue.tickets.as_("resident", "example-resident")
    status, answer = await queue.do("takeNumber", resident, groupCode="A")
    assert (status, answer["number"]) == (200, "A001")
    status, problem = await queue.do("takeNumber", resident, groupCode="A")
    assert (status, problem["code"]) == (409, "CONFLICT")
    queue.keys["A001"] = await queue.key_of("A001")
    mine = (await resident.read("myQueueNumbers", {}, [["number", "number"]]))[1]
    assert mine == [{"number": "A001"}]
    stranger = queue.tickets.as_("resident", "example-stranger")
    assert (await stranger.read("queueNumber", {"id": queue.keys["A001"]}, SELECT))[0] == 404
    assert (await stranger.read("myQueueNumbers", {}, SELECT))[1] == []
    assert (await queue.do("cancelNumber", stranger, id=queue.keys["A001"]))[0] == 404
    assert (await queue.do("callNext", resident, windowCode="1"))[0] == 403
    kiosk = queue.tickets.as_("kiosk", areas=[TOWNSHIP])
    assert (await queue.do("takeNumber", kiosk, groupCode="A"))[0] == 200
    far = queue.tickets.as_("kiosk", areas=[OTHER_VILLAGE])
    assert (await queue.do("takeNumber", far, groupCode="A"))[0] == 404
    assert (await queue.do("cancelNumber", resident, id=queue.keys["A001"]))[0] == 200
    page = [["edges", "edges", None, [["node", "node", None, [["number", "number"]]]]]]
    for client, expected in ((queue.clerk, 1), (resident, 0)):
        listed = (await client.read("queue", {"centre": CENTRE}, page))[1]
        assert len(listed["edges"]) == expected


async def test_the_fence_around_who_took_a_number(queue: Queue) -> None:
    await queue.take()
    for table in ("queue_number", "queue_holder", "window_shift"):
        assert await queue.tickets.pool.fetchval(f"SELECT count(*) FROM {table}") == 0
    for caller, holders in ((Caller(subject="a"), 0), (Caller(subject="a", areas=(TOWNSHIP,)), 1)):
        async with transaction(queue.tickets.pool, caller) as connection:
            assert await connection.fetchval("SELECT count(*) FROM queue_number") == 1
            assert await connection.fetchval("SELECT count(*) FROM queue_holder") == holders
            changed = "UPDATE queue_number SET status = 'CANCELLED' WHERE status = 'WAITING' RETURNING id"
            assert (await connection.fetchval(changed) is not None) is bool(holders)
    with pytest.raises(Forbidden):
        async with transaction(queue.tickets.pool, Caller(subject="a")) as connection:
            await connection.execute("INSERT INTO queue_holder SELECT id, 'b', area, 'resident' FROM queue_number")


async def test_input_that_will_not_do(queue: Queue) -> None:
    asked: list[tuple[dict[str, Any], str, str]] = [
        ({"groupCode": "A", "centreCode": "nowhere"}, "UNKNOWN_CENTRE", "centreCode"),
        ({"groupCode": "B"}, "INVALID_INPUT", "groupCode"),
        ({}, "INVALID_INPUT", "itemCode"),
        ({"itemCode": "nothing"}, "UNKNOWN_ITEM", "itemCode"),
        ({"groupCode": "A", "priority": "RICH"}, "UNKNOWN_PRIORITY", "priority"),
    ]
    for given, code, field in asked:
        status, problem = await queue.do("takeNumber", **given)
        assert (status, problem["code"], problem["field"]) == (422, code, field)


async def test_the_screen_shows_numbers_and_tells_what_has_not_changed(queue: Queue) -> None:
    url = f"{queue.tickets.url}/open/displays/{CENTRE}"
    session = queue.clerk.session

    async def board(tag: str = "") -> tuple[int, str, str]:
        async with session.get(f"{url}/board", headers={"If-None-Match": tag}) as answer:
            return answer.status, answer.headers["ETag"], await answer.text()

    async with session.get(url) as answer:
        page, policy = await answer.text(), answer.headers["Content-Security-Policy"]
    assert "示例镇便民服务中心" in page
    assert "今日办理时间：08:30–12:00、14:00–17:30" in page
    for kind in ("script", "style"):
        (part,) = re.findall(rf"<{kind}>(.*)</{kind}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    status, tag, before = await board()
    assert (status, "请等候叫号" in before, "空闲" in before) == (200, True, True)
    assert (await board(tag))[0] == 304
    await queue.take()
    await queue.call()
    status, again, after = await board(tag)
    assert (status, again != tag, "请 A001" in after) == (200, True, True)
    assert "example-" not in after
    async with session.get(f"{queue.tickets.url}/open/displays/nowhere") as answer:
        assert answer.status == 404


async def test_figures_by_window_and_as_a_whole(queue: Queue) -> None:
    for _ in range(4):
        await queue.take()
    queue.tickets.clock.instant += timedelta(minutes=10)
    for window in ("1", "1", "2"):
        await queue.serve(window)
    missed = await queue.call("2")
    for _ in range(2):
        await queue.deed("recallNumber", missed)
    await queue.deed("markNoShow", missed)
    select = [[name, name] for name in ("windowCode", "groupCode", "served", "noShows", "waitP50", "waitP90")]
    args = {"since": "2026-01-05", "until": "2026-01-05", "per": "WINDOW"}
    assert (await queue.clerk.read("queueFigures", args, select))[1] == [
        {"windowCode": "1", "groupCode": None, "served": 2, "noShows": 0, "waitP50": 12.6, "waitP90": 14.6},
        {"windowCode": "2", "groupCode": None, "served": 1, "noShows": 1, "waitP50": 22.5, "waitP90": 24.5},
    ]
    (whole,) = (await queue.clerk.read("queueFigures", args | {"per": "CENTRE"}, select))[1]
    assert (whole["served"], whole["noShows"]) == (3, 1)
    far = queue.tickets.as_("window_clerk", areas=[OTHER_VILLAGE])
    assert (await far.read("queueFigures", args, select))[1] == []
    assert (await queue.tickets.as_("resident").read("queueFigures", args, select))[0] == 403
    for wrong in ({"per": "MOON"}, {"until": "2026-01-04"}, {"until": "2027-06-01"}, {"since": "yesterday"}):
        assert (await queue.clerk.read("queueFigures", args | wrong, select))[0] == 422
