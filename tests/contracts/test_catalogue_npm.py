"""What others read us with: AsyncAPI's parser, and the CloudEvents SDKs for Python and JavaScript."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from cloudevents.core.bindings.rabbitmq import RabbitMQMessage, from_rabbitmq
from cloudevents.core.formats.json import JSONFormat

from services.catalogue.cloudevent import cloud_event
from services.catalogue.published import SERVICES, published
from services.chassis.envelope import CONTENT_TYPE, Event, encode, number
from tests.support import npm

MOMENT = datetime(2026, 1, 5, 1, 30, 7, 250_000, UTC)
BARE = Event(
    id=UUID("00000000-0000-7000-8009-000000000002"),
    source="urn:sanmin:archive",
    type="archive.household.opened.v1",
    subject="户",
    time=MOMENT,
    data={"empty": None, "words": ["户主"], "nested": {"count": 1, "yes": True}},
)
EVENTS = {
    **{event.type: msgspec.convert(cloud_event(event), Event) for event in published()},
    "bare": BARE,
    "sequence": msgspec.structs.replace(BARE, sequence=number(1)),
    "position": msgspec.structs.replace(BARE, sequence=number(2), position=number(1)),
    "republished": msgspec.structs.replace(BARE, sequence=number(3), republished=MOMENT, correlationid="12345678"),
}


def wire(event: Event) -> dict[str, Any]:
    """What the JSON says, `time` as an instant: SDKs write it in their own way."""
    document: dict[str, Any] = json.loads(encode(event))
    return {**document, "time": datetime.fromisoformat(document["time"])}


@pytest.fixture(scope="session")
def node() -> None:
    npm.install()


@pytest.mark.usefixtures("node")
def test_asyncapis_own_parser_finds_nothing_wrong() -> None:
    """Severity 0 is an error and 1 a warning; hints, such as that a newer AsyncAPI exists, are no fault."""
    parsed = npm.run("asyncapi.js", (SERVICES / "catalogue" / "asyncapi.json").read_text(encoding="utf-8"))
    assert [told for told in parsed["diagnostics"] if told["severity"] <= 1] == []
    assert {event.type for event in published()} < set(parsed["channels"])


@pytest.mark.usefixtures("node")
def test_asyncapis_own_parser_would_find_a_fault() -> None:
    document = json.loads((SERVICES / "catalogue" / "asyncapi.json").read_text(encoding="utf-8"))
    document["operations"]["department.receive"]["channel"]["$ref"] = "#/channels/none"
    parsed = npm.run("asyncapi.js", json.dumps(document))
    assert any(told["severity"] == 0 for told in parsed["diagnostics"])


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_the_cloudevents_sdk_for_python_reads_what_we_send(event: Event) -> None:
    read = from_rabbitmq(RabbitMQMessage({}, CONTENT_TYPE, encode(event)), JSONFormat())
    assert {**read.get_attributes(), "data": read.get_data()} == wire(event)


@pytest.mark.usefixtures("node")
def test_the_cloudevents_sdk_for_javascript_reads_what_we_send() -> None:
    """Its `time` has milliseconds, as a Date has."""
    sent = [encode(event).decode() for event in EVENTS.values()]
    read = npm.run("cloudevents.js", json.dumps(sent))
    assert [{**event, "time": datetime.fromisoformat(event["time"])} for event in read] == list(
        map(wire, EVENTS.values())
    )


def test_the_lock_of_npm_names_no_host() -> None:
    """Whoever installs uses their own registry; the hashes hold the packages to what was locked."""
    lock: dict[str, Any] = json.loads((Path(npm.FOLDER) / "package-lock.json").read_text(encoding="utf-8"))
    packages = {path: package for path, package in lock["packages"].items() if path}
    assert packages
    assert [path for path, package in packages.items() if "resolved" in package] == []
    assert [path for path, package in packages.items() if not package.get("integrity", "").startswith("sha512-")] == []
