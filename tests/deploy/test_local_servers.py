"""The private PostgreSQL and RabbitMQ themselves: they survive a crash with their data and leave nothing behind."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import aio_pika
import asyncpg
import pytest

from deploy.local import processes
from deploy.local.broker import SERVER, Broker
from deploy.local.layout import LOCAL, Layout, StackError
from deploy.local.postgres import Postgres, outside, server_binaries
from deploy.local.stack import Stack

QUEUE = "trial"


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    try:
        server_binaries()
    except StackError as missing:
        pytest.skip(str(missing))
    if not SERVER.exists():
        pytest.skip("RabbitMQ is not installed")
    name = f"trial-{os.getpid()}"
    layout = Layout(LOCAL / name)
    layout.make()
    made = Stack(name, layout, Postgres(layout, durable=True), Broker(layout))
    try:
        made.start()
        yield made
    finally:
        made.erase()
        shutil.rmtree(layout.directory)
        shutil.rmtree(outside() / name, ignore_errors=True)


async def put(stack: Stack) -> None:
    """One row and one persistent message."""
    database = await asyncpg.connect(stack.superuser_url)
    await database.execute("CREATE TABLE IF NOT EXISTS kept (n int); INSERT INTO kept VALUES (1)")
    await database.close()
    async with await aio_pika.connect(stack.amqp_url) as broker:
        channel = await broker.channel()
        await channel.declare_queue(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
        message = aio_pika.Message(b"kept", delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await channel.default_exchange.publish(message, QUEUE, timeout=10)


async def kept(stack: Stack, expected: int) -> int:
    """How many rows and messages there are; waits a while for as many messages as expected, which stay."""
    database = await asyncpg.connect(stack.superuser_url)
    rows = await database.fetchval("SELECT count(*) FROM kept")
    await database.close()
    found = 0
    async with await aio_pika.connect(stack.amqp_url) as broker:
        queue = await (await broker.channel()).get_queue(QUEUE, ensure=False)
        async with queue.iterator(timeout=10) as messages:
            async for _ in messages:
                found += 1
                if found == expected:
                    break
    assert rows == found
    return found


def listening(pids: list[int]) -> set[str]:
    """The addresses on which processes listen, as the kernel writes them (`0100007F` is 127.0.0.1)."""
    inodes = set()
    for pid in pids:
        for handle in Path(f"/proc/{pid}/fd").iterdir():
            try:
                inodes.add(str(handle.readlink()))
            except OSError:
                continue
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in inodes:
                found.add(fields[1].partition(":")[0])
    return found


async def test_data_survives_an_orderly_stop_and_a_crash(stack: Stack) -> None:
    # In this order: RabbitMQ forgets a quorum queue that was declared within the second before a SIGKILL.
    await put(stack)
    await asyncio.to_thread(stack.stop)
    assert not stack.running()
    await asyncio.to_thread(stack.start)
    assert await kept(stack, 1) == 1
    await put(stack)
    await asyncio.to_thread(stack.broker.kill)
    await asyncio.to_thread(stack.postgres.kill)
    assert not stack.running()
    await asyncio.to_thread(stack.start)
    assert await kept(stack, 2) == 2


async def test_servers_that_run_are_adopted(stack: Stack) -> None:
    before = (stack.postgres.pid(), sorted(stack.broker.pids()))
    await asyncio.to_thread(Stack(stack.name, stack.layout, stack.postgres, stack.broker).start)
    assert (stack.postgres.pid(), sorted(stack.broker.pids())) == before


def test_everything_listens_on_this_machine_alone(stack: Stack) -> None:
    pid = stack.postgres.pid()
    assert pid is not None
    loopback = {"0100007F", "00000000000000000000000001000000"}
    assert listening([pid, *stack.broker.pids()]) <= loopback
    assert listening([pid]) == {"0100007F"}


async def test_a_wrong_password_is_refused(stack: Stack) -> None:
    wrong = urlsplit(stack.superuser_url)
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(wrong._replace(netloc=f"postgres:wrong@127.0.0.1:{wrong.port}").geturl())


async def test_there_is_no_guest(stack: Stack) -> None:
    url = urlsplit(stack.amqp_url)._replace(netloc=f"guest:guest@127.0.0.1:{stack.layout.port('amqp')}").geturl()
    with pytest.raises(aio_pika.exceptions.ProbableAuthenticationError):
        await aio_pika.connect(url)


def test_another_stack_s_processes_are_not_taken_for_ours(stack: Stack) -> None:
    longer = Path(f"{stack.layout.directory}0")
    assert processes.marked(stack.layout.directory)
    assert processes.marked(longer) == []
