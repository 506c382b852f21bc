"""Gatherings through the gateway: a series is set, people sign up, a session is moved."""

from datetime import timedelta

from services.chassis.clock import SystemClock, today
from services.chassis.db import open_pool
from services.liaison.commands.series import plan_series_due
from tests.gateway.conftest import VILLAGE, Running
from tests.gateway.test_mutations import do, refused
from tests.gateway.test_reads import household

FIELDS = """id kind date due opens state byHand gaps staff { department name state } topics { topic people } signedUp
    series { title } signUps { topic subject household { id } ticket { id } }"""
SIGN_UP = "signUp { id topic state outcome session { id } household { id } ticket { id } }"


async def test_a_series_is_set_and_people_sign_up(running: Running) -> None:
    clerk, cadre, resident = running.as_("clerk"), running.as_("cadre"), running.as_("resident")
    day = today(SystemClock())
    given = {
        "kind": "GATHERING",
        "areaCode": "339999100",
        "title": "示例集中",
        "weekday": 3,
        "policy": "NEXT_WORKDAY",
        "opens": "09:00",
        "minutes": 120,
        "departments": ["justice"],
        "starts": f"{day + timedelta(days=1):%Y-%m-%d}",
    }
    series = (await do(clerk, "setSeries", "series { id version plannedUntil }", **given))["series"]
    assert (series["version"], series["plannedUntil"]) == (1, None)
    async with await open_pool(running.databases["liaison"].app_url, 2) as pool:
        await plan_series_due(pool, SystemClock())
    text = """query ($code: String!) { series(areaCode: $code) { id title plannedUntil }
        area(code: $code) { nextSessions { id date } } all: sessions(areaCode: $code) { edges { node { date } } }
        sessionsAhead(areaCode: $code, kind: GATHERING, state: PLANNED) { edges { node { id date series { id } } } } }"""
    seen = await cadre(text, code=VILLAGE)
    assert series["id"] in {each["id"] for each in seen["series"]}
    ahead = [edge["node"] for edge in seen["sessionsAhead"]["edges"]]
    assert {each["id"] for each in ahead[:3]} <= {each["id"] for each in seen["area"]["nextSessions"]}
    newest = [edge["node"]["date"] for edge in seen["all"]["edges"]]
    assert newest == sorted(newest, reverse=True)
    session = next(each["id"] for each in ahead if each["series"]["id"] == series["id"])
    mine = (await do(resident, "signUp", SIGN_UP, sessionId=session, topic="示例：路灯"))["signUp"]
    assert (mine["state"], mine["session"], mine["household"]) == ("OPEN", {"id": session}, {"id": household(1)})
    node = f"query ($id: ID!) {{ node(id: $id) {{ ... on Session {{ {FIELDS} }} }} }}"
    for viewer, people in ((resident, 1), (cadre, 1), (running.as_("officer"), 0)):
        told = (await viewer(node, id=session))["node"]
        assert (told["topics"], len(told["signUps"])) == ([{"topic": "示例：路灯", "people": 1}], people)
    listed = await resident(
        "query ($id: ID!) { signUps(session: $id, state: OPEN) { edges { node { id } } } }", id=session
    )
    assert listed["signUps"]["edges"] == [{"node": {"id": mine["id"]}}]
    later = f"{day + timedelta(days=45):%Y-%m-%d}"
    moved = await do(
        cadre, "moveSession", f"session {{ {FIELDS} }}", id=session, date=later, opens="21:00", reason="示例"
    )
    assert (moved["session"]["date"], moved["session"]["opens"], moved["session"]["byHand"]) == (later, "21:00", True)
    early = await refused(cadre, "holdSession", "session { id }", id=session, people=12, came=[])
    assert (early["code"], early["rule"]) == ("CONFLICT", "session.early")
