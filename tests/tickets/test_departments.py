"""The declarer on a real broker: each department's user reads its own, nothing else, and is gone when its file is."""

import asyncio
import dataclasses
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.exceptions import ProbableAuthenticationError
from aiormq.exceptions import ChannelAccessRefused

from services.chassis import broker
from services.chassis.config import ConfigError
from services.chassis.departments import departments
from services.chassis.errors import Unavailable
from services.chassis.management import management, password_hash, vhost_of
from services.tickets.commands.department import Outcome, access_of, declare_departments, names_of, user_of
from services.tickets.config import Departments
from tests.tickets.verbs import process, verb

CODES = ("water", "power-grid")
FILE = """
name = "示例"
credentials = "department-{code}"
[[binding]]
events = ["tickets.ticket.*"]
areas = ["339999"]
fields = ["ticket"]
"""


def password(code: str) -> str:
    return f"a-long-password: of/{code}@"


@pytest.fixture
async def config(tmp_path: Path, amqp_url: str, prefix: str) -> AsyncIterator[Departments]:
    """A folder with two departments' files and one with their passwords; their queues and users go at the end."""
    folders = tmp_path / "departments", tmp_path / "credentials"
    for folder in folders:
        folder.mkdir()
    for code in CODES:
        (folders[0] / f"{code}.toml").write_text(FILE.format(code=code), encoding="utf-8")
        (folders[1] / f"department-{code}").write_text(password(code) + "\n", encoding="utf-8")
    yield Departments(
        departments=str(folders[0]),
        credentials=str(folders[1]),
        amqp_url=amqp_url,
        broker_prefix=prefix,
        broker_admin_url=os.environ["SANMIN_TEST_BROKER_ADMIN_URL"],
    )
    async with await broker.connect(amqp_url) as connection:
        channel = await connection.channel()
        for code in CODES:
            for name in names_of(prefix, code):
                await channel.queue_delete(name)
    async with management(os.environ["SANMIN_TEST_BROKER_ADMIN_URL"]) as api:
        for name in await api.users():
            if name.startswith(f"{prefix}."):
                await api.delete_user(name)


async def declare(config: Departments, *, check: bool = False) -> Outcome:
    async with management(config.broker_admin_url) as api:
        return await declare_departments(config, departments(config.departments), api, check=check)


def url_of(config: Departments, code: str, secret: str | None = None) -> str:
    place = urlsplit(config.amqp_url)
    who = f"{quote(user_of(config.broker_prefix, code))}:{quote(secret or password(code), safe='')}"
    return urlunsplit(place._replace(netloc=f"{who}@{place.netloc.rpartition('@')[2]}"))


async def publish(config: Departments, exchange: str, key: str, body: bytes) -> None:
    async with await broker.connect(config.amqp_url) as connection:
        there = await (await connection.channel()).get_exchange(f"{config.broker_prefix}.{exchange}", ensure=False)
        await there.publish(aio_pika.Message(body), key)


async def test_it_declares_once_and_then_has_nothing_to_do(config: Departments, prefix: str) -> None:
    first = await declare(config, check=True)
    assert (await declare(config)).changes == first.changes
    assert len(first.changes) == len(CODES) * (3 + 1 + 1)
    for check in (False, True):
        assert await declare(config, check=check) == Outcome()
    async with management(config.broker_admin_url) as api:
        users = await api.users()
        for code in CODES:
            user = users[user_of(prefix, code)]
            assert user.tags == ()
            assert user.has(password(code))
            assert not user.has(password(code) + "x")
            assert password(code) not in user.password_hash
            assert await api.access(user.name) == access_of(prefix, vhost_of(config.amqp_url), code)


async def test_a_check_changes_nothing(config: Departments) -> None:
    assert (await declare(config, check=True)).changes
    async with management(config.broker_admin_url) as api:
        assert not {user_of(config.broker_prefix, code) for code in CODES} & set(await api.users())


async def test_what_was_widened_by_hand_is_narrowed_again(config: Departments, prefix: str) -> None:
    await declare(config)
    name, vhost = user_of(prefix, "water"), vhost_of(config.amqp_url)
    async with management(config.broker_admin_url) as api:
        was = await api.access(name)
        wide = dataclasses.replace(
            was, permissions={vhost: (".*", ".*", ".*")}, topics={(vhost, "amq.topic"): (".*", ".*")}
        )
        await api.grant(name, was, wide)
        assert await api.access(name) == wide
        assert (await declare(config)).changes == [f"user {name}: permissions set"]
        assert await api.access(name) == was


async def test_a_new_password_takes_the_place_of_the_old(config: Departments, prefix: str) -> None:
    await declare(config)
    (Path(config.credentials) / "department-water").write_text("another password of water", encoding="utf-8")
    assert (await declare(config)).changes == [f"user {user_of(prefix, 'water')}: password set"]
    with pytest.raises(ProbableAuthenticationError):
        await broker.connect(url_of(config, "water"))
    async with await broker.connect(url_of(config, "water", "another password of water")) as connection:
        assert not connection.is_closed


@pytest.mark.parametrize(("content", "rule"), [(None, "cannot be read"), ("too short", "at least 16 characters")])
async def test_without_a_good_password_nothing_is_done_for_that_department(
    config: Departments, prefix: str, content: str | None, rule: str
) -> None:
    file = Path(config.credentials) / "department-water"
    file.unlink() if content is None else file.write_text(content, encoding="utf-8")
    outcome = await declare(config)
    (trouble,) = outcome.troubles
    assert "department-water" in trouble
    assert rule in trouble
    assert content is None or content not in trouble
    assert not any(".water" in line for line in outcome.changes)
    assert user_of(prefix, "power-grid") in " ".join(outcome.changes)


async def test_who_has_no_file_any_more_is_out_at_once_and_the_queues_stay(config: Departments, prefix: str) -> None:
    await declare(config)
    connection = await broker.connect(url_of(config, "water"))
    closed = asyncio.Event()
    connection.close_callbacks.add(lambda *_: closed.set())
    (Path(config.departments) / "water.toml").unlink()
    outcome = await declare(config)
    assert outcome.changes == [f"user {user_of(prefix, 'water')}: deleted, no file names it"]
    assert set(outcome.left) == set(names_of(prefix, "water"))
    async with asyncio.timeout(20):
        await closed.wait()
    with pytest.raises(ProbableAuthenticationError):
        await broker.connect(url_of(config, "water"))
    assert set((await declare(config)).left) == set(names_of(prefix, "water"))


async def test_users_of_others_are_left_alone(config: Departments, prefix: str) -> None:
    others = (f"{prefix}x.department.water", f"{prefix}.departments")
    async with management(config.broker_admin_url) as api:
        try:
            for name in others:
                await api.put_user(name, "a password of somebody else")
            await declare(config)
            assert set(others) <= set(await api.users())
        finally:
            for name in others:
                await api.delete_user(name)


Deed = Callable[[AbstractChannel, str], Awaitable[object]]


async def consume(channel: AbstractChannel, queue: str) -> None:
    await channel.set_qos(prefetch_count=1)
    there = await channel.get_queue(queue, ensure=False)

    async def ignore(_: object) -> None: ...

    await there.cancel(await there.consume(ignore))


async def get(channel: AbstractChannel, queue: str) -> None:
    await (await channel.get_queue(queue, ensure=False)).get(fail=False)


async def purge(channel: AbstractChannel, queue: str) -> None:
    await (await channel.get_queue(queue, ensure=False)).purge()


async def declare_anew(channel: AbstractChannel, queue: str) -> None:
    await channel.declare_queue(queue, durable=True, arguments={"x-queue-type": "quorum"})


async def delete(channel: AbstractChannel, queue: str) -> None:
    await channel.queue_delete(queue)


async def bind(channel: AbstractChannel, queue: str) -> None:
    exchange = f"{queue.partition('.')[0]}.departments"
    await (await channel.get_queue(queue, ensure=False)).bind(exchange, "#")


async def unbind(channel: AbstractChannel, queue: str) -> None:
    exchange = f"{queue.partition('.')[0]}.departments"
    await (await channel.get_queue(queue, ensure=False)).unbind(exchange, "water.#")


async def publish_to(channel: AbstractChannel, exchange: str) -> None:
    there = await channel.get_exchange(exchange, ensure=False) if exchange else channel.default_exchange
    await there.publish(aio_pika.Message(b"x"), "water.x.x.x", mandatory=False)


async def declare_exchange(channel: AbstractChannel, exchange: str) -> None:
    await channel.declare_exchange(exchange or "another", aio_pika.ExchangeType.TOPIC, durable=True)


READING: tuple[Deed, ...] = (consume, get, purge)
CHANGING: tuple[Deed, ...] = (declare_anew, delete, bind, unbind)


@pytest.fixture
async def system(config: Departments, prefix: str) -> Departments:
    """All that stands on the broker in the field: two departments, the services' inboxes, the log; each department has an event."""
    await declare(config)
    async with await broker.connect(config.amqp_url) as connection:
        inbox = broker.inbox_queue(prefix, "tickets", "archive.area.published.v1")
        await broker.declare(await connection.channel(), broker.Topology(prefix, (inbox,)))
    for code in CODES:
        await publish(config, "departments", f"{code}.tickets.ticket.signed.{code}.339999.-.-.-", code.encode())
    return config


async def refused(connection: AbstractConnection, deed: Deed, name: str) -> bool:
    """Whether the broker says that this user may not do the deed (403)."""
    channel = await connection.channel()
    try:
        await deed(channel, name)
    except ChannelAccessRefused:
        return True
    finally:
        if not channel.is_closed:
            await channel.close()
    return False


@pytest.mark.parametrize("code", CODES)
async def test_a_department_reads_its_own_and_can_do_nothing_else(system: Departments, prefix: str, code: str) -> None:
    others = [name for other in CODES if other != code for name in names_of(prefix, other)]
    others += [f"{prefix}.log", f"{prefix}.tickets.inbox", f"{prefix}.tickets.inbox.dead"]
    own = names_of(prefix, code)
    async with await broker.connect(url_of(system, code)) as connection:
        allowed = [
            (deed.__name__, name)
            for name in (*own, *others)
            for deed in (*READING, *CHANGING)
            if (name not in own or deed in CHANGING) and not await refused(connection, deed, name)
        ]
        exchanges = (f"{prefix}.events", f"{prefix}.departments", f"{prefix}.dead", "amq.topic", "amq.direct", "")
        allowed += [
            (deed.__name__, name)
            for name in exchanges
            for deed in (publish_to, declare_exchange)
            if not await refused(connection, deed, name)
        ]
        assert allowed == []
        for name in own:
            assert not await refused(connection, consume, name)


@pytest.mark.parametrize("code", CODES)
async def test_what_a_department_reads_is_what_was_sent_to_it(system: Departments, prefix: str, code: str) -> None:
    async with await broker.connect(url_of(system, code)) as connection:
        for name, start in ((names_of(prefix, code)[0], {}), (names_of(prefix, code)[2], {"x-stream-offset": "first"})):
            channel = await connection.channel()
            await channel.set_qos(prefetch_count=10)
            arrived: asyncio.Queue[Any] = asyncio.Queue()
            await (await channel.get_queue(name, ensure=False)).consume(arrived.put, arguments=dict(start))
            async with asyncio.timeout(20):
                message = await arrived.get()
            await message.ack()
            assert message.body == code.encode()
            await channel.close()
            assert arrived.empty()


async def test_a_wrong_password_of_ours_is_told_without_it(config: Departments) -> None:
    place = urlsplit(config.broker_admin_url)
    wrong = place._replace(netloc=f"sanmin:not-the-password@{place.netloc.rpartition('@')[2]}")
    with pytest.raises(Unavailable, match="refuses GET queues \\(401\\)") as refusal:
        await declare(dataclasses.replace(config, broker_admin_url=urlunsplit(wrong)))
    assert "not-the" not in str(refusal.value)
    nowhere = urlunsplit(place._replace(netloc="sanmin:not-the-password@127.0.0.1:1"))
    with pytest.raises(Unavailable, match="cannot be used") as refusal:
        await declare(dataclasses.replace(config, broker_admin_url=nowhere))
    assert "not-the" not in str(refusal.value)
    for malformed in ("ftp://a:b@c", "http://c", "http://a:not-the-password@c:x"):
        with pytest.raises(ConfigError, match="must have the form") as wrong_form:
            await declare(dataclasses.replace(config, broker_admin_url=malformed))
        assert "not-the" not in str(wrong_form.value)


async def test_the_verb_says_what_it_does_and_fails_where_something_is_left_to_do(config: Departments) -> None:
    settings = {field.name.upper(): str(getattr(config, field.name)) for field in dataclasses.fields(config)}
    code, output = await process(settings, "departments", "--check")
    assert (code, output.count("to do: ")) == (1, 10), output
    done = await verb(settings, "departments")
    assert (done.exit_code, done.output.replace("\n", "")) == (0, output.replace("to do: ", "").replace("\n", ""))
    for words in (("departments",), ("departments", "--check")):
        done = await verb(settings, *words)
        assert (done.exit_code, done.output) == (0, "2 departments: up to date\n")
    (Path(config.credentials) / "department-water").unlink()
    done = await verb(settings, "departments")
    assert done.exit_code == 1
    assert "stopped: the file department-water in SANMIN_CREDENTIALS cannot be read" in done.output
    assert not any(password(code) in done.output + output for code in CODES)


def test_a_password_is_salted() -> None:
    assert password_hash("示例 password") != password_hash("示例 password")


@pytest.mark.parametrize(
    ("url", "vhost"),
    [("amqp://h", "/"), ("amqp://h/", "/"), ("amqp://h/%2F", "/"), ("amqp://u:p@h:1/a%20b?x=y", "a b")],
)
def test_the_vhost_is_that_of_the_url(url: str, vhost: str) -> None:
    assert vhost_of(url) == vhost
