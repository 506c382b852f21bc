"""Structured logs with a correlation id that crosses HTTP and AMQP, and the process's Prometheus metrics."""

import logging
import re
import sys
import traceback
from contextvars import ContextVar

import structlog
from prometheus_client import Counter, Gauge, Histogram
from uuid_utils.compat import uuid7

CORRELATION_HEADER = "X-Correlation-Id"

correlation: ContextVar[str | None] = ContextVar("correlation", default=None)

HTTP_SECONDS = Histogram(
    "sanmin_http_request_seconds",
    "Time to answer a request",
    ["method", "route", "status"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
OUTBOX_PUBLISHED = Counter("sanmin_outbox_published_total", "Events that the broker confirmed")
OUTBOX_COPIES = Counter("sanmin_outbox_copies_total", "Departments' copies that the broker confirmed", ["department"])
OUTBOX_WAITING = Gauge("sanmin_outbox_waiting", "Events recorded and not yet confirmed")
OUTBOX_AGE_SECONDS = Gauge("sanmin_outbox_oldest_seconds", "Age of the oldest event not yet confirmed")
TASK_INTERRUPTIONS = Counter(
    "sanmin_task_interruptions_total", "Ends of a background task that was run again", ["task", "error"]
)
INBOX_EVENTS = Counter("sanmin_inbox_events_total", "Events taken in", ["type", "outcome"])
INBOX_WAITING = Gauge("sanmin_inbox_waiting", "Events that wait for another try")
INBOX_DEAD = Gauge("sanmin_inbox_dead", "Events given up, for an operator to look at")
INBOX_PARKED = Gauge("sanmin_inbox_parked", "Events that an operator has given up for good")
CONSUMER_PAUSED = Gauge("sanmin_consumer_paused", "Whether an operator has paused the consumer", ["consumer"])

_FORM = re.compile(r"[A-Za-z0-9._-]{8,64}")


def correlation_of(given: str | None) -> str:
    """The caller's correlation id if it has the form of one (8–64 of A–Z a–z 0–9 . _ -), else a new one."""
    return given if given is not None and _FORM.fullmatch(given) else str(uuid7())


def place_of(error: BaseException) -> list[str]:
    """Where an error came from, for a log: without its message, which may quote what a caller sent."""
    return traceback.format_tb(error.__traceback__)[-6:]


def _add_correlation(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    if (value := correlation.get()) is not None:
        event["correlation_id"] = value
    return event


def configure_logs(process: str, level: str) -> None:
    """JSON lines on standard error; the libraries' own logs go the same way."""
    shared: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_correlation,
    ]
    structlog.configure(
        processors=[
            *shared,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    structlog.get_logger().info("process.started", process=process)
