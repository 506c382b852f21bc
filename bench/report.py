"""What a measurement found: one table for the person, one JSON file a measurement for the record."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import msgspec
from rich.console import Console
from rich.table import Table

from bench.load import Outcome

RESULTS = Path(__file__).with_name("results")


@dataclass(frozen=True)
class Figures:
    """Rounds of one kind put together: the median rate in answers a second, and times in milliseconds over all answers."""

    name: str
    rate: float
    p50: float
    p95: float
    p99: float
    answers: int
    rounds: int

    @classmethod
    def of(cls, name: str, rounds: Sequence[Outcome]) -> "Figures":
        times = Outcome(1.0, [time for outcome in rounds for time in outcome.milliseconds])
        return cls(
            name,
            round(median(outcome.rate for outcome in rounds), 1),
            round(times.percentile(0.50), 2),
            round(times.percentile(0.95), 2),
            round(times.percentile(0.99), 2),
            len(times.milliseconds),
            len(rounds),
        )


@dataclass(frozen=True)
class Goal:
    """`measured` is held against `limit`: it must be `at least` or `under` it."""

    what: str
    measured: float
    relation: str
    limit: float

    @property
    def met(self) -> bool:
        return self.measured >= self.limit if self.relation == "at least" else self.measured < self.limit

    def __str__(self) -> str:
        return f"{self.what}: {self.measured:g}, goal {self.relation} {self.limit:g}: {'met' if self.met else 'MISSED'}"


def show(title: str, figures: Sequence[Figures], goals: Sequence[Goal], console: Console) -> None:
    """Prints one measurement, the table of its rounds if it had any."""
    if not figures:
        console.print(title, style="italic")
    table = Table(title=title, title_justify="left")
    table.add_column("what")
    for column in ("rate /s", "p50 ms", "p95 ms", "p99 ms", "answers"):
        table.add_column(column, justify="right")
    for row in figures:
        table.add_row(
            row.name, *(f"{value:,.1f}" for value in (row.rate, row.p50, row.p95, row.p99)), f"{row.answers:,}"
        )
    if figures:
        console.print(table)
    for goal in goals:
        console.print(f"  {goal}", style="green" if goal.met else "red", highlight=False)


def keep(name: str, content: dict[str, object]) -> Path:
    """Writes a result for the record, in place of the last one of that name; returns the file."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n")
    return path
