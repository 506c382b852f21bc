"""Open311 GeoReport v2 at the service: who may send, what becomes of it, repeats, what everybody may read, and both forms."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

import pytest

from services.chassis.db import transaction
from services.chassis.errors import Forbidden
from services.chassis.principal import Caller
from services.tickets.store import open311 as store
from tests.tickets.matters import COUNTY, GRID, OTHER_VILLAGE, SERVICE, TOWNSHIP, VILLAGE, Tickets, given_for
from tests.tickets.network import FORM, V2, Outside, api_key
from tests.tickets.verbs import verb


async def numbers(outside: Outside, **args: str) -> list[str]:
    status, found, _ = await outside.get(f"{V2}/requests.json", **args)
    assert status == 200, found
    return [each["service_request_id"] for each in found]


async def test_a_request_becomes_a_ticket_that_its_handlers_find(tickets: Tickets) -> None:
    outside, key = Outside(tickets), await api_key(tickets)
    status, answer, _ = await outside.send(
        key,
        address_id=GRID,
        address_string="示例村口",
        first_name="甲",
        last_name="示例",
        phone="13800000001",
        email="a@example.cn",
        media_url="https://example.cn/a.jpg",
    )
    assert status == 201
    (sent,) = answer
    assert sent == {"service_request_id": sent["service_request_id"], "service_notice": None, "account_id": None}
    select: list[Any] = [
        *(
            [name, name]
            for name in ("key", "number", "title", "description", "category", "source", "areaCode", "owner")
        ),
        ["place", "place", None, [[name, name] for name in ("lat", "long", "address", "mediaUrl")]],
        ["contact", "contact", None, [[name, name] for name in ("name", "phone", "email")]],
        ["history", "history", None, [["actor", "actor"], ["actorRole", "actorRole"]]],
    ]
    page = [["edges", "edges", None, [["node", "node", None, select]]]]
    _, listed = await tickets.as_("village_cadre").read("tickets", {"area": VILLAGE}, page)
    (ticket,) = [edge["node"] for edge in listed["edges"]]
    assert ticket == {
        "key": ticket["key"],
        "number": sent["service_request_id"],
        "title": "道路交通：示例：村口路面塌陷",
        "description": "示例：村口路面塌陷",
        "category": "road",
        "source": "APP",
        "areaCode": GRID,
        "owner": f"area/{VILLAGE}",
        "place": {"lat": 28.7424, "long": 118.6269, "address": "示例村口", "mediaUrl": "https://example.cn/a.jpg"},
        "contact": {"name": "示**", "phone": "138****0001", "email": "a***@example.cn"},
        "history": [{"actor": "open311:example-app", "actorRole": "service"}],
    }
    _, told, _ = await outside.get(f"{V2}/requests/{ticket['number']}.json")
    assert not {"13800000001", "138****0001", "a@example.cn", "示例甲", "示**"} & set(map(str, told[0].values()))
    async with tickets.pool.acquire() as connection:
        (event,) = await connection.fetch("SELECT data FROM outbox WHERE type = 'tickets.ticket.reported.v1'")
    assert event["data"]["sourceId"].startswith("open311:example-app:")


async def test_everybody_follows_a_request_and_sees_the_answer_alone(tickets: Tickets) -> None:
    outside, key = Outside(tickets), await api_key(tickets)
    _, (sent,), _ = await outside.send(key)
    number = sent["service_request_id"]
    async with transaction(tickets.pool, SERVICE) as connection:
        ticket = await connection.fetchval("SELECT id FROM ticket WHERE number = $1", number)
    _, (before,), _ = await outside.get(f"{V2}/requests/{number}.json")
    assert before == {
        "service_request_id": number,
        "status": "open",
        "status_notes": None,
        "service_name": "道路交通",
        "service_code": "road",
        "description": "示例：村口路面塌陷",
        "agency_responsible": "示例镇便民服务中心",
        "service_notice": None,
        "requested_datetime": "2026-01-05T04:00:00Z",
        "updated_datetime": "2026-01-05T04:00:00Z",
        "expected_datetime": None,
        "address": None,
        "address_id": TOWNSHIP,
        "zipcode": None,
        "lat": 28.7424,
        "long": 118.6269,
        "media_url": None,
    }
    clerk = tickets.as_("township_clerk", areas=(TOWNSHIP,))
    officer = tickets.as_("department_officer", areas=(TOWNSHIP,))
    for client, deed, note in (
        (clerk, "acceptTicket", "示例：内部备注"),
        (clerk, "dispatchTicket", None),
        (officer, "signTicket", None),
        (officer, "resolveTicket", "示例：路面已修复"),
        (clerk, "verifyTicket", "示例：现场已看"),
    ):
        tickets.clock.instant += timedelta(minutes=1)
        status, moved = await client.command(
            deed, given_for(deed, ticket) | ({"note": note} if note else {}), [["key", "key"]]
        )
        assert status == 200, moved
        if deed == "dispatchTicket":
            _, (working,), _ = await outside.get(f"{V2}/requests/{number}.json")
            assert (working["agency_responsible"], working["status"]) == ("农业农村局", "open")
            assert working["expected_datetime"] > working["requested_datetime"]
    _, (after,), _ = await outside.get(f"{V2}/requests/{number}.json")
    assert (after["status"], after["status_notes"], after["updated_datetime"]) == (
        "closed",
        "示例：路面已修复",
        "2026-01-05T04:05:00Z",
    )


async def test_services_are_the_catalogue_and_ask_what_is_written_down(tickets: Tickets) -> None:
    outside, key = Outside(tickets), await api_key(tickets)
    status, services, headers = await outside.get(f"{V2}/services.json")
    assert (status, headers["Content-Type"]) == (200, "application/json; charset=utf-8")
    by_code = {each["service_code"]: each for each in services}
    assert {"irrigation", "road", "lighting", "other"} <= by_code.keys()
    assert "infrastructure" not in by_code
    assert (by_code["lighting"]["metadata"], by_code["irrigation"]["metadata"]) == (True, False)
    _, definition, _ = await outside.get(f"{V2}/services/lighting.json")
    assert [(each["code"], each["required"]) for each in definition["attributes"]] == [("pole", True), ("fault", False)]
    for more, status in (
        ([], 400),
        ([("attribute[pole]", "XA-017"), ("attribute[fault]", "smells")], 400),
        ([("attribute[pole]", "XA-017"), ("attribute[fault]", "out")], 201),
    ):
        answer = await outside.send(key, *more, service_code="lighting")
        assert answer[0] == status, answer
    _, (told,), _ = await outside.get(f"{V2}/requests.json")
    assert told["description"] == "示例：村口路面塌陷"
    async with transaction(tickets.pool, SERVICE) as connection:
        description = await connection.fetchval("SELECT description FROM ticket")
    assert description == "示例：村口路面塌陷\n灯杆编号：XA-017\n故障：不亮"
    assert (await outside.get(f"{V2}/services/infrastructure.json"))[0] == 404


async def test_xml_says_the_same_as_json(tickets: Tickets) -> None:
    outside, key = Outside(tickets), await api_key(tickets)
    await outside.send(key, description="示例：<路> & 桥")
    status, text, headers = await outside.get(f"{V2}/requests.xml")
    assert (status, headers["Content-Type"]) == (200, "text/xml; charset=utf-8")
    assert text.startswith('<?xml version="1.0" encoding="utf-8"?>')
    (element,) = ElementTree.fromstring(text).findall("request")  # noqa: S314  our own
    _, (told,), _ = await outside.get(f"{V2}/requests.json")
    assert {each.tag: each.text for each in element} == {
        name: value if value is None else str(value) for name, value in told.items()
    }
    status, text, headers = await outside.ask("POST", f"{V2}/requests.xml", data={"api_key": "wrong"})
    assert (status, headers["Content-Type"]) == (403, "text/xml; charset=utf-8")
    assert ElementTree.fromstring(text).findtext("error/code") == "403"  # noqa: S314  our own


async def test_a_key_is_needed_to_send_and_each_may_send_so_many(tickets: Tickets) -> None:
    outside = Outside(tickets)
    key = await api_key(tickets, rate=2)
    for wrong in (None, "", "nonsense"):
        status, errors, _ = await outside.send(wrong)
        assert (status, errors[0]["code"]) == (403, 403)
    assert [(await outside.send(key, description=str(n)))[0] for n in range(3)] == [201, 201, 429]
    _, errors, headers = await outside.send(key)
    assert (errors[0]["code"], headers["Retry-After"]) == (429, "60")
    tickets.clock.instant += timedelta(minutes=1)
    assert (await outside.send(key, description="later"))[0] == 201
    newer = await api_key(tickets, rate=60)
    assert [(await outside.send(each, description="x"))[0] for each in (key, newer)] == [201, 201]
    async with transaction(tickets.pool, SERVICE) as connection:
        assert await store.end_keys(connection, "example-app", tickets.clock.now(), newest=False) == 1
        kept = str([tuple(row) for row in await connection.fetch("SELECT * FROM open311_key, open311_client")])
    assert newer not in kept
    assert [(await outside.send(each, description="x"))[0] for each in (key, newer)] == [403, 201]


async def test_the_same_again_is_the_same_request(tickets: Tickets) -> None:
    outside, key = Outside(tickets), await api_key(tickets)
    at_once = await asyncio.gather(*(outside.send(key) for _ in range(5)))
    assert len({answer[0]["service_request_id"] for _, answer, _ in at_once}) == 1
    tickets.clock.instant += timedelta(minutes=1)
    assert (await outside.send(key))[1] != at_once[0][1]
    own = str(uuid4())
    first = await outside.send(key, client_key=own)
    tickets.clock.instant += timedelta(days=1)
    assert (await outside.send(key, client_key=own))[1] == first[1]
    status, errors, _ = await outside.send(key, client_key=own, description="示例：另一处")
    assert (status, errors[0]["code"]) == (400, 400)
    assert (await outside.send(await api_key(tickets, "another-app"), client_key=own))[1] != first[1]
    assert await tickets.count("ticket") == 4


async def test_requests_are_found_by_number_service_time_and_state(tickets: Tickets) -> None:
    outside, key = Outside(tickets), await api_key(tickets, areas=(COUNTY,))
    sent = []
    for days, service, area in ((0, "road", VILLAGE), (1, "irrigation", OTHER_VILLAGE), (100, "road", VILLAGE)):
        tickets.clock.instant = tickets.clock.instant.replace(month=1, day=5) + timedelta(days=days)
        answer = await outside.send(key, service_code=service, address_id=area)
        sent.append(answer[1][0]["service_request_id"])
    old, other, new = sent
    assert await numbers(outside) == [new]
    january = {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-01-31T00:00:00Z"}
    assert await numbers(outside, **january) == [other, old]
    assert await numbers(outside, **january, service_code="road,lighting") == [old]
    assert await numbers(outside, **january, status="closed") == []
    assert await numbers(outside, **january, status="open", jurisdiction_id=COUNTY) == [other, old]
    assert await numbers(outside, service_request_id=f"{old},{new},T20260105-999999", status="closed") == [new, old]
    async with transaction(tickets.pool, SERVICE) as connection:
        await connection.execute("UPDATE ticket SET status = 'VERIFIED' WHERE number = $1", old)
    assert await numbers(outside, **january, status="closed") == [old]
    _, (token,), _ = await outside.get(f"{V2}/tokens/{new}.json")
    assert token == {"service_request_id": new, "token": new}


async def test_tickets_that_came_otherwise_are_not_told(tickets: Tickets) -> None:
    outside = Outside(tickets)
    await tickets.have("ACCEPTED", number="T20260105-000042")
    assert await numbers(outside) == []
    assert await numbers(outside, service_request_id="T20260105-000042") == []
    for path in ("requests", "tokens"):
        assert (await outside.get(f"{V2}/{path}/T20260105-000042.json"))[0] == 404


REFUSED: tuple[tuple[str, str, dict[str, str], int], ...] = (
    ("GET", "nothing.json", {}, 404),
    ("GET", "services", {}, 404),
    ("GET", "services.yaml", {}, 404),
    ("GET", "tokens.json", {}, 400),
    ("GET", "requests/T20260105-000001.json", {}, 404),
    ("GET", "services.json", {"jurisdiction_id": "example.cn"}, 404),
    ("GET", "services.json", {"jurisdiction_id": VILLAGE}, 404),
    ("GET", "requests.json", {"status": "done"}, 400),
    ("GET", "requests.json", {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-05-01T00:00:00Z"}, 400),
    ("POST", "services.json", {}, 400),
    ("POST", "requests.json", {"service_code": "nothing"}, 404),
    ("POST", "requests.json", {"service_code": ""}, 400),
    ("POST", "requests.json", {"address_id": "330881"}, 400),
    ("POST", "requests.json", {"address_id": TOWNSHIP + "999"}, 400),
    ("POST", "requests.json", {"jurisdiction_id": "nowhere"}, 404),
    ("POST", "requests.json", {"phone": "nobody"}, 400),
)


async def test_what_cannot_be_answered_has_the_form_of_an_error(tickets: Tickets) -> None:
    outside, key = Outside(tickets), await api_key(tickets)
    for method, path, args, status in REFUSED:
        if method == "GET":
            answer = await outside.get(f"{V2}/{path}", **args)
        else:
            answer = await outside.ask("POST", f"{V2}/{path}", data={"api_key": key, **FORM, **args})
        assert answer[0] == status, (path, args, answer)
        assert answer[2]["Access-Control-Allow-Origin"] == "*"
        if path.endswith(".json"):
            (error,) = answer[1]
            assert (error.keys(), error["code"]) == ({"code", "description"}, status)
        else:
            assert "<errors><error><code>404</code>" in answer[1]
    bodies: tuple[dict[str, Any], ...] = (
        {"json": {}},
        {"data": b"x", "headers": {"Content-Type": "multipart/form-data"}},
    )
    for body in bodies:
        status, errors, _ = await outside.ask("POST", f"{V2}/requests.json", **body)
        assert (status, errors[0]["code"]) == (400, 400)
    assert await tickets.count("ticket") == 0


async def test_the_operators_verbs(tickets: Tickets) -> None:
    settings = {"DATABASE_URL": tickets.database.app_url}

    async def run(*words: str) -> tuple[int, str]:
        done = await verb(settings, "open311-keys", *words)
        return done.exit_code, done.output.strip()

    add = ("add", "example-app", "--name", "示例应用", "--area", TOWNSHIP)
    (_, first), (_, second) = await run(*add), await run(*add, "--rate", "5")
    outside = Outside(tickets)
    assert [(await outside.send(key))[0] for key in (first, second)] == [201, 201]
    assert await run("revoke", "example-app") == (0, "1 keys ended")
    assert [(await outside.send(key))[0] for key in (first, second)] == [403, 201]
    row = json.loads((await run("list", "--json"))[1])
    assert (row["code"], row["areas"], row["rate"], row["keys"], row["requests"]) == (
        "example-app",
        [TOWNSHIP],
        5,
        1,
        1,
    )
    assert await run("revoke", "example-app", "--newest") == (0, "1 keys ended")
    assert (await outside.send(second))[0] == 403
    for wrong in (("--area", "99"), ("--area", TOWNSHIP, "--rate", "0")):
        assert (await run("add", "example-app", "--name", "示例应用", *wrong))[0] != 0


async def test_the_second_fence(tickets: Tickets) -> None:
    """What the database itself lets nobody else see or write."""
    await Outside(tickets).send(await api_key(tickets))
    tables = ("ticket_place", "open311_request", "status_code")
    async with transaction(tickets.pool, SERVICE) as connection:
        ticket = await connection.fetchval("SELECT id FROM ticket")
        await connection.execute(
            "INSERT INTO status_code (ticket, digest, by, at) VALUES ($1, sha256('x'), 'x', now())", ticket
        )
    for caller, seen in (
        (Caller("open311:example-app"), 1),
        (Caller("x", areas=(TOWNSHIP,)), 1),
        (Caller("x", areas=("339998",)), 0),
        (Caller("open311:another-app"), 0),
        (Caller("x", areas=(TOWNSHIP,), department="agriculture"), 0),
    ):
        async with transaction(tickets.pool, caller) as connection:
            assert [await connection.fetchval(f"SELECT count(*) FROM {table}") for table in tables] == [seen] * 3, (
                caller
            )
    unit = "INSERT INTO unit (code, name, items, active, by, at) VALUES ($1, '示例', '{}', true, 'x', now())"
    for caller in (
        Caller("x"),
        Caller("x", areas=(OTHER_VILLAGE,)),
        Caller("x", areas=(COUNTY,), department="agriculture"),
    ):
        with pytest.raises(Forbidden):
            async with transaction(tickets.pool, caller) as connection:
                await connection.execute(unit, TOWNSHIP + "099")
    async with tickets.pool.acquire() as connection:
        assert await connection.fetchval("SELECT count(*) FROM unit") == 0
