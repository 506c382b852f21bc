"""What each process of the tickets service is set by."""

from dataclasses import dataclass

from services.chassis.config import ApiConfig, DatabaseConfig, WorkerConfig


@dataclass(frozen=True, kw_only=True)
class Api(ApiConfig):
    """`python -m services.tickets api`."""


@dataclass(frozen=True, kw_only=True)
class Worker(WorkerConfig):
    """`python -m services.tickets worker`."""


@dataclass(frozen=True, kw_only=True)
class Load(DatabaseConfig):
    """`python -m services.tickets load`."""
