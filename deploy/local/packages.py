"""The root half of the bootstrap: installs Debian packages without starting a service.

Called as `python3 packages.py PART…` with the parts `venv`, `postgresql`, `rabbitmq` and `printing`, as root. Standard library only.

Debian's maintainer scripts start and enable the services they bring. Sanmin runs its own private ones, so while the
packages are set up a `/usr/sbin/policy-rc.d` (if the machine has none) denies every action on services: a new one is not
started, one that already runs is neither stopped nor restarted. Servers that are new afterwards are also disabled, or
the next boot would start them.

Downloading can be interrupted; setting up cannot: a signal that comes meanwhile is obeyed when dpkg is done.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

POLICY = Path("/usr/sbin/policy-rc.d")
MARK = "# Made by Sanmin's bootstrap for the time of one installation."
POLICY_TEXT = f"""#!/bin/sh
{MARK}
exit 101
"""
SYSTEMD_UNITS = ("postgresql.service", "rabbitmq-server.service", "epmd.socket", "epmd.service")
INIT_SCRIPTS = ("postgresql", "rabbitmq-server")
PRINTING = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-noto-cjk")
"""What lays pages out, and a font with the characters of all names."""
APT = ("apt-get", "--quiet=2", "-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Use-Pty=0", "--yes")


class Commands:
    """Runs commands out of reach of the terminal's Ctrl-C, and remembers that a signal asked to stop."""

    def __init__(self) -> None:
        self.stop_wanted = False
        self._interruptible: subprocess.Popen[str] | None = None

    def note_stop(self, _signum: int, _frame: FrameType | None) -> None:
        """The signal handler: ends a download at once, lets everything else finish."""
        if not self.stop_wanted:
            print("Finishing the installation step in hand, then stopping …", flush=True)
        self.stop_wanted = True
        if self._interruptible is not None:
            self._interruptible.terminate()

    def run(self, *argv: str, interruptible: bool = False) -> int:
        """Run a command to its end; what it prints is shown only if it fails. Returns its exit code."""
        child = subprocess.Popen(
            argv,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._interruptible = child if interruptible else None
        output, _ = child.communicate()
        self._interruptible = None
        if child.returncode != 0 and not self.stop_wanted:
            print(output, flush=True)
        return child.returncode


def read(*argv: str) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout


def has_candidate(package: str) -> bool:
    """Whether apt knows an installable version."""
    found = re.search(r"^\s*Candidate:\s*(\S+)", read("apt-cache", "policy", package), re.MULTILINE)
    return found is not None and found[1] != "(none)"


def installed_servers() -> set[int]:
    """Versions of the PostgreSQL servers that are installed."""
    binaries = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    return {int(path.parts[4]) for path in binaries if path.parts[4].isdigit()}


def postgis_package() -> str | None:
    """The PostGIS package for the installed server with the highest version, else for the newest there is."""
    listing = read("apt-cache", "--names-only", "search", r"^postgresql-[0-9]+-postgis-3$")
    offered = {int(version) for version in re.findall(r"^postgresql-(\d+)-postgis-3\b", listing, re.MULTILINE)}
    if not offered:
        return None
    return f"postgresql-{max(offered & installed_servers() or offered)}-postgis-3"


def packages(parts: list[str]) -> list[str] | None:
    """Package names for the parts, or None when apt's lists do not know them all."""
    names: list[str] = []
    for part in parts:
        match part:
            case "venv":
                wanted: tuple[str | None, ...] = (f"python3.{sys.version_info.minor}-venv",)
            case "postgresql":
                wanted = (postgis_package(),)
            case "rabbitmq":
                wanted = ("rabbitmq-server",)
            case "printing":
                wanted = PRINTING
            case _:
                raise SystemExit(f"packages.py: unknown part {part!r}")
        for name in wanted:
            if name is None or not has_candidate(name):
                return None
            names.append(name)
    return names


@contextmanager
def no_service_starts() -> Iterator[None]:
    """Deny all service actions for the time of an installation; a policy of the machine's own is left as it is."""
    if POLICY.exists() and MARK in POLICY.read_text(errors="replace"):
        POLICY.unlink()
    ours = not POLICY.exists()
    if ours:
        POLICY.write_text(POLICY_TEXT)
        POLICY.chmod(0o755)
    try:
        yield
    finally:
        if ours:
            POLICY.unlink(missing_ok=True)


def unit_state() -> dict[str, bool]:
    """Which of the services' systemd units are known, and whether each is active; empty without systemd."""
    if not Path("/run/systemd/system").is_dir():
        return {}
    states = {}
    for unit in SYSTEMD_UNITS:
        if "\n" in read("systemctl", "list-unit-files", "--no-legend", unit):
            states[unit] = read("systemctl", "is-active", unit).strip() == "active"
    return states


def set_up(commands: Commands, names: list[str]) -> int:
    """Install the downloaded packages; what they bring is left stopped and disabled. Returns apt's exit code."""
    units_before = unit_state()
    scripts_before = {name for name in INIT_SCRIPTS if Path("/etc/init.d", name).exists()}
    with no_service_starts():
        code = commands.run(*APT, "install", "--no-install-recommends", "--no-upgrade", *names)
    for script in INIT_SCRIPTS:
        if script not in scripts_before and Path("/etc/init.d", script).exists():
            commands.run("update-rc.d", script, "disable")
    for unit in unit_state():
        if unit not in units_before:
            commands.run("systemctl", "disable", "--now", "--quiet", unit)
    return code


def download(commands: Commands, parts: list[str]) -> list[str] | None:
    """Download the packages for the parts, after `apt-get update` if need be. Their names, or None if that failed."""
    for attempt in (1, 2):
        if commands.stop_wanted:
            break
        names = packages(parts)
        if names is None or attempt == 2:
            print("Updating the package lists (apt-get update) …", flush=True)
            commands.run(*APT, "update", interruptible=True)
            names = packages(parts)
        if names is None or commands.stop_wanted:
            break
        print(f"Installing {', '.join(names)} …", flush=True)
        argv = (*APT, "install", "--download-only", "--no-install-recommends", "--no-upgrade", *names)
        if commands.run(*argv, interruptible=True) == 0:
            return names
    return None


def main(parts: list[str]) -> int:
    """Install what the parts need. 0 when done, 130 when a signal asked to stop, 1 when it could not be done."""
    commands = Commands()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, commands.note_stop)
    if read("dpkg", "--audit").strip():
        print("Completing an installation that was cut off earlier …", flush=True)
        with no_service_starts():
            commands.run("dpkg", "--configure", "-a")
    names = download(commands, parts)
    done = names is not None and not commands.stop_wanted and set_up(commands, names) == 0
    if commands.stop_wanted:
        return 130
    if names is None:
        print("apt could not get the packages for: " + ", ".join(parts), flush=True)
    return 0 if done else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
