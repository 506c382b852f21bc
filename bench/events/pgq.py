"""The same work by pgqueuer: an entry and a job in one transaction, and a worker that writes the effect.

`python -m bench.events.pgq install|worker|writer …` with SANMIN_DATABASE_URL.
"""

import asyncio
from uuid import UUID, uuid4

import asyncpg
import msgspec
import typer
import uvloop
from pgqueuer import AsyncpgDriver, AsyncpgPoolDriver, Job, PgQueuer, Queries

from bench.soak.parts import INSERT_EFFECT
from bench.soak.writer import CALLER, INSERT, NEXT, choose
from services.chassis.config import DatabaseConfig, load
from services.chassis.db import beginning

LANES = 4
BATCH = 100
ENTRYPOINT = "entry"
cli = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


class Payload(msgspec.Struct):
    event: UUID
    subject: str
    number: int


@cli.command()
def install() -> None:
    """Make pgqueuer's tables."""

    async def run() -> None:
        connection = await asyncpg.connect(load(DatabaseConfig).database_url)
        await Queries(AsyncpgDriver(connection)).install()
        await connection.close()

    asyncio.run(run())


@cli.command()
def worker() -> None:
    """Carry jobs out until SIGTERM."""

    async def run() -> None:
        async with asyncpg.create_pool(load(DatabaseConfig).database_url, min_size=LANES, max_size=LANES * 2) as pool:
            queuer = PgQueuer(AsyncpgPoolDriver(pool))

            @queuer.entrypoint(ENTRYPOINT)
            async def effect(job: Job) -> None:
                payload = msgspec.json.decode(job.payload or b"", type=Payload)
                await pool.execute(INSERT_EFFECT, payload.event, payload.subject, payload.number)

            await queuer.run(batch_size=BATCH)

    uvloop.run(run())


@cli.command()
def writer(count: int, subjects: int, seed: int, rate: float) -> None:
    """Write COUNT entries, each with its job, about SUBJECTS subjects chosen by SEED, at most RATE a second."""

    async def run() -> None:
        waiting = iter(choose(seed, count, subjects))
        loop = asyncio.get_running_loop()
        begin, started, begun = beginning(CALLER), loop.time(), 0

        async def lane(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
            nonlocal begun
            queries = Queries(AsyncpgDriver(connection))
            for subject in waiting:
                begun += 1
                if (early := started + begun / rate - loop.time()) > 0:
                    await asyncio.sleep(early)
                event = uuid4()
                await connection.execute(begin)  # as every business transaction here begins
                number = await connection.fetchval(NEXT, subject)
                payload = msgspec.json.encode(Payload(event, subject, number))
                await queries.enqueue(ENTRYPOINT, payload)
                await connection.execute(INSERT, uuid4(), event, subject, number)
                await connection.execute("COMMIT")

        url = load(DatabaseConfig).database_url
        connections = [await asyncpg.connect(url) for _ in range(LANES)]
        async with asyncio.TaskGroup() as group:
            for connection in connections:
                group.create_task(lane(connection))
        for connection in connections:
            await connection.close()

    uvloop.run(run())


if __name__ == "__main__":
    cli()
