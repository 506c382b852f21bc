"""The arguments of a read, in the form that they must have."""

from typing import Any

import msgspec

from services.chassis.errors import InvalidInput, UnknownCode
from services.chassis.service import Asking
from services.liaison.store import area as areas


def argument(asking: Asking, name: str, kind: Any) -> Any:
    """The argument as `kind`; raises InvalidInput where it is missing or has another form."""
    try:
        return msgspec.convert(asking.args[name], kind)
    except KeyError:
        raise InvalidInput(f"{name} is missing", field=name, rule="required") from None
    except msgspec.ValidationError as error:
        raise InvalidInput(f"{name}: {error}", field=name, rule="form") from None


async def in_area(asking: Asking) -> dict[str, Any]:
    """The arguments that are given, `areaCode` as `area`; raises UnknownCode for an area that is not known."""
    given = {name: value for name, value in asking.args.items() if value is not None}
    if "areaCode" in given:
        given["area"] = argument(asking, "areaCode", str)
        if not await areas.known(asking.pool, given.pop("areaCode")):
            raise UnknownCode("area", field="areaCode")
    return given
