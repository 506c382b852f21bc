"""The settings of each of the archive's processes."""

from dataclasses import dataclass, field

from services.chassis.config import ApiConfig, ConfigError, DatabaseConfig, ObjectStoreConfig, WorkerConfig
from services.chassis.keys import Keys, key_bytes


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
