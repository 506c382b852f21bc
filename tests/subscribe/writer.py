"""A department's own program, as a process that tests kill: each event's effect is a row, in a table that would show it twice."""

import asyncio
import signal
import sqlite3
import sys

from subscribe import Event, Mailbox, follow
from subscribe.config import load


def effect(event: Event, db: sqlite3.Connection) -> None:
    db.execute("INSERT INTO effect (subject, position) VALUES (?, ?)", (event.subject, int(event.position or 0)))


async def main() -> None:
    settings = load()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    with Mailbox(settings.mailbox) as mailbox:
        with mailbox.transaction() as db:
            db.execute("CREATE TABLE IF NOT EXISTS effect (place INTEGER PRIMARY KEY, subject TEXT, position INTEGER)")
        await follow(settings.url, settings.queue, mailbox, effect, stop=stop)


if __name__ == "__main__":
    asyncio.run(main())
    sys.exit(0)
