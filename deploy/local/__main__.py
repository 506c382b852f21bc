"""`python -m deploy.local VERB`: what the Makefile's targets do. `stop`, `down` and `clean` need no library."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from deploy.local import processes
from deploy.local.layout import LOCAL, ROOT, StackError, say
from deploy.local.postgres import outside
from deploy.local.stack import Stack

LOCKS = {"services": "services", "gateway": "gateway", "dev": "dev", "helpdesk": "helpdesk"}
"""Lock file `requirements-<key>.lock` ← extra of pyproject.toml."""


def up() -> int:
    """Start the servers of the test stack, leave them running and print where they are."""
    stack = Stack.open("test")
    (stack.layout.directory / "keep").touch()
    stack.start()
    print(
        *(f"{name}={value}" for name, value in stack.test_environment().items() if name.startswith("SANMIN_TEST_")),
        sep="\n",
    )
    return 0


def down() -> int:
    """End what `up` left running."""
    return end("test")


def stop() -> int:
    """End everything that runs in any stack."""
    return end(*(ports.parent.name for ports in sorted(LOCAL.glob("*/ports.json"))))


def end(*names: str) -> int:
    """End everything that runs in the stacks: their runners first, which stop in order, then what is left."""
    for name in names:
        if not (LOCAL / name).is_dir():
            continue
        stack = Stack.open(name)
        (stack.layout.directory / "keep").unlink(missing_ok=True)
        if runner := stack.layout.runner():
            processes.send(runner, signal.SIGTERM)
            processes.wait_gone([runner], 60.0)
        stack.stop()
    return 0


def clean() -> int:
    """Stop everything, then remove all data of this checkout, also what lies outside of it."""
    stop()
    for folder in (LOCAL, outside()):
        if folder.exists():
            shutil.rmtree(folder)
            say(f"Removed {folder}")
    return 0


def token(account: str = "") -> int:
    """Print an example account's access token, alone on standard output."""
    from deploy.local.tokens import token as sign  # noqa: PLC0415

    print(sign(Stack.open("run"), account))
    return 0


def lock() -> int:
    """Compile the lock files from pyproject.toml, with hashes, for every platform and Python from 3.11 on."""
    for name, extra in LOCKS.items():
        argv = [str(Path(sys.executable).with_name("uv")), "pip", "compile", "pyproject.toml", "--extra", extra]
        argv += ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url"]
        argv += ["--no-header", "--no-annotate", "--quiet", "--output-file", f"requirements-{name}.lock"]
        if code := subprocess.run(argv, cwd=ROOT, stdout=subprocess.DEVNULL, check=False).returncode:
            return code
    return 0


def run() -> int:
    from deploy.local import runner  # noqa: PLC0415

    return runner.run()


def test(*arguments: str) -> int:
    from deploy.local import checks  # noqa: PLC0415

    return checks.test(list(arguments))


def tool(module: str, *, beside: bool) -> Callable[..., int]:
    """A verb that runs a module on the stack; with `beside`, also while `make run` has it."""

    def run_module(*arguments: str) -> int:
        from deploy.local import runner  # noqa: PLC0415

        return runner.run_module(module, *arguments, beside=beside)

    return run_module


def alone(module: str) -> Callable[..., int]:
    """A verb that runs a module which needs no stack, or brings its own."""

    def run_module(*arguments: str) -> int:
        from deploy.local import runner  # noqa: PLC0415

        with runner.stop_signals():
            return runner.wait_for(subprocess.Popen([sys.executable, "-m", module, *arguments], cwd=ROOT))

    return run_module


VERBS: dict[str, Callable[..., int]] = {
    "run": run,
    "test": test,
    "token": token,
    "county": tool("bench.county", beside=True),
    "bench": tool("bench", beside=False),
    "throughput": alone("bench.events"),
    "matters": alone("bench.matters"),
    "year": alone("bench.year"),
    "soak": alone("bench.soak"),
    "catalogue": alone("services.catalogue"),
    "up": up,
    "down": down,
    "stop": stop,
    "clean": clean,
    "lock": lock,
}
"""What a verb needs beyond the standard library is imported when it runs: `stop` must work on a bare Python."""


def main(arguments: list[str]) -> int:
    """Run one verb; returns the exit code."""
    verb, *words = arguments or ["run"]
    if verb not in VERBS:
        say(f"Unknown command {verb!r}; see `make help`.")
        return 2
    return VERBS[verb](*words)


if __name__ == "__main__":
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except StackError as problem:
        say(str(problem))
        sys.exit(1)
