"""Finding people, over HTTP on a real database: by pinyin and by number; persons who may be one; making old sheets findable."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.archive.commands.finding import how_many_old, keep_findable, make_all_old, reindex
from services.archive.domain.history import Change
from services.archive.domain.search import question, search_terms
from services.archive.store import bulk
from services.chassis.clock import SystemClock
from services.chassis.db import transaction
from services.chassis.principal import itself
from tests.archive import sheets
from tests.archive.conftest import GRID, OTHER_GRID, VILLAGE, Archive, household, key, person

PEOPLE = [
    [
        "edges",
        "edges",
        None,
        [
            ["cursor", "cursor"],
            ["node", "node", None, [["name", "name"], ["household", "household", None, [["number", "number"]]]]],
        ],
    ],
    ["pageInfo", "pageInfo", None, [["hasNextPage", "hasNextPage"], ["endCursor", "endCursor"]]],
]
HOUSEHOLDS = [["edges", "edges", None, [["node", "node", None, [["number", "number"]]]]]]
PAIRS = [
    [
        "edges",
        "edges",
        None,
        [
            [
                "node",
                "node",
                None,
                [
                    *([name, name] for name in ("score", "reasons")),
                    *([side, side, None, [["name", "name"], ["key", "key"]]] for side in ("one", "other")),
                ],
            ]
        ],
    ]
]
CANDIDATES = [
    ["score", "score"],
    ["reasons", "reasons"],
    ["person", "person", None, [["name", "name"], ["idNumber", "idNumber"]]],
]


async def people(archive: Archive, search: str, account: str = "cadre", area: str = "339999") -> list[str]:
    status, page = await archive.as_(account).read("people", {"area": area, "search": search}, PEOPLE)
    assert status == 200, page
    return [edge["node"]["name"] for edge in page["edges"]]


async def households(archive: Archive, search: str, account: str = "cadre") -> list[str]:
    status, page = await archive.as_(account).read("households", {"area": "339999", "search": search}, HOUSEHOLDS)
    assert status == 200, page
    return [edge["node"]["number"] for edge in page["edges"]]


async def add(archive: Archive, number: int, *members: dict[str, Any], account: str = "cadre") -> list[str]:
    """Adds members to a sheet; returns their keys."""
    version = await archive.admin.fetchval("SELECT version FROM household WHERE id = $1", household(number))
    given = {"clientKey": key(), "id": household(number), "version": version}
    given["members"] = [{"relation": "97", **member} for member in members]
    status, answer = await archive.as_(account).command("reviseHousehold", given, [["key", "key"]])
    assert status == 200, answer
    return [
        str(
            await archive.admin.fetchval(
                "SELECT id FROM person WHERE name = $1 ORDER BY id DESC LIMIT 1", member["name"]
            )
        )
        for member in members
    ]


async def pairs(archive: Archive, account: str = "cadre", area: str = VILLAGE) -> list[tuple[set[str], int, list[str]]]:
    status, page = await archive.as_(account).read("duplicates", {"area": area}, PAIRS)
    assert status == 200, page
    nodes = [edge["node"] for edge in page["edges"]]
    return [({node["one"]["name"], node["other"]["name"]}, node["score"], node["reasons"]) for node in nodes]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("示例甲一", ["示例甲一"]),
        ("shilijiayi", ["示例甲一"]),
        ("shi li jia yi", ["示例甲一"]),
        ("ShiLiJiaYi", ["示例甲一"]),
        ("sljw", ["示例甲五"]),
        ("sljs", ["示例甲三", "示例甲四", "示例己三"]),
        ("slji", []),
        ("lijiay", ["示例甲一"]),
        ("shilijia", [f"示例甲{n}" for n in "一二三四五"]),
        ("示例甲 示例路1号", [f"示例甲{n}" for n in "一二三四五"]),
        ("甲一 示例路1号", ["示例甲一"]),
        ("甲一 示例路2号", []),
        ("0003", ["示例丙一", "示例丙二", "示例丙三", "示例丙四"]),
        ("jiayi", []),
        ("zhang", []),
        ("%", []),
    ],
)
async def test_people_by_name_address_and_number_of_the_household(
    archive: Archive, search: str, found: list[str]
) -> None:
    assert sorted(await people(archive, search)) == sorted(found)


async def test_whole_numbers_find_by_their_blind_index(archive: Archive) -> None:
    for search in ("339999196203121033", "339999 1962 0312 1033", "13800000001", "138-0000-0001", "+8613800000001"):
        assert await people(archive, search) == ["示例甲一"], search
        assert await households(archive, search) == ["0001"], search
    for search in ("33999919620312103", "1033", "339999********1033", "138****0001", "0001380000", "13800000099"):
        assert await people(archive, search) == [], search
        assert await households(archive, search) in ([], ["0001"] if search == "0001" else []), search
    assert await people(archive, "13800000001", area=OTHER_GRID) == []
    assert await people(archive, "339999194801301123", "grid-worker", area="33") == ["示例乙一"]
    example = await archive.admin.fetchval("SELECT household_id::text FROM person WHERE name LIKE '示例戊%' LIMIT 1")
    assert example == household(5)
    number = await archive.admin.fetchrow(
        "SELECT id, id_number_sealed FROM person WHERE household_id = $1::uuid LIMIT 1", example
    )
    assert number is not None
    clear = archive.vault.open(number["id_number_sealed"], owner=str(number["id"]), field="id_number")
    assert await people(archive, clear, "grid-worker", area="33") == []
    assert len(await people(archive, clear)) == 1


async def test_people_come_page_by_page(archive: Archive) -> None:
    for asked in ({}, {"search": "示"}, {"search": "shi"}):
        names, after = [], None
        while True:
            args = {"area": VILLAGE, "first": 3, "after": after, **asked}
            _, page = await archive.as_("cadre").read("people", args, PEOPLE)
            names += [edge["node"]["name"] for edge in page["edges"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
        assert len(names) == len(set(names)) == await archive.admin.fetchval("SELECT count(*) FROM person"), asked


async def test_who_lists_people(archive: Archive) -> None:
    for account in ("resident", "officer"):
        status, _ = await archive.as_(account).read("people", {"area": VILLAGE}, PEOPLE)
        assert status == 403
    assert await people(archive, "示例戊", "grid-worker", area="33") == []
    status, _ = await archive.as_("grid-worker").read("people", {"area": OTHER_GRID}, PEOPLE)
    assert status == 403
    status, problem = await archive.as_("cadre").read(
        "people", {"area": VILLAGE, "search": "示", "after": "MzM="}, PEOPLE
    )
    assert (status, problem["code"]) == (422, "INVALID_INPUT")


async def test_a_revision_changes_what_people_are_found_by(archive: Archive) -> None:
    renamed = {"id": person(1), "name": "单雄信", "relation": "02"}
    given = {
        "clientKey": key(),
        "id": household(1),
        "version": 1,
        "members": [renamed],
        "address": "新路7号",
        "gridCode": OTHER_GRID,
    }
    status, _ = await archive.as_("cadre").command("reviseHousehold", given, [["key", "key"]])
    assert status == 200
    assert await people(archive, "shanxiong") == await people(archive, "sxx") == ["单雄信"]
    assert await people(archive, "shilijiayi") == []
    assert await people(archive, "sxx", area=OTHER_GRID) == ["单雄信"]
    assert await people(archive, "sxx", area=GRID) == []
    assert await households(archive, "新路7号") == ["0001"]
    rows = await archive.admin.fetch("SELECT term, area_code FROM household_term WHERE household_id = $1", household(1))
    text = await archive.admin.fetchval("SELECT search_text FROM household WHERE id = $1", household(1))
    assert {row["term"] for row in rows} == search_terms(text)
    assert {row["area_code"] for row in rows} == {OTHER_GRID}


WORDS = ["王小明", "张三", "单雄信", "欧阳修", "吕布", "李伟", "曾小贤", "John Smith"]
QUESTIONS = st.one_of(
    st.sampled_from(
        [
            "zs",
            "zhangsan",
            "zhangs",
            "wxm",
            "xiaoming",
            "shan",
            "ouy",
            "lv",
            "li",
            "lw",
            "zeng",
            "smi",
            "示",
            "示例路12号",
        ]
    ),
    st.text("王小明张三单雄信曾贤abelhgnszx 12号示例路", min_size=1, max_size=8),
)


async def test_a_search_finds_what_a_naive_scan_finds(archive: Archive) -> None:
    """The scan holds each text against the patterns; the search goes through the rarest term."""
    for number, name in enumerate(WORDS, 1):
        await add(archive, number, {"name": name})
    texts = {row[0]: row[1] for row in await archive.admin.fetch("SELECT number, search_text FROM household")}
    lines = await archive.admin.fetch(
        "SELECT p.name, split_part(h.search_text, E'\\n', 1) || p.search_text FROM person p JOIN household h ON h.id = p.household_id"
    )

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(QUESTIONS)
    def questions(search: str) -> None:
        asked.append(search)

    asked: list[str] = []
    questions()
    hits = 0
    for search in filter(str.strip, asked):
        cut = question(search)
        sought = [pattern[1:-1] for pattern in cut.patterns]
        scanned = [number for number, text in texts.items() if cut.terms and all(word in text for word in sought)]
        assert sorted(await households(archive, search)) == sorted(scanned), search
        found = [name for name, text in lines if cut.terms and all(word in text for word in sought)]
        assert sorted(await people(archive, search)) == sorted(found), search
        hits += len(found)
    assert hits > 20


async def test_old_sheets_are_made_findable_in_batches(archive: Archive) -> None:
    before = await archive.everything()
    await archive.admin.execute("DELETE FROM household_term WHERE household_id <> $1", household(1))
    await archive.admin.execute(
        "UPDATE household SET search_version = 0, search_text = '' WHERE id <> $1", household(1)
    )
    await archive.admin.execute(
        "UPDATE person SET search_text = '', pinyin = '' WHERE household_id <> $1", household(1)
    )
    assert await how_many_old(archive.pool) == 9
    assert await people(archive, "slyy") == []
    assert await reindex(archive.pool, lambda _: None, going_on=lambda: False) == 0
    told: list[int] = []
    assert await reindex(archive.pool, told.append) == sum(told) == 9
    assert await how_many_old(archive.pool) == 0
    assert await archive.everything() == before
    await make_all_old(archive.pool)
    assert await how_many_old(archive.pool) == 10
    assert await reindex(archive.pool, told.append) == 10
    assert await archive.everything() == before


async def test_the_worker_does_so_until_it_is_told_to_stop(archive: Archive) -> None:
    await make_all_old(archive.pool)
    stop = asyncio.Event()
    keeping = asyncio.create_task(keep_findable(archive.pool, SystemClock(), stop))
    async with asyncio.timeout(20):
        while await how_many_old(archive.pool):
            await asyncio.sleep(0.05)
    stop.set()
    await asyncio.wait_for(keeping, 10)


async def test_what_was_written_in_bulk_is_found_at_once_and_compared_later(archive: Archive) -> None:
    twin = sheets.person("示例甲一", age=0)
    sheet = sheets.household("0099", [replace(twin, birth_date=date(1962, 3, 12))])
    change = Change(by="example", at=SystemClock().now(), valid_from=sheets.TODAY)
    async with transaction(archive.pool, itself("archive")) as connection:
        await bulk.add_all(connection, archive.vault, [sheet], change)
    assert await people(archive, "shilijiayi") == ["示例甲一", "示例甲一"]
    assert (await pairs(archive), await how_many_old(archive.pool)) == ([], 1)
    terms = await archive.admin.fetch("SELECT term FROM household_term WHERE household_id = $1 ORDER BY 1", sheet.id)
    assert await reindex(archive.pool, lambda _: None) == 1
    assert await pairs(archive) == [({"示例甲一"}, 80, ["SAME_NAME_AND_BIRTH_DATE"])]
    again = await archive.admin.fetch("SELECT term FROM household_term WHERE household_id = $1 ORDER BY 1", sheet.id)
    assert terms == again != []


JIA = {"name": "示例甲一", "birthDate": "1962-03-12"}


@pytest.mark.parametrize(
    ("member", "score", "reasons"),
    [
        (JIA, 80, ["SAME_NAME_AND_BIRTH_DATE"]),
        (JIA | {"phone": "13800000001"}, 90, ["SAME_NAME_AND_BIRTH_DATE", "SAME_NAME_AND_PHONE"]),
        (JIA | {"phone": "13800000001", "birthDate": "1970-01-01"}, 70, ["SAME_NAME_AND_PHONE"]),
        (JIA | {"name": "示例贾一"}, 60, ["SAME_SOUND_AND_BIRTH_DATE"]),
        (JIA | {"birthDate": "1962-12-03"}, 55, ["SAME_NAME_AND_SWAPPED_BIRTH_DATE"]),
        (JIA | {"birthDate": "1926-03-12"}, 55, ["SAME_NAME_AND_SWAPPED_BIRTH_DATE"]),
        (JIA | {"name": "示例丁一"}, 45, ["SIMILAR_NAME_AND_BIRTH_DATE"]),
        (JIA | {"sex": "FEMALE"}, 40, ["SAME_NAME_AND_BIRTH_DATE"]),
        (
            {"name": "示例癸", "idNumber": "339999196203121033", "birthDate": "1962-03-13", "idNumberOverride": "示例"},
            100,
            ["SAME_ID_NUMBER"],
        ),
        (JIA | {"name": "示例丁一", "sex": "FEMALE"}, None, None),
        (JIA | {"name": "示例"}, None, None),
        (JIA | {"birthDate": "1962-03-13"}, None, None),
        ({"name": "示例甲一"}, None, None),
        ({"name": "示例癸一", "idNumber": "339999196203122036"}, None, None),
    ],
)
async def test_persons_who_may_be_one(
    archive: Archive, member: dict[str, Any], score: int | None, reasons: list[str] | None
) -> None:
    args = {"area": VILLAGE, **{name: value for name, value in member.items() if name != "idNumberOverride"}}
    status, asked = await archive.as_("cadre").read("duplicatesOf", args, CANDIDATES)
    assert status == 200, asked
    assert await pairs(archive) == []
    await add(archive, 5, member)
    if score is None:
        assert asked == await pairs(archive) == []
        return
    one = {"name": "示例甲一", "idNumber": "339999********1033"}
    assert asked == [{"score": score, "reasons": reasons, "person": one}]
    assert await pairs(archive) == [({member["name"], "示例甲一"}, score, reasons)]


async def test_two_numbers_that_are_valid_speak_against_it(archive: Archive) -> None:
    await add(archive, 5, {"name": "示例甲一", "idNumber": "339999196203123653"})
    assert await pairs(archive) == []
    await add(archive, 6, {"name": "示例甲一", "idNumber": "339999196203125114", "phone": "13800000001"})
    assert [(score, reasons) for _, score, reasons in await pairs(archive)] == [
        (40, ["SAME_NAME_AND_BIRTH_DATE", "SAME_NAME_AND_PHONE"])
    ]


async def test_twins_of_a_household_are_two(archive: Archive) -> None:
    await add(
        archive, 5, {"name": "示例癸文", "birthDate": "2020-05-05"}, {"name": "示例癸武", "birthDate": "2020-05-05"}
    )
    assert await pairs(archive) == []


async def test_pairs_follow_the_sheets(archive: Archive) -> None:
    (second,) = await add(archive, 5, JIA)
    assert len(await pairs(archive)) == 1
    version = await archive.admin.fetchval("SELECT version FROM household WHERE id = $1", household(5))
    given = {
        "clientKey": key(),
        "id": household(5),
        "version": version,
        "members": [{"id": second, "name": "示例壬", "relation": "97"}],
    }
    assert (await archive.as_("cadre").command("reviseHousehold", given, [["key", "key"]]))[0] == 200
    assert await pairs(archive) == []


async def test_a_pair_is_seen_by_those_who_see_both(archive: Archive) -> None:
    await add(archive, 5, JIA)
    expected = [({"示例甲一"}, 80, ["SAME_NAME_AND_BIRTH_DATE"])]
    for account in ("cadre", "clerk", "admin", "auditor"):
        assert await pairs(archive, account) == expected
    assert await pairs(archive, "cadre", GRID) == await pairs(archive, "cadre", OTHER_GRID) == expected
    assert await pairs(archive, "grid-worker", GRID) == []
    for account in ("resident", "officer"):
        assert (await archive.as_(account).read("duplicates", {"area": VILLAGE}, PAIRS))[0] == 403
    both = await archive.as_("grid-worker").read("duplicatesOf", {"area": GRID, **JIA}, CANDIDATES)
    assert [one["person"]["name"] for one in both[1]] == ["示例甲一"]
    assert len((await archive.as_("cadre").read("duplicatesOf", {"area": VILLAGE, **JIA}, CANDIDATES))[1]) == 2
    async with archive.pool.acquire() as connection:
        assert await connection.fetchval("SELECT count(*) FROM likely_duplicate") == 0


@pytest.mark.parametrize(
    "args",
    [
        {"name": ""},
        {"name": "示例", "sex": "X"},
        {"name": "示例", "birthDate": "12.3.1962"},
        {"name": 7},
        {"name": "示例", "given": {}},
    ],
)
async def test_what_is_no_question_about_duplicates(archive: Archive, args: dict[str, Any]) -> None:
    status, problem = await archive.as_("cadre").read("duplicatesOf", {"area": VILLAGE, **args}, CANDIDATES)
    assert (status, problem["code"]) == (422, "INVALID_INPUT")


async def test_a_dismissed_pair_comes_back_for_a_new_reason_only(archive: Archive) -> None:
    (second,) = await add(archive, 5, JIA)
    given = {"clientKey": key(), "oneId": second, "otherId": person(1), "reason": "同名同日生，已核实"}
    select = [["dismissedReason", "dismissedReason"], ["score", "score"]]
    for account, status in (("grid-worker", 403), ("auditor", 403), ("resident", 403), ("cadre", 200)):
        assert (await archive.as_(account).command("dismissDuplicate", given, select))[0] == status
    assert await pairs(archive) == []
    changed = {"id": second, "name": "示例甲一", "relation": "97"}

    async def revise(**facts: Any) -> None:
        version = await archive.admin.fetchval("SELECT version FROM household WHERE id = $1", household(5))
        asked = {"clientKey": key(), "id": household(5), "version": version, "members": [changed | facts]}
        assert (await archive.as_("cadre").command("reviseHousehold", asked, [["key", "key"]]))[0] == 200

    await revise(education="70")
    assert await pairs(archive) == []
    await revise(phone="13800000001")
    assert [score for _, score, _ in await pairs(archive)] == [90]
    unknown = given | {"clientKey": key(), "otherId": person(2)}
    assert (await archive.as_("cadre").command("dismissDuplicate", unknown, select))[0] == 404
