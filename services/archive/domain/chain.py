"""The audit log as a chain: each row's hash is that of the row before it and of its own content, and a signature now and then holds it all.

What is signed says: so far, and this is the hash. Who changes, adds, removes or moves a row makes the hashes disagree; who makes all hashes anew
lacks the key that has signed the old ones.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

BEGINNING = bytes(32)
COLUMNS = (
    *("id", "by", "name", "roles", "areas", "department", "deed", "at", "purpose"),
    *("household_id", "person_id", "area_code", "fields", "count", "note"),
)
"""All that a row says, in the order in which it is hashed."""
LEAST_KEPT = timedelta(days=180)
"""No row may be erased sooner, whatever a rule says."""
RETENTION = "RETENTION"


def link(previous: bytes, row: Mapping[str, Any]) -> bytes:
    """SHA-256 of the previous hash and of the row's content as JSON."""
    return hashlib.sha256(previous + msgspec.json.encode([row[name] for name in COLUMNS])).digest()


@dataclass(frozen=True)
class Checkpoint:
    """The hash at a position, signed (Ed25519). `key` is the public key."""

    position: int
    hash: bytes
    at: datetime
    key: bytes
    signature: bytes

    def holds(self, trusted: Iterable[bytes]) -> bool:
        """Whether one of the trusted keys has signed it."""
        if self.key not in trusted:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(
                self.signature, _signed(self.position, self.hash, self.at)
            )
        except (InvalidSignature, ValueError):
            return False
        return True

    def document(self) -> bytes:
        """As it is kept outside the database: JSON, bytes in base64."""
        return msgspec.json.encode(self)


def checkpoint_of(document: bytes) -> Checkpoint:
    """A checkpoint that was kept outside; raises ValueError when it is none."""
    try:
        return msgspec.json.decode(document, type=Checkpoint)
    except msgspec.DecodeError:
        raise ValueError("this is no checkpoint of an audit log") from None


class Signer:
    """`seed`: the 32 bytes of an Ed25519 private key."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, position: int, digest: bytes, at: datetime) -> Checkpoint:
        return Checkpoint(position, digest, at, self.public, self._key.sign(_signed(position, digest, at)))


def _signed(position: int, digest: bytes, at: datetime) -> bytes:
    return f"sanmin audit checkpoint {position} {digest.hex()} {at.timestamp():.6f}".encode()


@dataclass(frozen=True)
class Finding:
    """What is wrong, at which position and of which row: CHANGED, MISSING, GAP, UNSEALED, CHECKPOINT."""

    what: str
    position: int | None
    row: int | None
    detail: str


@dataclass
class Verification:
    """Takes the chain's links in order; `findings` is what is wrong with it."""

    rows: int = 0
    position: int = 0
    hash: bytes = BEGINNING
    findings: list[Finding] = field(default_factory=list)
    _hashes: dict[int, bytes] = field(default_factory=dict)
    _missing: list[tuple[int, int]] = field(default_factory=list)
    _erased: list[tuple[int, int, datetime]] = field(default_factory=list)

    def take(
        self, position: int, row_id: int, digest: bytes, row: Mapping[str, Any] | None, *, watched: bool = False
    ) -> None:
        """The next link, with its row or None where that is not there any more. `watched`: a checkpoint stands here."""
        if position != self.position + 1:
            self._find("GAP", position, row_id, f"follows position {self.position}: links between are gone")
        elif row is None:
            self._missing.append((position, row_id))
        elif link(self.hash, row) != digest:
            self._find("CHANGED", position, row_id, "the row, its place or its hash is not what was sealed")
        if row is not None and row["deed"] == RETENTION and row["fields"][:1] == ["audit"]:
            self._erased.append((int(row["fields"][1]), row["count"], row["at"]))
        self.rows += row is not None
        self.position, self.hash = position, digest
        if watched:
            self._hashes[position] = digest

    def finish(self, checkpoints: Sequence[Checkpoint], trusted: Sequence[bytes], unsealed: Iterable[int]) -> None:
        """Holds the chain against its checkpoints, and what is missing against what was erased in its time."""
        sound = []
        for checkpoint in checkpoints:
            if not checkpoint.holds(trusted):
                self._find("CHECKPOINT", checkpoint.position, None, "is not signed by a trusted key")
            elif checkpoint.position > self.position:
                self._find(
                    "CHECKPOINT",
                    checkpoint.position,
                    None,
                    f"the chain ends at position {self.position}: rows are gone",
                )
            elif self._hashes.get(checkpoint.position) != checkpoint.hash:
                self._find(
                    "CHECKPOINT", checkpoint.position, None, "the chain has another hash there: it was made anew"
                )
            else:
                sound.append(checkpoint)
        self._find_missing(sound)
        for row_id in unsealed:
            self._find("UNSEALED", None, row_id, "is not in the chain")
        self.findings.sort(key=lambda found: (found.position is None, found.position or 0))

    def _find_missing(self, checkpoints: Sequence[Checkpoint]) -> None:
        """A row may be gone when a row of the chain says so that came late enough after the row, by the first checkpoint behind it."""
        for position, row_id in self._missing:
            lately = (at - LEAST_KEPT for upto, _, at in self._erased if position <= upto)
            if not any(_sealed_before(checkpoints, position, bound) for bound in lately):
                self._find("MISSING", position, row_id, "is gone, and was not erased because its time was over")
        lawful, told = len(self._missing), sum(count for _, count, _ in self._erased)
        if lawful > told and not self.findings:
            self._find("MISSING", None, None, f"{lawful} rows are gone, {told} were erased because their time was over")

    def _find(self, what: str, position: int | None, row: int | None, detail: str) -> None:
        self.findings.append(Finding(what, position, row, detail))


def _sealed_before(checkpoints: Sequence[Checkpoint], position: int, bound: datetime) -> bool:
    later = [checkpoint for checkpoint in checkpoints if checkpoint.position >= position]
    return bool(later) and min(later, key=lambda checkpoint: checkpoint.position).at <= bound
