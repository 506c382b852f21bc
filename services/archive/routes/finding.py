"""Reads that find people, and persons who may be one."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from services.archive.domain import id_number
from services.archive.domain.search import asked_number, question, spelled_out
from services.archive.domain.sex import CODES
from services.archive.domain.text import NAME, SEARCH
from services.archive.routes.area import KnownAreas, given
from services.archive.routes.household import within_reach
from services.archive.store.sealed import ID_NUMBER, PHONE
from services.chassis import phone
from services.chassis.errors import Forbidden, InvalidInput
from services.chassis.service import Asking
from services.chassis.vault import Vault
from services.chassis.views import uncursor

HOUSEHOLDS, PEOPLE = 2, 3
"""Values of a cursor of the two lists."""
MOST = 200
NO_KEYS = "whole numbers are found by the api, which has the keys"


async def prepare_list(known: KnownAreas, vault: Vault | None, parts: int, asking: Asking) -> dict[str, Any]:
    """Of households, or of people: checks area and search, narrows the area to what of it the caller reaches, and cuts the search into terms.

    A whole ID number or phone is searched for by its blind index. `parts` says which list: HOUSEHOLDS or PEOPLE.
    """
    args = given(asking, "area", "search", "first", "after", *(("closed",) if parts == HOUSEHOLDS else ()))
    area = await within_reach(known, asking, args)
    result = {name: args[name] for name in ("first", "after") if name in args} | {"area": area}
    if parts == HOUSEHOLDS:
        result["closed"] = args.get("closed") is True
    if (search := args.get("search")) is None:
        return result
    if not isinstance(search, str):
        raise InvalidInput("search must be a text", field="search", rule="form")
    text = SEARCH.check(search, "search")
    if (number := asked_number(text)) is not None:
        if vault is None:
            raise Forbidden(NO_KEYS)
        field, value = number
        return result | {field: vault.index(value, field=field).hex()}
    asked = question(text)
    start = uncursor(args["after"], parts) if "after" in args else [area, str(UUID(int=0))]
    if parts == PEOPLE:
        # Each has somebody who answers, and the one at the cursor may have nobody behind it.
        first = args.get("first")
        result["households"] = 2 + (first if isinstance(first, int) else MOST)
    return result | {
        "terms": list(asked.terms),
        "patterns": list(asked.patterns),
        "from_area": start[0],
        "from_household": start[1],
    }


async def prepare_duplicates(known: KnownAreas, asking: Asking) -> dict[str, Any]:
    """Pairs of which at least one lies in the area; the caller sees those of whom they reach both."""
    args = given(asking, "area", "first", "after")
    return args | {"area": await within_reach(known, asking, args)}


async def prepare_duplicates_of(known: KnownAreas, vault: Vault | None, asking: Asking) -> dict[str, Any]:
    """Who may already be on record, asked before somebody is entered. Numbers that are none are no error here: nobody has them."""
    args = given(asking, "area", "name", "birthDate", "sex", "idNumber", "phone")
    if vault is None:
        raise Forbidden(NO_KEYS)
    area = await within_reach(known, asking, args)
    name = NAME.check(_text(args, "name") or "", "name")
    person: dict[str, Any] = {"name": name, "pinyin": spelled_out(name), "sex": CODES["UNKNOWN"]}
    if (sex := args.get("sex")) is not None:
        if sex not in CODES:
            raise InvalidInput("sex must be one of " + ", ".join(CODES), field="sex", rule="form")
        person["sex"] = CODES[sex]
    if (birth_date := _text(args, "birthDate")) is not None:
        try:
            person["birth_date"] = date.fromisoformat(birth_date).isoformat()
        except ValueError:
            raise InvalidInput("birthDate must be a day, such as 1990-01-31", field="birthDate", rule="form") from None
    number = id_number.compact(_text(args, "idNumber") or "")
    if number:
        person["id_number_index"] = f"\\x{vault.index(number, field=ID_NUMBER).hex()}"
    if (called := phone.parse(_text(args, "phone") or "")) is not None:
        person["phone_index"] = f"\\x{vault.index(called, field=PHONE).hex()}"
    return {"area": area, "given": msgspec.json.encode(person).decode()}


def _text(args: dict[str, Any], name: str) -> str | None:
    value = args.get(name)
    if value is not None and not isinstance(value, str):
        raise InvalidInput(f"{name} must be a text", field=name, rule="form")
    return value
