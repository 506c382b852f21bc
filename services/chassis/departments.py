"""Departments' own systems, outside of ours: which events each may have, and which fields of them. All of it is data, a file a department.

Nothing is sent that no binding names (deny by default). The relay makes each department's copies; see relay.py and decision 0009.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from services.chassis.config import ConfigError

CODE = re.compile(r"[a-z][a-z0-9-]{0,39}")
_WORD = r"(?:[a-z_]+|\*)"

Pattern = Annotated[str, Meta(pattern=rf"^{_WORD}\.{_WORD}\.{_WORD}$")]
Area = Annotated[str, Meta(pattern=r"^[0-9]{2,16}$")]
SecretName = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,59}$")]


class Binding(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Events that a department receives: of these kinds (`tickets.ticket.*`), in these areas, only these fields of their data.

    `dispatched`: only what was dispatched to this very department. `where`: only where a field has one of the values, as
    `where.category = ["farming"]`.
    """

    events: Annotated[tuple[Pattern, ...], Meta(min_length=1)]
    areas: Annotated[tuple[Area, ...], Meta(min_length=1)]
    fields: Annotated[tuple[str, ...], Meta(min_length=1)]
    dispatched: bool = True
    where: dict[str, tuple[str, ...]] = {}

    def takes(self, kind: tuple[str, ...], area: str, data: Mapping[str, Any]) -> bool:
        """Whether an event of the kind (service, noun, verb) in the area, with this data, is meant."""
        return (
            any(area.startswith(code) for code in self.areas)
            and any(
                all(want in ("*", is_) for want, is_ in zip(pattern.split("."), kind, strict=True))
                for pattern in self.events
            )
            and all(data.get(field) in values for field, values in self.where.items())
        )


class Webhook(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to POST the events of a department that cannot speak AMQP. `secret` names the file of the signing secret.

    After `disable_after` failures in a row the webhook is switched off until an operator enables it.
    """

    url: Annotated[str, Meta(pattern=r"^https?://[^\s]+$")]
    secret: SecretName
    disable_after: Annotated[int, Meta(ge=1, le=1000)] = 20


class Department(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file. `credentials` names the file of the password of its broker user; `code`, the file's own name, is part of its queue's."""

    code: str = ""
    name: Annotated[str, Meta(min_length=1)]
    credentials: SecretName
    binding: tuple[Binding, ...] = ()
    webhook: Webhook | None = None

    def fields(self, kind: tuple[str, ...], dispatched: str | None, area: str, data: Mapping[str, Any]) -> set[str]:
        """The data's fields that this department may have of an event; empty: the event is not for it."""
        return {
            field
            for binding in self.binding
            if (not binding.dispatched or dispatched == self.code) and binding.takes(kind, area, data)
            for field in binding.fields
        }


def department(code: str, document: str) -> Department:
    """Reads one file; raises ConfigError that names the department, the place and the rule."""
    if not CODE.fullmatch(code):
        raise ConfigError(f"department {code!r}: a code is a lower-case word of letters, digits and hyphens")
    try:
        read = msgspec.toml.decode(document.encode(), type=Department)
    except ValueError as error:
        raise ConfigError(f"department {code!r}: {error}") from None
    return msgspec.structs.replace(read, code=code)


def departments(folder: str) -> tuple[Department, ...]:
    """All departments of a folder of `<code>.toml`, by code; none where no folder is set. Raises ConfigError."""
    if not folder:
        return ()
    if not Path(folder).is_dir():
        raise ConfigError("SANMIN_DEPARTMENTS names no folder")
    files = sorted(Path(folder).glob("*.toml"))
    return tuple(department(file.stem, file.read_text(encoding="utf-8")) for file in files)


def copies(
    known: Iterable[Department], kind: tuple[str, ...], place: tuple[str | None, str], data: Mapping[str, Any]
) -> dict[str, set[str]]:
    """Which departments an event goes to, each with the fields that its copy may have."""
    found = {each.code: each.fields(kind, *place, data) for each in known}
    return {code: fields for code, fields in found.items() if fields}
