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
    """`python -m services.tickets api`; `telephone_secrets` is the folder of the hotline's trunks, one `<code>.toml` each; without it no
    telephone system is heard.
    """

    telephone_secrets: str = ""


@dataclass(frozen=True, kw_only=True)
class Worker(WorkerConfig, ObjectStoreConfig):
    """`python -m services.tickets worker`; `credentials` is the folder of the webhooks' secrets, needed where a department has one."""

    credentials: str = ""


@dataclass(frozen=True, kw_only=True)
class Load(DatabaseConfig, DepartmentsConfig):
    """`python -m services.tickets load`; `catalogue` is the file of the county's catalogue of matters, `assessment` that of its schemes of
    assessment; without them the example's. `open311` is the file of what services ask by Open311 beside the description; without it nothing
    changes.
    """

    catalogue: str = ""
    assessment: str = ""
    open311: str = ""


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
    """`python -m services.tickets webhooks` and `open311-keys`."""


def trunk_files(folder: str) -> dict[str, str]:
    """The texts of a folder's files `<code>.toml`, by code; none without a folder. Raises ConfigError for one that cannot be read."""
    if not folder:
        return {}
    try:
        return {
            path.stem: path.read_text(encoding="utf-8")
            for path in sorted(Path(folder).iterdir())
            if path.suffix == ".toml"
        }
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"SANMIN_TELEPHONE_SECRETS cannot be read ({type(error).__name__})") from None


def credential(folder: str, name: str) -> str:
    """What a file of the credentials' folder holds; raises ConfigError that names the file."""
    try:
        return (Path(folder) / name).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the file {name} in SANMIN_CREDENTIALS cannot be read ({type(error).__name__})") from None
