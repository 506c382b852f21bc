"""Two published Open311 clients read the services, send a request and follow it, over HTTP through the gateway."""

import asyncio
from typing import Any

import pytest
from civicbot import Endpoint, HttpError, HttpTransport, Open311Client
from civicbot.http import RateLimiter
from georeport import GeoReport

from services.chassis.clock import SystemClock
from services.chassis.db import open_pool, transaction
from services.chassis.principal import itself
from services.tickets.commands.open311 import add_client
from services.tickets.domain.open311 import Client
from tests.gateway.conftest import VILLAGE, Running
from tests.gateway.test_mutations import do

COUNTY, TOWNSHIP = VILLAGE[:6], VILLAGE[:9]
LIGHT = {
    "lat": 28.7424,
    "lng": 118.6269,
    "description": "示例：村口路灯 <3 天> 不亮",
    "attributes": {"pole": "XA-017", "fault": "out"},
}


async def test_published_clients_read_send_and_follow(running: Running) -> None:
    pool = await open_pool(running.databases["tickets"].app_url, 1)
    async with pool, transaction(pool, itself("tickets")) as connection:
        client = Client("example-app", "示例应用", (TOWNSHIP,), 60)
        key = await add_client(connection, SystemClock(), client)
    root = f"{running.url}/open/tickets/open311/v2"
    transport = HttpTransport(rate_limiter=RateLimiter(min_interval=0))
    sender = Open311Client(Endpoint("example", "示例", root, write=True), transport, jurisdiction_id=COUNTY)
    readers = [GeoReport(root, jurisdiction=COUNTY, output_format=form) for form in ("json", "xml")]

    def send(**given: Any) -> Any:
        sure = {"dry_run": False, "confirm": "SEND", "validate_remote": True}
        return sender.create_request("lighting", **sure, **{"api_key": key, **LIGHT, **given}).response

    services = await asyncio.to_thread(sender.list_services)
    assert {"lighting", "road", "other"} <= {service["service_code"] for service in services}
    (sent,) = await asyncio.to_thread(lambda: send(first_name="甲", last_name="示例", phone="13800000001"))
    number = sent["service_request_id"]
    with pytest.raises(HttpError) as refused:
        await asyncio.to_thread(lambda: send(api_key="wrong"))
    assert refused.value.status == 403
    for reader in readers:
        listed = await asyncio.to_thread(reader.get_service_list)
        assert [each["service_code"] for each in listed] == [each["service_code"] for each in services]
        definition = await asyncio.to_thread(reader.get_service_definition, "lighting")
        assert definition["service_code"] == "lighting"
        told = await asyncio.to_thread(reader.get_service_request, number)
        assert (told["status"], told["description"], told["address_id"]) == ("open", LIGHT["description"], TOWNSHIP)
        assert (float(told["lat"]), float(told["long"])) == (LIGHT["lat"], LIGHT["lng"])
    clerk = running.as_("clerk")
    find = """{ tickets { edges { node { id number description place { lat long } contact { name phone } } } } }"""
    nodes = [edge["node"] for edge in (await clerk(find))["tickets"]["edges"]]
    ticket = next(node for node in nodes if node["number"] == number)
    assert ticket["description"] == f"{LIGHT['description']}\n灯杆编号：XA-017\n故障：不亮"
    assert (ticket["place"], ticket["contact"]) == (
        {"lat": LIGHT["lat"], "long": LIGHT["lng"]},
        {"name": "示**", "phone": "138****0001"},
    )
    here = {"id": ticket["id"]}
    withdrawn = await do(
        clerk, "withdrawTicket", "ticket { status }", **here, reason="SETTLED", note="示例：已自行修好"
    )
    assert withdrawn["ticket"]["status"] == "WITHDRAWN"
    followed = await asyncio.to_thread(sender.get_request, number)
    assert (followed["status"], followed["status_notes"]) == ("closed", None)
    closed = await asyncio.to_thread(lambda: sender.list_requests(status="closed", service_code="lighting"))
    assert number in {each["service_request_id"] for each in closed}
    assert await asyncio.to_thread(sender.get_token, number) == [{"service_request_id": number, "token": number}]
