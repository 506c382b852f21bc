"""Limits (时限): how long a department has to sign for a matter, to do it, and the whole of it. Pure.

No national figures exist: they are data, from a day on, for a category of the catalogue and a priority, or for all of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from services.chassis.errors import InvalidInput
from services.tickets.domain.worktime import Span

MOST_EXTENSIONS = 9
MOST_PAUSE = 365


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What holds from `since` on. An empty category or priority means every one. `name` is where the figures come from.

    `sign`, `work` and `overall` start at the dispatch; within `return_within` of it the department may return the matter. Its work may be
    extended `extensions` times, each by at most `extension`. A matter may rest for `pause` working days in all. `warn` is the share of the
    time, in percent, after which a warning is due, 0 for none. `escalate` is the time from one level of escalation to the next.
    """

    category: str
    priority: str
    since: date
    name: str
    sign: Span
    work: Span
    overall: Span
    return_within: Span
    extension: Span
    extensions: int
    pause: int
    warn: int
    escalate: Span

    def __post_init__(self) -> None:
        _range("extensions", self.extensions, MOST_EXTENSIONS)
        _range("pause", self.pause, MOST_PAUSE)
        _range("warn", self.warn, 99)
        if self.escalate.amount == 0:
            raise InvalidInput("escalate must be more than the same day", field="escalate", rule="range")
        if self.extension.unit != "d" or (self.extensions and self.extension.amount == 0):
            raise InvalidInput(
                "extension must be in days, at least one where there are any", field="extension", rule="range"
            )

    @property
    def plain(self) -> dict[str, Any]:
        """As the database and files keep them: spans as text."""
        return {
            field.name: str(value) if isinstance(value := getattr(self, field.name), Span | date) else value
            for field in fields(self)
        }

    @classmethod
    def of(cls, plain: dict[str, Any]) -> "Limits":
        """Of what `plain` yields; raises InvalidInput."""
        since = plain["since"]
        spans = {name: Span.of(plain[name], name) for name in SPANS}
        return cls(**{**plain, **spans, "since": since if isinstance(since, date) else date.fromisoformat(since)})


SPANS = ("sign", "work", "overall", "return_within", "extension", "escalate")


def _range(field: str, value: int, most: int) -> None:
    if not 0 <= value <= most:
        raise InvalidInput(f"{field} must be from 0 to {most}", field=field, rule="range")


def choose(limits: Iterable[Limits], path: Sequence[str], priority: str, day: date) -> Limits | None:
    """Those that hold on a day: for just this priority before those for all, then by the nearest category up the tree, then the newest.

    `path` are the category and those above it, in this order.
    """
    nearness = {code: place for place, code in enumerate((*path, ""))}
    fitting = [
        each for each in limits if each.since <= day and each.category in nearness and each.priority in (priority, "")
    ]
    return min(
        fitting,
        key=lambda each: (each.priority == "", nearness[each.category], -each.since.toordinal()),
        default=None,
    )
