"""The yardstick: one bare Starlette endpoint that answers a page of a village's households as JSON made by PostgreSQL, and nothing else.

No token, no row-level security, no GraphQL, no log: what is left is HTTP, one statement over the indexes that the archive uses, and the same rows.
One process under uvicorn with httptools and uvloop, eight database connections. Settings: DATABASE_URL of the archive (a superuser, for whom no
policy runs), HOST, PORT.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.archive.domain.relation import RELATIONS
from services.archive.domain.sex import NAMES
from services.chassis.config import DatabaseConfig, load
from services.chassis.db import open_pool


@dataclass(frozen=True, kw_only=True)
class Bare(DatabaseConfig):
    """`database_pool` connections at most."""

    port: int
    host: str = "127.0.0.1"


def _named(names: dict[str, str], code: str) -> str:
    """SQL that turns a code into its name; faster here than CASE."""
    return f"'{json.dumps(names, ensure_ascii=False)}'::jsonb ->> {code}"


PAGE = f"""
SELECT coalesce(json_agg(json_build_object(
    'id', replace(encode(convert_to('Household:' || h.id, 'UTF8'), 'base64'), E'\\n', ''),
    'number', h.number, 'address', h.address, 'version', h.version,
    'members', (
        SELECT coalesce(json_agg(json_build_object(
            'id', replace(encode(convert_to('Member:' || m.id, 'UTF8'), 'base64'), E'\\n', ''),
            'name', m.name, 'relation', m.relation, 'relationName', {_named(RELATIONS, "m.relation")}, 'sex', {_named(NAMES, "m.sex")},
            'birthDate', m.birth_date, 'idNumber', m.id_number_masked, 'phone', m.phone_masked, 'isHead', m.relation = '02')), '[]')
        FROM (
            SELECT id, name, relation, sex, birth_date, id_number_masked, phone_masked FROM person
            WHERE household_id = h.id ORDER BY relation, id
        ) m
    ))), '[]')
FROM (
    SELECT id, number, address, version FROM household WHERE area_code >= $1 AND area_code < $1 || ':' ORDER BY area_code, id LIMIT 50
) h
"""


def build(config: Bare) -> Starlette:
    """POST /households with `{"area": code}` answers a JSON array of at most 50 households; GET /readyz once the database is there."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with await open_pool(config.database_url, config.database_pool) as pool:
            app.state.pool = pool
            yield

    async def households(request: Request) -> Response:
        area = msgspec.json.decode(await request.body())["area"]
        return Response(await request.app.state.pool.fetchval(PAGE, area), media_type="application/json")

    async def ready(_: Request) -> Response:
        return Response("ready")

    return Starlette(
        routes=[Route("/households", households, methods=["POST"]), Route("/readyz", ready)], lifespan=lifespan
    )


def main() -> None:
    config = load(Bare)
    uvicorn.run(
        build(config),
        host=config.host,
        port=config.port,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
    )


if __name__ == "__main__":
    main()
