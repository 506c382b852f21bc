"""Errands through the gateway: a photo signed for, papers handed over by global ids, what a refusal tells, the receipt at its path."""

from datetime import timedelta
from typing import Any

from gateway.planner.ids import key_of
from services.chassis.clock import SystemClock, today
from tests.archive.pictures import jpeg
from tests.gateway.conftest import GRID, VILLAGE, Running
from tests.gateway.test_mutations import do, refused
from tests.gateway.test_reads import household

DAY = today(SystemClock())
ERRAND = """errand { id number state allowed receiptUrl area { name } household { id } agent { subject }
    mandate { id form valid } documents { id kind last4 holder holderName offeredTo out chain { deed from holder } }
    delivery { relation proof signatureId } history { deed deedName } ticket { id source errand { id } } }"""


async def test_an_errand_from_request_to_end(running: Running) -> None:
    cadre, agent, person, officer = (running.as_(name) for name in ("cadre", "agent", "resident", "officer"))
    given: dict[str, Any] = {"item": "farm-facility", "areaCode": GRID, "householdId": household(1), "source": "VISIT"}
    errand = (await do(cadre, "requestErrand", ERRAND, **given))["errand"]
    key = {"id": errand["id"]}
    assert (errand["household"]["id"], errand["ticket"]["errand"]["id"]) == (household(1), errand["id"])
    (first, *_) = (await cadre("query ($id: ID!) { errandCandidates(id: $id) { subject onHand } }", **key))[
        "errandCandidates"
    ]
    errand = (await do(cadre, "assignErrand", ERRAND, **key, agent="example-agent"))["errand"]
    assert first["onHand"] == 0
    await do(person, "mandateErrand", ERRAND, **key, validTo=str(DAY + timedelta(days=30)))
    papers = [{"kind": "LAND_CERTIFICATE", "last4": "0047"}]
    errand = (await do(agent, "collectDocuments", ERRAND, **key, documents=papers, place="示例村"))["errand"]
    (paper,) = errand["documents"]
    assert paper["chain"] == [
        {"deed": "REGISTERED", "from": None, "holder": "PERSON"},
        {"deed": "ACCEPTED", "from": "PERSON", "holder": "AGENT"},
    ]
    out = await refused(cadre, "cancelErrand", ERRAND, **key, note="示例")
    assert (out["code"], out["rule"]) == ("CONFLICT", "custody.out")
    assert [one["kind"] for one in out["documents"]] == ["LAND_CERTIFICATE"]
    listed = "query ($area: String!) { documentsOut(area: $area) { edges { node { id overdue errand { id } } } } }"
    edges = (await agent(listed, area=VILLAGE))["documentsOut"]["edges"]
    assert {"id": paper["id"], "overdue": False, "errand": {"id": errand["id"]}} in [edge["node"] for edge in edges]
    submit = {"departmentCode": "agriculture", "documentIds": [paper["id"]]}
    errand = (await do(agent, "submitErrand", ERRAND, **key, **submit))["errand"]
    assert errand["documents"][0]["offeredTo"] == "DEPARTMENT"
    hand = {**key, "documentIds": [paper["id"]]}
    assert (await refused(officer, "acceptDocuments", ERRAND, **hand))["code"] == "NOT_FOUND"
    await do(agent, "declineDocuments", ERRAND, **hand, note="示例：改日再交")
    await do(agent, "obtainErrand", ERRAND, **key, documents=[{"kind": "PERMIT"}])
    code = await do(person, "tellDeliveryCode", "delivery { code }", **key)
    assert len(code["delivery"]["code"]) == 8
    assert (await refused(agent, "tellDeliveryCode", "delivery { code }", **key))["code"] == "FORBIDDEN"
    signature = await signed(running, errand)
    errand = (await do(agent, "deliverErrand", ERRAND, **key, signatureId=signature, relation="SPOUSE"))["errand"]
    assert errand["delivery"] == {"relation": "SPOUSE", "proof": "SIGNATURE", "signatureId": signature}
    assert {one["out"] for one in errand["documents"]} == {False}
    errand = (await do(agent, "finishErrand", ERRAND, **key))["errand"]
    assert (errand["state"], errand["history"][-1]) == ("DONE", {"deed": "finished", "deedName": "办结"})
    node = await person("query ($id: ID!) { node(id: $id) { id ... on Errand { state } } }", **key)
    assert node["node"] == {"id": errand["id"], "state": "DONE"}
    mine = await person("query { errands(state: DONE) { edges { node { id } } } }")
    assert errand["id"] in [edge["node"]["id"] for edge in mine["errands"]["edges"]]
    async with running.session.get(running.url + errand["receiptUrl"] + "?size=A5", headers=person.headers) as answer:
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
        assert errand["number"] in await answer.text()
    figures = """query ($since: Date!, $until: Date!) {
        errandMeasures(since: $since, until: $until, by: AGENT, area: "339999") { key delivered tripsSaved } }"""
    found = (await cadre(figures, since=str(DAY - timedelta(days=1)), until=str(DAY + timedelta(days=1))))[
        "errandMeasures"
    ]
    assert found == [{"key": "example-agent", "delivered": 1, "tripsSaved": 2}]


async def signed(running: Running, errand: Any) -> str:
    """The id of a picture that the agent attaches to the errand's ticket."""
    ticket = key_of(errand["ticket"]["id"], "Ticket", "ticket")
    url = f"{running.url}/files/tickets/attachments"
    query = {"ticket": ticket, "title": "示例：签字"}
    async with running.session.put(url, params=query, data=jpeg(), headers=running.as_("agent").headers) as answer:
        told = await answer.json()
        assert answer.status == 201, told
        return str(told["id"])
