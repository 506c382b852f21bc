"""Seals values that must not be read from the database: AES-256-GCM, bound to their place, and a blind index to find them by.

A sealed value is: 4 bytes of key id, 12 of nonce, then cipher text and tag. The additional data is `<owner>/<field>`, so that a value copied
to another person or field does not open. The index is HMAC-SHA256 of `<field>/<value>` under a key of its own.
"""

import hashlib
import hmac
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_ID_BYTES = 4
NONCE_BYTES = 12


class CannotOpen(Exception):
    """The value was sealed under another key, for another place, or changed since."""


@dataclass(frozen=True)
class Sealed:
    """What the database keeps of a value: sealed, findable, and the masked form that may be shown."""

    sealed: bytes
    index: bytes
    masked: str


class Vault:
    """Both keys have 32 bytes."""

    def __init__(self, key: bytes, index_key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._key_id = hashlib.sha256(b"sanmin key id" + key).digest()[:KEY_ID_BYTES]
        self._index_key = index_key

    def seal(self, value: str, *, owner: str, field: str, masked: str) -> Sealed:
        """Seals the owner's value of a field, such as a person's `id_number`."""
        nonce = os.urandom(NONCE_BYTES)
        text = self._cipher.encrypt(nonce, value.encode(), _place(owner, field))
        return Sealed(self._key_id + nonce + text, self.index(value, field=field), masked)

    def open(self, sealed: bytes, *, owner: str, field: str) -> str:
        """The value; raises CannotOpen."""
        if sealed[:KEY_ID_BYTES] != self._key_id:
            raise CannotOpen("sealed under another key")
        nonce, text = sealed[KEY_ID_BYTES:][:NONCE_BYTES], sealed[KEY_ID_BYTES + NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, text, _place(owner, field)).decode()
        except (InvalidTag, ValueError):
            raise CannotOpen("not sealed here, or changed since") from None

    def index(self, value: str, *, field: str) -> bytes:
        """Equal for equal values of a field, and tells nothing about them without the key."""
        return hmac.digest(self._index_key, f"{field}/{value}".encode(), "sha256")


def _place(owner: str, field: str) -> bytes:
    return f"{owner}/{field}".encode()
