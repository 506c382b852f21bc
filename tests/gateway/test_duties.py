"""Daily duty through the gateway: cadres, a rule, an offer, the log with its matter, and the fairness report."""

from uuid import uuid4

from tests.gateway.conftest import VILLAGE, Running
from tests.gateway.test_mutations import do
from tests.gateway.test_reads import household


async def test_who_serves_and_by_which_rule(running: Running) -> None:
    clerk = running.as_("clerk")
    given = {"subject": f"example-{uuid4()}", "name": "示例干部", "areaCode": VILLAGE, "since": "2026-01-01"}
    cadre = (await do(clerk, "reviseCadre", "cadre { id areaCode away version }", **given))["cadre"]
    assert (cadre["areaCode"], cadre["away"], cadre["version"]) == (VILLAGE, False, 1)
    span = {"first": "2030-01-02", "last": "2030-01-04", "reason": "ANNUAL"}
    leave = await do(clerk, "noteLeave", "leave { id reason cadre { name } }", subject=given["subject"], **span)
    assert leave["leave"]["cadre"] == {"name": "示例干部"}
    text = """query ($id: ID!, $leave: ID!, $subject: String!) { node(id: $id) { ... on Cadre { name } }
        leave: node(id: $leave) { ... on Leave { first reason } }
        leaves(subject: $subject) { edges { node { last } } } cadres(areaCode: "339999100200", first: 1) { edges { node { subject } } } }"""
    seen = await running.as_("resident")(text, id=cadre["id"], leave=leave["leave"]["id"], subject=given["subject"])
    assert seen["node"] == {"name": "示例干部"}
    assert seen["leave"] == {"first": "2030-01-02", "reason": None}
    assert seen["leaves"]["edges"] == [{"node": {"last": "2030-01-04"}}]
    rule = {"areaCode": VILLAGE, "starts": "2035-01-01", "pattern": "FAIR", "pool": [{"subject": "example-cadre"}]}
    made = await do(clerk, "setDutyRule", "rule { id pattern opens pool { subject cadre { name } } }", **rule)
    assert made["rule"]["pool"] == [{"subject": "example-cadre", "cadre": {"name": "示例村干部甲"}}]
    station = {"areaCode": VILLAGE, "name": "示例服务站", "longitude": 118.6, "latitude": 28.7}
    assert (await do(clerk, "setStation", "station { radius }", **station))["station"] == {"radius": 200}
    text = """{ dutyOn(area: "339999100200", date: "2026-01-05") { gap agreed turn { name } offers { state } station { name } }
        duties(areaCode: "339999100200", from: "2026-01-05", to: "2026-01-09", first: 2) {
            edges { node { date cadre { name } } } pageInfo { hasNextPage } }
        dutyRules(areaCode: "339999100200") { edges { node { starts } } }
        dutyFairness(areaCode: "339999100", from: "2026-01-05", to: "2026-01-31") { edges { node { name days balance cadre { subject } } } } }"""
    seen = await running.as_("auditor")(text)
    assert seen["dutyOn"]["station"] == {"name": "示例服务站"}
    assert (len(seen["duties"]["edges"]), seen["duties"]["pageInfo"]) == (2, {"hasNextPage": True})
    assert sum(edge["node"]["days"] for edge in seen["dutyFairness"]["edges"]) == 20


async def test_who_came_is_in_the_log_of_the_household(running: Running) -> None:
    cadre = running.as_("cadre")
    given = {
        "id": str(uuid4()),
        "areaCode": VILLAGE,
        "purpose": "CONSULT",
        "note": "示例：咨询",
        "visitorName": "示例某",
    }
    visit = "visit { id visitorName household { id } ticket { id } notedBy }"
    noted = (await do(cadre, "noteDutyVisit", visit, **given, householdId=household(1)))["visit"]
    assert (noted["visitorName"], noted["household"], noted["ticket"]) == ("示**", {"id": household(1)}, None)
    text = "{ dutyVisits(first: 200) { edges { node { id visitorName } } } }"
    mine = (await running.as_("resident")(text))["dutyVisits"]["edges"]
    assert {"id": noted["id"], "visitorName": None} in [edge["node"] for edge in mine]
    others = (await running.as_("resident-2")(text))["dutyVisits"]["edges"]
    assert noted["id"] not in [edge["node"]["id"] for edge in others]
