"""The keys of personal data as settings."""

import base64
import binascii
from dataclasses import dataclass, field

from services.chassis.config import ConfigError
from services.chassis.vault import SealingKey, Vault

KEY_BYTES = 32
SEALING_BYTES = {"": 32, "aes": 32, "sm4": 16}


@dataclass(frozen=True, kw_only=True)
class Keys:
    """What seals personal values such as phones, and what makes them findable without opening.

    `personal_data_key` is one key or several, parted by blanks or line breaks: the first seals, all open. A key is the base64 of 32 bytes
    (AES-256-GCM), or `sm4:` and the base64 of 16 (SM4-GCM). `blind_index_key` is the base64 of 32 bytes.
    """

    personal_data_key: str = field(repr=False)
    blind_index_key: str = field(repr=False)

    def __post_init__(self) -> None:
        vault_of(self)


def vault_of(keys: Keys) -> Vault:
    """Raises ConfigError that names the setting."""
    sealing = sealing_keys("SANMIN_PERSONAL_DATA_KEY", keys.personal_data_key)
    return Vault(sealing, key_bytes("SANMIN_BLIND_INDEX_KEY", keys.blind_index_key))


def key_bytes(setting: str, text: str, size: int = KEY_BYTES) -> bytes:
    """The key's bytes; raises ConfigError that names the setting."""
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != size:
        raise ConfigError(f"{setting} must be the base64 of {size} bytes")
    return key


def sealing_keys(setting: str, text: str) -> list[SealingKey]:
    """Each key in order; raises ConfigError that names the setting."""
    keys = []
    for word in text.split():
        algorithm, _, key = word.rpartition(":")
        if (size := SEALING_BYTES.get(algorithm)) is None:
            raise ConfigError(f"{setting}: a key begins with sm4: or has no such mark")
        keys.append(SealingKey(algorithm or "aes", key_bytes(setting, key, size)))
    if not keys:
        raise ConfigError(f"{setting} holds no key")
    return keys
