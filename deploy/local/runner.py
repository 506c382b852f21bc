"""`make run`: servers, databases, then all processes under honcho until Ctrl-C or until one of them ends.

Whatever interrupts it, the stack is stopped in order before it returns: services, broker, PostgreSQL.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import multiprocessing
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import honcho.manager
import honcho.process
from honcho.printer import Message, Printer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from deploy.local import processes, tokens
from deploy.local.layout import ROOT, StackError, port_is_free, say
from deploy.local.provision import prepare
from deploy.local.stack import PROCESSES, Stack

STOP_SECONDS = 12
"""How long a process may take to stop after SIGTERM; the services promise 10."""
CHILD_SECONDS = 30.0
"""How long a program in the terminal's foreground may take to clean up after Ctrl-C."""
REMIND_SECONDS = 30.0
NO_ANSWER = "no answer"
PR_SET_PDEATHSIG = 1
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(Exception):
    """A signal asked to stop. `code` is the exit code that a shell expects of it."""

    def __init__(self, signum: int) -> None:
        super().__init__(signal.Signals(signum).name)
        self.code = 128 + signum


@contextmanager
def stop_signals() -> Iterator[Callable[[], None]]:
    """Turn the first of Ctrl-C, SIGTERM and a closed terminal into Interrupted; later ones are ignored.

    Yields a function after whose call all are ignored: from then on the stop cannot be cut off.
    """
    armed = True

    def disarm() -> None:
        nonlocal armed
        armed = False
        for number in STOP_SIGNALS:
            signal.signal(number, interrupt)

    def interrupt(signum: int, _frame: FrameType | None) -> None:
        nonlocal armed
        if armed:
            armed = False
            raise Interrupted(signum)

    before = [signal.signal(number, interrupt) for number in STOP_SIGNALS]
    try:
        yield disarm
    finally:
        for number, handler in zip(STOP_SIGNALS, before, strict=True):
            signal.signal(number, handler)


class Process(honcho.process.Process):  # type: ignore[misc]
    """honcho's watcher of one process. It ends with the runner, even if that is killed."""

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.signal(signal.SIGHUP, lambda *_: None)
        super().run(events, ignore_signals)


class LogPrinter(Printer):  # type: ignore[misc]
    """Prints every line with its process's name, and keeps it in that process's own log."""

    def __init__(self, logs: Path, names: list[str]) -> None:
        super().__init__(sys.stdout)
        self._files = {name: (logs / f"{name}.log").open("wb") for name in names}

    def write(self, message: Message) -> None:
        if file := self._files.get(message.name):
            file.write(message.data)
            file.flush()
        super().write(message)


class Manager(honcho.manager.Manager):  # type: ignore[misc]
    """honcho's manager, safe against a signal that comes while it is still starting processes."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(LogPrinter(stack.layout.logs, list(PROCESSES)))
        self._process_ctor = Process
        self._stack = stack
        self._stop_wanted = False
        self.ended: tuple[str, int] | None = None
        """The process that ended before anything asked it to, with its exit code."""
        for name, argv in PROCESSES.items():
            # setpriv ends the process when its watcher dies; exec leaves no shell in front of it.
            command = "exec setpriv --pdeathsig TERM " + shlex.join(argv)
            self.add_process(name, command, env=stack.environment(name), cwd=str(ROOT))

    def _start(self) -> None:
        """Fork the watchers with a handler that only notes a signal: honcho's own would run in each of them."""
        noted: list[int] = []
        honchos = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        for number in honchos:
            signal.signal(number, lambda signum, _frame: noted.append(signum))
        super()._start()
        for number, handler in honchos.items():
            signal.signal(number, handler)
        threading.Thread(target=announce, args=(self._stack,), daemon=True).start()
        if noted:
            os.kill(os.getpid(), noted[0])

    def terminate(self) -> None:
        if self._all_started():
            super().terminate()
        else:
            self._stop_wanted = True

    def _any_stopped(self) -> bool:
        if self.ended is None and not self._terminating:
            codes = {name: process.get("returncode") for name, process in self._processes.items()}
            self.ended = next(((name, code) for name, code in codes.items() if code is not None), None)
        return self._stop_wanted or bool(super()._any_stopped())


def why_not_ready(stack: Stack, name: str) -> str | None:
    """What a process still lacks, None when it is ready."""
    try:
        with urllib.request.urlopen(stack.base_url(name) + "/readyz", timeout=5):  # noqa: S310  our own address
            return None
    except urllib.error.HTTPError as error:
        checks = json.loads(error.read() or b"{}").get("checks", {})
        return ", ".join(check for check, state in checks.items() if state != "ok") or f"status {error.code}"
    except (OSError, ValueError):
        return NO_ANSWER


def announce(stack: Stack) -> None:
    """Wait until every process is ready, then say where everything is; now and then, what is still missing.

    The gateway is asked last, and one that said it is not ready is not asked again at once: each such answer is in its log.
    """
    reminded = time.monotonic()
    for names in (set(PROCESSES) - {"gateway"}, {"gateway"}):
        waiting: dict[str, str | None] = dict.fromkeys(sorted(names))
        while waiting := {name: why for name in waiting if (why := why_not_ready(stack, name))}:
            if time.monotonic() - reminded > REMIND_SECONDS:
                reminded = time.monotonic()
                say("Still waiting for " + "; ".join(f"{name} ({why})" for name, why in waiting.items()))
            time.sleep(0.1 if set(waiting.values()) == {NO_ANSWER} else 0.5)
    show(stack, Console())


def show(stack: Stack, console: Console) -> None:
    """Print the addresses and the table of example accounts."""
    table = Table(title="Example accounts (示例)", title_justify="left", box=SIMPLE)
    for column in ("account", "role", "areas", "department or household"):
        table.add_column(column)
    for account, who in tokens.accounts().items():
        place = who.department or (f"household {int(who.household[-12:])}" if who.household else "")
        table.add_row(account, ", ".join(who.roles), " ".join(who.areas), place)
    gateway = stack.base_url("gateway")
    lines = (
        "",
        "Sanmin is ready.",
        f"  GraphQL (HTTP and WebSocket)  {gateway}/graphql",
        f"  GraphiQL (in a browser)       {gateway}/graphql",
        f"  Readiness                     {gateway}/readyz",
        "",
    )
    console.print("\n".join(lines), highlight=False, markup=False)
    console.print(table)
    console.print("An access token, for the header Authorization: Bearer …", highlight=False, markup=False)
    console.print("  make token as=cadre", highlight=False, markup=False)
    console.print("Ctrl-C stops everything.\n", highlight=False, markup=False)


def require_port(stack: Stack) -> None:
    """Raises StackError naming the setting when the gateway's port is taken."""
    port = stack.port("gateway")
    if not port_is_free(port):
        raise StackError(
            f"Port {port} is taken by another program: free it, or choose another port with SANMIN_PORT, "
            f"as in `SANMIN_PORT={port + 1} make run`."
        )


def serve(stack: Stack) -> int:
    """Run all processes until a signal comes, the ordinary end (exit code 0), or one of them ends by itself (1)."""
    honcho.manager.KILL_WAIT = STOP_SECONDS
    multiprocessing.set_start_method("fork", force=True)
    manager = Manager(stack)
    manager.loop()
    if manager.ended is not None and manager.returncode not in (128 + signal.SIGINT, 128 + signal.SIGTERM):
        name, code = manager.ended
        say(f"{name} ended by itself (exit code {code}), so everything stops. Its log: {stack.layout.logs / name}.log")
        return 1
    return 0


@contextmanager
def started(stack: Stack) -> Iterator[None]:
    """The stack's servers and loaded databases for the time of the block; all is stopped after it, whatever happens."""
    with stack.layout.locked(), stop_signals() as disarm:
        # What a killed predecessor left: its servers are adopted, its processes are not.
        processes.end(processes.marked(stack.layout.directory, "process"), seconds=STOP_SECONDS)
        require_port(stack)
        try:
            if stack.postgres.private or stack.broker.private:
                say("Starting PostgreSQL and RabbitMQ …")
            stack.broker.launch()
            stack.postgres.launch()
            stack.postgres.wait_ready()
            say("Preparing the databases: migrations, divisions, the example village …")
            try:
                asyncio.run(prepare(stack))  # beside the broker's start, for which the migrations wait
            except StackError:
                stack.broker.wait_ready()  # says why, if it is the broker
                raise
            stack.broker.wait_ready()
            yield
        finally:
            disarm()
            say("Stopping …")
            stack.stop()


def run() -> int:
    """`make run`. Returns the exit code."""
    stack = Stack.open("run")
    try:
        with started(stack):
            say("Starting the services and the gateway …")
            return serve(stack)
    except Interrupted as interrupted:
        return interrupted.code


def wait_for(child: subprocess.Popen[bytes]) -> int:
    """Wait for a program that shares our terminal. An interrupt is its to end by, and is raised again when it has."""
    try:
        return child.wait()
    except Interrupted as interrupted:
        # Ctrl-C reaches it as it reaches us; the other signals do not.
        if interrupted.code != 128 + signal.SIGINT:
            processes.send(child.pid, signal.SIGINT)
        for signum in (signal.SIGTERM, signal.SIGKILL):
            if not processes.wait_gone([child.pid], CHILD_SECONDS):
                break
            processes.send(child.pid, signum)
        child.wait()
        raise


def run_module(module: str, *arguments: str, beside: bool) -> int:
    """Run a module of this checkout on the stack, with its addresses in the environment. Returns the exit code.

    The stack is started for it and stopped after it. With `beside`, one that `make run` has started is used as it runs.
    """
    stack = Stack.open("run")
    command = [sys.executable, "-m", module, *arguments]
    try:
        if beside and stack.layout.runner() is not None:
            with stop_signals():
                return wait_for(subprocess.Popen(command, cwd=ROOT, env=stack.tool_environment()))
        with started(stack):
            return wait_for(subprocess.Popen(command, cwd=ROOT, env=stack.tool_environment()))
    except Interrupted as interrupted:
        return interrupted.code
