"""`python -m bench.soak.follower`: the department's real client on its queue; what it brings in effect is a table beside its mailbox.

No constraint forbids a second effect of an event: it is to be seen.
"""

import asyncio
import signal
import sqlite3
from typing import Any

import msgspec

from bench.soak.parts import EntryWritten
from subscribe import Event, Mailbox, follow
from subscribe.config import load
from subscribe.schema import schemas

CREATE = "CREATE TABLE IF NOT EXISTS effect (event TEXT, subject TEXT, number INTEGER, position INTEGER)"
INSERT = "INSERT INTO effect VALUES (?, ?, ?, ?)"


def _enter(event: Event, database: sqlite3.Connection) -> None:
    data: dict[str, Any] = event.data
    database.execute(INSERT, (str(event.id), event.subject, data["number"], event.position))


async def _follow() -> None:
    settings, stop = load(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with Mailbox(settings.mailbox) as mailbox:
        with mailbox.transaction() as database:
            database.execute(CREATE)
        await follow(settings.url, settings.queue, mailbox, _enter, stop=stop)


if __name__ == "__main__":
    schemas()[EntryWritten.type] = msgspec.json.schema(EntryWritten)
    asyncio.run(_follow())
