"""The page on which a person browses the events: one file without scripts, which needs no network."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from services.catalogue.asyncapi import PARAMETERS, TOPOLOGY
from services.catalogue.cloudevent import ENVELOPE, cloud_event, own_copy
from services.catalogue.compatibility import RULES, node, told
from services.catalogue.published import PLACE, Published
from services.chassis.broker import department_queues
from services.chassis.envelope import CONTENT_TYPE, source_of

TERMS: Mapping[str, str] = {
    "archive": "档案",
    "liaison": "一日一值班",
    "tickets": "事情单",
    "area": "区域",
    "household": "户",
    "visit": "走访",
    "roster": "排班",
    "duty": "值班",
    "ticket": "事情单",
    "department": "部门",
}
"""The glossary's words (README.md) for services and nouns."""
PERSONAL = {
    "none": "tells of no person or household",
    "reference": "carries an id by which whoever may ask the gateway can find a person",
}


@dataclass(frozen=True)
class Field:
    """A row of the table of fields. `values` are those that are known today."""

    name: str
    kind: str
    required: bool
    description: str
    values: tuple[str, ...]


def page(events: Iterable[Published], version: str) -> str:
    """The HTML; the same for the same events and version."""
    known = tuple(events)
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"prose": prose, "json": pretty}
    queue, log = department_queues(TOPOLOGY.prefix, "<code>")
    services: dict[str, list[Published]] = {}
    for event in known:
        services.setdefault(event.owner, []).append(event)
    return environment.get_template("page.html.jinja").render(
        version=version,
        services=services,
        terms=TERMS,
        personal=PERSONAL,
        place=PLACE,
        parameters=PARAMETERS,
        rules=RULES,
        exchange=TOPOLOGY.exchange,
        departments_exchange=TOPOLOGY.departments_exchange,
        whole_log=TOPOLOGY.log_queue.name,
        queue=queue.name,
        log=log.name,
        content_type=CONTENT_TYPE,
        source_of=source_of,
        cloud_event=cloud_event,
        copy=own_copy(known),
        envelope=rows(ENVELOPE, ENVELOPE),
        fields={event.type: rows(event.schema, event.schema["$defs"][event.data.__name__]) for event in known},
    )


def rows(document: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Field]:
    """The fields of an object's schema; `$ref` looks into the document."""
    return [field(document, name, member, name in schema["required"]) for name, member in schema["properties"].items()]


def field(document: Mapping[str, Any], name: str, member: Mapping[str, Any], required: bool) -> Field:
    place = node(document, member)
    kinds = told(place)
    for choice in place.choices:
        if choice.get("type") == "array" and choice.get("items"):
            kinds = kinds.replace("array", f"array of {told(node(document, choice['items']))}")
    values = [str(value) for choice in place.choices for value in choice.get("x-extensible-enum", ())]
    inherited = next((choice["description"] for choice in place.choices if "description" in choice), "")
    return Field(name, kinds, required, member.get("description") or inherited, tuple(values))


def prose(text: str) -> Markup:
    """Text whose `words` are code."""
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if at % 2 else escape(part) for at, part in enumerate(parts)
    )


def pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
