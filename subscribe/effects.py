"""What the command line does with an event: print it, or start a program with it."""

import asyncio
import os
import shlex
import shutil
import sqlite3
import sys

from subscribe.config import KEY
from subscribe.errors import Abort, ConfigError
from subscribe.event import Event, write
from subscribe.follow import Outside
from subscribe.mailbox import Handler

REASON_CHARACTERS = 300
STREAM_BYTES = 1 << 20


def printing() -> Handler:
    """Prints each event as one line of JSON; ends the following when nobody reads any more."""

    def effect(event: Event, _: sqlite3.Connection) -> None:
        try:
            sys.stdout.buffer.write(write(event) + b"\n")
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            raise Abort("nobody reads the output any more") from None

    return effect


def executing(command: str, seconds: float) -> Outside:
    """Starts the program for each event, with the event's JSON on its standard input; any status but 0 is a failure, as is taking longer.

    The program does not see this department's credentials, and what it writes to standard error is the failure's reason.
    """
    try:
        words = shlex.split(command)
    except ValueError:
        words = []
    if not words or shutil.which(words[0]) is None:
        raise ConfigError("--exec names no program that can be started")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(f"{KEY}URL")}

    async def effect(event: Event) -> None:
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment,
            start_new_session=True,  # an interrupt from the terminal is for this process, which lets the program finish
            limit=STREAM_BYTES,
        )
        try:
            async with asyncio.timeout(seconds):
                _, said = await process.communicate(write(event) + b"\n")
        except TimeoutError:
            raise TimeoutError(f"the program took longer than {seconds:g} s") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            words_said = said.decode(errors="replace").strip()[-REASON_CHARACTERS:]
            raise RuntimeError(f"exit status {process.returncode}" + (f": {words_said}" if words_said else ""))

    return effect
