"""Stop signals, the gateway's port, what is printed, and a whole `make run` that is interrupted, killed and started again."""

import io
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from deploy.local import processes, tokens
from deploy.local.broker import Broker
from deploy.local.layout import LOCAL, ROOT, Layout, StackError
from deploy.local.postgres import Postgres
from deploy.local.runner import Interrupted, require_port, show, stop_signals, wait_for
from deploy.local.stack import Stack

START_SECONDS = 120.0


def test_only_the_first_signal_interrupts() -> None:
    with stop_signals():
        with pytest.raises(Interrupted) as interrupted:
            signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
    assert interrupted.value.code == 130


def test_nothing_interrupts_the_stop() -> None:
    with stop_signals() as disarm:
        disarm()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.raise_signal(number)


def test_a_program_in_the_foreground_may_clean_up() -> None:
    code = (
        "import time\n"
        "print('ready', flush=True)\n"
        "try: time.sleep(60)\n"
        "except KeyboardInterrupt: time.sleep(0.2); print('clean', flush=True)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        with stop_signals(), pytest.raises(Interrupted) as interrupted:
            threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGTERM)).start()
            wait_for(child)
        assert interrupted.value.code == 143
        assert child.returncode == 0
        assert child.stdout.read() == b"clean\n"


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    layout = Layout(tmp_path / "run")
    layout.make()
    return Stack("run", layout, Postgres(layout, durable=True), Broker(layout))


def test_a_taken_port_is_one_sentence_with_the_setting(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setenv("SANMIN_PORT", str(port))
        with pytest.raises(StackError, match=rf"Port {port} is taken .*SANMIN_PORT"):
            require_port(stack)
    require_port(stack)


def test_the_addresses_and_every_account_are_shown(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANMIN_PORT", "8123")
    shown = io.StringIO()
    show(stack, Console(file=shown, width=80))
    assert "http://127.0.0.1:8123/graphql" in shown.getvalue()
    assert "http://127.0.0.1:8123/readyz" in shown.getvalue()
    for account, who in tokens.accounts().items():
        assert f" {account} " in shown.getvalue()
        assert who.roles[0] in shown.getvalue()


@dataclass(frozen=True)
class Run:
    """`python -m deploy.local run` in a folder and at a port of its own."""

    local: Path
    port: int

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "SANMIN_LOCAL": str(self.local), "SANMIN_PORT": str(self.port)}

    def start(self, until: str) -> subprocess.Popen[str]:
        """Start it and read what it prints until a line holds `until`; the rest is read away."""
        child = subprocess.Popen(
            [sys.executable, "-m", "deploy.local", "run"],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert child.stdout is not None
        timer = threading.Timer(START_SECONDS, os.killpg, (child.pid, signal.SIGKILL))
        timer.start()
        read = []
        for line in child.stdout:
            read.append(line)
            if until in line:
                break
        else:
            pytest.fail("it ended early:\n" + "".join(read))
        timer.cancel()
        threading.Thread(target=self._drain, args=(child,), daemon=True).start()
        return child

    @staticmethod
    def _drain(child: subprocess.Popen[str]) -> None:
        assert child.stdout is not None
        for _ in child.stdout:
            pass
        child.stdout.close()

    def left(self) -> list[int]:
        """Processes of this stack that run."""
        return processes.marked(self.local / "run")

    def is_ready(self) -> bool:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)

    def keeps_messages(self) -> bool:
        """Whether the broker's data will be kept by the next start."""
        layout = Layout(self.local / "run")
        return Broker(layout).is_complete()

    def do(self, verb: str) -> int:
        argv = [sys.executable, "-m", "deploy.local", verb]
        return subprocess.run(argv, cwd=ROOT, env=self.environment, capture_output=True, check=False).returncode


@pytest.fixture
def run() -> Iterator[Run]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    made = Run(LOCAL / f"trial-run-{os.getpid()}", port)
    try:
        yield made
    finally:
        assert made.do("clean") == 0
        assert not made.local.exists()


def ctrl_c(child: subprocess.Popen[str]) -> None:
    os.killpg(child.pid, signal.SIGINT)


def only_the_runner(child: subprocess.Popen[str]) -> None:
    child.send_signal(signal.SIGTERM)


@pytest.mark.parametrize("stop", [ctrl_c, only_the_runner])
def test_an_interrupt_in_the_middle_leaves_nothing(run: Run, stop: Callable[[subprocess.Popen[str]], None]) -> None:
    child = run.start(until="Preparing the databases")
    stop(child)
    assert child.wait(60) in (130, 143)
    assert run.left() == []


def test_a_killed_run_is_taken_over_and_then_stopped(run: Run) -> None:
    first = run.start(until="Sanmin is ready")
    assert run.is_ready()
    first.kill()
    first.wait()
    assert run.left()
    assert run.keeps_messages()
    second = run.start(until="Sanmin is ready")
    assert run.is_ready()
    assert run.keeps_messages()
    ctrl_c(second)
    assert second.wait(60) == 0
    assert run.left() == []
