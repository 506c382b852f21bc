"""What a figure needs beside it to mean something: the machine's size and the versions. Never a host name or a path."""

import os
import platform
from importlib.metadata import version

LIBRARIES = (
    "starlette",
    "uvicorn",
    "uvloop",
    "httptools",
    "asyncpg",
    "aiohttp",
    "msgspec",
    "strawberry-graphql",
    "graphql-core",
)


def machine(postgres: str) -> dict[str, object]:
    """Facts of this machine; `postgres` is the server's own version. `busyBefore` is the load average of the last minute: others spoil figures."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": len(os.sched_getaffinity(0)),
        "busyBefore": round(os.getloadavg()[0], 1),
        "memoryGigabytes": round(memory / 1e9, 1),
        "architecture": platform.machine(),
        "python": platform.python_version(),
        "postgresql": postgres,
        "libraries": {name: version(name) for name in LIBRARIES},
    }
