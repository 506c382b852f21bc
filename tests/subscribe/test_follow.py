"""Following a real queue with a department's own rights: through kills, cuts, poison and stops."""

import asyncio
import logging
import sqlite3
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import Counter

import pytest

from subscribe import Event, Mailbox, Refused, follow
from tests.subscribe.conftest import Department
from tests.subscribe.copies import body, copy, ticket

SUBJECTS = 30
DONE = "SELECT count(*) FROM event WHERE state = 'done'"


async def started(department: Department, *words: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", *words, env=department.environment, stdout=DEVNULL, stderr=PIPE
    )


async def ended(process: Process) -> str:
    """What the process said; it had to end well."""
    process.terminate()
    async with asyncio.timeout(20):
        _, said = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


async def test_kills_leave_each_effect_once_and_a_subjects_order(department: Department) -> None:
    events, kills = 6000, 5
    sent = [copy(at, at % SUBJECTS) for at in range(1, events + 1)]
    for kill in range(kills):
        await department.publish(sent[kill * 1000 : (kill + 1) * 1000])
        process = await started(department, "tests.subscribe.writer")
        await department.until(DONE, kill * 1000 + 100 + 150 * kill)
        process.kill()
        await process.wait()
        await department.publish(sent[kill * 1000 : kill * 1000 + 50])
    process = await started(department, "tests.subscribe.writer")
    await department.publish(sent[kills * 1000 :])
    await department.until(DONE, events)
    await ended(process)
    order: dict[str, list[int]] = {}
    for subject, position in department.rows("SELECT subject, position FROM effect ORDER BY place"):
        order.setdefault(subject, []).append(position)
    assert order == {ticket(n): list(range(n or SUBJECTS, events + 1, SUBJECTS)) for n in range(SUBJECTS)}
    assert await department.waiting() == 0


async def test_kills_of_the_command_line_lose_and_double_nothing(department: Department) -> None:
    events = 3000
    await department.publish(copy(at, at % SUBJECTS) for at in range(1, events + 1))
    for kill in range(3):
        process = await started(department, "subscribe", "follow")
        await department.until(DONE, (kill + 1) * 300)
        process.kill()
        await process.wait()
    process = await started(department, "subscribe", "follow")
    await department.until(DONE, events)
    said = await ended(process)
    assert "stopped; kept" in said
    assert department.rows("SELECT count(*), min(position), max(position), count(DISTINCT position) FROM event") == [
        (events, 1, events, events)
    ]
    assert department.rows("SELECT first, last FROM span") == [(1, events)]


async def test_a_stop_in_the_midst_has_nothing_delivered_again_that_was_done(department: Department) -> None:
    events, stops = 4000, 4
    repeated = "repeated"
    await department.publish(copy(at, at % SUBJECTS) for at in range(1, events + 1))
    for stop in range(stops):
        process = await started(department, "subscribe", "follow")
        await department.until(DONE, stop * 800 + 200)
        assert repeated not in await ended(process)
        assert stop or await department.waiting() > 0, "the stop came in the midst"
    process = await started(department, "subscribe", "follow")
    await department.until(DONE, events)
    assert repeated not in await ended(process)
    assert await department.waiting() == 0


class Following:
    """Follows in this process; `stop` ends it, and its outcome is raised."""

    def __init__(self, department: Department, mailbox: Mailbox, **how: object) -> None:
        self.tally: Counter[str] = Counter()
        self._stop = asyncio.Event()
        call = follow(
            department.url,
            department.queue,
            mailbox,
            stop=self._stop,
            tell=self.tally.update,
            **how,  # type: ignore[arg-type]
        )
        self._task = asyncio.create_task(call)

    async def until(self, **least: int) -> None:
        async with asyncio.timeout(30):
            while any(self.tally[word] < count for word, count in least.items()):
                assert not self._task.done(), self._task.exception()
                await asyncio.sleep(0.01)

    async def stop(self) -> None:
        self._stop.set()
        async with asyncio.timeout(10):
            await self._task


async def test_poison_is_a_letter_while_others_flow_on(department: Department) -> None:
    seen: list[Event] = []

    def handler(event: Event, _: sqlite3.Connection) -> None:
        if event.position == copy(1).position:
            raise ValueError("示例")
        seen.append(event)

    with Mailbox(department.folder / "mailbox.db", retries=(0.2, 0.2)) as mailbox:
        following = Following(department, mailbox, handler=handler)
        strange = copy(3, 2, type="tickets.ticket.sung.v1")
        await department.publish(
            [copy(1), b"no event", copy(2, 1), strange, copy(4), copy(5, 1, data={"version": "one"})]
        )
        await following.until(kept=5, done=2, failed=2, dead=4)
        await following.stop()
        assert [event.id for event in seen] == [copy(2, 1).id, copy(4).id]
        reasons = {letter.reason for letter in mailbox.letters()}
    assert "ValueError: 示例" in reasons
    assert "data.version is not of type integer" in reasons
    assert any(reason.startswith("unknown type") for reason in reasons)
    assert await department.waiting() == 0


async def test_an_effect_outside_keeps_its_order_too(department: Department) -> None:
    seen: list[int] = []

    async def outside(event: Event) -> None:
        await asyncio.sleep(0)
        seen.append(int(event.position or 0))
        if seen == [1]:
            raise ValueError("示例")

    with Mailbox(department.folder / "mailbox.db", retries=(0.3,)) as mailbox:
        following = Following(department, mailbox, outside=outside)
        await department.publish([copy(1), copy(2), copy(3, 1), copy(1)])
        await following.until(repeated=1, done=3)
        await following.stop()
    assert seen == [1, 3, 1, 2]


async def test_it_comes_back_after_its_connection_is_cut(
    department: Department, caplog: pytest.LogCaptureFixture
) -> None:
    with Mailbox(department.folder / "mailbox.db") as mailbox, caplog.at_level(logging.INFO, "subscribe"):
        following = Following(department, mailbox)
        await department.publish([copy(1)])
        await following.until(done=1)
        await department.cut()
        async with asyncio.timeout(30):
            while caplog.messages.count(f"following {department.queue}") < 2:
                await asyncio.sleep(0.05)
        await department.publish([copy(2), copy(1)])
        await following.until(done=2, repeated=1)
        await following.stop()
    assert any(message.startswith("the broker is away") for message in caplog.messages)
    assert await department.waiting() == 0


async def test_it_notices_that_its_queue_was_taken_away_and_ends_with_the_users_end(department: Department) -> None:
    with Mailbox(department.folder / "mailbox.db") as mailbox:
        following = Following(department, mailbox)
        await department.publish([copy(1)])
        await following.until(done=1)
        await department.channel.queue_delete(department.queue)
        with pytest.raises(Refused, match="there is no queue"):
            async with asyncio.timeout(20):
                await following._task


@pytest.mark.parametrize("code", ["power", "nobody"])
async def test_another_departments_queue_is_refused(department: Department, code: str) -> None:
    queue = f"{department.prefix}.department.{code}"
    with Mailbox(department.folder / "mailbox.db") as mailbox, pytest.raises(Refused) as told:
        await follow(department.url, queue, mailbox)
    assert str(told.value).startswith(f"the broker does not let {department.queue} read {queue}")


async def test_a_wrong_password_is_refused_without_being_told(department: Department) -> None:
    with Mailbox(department.folder / "mailbox.db") as mailbox, pytest.raises(Refused) as told:
        await follow(department.url.replace("example-password", "wrong-one"), department.queue, mailbox)
    assert "refuses the user" in str(told.value)
    assert "wrong-one" not in str(told.value)


async def test_what_another_process_replays_is_worked_off_by_who_follows(department: Department) -> None:
    with Mailbox(department.folder / "mailbox.db") as mailbox:
        following = Following(department, mailbox)
        await department.publish([copy(1)])
        await following.until(done=1)
        with Mailbox(department.folder / "mailbox.db") as other:
            other.keep([body(2), body(3)])
        await following.until(done=3)
        await following.stop()
