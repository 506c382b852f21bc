"""A load generator in a process of its own: N clients, each with one connection and one request at a time, for a bounded time and number.

`run` starts `python -m bench.load`, which takes a `Job` as JSON on standard input and prints an `Outcome`. Raw asyncio under uvloop, so that the
generator takes as little as possible of the cores that the servers under test also need.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import Sequence
from itertools import count
from typing import cast
from urllib.parse import urlsplit

import msgspec
import uvloop

STUCK_SECONDS = 30.0
"""Grace after `seconds` for the last answers; then the round is given up."""


class Job(msgspec.Struct, frozen=True):
    """`requests` are whole HTTP/1.1 requests that the clients take in turn; at most `most` are sent in `seconds`."""

    host: str
    port: int
    requests: list[bytes]
    clients: int
    seconds: float
    most: int = 1_000_000


class Outcome(msgspec.Struct, frozen=True):
    """`milliseconds` holds each answer's time. `failed` counts answers that are not 2xx or carry GraphQL errors; `example` is one of them."""

    seconds: float
    milliseconds: list[float]
    failed: int = 0
    example: str = ""

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.milliseconds) / self.seconds

    def percentile(self, part: float) -> float:
        """Milliseconds within which `part` (0–1) of the answers came."""
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


class LoadError(Exception):
    """The round cannot be counted; the message says why."""


def post(url: str, body: bytes, token: str | None = None, scheme: str = "Bearer") -> bytes:
    """A whole POST request with a JSON body."""
    more = ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return _request("POST", url, token, scheme, more) + body


def get(url: str, token: str | None = None, scheme: str = "Bearer") -> bytes:
    """A whole GET request."""
    return _request("GET", url, token, scheme, [])


def _request(method: str, url: str, token: str | None, scheme: str, more: Sequence[str]) -> bytes:
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    head = [f"{method} {path} HTTP/1.1", f"Host: {parts.netloc}", "Accept: application/json", *more]
    head += [f"Authorization: {scheme} {token}"] if token else []
    return "\r\n".join([*head, "", ""]).encode()


def run(url: str, requests: Sequence[bytes], *, clients: int, seconds: float, most: int = 1_000_000) -> Outcome:
    """One round against a server, in a process of its own. Raises LoadError if any answer failed or none came."""
    parts = urlsplit(url)
    job = Job(parts.hostname or "", parts.port or 80, list(requests), clients, seconds, most)
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=msgspec.json.encode(job),
        stdout=subprocess.PIPE,
        timeout=seconds + 2 * STUCK_SECONDS,
        check=False,
    )
    if done.returncode:
        raise LoadError("the load generator ended early: see above")
    outcome = msgspec.json.decode(done.stdout, type=Outcome)
    if outcome.failed or not outcome.milliseconds:
        raise LoadError(
            f"{outcome.failed} of {outcome.failed + len(outcome.milliseconds)} answers failed, such as: {outcome.example}"
        )
    return outcome


class _Client(asyncio.Protocol):
    """One connection that sends the next request as soon as the last is answered."""

    def __init__(self, generator: "_Generator") -> None:
        self._generator = generator
        self._buffer = bytearray()
        self._expected = -1
        self._body_at = 0
        self._sent = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one, though no subclass
        self._next()

    def _next(self) -> None:
        request = self._generator.next()
        if request is None:
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._expected < 0:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            self._body_at = end + 4
            head = bytes(self._buffer[:end]).lower()
            _, found, rest = head.partition(b"content-length:")
            if not found:
                self._generator.note(0.0, bytes(self._buffer), good=False)
                self._transport.close()
                return
            self._expected = self._body_at + int(rest.split(b"\r\n", 1)[0])
        if len(self._buffer) < self._expected:
            return
        good = self._buffer.startswith(b"HTTP/1.1 2") and self._buffer.find(b'"errors"', self._body_at) < 0
        self._generator.note(time.perf_counter() - self._sent, self._buffer, good=good)
        self._buffer.clear()
        self._expected = -1
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._buffer or exc:
            self._generator.note(0.0, b"the connection broke off", good=False)
        if not self.done.done():
            self.done.set_result(None)


class _Generator:
    def __init__(self, job: Job) -> None:
        self._job = job
        self._numbers = count()
        self._until = float("inf")
        self._milliseconds: list[float] = []
        self._failed = 0
        self._example = ""

    def next(self) -> bytes | None:
        """The next request, or nothing when the time or the number is used up."""
        number = next(self._numbers)
        if number >= self._job.most or time.perf_counter() > self._until:
            return None
        return self._job.requests[number % len(self._job.requests)]

    def note(self, seconds: float, answer: bytes | bytearray, *, good: bool) -> None:
        if good:
            self._milliseconds.append(round(seconds * 1000, 3))
        else:
            self._failed += 1
            self._example = bytes(answer[-400:]).decode(errors="replace")

    async def run(self) -> Outcome:
        loop = asyncio.get_running_loop()
        started = time.perf_counter()
        self._until = started + self._job.seconds
        clients = []
        for _ in range(self._job.clients):
            _, client = await loop.create_connection(lambda: _Client(self), self._job.host, self._job.port)
            clients.append(client)
        async with asyncio.timeout(self._job.seconds + STUCK_SECONDS):
            await asyncio.gather(*(client.done for client in clients))
        return Outcome(time.perf_counter() - started, self._milliseconds, self._failed, self._example)


def main() -> None:
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    outcome = uvloop.run(_Generator(job).run())
    sys.stdout.buffer.write(msgspec.json.encode(outcome))


if __name__ == "__main__":
    main()
