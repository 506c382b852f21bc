"""Open311 GeoReport v2 (https://wiki.open311.org/GeoReport_v2): services, requests, and the form of answers and errors. Pure.

A service is a category of the catalogue below which there is none, a request is a ticket that came in here. Requests get their id at once, so
that there are no tokens: an id is its own.
"""

import hashlib
import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.chassis.contact import Contact, contact_of
from services.chassis.errors import Forbidden, InvalidInput, NotFound, Problem, TooManyRequests
from services.chassis.text import Text
from services.tickets.domain.catalogue import Category
from services.tickets.domain.ticket import ENDS, Status

SPAN = timedelta(days=90)
MOST_REQUESTS = 1000
SAME_WITHIN = timedelta(minutes=1)
"""The same request of the same client within so long is one."""
DESCRIPTION = Text(4000, lines=True)
ADDRESS = Text(200)
VALUE = Text(500, lines=True)
CLOSED = frozenset({Status.VERIFIED, Status.CALLED_BACK, *ENDS})
"""`closed` is what somebody has seen to be done, or what ended otherwise; all else is `open`."""
STATES = ("open", "closed")
DATATYPES = ("string", "number", "datetime", "text", "singlevaluelist", "multivaluelist")
LISTS = DATATYPES[4:]
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,9})?")
_W3 = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})")
_ATTRIBUTE = re.compile(r"attribute\[([a-z][a-z0-9_]{0,39})\](?:\[\])?")
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold."""
_HAN = re.compile(r"[\u3400-\u9fff]")
_URL = re.compile(r"https://[^\s/?#]{1,253}(/[^\s]*)?")
MOST_URL = 1000

Answer = list[dict[str, Any]] | dict[str, Any]


@dataclass(frozen=True)
class Client:
    """Who sends requests: they lie in `areas` (codes), the first where they name none; `rate` a minute."""

    code: str
    name: str
    areas: tuple[str, ...]
    rate: int

    @property
    def subject(self) -> str:
        """Under which its tickets are reported."""
        return f"open311:{self.code}"


@dataclass(frozen=True)
class Attribute:
    """What a service asks beside the description. `choices` are (key, name) pairs of the list datatypes."""

    code: str
    datatype: str
    required: bool
    description: str
    hint: str | None = None
    choices: tuple[tuple[str, str], ...] = ()

    def checked(self, values: Sequence[str]) -> str:
        """The answer in words; raises InvalidInput."""
        name = f"attribute[{self.code}]"
        if len(values) > 1 and self.datatype != "multivaluelist":
            raise InvalidInput(f"{name} takes one value", field=name, rule="single")
        known = dict(self.choices)
        for value in values:
            match self.datatype:
                case "number":
                    fits = _NUMBER.fullmatch(value) is not None
                case "datetime":
                    fits = _W3.fullmatch(value) is not None
                case "singlevaluelist" | "multivaluelist":
                    fits = value in known
                case "string":
                    fits = bool(Text(VALUE.most).check(value, name))
                case _:
                    fits = bool(VALUE.check(value, name))
            if not fits:
                raise InvalidInput(f"{name} has not the form of its datatype, {self.datatype}", field=name, rule="form")
        return "、".join(known.get(value, value.strip()) for value in values)


@dataclass(frozen=True)
class Service:
    """`above` are the categories that hold it, the nearest first."""

    category: Category
    above: tuple[Category, ...] = ()
    attributes: tuple[Attribute, ...] = ()

    def document(self) -> dict[str, Any]:
        names = [each.name for each in self.above]
        return {
            "service_code": self.category.code,
            "service_name": self.category.name,
            "description": " › ".join((*reversed(names), self.category.name)),
            "metadata": bool(self.attributes),
            "type": "realtime",
            "keywords": ", ".join((self.category.name, *names)),
            "group": names[-1] if names else self.category.name,
        }

    def definition(self) -> dict[str, Any]:
        return {
            "service_code": self.category.code,
            "attributes": [
                {
                    "variable": True,
                    "code": each.code,
                    "datatype": each.datatype,
                    "required": each.required,
                    "datatype_description": each.hint,
                    "order": order,
                    "description": each.description,
                    "values": [{"key": key, "name": name} for key, name in each.choices],
                }
                for order, each in enumerate(self.attributes, 1)
            ],
        }

    def answers(self, given: Mapping[str, Sequence[str]]) -> list[str]:
        """What was answered, a line each; raises InvalidInput for one that is missing, unknown or of another form."""
        for code in given.keys() - {each.code for each in self.attributes}:
            raise InvalidInput(
                f"attribute[{code}] is none of this service", field=f"attribute[{code}]", rule="known.field"
            )
        lines = []
        for each in self.attributes:
            if values := [value for value in given.get(each.code, ()) if value.strip()]:
                lines.append(f"{each.description}：{each.checked(values)}")
            elif each.required:
                name = f"attribute[{each.code}]"
                raise InvalidInput(f"{name} is required by this service", field=name, rule="required")
        return lines


def services(categories: Iterable[Category], attributes: Mapping[str, Sequence[Attribute]]) -> list[Service]:
    """The services of a day's categories, in their order."""
    by_code = {each.code: each for each in categories}
    parents = {each.parent for each in by_code.values()}
    found = []
    for category in by_code.values():
        if category.code in parents:
            continue
        above: list[Category] = []
        parent = category.parent
        while parent is not None and parent in by_code and by_code[parent] not in above:
            above.append(by_code[parent])
            parent = by_code[parent].parent
        found.append(Service(category, tuple(above), tuple(attributes.get(category.code, ()))))
    return found


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request as it was sent, checked. `area` is None where it names none; `key` is the client's own, for repeats."""

    service: str
    description: str | None
    area: str | None
    lat: float | None
    long: float | None
    address: str | None
    media_url: str | None
    contact: Contact | None = field(repr=False)
    attributes: Mapping[str, Sequence[str]]
    key: UUID | None
    digest: bytes


def request(form: Sequence[tuple[str, str]]) -> Request:
    """Reads a POST's arguments; an empty one is as if it were not there. Raises InvalidInput."""
    given = {name: value.strip() for name, value in form if value.strip()}
    attributes: dict[str, list[str]] = {}
    for name, value in form:
        if (match := _ATTRIBUTE.fullmatch(name)) is not None:
            attributes.setdefault(match[1], []).append(value)
    if "service_code" not in given:
        raise InvalidInput("service_code was not provided", field="service_code", rule="required")
    lat, long = _degrees(given, "lat", 90), _degrees(given, "long", 180)
    if (lat is None) != (long is None):
        raise InvalidInput("lat and long must be sent together", field="lat", rule="together")
    if lat is None and "address_string" not in given and "address_id" not in given:
        raise InvalidInput(
            "a location was not provided: lat and long, address_string or address_id", field="lat", rule="required"
        )
    return Request(
        service=given["service_code"],
        description=DESCRIPTION.check(given["description"], "description") if "description" in given else None,
        area=given.get("address_id"),
        lat=lat,
        long=long,
        address=ADDRESS.check(given["address_string"], "address_string") if "address_string" in given else None,
        media_url=_media(given),
        contact=contact_of(_name(given), given.get("phone"), given.get("email")),
        attributes=attributes,
        key=_key(given),
        digest=_digest(form),
    )


def _digest(form: Sequence[tuple[str, str]]) -> bytes:
    said = sorted(f"{name}={value}" for name, value in form if name not in ("api_key", "client_key"))
    return hashlib.sha256("\n".join(said).encode()).digest()


def _degrees(given: Mapping[str, str], name: str, most: int) -> float | None:
    if name not in given:
        return None
    if not re.fullmatch(r"[+-]?\d{1,3}(\.\d{1,20})?", given[name]) or abs(float(given[name])) > most:
        raise InvalidInput(f"{name} must be degrees from -{most} to {most}", field=name, rule="range")
    return float(given[name])


def _name(given: Mapping[str, str]) -> str | None:
    """Family name first, where a name is written in Chinese."""
    first, last = given.get("first_name"), given.get("last_name")
    if first and last:
        return f"{last}{first}" if _HAN.search(last + first) else f"{first} {last}"
    return first or last


def _media(given: Mapping[str, str]) -> str | None:
    url = given.get("media_url")
    if url is not None and (len(url) > MOST_URL or not _URL.fullmatch(url) or not url.isprintable()):
        raise InvalidInput(
            f"media_url must begin with https:// and have at most {MOST_URL} characters", field="media_url", rule="form"
        )
    return url


def _key(given: Mapping[str, str]) -> UUID | None:
    if "client_key" not in given:
        return None
    try:
        return UUID(given["client_key"])
    except ValueError:
        raise InvalidInput("client_key must be a UUID", field="client_key", rule="form") from None


@dataclass(frozen=True)
class Query:
    """Which requests: these numbers, whatever else; or of these services, reported from `since` to `until`, both included, in these states."""

    numbers: tuple[str, ...] | None
    services: tuple[str, ...] | None
    since: datetime
    until: datetime
    closed: bool | None

    @classmethod
    def of(cls, args: Mapping[str, str], now: datetime) -> "Query":
        """By default the last 90 days; with one end, 90 days from it. Raises InvalidInput for a longer span."""
        numbers, codes, states = (_listed(args, name) for name in ("service_request_id", "service_code", "status"))
        for state in states or ():
            if state not in STATES:
                raise InvalidInput("status must be open or closed", field="status", rule="known.status")
        since, until = _instant(args, "start_date"), _instant(args, "end_date")
        if since is None:
            until = until or now
            since = until - SPAN
        until = until or min(since + SPAN, max(now, since))
        if not timedelta(0) <= until - since <= SPAN:
            raise InvalidInput(
                "start_date to end_date must not be less than nothing, nor over 90 days", field="end_date", rule="span"
            )
        one = set(states or STATES)
        return cls(numbers, codes, since, until, "closed" in one if len(one) == 1 else None)


def _listed(args: Mapping[str, str], name: str) -> tuple[str, ...] | None:
    listed = tuple(word.strip() for word in args.get(name, "").split(",") if word.strip())
    if len(listed) > MOST_REQUESTS:
        raise InvalidInput(f"{name} names over {MOST_REQUESTS}", field=name, rule="size")
    return listed or None


def _instant(args: Mapping[str, str], name: str) -> datetime | None:
    text = args.get(name, "").strip()
    if not text:
        return None
    try:
        if not _W3.fullmatch(text):
            raise ValueError
        return datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{name} must have the form 2010-01-01T00:00:00Z", field=name, rule="form") from None


@dataclass(frozen=True, kw_only=True)
class Told:
    """A request as everybody may know it."""

    number: str
    status: str
    note: str | None
    category: str
    category_name: str
    description: str | None
    agency: str | None
    reported_at: datetime
    updated_at: datetime
    due_at: datetime | None
    area: str
    lat: float | None
    long: float | None
    address: str | None
    media_url: str | None

    def document(self) -> dict[str, Any]:
        return {
            "service_request_id": self.number,
            "status": "closed" if self.status in CLOSED else "open",
            "status_notes": self.note,
            "service_name": self.category_name,
            "service_code": self.category,
            "description": self.description,
            "agency_responsible": self.agency,
            "service_notice": None,
            "requested_datetime": w3(self.reported_at),
            "updated_datetime": w3(self.updated_at),
            "expected_datetime": None if self.due_at is None else w3(self.due_at),
            "address": self.address,
            "address_id": self.area,
            "zipcode": None,
            "lat": self.lat,
            "long": self.long,
            "media_url": self.media_url,
        }


def w3(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def title(service: str, description: str | None) -> str:
    """Of the ticket: the service, and how the description begins."""
    begins = (description or "").strip().split("\n")[0].strip()
    return f"{service}：{begins}"[:100] if begins else service


def errors(problem: Problem) -> tuple[int, list[dict[str, Any]]]:
    """Status and body: 404 for what does not exist, 403 for the key, 429 for too many, 400 for any other that the caller can mend."""
    match problem:
        case NotFound() | Forbidden() | TooManyRequests():
            status = problem.status
        case _:
            status = 400 if problem.status < 500 else problem.status
    return status, [{"code": status, "description": problem.detail}]


_LISTS = {
    "services": "service",
    "service_requests": "request",
    "errors": "error",
    "attributes": "attribute",
    "values": "value",
}
"""Lists and the name of what is in them; JSON leaves both out at the root."""


def xml(root: str, answer: Answer) -> bytes:
    """The answer as XML without a schema; what is null is an empty element."""
    return f'<?xml version="1.0" encoding="utf-8"?>\n{_element(root, answer)}'.encode()


def _element(name: str, value: Any) -> str:
    match value:
        case dict():
            inner = "".join(_element(*pair) for pair in value.items())
        case list():
            inner = "".join(_element(_LISTS[name], each) for each in value)
        case bool():
            inner = str(value).lower()
        case None:
            inner = ""
        case _:
            inner = html.escape(_NO_XML.sub("", str(value)), quote=False)
    return f"<{name}>{inner}</{name}>" if inner else f"<{name}/>"


def in_area(client: Client, jurisdiction: str | None, area: str | None) -> str:
    """The code of the area of a request; raises InvalidInput where the client may not report there."""
    code = area or jurisdiction or client.areas[0]
    if not area and not any(code.startswith(own) for own in client.areas):
        code = next((own for own in client.areas if own.startswith(code)), code)
    if not any(code.startswith(own) for own in client.areas) or (jurisdiction and not code.startswith(jurisdiction)):
        raise InvalidInput("address_id lies outside the areas of this api_key", field="address_id", rule="reach")
    return code


def valid(categories: Iterable[Category], day: date) -> list[Category]:
    """Of the lines of a catalogue that have begun, each category as it is on the day."""
    newest: dict[str, Category] = {}
    for each in sorted(categories, key=lambda each: each.since):
        newest[each.code] = each
    return [each for each in newest.values() if each.until is None or each.until >= day]
