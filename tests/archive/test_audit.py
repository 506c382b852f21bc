"""Who opened a sheet: what is written down, what is not, and who is told."""

from typing import Any

import pytest

from services.archive.domain.access import PUBLIC, SUBJECTS
from services.archive.views import VIEWS
from tests.archive.conftest import GRID, VILLAGE, Archive, household, person
from tests.archive.test_views import NUMBER, PAGE

ROWS = "SELECT by, deed, household_id::text, person_id::text, area_code, fields, count FROM audit ORDER BY id"
ACCESS = [["edges", "edges", None, [["node", "node", None, [[n, n] for n in ("account", "name", "deedName", "roleNames", "fields")]
    + [["areas", "areas", None, [["name", "name"]]]]]]]]  # fmt: skip


async def rows(archive: Archive) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await archive.admin.fetch(ROWS)]


async def test_a_sheet_opened_by_staff_is_written_down_with_what_was_looked_at(archive: Archive) -> None:
    select = [["n", "number"], ["members", "members", None, [["phone", "phone"]]]]
    assert (await archive.as_("cadre").read("household", {"id": household(1)}, select))[0] == 200
    assert (await archive.as_("cadre").read("member", {"id": person(6)}, [["name", "name"]]))[0] == 200
    assert (await archive.as_("cadre").read("householdsById", {"keys": [household(1)]}, NUMBER))[0] == 200
    assert await rows(archive) == [
        ("example-cadre", "READ", household(1), None, GRID, ["members", "number"], None),
        ("example-cadre", "READ", household(2), person(6), GRID, ["name"], None),
        ("example-cadre", "READ", household(1), None, GRID, ["number"], None),
    ]


async def test_a_page_of_a_list_is_one_row_with_its_count(archive: Archive) -> None:
    status, page = await archive.as_("cadre").read("households", {"area": "33", "first": 3}, PAGE)
    assert status == 200
    assert len(page["edges"]) == 3
    keys = [household(1), household(2), household(4711)]
    assert (await archive.as_("cadre").read("householdsById", {"keys": keys}, NUMBER))[0] == 200
    assert await rows(archive) == [
        ("example-cadre", "READ", None, None, VILLAGE, ["number"], 3),
        ("example-cadre", "READ", None, None, None, ["number"], 2),
    ]


async def test_what_is_not_seen_is_not_written_down(archive: Archive) -> None:
    await archive.as_("grid-worker").read("household", {"id": household(5)}, NUMBER)
    await archive.as_("officer").read("household", {"id": household(1)}, NUMBER)
    await archive.as_("cadre").read("households", {"area": VILLAGE, "search": "没有这样的人"}, PAGE)
    await archive.as_("resident").read("household", {"id": household(1)}, NUMBER)
    await archive.as_("cadre").read("areas", {}, [["code", "code"]])
    await archive.as_("cadre").read("household", {"id": household(1)}, [["nothing", "nothing"]])
    assert await rows(archive) == []


async def test_the_household_and_auditors_see_who_opened_it(archive: Archive) -> None:
    await archive.as_("cadre").read("household", {"id": household(1)}, NUMBER)
    for account in ("resident", "auditor", "admin"):
        status, page = await archive.as_(account).read("householdAccess", {"id": household(1)}, ACCESS)
        assert status == 200, page
        assert page["edges"][-1]["node"] == {
            "account": "example-cadre",
            "name": "示例村干部甲",
            "deedName": "查看",
            "roleNames": ["村干部"],
            "fields": ["number"],
            "areas": [{"name": "示例村(example)"}],
        }


@pytest.mark.parametrize("account", ["resident-2", "grid-worker", "cadre", "clerk", "officer"])
async def test_nobody_else_sees_it(archive: Archive, account: str) -> None:
    await archive.as_("admin").read("household", {"id": household(1)}, NUMBER)
    status, problem = await archive.as_(account).read("householdAccess", {"id": household(1)}, ACCESS)
    assert (status, problem["code"]) == (403, "FORBIDDEN")


async def test_nobody_writes_in_anothers_name_and_nobody_changes_or_removes(archive: Archive) -> None:
    insert = "INSERT INTO audit (by, roles, areas, deed, at, fields) VALUES ('b', '{}', '{}', 'READ', now(), '{}')"
    async with archive.pool.acquire() as connection:
        for deed in (
            insert,
            "UPDATE audit SET by = 'x'",
            "DELETE FROM audit",
            "DELETE FROM audit_chain",
            "TRUNCATE audit",
        ):
            with pytest.raises(Exception, match=r"row-level security|permission denied"):
                async with connection.transaction():
                    await connection.execute(
                        "SELECT set_config('sanmin.caller', $1, true)", '{"subject": "a", "service": true}'
                    )
                    await connection.execute(deed)


def test_every_root_is_public_a_subject_or_a_list() -> None:
    """A root of one row that is of no kind would be written down as a list, without the household that it is about."""
    assert PUBLIC.isdisjoint(SUBJECTS)
    assert VIEWS.roots.keys() >= PUBLIC | SUBJECTS.keys()
    for name, root in VIEWS.roots.items():
        if root.kind == "one" and name not in PUBLIC and root.args.keys().isdisjoint({"area", "code"}):
            assert name in SUBJECTS, f"{name}: say in domain/access.py whose data it tells of"
            assert {*SUBJECTS[name][1]} <= {*root.args, "keys"}
