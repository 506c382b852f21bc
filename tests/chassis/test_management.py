"""The broker's management API, on a real broker."""

import asyncio
import os

from aio_pika.abc import AbstractChannel

from services.chassis import broker
from services.chassis.management import management, vhost_of


async def test_queues_are_listed_while_others_are_being_deleted(amqp_url: str, prefix: str) -> None:
    """The broker refuses many a single listing meanwhile."""
    async with (
        await broker.connect(amqp_url) as connection,
        management(os.environ["SANMIN_TEST_BROKER_ADMIN_URL"]) as api,
    ):
        channels, kept, stop = [await connection.channel() for _ in range(3)], f"{prefix}.kept", asyncio.Event()

        async def churn(channel: AbstractChannel, kind: str) -> None:
            while not stop.is_set():
                await channel.declare_queue(f"{prefix}.{kind}", durable=True, arguments={"x-queue-type": kind})
                await channel.queue_delete(f"{prefix}.{kind}")

        await channels[0].declare_queue(kept, durable=True)
        try:
            async with asyncio.TaskGroup() as churning:
                for channel, kind in zip(channels, ("classic", "quorum", "stream"), strict=True):
                    churning.create_task(churn(channel, kind))
                for _ in range(30):
                    assert kept in await api.queues(vhost_of(amqp_url))
                stop.set()
        finally:
            await channels[0].queue_delete(kept)
