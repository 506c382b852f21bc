"""The catalogue and the clocks of matters through the gateway."""

from datetime import UTC, datetime, timedelta

from services.chassis.clock import CHINA
from tests.gateway.conftest import VILLAGE, Running
from tests.gateway.test_mutations import do, matter, refused
from tests.gateway.test_reads import household

CLOCKS = """ticket { id department { code } categoryName
    deadlines { kind round state department { code } startedAt dueAt returnBy limit rule ruleSince provisional explanation
        skipped { date kind counts festival } pauses { minutes reason } ticket { id } }
    extensions { state days grantedDays reason requestedBy decidedBy } }"""


async def test_a_matters_clocks(running: Running) -> None:
    resident, cadre, officer = running.as_("resident"), running.as_("cadre"), running.as_("officer-water")
    suggested = """query ($category: String!, $area: String!) {
        routeFor(category: $category, area: $area) { areaCode category department { code name } since } }"""
    route = (await cadre(suggested, category="irrigation", area=VILLAGE))["routeFor"]
    assert (route["department"]["code"], route["category"]) == ("water", "irrigation")
    nowhere = await cadre.answer(suggested, category="road", area=VILLAGE)
    assert (nowhere["data"], nowhere["errors"][0]["extensions"]["code"]) == ({"routeFor": None}, "NOT_FOUND")
    given = matter(category="irrigation", householdId=household(1))
    here = {"id": (await do(resident, "reportTicket", **given))["ticket"]["id"]}
    await do(cadre, "acceptTicket", **here)
    ticket = (await do(cadre, "dispatchTicket", CLOCKS, **here))["ticket"]
    assert (ticket["department"], ticket["categoryName"]) == ({"code": "water"}, "农田水利")
    overall, sign, work = ticket["deadlines"]
    assert [each["kind"] for each in (overall, sign, work)] == ["OVERALL", "SIGN", "WORK"]
    assert {each["state"] for each in (overall, sign, work)} == {"RUNNING"}
    assert (work["limit"], work["department"], work["ticket"]) == ("5d", {"code": "water"}, {"id": ticket["id"]})
    assert work["explanation"].startswith(
        "承办时限：依“示例：办理5日、延期10日、退单2日”（2020-01-01起施行）为5个工作日"
    )
    assert all(day["kind"] in ("WEEKEND", "HOLIDAY", "MAKEUP_WORKDAY") for day in work["skipped"])
    await do(officer, "signTicket", **here)
    asked = (await do(officer, "requestExtension", CLOCKS, **here, reason="WEATHER", days=2))["ticket"]
    assert [(each["state"], each["days"]) for each in asked["extensions"]] == [("REQUESTED", 2)]
    granted = (await do(cadre, "decideExtension", CLOCKS, **here, granted=True))["ticket"]
    (later,) = [each for each in granted["deadlines"] if each["kind"] == "WORK"]
    assert later["dueAt"] > work["dueAt"]
    running_out = """query ($area: String) { deadlines(area: $area, kind: WORK, department: "water", missed: false, first: 200) {
        edges { node { ticket { id } dueAt } } } }"""
    page = (await cadre(running_out, area=VILLAGE))["deadlines"]["edges"]
    assert {"ticket": {"id": ticket["id"]}, "dueAt": later["dueAt"]} in [edge["node"] for edge in page]


async def test_the_catalogue_is_read_and_revised(running: Running) -> None:
    admin, cadre = running.as_("admin"), running.as_("cadre")
    tree = "query ($on: Date) { categories(on: $on) { code name children { code parentCode children { code priority } } } }"
    top = {each["code"]: each for each in (await cadre(tree))["categories"]}
    assert {"code": "irrigation", "parentCode": "agriculture", "children": []} in top["agriculture"]["children"]
    day = str(datetime.now(UTC).astimezone(CHINA).date() + timedelta(days=400))
    fields = "category { code name priority since until parentCode }"
    given = {"code": "internet", "name": "示例：宽带网络", "since": day}
    made = (await do(admin, "reviseCategory", fields, **given, parent="infrastructure", priority="URGENT"))["category"]
    assert made == {**given, "priority": "URGENT", "until": None, "parentCode": "infrastructure"}
    codes = [
        {below["code"] for each in (await cadre(tree, **asked))["categories"] for below in each["children"]}
        for asked in ({}, {"on": day})
    ]
    assert ["internet" in each for each in codes] == [False, True]
    limits = {
        "category": "internet",
        "since": day,
        "name": "示例",
        **dict.fromkeys(("sign", "returnWithin", "escalate"), "4h"),
        "work": "2d",
        "overall": "3d",
        "extension": "1d",
        "extensions": 1,
        "pause": 5,
        "warn": 80,
    }
    answer = f"limits {{ {' '.join(limits)} priority }}"
    assert (await do(admin, "reviseLimits", answer, **limits))["limits"] == {**limits, "priority": None}
    rules = "query ($on: Date) { limits(on: $on) { category work } routes(on: $on) { areaCode department { code } } }"
    read = await cadre(rules, on=day)
    assert {"category": "internet", "work": "2d"} in read["limits"]
    route = {"areaCode": "339999", "category": "internet", "departmentCode": "power", "since": day}
    moved = (await do(admin, "reviseRoute", "route { areaCode department { code } }", **route))["route"]
    assert moved == {"areaCode": "339999", "department": {"code": "power"}}
    who = {"unit": "department/power", "level": 1, "subjects": ["example-clerk"]}
    assert (await do(admin, "reviseEscalation", "escalation { unit level subjects }", **who))["escalation"] == who
    assert who in (await admin("{ escalations { unit level subjects } }"))["escalations"]
    refusal = await refused(cadre, "reviseEscalation", "escalation { unit }", **who)
    assert refusal["code"] == "FORBIDDEN"
    unknown = await refused(cadre, "reportTicket", **matter(category="nothing", householdId=household(1)))
    assert unknown["code"] == "UNKNOWN_CATEGORY"
