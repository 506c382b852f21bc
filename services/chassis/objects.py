"""Documents and photos: kept as objects in a folder of this machine or in a bucket, behind one interface; the database holds their keys.

A key is a path such as `attachments/<sha256>`; what is written is there whole or not at all. Whoever writes an object and then a row that names it
does so under `lock_object`, and so does whoever looks for objects that no row names: neither can take the other's.
"""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote, urlsplit

import obstore
from obstore.store import LocalStore, ObjectStore, S3Store

from services.chassis.config import ConfigError, ObjectStoreConfig
from services.chassis.db import Connection
from services.chassis.documents import DigestBroken
from services.chassis.errors import NotFound, PayloadTooLarge, Unavailable

if TYPE_CHECKING:
    from obstore.store import S3Config

CHUNK = 65_536
"""Bytes: the least that a reader is given at once, but for the last."""
PART = 5_242_880
"""Bytes that are sent to a bucket at once; two parts of an upload are in memory at the most."""
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"


@dataclass(frozen=True)
class Written:
    """What was written: its size in bytes, and its SHA-256."""

    size: int
    sha256: bytes


@dataclass(frozen=True)
class Listed:
    """An object and when it was last written."""

    key: str
    written_at: datetime


class Objects:
    """One object store."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    @classmethod
    def of(cls, config: ObjectStoreConfig) -> "Objects":
        """The store of the settings: `file:///folder`, made where it is missing, or `s3://bucket/prefix`; raises ConfigError."""
        address = urlsplit(config.object_store_url)
        if address.scheme == "file" and address.path.startswith("/") and not address.netloc:
            return cls(LocalStore(Path(unquote(address.path)), mkdir=True))
        if address.scheme != "s3" or not address.netloc:
            raise ConfigError("SANMIN_OBJECT_STORE_URL must be file:///folder or s3://bucket/prefix")
        given = {
            "region": config.object_store_region,
            "endpoint": config.object_store_endpoint,
            "access_key_id": config.object_store_access_key,
            "secret_access_key": config.object_store_secret_key,
        }
        known = cast("S3Config", {name: value for name, value in given.items() if value})
        plain = config.object_store_endpoint.startswith("http://")
        return cls(S3Store.from_url(config.object_store_url, config=known, client_options={"allow_http": plain}))

    async def put(self, key: str, chunks: AsyncIterator[bytes], *, most: int, sha256: bytes | None = None) -> Written:
        """Writes a stream; on any error nothing is there. Raises PayloadTooLarge over `most` bytes, DigestBroken when it has not the
        SHA-256 that was declared, and whatever the stream raises.
        """
        digest, size = hashlib.sha256(), 0

        async def checked() -> AsyncIterator[bytes]:
            nonlocal size
            async for chunk in chunks:
                size += len(chunk)
                if size > most:
                    raise PayloadTooLarge(f"the document is over the limit of {most} bytes", limit=most)
                digest.update(chunk)
                if chunk:
                    yield chunk
            if sha256 not in (None, digest.digest()):
                raise DigestBroken(
                    "the document's SHA-256 is not the one that was declared", field="Content-Digest", rule="sha256"
                )

        await obstore.put_async(self._store, key, checked(), chunk_size=PART, max_concurrency=1)
        return Written(size, digest.digest())

    async def get(self, key: str, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The object, or its bytes from `start` to before `end`, as it comes; raises NotFound before the first byte."""
        options: obstore.GetOptions = {} if end is None and start == 0 else {"range": _range(start, end)}
        try:
            found = await obstore.get_async(self._store, key, options=options)
        except FileNotFoundError:
            raise NotFound("the document is no longer there") from None

        async def stream() -> AsyncIterator[bytes]:
            async for chunk in found.stream(min_chunk_size=CHUNK):
                yield bytes(chunk)

        return stream()

    async def move(self, key: str, to: str) -> None:
        """Gives an object another key; what was there is replaced."""
        await obstore.rename_async(self._store, key, to)

    async def delete(self, *keys: str) -> None:
        """Removes objects; one that is not there is no error."""
        for key in keys:
            try:
                await obstore.delete_async(self._store, key)
            except FileNotFoundError:
                continue

    async def written_at(self, key: str) -> datetime | None:
        """When the object was last written; None when there is none."""
        try:
            return (await obstore.head_async(self._store, key))["last_modified"]
        except FileNotFoundError:
            return None

    async def list(self, prefix: str) -> AsyncIterator[Listed]:
        """The objects whose keys begin with `prefix` and a slash."""
        async for batch in obstore.list(self._store, prefix):
            for found in batch:
                yield Listed(found["path"], found["last_modified"])


def _range(start: int, end: int | None) -> "tuple[int, int] | obstore.OffsetRange":
    return {"offset": start} if end is None else (start, end)


async def lock_object(connection: Connection, key: str) -> None:
    """Until the transaction ends nobody else writes a row that names the object, or sweeps it away."""
    await connection.execute(LOCK, key)


def store_of(config: object) -> Objects | None:
    """Where documents are kept; None in a process that has no such setting."""
    return Objects.of(config) if isinstance(config, ObjectStoreConfig) and config.object_store_url else None


def required(objects: Objects | None) -> Objects:
    """Raises Unavailable where no place for documents is set."""
    if objects is None:
        raise Unavailable("there is no place for documents here: SANMIN_OBJECT_STORE_URL is not set")
    return objects
