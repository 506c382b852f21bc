"""Starting, finding and ending the operating system's processes of a stack. Standard library only.

Every process carries the mark `LOCAL_STACK_MARK=<folder of the stack>:<part>` in its environment. A stack finds its own
processes by it, also those that a killed predecessor left behind, and can never take another's for its own.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

MARK = "LOCAL_STACK_MARK"
EXEC_TRIES = 20
PF_KTHREAD = 0x0020_0000

_children: list[subprocess.Popen[bytes]] = []


def mark(directory: Path, part: str) -> dict[str, str]:
    """The environment entry that marks a process as the stack's."""
    return {MARK: f"{directory}:{part}"}


def start(
    argv: list[str],
    *,
    environment: Mapping[str, str],
    log: Path,
    cwd: Path,
    user: int | None = None,
    group: int | None = None,
) -> int:
    """Start a server and return its process id.

    It gets its own session, so that the terminal's Ctrl-C reaches only the runner, which ends its servers in order.
    `environment` is the whole environment; output goes to the end of `log`.
    """
    with log.open("ab") as output:
        child = subprocess.Popen(
            argv,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            start_new_session=True,
            user=user,
            group=group,
            extra_groups=None if user is None else [],
        )
    _children.append(child)
    return child.pid


def reap() -> None:
    """Collect children that ended, so that they do not stay as zombies."""
    _children[:] = [child for child in _children if child.poll() is None]


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in ("Z", "X")


def name_of(pid: int) -> str:
    """The kernel's short name of a process, empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def children_of(parent: int) -> list[int]:
    """Direct children of a process."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(stat.parent.name))
    return found


def marked(directory: Path, part: str | None = None) -> list[int]:
    """Processes that run with the stack's mark, of one part or of all."""
    wanted = f"{MARK}={directory}:".encode() + (b"" if part is None else part.encode() + b"\0")
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            content = _environment_of(process) + b"\0"
        except OSError:
            continue
        if content.startswith(wanted) or b"\0" + wanted in content:
            found.append(int(process.name))
    return [pid for pid in found if pid != os.getpid()]


def _environment_of(process: Path) -> bytes:
    """The environment by the process's folder in /proc; raises OSError when it may not be read, or the process is gone.

    While a process becomes another program (exec) it has none for an instant, or cannot be asked, and must not be taken for a stranger.
    """
    for _ in range(EXEC_TRIES):
        with suppress(ProcessLookupError):
            if content := (process / "environ").read_bytes():
                return content
        if not _has_a_program(process):
            break
        time.sleep(0.001)
    return b""


def _has_a_program(process: Path) -> bool:
    """Whether it is neither one of the kernel's own threads nor a zombie."""
    state, *fields = (process / "stat").read_text().rpartition(")")[2].split()
    return state not in ("Z", "X") and not int(fields[5]) & PF_KTHREAD


def send(pid: int, signum: int) -> None:
    """Send a signal; a process that is gone is fine."""
    with suppress(ProcessLookupError):
        os.kill(pid, signum)


def wait_gone(pids: Iterable[int], seconds: float) -> list[int]:
    """Wait until the processes have ended; returns those that still run after `seconds`."""
    deadline = time.monotonic() + seconds
    left = []
    for pid in pids:
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        try:
            poller = select.poll()
            poller.register(handle, select.POLLIN)
            if not poller.poll(max(0.0, deadline - time.monotonic()) * 1000):
                left.append(pid)
        finally:
            os.close(handle)
    reap()
    return left


def end(pids: list[int], *, gently: int = signal.SIGTERM, seconds: float = 10.0) -> None:
    """Ask processes to end, and kill those that have not after `seconds`."""
    for pid in pids:
        send(pid, gently)
    left = wait_gone(pids, seconds)
    for pid in left:
        send(pid, signal.SIGKILL)
    wait_gone(left, 10.0)


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log, indented, for an error message."""
    try:
        text = log.read_text(errors="replace").splitlines()[-lines:]
    except OSError:
        return ""
    return "\n".join("    " + line for line in text)
