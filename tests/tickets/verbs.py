"""The service's verbs as an operator types them, with settings of the test's own."""

import asyncio
import os
import sys

from typer.testing import CliRunner, Result

from deploy.local.layout import ROOT
from services.tickets.__main__ import cli


async def verb(settings: dict[str, str], *words: str) -> Result:
    """What a verb does, in a thread of its own, since it runs a loop of its own; `settings` are SANMIN_ names without the prefix."""
    environment: dict[str, str | None] = {name: None for name in os.environ if name.startswith("SANMIN_")}
    environment.update(_named(settings))
    return await asyncio.to_thread(lambda: CliRunner().invoke(cli, words, env=environment))


async def process(settings: dict[str, str], *words: str) -> tuple[int | None, str]:
    """A real process's exit code and what it prints."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SANMIN_")}
    started = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.tickets", *words),
        env=inherited | _named(settings),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await started.communicate()
    return started.returncode, output.decode()


def _named(settings: dict[str, str]) -> dict[str, str]:
    return {f"SANMIN_{name}": value for name, value in settings.items()}
