"""`import-divisions`, as an operator types it."""

import asyncio
import os
from pathlib import Path

from typer.testing import CliRunner, Result

from services.archive.__main__ import cli
from tests.archive.conftest import Archive

ABOVE = "code,name\n33,浙江省\n3308,衢州市\n330803,衢江区\n"
GOOD = f"{ABOVE}330803001,樟潭街道\n330803001001,示例社区\n"


async def take(archive: Archive, path: Path, text: str, *words: str) -> Result:
    """In a thread of its own, since a verb runs a loop of its own."""
    await asyncio.to_thread(path.write_bytes, text.encode("gb18030"))
    environment: dict[str, str | None] = {name: None for name in os.environ if name.startswith("SANMIN_")}
    environment |= {"SANMIN_DATABASE_URL": archive.database.app_url, "COLUMNS": "200"}
    return await asyncio.to_thread(
        lambda: CliRunner().invoke(cli, ["import-divisions", str(path), *words], env=environment)
    )


async def areas(archive: Archive, under: str) -> dict[str, tuple[str, str, str | None]]:
    rows = await archive.admin.fetch(
        "SELECT code, name, valid_from::text, parent FROM area WHERE code LIKE $1", f"{under}%"
    )
    return {row["code"]: (row["name"], row["valid_from"], row["parent"]) for row in rows}


async def test_a_county_is_taken_in_and_told(archive: Archive, tmp_path: Path) -> None:
    done = await take(archive, tmp_path / "list.csv", GOOD, "--county", "330803", "--valid-from", "2024-05-01")
    assert done.exit_code == 0, done.output
    assert "5 good rows, 0 bad: taken in" in done.output
    assert await areas(archive, "330803") == {
        "330803": ("衢江区", "2024-05-01", "3308"),
        "330803001": ("樟潭街道", "2024-05-01", "330803"),
        "330803001001": ("示例社区", "2024-05-01", "330803001"),
    }
    told = await archive.events("archive.area.published.v1")
    assert [event["code"] for event in told[-3:]] == ["330803001001", "330803001", "330803"]
    before = await archive.everything()
    assert (await take(archive, tmp_path / "list.csv", GOOD, "--valid-from", "2025-05-01")).exit_code == 0
    assert await archive.everything() == before, "the same list again changes nothing"


async def test_a_newer_list_renames_from_its_day_on(archive: Archive, tmp_path: Path) -> None:
    await take(archive, tmp_path / "list.csv", GOOD, "--valid-from", "2024-05-01")
    newer = GOOD.replace("示例社区", "示例新社区")
    assert (await take(archive, tmp_path / "list.csv", newer, "--valid-from", "2025-05-01")).exit_code == 0
    select = [["name", "name"]]
    for day, name in (("2025-04-30", "示例社区"), ("2025-05-01", "示例新社区")):
        args = {"code": "330803001001", "asOf": day}
        assert (await archive.as_("cadre").read("area", args, select))[1] == {"name": name}
    older = await take(archive, tmp_path / "list.csv", GOOD, "--valid-from", "2025-01-01")
    assert "left as they are here" in older.output
    assert (await archive.as_("cadre").read("area", {"code": "330803001001"}, select))[1] == {"name": "示例新社区"}


async def test_what_the_list_lacks_stays_and_is_shown(archive: Archive, tmp_path: Path) -> None:
    done = await take(archive, tmp_path / "list.csv", "code,name\n330881,江山市\n", "--county", "330881")
    assert done.exit_code == 0
    assert "and 332 more" in done.output
    assert await archive.admin.fetchval("SELECT count(*) FROM area WHERE ended") == 0


async def test_nothing_is_taken_in_while_a_row_is_bad(archive: Archive, tmp_path: Path) -> None:
    before = await archive.everything()
    bad = f"{GOOD}330803001002,\n33080300100x,示例\n"
    refused = await take(archive, tmp_path / "list.csv", bad)
    assert refused.exit_code == 1
    assert [line.split("│")[1:4] for line in refused.output.splitlines() if "│" in line and "rule" not in line] == [
        [" 7   ", " name   ", " name.required "],
        [" 8   ", " code   ", " code.digits   "],
    ]
    assert "5 good rows, 2 bad: nothing was taken in" in refused.output
    assert await archive.everything() == before
    assert (await take(archive, tmp_path / "list.csv", bad, "--dry-run")).exit_code == 1
    assert await archive.everything() == before
    skipped = await take(archive, tmp_path / "list.csv", bad, "--skip-bad")
    assert skipped.exit_code == 0
    assert len(await areas(archive, "330803")) == 3


async def test_a_dry_run_shows_what_would_be_taken_in(archive: Archive, tmp_path: Path) -> None:
    before = await archive.everything()
    done = await take(archive, tmp_path / "list.csv", GOOD, "--dry-run")
    assert done.exit_code == 0
    assert "dry run: nothing was changed" in done.output
    assert await archive.everything() == before


async def test_what_is_no_list_or_no_county(archive: Archive, tmp_path: Path) -> None:
    assert (await take(archive, tmp_path / "list.csv", "a,b\n")).exit_code == 1
    assert (await take(archive, tmp_path / "list.csv", GOOD, "--county", "33080")).exit_code == 2
    await asyncio.to_thread((tmp_path / "other").write_bytes, b"\xff\xff\xff")
    environment = {"SANMIN_DATABASE_URL": archive.database.app_url}
    binary = await asyncio.to_thread(
        lambda: CliRunner().invoke(cli, ["import-divisions", str(tmp_path / "other")], env=environment)
    )
    assert binary.exit_code == 2
