"""A private PostgreSQL server for one stack. Standard library only.

It listens on 127.0.0.1 alone, with a generated superuser password (SCRAM), without a unix socket, on a port of its own.
PostgreSQL refuses to run as root; there it runs as the packages' user `postgres`. When that user cannot reach the
checkout, as below root's home, the data lies in `/var/lib/sanmin/<hash of .local's path>/` and `.local` holds a link.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from deploy.local import processes
from deploy.local.layout import LOCAL, Layout, StackError

OUTSIDE = Path("/var/lib/sanmin")
"""Where data lies that PostgreSQL's user could not reach below the checkout."""
START_SECONDS = 60.0
"""Longest wait for readiness: recovery after a crash is part of it."""


def server_binaries() -> Path:
    """The folder of the newest installed PostgreSQL that has PostGIS.

    Raises StackError when there is none.
    """
    found = [
        (int(version), binary.parent)
        for binary in Path("/usr/lib/postgresql").glob("*/bin/postgres")
        if (version := binary.parts[4]).isdigit()
        and Path(f"/usr/share/postgresql/{version}/extension/postgis.control").exists()
    ]
    if not found:
        raise StackError("PostgreSQL with PostGIS is not installed: start through make, which installs it.")
    return max(found)[1]


def outside() -> Path:
    """The folder outside of it that belongs to this checkout's `.local` alone."""
    return OUTSIDE / hashlib.sha256(str(LOCAL).encode()).hexdigest()[:10]


@dataclass(frozen=True)
class Postgres:
    """The server of one stack. Its state is on disk and in the process table: any process of this user can steer it."""

    layout: Layout
    durable: bool
    """Whether commits are flushed to the disk (fsync)."""

    private = True
    """Whether this server is ours to stop and kill."""

    @property
    def link(self) -> Path:
        return self.layout.directory / "postgres"

    @property
    def data(self) -> Path:
        return self.link.resolve()

    @property
    def log(self) -> Path:
        return self.layout.logs / "postgres.log"

    @property
    def port(self) -> int:
        return self.layout.port("postgres")

    def url(self, database: str, role: str, password: str) -> str:
        return f"postgresql://{quote(role)}:{quote(password)}@127.0.0.1:{self.port}/{quote(database)}"

    @property
    def superuser_url(self) -> str:
        return self.url("postgres", "postgres", self.layout.secret("postgres-password"))

    # --- start -------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the server, or adopt it when it already runs, and wait until it answers."""
        self.launch()
        self.wait_ready()

    def launch(self) -> None:
        """Start the server without waiting for it; does nothing when it already runs."""
        if self.pid() is not None:
            return
        binaries = server_binaries()
        if not (self.link / "PG_VERSION").exists():
            self._create(binaries)
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != binaries.parts[4]:
            older = binaries.parents[1] / version / "bin"
            if not (older / "postgres").exists():
                raise StackError(
                    f"The data in {self.link} is of PostgreSQL {version}, which is not installed any more: "
                    "install it again, or `make clean` to begin anew."
                )
            binaries = older
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.layout.port("postgres", fresh=True)),
            "unix_socket_directories": "",
            "max_connections": "200",
            "shared_buffers": "256MB",
            "max_wal_size": "2GB",
            "fsync": "on" if self.durable else "off",
            "synchronous_commit": "on" if self.durable else "off",
            "full_page_writes": "on" if self.durable else "off",
            "log_line_prefix": "%m [%p] %q%u@%d ",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        user, group = self._identity()
        self._trim_log()
        processes.start(
            [str(binaries / "postgres"), "-D", str(self.data), *options],
            environment=self._environment(),
            log=self.log,
            cwd=self.data if user is None else Path("/"),
            user=user,
            group=group,
        )

    def wait_ready(self) -> None:
        """Wait until the server accepts connections; raises StackError with the end of its log if it does not."""
        deadline = time.monotonic() + START_SECONDS
        last_seen = time.monotonic()
        while True:
            if self.pid() is not None:
                last_seen = time.monotonic()
                if self._lock_lines()[7:8] == ["ready"]:
                    return
            processes.reap()
            now = time.monotonic()
            if now > deadline or now - last_seen > 5.0:
                raise StackError(f"PostgreSQL did not start; the end of {self.log}:\n{processes.tail(self.log)}")
            time.sleep(0.03)

    def _create(self, binaries: Path) -> None:
        """initdb into a folder beside the final one, so that a cut-off initdb is never taken for a database."""
        user, group = self._identity()
        place = self._place(user)
        partial = place.with_name(place.name + ".partial")
        shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(place, ignore_errors=True)
        partial.mkdir(parents=True, mode=0o700)
        password = partial.with_name("postgres.password")
        password.write_text(self.layout.secret("postgres-password"))
        password.chmod(0o600)
        if user is not None and group is not None:
            os.chown(partial, user, group)
            os.chown(password, user, group)
        argv = [str(binaries / "initdb"), "-D", str(partial), "--username=postgres", f"--pwfile={password}"]
        argv += ["--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256"]
        if not self.durable:
            argv.append("--no-sync")
        with self.log.open("ab") as output:
            code = subprocess.run(
                argv,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                start_new_session=True,
                user=user,
                group=group,
                extra_groups=None if user is None else [],
                check=False,
            ).returncode
        password.unlink()
        if code != 0:
            raise StackError(f"initdb failed; the end of {self.log}:\n{processes.tail(self.log)}")
        partial.rename(place)
        if place != self.link:
            self.link.unlink(missing_ok=True)
            self.link.symlink_to(place)

    def _place(self, user: int | None) -> Path:
        """Where the data goes: below `.local`, unless `user` cannot get there."""
        if user is None or can_reach(self.layout.directory, user):
            if self.link.is_symlink():
                self.link.unlink()
            return self.link
        place = outside() / self.layout.directory.name / "postgres"
        place.parent.mkdir(parents=True, exist_ok=True)
        for folder in (OUTSIDE, outside(), place.parent):
            folder.chmod(0o755)
        (outside() / "belongs-to").write_text(f"{LOCAL}\n")
        return place

    def _identity(self) -> tuple[int | None, int | None]:
        """User and group to run as: (None, None) for ourselves, else the data's owner or the user `postgres`."""
        if os.geteuid() != 0:
            return None, None
        if (self.link / "PG_VERSION").exists() and (owner := self.data.stat()).st_uid != 0:
            return owner.st_uid, owner.st_gid
        try:
            entry = pwd.getpwnam("postgres")
        except KeyError:
            raise StackError("PostgreSQL cannot run as root and there is no user `postgres` here.") from None
        return entry.pw_uid, entry.pw_gid

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", **processes.mark(self.layout.directory, "postgres")}

    def _trim_log(self) -> None:
        if self.log.exists() and self.log.stat().st_size > 20_000_000:
            self.log.replace(self.log.with_suffix(".log.1"))

    # --- stop --------------------------------------------------------------------------------------------------------

    def _lock_lines(self) -> list[str]:
        """PostgreSQL's own postmaster.pid: process id, data folder, start time, port, …, state as the eighth line."""
        try:
            text = (self.data / "postmaster.pid").read_text()
        except OSError:
            return []
        return [line.strip() for line in text.splitlines()]

    def pid(self) -> int | None:
        """The server's process id while it runs and is ours: its working folder is our data."""
        lines = self._lock_lines()
        if not lines or not re.fullmatch(r"\d+", lines[0]):
            return None
        pid = int(lines[0])
        try:
            ours = Path(f"/proc/{pid}/cwd").readlink() == self.data
        except OSError:
            return None
        return pid if ours and processes.alive(pid) else None

    def stop(self) -> None:
        """Stop in order: open transactions are rolled back, all data is written. Does nothing when it does not run."""
        pid = self.pid()
        if pid is None:
            return
        processes.send(pid, signal.SIGINT)
        if processes.wait_gone([pid], 20.0):
            processes.send(pid, signal.SIGQUIT)
            if processes.wait_gone([pid], 10.0):
                self.kill()

    def erase(self) -> None:
        """Remove all data of the stopped server."""
        shutil.rmtree(self.data, ignore_errors=True)
        if self.link.is_symlink():
            self.link.unlink()

    def kill(self) -> None:
        """SIGKILL the server, as a crash would; returns when all its processes are gone. `start()` recovers."""
        pid = self.pid()
        if pid is None:
            return
        backends = processes.children_of(pid)
        processes.send(pid, signal.SIGKILL)
        for backend in processes.wait_gone([pid, *backends], 5.0):
            processes.send(backend, signal.SIGKILL)
        processes.wait_gone([pid, *backends], 5.0)


def can_reach(folder: Path, user: int) -> bool:
    """Whether a user may enter a folder, asked of the kernel by a process that became that user."""
    return (
        subprocess.run(
            ["/usr/bin/test", "-x", str(folder)],
            user=user,
            group=pwd.getpwuid(user).pw_gid,
            extra_groups=[],
            cwd="/",
            check=False,
        ).returncode
        == 0
    )
