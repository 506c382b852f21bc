"""Changes of areas through the gateway: the dry run with what other services know, the change, its undoing, codes on any day."""

from typing import Any

from tests.gateway.conftest import VILLAGE, Running, key
from tests.gateway.test_mutations import do, matter, refused
from tests.gateway.test_reads import household

TOWNSHIP = "339999100"
PLANNED = """areaChange { id kind state version households areas { fate code name households area { code }
    tickets { open } duties { ahead } } moves { predecessor successor households } renumbered { number household { id } } }"""
RESOLVE = "query ($code: String!, $on: Date!) { resolveArea(code: $code, on: $on) { code name } }"


def split(**changed: Any) -> dict[str, Any]:
    """The first household of the second grid gets a grid of its own."""
    return {
        "kind": "SPLIT",
        "changedOn": "2026-03-01",
        "reason": "示例批文",
        "from": [f"{VILLAGE}0002"],
        "to": [{"name": "示例第三网格", "households": [household(6)]}, {"code": f"{VILLAGE}0002"}],
        **changed,
    }


async def test_a_change_from_its_plan_to_its_undoing(running: Running) -> None:
    admin = running.as_("admin")
    await do(running.as_("cadre"), "reportTicket", **matter(areaCode=f"{VILLAGE}0002"))
    change = (await do(admin, "planAreaChange", PLANNED, **split()))["areaChange"]
    assert (change["kind"], change["state"], change["households"]) == ("SPLIT", "PLANNED", 1)
    begun, kept = change["areas"]
    assert (begun["fate"], begun["code"], begun["area"], begun["tickets"], begun["duties"]) == (
        "BEGUN",
        f"{VILLAGE}0003",
        None,
        None,
        None,
    )
    assert (kept["fate"], kept["area"], kept["duties"]) == ("KEPT", {"code": f"{VILLAGE}0002"}, {"ahead": 0})
    assert kept["tickets"]["open"] >= 1
    done = (await do(admin, "carryOutAreaChange", PLANNED, id=change["id"], version=change["version"]))["areaChange"]
    assert (done["state"], done["areas"][0]["area"]) == ("DONE", {"code": f"{VILLAGE}0003"})
    where = "query ($id: ID!, $day: Date) { household(id: $id, asOf: $day) { grid { code name } } }"
    assert (await admin(where, id=household(6)))["household"]["grid"] == {
        "code": f"{VILLAGE}0003",
        "name": "示例第三网格",
    }
    assert (await admin(where, id=household(6), day="2026-02-28"))["household"]["grid"]["code"] == f"{VILLAGE}0002"
    assert await admin(RESOLVE, code=f"{VILLAGE}0003", on="2026-02-28") == {
        "resolveArea": [{"code": f"{VILLAGE}0002", "name": "示例村(example)第二网格"}]
    }
    text = """query ($code: String!) { area(code: $code, asOf: "2026-03-01") {
        validFrom predecessors { code successors { code } } names { name } } }"""
    assert (await admin(text, code=f"{VILLAGE}0003"))["area"] == {
        "validFrom": "2026-03-01",
        "predecessors": [{"code": f"{VILLAGE}0002", "successors": [{"code": f"{VILLAGE}0003"}]}],
        "names": [],
    }
    text = "query ($area: String, $id: ID!) { areaChanges(area: $area) { edges { node { id reason } } } node(id: $id) { id } }"
    page = await admin(text, area=TOWNSHIP, id=change["id"])
    assert page["areaChanges"]["edges"][0]["node"] == {"id": change["id"], "reason": "示例批文"}
    assert page["node"] == {"id": change["id"]}
    undone = await do(admin, "undoAreaChange", PLANNED, id=change["id"], version=done["version"], reason="示例：误操作")
    assert undone["areaChange"]["state"] == "UNDONE"
    assert (await admin(where, id=household(6)))["household"]["grid"]["code"] == f"{VILLAGE}0002"


async def test_what_is_refused_has_a_code(running: Running) -> None:
    admin = running.as_("admin")
    lost = await refused(
        admin,
        "planAreaChange",
        PLANNED,
        **split(to=[{"name": "示例", "households": []}, {"name": "示例", "households": []}]),
    )
    assert (lost["code"], lost["field"], lost["rule"]) == ("INVALID_INPUT", "to", "split.whole")
    wrong = await refused(admin, "planAreaChange", PLANNED, **split(to=[{"households": ["x"]}, {}]))
    assert (wrong["code"], wrong["field"], wrong["rule"]) == ("INVALID_INPUT", "to[0].households[0]", "global.id")
    assert (await refused(running.as_("cadre"), "planAreaChange", PLANNED, **split()))["code"] == "FORBIDDEN"
    unknown = await admin.answer(RESOLVE, code="77", on="2026-01-01")
    assert unknown["errors"][0]["extensions"]["code"] == "UNKNOWN_AREA"


async def test_a_repeat_of_a_plan_is_the_same_plan(running: Running) -> None:
    admin = running.as_("admin")
    given = {"clientKey": key(), **split()}
    text = "mutation ($input: PlanAreaChangeInput!) { planAreaChange(input: $input) { areaChange { id } } }"
    assert await admin(text, input=given) == await admin(text, input=given)
