"""`make test`: every check of the repository in order, pytest last, on a test stack of its own."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile

from deploy.local.layout import ROOT, say
from deploy.local.runner import Interrupted, stop_signals, wait_for
from deploy.local.stack import Stack

TOOLS = Path(sys.executable).parent

STATIC = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("lint-imports",),
)
"""Checks that need no server, in the order in which they run; the first that fails ends the run."""

PARTS = (
    ("archive", "catalogue", "contracts"),
    ("chassis", "gateway", "liaison", "tickets"),
    ("bench", "deploy", "e2e", "faults", "subscribe"),
)
"""Folders of tests that run side by side; the last ones start processes, kill them and watch the clock, one after the other."""


def check(argv: tuple[str, ...], environment: dict[str, str]) -> int:
    """Run one check to its end."""
    say("· " + " ".join(argv))
    return wait_for(subprocess.Popen([str(TOOLS / argv[0]), *argv[1:]], cwd=ROOT, env=environment))


def run_checks(stack: Stack, arguments: list[str]) -> int:
    """All checks; the servers come up while the first ones run. Returns the first exit code that is not 0."""
    stack.broker.launch()
    stack.postgres.launch()
    environment = stack.test_environment()
    for argv in STATIC:
        if code := check(argv, environment):
            return code
    stack.postgres.wait_ready()
    stack.broker.wait_ready()
    return check(("pytest", *arguments), environment) if arguments else side_by_side(environment)


def side_by_side(environment: dict[str, str]) -> int:
    """All tests; what each part says is told when all are done, so that it can be read."""
    with ExitStack() as stack:
        running = []
        for part in PARTS:
            said = stack.enter_context(TemporaryFile())
            argv = [str(TOOLS / "pytest"), *(f"tests/{folder}" for folder in part)]
            say("· " + " ".join(["pytest", *argv[1:]]))
            running.append((said, subprocess.Popen(argv, cwd=ROOT, env=environment, stdout=said, stderr=said)))
        codes = [wait_for(process) for _, process in running]
        for said, _ in running:
            said.seek(0)
            sys.stdout.buffer.write(said.read())
            sys.stdout.flush()
    return max(codes)


def test(arguments: list[str]) -> int:
    """`make test`; servers that `up` left running are used and left running. Returns the exit code."""
    stack = Stack.open("test")
    if (stack.layout.directory / "keep").exists():
        return run_checks(stack, arguments)
    try:
        with stack.layout.locked(), stop_signals() as disarm:
            try:
                return run_checks(stack, arguments)
            finally:
                disarm()
                stack.stop()
    except Interrupted as interrupted:
        return interrupted.code
