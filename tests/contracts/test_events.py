"""What is published is what the contract files say, and what is consumed is something that is published."""

import json
from importlib import import_module
from typing import Any, get_args

import msgspec
import pytest

from services.catalogue.published import SERVICES, published
from services.chassis.envelope import EventData, PersonalData

PUBLISHED: dict[str, type[EventData]] = {event.type: event.data for event in published()}
CONSUMED = [(consumer, event.type) for event in published() for consumer in event.consumers if consumer != "gateway"]
REFERENCES = {
    "household",
    "person",
    "kept",
    "dropped",
    "visit",
    "ticket",
    "call",
    "queueNumber",
    "cadre",
    "sourceId",
    "suggestion",
    "signUp",
    "by",
    "subject",
}
"""Fields by which a person can be found."""


def contract(event_type: str) -> dict[str, Any]:
    service = event_type.partition(".")[0]
    path = SERVICES / service / "contract" / f"{event_type}.json"
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


@pytest.mark.parametrize("event_type", PUBLISHED)
def test_the_contract_is_what_the_code_publishes(event_type: str) -> None:
    """The rest of the file is generated: see test_catalogue.py."""
    committed = contract(event_type)
    assert committed["type"] == event_type
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
def test_an_event_says_whether_a_person_can_be_found_by_it(event_type: str) -> None:
    data = PUBLISHED[event_type]
    declared = getattr(data, "personal_data", None)
    assert declared in get_args(PersonalData), "give the class its personal_data"
    fields = {field.encode_name for field in msgspec.structs.fields(data)}
    assert declared == ("reference" if fields & REFERENCES else "none")


@pytest.mark.parametrize("event_type", PUBLISHED)
def test_names_are_service_noun_past_participle_version(event_type: str) -> None:
    service, _, verb, version = event_type.split(".")
    assert PUBLISHED[event_type].__module__ == f"services.{service}.events"
    assert verb.endswith("ed") or verb in {
        "agenda_set",
        "called_back",
        "gap_found",
        "handed_over",
        "held",
        "left",
        "made",
        "signed_in",
        "signed_out",
        "split",
        "taken",
        "withdrawn",
    }
    assert version.startswith("v")


@pytest.mark.parametrize(("service", "event_type"), CONSUMED)
def test_a_consumer_understands_the_producers_example(service: str, event_type: str) -> None:
    reaction = import_module(f"services.{service}.reactions").REACTIONS[event_type]
    example = contract(event_type)["example"]
    msgspec.convert(example, reaction.data)
    msgspec.convert({**example, "aNewerField": 1}, reaction.data)


def test_what_is_consumed_is_published() -> None:
    consumed = {
        kind
        for path in SERVICES.glob("*/reactions.py")
        for kind in import_module(f"services.{path.parent.name}.reactions").REACTIONS
    }
    assert consumed
    assert consumed <= set(PUBLISHED)


def test_every_contract_file_belongs_to_an_event() -> None:
    assert {path.stem for path in SERVICES.glob("*/contract/*.json")} == set(PUBLISHED)
