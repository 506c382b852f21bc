"""Every event type that the services publish, as their code declares it, and the contract file of each."""

import inspect
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from gateway.feed import BINDING
from services.catalogue.schemas import published_schema
from services.chassis.envelope import EventData

SERVICES = Path(__file__).resolve().parents[1]
PLACE = "{department}.{county}.{township}.{village}.{grid}"
SUBJECTS = {"liaison.duty": "{area}/{date}"}
"""How the subject of a noun's events is made of their data, where it is not the first field."""


@dataclass(frozen=True)
class Published:
    """One event type. `consumers` are our own processes that react to it."""

    data: type[EventData]
    consumers: tuple[str, ...]

    @property
    def type(self) -> str:
        return self.data.type

    @property
    def owner(self) -> str:
        return self.type.partition(".")[0]

    @property
    def key(self) -> str:
        """`<service>.<noun>.<verb>`, with which its routing keys begin."""
        return self.type.rpartition(".")[0]

    @property
    def subject(self) -> str:
        """The template of its subject; the events of one subject stay in order."""
        first = msgspec.structs.fields(self.data)[0].encode_name
        return SUBJECTS.get(self.key.rpartition(".")[0], f"{{{first}}}")

    @property
    def description(self) -> str:
        return inspect.cleandoc(self.data.__doc__ or "")

    @property
    def path(self) -> Path:
        return SERVICES / self.owner / "contract" / f"{self.type}.json"

    @cached_property
    def schema(self) -> dict[str, Any]:
        return published_schema(self.data)

    @cached_property
    def example(self) -> dict[str, Any]:
        """The data of an example, which the contract file keeps by hand. Raises ValueError when there is none."""
        if not self.path.exists():
            raise ValueError(f'{self.path.relative_to(SERVICES)}: write it with {{"example": the event\'s data}} first')
        example: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))["example"]
        return example

    def contract(self) -> dict[str, Any]:
        return {
            "type": self.type,
            "owner": self.owner,
            "routingKey": f"{self.key}.{PLACE}",
            "personalData": self.data.personal_data,
            "description": self.description,
            "schema": self.schema,
            "example": self.example,
        }


def published() -> tuple[Published, ...]:
    """All event types, service by service, in the order in which each declares them."""
    names = sorted(path.parent.name for path in SERVICES.glob("*/events.py"))
    consumed = {name: import_module(f"services.{name}.reactions").REACTIONS for name in names}
    return tuple(
        Published(event, consumers(event.type, consumed))
        for name in names
        for event in import_module(f"services.{name}.events").EVENTS
    )


def consumers(event_type: str, consumed: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """The services that react to it, and the gateway where it feeds subscriptions."""
    feeds = ("gateway",) if event_type.startswith(BINDING.removesuffix("#")) else ()
    return (*(name for name, reactions in consumed.items() if event_type in reactions), *feeds)


def version() -> str:
    """The version of this checkout."""
    project = tomllib.loads((SERVICES.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def document(content: Any) -> str:
    """JSON as it is committed."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
