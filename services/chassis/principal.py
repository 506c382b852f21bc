"""Who asks, as a verified token says it, and what of that the database needs to know. Pure: no I/O, no framework."""

from dataclasses import dataclass

import msgspec


@dataclass(frozen=True)
class Principal:
    """A verified caller. `areas` are division or grid codes; each stands for all codes that it prefixes."""

    subject: str
    name: str | None = None
    roles: frozenset[str] = frozenset()
    areas: tuple[str, ...] = ()
    department: str | None = None
    household: str | None = None

    def has(self, roles: frozenset[str]) -> bool:
        return not self.roles.isdisjoint(roles)

    def covers(self, code: str) -> bool:
        """Whether the code lies in one of the caller's areas."""
        return any(code.startswith(area) for area in self.areas)


class Caller(msgspec.Struct, frozen=True, omit_defaults=True):
    """What row-level security reads: the reach that one service grants to a principal. An empty caller reaches nothing.

    Name and roles are there for what a service writes down of its callers, and for policies that let some roles see more.
    """

    subject: str
    areas: tuple[str, ...] = ()
    department: str | None = None
    household: str | None = None
    service: bool = False
    name: str | None = None
    roles: tuple[str, ...] = ()

    @property
    def setting(self) -> str:
        return msgspec.json.encode(self).decode()


def itself(service: str) -> Caller:
    """A service acting on an event rather than for a person; policies let it through where they say so."""
    return Caller(subject=f"service:{service}", service=True)
