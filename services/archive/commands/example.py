"""Adds the marked example village (示例): its areas, grid workers and sheets."""

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from services.archive.commands.household import keep_household
from services.archive.domain import member as members
from services.archive.domain.area import Area
from services.archive.domain.household import Household
from services.archive.domain.member import MemberInput
from services.archive.store import area as areas
from services.chassis import phone
from services.chassis.clock import Clock, today
from services.chassis.db import Connection
from services.chassis.vault import Vault

SOURCE = "example (示例)"


def _id(series: int, number: int) -> UUID:
    """A readable id: series 8000 for households, 8001 for persons."""
    return UUID(f"00000000-0000-7000-{series}-{number:012d}")


def example_areas(document: dict[str, Any]) -> list[Area]:
    return [Area(code, name, document["valid_from"], None, SOURCE) for code, name in document["areas"].items()]


def example_households(document: dict[str, Any], day: date) -> list[Household]:
    """The example sheets; raises InvalidInput should one break a rule."""
    households, person = [], 0
    for number, sheet in enumerate(document["households"], start=1):
        present = []
        for position, given in enumerate(sheet["members"]):
            person += 1
            member = members.added(MemberInput(**given), f"members[{position}]", day, partial(_id, 8001, person))
            present.append(member)
        households.append(
            Household(
                id=_id(8000, number),
                area=sheet["grid"],
                number=sheet["number"],
                address=sheet["address"],
                house=sheet.get("house"),
                version=1,
                members=tuple(present),
            )
        )
    return households


async def add_example(connection: Connection, clock: Clock, vault: Vault, document: dict[str, Any]) -> int:
    """Adds what is missing of the example's people, leaves what is there as it is; returns how many sheets were opened.

    Its areas must have been published.
    """
    for worker in document["workers"]:
        number = phone.parse(worker["phone"])
        if number is None:
            raise ValueError("a grid worker's phone in the example is none")
        await areas.keep_worker(
            connection, vault, grid=worker["grid"], subject=worker["subject"], name=worker["name"], phone=number
        )
    households = example_households(document, today(clock))
    opened_on = document["opened_on"]
    return sum([await keep_household(connection, clock, vault, sheet, opened_on) for sheet in households])
