"""Figures and assessment through the gateway, and the operators' page, which holds neither."""

import re
from datetime import date, timedelta

from tests.gateway.conftest import VILLAGE, Running
from tests.gateway.test_mutations import do, matter, refused

COUNTY = "339999"
FIGURES = """query ($area: String!, $from: Date!, $to: Date!) { matterFigures(area: $area, from: $from, to: $to, trend: WEEK) {
    areaCode area { name } from to reported open byStatus { status open } bySource { code name reported } byArea { code name open }
    onTime { kind met missed percent } ageing { fromDays belowDays open } residents { percent } heat { category reported }
    trend { date reported } } }"""
RESULTS = """query ($period: String!) { assessmentResults(period: $period) { edges { node { unit marks { indicator } } } } }"""


async def test_figures_are_asked_with_the_callers_token(running: Running) -> None:
    admin, cadre, resident = running.as_("admin"), running.as_("cadre"), running.as_("resident")
    opened = (await do(cadre, "reportTicket", **matter(areaCode=VILLAGE, source="DUTY")))["ticket"]
    ticket = (await cadre("query ($id: ID!) { ticket(id: $id) { reportedAt } }", id=opened["id"]))["ticket"]
    days = around(ticket["reportedAt"])
    found = (await admin(FIGURES, area=COUNTY, **days))["matterFigures"]
    assert (found["areaCode"], found["from"]) == (COUNTY, days["from"])
    assert found["area"]["name"]
    assert found["reported"] == sum(each["reported"] for each in found["trend"]) > 0
    assert {"code": "DUTY", "name": "值班"}.items() <= next(e for e in found["bySource"] if e["code"] == "DUTY").items()
    assert sum(each["open"] for each in found["ageing"]) == found["open"] > 0
    own = (await cadre(FIGURES, area=COUNTY, **days))["matterFigures"]
    assert 0 < own["reported"] <= found["reported"]
    answer = await resident.answer(FIGURES, area=COUNTY, **days)
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


def around(instant: str) -> dict[str, str]:
    """The days before and after, whatever day it is in China."""
    day = date.fromisoformat(instant[:10])
    return {"from": str(day - timedelta(days=1)), "to": str(day + timedelta(days=1))}


async def test_a_period_is_assessed_and_schemes_are_told(running: Running) -> None:
    admin = running.as_("admin")
    payload = "assessment { id period version digest cases schemes { code unit indicators { indicator weight } } }"
    assessed = (await do(admin, "computeAssessment", payload, period="2025-06"))["assessment"]
    assert (assessed["period"], assessed["version"]) == ("2025-06", 1)
    assert {each["code"] for each in assessed["schemes"]} == {"departments", "townships", "workers"}
    again = (await do(admin, "computeAssessment", payload, period="2025-06"))["assessment"]
    assert again == assessed
    node = (await admin("query ($id: ID!) { node(id: $id) { ... on Assessment { digest } } }", id=assessed["id"]))[
        "node"
    ]
    assert node == {"digest": assessed["digest"]}
    assert (await admin(RESULTS, period="2025-06"))["assessmentResults"] == {"edges": []}
    told = await admin(
        '{ assessmentSchemes(on: "2025-06-01") { code } assessments(period: "2025-06") { edges { node { version } } } }'
    )
    assert [each["code"] for each in told["assessmentSchemes"]] == ["departments", "townships", "villages", "workers"]
    assert told["assessments"]["edges"] == [{"node": {"version": 1}}]
    objection = {"resultId": assessed["id"], "caseId": assessed["id"], "reason": "示例"}
    assert (await refused(running.as_("officer"), "objectToCase", "objection { id }", **objection))["rule"] == "id.type"


async def test_the_page_holds_no_data_and_loads_nothing_from_elsewhere(running: Running) -> None:
    pages = {}
    for path in ("/dashboard", "/dashboard/dashboard.css", "/dashboard/dashboard.js"):
        async with running.session.get(running.url + path) as answer:
            assert answer.status == 200
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            pages[path] = await answer.text()
    page = pages["/dashboard"]
    assert 'lang="zh-CN"' in page
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\son[a-z]+=|\sstyle=", page), (
        "the policy forbids what is inline"
    )
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", "".join(pages.values()))
    asked = re.findall(r"`(query [^`]*)`", pages["/dashboard/dashboard.js"])
    (figures,) = (document for document in asked if "matterFigures" in document)
    days = {"from": "2026-01-01", "to": "2026-01-31"}
    found = await running.as_("admin")(figures, area=COUNTY, trend="DAY", **days)
    assert len(found["matterFigures"]["trend"]) == 31
