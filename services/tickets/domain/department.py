"""Departments (部门) that tickets can be dispatched to. Which there are is data: data/departments.toml."""

import re
import tomllib
from dataclasses import dataclass

CODE = re.compile(r"[a-z][a-z0-9-]{0,39}")


@dataclass(frozen=True)
class Department:
    """`code` is a part of routing keys and of the name of the department's queue."""

    code: str
    name: str

    def __post_init__(self) -> None:
        if not CODE.fullmatch(self.code) or not self.name:
            raise ValueError(
                f"department {self.code!r}: a code is a lower-case word of letters, digits and hyphens, and needs a name"
            )


def departments_of(document: str) -> tuple[Department, ...]:
    """Reads TOML of the form `[code]` `name = "…"`; raises ValueError (or its kind TOMLDecodeError) for another form."""
    return tuple(Department(code, str(entry.get("name", ""))) for code, entry in tomllib.loads(document).items())
