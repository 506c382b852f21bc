"""The hotline through the gateway: a telephone system's hook, what becomes of a call, and who sees a number."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.app import build_gateway
from gateway.planner.ids import global_id
from services.chassis.clock import SystemClock, today
from services.chassis.service import build_api
from services.tickets.app import declare
from services.tickets.config import Api
from tests.conftest import Serve
from tests.gateway.conftest import KEYS, VILLAGE, Running, gateway_config
from tests.gateway.test_mutations import do, refused
from tests.support.graphql import GraphQL
from tests.tickets.hotline import MASKED, PHONE, TRUNK, Telephone

CALL = "call { id number trunk areaCode direction agent answeredAt waitSeconds recorded tickets { id } }"
TICKET = "ticket { id status source department { code } contact { name phone } calls { id } }"


@pytest.fixture
async def listening(running: Running, serve: Serve, tmp_path: Path, amqp_url: str) -> Running:
    """The same services behind a gateway whose tickets have a trunk."""
    (tmp_path / "county-1.toml").write_text(TRUNK)
    common: dict[str, Any] = KEYS | {
        name: getattr(running.issuer.config, name) for name in ("issuer", "jwks_url", "audience")
    }
    url = running.databases["tickets"].app_url
    config = Api(port=0, database_url=url, **common, telephone_secrets=str(tmp_path))
    tickets = await serve(build_api(declare(config), config, fetch_keys=running.issuer.fetch))
    gateway = gateway_config(
        {**running.services, "tickets": tickets}, running.issuer, amqp_url=amqp_url, broker_prefix=running.prefix
    )
    app = build_gateway(gateway, fetch_keys=running.issuer.fetch)
    return Running(**vars(running) | {"url": await serve(app), "app": app})


def matter(call: str, **more: Any) -> dict[str, Any]:
    words = {"title": "示例路灯坏了", "description": "示例：村口路灯不亮", "category": "road"}
    return {"callId": call, **words, "areaCode": VILLAGE, **more}


async def test_a_call_from_the_telephone_system_to_its_callback(listening: Running) -> None:
    telephone = Telephone(f"{listening.url}/open/tickets")
    now = datetime.now(UTC)
    status, answer = await telephone.tell("ringing", now, call="hook-1", number=PHONE)
    assert status == 200
    await telephone.tell("answered", now, call="hook-1", agent="example-hotline")
    stranger = Telephone(telephone.url, secret="whsec_" + "c3RyYW5nZXI" * 4)
    status, problem = await stranger.tell("ended", now, call="hook-1")
    assert (status, problem["code"]) == (401, "UNAUTHENTICATED")
    agent, id_ = listening.as_("hotline"), global_id("Call", answer["call"])
    call = await agent(
        f"query ($id: ID!) {{ node(id: $id) {{ id ... on Call {{ number agent }} }} {CALL.replace('call', 'call(id: $id)', 1)} }}",
        id=id_,
    )
    assert call["node"] == {"id": id_, "number": MASKED, "agent": "example-hotline"}
    assert (call["call"]["trunk"], call["call"]["direction"], call["call"]["recorded"]) == ("county-1", "IN", False)
    opened = (await do(agent, "reportByPhone", TICKET, **matter(id_, contact={"name": "示例甲"})))["ticket"]
    assert (opened["source"], opened["contact"], opened["calls"]) == (
        "HOTLINE",
        {"name": "示**", "phone": MASKED},
        [{"id": id_}],
    )
    caller = "query ($c: ID, $p: String) { caller(callId: $c, phone: $p) { number callCount openTickets { id number status } } }"
    for asked in ({"c": id_}, {"p": PHONE}):
        found = (await agent(caller, **asked))["caller"]
        assert (found["number"], [one["id"] for one in found["openTickets"]]) == (MASKED, [opened["id"]])
    linked = (await do(agent, "linkCall", CALL, callId=id_, ticketId=opened["id"], press="示例：还没有人来"))["call"]
    assert linked["tickets"] == [{"id": opened["id"]}]
    await the_callback(listening, agent, opened["id"])
    measures = (
        await agent(
            "query ($d: Date!) { hotlineMeasures(from: $d, to: $d, by: TRUNK) { key calls connectRate goalMet } }",
            d=today(SystemClock()).isoformat(),
        )
    )["hotlineMeasures"]
    assert {row["key"] for row in measures} >= {"county-1"}


async def the_callback(listening: Running, agent: GraphQL, ticket: str) -> None:
    cadre, officer, here = listening.as_("cadre"), listening.as_("officer"), {"id": ticket}
    await do(cadre, "acceptTicket", **here)
    await do(cadre, "dispatchTicket", **here, departmentCode="agriculture")
    await do(officer, "signTicket", **here)
    await do(officer, "resolveTicket", **here, note="示例：已修好")
    await do(cadre, "verifyTicket", **here)
    queue = (await agent("{ callbackQueue(first: 200) { edges { node { attempts ticket { id } } } } }"))[
        "callbackQueue"
    ]
    assert {"attempts": 0, "ticket": {"id": ticket}} in [edge["node"] for edge in queue["edges"]]
    callback = "callback { attempts lastOutcome claimedBy }"
    claimed = (await do(agent, "claimCallback", callback, ticketId=ticket))["callback"]
    assert claimed == {"attempts": 0, "lastOutcome": None, "claimedBy": "example-hotline"}
    taken = await refused(cadre, "claimCallback", callback, ticketId=ticket)
    assert (taken["code"], taken["rule"]) == ("CONFLICT", "callback.claimed")
    noted = (await do(agent, "noteCallback", callback, ticketId=ticket, outcome="REACHED"))["callback"]
    assert noted["lastOutcome"] == "REACHED"
    await do(agent, "callBackTicket", **here, satisfaction="SATISFIED")


async def test_contacts_and_clerks(running: Running) -> None:
    agent, admin, auditor = running.as_("hotline"), running.as_("admin"), running.as_("auditor")
    clerk = {
        "itemCode": "building-permit",
        "areaCode": VILLAGE,
        "departmentCode": "agriculture",
        "subject": "example-officer",
    }
    kept = await do(admin, "reviseItemClerk", "itemClerk { subject active department { code } }", **clerk)
    assert kept["itemClerk"] == {"subject": "example-officer", "active": True, "department": {"code": "agriculture"}}
    assert (await agent('{ itemClerks(item: "building-permit") { areaCode } }'))["itemClerks"] == [
        {"areaCode": VILLAGE}
    ]
    call = (await do(agent, "noteCall", CALL, areaCode=VILLAGE, phone=PHONE, rungAt="2026-01-05T03:50:00Z"))["call"]
    ticket = (await do(agent, "reportByPhone", TICKET, **matter(call["id"], itemCode="building-permit")))["ticket"]
    assert (ticket["status"], ticket["department"]) == ("DISPATCHED", {"code": "agriculture"})
    await do(
        running.as_("cadre"), "setContact", TICKET, ticketId=ticket["id"], contact={"name": "示例乙", "phone": PHONE}
    )
    asked = {"ticketId": ticket["id"], "purpose": "SERVICE", "note": "示例：回拨"}
    told = await do(running.as_("officer"), "revealContact", "contact { name phone email }", **asked)
    assert told["contact"] == {"name": "示例乙", "phone": f"+86{PHONE}", "email": None}
    log = "query ($t: ID) { disclosures(ticket: $t) { edges { node { account purpose fields ticket { id } } } } }"
    (edge,) = (await auditor(log, t=ticket["id"]))["disclosures"]["edges"]
    assert edge["node"] == {
        "account": "example-officer",
        "purpose": "SERVICE",
        "fields": ["name", "phone"],
        "ticket": {"id": ticket["id"]},
    }
    refusal = await refused(auditor, "revealContact", "contact { phone }", **asked)
    assert refusal["code"] == "FORBIDDEN"
    record = "query ($id: ID!) { callRecord(id: $id) { transcript recordingUri } calls(first: 1, unlinked: false) { edges { node { id } } } }"
    answer = await agent(record, id=call["id"])
    assert answer["callRecord"] == {"transcript": None, "recordingUri": None}
    assert len(answer["calls"]["edges"]) == 1
