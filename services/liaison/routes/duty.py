"""Checks the arguments of the reads of duty. Everybody who is authenticated may read it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from services.chassis.errors import InvalidInput
from services.chassis.service import Asking, Preparation
from services.liaison.commands.area import known_station
from services.liaison.commands.calendar import known_day
from services.liaison.domain.duty import key_of, read_key


async def duty_on(asking: Asking) -> dict[str, Any]:
    """`area` (a village, or a grid for its village) and `date`; both must be known."""
    code, day = _argument(asking, "area", str), _argument(asking, "date", date)
    area = await known_station(asking.pool, code)
    await known_day(asking.pool, day)
    return {"area": area, "date": day.isoformat()}


async def duty(asking: Asking) -> dict[str, Any]:
    return {"id": key_of(*read_key(_argument(asking, "id", str), "id"))}


async def duties_by_key(asking: Asking) -> dict[str, Any]:
    """In step with `keys`; a grid's key stands for its village's."""
    keys = _argument(asking, "keys", list[str])
    return {"keys": [key_of(*read_key(key, "keys")) for key in keys]}


def _argument(asking: Asking, name: str, kind: Any) -> Any:
    try:
        return msgspec.convert(asking.args[name], kind)
    except KeyError:
        raise InvalidInput(f"{name} is missing", field=name, rule="required") from None
    except msgspec.ValidationError as error:
        raise InvalidInput(f"{name}: {error}", field=name, rule="form") from None


PREPARE: Mapping[str, Preparation] = {"dutyOn": duty_on, "duty": duty, "dutiesByKey": duties_by_key}
