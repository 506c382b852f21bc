"""What each process of the tickets service is set by."""

from dataclasses import dataclass, field
from pathlib import Path

from services.chassis.config import (
    ApiConfig,
    BrokerConfig,
    ConfigError,
    DatabaseConfig,
    DepartmentsConfig,
    ObjectStoreConfig,
    WorkerConfig,
)
from services.chassis.keys import Keys


@dataclass(frozen=True, kw_only=True)
class Api(ApiConfig, Keys, ObjectStoreConfig):
    """`python -m services.tickets api`."""


@dataclass(frozen=True, kw_only=True)
class Worker(WorkerConfig, ObjectStoreConfig):
    """`python -m services.tickets worker`; `credentials` is the folder of the webhooks' secrets, needed where a department has one."""

    credentials: str = ""


@dataclass(frozen=True, kw_only=True)
class Load(DatabaseConfig, DepartmentsConfig):
    """`python -m services.tickets load`."""


@dataclass(frozen=True, kw_only=True)
class Departments(BrokerConfig):
    """`python -m services.tickets departments`.

    `departments` is the folder of the departments' files, `credentials` that of their users' passwords; `broker_admin_url` is the broker's
    management API as an administrator.
    """

    departments: str
    credentials: str
    broker_admin_url: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Operator(DatabaseConfig, DepartmentsConfig):
    """`python -m services.tickets webhooks`."""


def credential(folder: str, name: str) -> str:
    """What a file of the credentials' folder holds; raises ConfigError that names the file."""
    try:
        return (Path(folder) / name).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the file {name} in SANMIN_CREDENTIALS cannot be read ({type(error).__name__})") from None
