"""The settings of each of the archive's processes."""

import base64
import binascii
from dataclasses import dataclass, field

from services.chassis.config import ApiConfig, ConfigError, DatabaseConfig, WorkerConfig

KEY_BYTES = 32


@dataclass(frozen=True, kw_only=True)
class Keys:
    """Base64 of 32 bytes each: one seals ID numbers and phones, the other makes them findable without opening."""

    personal_data_key: str = field(repr=False)
    blind_index_key: str = field(repr=False)

    def __post_init__(self) -> None:
        key_bytes("SANMIN_PERSONAL_DATA_KEY", self.personal_data_key)
        key_bytes("SANMIN_BLIND_INDEX_KEY", self.blind_index_key)


def key_bytes(setting: str, text: str) -> bytes:
    """The key's bytes; raises ConfigError that names the setting."""
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise ConfigError(f"{setting} must be the base64 of {KEY_BYTES} bytes")
    return key


@dataclass(frozen=True, kw_only=True)
class Api(ApiConfig, Keys):
    """The api process."""


@dataclass(frozen=True, kw_only=True)
class Worker(WorkerConfig):
    """The worker process; it opens and seals nothing, so it has no keys."""


@dataclass(frozen=True, kw_only=True)
class Load(DatabaseConfig, Keys):
    """Loading divisions, and the example village."""
