"""The one source of "now", injected so that rules about time can be tested at any time."""

import asyncio
import re
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from services.chassis.errors import InvalidInput

CHINA = ZoneInfo("Asia/Shanghai")
_CLOCK_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant, in UTC with time zone."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class FixedClock:
    """A clock for tests: stands still until it is moved."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant


def today(clock: Clock) -> date:
    """The calendar day in China, which is the day that every rule of the field means."""
    return clock.now().astimezone(CHINA).date()


def clock_time(text: str, field: str) -> time:
    """Of the form 08:30; raises InvalidInput."""
    if not _CLOCK_TIME.fullmatch(text):
        raise InvalidInput(f"{field} must be a time such as 08:30", field=field, rule="form")
    return time.fromisoformat(text)


async def stopped_within(stop: asyncio.Event, seconds: float) -> bool:
    """Waits so long, or until the stop; returns whether it came."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return False
    return True


async def unless(stop: asyncio.Event, waiting: Awaitable[Any]) -> bool:
    """Waits for something, or for the stop; returns whether the stop came first, which cancels it. Raises what it raises."""
    task, stopping = asyncio.ensure_future(waiting), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((task, stopping), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
        return not task.done()
    finally:
        task.cancel()
        stopping.cancel()
