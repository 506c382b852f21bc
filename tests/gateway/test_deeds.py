"""Deeds on households through the gateway: a split, an item's life, a death, and who may be taken in."""

from typing import Any

from gateway.planner.ids import global_id
from tests.gateway.conftest import GRID, VILLAGE, Running
from tests.gateway.test_mutations import do, refused
from tests.gateway.test_reads import household

ON = "2025-03-01"
SHEET = """household { version members { id relation facts { name provenance verifiedOn staleOn } } splitFrom { id }
    memberships { memberId name since until reason leftReason } facts { name staleOn } }"""


def person(number: int) -> str:
    return global_id("Member", f"00000000-0000-7000-8001-{number:012d}")


def related(*pairs: tuple[int, str]) -> list[dict[str, str]]:
    return [{"id": person(number), "relation": relation} for number, relation in pairs]


async def version(running: Running, number: int) -> int:
    text = "query ($id: ID!) { household(id: $id) { version } }"
    return int((await running.as_("cadre")(text, id=household(number)))["household"]["version"])


async def test_a_split_answers_with_both_households(running: Running) -> None:
    cadre = running.as_("cadre")
    given: dict[str, Any] = {"effectiveOn": ON, "number": "0801", "address": "示例路801号"}
    given |= {"id": household(8), "version": await version(running, 8)}
    payload = f"{SHEET} founded {{ id number members {{ id }} splitFrom {{ id }} }}"
    split = await do(cadre, "splitHousehold", payload, **given, members=related((28, "02")))
    assert split["founded"]["number"] == "0801"
    assert split["founded"]["splitFrom"] == {"id": household(8)}
    assert [member["id"] for member in split["founded"]["members"]] == [person(28)]
    left = next(span for span in split["household"]["memberships"] if span["until"])
    assert (left["memberId"], left["until"], left["leftReason"]) == (person(28), "2025-02-28", "SPLIT")
    facts = {fact["name"]: fact for fact in split["household"]["members"][0]["facts"]}
    assert facts["phone"] == {
        "name": "phone",
        "provenance": "DECLARED",
        "verifiedOn": "2024-01-01",
        "staleOn": "2025-01-01",
    }
    assert facts["name"]["staleOn"] is None
    assert not facts.keys() & {"phoneSealed", "idNumberIndex", "why"}
    asked = {"id": household(8), "version": await version(running, 8), "effectiveOn": ON}
    wrong = await refused(
        cadre,
        "splitHousehold",
        "founded { id }",
        **asked,
        number="0802",
        address="示例",
        members=[{"id": household(8), "relation": "02"}],
    )
    assert (wrong["field"], wrong["rule"]) == ("members[0].id", "id.type")


async def test_an_item_from_its_beginning_to_its_end(running: Running) -> None:
    cadre = running.as_("cadre")
    here: dict[str, Any] = {"id": household(9), "effectiveOn": ON}
    payload = """household { incomes { id year source amount memberId facts { name provenance staleOn } }
        migrations { id place until emergencyContact } statedNeeds { need } talents { points { point text } } }"""
    income = {"year": 2024, "source": "WAGES", "amount": 36000.5}
    sheet = await do(
        cadre,
        "recordItem",
        payload,
        **here,
        version=await version(running, 9),
        memberId=person(31),
        income=income,
        provenance="DOCUMENT",
    )
    (shown,) = sheet["household"]["incomes"]
    assert (shown["year"], shown["source"], shown["amount"], shown["memberId"]) == (2024, "WAGES", "*", person(31))
    assert {"name": "data", "provenance": "DOCUMENT", "staleOn": "2026-03-01"} in shown["facts"]
    away = {"place": "示例市", "emergencyContact": "示例联系人"}
    sheet = await do(
        cadre, "recordItem", payload, **here, version=await version(running, 9), memberId=person(31), migration=away
    )
    (shown,) = sheet["household"]["migrations"]
    assert (shown["place"], shown["emergencyContact"], shown["until"]) == ("示例市", "*", None)
    end = here | {"effectiveOn": "2025-06-01", "itemId": shown["id"]}
    sheet = await do(cadre, "endItem", payload, **end, version=await version(running, 9))
    assert [one["until"] for one in sheet["household"]["migrations"]] == ["2025-05-31"]
    text = 'query ($id: ID!) { household(id: $id, asOf: "2025-02-28") { migrations { id } incomes { id } } }'
    assert (await cadre(text, id=household(9)))["household"] == {"migrations": [], "incomes": []}
    two = await refused(
        cadre,
        "recordItem",
        "household { id }",
        **here,
        version=await version(running, 9),
        need={"need": "示例"},
        income=income,
    )
    assert (two["code"], two["rule"]) == ("INVALID_INPUT", "item.kind")


async def test_a_household_from_its_opening_to_a_death_and_a_move(running: Running) -> None:
    cadre = running.as_("cadre")
    people = [{"name": f"示例新{n}", "relation": relation} for n, relation in enumerate(("02", "52", "31"))]
    given: dict[str, Any] = {"effectiveOn": "2025-01-01", "gridCode": GRID, "number": "0901", "address": "示例路901号"}
    payload = "household { id version members { id name relation } }"
    sheet = (await do(cadre, "openHousehold", payload, **given, members=people))["household"]
    head, daughter, mother = (member["id"] for member in sheet["members"])
    here: dict[str, Any] = {"id": sheet["id"], "effectiveOn": ON}
    death: dict[str, Any] = {**here, "version": 1, "memberId": head}
    missing = await refused(cadre, "registerDeath", payload, **death)
    assert (missing["field"], missing["rule"]) == ("relations", "relations.restated")
    restated = [{"id": daughter, "relation": "02"}, {"id": mother, "relation": "62"}]
    await do(cadre, "registerDeath", payload, **death, relations=restated)
    await do(cadre, "moveMembersOut", payload, **here, version=2, memberIds=[mother], destinationCode=GRID)
    text = "query ($area: String!) { unattachedPersons(area: $area) { edges { node { id name area { code } } } } }"
    found = [edge["node"] for edge in (await cadre(text, area=VILLAGE))["unattachedPersons"]["edges"]]
    assert found == [{"id": mother, "name": "示例新1", "area": {"code": GRID}}]
    back = {"id": mother, "name": "示例新1", "relation": "62"}
    again = here | {"effectiveOn": "2025-04-01", "version": 3, "members": [back]}
    sheet = (await do(cadre, "moveMembersIn", payload, **again))["household"]
    assert {member["id"]: member["relation"] for member in sheet["members"]} == {daughter: "02", mother: "62"}
