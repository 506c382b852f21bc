"""Bad input through the gateway: each kind has its typed error code, and nothing is written."""

import io
import json
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import aiohttp
import asyncpg
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from deploy.local.tokens import token
from tests.e2e.conftest import As
from tests.support.graphql import GraphQL, GraphQLFailed
from tests.support.system import System

VILLAGE = "339999100200"
HOUSEHOLDS = 'query { households(area: "339999100200", first: 2) { edges { node { id version members { id name relation } } } } }'
TABLES = {
    "archive": ("household", "person", "visit_note", "outbox", "client_key"),
    "liaison": ("duty", "outbox", "client_key"),
    "tickets": ("ticket", "step", "outbox", "client_key"),
}


async def written(system: System) -> dict[str, str]:
    """A digest of every table that a caller's deed writes to."""
    digests = {}
    for service, tables in TABLES.items():
        connection = await asyncpg.connect(system.stack.superuser_url, database=service)
        for table in tables:
            row = await connection.fetchrow(
                f"SELECT count(*) AS n, coalesce(sum(hashtextextended(t::text, 0)), 0) AS digest FROM "
                f"(SELECT {'id, type, subject' if table == 'outbox' else '*'} FROM {table}) t"
            )
            digests[f"{service}.{table}"] = str(row)
        await connection.close()
    return digests


@pytest.fixture
async def unwritten(system: System) -> AsyncIterator[None]:
    """Fails the test when anything was written during it."""
    before = await written(system)
    yield
    assert await written(system) == before


async def refused(client: GraphQL, document: str, **variables: Any) -> dict[str, Any]:
    """The one error's extensions."""
    with pytest.raises(GraphQLFailed) as caught:
        await client(document, **variables)
    assert len(caught.value.errors) == 1
    extensions: dict[str, Any] = caught.value.errors[0]["extensions"]
    assert extensions["correlationId"]
    return extensions


def mutation(name: str) -> str:
    return f"mutation ($input: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $input) {{ clientKey }} }}"


def report(**changes: Any) -> dict[str, Any]:
    given = {
        "clientKey": str(uuid4()),
        "title": "示例",
        "description": "示例",
        "category": "other",
        "areaCode": VILLAGE,
    }
    return {**given, **changes}


@pytest.mark.parametrize(
    "document",
    [
        '{ area(code: "339999999999") { name } }',
        '{ households(area: "339999999999") { edges { cursor } } }',
        '{ dutyOn(area: "339999999999", date: "2026-03-02") { dayKind } }',
        '{ tickets(area: "339999999999") { edges { cursor } } }',
    ],
)
async def test_an_unknown_area_in_a_question(as_: As, document: str) -> None:
    assert (await refused(as_("admin"), document))["code"] in ("UNKNOWN_AREA", "NOT_FOUND")


@pytest.mark.usefixtures("unwritten")
async def test_an_unknown_area_in_a_report(as_: As) -> None:
    error = await refused(as_("admin"), mutation("reportTicket"), input=report(areaCode="339999999999"))
    assert (error["code"], error["field"]) == ("UNKNOWN_AREA", "areaCode")


@pytest.mark.usefixtures("unwritten")
async def test_a_wrong_check_digit(as_: As) -> None:
    sheet = (await as_("cadre")(HOUSEHOLDS))["households"]["edges"][0]["node"]
    member = {"name": "示例", "relation": "97", "idNumber": "339999199001010010"}
    given = {"clientKey": str(uuid4()), "id": sheet["id"], "version": sheet["version"], "members": [member]}
    error = await refused(as_("cadre"), mutation("reviseHousehold"), input=given)
    assert (error["code"], error["rule"]) == ("INVALID_INPUT", "gb11643.check_digit")
    assert "idNumber" in error["field"]
    assert member["idNumber"] not in str(error)


@pytest.mark.usefixtures("unwritten")
async def test_a_stale_version(as_: As) -> None:
    sheet = (await as_("cadre")(HOUSEHOLDS))["households"]["edges"][0]["node"]
    given = {"clientKey": str(uuid4()), "id": sheet["id"], "version": sheet["version"] + 7, "address": "示例路 9 号"}
    error = await refused(as_("cadre"), mutation("reviseHousehold"), input=given)
    assert (error["code"], error["current"]) == ("STALE_VERSION", sheet["version"])


async def test_an_illegal_transition_says_what_is_allowed(as_: As, system: System) -> None:
    document = "mutation ($input: ReportTicketInput!) { reportTicket(input: $input) { ticket { id } } }"
    ticket = (await as_("cadre")(document, input=report()))["reportTicket"]["ticket"]["id"]
    before = await written(system)
    error = await refused(as_("cadre"), mutation("closeTicket"), input={"clientKey": str(uuid4()), "id": ticket})
    assert (error["code"], error["from"], error["allowed"][0]) == ("ILLEGAL_TRANSITION", "DRAFTED", "acceptTicket")
    assert not {"closeTicket", "dispatchTicket", "signTicket"} & set(error["allowed"])
    assert await written(system) == before


async def test_a_client_key_with_another_payload(as_: As, system: System) -> None:
    given = report()
    await as_("cadre")(mutation("reportTicket"), input=given)
    before = await written(system)
    error = await refused(as_("cadre"), mutation("reportTicket"), input={**given, "title": "示例:另一件"})
    assert error["code"] == "CLIENT_KEY_REUSED"
    assert await written(system) == before


@pytest.mark.usefixtures("unwritten")
async def test_tokens_that_are_no_good(system: System, session: aiohttp.ClientSession) -> None:
    header, claims = {"alg": "ES256", "kid": "stranger"}, {"sub": "example-admin", "roles": ["city_admin"]}
    now = int(time.time())
    claims |= {"iss": system.stack.base_url("issuer"), "aud": "sanmin", "exp": now + 600}  # type: ignore[dict-item]
    stranger = jwt.encode(header, claims, ECKey.generate_key("P-256", {"kid": "stranger"}, private=True))
    for bad in (None, "nonsense", stranger, token(system.stack, "admin", seconds=-1)):
        client = GraphQL(session, system.graphql, bad)
        assert (await refused(client, mutation("reportTicket"), input=report()))["code"] == "UNAUTHENTICATED"


@pytest.mark.usefixtures("unwritten")
async def test_a_resident_keeps_to_their_own_household(as_: As) -> None:
    other = (await as_("resident-2")("{ me { household { id } } }"))["me"]["household"]["id"]
    question = "query ($id: ID!) { household(id: $id) { members { name } } }"
    assert (await refused(as_("resident"), question, id=other))["code"] == "FORBIDDEN"
    reported = await refused(as_("resident"), mutation("reportTicket"), input=report(householdId=other))
    assert reported["code"] == "FORBIDDEN"


@pytest.mark.usefixtures("unwritten")
async def test_a_body_of_ten_megabytes(system: System, session: aiohttp.ClientSession) -> None:
    body = {"query": mutation("reportTicket"), "variables": {"input": report(description="示" * 3_400_000)}}
    headers = {"Authorization": f"Bearer {system.token('admin')}", "Content-Type": "application/json"}
    data = io.BytesIO(json.dumps(body).encode())
    async with session.post(system.graphql, data=data, headers=headers) as answer:
        assert answer.status == 413
        assert (await answer.json(content_type=None))["errors"][0]["extensions"]["code"] == "PAYLOAD_TOO_LARGE"


async def test_id_numbers_and_phones_are_masked_for_everybody(as_: As) -> None:
    document = '{ households(area: "339999100200") { edges { node { members { idNumber phone } } } } }'
    for account in ("cadre", "clerk", "admin", "auditor"):
        edges = (await as_(account)(document))["households"]["edges"]
        members = [member for edge in edges for member in edge["node"]["members"]]
        told = [value for member in members for value in (member["idNumber"], member["phone"]) if value]
        assert told
        assert all("****" in value for value in told)
