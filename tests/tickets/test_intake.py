"""One form for several items: what is missing at once, parts at their departments with one due date, a parent that waits for its parts."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.chassis.db import transaction
from services.tickets.app import HERE
from services.tickets.commands.window import load_centres
from tests.tickets.matters import COUNTY, HOUSEHOLD, OTHER_VILLAGE, SERVICE, TOWNSHIP, VILLAGE, Tickets, given_for

SELECT: list[Any] = [
    *([name, name] for name in ("status", "dueOn", "version", "resolvable", "noticeUrl")),
    ["ticket", "ticket", None, [["key", "key"], ["status", "status"]]],
    ["missing", "missing", None, [["code", "code"], ["copies", "copies"]]],
    [
        "parts",
        "parts",
        None,
        [["key", "key"], ["status", "status"], ["department", "department", None, [["code", "code"]]]],
    ],
]
PAPERS = [
    {"code": code, "originalSeen": True, "copies": 2}
    for code in ("id-card", "land-contract", "household-register", "bank-card")
]


def form(**more: Any) -> dict[str, Any]:
    return {
        "clientKey": str(uuid4()),
        "centreCode": "example-town-centre",
        "itemCodes": ["old-age-subsidy", "farm-facility"],
        "title": "示例：并联办理",
        "description": "示例：一次办理两项",
        "householdId": str(HOUSEHOLD),
        "materials": PAPERS,
        **more,
    }


@pytest.fixture
async def town(tickets: Tickets) -> Tickets:
    async with transaction(tickets.pool, SERVICE) as connection:
        await load_centres(connection, HERE / "data" / "items.toml")
    return tickets


async def test_what_is_missing_is_told_and_kept(town: Tickets) -> None:
    clerk = town.as_("window_clerk", areas=[TOWNSHIP])
    status, problem = await clerk.command("openIntake", form(), SELECT)
    assert (status, problem["code"]) == (409, "MATERIALS_MISSING")
    assert problem["missing"] == [
        {"code": "site-plan", "name": "设施平面图", "original": False, "copies": 2, "items": ["farm-facility"]}
    ]
    assert await town.count("intake") == await town.count("ticket") == 0
    status, draft = await clerk.command("openIntake", form(draft=True), SELECT)
    assert (status, draft["status"], draft["missing"]) == (200, "DRAFT", [{"code": "site-plan", "copies": 2}])
    accept = given_for("acceptTicket", draft["ticket"]["key"])
    status, problem = await town.as_("township_clerk", areas=[TOWNSHIP]).command(
        "acceptTicket", accept, [["key", "key"]]
    )
    assert (status, problem["code"]) == (409, "CONFLICT")
    key = draft["noticeUrl"].split("/")[-2]
    url = f"{town.url}{draft['noticeUrl'].replace('/files/tickets', '/files')}"
    headers = {"Authorization": f"Bearer {clerk.token}"}
    async with clerk.session.get(url, headers=headers) as answer:
        notice = await answer.text()
    assert "现一次性告知如下" in notice
    assert "设施平面图" in notice
    given = {"id": key, "materials": [{"code": "site-plan", "copies": 1}]}
    status, problem = await clerk.command("completeIntake", {"clientKey": str(uuid4()), **given}, SELECT)
    assert (status, problem["missing"][0]["copies"]) == (409, 1)
    for copies, version, expected in ((1, 1, "DRAFT"), (1, 2, "OPENED")):
        given = {"id": key, "version": version, "materials": [{"code": "site-plan", "copies": copies}], "draft": True}
        status, answer = await clerk.command("completeIntake", {"clientKey": str(uuid4()), **given}, SELECT)
        assert (status, answer["status"], answer["version"]) == (200, expected, version + 1), answer
    status, problem = await clerk.command("completeIntake", {"clientKey": str(uuid4()), **given}, SELECT)
    assert (status, problem["code"]) == (409, "STALE_VERSION")
    given.pop("version")
    assert (await clerk.command("completeIntake", {"clientKey": str(uuid4()), **given}, SELECT))[0] == 409


async def test_parts_go_their_ways_and_the_parent_waits_for_them(town: Tickets) -> None:
    clerk = town.as_("window_clerk", areas=[TOWNSHIP])
    papers = [*PAPERS, {"code": "site-plan", "copies": 2}]
    status, opened = await clerk.command("openIntake", form(materials=papers), SELECT)
    assert status == 200, opened
    assert (opened["status"], opened["dueOn"], opened["resolvable"]) == ("OPENED", "2026-02-02", False)
    departments = ["civil-affairs", "agriculture", "water", "power"]
    assert [part["department"]["code"] for part in opened["parts"]] == departments
    assert {part["status"] for part in opened["parts"]} == {"DISPATCHED"}
    async with transaction(town.pool, SERVICE) as connection:
        due = await connection.fetch(
            "SELECT DISTINCT (due_at AT TIME ZONE 'Asia/Shanghai')::date::text AS day FROM deadline WHERE kind IN ('WORK', 'OVERALL')"
        )
        assert [row["day"] for row in due] == ["2026-02-02"]
        told = await connection.fetchval("SELECT data FROM outbox WHERE type = 'tickets.intake.opened.v1'")
    assert (told["dueOn"], told["departments"]) == ("2026-02-02", departments)
    parent = {"id": opened["ticket"]["key"], "note": "示例：全部办结"}
    for deed in ("resolveIntake", "dispatchTicket"):
        who = clerk if deed == "resolveIntake" else town.as_("township_clerk", areas=[TOWNSHIP])
        given = given_for(deed, UUID(parent["id"]), note=parent["note"])
        status, problem = await who.command(deed, given, [["key", "key"]])
        assert (status, problem["code"]) == (409, "CONFLICT"), problem
    async with transaction(town.pool, SERVICE) as connection:
        await connection.execute("UPDATE ticket SET status = 'RESOLVED' WHERE parent IS NOT NULL")
    given = {"clientKey": str(uuid4()), **parent}
    status, done = await clerk.command("resolveIntake", given, [["status", "status"]])
    assert (status, done) == (200, {"status": "RESOLVED"})


async def test_who_sees_an_intake_and_input_that_will_not_do(town: Tickets) -> None:
    clerk = town.as_("window_clerk", areas=[TOWNSHIP])
    page = [["edges", "edges", None, [["node", "node", None, [["title", "title"]]]]]]
    assert (await clerk.command("openIntake", form(draft=True), SELECT))[0] == 200
    readers = {
        town.as_("window_clerk", areas=[COUNTY]): 1,
        town.as_("resident", household=str(HOUSEHOLD)): 1,
        town.as_("resident", "example-other"): 0,
        town.as_("window_clerk", areas=[OTHER_VILLAGE]): 0,
    }
    for client, expected in readers.items():
        assert len((await client.read("intakes", {}, page))[1]["edges"]) == expected
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"itemCodes": ["nothing"]}, "itemCodes"),
        ({"itemCodes": ["birth-service", "birth-service"]}, "itemCodes"),
        ({"materials": [{"code": "gold"}]}, "materials.code"),
        ({"materials": [{"code": "id-card", "attachmentIds": [str(HOUSEHOLD)]}]}, "materials.attachmentIds"),
        ({"title": " "}, "title"),
        ({"centreCode": "example-village-point"}, "itemCode"),
    ]
    for more, field in wrong:
        status, problem = await clerk.command("openIntake", form(**more), SELECT)
        assert (status, problem["field"]) == (422, field)
    far = town.as_("village_cadre", areas=[VILLAGE])
    assert (await far.command("openIntake", form(), SELECT))[0] == 404
