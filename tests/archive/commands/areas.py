"""A second village beside the example's, and what is asked of changes of areas."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from services.archive.commands.area import publish_areas
from services.archive.domain.area import Area
from services.archive.domain.history import Change
from services.archive.domain.household import Household
from services.archive.domain.member import Member
from services.archive.store import sheet as sheets
from services.chassis.clock import SystemClock
from services.chassis.db import transaction
from services.chassis.principal import itself
from tests.archive.conftest import Archive, key

BESIDE = "339999100201"
NEW = "339999100202"
BEGIN = date(2024, 1, 1)
DAY = "2026-03-01"
EVE = "2026-02-28"
CHANGE = [
    ["key", "key"],
    ["kind", "kind"],
    ["state", "state"],
    ["version", "version"],
    ["households", "households"],
    ["persons", "persons"],
    ["plots", "plots"],
    ["gridWorkers", "gridWorkers"],
    [
        "areas",
        "areas",
        None,
        [
            [name, name]
            for name in ("fate", "code", "name", "formerName", "households", "persons", "plots", "gridWorkers")
        ],
    ],
    ["moves", "moves", None, [[name, name] for name in ("predecessor", "successor", "households")]],
    [
        "renumbered",
        "renumbered",
        None,
        [
            *([name, name] for name in ("gridCode", "formerNumber", "number")),
            ["household", "household", None, [["key", "key"]]],
        ],
    ],
]


async def settle(archive: Archive, village: str, *grids: tuple[str, ...], opened: date = BEGIN) -> dict[str, UUID]:
    """A village with a grid for each tuple of household numbers; returns number → household."""
    clock, made = SystemClock(), {}
    async with transaction(archive.pool, itself("archive")) as connection:
        areas = [Area(village, f"示例村{village[-3:]}", BEGIN)]
        areas += [Area(f"{village}{serial:04d}", f"示例网格{serial}", BEGIN) for serial in range(1, len(grids) + 1)]
        await publish_areas(connection, clock, areas)
        for serial, numbers in enumerate(grids, start=1):
            for number in numbers:
                head = Member(id=uuid4(), name=f"示例{number}", relation="02", since=opened)
                made[number] = uuid4()
                sheet = Household(
                    id=made[number],
                    area=f"{village}{serial:04d}",
                    number=number,
                    address=f"示例路{number}号",
                    house=None,
                    version=1,
                    members=(head,),
                )
                change = Change(by="service:archive", at=clock.now(), valid_from=opened)
                assert await sheets.add(connection, archive.vault, sheet, change)
    return made


def request(kind: str, former: list[str], *to: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "clientKey": key(),
        "kind": kind,
        "changedOn": DAY,
        "reason": "示例批文",
        "from": former,
        "to": list(to),
        **fields,
    }


async def plan(archive: Archive, kind: str, former: list[str], *to: dict[str, Any], **fields: Any) -> dict[str, Any]:
    status, change = await archive.as_("admin").command("planAreaChange", request(kind, former, *to, **fields), CHANGE)
    assert status == 200, change
    assert change["state"] == "PLANNED"
    planned: dict[str, Any] = change
    return planned


async def decide(archive: Archive, command: str, change: dict[str, Any], **fields: Any) -> tuple[int, dict[str, Any]]:
    given = {"clientKey": key(), "id": change["key"], "version": change["version"], **fields}
    return await archive.as_("admin").command(command, given, CHANGE)


async def carry_out(
    archive: Archive, kind: str, former: list[str], *to: dict[str, Any], **fields: Any
) -> dict[str, Any]:
    """Plans and does it."""
    status, change = await decide(archive, "carryOutAreaChange", await plan(archive, kind, former, *to, **fields))
    assert status == 200, change
    assert change["state"] == "DONE"
    return change


async def undo(archive: Archive, change: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return await decide(archive, "undoAreaChange", change, reason="示例：误操作")


async def grid_on(archive: Archive, household: Any, day: str | None = None) -> str:
    """Where the household lay on a day."""
    args = {"id": str(household), **({"asOf": day} if day else {})}
    status, sheet = await archive.as_("admin").read("household", args, [["grid", "grid", None, [["code", "code"]]]])
    assert status == 200, sheet
    return str(sheet["grid"]["code"])


async def resolved(archive: Archive, code: str, on: str) -> list[str]:
    status, areas = await archive.as_("cadre").read("areasOn", {"code": code, "on": on}, [["code", "code"]])
    assert status == 200, areas
    return [area["code"] for area in areas]
