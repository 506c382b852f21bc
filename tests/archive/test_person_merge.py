"""Two persons who turn out to be one, over HTTP on a real database: merged, resolved, undone."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.archive.store import sheet as sheets
from services.chassis.clock import SystemClock, today
from services.chassis.db import transaction
from services.chassis.principal import itself
from tests.archive.conftest import OTHER_GRID, Archive, household, key, person, uuid

MERGE = [
    ["key", "key"],
    ["reason", "reason"],
    ["undoneAt", "undoneAt"],
    ["effectiveOn", "effectiveOn"],
    ["kept", "kept", None, [["key", "key"], ["household", "household", None, [["number", "number"]]]]],
    ["dropped", "dropped", None, [["key", "key"], ["household", "household", None, [["number", "number"]]]]],
]
TODAY = today(SystemClock())


async def call(
    archive: Archive, name: str, given: dict[str, Any], account: str = "cadre", select: Any = None
) -> tuple[int, Any]:
    return await archive.as_(account).command(name, {"clientKey": key(), **given}, select or [["key", "key"]])


async def done(archive: Archive, name: str, given: dict[str, Any], account: str = "cadre", select: Any = None) -> Any:
    status, answer = await call(archive, name, given, account, select)
    assert status == 200, answer
    return answer


async def version(archive: Archive, number: int) -> int:
    found: int = await archive.admin.fetchval("SELECT version FROM household WHERE id = $1", household(number))
    return found


async def add(archive: Archive, number: int, **member: Any) -> str:
    """A member more; returns their key."""
    members = [{"relation": "97", **member}]
    await done(
        archive,
        "reviseHousehold",
        {"id": household(number), "version": await version(archive, number), "members": members},
    )
    return str(
        await archive.admin.fetchval("SELECT id FROM person WHERE name = $1 ORDER BY id DESC LIMIT 1", member["name"])
    )


async def item(archive: Archive, number: int, member: str, skill: str) -> None:
    given = {
        "id": household(number),
        "version": await version(archive, number),
        "memberId": member,
        "skill": {"skill": skill},
    }
    await done(archive, "recordItem", {**given, "effectiveOn": TODAY.isoformat()})


async def merge(archive: Archive, keep: str, drop: str, **given: Any) -> Any:
    return await done(
        archive, "mergePersons", {"keepId": keep, "dropId": drop, "reason": "示例：同一人", **given}, select=MERGE
    )


async def refused(
    archive: Archive, keep: str, drop: str, account: str = "cadre", **given: Any
) -> tuple[int, str, str | None]:
    status, problem = await call(
        archive, "mergePersons", {"keepId": keep, "dropId": drop, "reason": "示例", **given}, account, MERGE
    )
    return status, problem["code"], problem.get("rule") or problem.get("field")


async def state(archive: Archive, *numbers: int, known_at: datetime | None = None) -> dict[str, Any]:
    """What the sheets are today, were yesterday, and how they stand in the tables that are read every day."""
    result: dict[str, Any] = {}
    async with transaction(archive.pool, itself("archive")) as connection:
        for number in numbers:
            for day in (None, TODAY, TODAY - timedelta(days=1), date(2024, 6, 1)):
                found = await sheets.find(connection, archive.vault, uuid(household(number)), day, known_at)
                assert found is not None
                result[f"{number} on {day}"] = (
                    set(found.members),
                    set(map(str, found.items)),
                    found.closed_on,
                    found.area,
                )
    if known_at is None:
        for table, columns in (
            (
                "person",
                "id, household_id, relation, name, sex, birth_date, id_number_index, phone_index, education, merged_into",
            ),
            ("sheet_item", "id, household_id, person_id, kind, data"),
            ("membership", "person_id, household_id, relation, since"),
            ("likely_duplicate", "one, other, score"),
        ):
            until = " WHERE until IS NULL" if table == "membership" else ""
            rows = await archive.admin.fetch(f"SELECT {columns} FROM {table}{until}")
            result[table] = sorted(str(tuple(row)) for row in rows)
    return result


async def resolve(archive: Archive, one: str, account: str = "cadre") -> str | None:
    status, found = await archive.as_(account).read("member", {"id": one}, [["key", "key"]])
    return found["key"] if status == 200 else None


async def test_twice_on_one_sheet(archive: Archive) -> None:
    other = await add(archive, 1, name="示例甲1", phone="13800001234", education="70")
    await item(archive, 1, other, "示例木工")
    before, at = await state(archive, 1), datetime.now(UTC)
    done_ = await merge(archive, person(2), other)
    assert done_["kept"] == {"key": person(2), "household": {"number": "0001"}}
    assert done_["dropped"] == {"key": other, "household": None}
    async with transaction(archive.pool, itself("archive")) as connection:
        sheet = await sheets.find(connection, archive.vault, uuid(household(1)))
    assert sheet is not None
    kept = next(member for member in sheet.members if str(member.id) == person(2))
    assert (kept.phone, kept.education, kept.id_number) == ("+8613800000002", "70", "339999196507041040")
    assert len(sheet.members) == 5
    assert [str(one.person) for one in sheet.items] == [person(2)]
    assert await resolve(archive, other) == person(2)
    old = await state(archive, 1, known_at=at)
    assert {name: old[name] for name in old} == {name: before[name] for name in old}
    assert await archive.events("archive.person.merged.v1") == [
        {
            "kept": person(2),
            "dropped": other,
            "households": [household(1)],
            "area": "3399991002000001",
            "effectiveOn": TODAY.isoformat(),
        }
    ]
    undone = await done(archive, "unmergePersons", {"id": done_["key"], "reason": "示例：两个人"}, select=MERGE)
    assert undone["undoneAt"] is not None
    assert undone["dropped"]["household"] == {"number": "0001"}
    assert await state(archive, 1) == before
    assert await resolve(archive, other) == other
    assert len(await archive.events("archive.person.unmerged.v1")) == 1


async def test_the_head_is_the_one_who_goes(archive: Archive) -> None:
    other = await add(archive, 1, name="示例甲一")
    before = await state(archive, 1)
    merged = await merge(archive, other, person(1))
    async with transaction(archive.pool, itself("archive")) as connection:
        sheet = await sheets.find(connection, archive.vault, uuid(household(1)))
    assert sheet is not None
    (head,) = [member for member in sheet.members if member.relation == "02"]
    assert (str(head.id), head.id_number, head.phone) == (other, "339999196203121033", "+8613800000001")
    number = await archive.as_("cadre").read(
        "people",
        {"area": "339999", "search": "339999196203121033"},
        [["edges", "edges", None, [["node", "node", None, [["key", "key"]]]]]],
    )
    assert number[1] == {"edges": [{"node": {"key": other}}]}
    await done(archive, "unmergePersons", {"id": merged["key"], "reason": "示例"})
    assert await state(archive, 1) == before


async def test_in_two_households_it_must_be_said_which_one_ends(archive: Archive) -> None:
    other = await add(
        archive, 5, name="示例甲三", idNumber="339999198811231075", birthDate="1988-11-24", idNumberOverride="示例"
    )
    assert await refused(archive, person(3), other) == (422, "INVALID_INPUT", "merge.ends_in")
    assert await refused(archive, person(3), other, endsIn=household(2)) == (422, "INVALID_INPUT", "merge.ends_in")
    assert await refused(archive, person(3), person(2), endsIn=household(1)) == (
        422,
        "INVALID_INPUT",
        "merge.one_household",
    )
    await item(archive, 5, other, "示例瓦工")
    before = await state(archive, 1, 5)
    merged = await merge(archive, person(3), other, endsIn=household(5))
    rows = await archive.admin.fetch("SELECT person_id::text, household_id::text FROM sheet_item")
    assert [tuple(row) for row in rows] == [(person(3), household(1))]
    assert await resolve(archive, other) == person(3)
    assert await resolve(archive, other, "grid-worker") is None
    await done(archive, "unmergePersons", {"id": merged["key"], "reason": "示例"})
    assert await state(archive, 1, 5) == before
    merged = await merge(archive, person(3), other, endsIn=household(1))
    assert merged["kept"]["household"] == {"number": "0005"}
    area = await archive.admin.fetchval("SELECT area_code FROM person WHERE id = $1", person(3))
    assert area == OTHER_GRID
    await done(archive, "unmergePersons", {"id": merged["key"], "reason": "示例"})
    assert await state(archive, 1, 5) == before


async def test_when_the_head_leaves_the_relations_are_told_anew(archive: Archive) -> None:
    other = await add(archive, 5, name="示例乙一")
    given = {"endsIn": household(2)}
    assert (await refused(archive, person(6), other, **given))[1:] == ("INVALID_INPUT", "relations.restated")
    before = await state(archive, 2, 5)
    merged = await merge(archive, person(6), other, **given, relations=[{"id": person(7), "relation": "02"}])
    await done(archive, "unmergePersons", {"id": merged["key"], "reason": "示例"})
    assert await state(archive, 2, 5) == before


async def test_since_when_can_be_said(archive: Archive) -> None:
    day = (TODAY - timedelta(days=30)).isoformat()
    given = {"id": household(5), "version": await version(archive, 5), "effectiveOn": "2025-01-01"}
    await done(archive, "moveMembersIn", given | {"members": [{"name": "示例甲三", "relation": "97"}]})
    other = str(await archive.admin.fetchval("SELECT id FROM person WHERE name = '示例甲三' ORDER BY id DESC LIMIT 1"))
    before = await state(archive, 1, 5)
    merged = await merge(archive, person(3), other, endsIn=household(5), effectiveOn=day)
    assert merged["effectiveOn"] == day
    async with transaction(archive.pool, itself("archive")) as connection:
        for ago, there in ((29, False), (30, False), (31, True)):
            sheet = await sheets.find(connection, archive.vault, uuid(household(5)), TODAY - timedelta(days=ago))
            assert sheet is not None
            assert (other in {str(member.id) for member in sheet.members}) == there, ago
    await done(archive, "unmergePersons", {"id": merged["key"], "reason": "示例"})
    assert await state(archive, 1, 5) == before
    for wrong, rule in (((TODAY + timedelta(days=1)).isoformat(), "deed.future"), ("2024-06-01", "merge.not_yet")):
        assert await refused(archive, person(3), other, endsIn=household(5), effectiveOn=wrong) == (
            422,
            "INVALID_INPUT",
            rule,
        )


async def test_somebody_who_belongs_to_no_household(archive: Archive) -> None:
    gone = await add(archive, 2, name="示例乙三", phone="13800001234")
    given = {"id": household(2), "version": await version(archive, 2), "effectiveOn": TODAY.isoformat()}
    await done(archive, "moveMembersOut", given | {"memberIds": [gone]})
    before = await state(archive, 2)
    for keep, drop in ((person(7), gone), (gone, person(7))):
        merged = await merge(archive, keep, drop)
        assert merged["kept"]["household"] == {"number": "0002"}
        assert await resolve(archive, drop) == await resolve(archive, keep) == keep
        await done(archive, "unmergePersons", {"id": merged["key"], "reason": "示例"})
        assert await state(archive, 2) == before


async def test_chains_resolve_and_are_undone_from_the_end(archive: Archive) -> None:
    first = await add(archive, 1, name="示例甲九")
    second = await add(archive, 1, name="示例甲十")
    one = await merge(archive, second, first)
    two = await merge(archive, person(5), second)
    assert await resolve(archive, first) == await resolve(archive, second) == person(5)
    assert await refused(archive, person(4), first) == (409, "CONFLICT", "merge.merged_already")
    assert await refused(archive, first, person(4)) == (409, "CONFLICT", "merge.merged_already")
    status, problem = await call(archive, "unmergePersons", {"id": one["key"], "reason": "示例"})
    assert (status, problem["rule"]) == (409, "merge.later_first")
    for merged in (two, one):
        await done(archive, "unmergePersons", {"id": merged["key"], "reason": "示例"})
    assert await resolve(archive, first) == first
    status, problem = await call(archive, "unmergePersons", {"id": one["key"], "reason": "示例"})
    assert (status, problem["rule"]) == (409, "merge.undone_already")


async def test_what_was_changed_since_is_not_undone(archive: Archive) -> None:
    other = await add(archive, 1, name="示例甲九", phone="13800001234")
    await done(
        archive,
        "reviseHousehold",
        {
            "id": household(1),
            "version": 2,
            "members": [{"id": person(5), "name": "示例甲五", "relation": "41", "phone": ""}],
        },
    )
    merged = await merge(archive, person(5), other)
    member = {"id": person(5), "name": "示例甲五", "relation": "41"}
    revision = {"id": household(1), "address": "示例路99号", "members": [member | {"education": "80"}]}
    await done(archive, "reviseHousehold", revision | {"version": await version(archive, 1)})
    undo = {"id": merged["key"], "reason": "示例"}
    changed = {"id": household(1), "members": [member | {"phone": "13900000000"}]}
    await done(archive, "reviseHousehold", changed | {"version": await version(archive, 1)})
    status, problem = await call(archive, "unmergePersons", undo)
    assert (status, problem["rule"]) == (409, "merge.changed_since")


async def test_what_has_nothing_to_do_with_it_stays(archive: Archive) -> None:
    other = await add(archive, 1, name="示例甲九", phone="13800001234")
    merged = await merge(archive, person(5), other)
    member = {"id": person(5), "name": "示例甲五", "relation": "41", "education": "80"}
    revision = {"id": household(1), "address": "示例路99号", "members": [member]}
    await done(archive, "reviseHousehold", revision | {"version": await version(archive, 1)})
    await done(archive, "unmergePersons", {"id": merged["key"], "reason": "示例"})
    async with transaction(archive.pool, itself("archive")) as connection:
        sheet = await sheets.find(connection, archive.vault, uuid(household(1)))
    assert sheet is not None
    assert sheet.address == "示例路99号"
    assert {(one.name, one.phone, one.education) for one in sheet.members if one.name[-1] in "五九"} == {
        ("示例甲五", None, "80"),
        ("示例甲九", "+8613800001234", None),
    }


async def test_who_may(archive: Archive) -> None:
    other = await add(archive, 5, name="示例甲三")
    given = {"endsIn": household(5)}
    for account in ("grid-worker", "auditor", "resident", "officer"):
        assert (await refused(archive, person(3), other, account, **given))[:2] == (403, "FORBIDDEN"), account
    half = archive.with_(roles=["village_cadre"], areas=["3399991002000001"])
    asked = {"clientKey": key(), "keepId": person(3), "dropId": other, "reason": "示例", **given}
    status, problem = await half.command("mergePersons", asked, MERGE)
    assert (status, problem["field"]) == (404, "dropId")
    merged = await merge(archive, person(3), other, **given)
    status, _ = await half.command("unmergePersons", {"clientKey": key(), "id": merged["key"], "reason": "示例"}, MERGE)
    assert status == 404
    assert (await half.read("personMerge", {"id": merged["key"]}, MERGE))[0] == 404
    assert await refused(archive, person(3), person(3)) == (422, "INVALID_INPUT", "merge.two_persons")
    assert await refused(archive, person(3), person(99)) == (404, "NOT_FOUND", "dropId")
    assert (await refused(archive, person(3), person(4), reason=" "))[1:] == ("INVALID_INPUT", "required")
    async with archive.pool.acquire() as connection:
        assert await connection.fetchval("SELECT count(*) FROM person_merge") == 0


async def test_the_kept_person_shows_whom_they_were_merged_with(archive: Archive) -> None:
    other = await add(archive, 1, name="示例甲九")
    await merge(archive, person(5), other)
    select = [["merges", "merges", None, [["reason", "reason"], ["dropped", "dropped", None, [["name", "name"]]]]]]
    status, found = await archive.as_("cadre").read("member", {"id": other}, select)
    assert (status, found) == (200, {"merges": [{"reason": "示例：同一人", "dropped": {"name": "示例甲九"}}]})


FACTS = st.fixed_dictionaries(
    {},
    optional={
        "phone": st.sampled_from(["13800001234", "13800000001"]),
        "education": st.sampled_from(["70", "80"]),
        "birthDate": st.just("1990-01-01"),
        "sex": st.sampled_from(["MALE", "FEMALE"]),
        "marital": st.sampled_from(["10", "20"]),
    },
)
STEPS = st.lists(
    st.tuples(FACTS, FACTS, st.sampled_from([(1, 1), (1, 5), (5, 1)]), st.booleans(), st.booleans(), st.booleans()),
    min_size=1,
    max_size=4,
)


async def test_any_merge_is_undone_to_the_very_state(archive: Archive) -> None:
    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    def steps(drawn: Any) -> None:
        chosen.append(drawn)

    chosen: list[Any] = []
    steps()
    for drawn in chosen:
        for one, other, (at_one, at_other), ends_first, with_items, leaves in drawn:
            keep = await add(archive, at_one, name="示例同名", **one)
            drop = await add(archive, at_other, name="示例同名", **other)
            if with_items:
                await item(archive, at_one, keep, "示例甲工")
                await item(archive, at_other, drop, "示例乙工")
            if leaves:
                out = {"id": household(at_other), "version": await version(archive, at_other), "memberIds": [drop]}
                await done(archive, "moveMembersOut", {**out, "effectiveOn": TODAY.isoformat()})
            before = await state(archive, 1, 5)
            ends = {} if leaves or at_one == at_other else {"endsIn": household(at_one if ends_first else at_other)}
            merged = await merge(archive, keep, drop, **ends)
            assert await state(archive, 1, 5) != before
            assert await resolve(archive, drop) == await resolve(archive, keep) == keep
            await done(archive, "unmergePersons", {"id": merged["key"], "reason": "示例"})
            assert await state(archive, 1, 5) == before
