"""Deeds on a village's sheet and what is read of it, over HTTP on a real database."""

import asyncio
from typing import Any

import pytest

from services.archive.views import VIEWS
from tests.archive.conftest import GRID, VILLAGE, Archive, household, key

OTHER_VILLAGE = "330881001001"


def leaves(view: str) -> list[Any]:
    return [[name, name] for name in VIEWS.views[view].fields]


SHEET: list[Any] = [
    *leaves("VillageSheet"),
    *(
        [name, name, None, leaves(edge.to)]
        for name, edge in VIEWS.views["VillageSheet"].edges.items()
        if name != "area"
    ),
]
FACTS = {
    "terrain": "丘陵，示例",
    "groups": ["第一组", "第二组"],
    "cultivatedMu": 812.5,
    "forestMu": 2400,
    "roads": "村道硬化4公里",
    "market": {"rule": "LUNAR", "days": [8, 3, 3]},
    "hazards": ["示例山塘"],
    "villageRules": "一、示例村规\n二、示例村规",
}


async def do(archive: Archive, account: str, name: str, /, **given: Any) -> tuple[int, Any]:
    return await archive.as_(account).command(name, {"clientKey": key(), **given}, SHEET)


async def read(archive: Archive, account: str, **args: Any) -> Any:
    status, sheet = await archive.as_(account).read("villageSheet", {"code": VILLAGE, **args}, SHEET)
    assert status == 200, sheet
    return sheet


async def test_facts_are_said_and_read(archive: Archive) -> None:
    empty = await read(archive, "cadre")
    assert (empty["version"], empty["revisedAt"], empty["terrain"], empty["groups"]) == (0, None, None, [])
    status, sheet = await do(archive, "cadre", "reviseVillage", code=VILLAGE, version=0, facts=FACTS)
    assert status == 200, sheet
    assert sheet == await read(archive, "cadre")
    assert (sheet["version"], sheet["terrain"]) == (1, "丘陵，示例")
    assert (sheet["groups"], sheet["cultivatedMu"], sheet["waterMu"]) == (["第一组", "第二组"], 812.5, None)
    assert (sheet["marketRule"], sheet["marketDays"]) == ("LUNAR", [3, 8])
    assert {one["fact"] for one in sheet["sources"]} == set(FACTS)
    assert {one["provenance"] for one in sheet["sources"]} == {"DOCUMENT"}
    assert await archive.events("archive.village.revised.v1") == [
        {"village": VILLAGE, "version": 1, "changed": sorted(f"facts.{name}" for name in FACTS)}
    ]
    status, sheet = await do(
        archive, "clerk", "reviseVillage", code=VILLAGE, version=1, facts={"roads": "", "groups": [], "waterMu": 3}
    )
    assert (sheet["version"], sheet["roads"], sheet["groups"], sheet["waterMu"]) == (2, None, [], 3)
    status, sheet = await do(archive, "clerk", "reviseVillage", code=VILLAGE, version=2, facts={"waterMu": 3})
    assert (status, sheet["version"]) == (200, 2)


async def test_a_sheet_is_read_as_of_any_day_and_any_knowledge(archive: Archive) -> None:
    await do(
        archive, "cadre", "reviseVillage", code=VILLAGE, version=0, facts={"roads": "土路"}, effectiveOn="2020-01-01"
    )
    between = await archive.admin.fetchval("SELECT clock_timestamp()")
    await do(
        archive, "cadre", "reviseVillage", code=VILLAGE, version=1, facts={"roads": "水泥路"}, effectiveOn="2022-06-01"
    )
    await do(
        archive,
        "cadre",
        "reviseVillage",
        code=VILLAGE,
        version=2,
        facts={"roads": "砂石路"},
        effectiveOn="2021-01-01",
        reason="示例更正",
    )
    told = {}
    for day in ("2019-12-31", "2020-01-01", "2021-01-01", "2022-06-01"):
        told[day] = (await read(archive, "cadre", asOf=day))["roads"]
    assert told == {"2019-12-31": None, "2020-01-01": "土路", "2021-01-01": "砂石路", "2022-06-01": "水泥路"}
    assert (await read(archive, "cadre"))["roads"] == "水泥路"
    assert (await read(archive, "cadre", asOf="2022-06-01", knownAt=between.isoformat()))["roads"] == "土路"
    assert (await read(archive, "cadre", knownAt=between.isoformat()))["roads"] == "土路"
    status, problem = await do(
        archive, "cadre", "reviseVillage", code=VILLAGE, version=3, facts={"roads": "x"}, effectiveOn="2999-01-01"
    )
    assert (status, problem["rule"]) == (422, "day.future")


async def test_a_figure_is_entered_then_confirmed_by_somebody_else(archive: Archive) -> None:
    figure = {"code": VILLAGE, "year": 2024, "figure": "POPULATION", "value": 1203}
    status, sheet = await do(archive, "cadre", "recordFigure", **figure, source="2024年统计年报（示例）")
    assert status == 200, sheet
    assert sheet["figures"] == [
        {
            "year": 2024,
            "figure": "POPULATION",
            "title": "人口数",
            "unit": "人",
            "value": 1203,
            "source": "2024年统计年报（示例）",
            "enteredBy": "example-cadre",
            "confirmedBy": None,
            "confirmedName": None,
            "confirmedOn": None,
        }
    ]
    assert (await read(archive, "resident"))["figures"] == []
    assert (await do(archive, "cadre", "confirmFigure", **figure))[1]["code"] == "FORBIDDEN"
    assert (await do(archive, "cadre-2", "confirmFigure", **figure | {"value": 1204}))[1]["rule"] == "figure.value"
    assert (await do(archive, "cadre-2", "confirmFigure", **figure | {"year": 2023}))[1]["code"] == "NOT_FOUND"
    status, sheet = await do(archive, "cadre-2", "confirmFigure", **figure)
    assert (sheet["figures"][0]["confirmedBy"], sheet["figures"][0]["confirmedOn"] is None) == (
        "example-cadre-2",
        False,
    )
    assert (await do(archive, "clerk", "confirmFigure", **figure))[1]["rule"] == "figure.confirmed"
    assert await archive.events("archive.figure.confirmed.v1") == [
        {"village": VILLAGE, "year": 2024, "figure": "POPULATION"}
    ]
    # Entered anew, the staff see the new one, the residents the one that was confirmed.
    await do(archive, "cadre", "recordFigure", **figure | {"value": 1210}, source="复核（示例）")
    assert [one["value"] for one in (await read(archive, "cadre"))["figures"]] == [1210]
    assert [(one["value"], one["confirmedBy"]) for one in (await read(archive, "resident"))["figures"]] == [
        (1203, "example-cadre-2")
    ]
    status, sheet = await do(archive, "cadre", "recordFigure", **figure | {"value": 1210}, source="复核（示例）")
    assert sheet["version"] == 3


async def test_one_holder_at_a_time(archive: Archive) -> None:
    term = {"code": VILLAGE, "name": "示例村书记", "office": "PARTY_SECRETARY", "since": "2020-12-01"}
    status, sheet = await do(archive, "clerk", "startTerm", **term)
    assert status == 200, sheet
    (first,) = sheet["terms"]
    assert (first["officeName"], first["until"]) == ("村党组织书记", None)
    for since in ("2019-01-01", "2024-01-01"):
        status, problem = await do(archive, "clerk", "startTerm", **term | {"since": since})
        assert (status, problem["rule"]) == (409, "term.overlap")
    earlier = term | {"name": "示例前任", "since": "2017-01-01", "until": "2020-11-30"}
    assert (await do(archive, "clerk", "startTerm", **earlier))[0] == 200
    several = term | {"office": "COMMITTEE_MEMBER"}
    assert [(await do(archive, "clerk", "startTerm", **several))[0] for _ in range(2)] == [200, 200]
    term_key = await archive.admin.fetchval(
        "SELECT key FROM village_entry WHERE kind = 'TERM' AND patch ->> 'name' = '示例村书记' ORDER BY id LIMIT 1"
    )
    assert (await do(archive, "clerk", "endTerm", id=term_key, until="2020-11-30"))[1]["rule"] == "term.span"
    status, sheet = await do(archive, "clerk", "endTerm", id=term_key, until="2025-03-31", reason="示例换届")
    ended = next(one for one in sheet["terms"] if one["name"] == "示例村书记" and one["office"] == "PARTY_SECRETARY")
    assert (ended["until"], ended["endReason"]) == ("2025-03-31", "示例换届")
    assert (await do(archive, "clerk", "endTerm", id=term_key, until="2025-03-31"))[1]["rule"] == "term.ended"
    assert (await do(archive, "clerk", "startTerm", **term | {"name": "示例新任", "since": "2025-04-01"}))[0] == 200
    then = await read(archive, "cadre", asOf="2025-03-31")
    assert [(one["name"], one["until"]) for one in then["terms"] if one["office"] == "PARTY_SECRETARY"] == [
        ("示例村书记", None),
        ("示例前任", "2020-11-30"),
    ]


async def test_of_two_who_take_office_at_once_one_does(archive: Archive) -> None:
    term = {"code": VILLAGE, "name": "示例", "office": "DIRECTOR", "since": "2024-01-01"}
    outcomes = await asyncio.gather(*(do(archive, "clerk", "startTerm", **term) for _ in range(4)))
    assert sorted(status for status, _ in outcomes) == [200, 409, 409, 409]


async def test_the_ledger_is_added_to_and_taken_back(archive: Archive) -> None:
    entry = {"code": VILLAGE, "title": "示例厂房", "bookedOn": "2023-05-01", "document": "示例凭证001"}
    await do(archive, "cadre", "recordAssetEntry", **entry, kind="ASSET_IN", amount=500000)
    await do(
        archive, "cadre", "recordAssetEntry", **entry | {"bookedOn": "2024-02-01"}, kind="ASSET_OUT", amount=80000.5
    )
    status, sheet = await do(archive, "cadre", "recordAssetEntry", **entry, kind="INCOME", amount=1200.25)
    assert status == 200, sheet
    assert sheet["ledgerYears"] == [
        {"year": 2024, "income": 0, "expense": 0, "assets": 419999.5},
        {"year": 2023, "income": 1200.25, "expense": 0, "assets": 500000},
    ]
    wrong = await archive.admin.fetchval("SELECT key FROM village_entry WHERE patch ->> 'kind' = 'INCOME'")
    back = entry | {"title": "示例冲销", "bookedOn": "2023-06-01", "reverses": wrong}
    status, sheet = await do(archive, "cadre", "recordAssetEntry", **back)
    assert [(one["kind"], one["amount"]) for one in sheet["ledger"] if one["reverses"]] == [("INCOME", -1200.25)]
    assert [one["income"] for one in sheet["ledgerYears"]] == [0, 0]
    assert (await do(archive, "cadre", "recordAssetEntry", **back))[1]["rule"] == "booking.reversed"
    assert (await do(archive, "cadre", "recordAssetEntry", **entry))[1]["rule"] == "required"
    before = await read(archive, "cadre", asOf="2023-05-31")
    assert [one["income"] for one in before["ledgerYears"]] == [1200.25]


AGREEMENT = {
    "code": VILLAGE,
    "title": "示例山林承包协议",
    "parties": ["示例村经济合作社", "示例甲一"],
    "agreedOn": "2022-03-04",
    "text": "示例条款",
    "witness": "示例见证人",
    "image": "agreements/example.jpg",
}


async def test_who_sees_what_of_a_village(archive: Archive) -> None:
    assert (await do(archive, "cadre", "recordAgreement", **AGREEMENT))[0] == 200
    await do(archive, "cadre", "recordFigure", code=VILLAGE, year=2024, figure="POPULATION", value=9, source="示例")
    await do(archive, "cadre", "startTerm", code=VILLAGE, name="示例", office="DIRECTOR", since="2024-01-01")
    version = (await read(archive, "cadre"))["version"]
    await do(archive, "cadre", "reviseVillage", code=VILLAGE, version=version, facts=FACTS)
    for account in ("cadre", "clerk", "admin", "auditor", "grid-worker"):
        sheet = await read(archive, account)
        (agreement,) = sheet["agreements"]
        assert (agreement["witness"], agreement["image"]) == ("示例见证人", "agreements/example.jpg")
        assert (len(sheet["figures"]), len(sheet["terms"]), sheet["terrain"]) == (1, 1, "丘陵，示例")
    for when in ({}, {"asOf": "2024-06-01"}):
        sheet = await read(archive, "resident", **when)
        (agreement,) = sheet["agreements"]
        assert (agreement["title"], agreement["text"]) == ("示例山林承包协议", "示例条款")
        assert (agreement["witness"], agreement["image"]) == (None, None)
        assert (len(sheet["figures"]), len(sheet["terms"])) == (0, 1)
    outside = archive.with_(roles=["village_cadre"], areas=["330881"])
    assert (await outside.read("villageSheet", {"code": VILLAGE}, SHEET))[0] == 404
    assert (await archive.as_("resident").read("villageSheet", {"code": OTHER_VILLAGE}, SHEET))[0] == 404
    assert (await archive.as_("officer").read("villageSheet", {"code": VILLAGE}, SHEET))[1]["code"] == "FORBIDDEN"
    assert (await archive.as_("cadre").read("villageSheet", {"code": "339999"}, SHEET))[0] == 404
    assert (await archive.as_("cadre").read("villageSheet", {"code": "77"}, SHEET))[1]["code"] == "UNKNOWN_AREA"


async def test_an_area_leads_to_its_villages_sheet(archive: Archive) -> None:
    select = [["children", "children", None, [["villageSheet", "villageSheet", None, [["code", "code"]]]]]]
    assert await archive.as_("grid-worker").read("area", {"code": "339999100"}, select) == (
        200,
        {"children": [{"villageSheet": {"code": VILLAGE}}]},
    )
    nobody = archive.with_(roles=["resident"], household=household(4711))
    assert await nobody.read("area", {"code": "339999100"}, select) == (200, {"children": [{"villageSheet": None}]})


@pytest.mark.parametrize(
    ("account", "code", "expected"),
    [
        ("grid-worker", VILLAGE, "FORBIDDEN"),
        ("resident", VILLAGE, "FORBIDDEN"),
        ("auditor", VILLAGE, "FORBIDDEN"),
        ("officer", VILLAGE, "FORBIDDEN"),
        ("cadre", OTHER_VILLAGE, "NOT_FOUND"),
        ("cadre", GRID, "INVALID_INPUT"),
        ("cadre", "77", "UNKNOWN_AREA"),
    ],
)
async def test_who_may_not_write(archive: Archive, account: str, code: str, expected: str) -> None:
    before = await archive.everything()
    deeds: dict[str, dict[str, Any]] = {
        "reviseVillage": {"version": 0, "facts": {"roads": "x"}},
        "recordFigure": {"year": 2024, "figure": "POPULATION", "value": 1, "source": "x"},
        "confirmFigure": {"year": 2024, "figure": "POPULATION", "value": 1},
        "recordAssetEntry": {"kind": "INCOME", "title": "x", "amount": 1, "bookedOn": "2024-01-01", "document": "x"},
        "startTerm": {"name": "x", "office": "DIRECTOR", "since": "2024-01-01"},
        "recordAgreement": {name: value for name, value in AGREEMENT.items() if name != "code"},
    }
    for name, given in deeds.items():
        assert (await do(archive, account, name, code=code, **given))[1]["code"] == expected, name
    if account != "cadre":
        assert (await do(archive, account, "endTerm", id=household(1), until="2024-01-01"))[1]["code"] == expected
    assert await archive.everything() == before


async def test_a_term_elsewhere_is_not_found(archive: Archive) -> None:
    await do(archive, "admin", "startTerm", code=OTHER_VILLAGE, name="示例", office="DIRECTOR", since="2024-01-01")
    term = await archive.admin.fetchval("SELECT key FROM village_entry")
    assert (await do(archive, "cadre", "endTerm", id=term, until="2024-02-01"))[1]["code"] == "NOT_FOUND"
    # A grid worker's area lets them read the village's sheet, and their role keeps them from writing on it.
    part = archive.with_(roles=["village_cadre"], areas=[f"{OTHER_VILLAGE}0001"])
    _, problem = await part.command("endTerm", {"clientKey": key(), "id": term, "until": "2024-02-01"}, SHEET)
    assert problem["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("name", "given", "field", "rule"),
    [
        ("reviseVillage", {"facts": {"terrain": "a\x00b"}}, "facts.terrain", "characters"),
        ("reviseVillage", {"facts": {"cultivatedMu": -1}}, "facts.cultivatedMu", "amount"),
        ("reviseVillage", {"facts": {"cultivatedMu": 1.234}}, "facts.cultivatedMu", "amount"),
        ("reviseVillage", {"facts": {"groups": ["x", " "]}}, "facts.groups[1]", "required"),
        ("reviseVillage", {"facts": {"market": {"rule": "MOON", "days": [1]}}}, "facts.market.rule", "market.rule"),
        ("reviseVillage", {"facts": {"market": {"rule": "WEEKDAY", "days": [0]}}}, "facts.market.days", "market.days"),
        ("reviseVillage", {"facts": {"altitude": 7}}, "facts.altitude", "known.field"),
        ("recordFigure", {"figure": "HAPPINESS"}, "figure", "figure.known"),
        ("recordFigure", {"year": 1948}, "year", "figure.year"),
        ("recordFigure", {"year": 2999}, "year", "figure.year"),
        ("recordFigure", {"value": -1}, "value", "amount"),
        ("recordFigure", {"source": ""}, "source", "required"),
        ("startTerm", {"office": "KING"}, "office", "office.known"),
        ("startTerm", {"since": "2999-01-01"}, "since", "day.future"),
        ("startTerm", {"until": "2019-01-01"}, "until", "term.span"),
        ("recordAssetEntry", {"kind": "GIFT"}, "kind", "booking.kind"),
        ("recordAssetEntry", {"amount": 0}, "amount", "amount"),
        ("recordAssetEntry", {"bookedOn": "2999-01-01"}, "bookedOn", "day.future"),
        ("recordAssetEntry", {"reverses": household(1)}, "reverses", None),
        ("recordAgreement", {"parties": ["x"]}, "parties", "agreement.parties"),
        ("recordAgreement", {"text": "长" * 20_001}, "text", "length"),
        ("endTerm", {"id": household(1)}, "id", None),
    ],
)
async def test_bad_input_has_a_field_and_a_rule_and_writes_nothing(
    archive: Archive, name: str, given: dict[str, Any], field: str, rule: str | None
) -> None:
    good: dict[str, dict[str, Any]] = {
        "reviseVillage": {"code": VILLAGE, "version": 0},
        "recordFigure": {"code": VILLAGE, "year": 2024, "figure": "POPULATION", "value": 1, "source": "示例"},
        "startTerm": {"code": VILLAGE, "name": "示例", "office": "DIRECTOR", "since": "2020-01-01"},
        "recordAssetEntry": {
            "code": VILLAGE,
            "kind": "INCOME",
            "title": "示例",
            "amount": 1,
            "bookedOn": "2024-01-01",
            "document": "示例",
        },
        "recordAgreement": AGREEMENT,
        "endTerm": {"until": "2024-01-01"},
    }
    before = await archive.everything()
    _, problem = await do(archive, "cadre", name, **good[name] | given)
    assert (problem.get("field"), problem.get("rule")) == (field, rule), problem
    assert await archive.everything() == before


async def test_another_version_is_stale(archive: Archive) -> None:
    status, problem = await do(archive, "cadre", "reviseVillage", code=VILLAGE, version=3, facts={"roads": "x"})
    assert (status, problem["code"], problem["current"]) == (409, "STALE_VERSION", 0)
