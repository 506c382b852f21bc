"""The AsyncAPI 3.0.0 document of all events (https://www.asyncapi.com/docs/reference/specification/v3.0.0).

Every event type is a channel, whose address is the pattern of its routing keys on the exchange of all events. Departments have channels of
their own. Names of exchanges and queues are those of the prefix `sanmin`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from services.catalogue.cloudevent import COPY, ENVELOPE, cloud_event, own_copy
from services.catalogue.published import PLACE, Published
from services.catalogue.schemas import component_schemas
from services.chassis.broker import Queue, Topology, department_queues
from services.chassis.envelope import CONTENT_TYPE, source_of

TOPOLOGY = Topology("sanmin")
AMQP = "0.3.0"
"""The version of AsyncAPI's AMQP bindings."""

PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "department": {
        "description": "The code of the department that the matter was dispatched to, or `-`.",
        "examples": ["agriculture", "-"],
    },
    "county": {"description": "The first six digits of the area's code, or `-`.", "examples": ["330881", "-"]},
    "township": {"description": "The three digits of the township, or `-`.", "examples": ["100", "-"]},
    "village": {"description": "The three digits of the village, or `-`.", "examples": ["200", "-"]},
    "grid": {"description": "The four digits of the grid, or `-`.", "examples": ["0001", "-"]},
}
CODE = {"code": {"description": "The code of the department that receives.", "examples": ["agriculture"]}}
KIND = {
    "service": {"description": "The service that published it."},
    "noun": {"description": "What it is about."},
    "verb": {"description": "What happened, in the past tense."},
}
DESCRIPTION = """\
What the services of the three-people project (三民工程) tell of, for those who consume it.

Promise: at-least-once delivery, exactly-once effect for who remembers ids, order within a subject. Enumerations are open: a newer version
may add values and fields. What would break a consumer comes as a new event type, `….v2`, beside the old one.
"""


def asyncapi(events: Iterable[Published], version: str) -> dict[str, Any]:
    """The document; the same for the same events and version."""
    known = tuple(events)
    owners = {event.owner: None for event in known}
    return {
        "asyncapi": "3.0.0",
        "id": "urn:sanmin:events",
        "info": {
            "title": "Sanmin events",
            "version": version,
            "description": DESCRIPTION,
            "tags": [{"name": owner, "description": f"Events that {owner} publishes."} for owner in owners],
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {
            "broker": {
                "host": "{host}",
                "protocol": "amqp",
                "protocolVersion": "0.9.1",
                "description": "RabbitMQ 3.10 or newer. A department's user may read its own queues, and nothing else.",
                "variables": {"host": {"description": "Host and port, as your operator gave them to you."}},
                "security": [{"$ref": "#/components/securitySchemes/user"}],
            }
        },
        "channels": {
            **{event.type: channel(event) for event in known},
            **department_channels(),
        },
        "operations": {
            **{f"{event.owner}.send.{event.type}": sending(event) for event in known},
            **{
                f"{consumer}.receive.{event.type}": receiving(event, consumer)
                for event in known
                for consumer in event.consumers
            },
            **department_operations(owners),
        },
        "components": {
            "messages": {**{event.type: message(event) for event in known}, "departmentCopy": copy_message(known)},
            "messageTraits": {"event": {"contentType": CONTENT_TYPE, "headers": HEADERS}},
            "operationTraits": {
                "sending": {
                    "bindings": {
                        "amqp": {"deliveryMode": 2, "mandatory": True, "timestamp": True, "bindingVersion": AMQP}
                    }
                },
                "receiving": {"bindings": {"amqp": {"ack": True, "bindingVersion": AMQP}}},
            },
            "schemas": {
                "CloudEvent": ENVELOPE,
                **{
                    name: schema
                    for owner in owners
                    for name, schema in component_schemas(
                        owner, [event.data for event in known if event.owner == owner]
                    ).items()
                },
            },
            "parameters": {**PARAMETERS, **CODE, **KIND},
            "securitySchemes": {"user": {"type": "userPassword", "description": "The broker user of the consumer."}},
        },
    }


HEADERS = {
    "type": "object",
    "description": "AMQP properties of every message. `timestamp` is the event's time.",
    "properties": {
        "message_id": {"type": "string", "format": "uuid", "description": "The event's id."},
        "type": {"type": "string", "description": "The event's type."},
        "content_type": {"type": "string", "const": CONTENT_TYPE},
        "delivery_mode": {"type": "integer", "const": 2, "description": "Persistent."},
        "correlation_id": {"type": "string", "description": "The event's correlationid, where it has one."},
    },
}


def reference(*path: str) -> dict[str, str]:
    return {"$ref": "#/" + "/".join(path)}


def references(parameters: Iterable[str]) -> dict[str, Any]:
    return {name: reference("components", "parameters", name) for name in parameters}


def on_exchange(name: str) -> dict[str, Any]:
    exchange = {"name": name, "type": "topic", "durable": True, "autoDelete": False}
    return {"amqp": {"is": "routingKey", "exchange": exchange, "bindingVersion": AMQP}}


def of_queue(name: str) -> dict[str, Any]:
    queue = {"name": name, "durable": True, "exclusive": False, "autoDelete": False}
    return {"amqp": {"is": "queue", "queue": queue, "bindingVersion": AMQP}}


def channel(event: Published) -> dict[str, Any]:
    return {
        "address": f"{event.key}.{PLACE}",
        "title": event.type,
        "summary": event.description,
        "description": f"On the topic exchange `{TOPOLOGY.exchange}`. Bind `{event.key}.#` for all of them.",
        "messages": {"event": reference("components", "messages", event.type)},
        "parameters": references(PARAMETERS),
        "tags": [{"name": event.owner}],
        "bindings": on_exchange(TOPOLOGY.exchange),
        "x-owner": event.owner,
    }


def sending(event: Published) -> dict[str, Any]:
    return {
        "action": "send",
        "channel": reference("channels", event.type),
        "summary": f"{event.owner} publishes it once the change is committed.",
        "tags": [{"name": event.owner}],
        "traits": [reference("components", "operationTraits", "sending")],
        "messages": [reference("channels", event.type, "messages", "event")],
    }


def receiving(event: Published, consumer: str) -> dict[str, Any]:
    return {
        "action": "receive",
        "channel": reference("channels", event.type),
        "summary": f"{consumer} reacts to it.",
        "tags": [{"name": consumer}],
        "traits": [reference("components", "operationTraits", "receiving")],
        "messages": [reference("channels", event.type, "messages", "event")],
        "x-consumer": consumer,
    }


def message(event: Published) -> dict[str, Any]:
    """`$ref` to the envelope, narrowed to this type and its data."""
    narrowed = {
        "type": "object",
        "properties": {
            "type": {"const": event.type},
            "source": {"const": source_of(event.owner)},
            "data": reference("components", "schemas", f"{event.owner}.{event.data.__name__}"),
        },
    }
    return {
        "name": event.type,
        "title": event.data.__name__,
        "summary": event.description,
        "tags": [{"name": event.owner}],
        "traits": [reference("components", "messageTraits", "event")],
        "payload": {"allOf": [reference("components", "schemas", "CloudEvent"), narrowed]},
        "bindings": {"amqp": {"messageType": event.type, "bindingVersion": AMQP}},
        "examples": [{"name": event.data.__name__, "payload": cloud_event(event)}],
        "x-owner": event.owner,
        "x-consumers": list(event.consumers),
        "x-personal-data": event.data.personal_data,
        "x-subject": event.subject,
    }


def copy_message(events: Iterable[Published]) -> dict[str, Any]:
    """Any event in a department's copy."""
    return {
        "name": "departmentCopy",
        "title": "A department's own copy of an event",
        "summary": "The same id, type, subject, time and sequence; only those fields of `data` that the department may have.",
        "traits": [reference("components", "messageTraits", "event")],
        "payload": {"allOf": [reference("components", "schemas", "CloudEvent"), COPY]},
        "examples": [{"name": "departmentCopy", "payload": own_copy(events)}],
    }


def department_channels() -> dict[str, Any]:
    """The exchange of the departments' copies, and what a department reads: its queue, its dead letters, its log."""
    queue, log = department_queues(TOPOLOGY.prefix, "{code}")
    copy = {"event": reference("components", "messages", "departmentCopy")}

    def queue_channel(name: str, summary: str) -> dict[str, Any]:
        return {
            "address": name,
            "summary": summary,
            "messages": copy,
            "parameters": references(CODE),
            "bindings": of_queue(name),
        }

    dead = Queue(f"{queue.name}.dead", ())
    return {
        "departments": {
            "address": f"{{code}}.{{service}}.{{noun}}.{{verb}}.{PLACE}",
            "summary": f"The departments' own copies, on the topic exchange `{TOPOLOGY.departments_exchange}`.",
            "messages": copy,
            "parameters": references([*CODE, *KIND, *PARAMETERS]),
            "bindings": on_exchange(TOPOLOGY.departments_exchange),
        },
        "department": queue_channel(
            queue.name, "A department's queue: quorum, one active consumer, so that order is kept."
        ),
        "departmentDead": queue_channel(dead.name, "What the department refused, or was given twenty times in vain."),
        "departmentLog": queue_channel(
            log.name, "A stream of the department's copies of the last seven days, for replay."
        ),
    }


def department_operations(owners: Iterable[str]) -> dict[str, Any]:
    def operation(action: str, channel: str, summary: str) -> dict[str, Any]:
        trait = "sending" if action == "send" else "receiving"
        return {
            "action": action,
            "channel": reference("channels", channel),
            "summary": summary,
            "traits": [reference("components", "operationTraits", trait)],
            "messages": [reference("channels", channel, "messages", "event")],
        }

    return {
        **{
            f"{owner}.send.departments": operation("send", "departments", f"{owner} sends departments their copies.")
            for owner in owners
        },
        "department.receive": operation(
            "receive", "department", "A department takes its events and acknowledges each."
        ),
        "department.look": operation("receive", "departmentDead", "A department looks at its dead letters."),
        "department.replay": operation(
            "receive", "departmentLog", "A department reads its events of seven days again."
        ),
    }
