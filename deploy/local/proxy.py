"""A TCP proxy on loopback that brings faults upon the connections through it, at run time: delay, silence, resets, refusals.

    async with Proxy(5432) as link:      # clients connect to 127.0.0.1:link.port
        link.freeze()                    # both ways silent, all connections stay open
        link.thaw()                      # what was held goes on
        link.reset()                     # RST to both ends of every connection

`UP` is from the client to the server, `DOWN` back. What is frozen is held, not lost, as TCP would send it again; after `reset` it is lost.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal, Self

Direction = Literal["up", "down"]
UP: Direction = "up"
DOWN: Direction = "down"
BOTH = (UP, DOWN)
CHUNK = 65536
NO_LINGER = struct.pack("ii", 1, 0)
"""SO_LINGER on, for 0 seconds: a close sends RST."""


@dataclass(eq=False)
class Pipe:
    """One direction of one connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    open: asyncio.Event = field(default_factory=asyncio.Event)
    held: bytes = b""
    """What was read and not passed on, while frozen."""
    ended: bool = False


@dataclass(eq=False)
class Connection:
    """`port` is the one that the server sees as the client's."""

    port: int
    pipes: dict[Direction, Pipe]


class Proxy:
    """Forwards to `target` on 127.0.0.1. `latency` and `jitter` are seconds, one way, for each chunk; jitter adds up to so much at random.

    `refusing`: new connections are reset at once.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self.latency = 0.0
        self.jitter = 0.0
        self.refusing = False
        self.connections: set[Connection] = set()
        self._frozen: frozenset[Direction] = frozenset()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, backlog=1024)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.refusing = True
        if self._server is not None:
            self._server.close()
        while self._tasks:
            self.reset()
            await asyncio.wait(self._tasks, timeout=0.1)

    @property
    def port(self) -> int:
        """Where clients connect to."""
        assert self._server is not None  # noqa: S101  the block has been entered
        return int(self._server.sockets[0].getsockname()[1])

    def freeze(self, *directions: Direction, fresh: bool = True) -> None:
        """Holds all bytes and ends of stream, both ways unless told; without `fresh`, of the connections there are now only."""
        chosen = frozenset(directions or BOTH)
        if fresh:
            self._frozen |= chosen
        for pipe in self._pipes(chosen):
            pipe.open.clear()

    def thaw(self, *directions: Direction) -> None:
        """Lets go of what was held, both ways unless told."""
        chosen = frozenset(directions or BOTH)
        self._frozen -= chosen
        for pipe in self._pipes(chosen):
            pipe.open.set()

    def held(self, direction: Direction, port: int) -> bytes:
        """What is held of one connection, by the port that the server sees; empty when there is none such."""
        return b"".join(each.pipes[direction].held for each in self.connections if each.port == port)

    def reset(self, *, held: bool = False) -> int:
        """Ends every connection with RST to both sides, and loses what is on its way; returns how many there were.

        With `held` those only that are frozen.
        """
        chosen = [
            each for each in self.connections if not held or any(not pipe.open.is_set() for pipe in each.pipes.values())
        ]
        for connection in chosen:
            self.connections.discard(connection)
            for pipe in connection.pipes.values():
                pipe.open.set()
                _abort(pipe.writer)
        return len(chosen)

    def heal(self) -> None:
        """Ends every fault. What is held is lost, and its connection with it; others stay."""
        self.refusing, self.latency, self.jitter, self._frozen = False, 0.0, 0.0, frozenset()
        self.reset(held=True)

    def half_close(self, direction: Direction) -> None:
        """Ends one direction of every connection (FIN), as a peer that will say no more but still listens."""
        for pipe in self._pipes([direction]):
            pipe.ended = True
            with suppress(OSError):
                pipe.writer.write_eof()

    def _pipes(self, directions: Iterable[Direction]) -> list[Pipe]:
        return [connection.pipes[direction] for connection in self.connections for direction in directions]

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  asyncio runs this in one
        self._tasks.add(task)
        try:
            if not self.refusing:
                await self._carry(reader, writer, *await asyncio.open_connection("127.0.0.1", self.target))
        except OSError:
            pass
        finally:
            self._tasks.discard(task)
            _abort(writer)

    async def _carry(
        self,
        client_reader: asyncio.StreamReader,
        client_writer: asyncio.StreamWriter,
        server_reader: asyncio.StreamReader,
        server_writer: asyncio.StreamWriter,
    ) -> None:
        """Carries one connection to its end: in order when both directions ended, else by RST."""
        pipes = {UP: Pipe(client_reader, server_writer), DOWN: Pipe(server_reader, client_writer)}
        connection = Connection(server_writer.get_extra_info("sockname")[1], pipes)
        for direction, pipe in pipes.items():
            if direction not in self._frozen:
                pipe.open.set()
        self.connections.add(connection)
        try:
            async with asyncio.TaskGroup() as both:
                for pipe in pipes.values():
                    both.create_task(self._pump(pipe))
            for pipe in pipes.values():
                pipe.writer.close()
        except* OSError:
            _abort(server_writer)
        finally:
            self.connections.discard(connection)

    async def _pump(self, pipe: Pipe) -> None:
        """Carries one direction until its end; an error of either side is one of both."""
        while True:
            pipe.held = await pipe.reader.read(CHUNK)
            if self.latency or self.jitter:
                await asyncio.sleep(self.latency + random.uniform(0, self.jitter))  # noqa: S311  no secret is made of it
            await pipe.open.wait()
            if not pipe.held:
                break
            chunk, pipe.held = pipe.held, b""
            if not pipe.ended:
                pipe.writer.write(chunk)
                await pipe.writer.drain()
        if not pipe.ended:
            pipe.ended = True
            pipe.writer.write_eof()


def _abort(writer: asyncio.StreamWriter) -> None:
    """Closes with RST, and loses what was not sent; one that is closing in order goes on with it."""
    if not writer.transport.is_closing():
        peer: socket.socket = writer.get_extra_info("socket")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        writer.transport.abort()
