"""The root half of the bootstrap: installs Debian packages without starting a service.

Called as `python3 packages.py PART…` with the parts `venv`, `postgresql` and `rabbitmq`, as root. Standard library only.

Debian's maintainer scripts start and enable the services they bring. Sanmin runs its own private ones, so while the
packages are set up a `/usr/sbin/policy-rc.d` (if the machine has none) denies every action on these services: a new one is not
started, one that already runs is neither stopped nor restarted. Services that are new afterwards are also disabled, or
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
case "$1" in
postgresql*|rabbitmq-server*|epmd*) exit 101 ;;
esac
exit 0
"""
SYSTEMD_UNITS = ("postgresql.service", "rabbitmq-server.service", "epmd.socket", "epmd.service")
INIT_SCRIPTS = ("postgresql", "rabbitmq-server")
APT = ("apt-get", "--quiet=2", "-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Use-Pty=0", "--yes")

_stop_wanted = False


def note_stop(_signum: int, _frame: FrameType | None) -> None:
    global _stop_wanted
    if not _stop_wanted:
        print("Finishing the installation step in hand, then stopping …", flush=True)
    _stop_wanted = True


def run(*argv: str, quiet: bool = False) -> int:
    """Run in a session of its own, out of reach of the terminal's Ctrl-C."""
    sink = subprocess.DEVNULL if quiet else None
    return subprocess.run(
        argv,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=sink,
        stderr=sink,
        start_new_session=True,
        check=False,
    ).returncode


def read(*argv: str) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout


def has_candidate(package: str) -> bool:
    """Whether apt knows an installable version."""
    found = re.search(r"^\s*Candidate:\s*(\S+)", read("apt-cache", "policy", package), re.MULTILINE)
    return found is not None and found[1] != "(none)"


def postgis_package() -> str | None:
    """The PostGIS package for the installed server with the highest version, else for the newest there is."""
    listing = read("apt-cache", "--names-only", "search", r"^postgresql-[0-9]+-postgis-3$")
    offered = {int(version) for version in re.findall(r"^postgresql-(\d+)-postgis-3\b", listing, re.MULTILINE)}
    if not offered:
        return None
    installed = {
        int(path.parts[4])
        for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")
        if path.parts[4].isdigit()
    }
    return f"postgresql-{max(offered & installed or offered)}-postgis-3"


def packages(parts: list[str]) -> list[str] | None:
    """Package names for the parts, or None when apt's lists do not know them all."""
    names: list[str] = []
    for part in parts:
        match part:
            case "venv":
                name: str | None = f"python3.{sys.version_info.minor}-venv"
            case "postgresql":
                name = postgis_package()
            case "rabbitmq":
                name = "rabbitmq-server"
            case _:
                raise SystemExit(f"packages.py: unknown part {part!r}")
        if name is None or not has_candidate(name):
            return None
        names.append(name)
    return names


@contextmanager
def no_service_starts() -> Iterator[None]:
    """Deny service actions for the time of an installation; a policy of the machine's own is left as it is."""
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


def set_up(names: list[str]) -> int:
    """Install the downloaded packages; what they bring is left stopped and disabled. Returns apt's exit code."""
    units_before = unit_state()
    scripts_before = {name for name in INIT_SCRIPTS if Path("/etc/init.d", name).exists()}
    with no_service_starts():
        code = run(*APT, "install", "--no-install-recommends", "--no-upgrade", *names)
    for script in INIT_SCRIPTS:
        if script not in scripts_before and Path("/etc/init.d", script).exists():
            run("update-rc.d", script, "disable", quiet=True)
    for unit in unit_state():
        if unit not in units_before:
            run("systemctl", "disable", "--now", "--quiet", unit, quiet=True)
    return code


def main(parts: list[str]) -> int:
    """Install what the parts need. 0 when done, 130 when a signal asked to stop, else apt's exit code."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, note_stop)
    if read("dpkg", "--audit").strip():
        print("Completing an installation that was cut off earlier …", flush=True)
        with no_service_starts():
            run("dpkg", "--configure", "-a")
    names = packages(parts)
    for attempt in (1, 2):
        if attempt == 2 or names is None:
            print("Updating the package lists (apt-get update) …", flush=True)
            run(*APT, "update")
            names = packages(parts)
        if _stop_wanted:
            return 130
        if names is None:
            print("apt offers no package for: " + ", ".join(parts), flush=True)
            return 1
        print(f"Installing {', '.join(names)} …", flush=True)
        code = run(*APT, "install", "--download-only", "--no-install-recommends", "--no-upgrade", *names)
        if _stop_wanted:
            return 130
        if code == 0:
            break
    if code == 0:
        code = set_up(names)
    return 130 if _stop_wanted else code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
