"""Seals values that must not be read from the database: bound to their place, and with a blind index to find them by.

A sealed value is: 1 byte of version (2), 4 of key id, 12 of nonce, then cipher text and tag of AES-256-GCM or SM4-GCM (GB/T 32907), as its key says.
The additional data is the version and `<owner>/<field>`, so that a value copied to another person or field does not open. Values of version 1
begin with the key id, have no version in their additional data, and open still. The index is HMAC-SHA256 of `<field>/<value>` under a key of
its own.

There are several keys at a time: the first seals, all open. So a key is replaced while everything runs (commands/rotation.py).
"""

import hashlib
import hmac
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = b"\x02"
KEY_ID_BYTES = 4
NONCE_BYTES = 12
TAG_BYTES = 16


class CannotOpen(Exception):
    """The value was sealed under another key, for another place, or changed since."""


@dataclass(frozen=True)
class Sealed:
    """What the database keeps of a value: sealed, findable, and the masked form that may be shown."""

    sealed: bytes
    index: bytes
    masked: str


class _Aead(Protocol):
    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes: ...


class _Sm4Gcm:
    """Like AESGCM."""

    def __init__(self, key: bytes) -> None:
        self._cipher = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        context = Cipher(self._cipher, modes.GCM(nonce)).encryptor()
        context.authenticate_additional_data(associated_data)
        return context.update(data) + context.finalize() + context.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes) -> bytes:
        text, tag = data[:-TAG_BYTES], data[-TAG_BYTES:]
        context = Cipher(self._cipher, modes.GCM(nonce, tag)).decryptor()
        context.authenticate_additional_data(associated_data)
        return context.update(text) + context.finalize()


_CIPHERS: dict[str, Callable[[bytes], _Aead]] = {"aes": AESGCM, "sm4": _Sm4Gcm}


@dataclass(frozen=True)
class SealingKey:
    """`algorithm` is aes (AES-256-GCM, 32 bytes) or sm4 (SM4-GCM, 16 bytes)."""

    algorithm: str
    key: bytes = field(repr=False)

    @property
    def id(self) -> bytes:
        """Tells keys apart and nothing about them."""
        label = b"" if self.algorithm == "aes" else self.algorithm.encode()
        return hashlib.sha256(b"sanmin key id" + label + self.key).digest()[:KEY_ID_BYTES]

    @property
    def cipher(self) -> _Aead:
        return _CIPHERS[self.algorithm](self.key)


class Vault:
    """`keys`: the first seals, all open. The index key has 32 bytes."""

    def __init__(self, keys: Sequence[SealingKey], index_key: bytes) -> None:
        self._ciphers = {key.id: key.cipher for key in keys}
        self._index_key = index_key
        self.key_ids = [key.id.hex() for key in keys]
        self.prefix = VERSION + keys[0].id
        """What is sealed today begins with this."""

    def seal(self, value: str, *, owner: str, field: str, masked: str) -> Sealed:
        """Seals the owner's value of a field, such as a person's `id_number`."""
        return Sealed(self.close(value, owner=owner, field=field), self.index(value, field=field), masked)

    def close(self, value: str, *, owner: str, field: str, instead_of: bytes | None = None) -> bytes:
        """The sealed value alone. Where one stands instead of another, the same stands instead of all its copies."""
        nonce = os.urandom(NONCE_BYTES) if instead_of is None else hashlib.sha256(instead_of).digest()[:NONCE_BYTES]
        cipher = self._ciphers[self.prefix[len(VERSION) :]]
        return self.prefix + nonce + cipher.encrypt(nonce, value.encode(), VERSION + _place(owner, field))

    def open(self, sealed: bytes, *, owner: str, field: str) -> str:
        """The value; raises CannotOpen."""
        known = False
        for version, key_id, rest in _forms(sealed):
            if (cipher := self._ciphers.get(key_id)) is None:
                continue
            known = True
            nonce, text = rest[:NONCE_BYTES], rest[NONCE_BYTES:]
            try:
                return cipher.decrypt(nonce, text, version + _place(owner, field)).decode()
            except (InvalidTag, ValueError):
                continue
        raise CannotOpen("not sealed here, or changed since" if known else "sealed under another key")

    def index(self, value: str, *, field: str) -> bytes:
        """Equal for equal values of a field, and tells nothing about them without the key."""
        return hmac.digest(self._index_key, f"{field}/{value}".encode(), "sha256")


def _forms(sealed: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """What a value may be read as: version, key id, nonce with cipher text."""
    if sealed.startswith(VERSION):
        yield VERSION, sealed[1:][:KEY_ID_BYTES], sealed[1 + KEY_ID_BYTES :]
    yield b"", sealed[:KEY_ID_BYTES], sealed[KEY_ID_BYTES:]


def _place(owner: str, field: str) -> bytes:
    return f"{owner}/{field}".encode()
