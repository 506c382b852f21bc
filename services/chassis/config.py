"""Settings from the environment: `SANMIN_<FIELD>`, or `SANMIN_<FIELD>_FILE` naming a file that holds the value.

A config is a frozen dataclass; a missing or malformed setting is an error that names itself, never its value. Secret fields are
`field(repr=False)`, so that no log or traceback shows them.
"""

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

PREFIX = "SANMIN_"

C = TypeVar("C")


class ConfigError(Exception):
    """A setting is missing or malformed. The message names the setting and its form."""


@dataclass(frozen=True, kw_only=True)
class ProcessConfig:
    """What every serving process has."""

    environment: Literal["production", "development"] = "production"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    host: str = "127.0.0.1"
    port: int
    body_limit: int = 1_000_000
    file_limit: int = 64_000_000
    """Bytes, of documents that are sent to /files."""


@dataclass(frozen=True, kw_only=True)
class TokenConfig:
    """Whose access tokens are accepted."""

    issuer: str
    jwks_url: str
    audience: str = "sanmin"


@dataclass(frozen=True, kw_only=True)
class DatabaseConfig:
    database_url: str = field(repr=False)
    database_pool: int = 8


@dataclass(frozen=True, kw_only=True)
class BrokerConfig:
    """`broker_prefix` begins the name of every exchange and queue, so that several systems can share a broker."""

    amqp_url: str = field(repr=False)
    broker_prefix: str = "sanmin"


@dataclass(frozen=True, kw_only=True)
class DepartmentsConfig:
    """`departments` is the folder of the departments' files, one `<code>.toml` each; without it there are none."""

    departments: str = ""


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
class ApiConfig(ProcessConfig, TokenConfig, DatabaseConfig):
    """A service's api process."""


@dataclass(frozen=True, kw_only=True)
class WorkerConfig(ProcessConfig, DatabaseConfig, BrokerConfig, DepartmentsConfig):
    """A service's worker process."""


@dataclass(frozen=True, kw_only=True)
class RepublishConfig(DatabaseConfig, BrokerConfig, DepartmentsConfig):
    """What `republish` needs: the service's table of events, the broker, and who the departments are."""


@dataclass(frozen=True, kw_only=True)
class MigrateConfig(BrokerConfig, DepartmentsConfig):
    """What `migrate` needs: the owner of the schema, and the broker on which the service's queues are declared."""

    owner_database_url: str = field(repr=False)


def keys(config: type[Any]) -> dict[str, bool]:
    """The environment keys of a config class, each with whether it is required."""
    return {
        PREFIX + field.name.upper(): field.default is dataclasses.MISSING
        and field.default_factory is dataclasses.MISSING
        for field in dataclasses.fields(config)
    }


def load(config: type[C], environ: Mapping[str, str] = os.environ) -> C:
    """Builds the config from the environment; raises ConfigError for the first setting that will not do."""
    hints = get_type_hints(config)
    values: dict[str, Any] = {}
    for key, required in keys(config).items():
        name = key.removeprefix(PREFIX).lower()
        text = _text(key, environ)
        if text is not None:
            values[name] = _parse(key, text, hints[name])
        elif required:
            raise ConfigError(f"{key} is not set: give it, or {key}_FILE with the path of a file that holds it")
    return config(**values)


def _text(key: str, environ: Mapping[str, str]) -> str | None:
    path = environ.get(f"{key}_FILE")
    if path is None:
        return environ.get(key)
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(f"{key}_FILE cannot be read: {error.strerror}") from None


def _parse(key: str, text: str, kind: Any) -> Any:
    if get_origin(kind) is Literal:
        if text not in get_args(kind):
            raise ConfigError(f"{key} must be one of: {', '.join(get_args(kind))}")
        return text
    if not text:
        raise ConfigError(f"{key} is empty")
    if kind is int:
        if not text.isascii() or not text.isdecimal():
            raise ConfigError(f"{key} must be a whole number")
        return int(text)
    return kind(text)
