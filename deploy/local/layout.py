"""Where a stack keeps its things: folders, generated secrets, ports, and the lock of its runner. Standard library only.

A stack is `run` (for `make run`), `test` (for `make test`) or a test's own; each has its own folder `.local/<name>/` with

    ports.json    the ports picked at the first start and kept while they are free
    secrets/      generated passwords and keys, one a file, mode 0600
    lock          held by the process that runs the stack; it holds that process's id
    logs/         what PostgreSQL, the broker and the processes print
    broker/       RabbitMQ's home and data
    postgres      PostgreSQL's data, or a link to it (see postgres.py)
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""
LOCAL = Path(os.environ.get("SANMIN_LOCAL") or ROOT / ".local").absolute()
"""Where the stacks are; the setting moves them."""
PORTS = range(20000, 30000)
"""Below the kernel's range for outgoing connections, so that a port that was free stays free."""


class StackError(Exception):
    """The stack cannot do what was asked; the message is one sentence for the person at the terminal."""


def say(words: str) -> None:
    """Tell the person at the terminal; standard output stays free for what a command is asked for."""
    # The terminal may be gone; what is being done, such as stopping, goes on.
    with suppress(OSError):
        print(words, file=sys.stderr, flush=True)


def port_is_free(port: int) -> bool:
    """Whether a server could listen on 127.0.0.1 at this port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def write_private(path: Path, text: str) -> None:
    """Write a file whole or not at all, readable by its owner only."""
    partial = path.with_name(path.name + ".partial")
    partial.touch(mode=0o600)
    partial.write_text(text)
    partial.replace(path)


@dataclass(frozen=True)
class Layout:
    """The folder of one stack."""

    directory: Path

    @classmethod
    def of(cls, name: str) -> Layout:
        return cls(LOCAL / name)

    @property
    def logs(self) -> Path:
        return self.directory / "logs"

    def make(self) -> None:
        """Create the folders. Others may pass through them, as PostgreSQL's own user must, but not read the secrets.

        Raises StackError when they belong to another user.
        """
        for folder in (self.directory.parent, self.directory, self.logs, self.directory / "secrets"):
            folder.mkdir(parents=True, exist_ok=True)
            owner = folder.stat().st_uid
            if owner != os.geteuid() and os.geteuid() != 0:
                raise StackError(
                    f"{folder} belongs to another user (uid {owner}): "
                    "run as that user, or remove it with `make clean` as that user."
                )
            if owner == os.geteuid():
                folder.chmod(0o700 if folder.name == "secrets" else 0o755)

    def port(self, name: str, *, fresh: bool = False) -> int:
        """The port of a part, picked once and remembered. With `fresh`, another one if it is taken now."""
        path = self.directory / "ports.json"
        ports: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
        if name in ports and not (fresh and not port_is_free(ports[name])):
            return ports[name]
        taken = set(ports.values())
        while True:
            port = secrets.choice(PORTS)
            if port not in taken and port_is_free(port):
                break
        ports[name] = port
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(ports, indent=1, sort_keys=True) + "\n")
        partial.replace(path)
        return port

    def secret(self, name: str) -> str:
        """A generated secret, made at the first call: base64 of 32 bytes for a `…key`, else a URL-safe password."""
        path = self.directory / "secrets" / name
        if path.exists() and (value := path.read_text().strip()):
            return value
        value = (
            base64.b64encode(secrets.token_bytes(32)).decode() if name.endswith("key") else secrets.token_urlsafe(24)
        )
        write_private(path, value + "\n")
        return value

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only runner of the stack. Raises StackError when another one is at it."""
        # A POSIX lock: forked children do not hold it, and it ends with the process however that ends.
        with (self.directory / "lock").open("a+") as file:
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.seek(0)
                raise StackError(
                    f"This checkout's {self.directory.name} stack is in use by process {file.read().strip()}: "
                    "end that one, or use `make stop`."
                ) from None
            file.truncate(0)
            file.write(f"{os.getpid()}\n")
            file.flush()
            yield

    def runner(self) -> int | None:
        """The process that holds the lock."""
        path = self.directory / "lock"
        if not path.exists():
            return None
        with path.open("r+") as file:
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return int(file.read().strip() or 0) or None
        return None
