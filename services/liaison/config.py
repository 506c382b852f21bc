"""The settings of each of liaison's processes."""

from dataclasses import dataclass

from services.chassis.config import ApiConfig, DatabaseConfig, DepartmentsConfig, WorkerConfig
from services.chassis.keys import Keys


@dataclass(frozen=True, kw_only=True)
class Api(ApiConfig, Keys, DepartmentsConfig):
    """The api process. The departments' names stand in calendars and on posters."""


@dataclass(frozen=True, kw_only=True)
class Worker(WorkerConfig):
    """The worker process."""


@dataclass(frozen=True, kw_only=True)
class Load(DatabaseConfig):
    """Loading the calendar, and the example village."""
