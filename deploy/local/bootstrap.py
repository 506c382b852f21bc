#!/usr/bin/env python3
"""Makes a bare Debian machine ready, then hands over to `python -m deploy.local VERB`.

Runs on the system's own Python (3.11 or newer) with the standard library alone, as root or as a user with sudo. It makes
`.venv` from `requirements-dev.lock`, and installs the Debian packages of PostgreSQL with PostGIS, of RabbitMQ and of what
printing needs (Pango and a Chinese font) where they are missing. Each step is skipped when its result is there, so that a
second start costs a few milliseconds. A service that ran before is not touched, and no service is started by the
installation. All its words go to standard error.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements-dev.lock"
STAMP = VENV / ".lock-installed"
SERVER_VERBS = frozenset({"run", "test", "county", "bench", "throughput", "matters", "year", "soak", "up"})
"""Verbs that need PostgreSQL and RabbitMQ on the machine."""
BARE_VERBS = frozenset({"stop", "clean", "down"})
"""Verbs whose code needs no library: they work before, and after, there is a virtual environment."""
FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")


class Refused(Exception):
    """The machine cannot be made ready; the message is one sentence for the person at the terminal."""


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def call(argv: list[str], **options: str | Path | None) -> int:
    """Run a command to its end and return its exit code; on Ctrl-C or SIGTERM end it first, then raise."""
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=sys.stderr, cwd=options.get("cwd")) as child:
        try:
            return child.wait()
        except BaseException:
            child.terminate()
            child.wait()
            raise


# --- Debian packages ---------------------------------------------------------------------------------------------------


def has_postgis() -> bool:
    """Whether a PostgreSQL server with PostGIS is installed."""
    return any(
        Path(f"/usr/share/postgresql/{binary.parts[4]}/extension/postgis.control").exists()
        for binary in Path("/usr/lib/postgresql").glob("*/bin/postgres")
    )


def has_rabbitmq() -> bool:
    return Path("/usr/lib/rabbitmq/bin/rabbitmq-server").exists()


def has_printing() -> bool:
    """Whether there are the libraries that lay out a page, and a font for all Chinese names."""
    libraries = ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0")
    return all(next(Path("/usr/lib").glob(f"*/{name}"), None) for name in libraries) and FONT.exists()


def can_make_venv() -> bool:
    return importlib.util.find_spec("ensurepip") is not None


def wanted(verb: str) -> list[str]:
    """Names of what is missing for this verb: `venv`, `postgresql`, `rabbitmq`, `printing`."""
    missing = []
    if not (VENV / "bin" / "python").exists() and not can_make_venv():
        missing.append("venv")
    if verb in SERVER_VERBS:
        if not os.environ.get("DATABASE_URL") and not has_postgis():
            missing.append("postgresql")
        if not os.environ.get("AMQP_URL") and not has_rabbitmq():
            missing.append("rabbitmq")
        if not has_printing():
            missing.append("printing")
    return missing


def advice(missing: list[str]) -> str:
    """What a person without root or sudo can do about `missing`."""
    packages = {
        "venv": f"python3.{sys.version_info.minor}-venv",
        "postgresql": "postgresql-<version>-postgis-3",
        "rabbitmq": "rabbitmq-server",
        "printing": "libpango-1.0-0, libpangoft2-1.0-0, libharfbuzz-subset0, fonts-noto-cjk",
    }
    settings = [name for part, name in (("postgresql", "DATABASE_URL"), ("rabbitmq", "AMQP_URL")) if part in missing]
    install = "have the Debian packages " + ", ".join(packages[part] for part in missing) + " installed"
    return install + (f", or set {' and '.join(settings)} to servers that already run" if settings else "")


def install_packages(missing: list[str]) -> None:
    """Run the root half of this file, directly or through sudo.

    Ctrl-C and SIGTERM are passed on to it and it decides when to stop: dpkg is never cut off in its work.
    """
    script = [sys.executable, str(Path(__file__).resolve().with_name("packages.py")), *missing]
    if os.geteuid() != 0:
        if shutil.which("sudo") is None:
            raise Refused(f"This user is not root and there is no sudo: {advice(missing)}.")
        if not sys.stdin.isatty() and subprocess.call(
            ["sudo", "-n", "true"], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ):
            raise Refused(f"sudo wants a password and there is no terminal to ask for it: {advice(missing)}.")
        script = ["sudo", *script]
    child = subprocess.Popen(script, stdout=sys.stderr)

    def stop_later(signum: int, _frame: FrameType | None) -> None:
        if signum == signal.SIGTERM:
            child.send_signal(signum)

    before = {number: signal.signal(number, stop_later) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        code = child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if code in (130, -signal.SIGINT, -signal.SIGTERM):
        raise KeyboardInterrupt
    if code != 0:
        raise Refused(f"The missing packages could not be installed: see above, or {advice(missing)}.")


# --- Virtual environment -----------------------------------------------------------------------------------------------


def lock_stamp() -> str:
    """What a complete virtual environment was made from: the lock's hash and Python's version."""
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    return f"{digest} {sys.version_info.major}.{sys.version_info.minor}\n"


def make_venv() -> None:
    """Create `.venv` and install the lock, unless its stamp says that this was done."""
    if not LOCK.exists():
        raise Refused(f"{LOCK.name} is missing from this checkout.")
    python = VENV / "bin" / "python"
    stamp = lock_stamp()
    if python.exists() and STAMP.exists() and STAMP.read_text() == stamp:
        return
    usable = python.exists() and not subprocess.call(
        [
            str(python),
            "-c",
            f"import pip, sys; sys.exit(sys.version_info[:2] != {tuple(sys.version_info[:2])})",
        ],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    if not usable:
        say("Making the virtual environment .venv …")
        if call([sys.executable, "-m", "venv", "--clear", str(VENV)]) != 0:
            raise Refused("The virtual environment could not be made: see above.")
    say(f"Installing the Python libraries of {LOCK.name} …")
    pip = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    pip += ["--progress-bar", "off", "--require-hashes", "--requirement", str(LOCK)]
    if call(pip, cwd=ROOT) != 0:
        raise Refused("The Python libraries could not be installed: see above.")
    STAMP.write_text(stamp)


def main(arguments: list[str]) -> None:
    """Prepare for the verb in `arguments`, then become `python -m deploy.local` with them."""
    if sys.version_info < (3, 11):  # noqa: UP036  the system's own Python may be any
        newer = next(filter(None, (shutil.which(f"python3.{minor}") for minor in range(15, 10, -1))), None)
        if newer is None:
            raise Refused(f"Sanmin needs Python 3.11 or newer, this is {sys.version.split()[0]}.")
        os.execv(newer, [newer, str(Path(__file__).resolve()), *arguments])  # noqa: S606
    verb = arguments[0] if arguments else "run"
    if verb in BARE_VERBS:
        python = sys.executable
    else:
        if missing := wanted(verb):
            install_packages(missing)
        make_venv()
        python = str(VENV / "bin" / "python")
    os.chdir(ROOT)
    # Held back until the next program is ready for them.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    os.execv(python, [python, "-m", "deploy.local", *arguments])  # noqa: S606  no shell is wanted


def interrupt(_signum: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, interrupt)
    try:
        main(sys.argv[1:])
    except Refused as refusal:
        say(str(refusal))
        sys.exit(1)
    except KeyboardInterrupt:
        say("Stopped before the start; the next start goes on from here.")
        sys.exit(130)
