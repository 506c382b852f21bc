"""Pages from templates, and pages laid out as PDF in a process of their own, one at a time. That needs Pango and fonts."""

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import gettempdir

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.chassis.errors import Unavailable

LAYOUT = Path(__file__).resolve().parent / "layout.py"
MOST_WAITING = 20
SECONDS = 60


def templates(folder: Path) -> Environment:
    """Of HTML pages: values are escaped, and one that is missing is an error."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


class Press:
    """Laying out takes a second of a processor and 100 MB for a while: a process of its own keeps the event loop free and gives all back."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def pdf(self, html: str) -> bytes:
        """Raises Unavailable when many wait already, or when a page takes too long."""
        if self._waiting >= MOST_WAITING:
            raise Unavailable("many sheets are being printed; try again")
        self._waiting += 1
        try:
            async with self._turn, asyncio.timeout(SECONDS):
                return await _laid_out(html.encode())
        except TimeoutError:
            raise Unavailable("the sheet took too long to lay out") from None
        finally:
            self._waiting -= 1


ENVIRONMENT: Mapping[str, str] = {"LC_ALL": "C.UTF-8", "XDG_CACHE_HOME": gettempdir()}
"""All that the process gets of ours; font caches need a place to write."""


async def _laid_out(html: bytes) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", str(LAYOUT)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=ENVIRONMENT,
        start_new_session=True,
    )
    try:
        laid, _ = await process.communicate(html)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise RuntimeError(f"the page could not be laid out (exit {process.returncode})")
    return laid
