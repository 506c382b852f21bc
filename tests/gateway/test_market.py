"""Market days and stalls through the gateway: a stall that liaison plans is an activity of tickets, and what tickets count comes back."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from services.chassis.clock import CHINA
from tests.gateway.conftest import Running, key
from tests.gateway.test_mutations import do, document
from tests.support.graphql import GraphQL

TOWNSHIP = "339999100"
STALL = """query ($id: ID!) { stall(id: $id) { state people team { name } market { area { code } }
    activity { id place stall { id } } } }"""


async def test_a_team_has_a_stall_and_its_people_are_counted(running: Running) -> None:
    clerk, cadre = running.as_("clerk"), running.as_("cadre")
    today = datetime.now(CHINA).date()
    given = {"areaCode": TOWNSHIP, "name": "示例每日市", "rule": "WEEKDAY", "days": [1, 2, 3, 4, 5, 6, 7]}
    market = (
        await do(clerk, "reviseMarket", "market { id words nextMarketDay { date } }", **given, since="2026-01-01")
    )["market"]
    assert market["nextMarketDay"] == {"date": today.isoformat()}
    span = {"from": today.isoformat(), "to": (today + timedelta(days=1)).isoformat()}
    plan = {"marketId": market["id"], "team": "example-party-members", "staff": ["example-cadre"], "topic": "示例"}
    when = {"begins": "00:00", "ends": "23:59", **span}
    async with asyncio.timeout(20):
        while (planned := await stalls(clerk, **plan, **when)) is None:
            await asyncio.sleep(0.1)
    assert [stall["date"] for stall in planned["stalls"]] == [span["from"], span["to"]]
    first = planned["stalls"][0]["id"]
    stall = await told(cadre, first, lambda stall: stall["activity"] is not None)
    assert (stall["team"]["name"], stall["market"]["area"]["code"]) == ("示例党员民生服务队", TOWNSHIP)
    assert stall["activity"]["stall"] == {"id": first}
    served = [{"skill": "policy-advice", "people": 9}]
    await do(cadre, "holdActivity", "activity { people }", id=stall["activity"]["id"], served=served)
    stall = await told(cadre, first, lambda stall: stall["state"] == "HELD")
    assert stall["people"] == 9
    text = """query ($from: Date!, $to: Date!) { marketDays(area: "339999100200", from: $from, to: $to) {
        edges { node { text market { id } stalls { team { code } } } } } }"""
    days = (await cadre(text, **span))["marketDays"]["edges"]
    mine = [day["node"] for day in days if day["node"]["market"]["id"] == market["id"]]
    assert [day["stalls"] for day in mine] == [[{"team": {"code": "example-party-members"}}]] * 2
    node = "query ($id: ID!) { node(id: $id) { ... on Market { exceptions { date } upcoming(first: 1) { date } } } }"
    assert (await cadre(node, id=market["id"]))["node"]["upcoming"] == [market["nextMarketDay"]]


async def stalls(clerk: GraphQL, **given: Any) -> dict[str, Any] | None:
    """The plan; None while tickets' team has not reached liaison yet."""
    payload = "stallPlan { from stalls { id date why conflicts { kind areaCode } } }"
    answer = await clerk.answer(document("planStalls", payload), input={"clientKey": key(), **given})
    if "errors" in answer:
        assert answer["errors"][0]["extensions"]["code"] == "UNKNOWN_TEAM", answer
        return None
    plan: dict[str, Any] = answer["data"]["planStalls"]["stallPlan"]
    return plan


async def told(client: GraphQL, stall: str, arrived: Callable[[Any], bool]) -> Any:
    """The stall, once what is waited for has come through the broker."""
    async with asyncio.timeout(20):
        while not arrived(found := (await client(STALL, id=stall))["stall"]):
            await asyncio.sleep(0.1)
    return found
