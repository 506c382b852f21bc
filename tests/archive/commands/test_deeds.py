"""The deeds by which households and members come, go and change places, over HTTP on a real database."""

import asyncio
import json
from typing import Any

import pytest

from tests.archive.conftest import GRID, OTHER_GRID, VILLAGE, Archive, household, key, person, uuid
from tests.support.client import Service

INVALID = "INVALID_INPUT"
NEW_SHEET = {"number": "0101", "address": "示例"}
GRANDSON = {"name": "示例", "relation": "41"}
CHILD_NUMBER = "339999201809081121"
"""Valid, and nobody's in the example."""
SHEET: list[Any] = [
    *([name, name] for name in ("key", "number", "version", "closedOn", "closedReason")),
    ["members", "members", None, [[name, name] for name in ("key", "name", "relation", "marital")]],
    [
        "memberships",
        "memberships",
        None,
        [[name, name] for name in ("name", "relation", "since", "until", "reason", "leftReason")],
    ],
    ["splitFrom", "splitFrom", None, [["key", "key"]]],
    ["mergedInto", "mergedInto", None, [["key", "key"]]],
]


def deed(of: int = 1, version: int = 1, on: str = "2025-03-01", **fields: Any) -> dict[str, Any]:
    return {"clientKey": key(), "id": household(of), "version": version, "effectiveOn": on, **fields}


def related(*pairs: tuple[int, str]) -> list[dict[str, str]]:
    return [{"id": person(number), "relation": relation} for number, relation in pairs]


async def done(client: Service, name: str, given: dict[str, Any], select: list[Any] = SHEET) -> Any:
    status, sheet = await client.command(name, given, select)
    assert status == 200, sheet
    return sheet


async def refused(client: Service, name: str, given: dict[str, Any]) -> tuple[str, str | None, str | None]:
    status, problem = await client.command(name, given, SHEET)
    assert status >= 400, problem
    return problem["code"], problem.get("field"), problem.get("rule")


async def on(client: Service, key: str, day: str, known_at: str | None = None) -> Any:
    _, sheet = await client.read("household", {"id": key, "asOf": day, "knownAt": known_at}, SHEET)
    return sheet


def relations(sheet: Any) -> dict[str, str]:
    return {member["key"]: member["relation"] for member in sheet["members"]}


async def told(archive: Archive) -> list[tuple[str, str, str | None]]:
    """(type, subject, reason) of each event since the example was loaded."""
    rows = await archive.admin.fetch(
        "SELECT type, subject, data ->> 'reason' AS reason FROM outbox WHERE type <> 'archive.area.published.v1' "
        "AND recorded > (SELECT max(recorded) FROM outbox WHERE type = 'archive.household.opened.v1' AND data ->> 'household' = $1) "
        "ORDER BY recorded",
        household(10),
    )
    return [(row["type"].removeprefix("archive."), row["subject"], row["reason"]) for row in rows]


async def test_a_household_is_opened(archive: Archive) -> None:
    given = {
        "clientKey": key(),
        "effectiveOn": "2025-03-01",
        "provenance": "DOCUMENT",
        "gridCode": GRID,
        "number": "0099",
        "address": "示例路99号",
        "members": [
            {"name": "示例新一", "relation": "02", "sex": "MALE", "birthDate": "1980-01-01"},
            {"name": "示例新二", "relation": "12"},
        ],
    }
    cadre = archive.as_("cadre")
    sheet = await done(cadre, "openHousehold", given)
    assert (sheet["number"], sheet["version"], [member["relation"] for member in sheet["members"]]) == (
        "0099",
        1,
        ["02", "12"],
    )
    assert [(span["since"], span["until"], span["reason"]) for span in sheet["memberships"]] == [
        ("2025-03-01", None, "REGISTERED")
    ] * 2
    people = [member["key"] for member in sheet["members"]]
    joined = sorted(("member.joined.v1", one, "REGISTERED") for one in people)
    assert await told(archive) == [("household.opened.v1", sheet["key"], "REGISTERED"), *joined]
    again = given | {"clientKey": key()}
    assert await refused(cadre, "openHousehold", again) == ("CONFLICT", "number", "number.unique")
    headless = again | {"number": "0098", "members": given["members"][1:]}
    assert await refused(cadre, "openHousehold", headless) == (INVALID, "members", "household.one_head")
    assert await refused(archive.as_("grid-worker"), "openHousehold", again | {"gridCode": OTHER_GRID}) == (
        "NOT_FOUND",
        "gridCode",
        None,
    )
    assert (await on(cadre, sheet["key"], "2025-02-28"))["code"] == "NOT_FOUND"


async def test_a_split_and_a_merge_lose_nobody_and_nothing(archive: Archive) -> None:
    cadre = archive.as_("cadre")
    for given in (
        {"income": {"year": 2024, "source": "WAGES", "amount": 30000}, "memberId": person(3)},
        {"need": {"need": "示例需求"}},
    ):
        version = 1 if "income" in given else 2
        await done(cadre, "recordItem", deed(version=version, on="2025-01-01", **given))
    plots = await plots_of(archive, household(1), "示例田", "示例山")
    new = await done(
        cadre,
        "splitHousehold",
        deed(
            version=4,
            number="0101",
            address="示例路101号",
            gridCode=OTHER_GRID,
            members=related((3, "02"), (4, "12"), (5, "21")),
            plotIds=plots[:1],
        ),
    )
    assert new["splitFrom"] == {"key": household(1)}
    assert relations(new) == {person(3): "02", person(4): "12", person(5): "21"}
    _, old = await cadre.read("household", {"id": household(1)}, SHEET)
    assert relations(old) == {person(1): "02", person(2): "12"}
    assert await held(archive, household(1)) == (["示例山"], ["NEED"])
    assert await held(archive, new["key"]) == (["示例田"], ["INCOME"])
    assert [span for span in old["memberships"] if span["until"]] == [
        {
            "name": name,
            "relation": relation,
            "since": "2024-01-01",
            "until": "2025-02-28",
            "reason": "REGISTERED",
            "leftReason": "SPLIT",
        }
        for name, relation in (("示例甲三", "21"), ("示例甲四", "38"), ("示例甲五", "41"))
    ]
    merge = deed(version=5, on="2025-06-01", others=[{"id": new["key"], "version": 1}])
    assert await refused(cadre, "mergeHouseholds", merge) == (INVALID, "relations", "relations.restated")
    one = await done(cadre, "mergeHouseholds", merge | {"relations": related((3, "21"), (4, "38"), (5, "41"))})
    assert len(one["members"]) == 5
    assert await held(archive, household(1)) == (["示例山", "示例田"], ["INCOME", "NEED"])
    _, gone = await cadre.read("household", {"id": new["key"]}, SHEET)
    assert (gone["closedOn"], gone["closedReason"], gone["members"]) == ("2025-06-01", "MERGED", [])
    assert gone["mergedInto"] == {"key": household(1)}
    closed = deed(version=2, on="2025-07-01", headId=person(3), relations=[]) | {"id": new["key"]}
    assert await refused(cadre, "changeHead", closed) == ("CONFLICT", "id", "household.closed")
    kinds = [(kind, reason) for kind, _, reason in await told(archive) if not kind.startswith("plot.")]
    revised = ("household.revised.v1", None)
    assert kinds == [
        revised,
        revised,
        revised,
        *[("member.left.v1", "SPLIT")] * 3,
        ("household.opened.v1", "SPLIT"),
        ("household.split.v1", None),
        *[("member.joined.v1", "SPLIT")] * 3,
        revised,
        ("household.closed.v1", "MERGED"),
        ("household.merged.v1", None),
        *[("member.left.v1", "MERGE")] * 3,
        revised,
        *[("member.joined.v1", "MERGE")] * 3,
    ]
    assert len((await on(cadre, new["key"], "2025-04-01"))["members"]) == 3
    assert len((await on(cadre, household(1), "2025-04-01"))["members"]) == 2


async def plots_of(archive: Archive, sheet: str, *names: str) -> list[str]:
    """Two plots on a sheet, as entries and as rows; raises its version by one."""
    keys = [key() for _ in names]
    for position, (one, name) in enumerate(zip(keys, names, strict=True)):
        facts = {
            "code": f"{VILLAGE}01{position:05d}",
            "name": name,
            "category": "10",
            "contract_mu": "1.50",
            "disputed": False,
        }
        facts |= dict.fromkeys(("east", "south", "west", "north"), "路")
        await archive.admin.execute(
            "INSERT INTO sheet_entry (kind, key, household_id, area_code, valid_from, provenance, verified_on, patch, recorded_at, recorded_by)"
            " SELECT 'plot', $1, id, area_code, '2024-02-01', 'DOCUMENT', '2024-02-01', $3, now(), 'test' FROM household WHERE id = $2",
            uuid(one),
            uuid(sheet),
            json.dumps(facts),
        )
    await archive.admin.execute("UPDATE household SET version = version + 1 WHERE id = $1", uuid(sheet))
    await archive.admin.execute(
        "INSERT INTO plot (id, code, household_id, area_code, name, category, contract_mu, east, south, west, north, disputed)"
        " SELECT p.id, p.code, p.household_id, h.area_code, p.name, p.category, p.contract_mu, p.east, p.south, p.west, p.north, false"
        " FROM household h CROSS JOIN LATERAL plots_as_of(h.id, NULL, NULL) p WHERE h.id = $1",
        uuid(sheet),
    )
    return keys


async def held(archive: Archive, sheet: str) -> tuple[list[str], list[str]]:
    """Names of the plots, kinds of the items."""
    plots = await archive.admin.fetch("SELECT name FROM plot WHERE household_id = $1 ORDER BY name", uuid(sheet))
    items = await archive.admin.fetch("SELECT kind FROM sheet_item WHERE household_id = $1 ORDER BY kind", uuid(sheet))
    return [row[0] for row in plots], [row[0] for row in items]


async def test_who_moves_out_is_taken_in_where_they_went_to(archive: Archive) -> None:
    here, there = archive.as_("grid-worker"), archive.with_(roles=["grid_worker"], areas=[OTHER_GRID])
    moving = {"name": "示例甲三", "relation": "99", "id": person(3)}
    target = deed(5, on="2025-04-01", members=[moving])
    assert await refused(there, "moveMembersIn", target) == ("NOT_FOUND", "members[0].id", None)
    sheet = await done(here, "moveMembersOut", deed(memberIds=[person(3)], destinationCode=OTHER_GRID))
    assert person(3) not in relations(sheet)
    select = [["edges", "edges", None, [["node", "node", None, [["name", "name"], ["idNumber", "idNumber"]]]]]]
    for client, area, seen in ((here, GRID, []), (there, OTHER_GRID, ["示例甲三"])):
        _, page = await client.read("unattachedPersons", {"area": area}, select)
        assert [edge["node"]["name"] for edge in page["edges"]] == seen
    early = target | {"clientKey": key(), "effectiveOn": "2025-02-01"}
    assert await refused(there, "moveMembersIn", early) == (
        INVALID,
        "members[0].id",
        "membership.one_household",
    )
    sheet = await done(there, "moveMembersIn", target)
    assert relations(sheet)[person(3)] == "99"
    row = await archive.admin.fetchrow(
        "SELECT id_number_masked, phone_masked, area_code FROM person WHERE id = $1", uuid(person(3))
    )
    assert tuple(row or ()) == ("339999********1075", "138****0003", OTHER_GRID)
    assert (await there.read("unattachedPersons", {"area": OTHER_GRID}, select))[1]["edges"] == []
    assert await told(archive) == [
        ("household.revised.v1", household(1), None),
        ("member.left.v1", person(3), "MOVE"),
        ("household.revised.v1", household(5), None),
        ("member.joined.v1", person(3), "MOVE"),
    ]


async def test_of_two_who_take_somebody_in_at_once_one_does(archive: Archive) -> None:
    cadre = archive.as_("cadre")
    await done(cadre, "moveMembersOut", deed(memberIds=[person(3)]))
    moving = {"name": "示例甲三", "relation": "99", "id": person(3)}
    outcomes = await asyncio.gather(
        *(
            cadre.command("moveMembersIn", deed(number, on="2025-04-01", members=[moving]), SHEET)
            for number in (2, 3, 5, 6)
        )
    )
    assert sorted(status for status, _ in outcomes) == [200, 404, 404, 404]
    rows = await archive.admin.fetch("SELECT until FROM membership WHERE person_id = $1", uuid(person(3)))
    assert sorted(row["until"] is None for row in rows) == [False, True]


async def test_deeds_that_share_sheets_do_not_wait_for_each_other_for_ever(archive: Archive) -> None:
    cadre = archive.as_("cadre")

    def merge(into: int, other: int, members: tuple[int, ...]) -> dict[str, Any]:
        gone = {"id": household(other), "version": 1}
        return deed(into, others=[gone], relations=related(*((number, "99") for number in members)))

    one, two = merge(2, 7, (22, 23)), merge(7, 2, (6, 7))
    outcomes = await asyncio.gather(*(cadre.command("mergeHouseholds", given, SHEET) for given in (one, two)))
    assert sorted(status for status, _ in outcomes) == [200, 409]


async def test_a_reason_holds_no_number(archive: Archive) -> None:
    given = deed(memberIds=[person(3)], reason=f"示例 {CHILD_NUMBER}")
    assert await refused(archive.as_("cadre"), "moveMembersOut", given) == (INVALID, "reason", "number.in_clear")


async def test_who_goes_to_the_army_comes_back(archive: Archive) -> None:
    cadre = archive.as_("cadre")
    item = await done(cadre, "recordItem", deed(3, on="2025-01-01", memberId=person(10), skill={"skill": "示例技能"}))
    sheet = await done(cadre, "moveMembersOut", deed(3, item["version"], memberIds=[person(10)], moveReason="ARMY"))
    assert await held(archive, household(3)) == ([], ["SKILL"])
    back = {"id": person(10), "name": "示例丙三", "relation": "22"}
    sheet = await done(
        cadre, "moveMembersIn", deed(3, sheet["version"], on="2026-03-01", moveReason="ARMY", members=[back])
    )
    assert [
        (span["since"], span["until"], span["reason"], span["leftReason"])
        for span in sheet["memberships"]
        if span["relation"] == "22"
    ] == [
        ("2024-01-01", "2025-02-28", "REGISTERED", "ARMY"),
        ("2026-03-01", None, "ARMY", None),
    ]
    assert await refused(cadre, "moveMembersOut", deed(7, memberIds=[person(22), person(23)], moveReason="ARMY")) == (
        INVALID,
        "members",
        "household.one_head",
    )


async def test_a_child_is_born(archive: Archive) -> None:
    cadre = archive.as_("cadre")
    sheet = await done(cadre, "registerBirth", deed(6, child={"name": "示例己四", "relation": "42", "sex": "FEMALE"}))
    born = next(member["key"] for member in sheet["members"] if member["relation"] == "42")
    row = await archive.admin.fetchrow("SELECT birth_date::text, sex FROM person WHERE id = $1", uuid(born))
    assert tuple(row or ()) == ("2025-03-01", "2")
    wrong = {"name": "示例己五", "relation": "42", "idNumber": CHILD_NUMBER}
    assert await refused(cadre, "registerBirth", deed(6, 2, on="2018-09-07", child=wrong)) == (
        INVALID,
        "effectiveOn",
        "household.not_open_yet",
    )
    known = {"id": person(3), "name": "示例甲三", "relation": "42"}
    assert await refused(cadre, "registerBirth", deed(6, 2, child=known)) == (INVALID, "child.id", "birth.new")


async def test_a_head_dies_and_another_is_named(archive: Archive) -> None:
    cadre = archive.as_("cadre")
    death = deed(8, memberId=person(24))
    assert await refused(cadre, "registerDeath", death) == (INVALID, "relations", "relations.restated")
    restated = related((25, "02"), (26, "22"), (27, "32"), (28, "53"))
    missing = death | {"relations": restated[:-1]}
    assert await refused(cadre, "registerDeath", missing) == (INVALID, "relations", "relations.restated")
    sheet = await done(cadre, "registerDeath", death | {"relations": restated})
    assert relations(sheet) == {one["id"]: one["relation"] for one in restated}
    row = await archive.admin.fetchrow("SELECT died_on::text, household_id FROM person WHERE id = $1", uuid(person(24)))
    assert tuple(row or ()) == ("2025-03-01", None)
    assert (await on(cadre, household(8), "2025-02-28"))["members"][0]["key"] == person(24)
    back = {"id": person(24), "name": "示例辛一", "relation": "11"}
    risen = deed(8, 2, on="2025-04-01", members=[back])
    assert await refused(cadre, "moveMembersIn", risen) == (
        INVALID,
        "members[0].diedOn",
        "membership.after_death",
    )


async def test_a_household_dies_out(archive: Archive) -> None:
    cadre = archive.as_("cadre")
    sheet = await done(cadre, "registerDeath", deed(7, memberId=person(23)))
    assert sheet["closedOn"] is None
    sheet = await done(cadre, "registerDeath", deed(7, 2, on="2025-05-01", memberId=person(22)))
    assert (sheet["closedOn"], sheet["closedReason"], sheet["members"]) == ("2025-05-01", "DIED_OUT", [])
    assert (await told(archive))[-2:] == [
        ("household.closed.v1", household(7), "DIED_OUT"),
        ("member.left.v1", person(22), "DEATH"),
    ]


async def test_marriages_in_and_out(archive: Archive) -> None:
    cadre = archive.as_("cadre")
    sheet = await done(cadre, "registerMarriageOut", deed(5, memberId=person(18), destinationCode=GRID))
    assert person(18) not in relations(sheet)
    spouse = {"id": person(18), "name": "示例戊三", "relation": "38"}
    given = deed(3, on="2025-03-02", spouse=spouse, partnerId=person(10), marital="21")
    single = given | {"marital": "10"}
    assert await refused(cadre, "registerMarriage", single) == (INVALID, "marital", "marital.married")
    sheet = await done(cadre, "registerMarriage", given)
    married = {member["key"]: member["marital"] for member in sheet["members"]}
    assert (married[person(18)], married[person(10)], married[person(8)]) == ("21", "21", None)
    assert [span["reason"] for span in sheet["memberships"] if span["name"] == "示例戊三"] == ["MARRIAGE"]


async def test_another_head(archive: Archive) -> None:
    cadre = archive.as_("cadre")
    given = deed(headId=person(3), relations=related((1, "51"), (2, "52"), (4, "12")))
    assert await refused(cadre, "changeHead", given) == (INVALID, "relations", "relations.restated")
    wrong = given | {"relations": related((1, "52"), (2, "52"), (4, "12"), (5, "21"))}
    assert await refused(cadre, "changeHead", wrong) == (INVALID, "members.relation", "relation.sex")
    sheet = await done(cadre, "changeHead", given | {"relations": related((1, "51"), (2, "52"), (4, "12"), (5, "21"))})
    assert relations(sheet) == {person(3): "02", person(1): "51", person(2): "52", person(4): "12", person(5): "21"}
    assert [(span["leftReason"], span["reason"]) for span in sheet["memberships"] if span["name"] == "示例甲一"] == [
        ("RESTATED", "REGISTERED"),
        (None, "RESTATED"),
    ]
    assert not [kind for kind, _, _ in await told(archive) if kind.startswith("member.")]


async def test_a_household_is_closed(archive: Archive) -> None:
    cadre = archive.as_("cadre")
    sheet = await done(cadre, "closeHousehold", deed(9, closedReason="MOVED_OUT"))
    assert (sheet["closedReason"], sheet["members"]) == ("MOVED_OUT", [])
    _, page = await cadre.read(
        "unattachedPersons", {"area": VILLAGE}, [["edges", "edges", None, [["node", "node", None, [["name", "name"]]]]]]
    )
    assert len(page["edges"]) == 3
    again = deed(9, 2, closedReason="MISTAKE")
    assert await refused(cadre, "closeHousehold", again) == ("CONFLICT", "id", "household.closed")
    address = {"clientKey": key(), "id": household(9), "version": 2, "address": "示例路1号"}
    assert await refused(cadre, "reviseHousehold", address) == ("CONFLICT", "id", "household.closed")
    listed = {closed: await _numbers(cadre, closed=closed) for closed in (False, True)}
    assert (len(listed[False]), listed[True]) == (9, ["0009"])
    assert await _numbers(cadre) == listed[False]


async def _numbers(client: Service, **asked: Any) -> list[str]:
    """Of the sheets that are listed."""
    node = ["node", "node", None, [["number", "number"]]]
    _, page = await client.read("households", {"area": VILLAGE, **asked}, [["edges", "edges", None, [node]]])
    return sorted(edge["node"]["number"] for edge in page["edges"])


async def test_a_correction_erases_nothing(archive: Archive) -> None:
    cadre = archive.as_("cadre")
    await done(
        cadre, "reviseHousehold", {"clientKey": key(), "id": household(2), "version": 1, "address": "示例路20号"}
    )
    known = (await archive.admin.fetchval("SELECT max(recorded_at) FROM sheet_entry")).isoformat()
    given = deed(2, 2, on="2024-06-01", reason="示例：登记有误", address="示例路21号", strike=[person(7)])
    assert await refused(cadre, "correctHousehold", given | {"reason": " "}) == (INVALID, "reason", "required")
    ahead = given | {"effectiveOn": "2999-01-01"}
    assert await refused(cadre, "correctHousehold", ahead) == (INVALID, "effectiveOn", "deed.future")
    sheet = await done(cadre, "correctHousehold", given)
    assert relations(sheet) == {person(6): "02"}
    address = [["address", "address"], ["members", "members", None, [["key", "key"]]]]

    async def seen(day: str, known_at: str | None) -> tuple[str, int]:
        _, one = await cadre.read("household", {"id": household(2), "asOf": day, "knownAt": known_at}, address)
        return one["address"].removeprefix("示例镇示例村"), len(one["members"])

    assert await seen("2024-05-31", None) == ("示例路2号", 2)
    assert await seen("2024-06-01", None) == ("示例路21号", 1)
    assert await seen("2024-06-01", known) == ("示例路2号", 2)
    assert await seen("2999-01-01", None) == ("示例路20号", 1), "what was said of a later day stands"
    reason = await archive.admin.fetchval("SELECT reason FROM sheet_entry ORDER BY id DESC LIMIT 1")
    assert reason == "示例：登记有误"


async def test_a_backdated_deed_is_held_against_all_later_days(archive: Archive) -> None:
    cadre = archive.as_("cadre")
    relations = related((1, "51"), (2, "52"), (4, "12"), (5, "21"))
    await done(cadre, "changeHead", deed(on="2025-06-01", headId=person(3), relations=relations))
    death = deed(version=2, on="2025-03-01", memberId=person(5))
    assert await refused(cadre, "registerDeath", death) == (
        INVALID,
        "members.diedOn",
        "membership.after_death",
    )
    struck = deed(version=2, on="2025-06-01", reason="示例：当日已故", strike=[person(5)])
    await done(cadre, "correctHousehold", struck)
    sheet = await done(cadre, "registerDeath", death | {"version": 3})
    assert len(sheet["members"]) == 4


ITEMS = [
    ("INCOME", "incomes", {"income": {"year": 2024, "source": "FARMING", "amount": 12345.5}}, {"year": 2024, "source": "FARMING", "amount": "*"}),
    ("BENEFIT", "benefits", {"benefit": {"benefit": "MINIMUM_LIVING", "certificate": "示例证号"}}, {"benefit": "MINIMUM_LIVING", "certificate": "*"}),
    ("SKILL", "skills", {"skill": {"skill": "示例泥工", "level": "中级"}}, {"skill": "示例泥工", "level": "中级"}),
    ("NEED", "statedNeeds", {"need": {"need": "示例需求"}}, {"need": "示例需求"}),
    ("MIGRATION", "migrations", {"migration": {"place": "示例市", "emergencyContact": "13800001234"}}, {"place": "示例市", "emergencyContact": "*"}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "edge", "given", "shown"), ITEMS)
async def test_items_are_recorded_changed_and_ended(
    archive: Archive, kind: str, edge: str, given: dict[str, Any], shown: dict[str, Any]
) -> None:
    cadre = archive.as_("cadre")
    fields = [["id", "id"], ["since", "since"], ["until", "until"], *([name, name] for name in shown)]
    facts = ["facts", "facts", None, [[name, name] for name in ("name", "provenance", "verifiedOn", "staleOn")]]
    select = [["version", "version"], [edge, edge, None, [*fields, facts]]]
    sheet = await done(
        cadre, "recordItem", deed(memberId=person(3), since="2025-01-01", provenance="DOCUMENT", **given), select
    )
    (item,) = sheet[edge]
    assert {name: item[name] for name in shown} == shown
    assert {fact["name"]: (fact["provenance"], fact["verifiedOn"]) for fact in item["facts"]}["data"] == (
        "DOCUMENT",
        "2025-03-01",
    )
    row = await archive.admin.fetchrow("SELECT id, kind FROM sheet_item")
    assert row is not None
    assert row["kind"] == kind
    ended = await done(cadre, "endItem", deed(version=2, on="2025-07-01", itemId=str(row["id"])), select)
    assert [one["until"] for one in ended[edge]] == ["2025-06-30"]
    gone = await done(cadre, "endItem", deed(version=3, on="2025-03-01", itemId=str(row["id"]), mistaken=True), select)
    assert gone[edge] == []
    assert await held(archive, household(1)) == ([], [])


async def test_a_talent_has_points(archive: Archive) -> None:
    points = [{"point": "contact", "text": "示例 13800001234"}, {"point": "expertise", "text": "示例专长"}]
    select = [["talents", "talents", None, [["points", "points", None, [["point", "point"], ["text", "text"]]]]]]
    given = deed(memberId=person(3), talent={"points": points})
    shown = [points[0] | {"text": "示例 138****1234"}, points[1]]
    assert await done(archive.as_("cadre"), "recordItem", given, select) == {"talents": [{"points": shown}]}
    odd = deed(version=2, memberId=person(3), talent={"points": [{"point": "luck", "text": "示例"}]})
    assert await refused(archive.as_("cadre"), "recordItem", odd) == (INVALID, "item.data.points", "talent.point")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, (INVALID, "item", "item.kind")),
        ({"need": {"need": "示例"}, "skill": {"skill": "示例"}}, (INVALID, "item", "item.kind")),
        ({"need": {"need": ""}}, (INVALID, "need.need", "form")),
        ({"income": {"year": 2024, "source": "LUCK", "amount": 1}}, (INVALID, "income.source", "form")),
        ({"need": {"need": "示例"}, "memberId": person(6)}, ("NOT_FOUND", "memberId", None)),
        ({"need": {"need": "示例"}, "itemId": person(6)}, ("NOT_FOUND", "itemId", None)),
        ({"need": {"need": "示例"}, "since": "2025-02-01", "until": "2025-01-01"}, (INVALID, "item.until", "item.span")),
    ],
)  # fmt: skip
async def test_what_is_no_item(
    archive: Archive, fields: dict[str, Any], expected: tuple[str, str | None, str | None]
) -> None:
    before = await archive.everything()
    assert (await refused(archive.as_("cadre"), "recordItem", deed(**fields))) == expected
    assert await archive.everything() == before


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("splitHousehold", NEW_SHEET | {"members": []}, (INVALID, "members", "split.both_sides")),
        ("splitHousehold", NEW_SHEET | {"members": related((6, "02"))}, ("NOT_FOUND", "members", None)),
        ("splitHousehold", NEW_SHEET | {"members": related((3, "21"))}, (INVALID, "members", "household.one_head")),
        ("splitHousehold", NEW_SHEET | {"members": related((1, "02"))}, (INVALID, "relations", "relations.restated")),
        ("splitHousehold", NEW_SHEET | {"members": related((3, "02")), "plotIds": [person(1)]}, ("NOT_FOUND", "plotIds", None)),
        ("splitHousehold", {"number": "0002", "address": "示例", "members": related((3, "02"))}, ("CONFLICT", "number", "number.unique")),
        ("mergeHouseholds", {"others": [{"id": household(1), "version": 1}], "relations": []}, (INVALID, "others", "merge.others")),
        ("mergeHouseholds", {"others": [{"id": household(2), "version": 9}], "relations": []}, ("STALE_VERSION", None, None)),
        ("moveMembersOut", {"memberIds": []}, (INVALID, "memberIds", "required")),
        ("moveMembersOut", {"memberIds": [person(6)]}, ("NOT_FOUND", "memberIds", None)),
        ("moveMembersOut", {"memberIds": [person(3)], "destinationCode": "77"}, ("UNKNOWN_AREA", "destinationCode", "known.area")),
        ("moveMembersIn", {"members": []}, (INVALID, "members", "required")),
        ("registerDeath", {"memberId": person(6)}, ("NOT_FOUND", "memberId", None)),
        ("changeHead", {"headId": person(6)}, ("NOT_FOUND", "head", None)),
        ("registerBirth", {"effectiveOn": "2999-01-01", "child": {"name": "示例", "relation": "41"}}, (INVALID, "effectiveOn", "deed.future")),
        ("registerBirth", {"child": GRANDSON | {"birthDate": "2025-03-02"}}, (INVALID, "child.birthDate", "birth.future")),
        ("registerBirth", {"child": GRANDSON | {"idNumber": "339999201509091117"}}, ("CONFLICT", "idNumber", "id_number.unique")),
    ],
)  # fmt: skip
async def test_what_deeds_refuse(
    archive: Archive, name: str, given: dict[str, Any], expected: tuple[str, str | None, str | None]
) -> None:
    before = await archive.everything()
    assert await refused(archive.as_("cadre"), name, deed() | given) == expected
    assert await archive.everything() == before


async def test_who_may_not(archive: Archive) -> None:
    before = await archive.everything()
    given = deed(5, memberIds=[person(18)])
    for account, code in (
        ("resident", "FORBIDDEN"),
        ("auditor", "FORBIDDEN"),
        ("officer", "FORBIDDEN"),
        ("grid-worker", "NOT_FOUND"),
    ):
        assert (await refused(archive.as_(account), "moveMembersOut", given))[0] == code
    assert await archive.everything() == before
