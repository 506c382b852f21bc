"""`python -m deploy.local VERB`: what the Makefile's targets do. `down`, `stop` and `clean` need no library."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from deploy.local.layout import LOCAL, StackError
from deploy.local.postgres import outside
from deploy.local.stack import Stack

STACKS = ("run", "test")


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def up() -> int:
    """Start the servers of the test stack, leave them running and print where they are."""
    stack = Stack.open("test")
    (stack.layout.directory / "keep").touch()
    stack.start()
    for name, value in stack.test_environment().items():
        print(f"{name}={value}")
    return 0


def stop(names: tuple[str, ...] = STACKS) -> int:
    """End everything that runs in the stacks."""
    for name in names:
        if (LOCAL / name).is_dir():
            stack = Stack.open(name)
            (stack.layout.directory / "keep").unlink(missing_ok=True)
            stack.stop()
    return 0


def clean() -> int:
    """Stop everything, then remove all data of this checkout, also that outside of it."""
    stop()
    for folder in (LOCAL, outside()):
        if folder.exists():
            shutil.rmtree(folder)
            say(f"Removed {folder}")
    return 0


def main(arguments: list[str]) -> int:
    verb, *words = arguments or ["run"]
    match verb, words:
        case "up", []:
            return up()
        case "down", []:
            return stop(("test",))
        case "stop", []:
            return stop()
        case "clean", []:
            return clean()
        case _:
            say(f"Unknown command {' '.join(arguments)!r}; see `make help`.")
            return 2


if __name__ == "__main__":
    Path(LOCAL).parent.joinpath(".local").mkdir(exist_ok=True)
    try:
        sys.exit(main(sys.argv[1:]))
    except StackError as problem:
        say(str(problem))
        sys.exit(1)
