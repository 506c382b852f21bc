"""What the catalogue's committed files say is what the code does."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest

from services.catalogue.__main__ import RELEASED, files, release, released
from services.catalogue.cloudevent import ENVELOPE, cloud_event
from services.catalogue.compatibility import breaches
from services.catalogue.published import SERVICES, Published, published
from services.chassis.envelope import Event, decode, routing_key
from services.liaison.domain.duty import key_of
from services.liaison.events import DutySignedIn

EVENTS = {event.type: event for event in published()}
FOLDER = SERVICES / "catalogue"
COMMAND = "run `make catalogue`"


def asyncapi() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((FOLDER / "asyncapi.json").read_text(encoding="utf-8"))
    return document


def inlined(document: dict[str, Any], node: Any) -> Any:
    """The node with every `$ref` into the document replaced by what it names."""
    if isinstance(node, list):
        return [inlined(document, each) for each in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        found: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return inlined(document, found)
    return {key: inlined(document, value) for key, value in node.items()}


def test_the_committed_files_are_generated_from_this_code() -> None:
    stale = [
        path for path, content in files().items() if not path.exists() or path.read_text(encoding="utf-8") != content
    ]
    assert stale == [], COMMAND


def test_every_service_with_events_is_in_the_catalogue() -> None:
    assert {event.owner for event in EVENTS.values()} == {path.parent.name for path in SERVICES.glob("*/contract")}


def test_no_consumer_of_the_last_release_is_broken() -> None:
    """A breach asks for a new event type, `….v2`; see services/catalogue/README.md."""
    assert released()
    assert breaches(released(), {kind: event.schema for kind, event in EVENTS.items()}) == []


def test_a_release_that_breaks_consumers_is_refused(tmp_path: Path) -> None:
    kept = tmp_path / "released.json"
    current = dict(released())
    assert release(current, kept) == []
    assert json.loads(kept.read_text(encoding="utf-8"))["schemas"] == json.loads(RELEASED.read_text())["schemas"]
    gone = current.popitem()
    assert [breach.rule for breach in release(current, kept)] == ["type.removed"]
    assert released(kept) == {**current, gone[0]: gone[1]}


def test_the_envelope_is_the_chassis_one() -> None:
    fields = {field.encode_name: field for field in msgspec.structs.fields(Event)}
    assert set(ENVELOPE["properties"]) == set(fields)
    optional = {name for name, field in fields.items() if field.default is msgspec.UNSET}
    assert set(ENVELOPE["required"]) == set(fields) - optional | {"sequence"}


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_the_example_is_one_of_its_message(event: Published) -> None:
    document = asyncapi()
    message = inlined(document, document["components"]["messages"][event.type])
    validator = jsonschema_rs.Draft7Validator(message["payload"], validate_formats=True)
    example = message["examples"][0]["payload"]
    assert [str(error) for error in validator.iter_errors(example)] == []
    assert decode(json.dumps(example).encode()).type == event.type
    others = {
        "type": "tickets.ticket.other.v1",
        "source": "urn:sanmin:other",
        "sequence": "1",
        "time": "today",
        "data": {},
    }
    assert [name for name, value in others.items() if validator.is_valid({**example, name: value})] == []


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_the_contracts_schema_holds_the_example_and_refuses_another(event: Published) -> None:
    validator = jsonschema_rs.Draft202012Validator(event.schema, validate_formats=True)
    assert validator.is_valid(event.example)
    assert validator.is_valid({**event.example, "aNewerField": 1})
    required = [field.encode_name for field in msgspec.structs.fields(event.data) if field.required]
    assert required
    for name in required:
        assert not validator.is_valid({key: value for key, value in event.example.items() if key != name})


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_a_routing_key_fits_its_address(event: Published) -> None:
    """Parameters hold no full stop, so that key and address have as many words."""
    address = asyncapi()["channels"][event.type]["address"]
    pattern = re.sub(r"\\{[a-z]+\\}", "[^.]+", re.escape(address))
    for department, area in (("water", "3399991002000001"), (None, "339999"), (None, "")):
        assert re.fullmatch(pattern, routing_key(event.type, department, area))


def test_a_copy_is_one_of_the_departments_message() -> None:
    document = asyncapi()
    message = inlined(document, document["components"]["messages"]["departmentCopy"])
    validator = jsonschema_rs.Draft7Validator(message["payload"], validate_formats=True)
    example = message["examples"][0]["payload"]
    assert validator.is_valid(example)
    assert not validator.is_valid({key: value for key, value in example.items() if key != "position"})


def test_the_subject_of_a_duty_is_the_domains() -> None:
    event = EVENTS["liaison.duty.signed_in.v1"]
    data = msgspec.convert(event.example, DutySignedIn)
    assert cloud_event(event)["subject"] == key_of(data.area, data.date)


def test_the_page_needs_nothing_from_elsewhere_and_runs_nothing() -> None:
    page = (FOLDER / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"https?:|//[a-z]|<script|<link|<img|@import|url\(", page) == []
    for address in re.findall(r'href="([^"#]+)"', page):
        assert (FOLDER / address).is_file(), address
    for anchor in re.findall(r'href="#([^"]+)"', page):
        assert f'id="{anchor}"' in page, anchor
    for event in EVENTS.values():
        assert f'<article id="{event.type}">' in page
