"""Requests by Open311, and the keys of those who send them."""

import secrets
from pathlib import Path

import msgspec
from uuid_utils.compat import uuid7

from services.chassis.clock import Clock, today
from services.chassis.db import Connection
from services.chassis.errors import Conflict, Forbidden, InvalidInput, NotFound, TooManyRequests
from services.chassis.vault import Vault
from services.tickets.commands.transition import begin
from services.tickets.domain import open311 as domain
from services.tickets.domain.catalogue import require_code
from services.tickets.domain.open311 import DATATYPES, LISTS, SAME_WITHIN, Attribute, Client, Request
from services.tickets.domain.role import Role
from services.tickets.domain.text import DESCRIPTION
from services.tickets.domain.ticket import Source
from services.tickets.store import area as areas
from services.tickets.store import contact as contacts
from services.tickets.store import open311 as store

KEY_BYTES = 32
MOST_RATE = 6000


async def admit(connection: Connection, clock: Clock, key: str | None) -> Client | Forbidden | TooManyRequests:
    """Whose api key it is; or the problem, which is to be raised after the transaction, that keeps count of the requests."""
    client = await store.client(connection, key) if key else None
    if client is None:
        return Forbidden("api_key is missing or not valid: it is given by the operator of this service")
    wait = await store.hit(connection, client, clock.now())
    if wait is not None:
        return TooManyRequests(f"this api_key may send {client.rate} requests a minute", retry_after=wait)
    return client


async def take(
    connection: Connection, clock: Clock, vault: Vault, client: Client, sent: Request, jurisdiction: str | None
) -> str:
    """Opens the ticket of a request, under the client's own caller and one after the other of a client; returns its number.

    The same again, by its client key or within a minute, is the same ticket. Raises InvalidInput, NotFound (service) or Conflict (client key).
    """
    now = clock.now()
    await store.hold(connection, client)
    if sent.key is not None and (earlier := await store.same_key(connection, client, sent.key)) is not None:
        if earlier.digest != sent.digest:
            raise Conflict("client_key was used before with another request; choose a new UUID")
        return earlier.number
    if sent.key is None and (number := await store.same(connection, client, sent.digest, now - SAME_WITHIN)):
        return number
    service = await find_service(connection, clock, sent.service)
    lines = service.answers(sent.attributes)
    code = domain.in_area(client, jurisdiction, sent.area)
    area = await areas.find(connection, code)
    if area is None:
        raise InvalidInput("address_id is no code of an area that is known here", field="address_id", rule="known.area")
    area.require_place(today(clock))
    key = sent.key or uuid7()
    told = "\n".join(filter(None, (sent.description or sent.address or service.category.name, *lines)))
    ticket = await begin(
        connection,
        clock,
        title=domain.title(service.category.name, sent.description),
        description=DESCRIPTION.check(told, "description"),
        category=service.category.code,
        source=Source.APP,
        source_id=f"{client.subject}:{key}",
        area=area.code,
        household=None,
        actor=client.subject,
        role=Role.SERVICE,
    )
    if ticket is None:
        raise Conflict("client_key was used before; choose a new UUID")
    if sent.contact is not None:
        await contacts.keep(connection, vault, ticket, sent.contact, by=client.subject, at=now)
    return await store.add_request(connection, client, ticket, key, sent, now)


async def services(connection: Connection, clock: Clock) -> list[domain.Service]:
    """The services of today."""
    return domain.services(await store.categories(connection, today(clock)), await store.attributes(connection))


async def find_service(connection: Connection, clock: Clock, code: str) -> domain.Service:
    """Raises NotFound."""
    for service in await services(connection, clock):
        if service.category.code == code:
            return service
    raise NotFound("service_code was not found")


async def add_client(connection: Connection, clock: Clock, client: Client) -> str:
    """Makes a new key for a client, which is added or put in the place of what was known; returns the key, which is kept nowhere.

    Keys that it has stay valid. Raises InvalidInput.
    """
    require_code(client.code, "code")
    if not client.areas:
        raise InvalidInput("area must name at least one", field="area", rule="required")
    for code in client.areas:
        if await areas.find(connection, code) is None:
            raise InvalidInput("area names none that is known here", field="area", rule="known.area")
    if not 1 <= client.rate <= MOST_RATE:
        raise InvalidInput(f"rate must be from 1 to {MOST_RATE} a minute", field="rate", rule="range")
    key = secrets.token_urlsafe(KEY_BYTES)
    await store.keep_client(connection, client)
    await store.add_key(connection, client.code, key, clock.now())
    return key


class _Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    key: str
    name: str


class _AttributeLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    service: str
    code: str
    datatype: str
    description: str
    required: bool = False
    hint: str | None = None
    choices: tuple[_Choice, ...] = ()


class _Attributes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    attribute: tuple[_AttributeLine, ...] = ()


def _lines(file: Path) -> tuple[_AttributeLine, ...]:
    return msgspec.toml.decode(file.read_bytes(), type=_Attributes).attribute


async def load_attributes(connection: Connection, file: Path) -> None:
    """What services ask is what the file says, and nothing else. Raises InvalidInput."""
    found: dict[str, list[Attribute]] = {}
    for line in _lines(file):
        require_code(line.service, "service")
        if line.datatype not in DATATYPES or bool(line.choices) != (line.datatype in LISTS):
            listed = ", ".join(DATATYPES)
            raise InvalidInput(
                f"datatype must be one of {listed}, with choices if it is a list", field="datatype", rule="form"
            )
        choices = tuple((choice.key, choice.name) for choice in line.choices)
        attribute = Attribute(line.code, line.datatype, line.required, line.description, line.hint, choices)
        found.setdefault(line.service, []).append(attribute)
    await store.put_attributes(connection, found)
