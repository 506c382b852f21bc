"""The side moves of a matter through the gateway, with its documents."""

from typing import Any

from tests.archive.pictures import HEIC
from tests.gateway.conftest import VILLAGE, Running
from tests.gateway.test_mutations import do, matter, refused
from tests.gateway.test_reads import household

WHERE = "ticket { id status owner assignee returns ruled allowed }"
LIST = "query ($owner: String, $open: Boolean) { tickets(owner: $owner, open: $open) { edges { node { id } } } }"


async def a_dispatched_matter(running: Running, **given: Any) -> dict[str, str]:
    cadre = running.as_("cadre")
    ticket = (await do(cadre, "reportTicket", **matter(householdId=household(1), **given)))["ticket"]
    await do(cadre, "acceptTicket", id=ticket["id"])
    await do(cadre, "dispatchTicket", id=ticket["id"], departmentCode="agriculture")
    return {"id": ticket["id"]}


async def test_returned_ruled_and_in_the_departments_list(running: Running) -> None:
    cadre, officer = running.as_("cadre"), running.as_("officer")
    here = await a_dispatched_matter(running)
    why = {"reason": "NOT_OURS", "note": "示例：不属本部门"}
    returned = (await do(officer, "returnTicket", WHERE, **here, **why))["ticket"]
    assert (returned["status"], returned["returns"], returned["owner"]) == ("RETURNED", 1, f"area/{VILLAGE}")
    ruled = (await do(cadre, "ruleTicket", WHERE, **here, reason="BY_DUTIES", departmentCode="agriculture"))["ticket"]
    assert (ruled["owner"], ruled["ruled"]) == ("department/agriculture", "BY_DUTIES")
    problem = await refused(officer, "returnTicket", WHERE, **here, **why)
    assert (problem["code"], problem["rule"]) == ("ILLEGAL_TRANSITION", "ticket.ruled")
    assert "signTicket" in problem["allowed"]
    listed = (await officer(LIST, owner="department/agriculture", open=True))["tickets"]["edges"]
    assert here["id"] in [edge["node"]["id"] for edge in listed]
    text = "query ($id: ID!) { ticket(id: $id) { history { deed reason changes { field value } } } }"
    steps = (await cadre(text, id=here["id"]))["ticket"]["history"]
    assert [(step["deed"], step["reason"]) for step in steps[-2:]] == [("returned", "NOT_OURS"), ("ruled", "BY_DUTIES")]
    assert {"field": "department", "value": "agriculture"} in steps[2]["changes"]


async def test_documents_and_where_a_merged_matter_went(running: Running) -> None:
    cadre, officer, resident = running.as_("cadre"), running.as_("officer"), running.as_("resident")
    here, there = await a_dispatched_matter(running), await a_dispatched_matter(running)
    number = "query ($id: ID!) { ticket(id: $id) { number } }"
    path = (await officer("query ($id: ID!) { ticket(id: $id) { uploadUrl } }", id=here["id"]))["ticket"]["uploadUrl"]
    async with running.session.put(f"{running.url}{path}&title=示例照片", data=HEIC, headers=officer.headers) as answer:
        assert answer.status == 201
        kept = await answer.json()
    await do(officer, "signTicket", **here, attachmentIds=[kept["id"]])
    node = "query ($id: ID!) { node(id: $id) { ... on TicketAttachment { title url ticket { id } } } }"
    found = (await cadre(node, id=kept["id"]))["node"]
    assert found == {"title": "示例照片", "url": kept["url"], "ticket": {"id": here["id"]}}
    async with running.session.get(running.url + kept["url"], headers=resident.headers) as answer:
        assert (answer.status, await answer.read()) == (200, HEIC)
    text = "query ($id: ID!) { ticket(id: $id) { history { attachments { id } } mergedInto { number status } } }"
    assert (await cadre(text, id=here["id"]))["ticket"]["history"][-1]["attachments"] == [{"id": kept["id"]}]
    wrong = await refused(cadre, "mergeTicket", WHERE, **here, into=kept["id"])
    assert (wrong["code"], wrong["field"]) == ("INVALID_INPUT", "into")
    await do(cadre, "mergeTicket", WHERE, **here, into=there["id"])
    went = (await resident(text, id=here["id"]))["ticket"]["mergedInto"]
    assert went == {"number": (await cadre(number, id=there["id"]))["ticket"]["number"], "status": "DISPATCHED"}
