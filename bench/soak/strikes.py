"""Carries out a plan: kills and faults at their moments, while keepers start again at once what has ended."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from bench.soak.plan import Strike
from bench.soak.stand import Stand
from deploy.local.broker import Broker
from deploy.local.postgres import Postgres

SILENCE_SECONDS = 12.0
DELAY_SECONDS = (0.02, 0.03)
DELAYED_SECONDS = 10.0
LOOK_SECONDS = 0.05
RESTART_SECONDS = 0.5


@dataclass
class Struck:
    """What was done. `starts`: seconds from a kill of a server until it answered again; `ended`: how often a process gave up by itself."""

    kills: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    starts: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    ended: Counter[str] = field(default_factory=Counter)


async def strike_all(
    stand: Stand, plan: list[Strike], progress: Callable[[], float], struck: Struck, *, away: float
) -> None:
    """Strikes when `progress()`, the fraction that is written, reaches each moment. Strikes of different parts may overlap, as in life.

    `away`: for how many seconds nobody reaches the broker, when that is the strike.
    """
    locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def strike(each: Strike) -> None:
        async with locks[each.target]:
            if each.kind == "kill":
                await _kill(stand, each, struck)
            elif each.kind == "away":
                await _part(stand, away, struck)
            else:
                await _fail(stand, each, struck)

    async with asyncio.TaskGroup() as group:
        keepers = [group.create_task(_keep(stand, name, struck)) for name in stand.running]
        strikes = []
        for each in plan:
            while progress() < each.at:  # noqa: ASYNC110  it is another process's progress
                await asyncio.sleep(LOOK_SECONDS)
            strikes.append(group.create_task(strike(each)))
        if strikes:
            await asyncio.wait(strikes)
        for keeper in keepers:
            keeper.cancel()


async def _keep(stand: Stand, name: str, struck: Struck) -> None:
    """Starts a process again when it has ended, as an orchestrator does."""
    while True:
        code = stand.running[name].poll()
        if code is not None:
            if code != -9:
                struck.ended[name] += 1
                await asyncio.sleep(RESTART_SECONDS)
            stand.launch(name)
        await asyncio.sleep(LOOK_SECONDS)


async def _kill(stand: Stand, each: Strike, struck: Struck) -> None:
    server = {"broker": stand.stack.broker, "postgres": stand.stack.postgres}.get(each.target)
    if isinstance(server, Broker | Postgres):
        started = time.monotonic()
        await _surely(server.kill)
        await _surely(server.start)
        struck.starts[each.target].append(round(time.monotonic() - started, 1))
    else:
        stand.running[each.target].kill()
    struck.kills[each.target] += 1


async def _surely(call: Callable[[], None]) -> None:
    """Runs it in a thread, and to its end also when cancelled: a server must not come up behind the back of who stops it."""
    running = asyncio.ensure_future(asyncio.to_thread(call))
    try:
        await asyncio.shield(running)
    finally:
        await asyncio.wait([running])


async def _fail(stand: Stand, each: Strike, struck: Struck) -> None:
    link = stand.links[each.target]
    if each.kind == "reset":
        link.reset()
    elif each.kind == "silence":
        link.freeze()
        await asyncio.sleep(SILENCE_SECONDS)
        link.thaw()
    else:
        link.latency, link.jitter = DELAY_SECONDS
        await asyncio.sleep(DELAYED_SECONDS)
        link.latency, link.jitter = 0.0, 0.0
    struck.faults[each.kind] += 1


async def _part(stand: Stand, seconds: float, struck: Struck) -> None:
    """Nobody reaches the broker for so long."""
    links = [link for name, link in stand.links.items() if name.endswith("-broker")]
    for link in links:
        link.refusing = True
        link.reset()
    await asyncio.sleep(seconds)
    for link in links:
        link.refusing = False
    struck.faults["away"] += 1
