"""The settings of each of liaison's processes."""

from dataclasses import dataclass

from services.chassis.config import ApiConfig, DatabaseConfig, WorkerConfig
from services.chassis.keys import Keys


@dataclass(frozen=True, kw_only=True)
class Api(ApiConfig, Keys):
    """The api process."""


@dataclass(frozen=True, kw_only=True)
class Worker(WorkerConfig):
    """The worker process."""


@dataclass(frozen=True, kw_only=True)
class Load(DatabaseConfig):
    """Loading the calendar, and the example village."""
