"""Windows through the gateway: a number from the app to the window, the screen above it without an account, one form for two departments."""

from typing import Any

import aiohttp
import pytest

from gateway.planner.ids import global_id
from tests.gateway.conftest import Running, key
from tests.gateway.test_mutations import do, refused

CENTRE = "always-open"
NUMBER = "number { id number status windowCode version estimate { ahead waitMinutes basis } slipUrl allowed }"


@pytest.fixture(scope="module")
async def centre(running: Running) -> str:
    """A centre of the example township that is open at any hour."""
    admin = running.as_("admin")
    opening = [{"day": day, "opens": "00:00", "closes": "24:00"} for day in ("WORKDAY", "WEEKEND", "HOLIDAY")]
    groups = [{"code": "A", "name": "示例业务", "minutes": 1}]
    payload = "centre { code groups { code waiting } displayUrl effectiveOn }"
    made = await do(
        *(admin, "reviseCentre", payload),
        code=CENTRE,
        areaCode="339999100",
        name="示例全天中心",
        opening=opening,
        groups=groups,
        lead=720,
    )
    assert made["centre"]["groups"] == [{"code": "A", "waiting": 0}]
    window = {"centreCode": CENTRE, "code": "1", "name": "综合窗口", "groups": ["A"], "departments": []}
    await do(admin, "reviseWindow", "window { code staffed departments { code } }", **window)
    return str(made["centre"]["displayUrl"])


async def board(running: Running, path: str, **headers: str) -> aiohttp.ClientResponse:
    answer = await running.session.get(f"{running.url}{path}/board", headers=headers)
    await answer.read()
    return answer


async def test_a_number_from_the_app_to_the_window(running: Running, centre: str) -> None:
    resident, clerk = running.as_("resident"), running.as_("clerk")
    at = {"centreCode": CENTRE, "windowCode": "1"}
    taken = (await do(resident, "takeNumber", NUMBER, centreCode=CENTRE, groupCode="A"))["number"]
    assert taken["estimate"]["basis"] == "前面0人，1个窗口，平均每人1.0分钟（按平常用时）"
    page = await running.session.get(running.url + centre)
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "示例全天中心" in await page.text()
    before = await board(running, centre)
    same = await board(running, centre, **{"If-None-Match": before.headers["ETag"]})
    assert (before.status, same.status) == (200, 304)
    assert (await refused(clerk, "callNext", NUMBER, **at))["code"] == "CONFLICT"
    assert (await do(clerk, "openWindow", "window { staffed number }", **at))["window"] == {
        "staffed": True,
        "number": None,
    }
    called = (await do(clerk, "callNext", NUMBER, **at))["number"]
    assert (called["id"], called["status"], called["windowCode"]) == (taken["id"], "CALLED", "1")
    after = await board(running, centre, **{"If-None-Match": before.headers["ETag"]})
    assert after.status == 200
    shown = await after.text()
    assert taken["number"] in shown
    assert "示例居民" not in shown
    await do(clerk, "startServing", NUMBER, id=taken["id"])
    done = await do(clerk, "finishServing", "number { status outcome }", id=taken["id"], outcome="DONE")
    assert done["number"] == {"status": "FINISHED", "outcome": "DONE"}
    slip = await running.session.get(running.url + taken["slipUrl"], headers=resident.headers)
    assert (slip.status, taken["number"] in await slip.text()) == (200, True)
    other = await running.session.get(running.url + taken["slipUrl"], headers=running.as_("resident-2").headers)
    assert other.status == 404
    day = (await clerk("query ($id: ID!) { queueNumber(id: $id) { day } }", id=taken["id"]))["queueNumber"]["day"]
    figures = 'query ($day: Date!) { queueFigures(since: $day, until: $day, per: GROUP, centre: "always-open") { groupCode served } }'
    assert (await clerk(figures, day=day))["queueFigures"] == [{"groupCode": "A", "served": 1}]
    assert (await running.session.get(f"{running.url}/open/tickets/displays/nowhere")).status == 404


INTAKE = """intake { id status version dueOn missing { code original copies items } noticeUrl resolvable
    ticket { id status source } parts { title status department { code } } }"""


async def test_one_form_for_two_departments(running: Running, centre: str) -> None:
    clerk, admin = running.as_("clerk"), running.as_("admin")
    paper = {"code": "id-card", "name": "居民身份证", "original": True, "copies": 1}
    for code, departments, limit in (("example-one", ["agriculture"], 3), ("example-two", ["water"], 5)):
        item: dict[str, Any] = {
            "code": code,
            "name": f"示例事项{limit}",
            "category": "other",
            "legalBasis": "示例依据",
            "limitDays": limit,
            "departments": departments,
            "levels": ["TOWNSHIP"],
            "materials": [paper],
        }
        made = await do(admin, "reviseItem", "item { code fee materials { name } departments { code } }", **item)
        assert made["item"]["departments"] == [{"code": departments[0]}]
    asked = {
        "centreCode": CENTRE,
        "itemCodes": ["example-one", "example-two"],
        "title": "示例：一窗受理",
        "description": "示例",
        "materials": [],
    }
    lacking = await refused(clerk, "openIntake", INTAKE, **asked)
    assert lacking["code"] == "MATERIALS_MISSING"
    assert lacking["missing"] == [
        {
            "code": "id-card",
            "name": "居民身份证",
            "original": True,
            "copies": 2,
            "items": ["example-one", "example-two"],
        }
    ]
    draft = (await do(clerk, "openIntake", INTAKE, **asked, draft=True))["intake"]
    assert (draft["status"], draft["ticket"]["status"], draft["parts"]) == ("DRAFT", "DRAFTED", [])
    assert len(draft["missing"]) == 1
    notice = await running.session.get(running.url + draft["noticeUrl"], headers=clerk.headers)
    assert "居民身份证" in await notice.text()
    materials = [{"code": "id-card", "originalSeen": True, "copies": 2}]
    opened = (await do(clerk, "completeIntake", INTAKE, id=draft["id"], materials=materials))["intake"]
    assert (opened["status"], opened["missing"]) == ("OPENED", [])
    assert (opened["ticket"]["status"], opened["ticket"]["source"]) == ("ACCEPTED", "WALK_IN")
    assert [(part["status"], part["department"]["code"]) for part in opened["parts"]] == [
        ("DISPATCHED", "agriculture"),
        ("DISPATCHED", "water"),
    ]
    early = await refused(clerk, "resolveIntake", "ticket { id }", id=opened["ticket"]["id"], note="示例")
    assert early["code"] == "CONFLICT"
    node = await clerk("query ($id: ID!) { node(id: $id) { id ... on Intake { resolvable } } }", id=draft["id"])
    assert node["node"] == {"id": draft["id"], "resolvable": False}
    unknown = await refused(clerk, "completeIntake", INTAKE, id=global_id("Intake", key()), materials=[])
    assert unknown["code"] == "NOT_FOUND"
