"""The settings of each of the archive's processes."""

import base64
import binascii
from dataclasses import dataclass, field

from services.chassis.config import ApiConfig, ConfigError, DatabaseConfig, WorkerConfig

KEY_BYTES = 32
SEALING_BYTES = {"": 32, "aes": 32, "sm4": 16}


@dataclass(frozen=True, kw_only=True)
class Keys:
    """What seals ID numbers and phones, and what makes them findable without opening.

    `personal_data_key` is one key or several, parted by blanks or line breaks: the first seals, all open. A key is the base64 of 32 bytes
    (AES-256-GCM), or `sm4:` and the base64 of 16 (SM4-GCM). `blind_index_key` is the base64 of 32 bytes.
    """

    personal_data_key: str = field(repr=False)
    blind_index_key: str = field(repr=False)

    def __post_init__(self) -> None:
        sealing_keys("SANMIN_PERSONAL_DATA_KEY", self.personal_data_key)
        key_bytes("SANMIN_BLIND_INDEX_KEY", self.blind_index_key)


def key_bytes(setting: str, text: str, size: int = KEY_BYTES) -> bytes:
    """The key's bytes; raises ConfigError that names the setting."""
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != size:
        raise ConfigError(f"{setting} must be the base64 of {size} bytes")
    return key


def sealing_keys(setting: str, text: str) -> list[tuple[str, bytes]]:
    """Algorithm and bytes of each key in order; raises ConfigError that names the setting."""
    keys = []
    for word in text.split():
        algorithm, _, key = word.rpartition(":")
        if (size := SEALING_BYTES.get(algorithm)) is None:
            raise ConfigError(f"{setting}: a key begins with sm4: or has no such mark")
        keys.append((algorithm or "aes", key_bytes(setting, key, size)))
    if not keys:
        raise ConfigError(f"{setting} holds no key")
    return keys


@dataclass(frozen=True, kw_only=True)
class ObjectStoreConfig:
    """Where documents and photos are kept: `file:///folder` on this machine, or `s3://bucket/prefix` with its region, endpoint and keys.

    Without it there is no place for documents, and whatever needs one is UNAVAILABLE.
    """

    object_store_url: str = ""
    object_store_region: str = ""
    object_store_endpoint: str = ""
    object_store_access_key: str = field(default="", repr=False)
    object_store_secret_key: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class Api(ApiConfig, Keys, ObjectStoreConfig):
    """The api process."""


@dataclass(frozen=True, kw_only=True)
class Worker(WorkerConfig, Keys, ObjectStoreConfig):
    """The worker process. It takes in files of sheets, so it holds the keys of personal data, too.

    `audit_signing_key` signs the audit log's checkpoints: base64 of 32 bytes, the seed of an Ed25519 key.
    """

    audit_signing_key: str = field(repr=False)

    def __post_init__(self) -> None:
        Keys.__post_init__(self)
        key_bytes("SANMIN_AUDIT_SIGNING_KEY", self.audit_signing_key)


@dataclass(frozen=True, kw_only=True)
class Rotation(DatabaseConfig, Keys):
    """The replacement of keys."""


@dataclass(frozen=True, kw_only=True)
class Audit(DatabaseConfig):
    """Looking after the audit log: the signing key, or only the public keys (base64, parted by blanks) of those that are trusted."""

    audit_signing_key: str = field(default="", repr=False)
    audit_public_key: str = ""

    def __post_init__(self) -> None:
        if not self.audit_signing_key and not self.audit_public_key:
            raise ConfigError("give SANMIN_AUDIT_SIGNING_KEY or SANMIN_AUDIT_PUBLIC_KEY")


@dataclass(frozen=True, kw_only=True)
class Load(DatabaseConfig, Keys):
    """Loading divisions, and the example village."""
