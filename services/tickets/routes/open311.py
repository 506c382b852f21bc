"""Open311 GeoReport v2 under `/open/tickets/open311/v2`. All reads are open, a request needs an api key; the paths' endings choose XML or JSON.

Whatever is refused has the form of Open311's errors; 429 (this key, too often) is the one status beyond the specification's.
"""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.responses import Response

from services.chassis.db import Connection, transaction
from services.chassis.errors import InvalidInput, NotFound, Problem
from services.chassis.principal import Caller, itself
from services.chassis.service import Opening, OpenRoute
from services.chassis.vault import Vault
from services.tickets.commands.open311 import admit, find_service, services, take
from services.tickets.domain.open311 import CLOSED, Answer, Query, errors, request, xml
from services.tickets.domain.status_code import ANSWERS
from services.tickets.store import area as areas
from services.tickets.store import open311 as store

PATH = re.compile(r"(?P<noun>services|requests|tokens)(?:/(?P<key>[^/]{1,60}?))?\.(?P<form>xml|json)")
TYPES = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}
SENT_AS = "application/x-www-form-urlencoded"
MOST_FIELDS = 200
HEADERS = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-cache"}
ADMITTING = Caller(subject="open311")
"""Reaches nothing but the clients and their keys."""

Fields = Sequence[tuple[str, str]]


def open311_route(vault: Vault) -> OpenRoute:
    """All of GeoReport v2."""

    async def handle(opening: Opening) -> Response:
        path = PATH.fullmatch(opening.request.path_params["path"])
        form = "json" if opening.request.url.path.endswith(".json") else "xml"
        try:
            if path is None:
                raise NotFound("no such resource: services, requests or tokens, with .xml or .json")
            status, root, answer = await _answer(opening, vault, path["noun"], path["key"])
        except Problem as problem:
            status, answer = errors(problem)
            root = "errors"
            wait = problem.extra.get("retryAfter")
            return _rendered(form, root, answer, status, {"Retry-After": str(wait)} if wait else {})
        return _rendered(form, root, answer, status, {})

    return OpenRoute("/open311/v2/{path:path}", ("GET", "POST"), handle)


def _rendered(form: str, root: str, answer: Answer, status: int, headers: dict[str, str]) -> Response:
    body = xml(root, answer) if form == "xml" else msgspec.json.encode(answer)
    return Response(body, status, headers={**HEADERS, **headers, "Content-Type": TYPES[form]})


async def _answer(opening: Opening, vault: Vault, noun: str, key: str | None) -> tuple[int, str, Answer]:
    """Status, name of the root element, and the answer itself. Raises Problem."""
    query = _fields(opening.request.url.query)
    if opening.request.method == "POST":
        if (noun, key) != ("requests", None):
            raise InvalidInput("only requests are sent here, by POST to requests", rule="method")
        return 201, "service_requests", await _take(opening, vault, query)
    args = dict(query)
    async with transaction(opening.pool, itself("tickets")) as connection:
        area = await _jurisdiction(connection, args) or ""
        match noun, key:
            case "services", None:
                return 200, "services", [each.document() for each in await services(connection, opening.clock)]
            case "services", str(code):
                return 200, "service_definition", (await find_service(connection, opening.clock, code)).definition()
            case "requests", _:
                told = await _told(opening, connection, args if key is None else {"service_request_id": key}, area)
                if key is not None and not told:
                    raise NotFound("service_request_id was not found")
                return 200, "service_requests", told
            case "tokens", str(token):
                if not await _told(opening, connection, {"service_request_id": token}, area):
                    raise NotFound("token was not found: requests get their service_request_id at once")
                return 200, "service_requests", [{"service_request_id": token, "token": token}]
        raise InvalidInput("token was not provided", field="token", rule="required")


async def _told(opening: Opening, connection: Connection, args: dict[str, str], area: str) -> list[dict[str, Any]]:
    query = Query.of(args, opening.clock.now())
    found = await store.told(connection, query, area, ANSWERS, sorted(CLOSED))
    return [each.document() for each in found]


async def _take(opening: Opening, vault: Vault, query: Fields) -> Answer:
    sent_as = opening.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent_as != SENT_AS:
        raise InvalidInput(f"a request is sent as {SENT_AS}", field="Content-Type", rule="form")
    fields = [*query, *_fields((await opening.request.body()).decode("utf-8", "replace"))]
    args = dict(fields)
    async with transaction(opening.pool, ADMITTING) as connection:
        client = await admit(connection, opening.clock, args.get("api_key"))
        jurisdiction = await _jurisdiction(connection, args)
    if isinstance(client, Problem):
        raise client
    sent = request(fields)
    async with transaction(opening.pool, Caller(subject=client.subject)) as connection:
        number = await take(connection, opening.clock, vault, client, sent, jurisdiction)
    return [{"service_request_id": number, "service_notice": None, "account_id": None}]


async def _jurisdiction(connection: Connection, args: dict[str, str]) -> str | None:
    """The code of the county that `jurisdiction_id` names; None where it is absent. Raises NotFound."""
    code = args.get("jurisdiction_id", "").strip()
    if not code:
        return None
    area = await areas.find(connection, code)
    if area is None or area.kind != "COUNTY":
        raise NotFound("jurisdiction_id was not found: it is the code of a county")
    return code


def _fields(text: str) -> Fields:
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise InvalidInput(f"a request has over {MOST_FIELDS} arguments", rule="size") from None
