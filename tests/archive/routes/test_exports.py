"""Lists that are taken away."""

import csv
import io
import re
from urllib.parse import unquote

import pytest
import python_calamine

from services.archive.domain.exports import EXPORTS
from services.archive.routes import exports
from tests.archive.conftest import GRID, VILLAGE, Archive

PURPOSE = {"purpose": "STATISTICS"}


async def fetched(
    archive: Archive, noun: str, account: str = "clerk", **query: str
) -> tuple[int, dict[str, str], bytes]:
    client = archive.as_(account)
    headers = {"Authorization": f"Bearer {client.token}"}
    url = f"{client.base_url}/files/exports/{noun}"
    async with client.session.get(url, params=query, headers=headers) as answer:
        return answer.status, dict(answer.headers), await answer.read()


def table(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


async def test_members_as_csv(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "AT_ONCE", 2)
    await archive.admin.execute(
        "UPDATE person SET name = '=1+1' WHERE id = (SELECT id FROM person WHERE household_id IS NOT NULL ORDER BY id LIMIT 1)"
    )
    status, headers, data = await fetched(archive, "members.csv", area=VILLAGE, **PURPOSE)
    assert status == 200
    assert data.startswith(b"\xef\xbb\xbf")
    assert "示例村" in unquote(headers["Content-Disposition"])
    head, *lines = table(data)
    assert head == [column.title for column in EXPORTS["members"].columns]
    count = await archive.admin.fetchval("SELECT count(*) FROM person WHERE household_id IS NOT NULL")
    assert len(lines) == count > 10
    assert len({tuple(line) for line in lines}) == count
    by_title = [dict(zip(head, line, strict=True)) for line in lines]
    assert all(re.fullmatch(r"(339999\*{8}[0-9X]{4})?", line["公民身份号码"]) for line in by_title)
    assert any(line["公民身份号码"] for line in by_title)
    assert any("****" in line["电话"] for line in by_title)
    assert "'=1+1" in {line["姓名"] for line in by_title}
    assert {line["性别"] for line in by_title} == {"男", "女"}
    row = await archive.admin.fetchrow("SELECT by, purpose, area_code, count FROM audit WHERE deed = 'EXPORT'")
    assert tuple(row or ()) == ("example-clerk", "STATISTICS", VILLAGE, count)


async def test_households_as_a_workbook(archive: Archive) -> None:
    status, _, data = await fetched(archive, "households.xlsx", area=GRID, purpose="SERVICE")
    assert status == 200
    sheet = python_calamine.load_workbook(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    stamp, lines = str(sheet[1][0]), sheet[3:]
    assert "示例镇干部" in stamp
    assert "办理事项" in stamp
    assert len(lines) == await archive.admin.fetchval("SELECT count(*) FROM household WHERE area_code = $1", GRID)
    assert {line[2] for line in lines} == {GRID}


async def test_plots_of_nobody_are_an_empty_list(archive: Archive) -> None:
    status, _, data = await fetched(archive, "plots.csv", area=VILLAGE, **PURPOSE)
    assert (status, len(table(data))) == (200, 1)


async def test_who_may_take_what_away(archive: Archive) -> None:
    for account in ("cadre", "grid-worker", "auditor", "resident"):
        assert (await fetched(archive, "members.csv", account, area=VILLAGE, **PURPOSE))[0] == 403
    assert (await fetched(archive, "members.csv", area="330881", **PURPOSE))[0] == 403
    assert (await fetched(archive, "members.csv", area=VILLAGE))[0] == 422
    assert (await fetched(archive, "members.csv", area=VILLAGE, purpose="CURIOSITY"))[0] == 422
    assert (await fetched(archive, "members.csv", area="9", **PURPOSE))[0] == 422
    assert (await fetched(archive, "members.pdf", area=VILLAGE, **PURPOSE))[0] == 404
    assert (await fetched(archive, "people.csv", area=VILLAGE, **PURPOSE))[0] == 404
    assert await archive.admin.fetchval("SELECT count(*) FROM audit WHERE deed = 'EXPORT'") == 0


async def test_a_workbook_of_too_many_lines_is_refused(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MOST_WORKBOOK_ROWS", 3)
    status, _, data = await fetched(archive, "members.xlsx", area=VILLAGE, **PURPOSE)
    assert (status, b"rows.limit" in data) == (422, True)
    assert (await fetched(archive, "members.csv", area=VILLAGE, **PURPOSE))[0] == 200
