"""Personal data through the gateway: shown in clear with a purpose, seen by the household, corrected at its word."""

import asyncio
from typing import Any

import asyncpg

from gateway.planner.ids import global_id
from tests.gateway.conftest import VILLAGE, Running
from tests.gateway.test_mutations import do, refused
from tests.gateway.test_reads import household

HEAD = global_id("Member", "00000000-0000-7000-8001-000000000016")
VALUES = "values { memberId label field value }"
ACCESS = """query ($id: ID!) { householdAccess(id: $id, first: 5) { edges { node {
    account name deed deedName roles roleNames purpose purposeName fields memberName department areas { code } at } } } }"""
CORRECTIONS = "query ($h: ID) { corrections(household: $h) { edges { node { id fieldName state dueOn member { name } household { number } } } } }"


async def test_a_reveal_and_who_sees_that_it_was(running: Running) -> None:
    cadre = running.as_("cadre")
    payload = await do(cadre, "reveal", VALUES, memberId=HEAD, fields=["idNumber"], purpose="SERVICE", note="示例")
    (value,) = payload["values"]
    assert (value["memberId"], value["field"], value["label"]) == (HEAD, "idNumber", None)
    assert value["value"].startswith("339999")
    assert len(value["value"]) == 18
    sheet = await cadre("query ($id: ID!) { node(id: $id) { ... on Member { idNumber birthYear } } }", id=HEAD)
    assert sheet["node"]["idNumber"].count("*") == 8
    of = await household_of(cadre, HEAD)
    for account in ("auditor", "admin"):
        page = await running.as_(account)(ACCESS, id=of)
        seen = [edge["node"] for edge in page["householdAccess"]["edges"]]
        told = next(one for one in seen if one["deed"] == "REVEAL")
        assert (told["account"], told["name"], told["purposeName"]) == ("example-cadre", "示例村干部甲", "办理事项")
        assert (told["roleNames"], told["fields"], told["areas"]) == (["村干部"], ["idNumber"], [{"code": VILLAGE}])


async def household_of(client: Any, member: str) -> str:
    pages = await client(
        "query ($a: String!) { households(area: $a) { edges { node { id members { id } } } } }", a=VILLAGE
    )
    return next(
        str(edge["node"]["id"])
        for edge in pages["households"]["edges"]
        if member in [one["id"] for one in edge["node"]["members"]]
    )


async def test_what_may_not_be_revealed(running: Running) -> None:
    given = {"memberId": HEAD, "fields": ["idNumber"], "purpose": "SERVICE"}
    near = {**given, "memberId": global_id("Member", "00000000-0000-7000-8001-000000000001")}
    assert (await refused(running.as_("grid-worker"), "reveal", VALUES, **near))["code"] == "FORBIDDEN"
    assert (await refused(running.as_("auditor"), "reveal", VALUES, **given))["code"] == "FORBIDDEN"
    error = await refused(running.as_("cadre"), "reveal", VALUES, **{**given, "fields": ["name"]})
    assert (error["code"], error["field"], error["rule"]) == ("INVALID_INPUT", "fields[0]", "field.known")
    error = await refused(running.as_("cadre"), "reveal", VALUES, **given, householdId=household(1))
    assert (error["code"], error["rule"]) == ("INVALID_INPUT", "required")
    assert (await refused(running.as_("cadre"), "reveal", VALUES, **{**given, "memberId": household(1)}))[
        "rule"
    ] == "id.type"


async def test_a_correction_from_request_to_answer(running: Running) -> None:
    resident, cadre = running.as_("resident-2"), running.as_("cadre")
    asked = "correction { id state version fieldName }"
    given = {"householdId": household(2), "field": "house", "wrong": "示例：房屋已翻新"}
    made = (await do(resident, "requestCorrection", asked, **given))["correction"]
    assert (made["state"], made["fieldName"]) == ("OPEN", "房屋情况")
    for client, variables in ((resident, {}), (cadre, {"h": household(2)})):
        (edge,) = (await client(CORRECTIONS, **variables))["corrections"]["edges"]
        assert (edge["node"]["id"], edge["node"]["household"]) == (made["id"], {"number": "0002"})
    sheet = (
        await cadre("query ($id: ID!) { household(id: $id) { version members { id name relation } } }", id=household(2))
    )["household"]
    one = sheet["members"][0]
    revision = {
        "version": sheet["version"],
        "house": "示例翻新房",
        "members": [{"id": one["id"], "name": one["name"], "relation": one["relation"]}],
    }
    payload = "correction { state decidedAt } household { house }"
    answer = await do(
        cadre, "decideCorrection", payload, id=made["id"], version=made["version"], accept=True, revision=revision
    )
    assert (answer["correction"]["state"], answer["household"]["house"]) == ("ACCEPTED", "示例翻新房")
    node = await resident("query ($id: ID!) { node(id: $id) { id ... on Correction { state } } }", id=made["id"])
    assert node["node"] == {"id": made["id"], "state": "ACCEPTED"}


async def test_a_hold_and_its_end(running: Running) -> None:
    admin = running.as_("admin")
    given = {"id": household(7)}
    assert (await do(admin, "holdHousehold", "household { number }", **given, reason="示例诉讼"))["household"] == {
        "number": "0007"
    }
    assert (await refused(admin, "holdHousehold", "household { number }", **given, reason="示例诉讼"))[
        "code"
    ] == "CONFLICT"
    assert (await do(admin, "liftHold", "household { number }", **given))["household"] == {"number": "0007"}


async def test_documents_go_through_with_the_caller(running: Running) -> None:
    token = running.issuer.account("resident")
    key = "00000000-0000-7000-8000-000000000001"
    url = f"{running.url}/files/archive/households/{key}/personal-data.json"
    async with running.session.get(url, headers={"Authorization": f"Bearer {token}"}) as answer:
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
        assert (await answer.json())["tables"][0]["table"] == "household"


async def test_the_worker_seals_what_was_read(running: Running) -> None:
    await running.as_("cadre")("query ($id: ID!) { household(id: $id) { number } }", id=household(1))
    admin = await asyncpg.connect(running.databases["archive"].superuser_url)
    try:
        async with asyncio.timeout(20):
            while await admin.fetchval("SELECT count(*) FROM audit_unsealed"):
                await asyncio.sleep(0.1)
        assert await admin.fetchval("SELECT count(*) FROM audit_chain c JOIN audit a ON a.id = c.audit_id") > 0
        assert await admin.fetchval("SELECT count(*) FROM audit_checkpoint") > 0
        assert await admin.fetchval("SELECT count(*) FROM retention_run") > 0
    finally:
        await admin.close()
