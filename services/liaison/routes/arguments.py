"""An argument of a read in the form that it must have."""

from typing import Any

import msgspec

from services.chassis.errors import InvalidInput
from services.chassis.service import Asking


def argument(asking: Asking, name: str, kind: Any) -> Any:
    """The argument as `kind`; raises InvalidInput where it is missing or has another form."""
    try:
        return msgspec.convert(asking.args[name], kind)
    except KeyError:
        raise InvalidInput(f"{name} is missing", field=name, rule="required") from None
    except msgspec.ValidationError as error:
        raise InvalidInput(f"{name}: {error}", field=name, rule="form") from None
