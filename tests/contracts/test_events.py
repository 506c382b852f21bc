"""What is published is what the contract files say, and what is consumed is something that is published."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.chassis.envelope import EventData

SERVICES = ("archive", "liaison", "tickets")
PUBLISHED: dict[str, type[EventData]] = {
    event.type: event for service in SERVICES for event in import_module(f"services.{service}.events").EVENTS
}
CONSUMED = [
    (service, event_type)
    for service in SERVICES
    for event_type in import_module(f"services.{service}.reactions").REACTIONS
]


def contract(event_type: str) -> dict[str, Any]:
    service = event_type.partition(".")[0]
    path = Path(import_module(f"services.{service}").__file__ or "").parent / "contract" / f"{event_type}.json"
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


@pytest.mark.parametrize("event_type", PUBLISHED)
def test_the_contract_is_what_the_code_publishes(event_type: str) -> None:
    committed = contract(event_type)
    assert committed["type"] == event_type
    assert committed["schema"] == msgspec.json.schema(PUBLISHED[event_type])
    example = msgspec.convert(committed["example"], PUBLISHED[event_type])
    assert msgspec.to_builtins(example) == committed["example"]


@pytest.mark.parametrize("event_type", PUBLISHED)
def test_no_event_has_room_for_a_personal_value(event_type: str) -> None:
    """Fields are ids, codes, dates, states and names of fields: none is called after something that a person has or says."""
    personal = {"name", "idNumber", "phone", "address", "text", "title", "description", "note", "birthDate"}
    public = {"archive.area.published.v1": {"name"}}
    fields = {field.encode_name for field in msgspec.structs.fields(PUBLISHED[event_type])}
    assert not fields & (personal - public.get(event_type, set()))


@pytest.mark.parametrize("event_type", PUBLISHED)
def test_names_are_service_noun_past_participle_version(event_type: str) -> None:
    service, _, verb, version = event_type.split(".")
    assert service in SERVICES
    assert verb.endswith("ed") or verb in {"signed_in", "called_back"}
    assert version.startswith("v")


@pytest.mark.parametrize(("service", "event_type"), CONSUMED)
def test_a_consumer_understands_the_producers_example(service: str, event_type: str) -> None:
    reaction = import_module(f"services.{service}.reactions").REACTIONS[event_type]
    example = contract(event_type)["example"]
    msgspec.convert(example, reaction.data)
    msgspec.convert({**example, "aNewerField": 1}, reaction.data)


def test_every_contract_file_belongs_to_an_event() -> None:
    root = Path(import_module("services").__file__ or "").parent
    assert {path.stem for path in root.glob("*/contract/*.json")} == set(PUBLISHED)
