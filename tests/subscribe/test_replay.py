"""Reading the department's own log again: from any place, to what was the newest, and into gaps."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from subscribe import Mailbox, Refused, fill, replay
from subscribe.link import connected
from subscribe.replay import Start, from_position, positions, refill, tail
from tests.subscribe.conftest import Department
from tests.subscribe.copies import SOURCE, body, copy

OTHER = "urn:sanmin:liaison"


async def replayed(department: Department, start: Start = None, idle: float = 1.0) -> list[int]:
    """Offsets, which begin at 0."""
    lots = [lot async for lot in replay(department.url, f"{department.queue}.log", start, idle=idle)]
    return [logged.offset for lot in lots for logged in lot]


async def test_it_reads_all_up_to_the_newest_from_any_offset(department: Department) -> None:
    assert await replayed(department) == []
    await department.publish(copy(at) for at in range(1, 1201))
    assert await replayed(department) == list(range(1200))
    assert await replayed(department, 1150) == list(range(1150, 1200))
    assert await replayed(department, 1200) == []
    assert await department.waiting() == 1200, "a replay takes nothing out of the queue"


async def test_it_reads_from_a_time_on(department: Department) -> None:
    await department.publish(copy(at) for at in range(1, 101))
    await asyncio.sleep(1.1)  # the log knows times by the second of what was stored together
    between = datetime.now(UTC)
    await asyncio.sleep(1.1)
    await department.publish(copy(at) for at in range(101, 111))
    assert await replayed(department, between) == list(range(100, 110))
    assert await replayed(department, datetime.now(UTC) + timedelta(hours=1)) == []


async def test_it_ends_at_what_was_the_newest_while_more_comes(department: Department) -> None:
    await department.publish(copy(at) for at in range(1, 601))
    offsets: list[int] = []
    async for lot in replay(department.url, f"{department.queue}.log"):
        offsets += [logged.offset for logged in lot]
        await department.publish(copy(at) for at in range(1000, 1010))
    assert offsets == list(range(600))


async def test_another_departments_log_is_refused(department: Department) -> None:
    with pytest.raises(Refused, match=r"does not let .* read .*power\.log"):
        async for _ in replay(department.url, f"{department.prefix}.department.power.log"):
            pass


async def test_a_replay_into_the_mailbox_has_no_second_effect_and_goes_on_where_it_ended(
    department: Department,
) -> None:
    log = f"{department.queue}.log"
    await department.publish(copy(at) for at in range(1, 51))
    with Mailbox(department.folder / "mailbox.db") as mailbox:
        mailbox.take([], None)
        assert await refill(department.url, log, mailbox, None) == Counter(kept=50)
        assert mailbox.mark(log) == 49
        assert await refill(department.url, log, mailbox, None) == Counter(repeated=50)
        assert mailbox.take([], None) == Counter(done=50)


async def test_from_a_position_of_one_source(department: Department) -> None:
    log = f"{department.queue}.log"
    await department.publish(
        [b"no event", *(copy(at, source=source) for at in range(1, 11) for source in (SOURCE, OTHER))]
    )
    with Mailbox(department.folder / "mailbox.db") as mailbox:
        assert await refill(department.url, log, mailbox, None, from_position(OTHER, 8)) == Counter(kept=3)
        assert mailbox.mark(log) is None
        assert [(gap.source, gap.first, gap.last) for gap in mailbox.gaps()] == [(OTHER, 1, 7)]


async def test_gaps_are_filled_out_of_the_log(department: Department) -> None:
    log = f"{department.queue}.log"
    await department.publish(copy(at) for at in range(1, 101))
    missing = {5, 6, 50}
    with Mailbox(department.folder / "mailbox.db") as mailbox:
        mailbox.take([body(at) for at in range(1, 101) if at not in missing], None)
        assert [(gap.first, gap.last) for gap in mailbox.gaps()] == [(5, 6), (50, 50)]
        assert (await fill(department.url, log, mailbox))["kept"] == len(missing)
        assert mailbox.gaps() == []
        assert mailbox.take([], None) == Counter(done=len(missing))


async def test_what_the_log_has_not_stays_a_gap(department: Department) -> None:
    log = f"{department.queue}.log"
    await department.publish(copy(at) for at in range(3, 6))
    with Mailbox(department.folder / "mailbox.db") as mailbox:
        mailbox.keep([body(at) for at in (3, 9)])
        assert (await fill(department.url, log, mailbox))["kept"] == 2
        assert [(gap.first, gap.last) for gap in mailbox.gaps()] == [(1, 2), (6, 8)]


async def test_the_newest_positions_are_those_of_the_logs_end(department: Department) -> None:
    log = f"{department.queue}.log"
    async with connected(department.url) as connection:
        assert positions(await tail(connection, log)) == {}
        await department.publish([copy(7), copy(2, source=OTHER), b"no event"])
        assert positions(await tail(connection, log)) == {SOURCE: 7, OTHER: 2}
