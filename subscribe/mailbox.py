"""One SQLite file: every event that came, what became of it, and which ones are missing.

An event is kept by its id before its message is acknowledged, so a repeat is known. Its effect and the note that it is done are one
transaction, so the effect is there once. Of one source's events about one subject only the first that waits is tried, so their order holds.
Each commit reaches the disk (synchronous = FULL): what was acknowledged is nowhere else, and many events share a commit.
"""

import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple, Self
from uuid import UUID, uuid5

from subscribe.errors import Abort, SubscribeError, Unreadable
from subscribe.event import Event, read
from subscribe.schema import check

VERSION = 1
RETRY_AFTER_SECONDS = (1.0, 5.0, 30.0, 120.0, 600.0, 3600.0)
LOCKED_SECONDS = 30.0
WORK_SECONDS = 0.2
WORK_EVENTS = 500
UNREADABLE = UUID("5a4d1c0b-0000-8000-8000-000000000002")

Handler = Callable[[Event, sqlite3.Connection], None]
"""Has an event's effect, in the mailbox's own transaction if it writes by the connection; it must neither commit nor roll back."""

KEEP = """
INSERT INTO event (id, source, type, subject, time, sequence, position, state, due, reason, received, settled, body)
VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting', ?, NULL, ?, NULL, ?) ON CONFLICT (id) DO NOTHING
"""
BURY = """
INSERT INTO event (id, source, type, subject, sequence, state, reason, received, settled, body)
VALUES (?, '', '', ?, 0, 'dead', ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
"""
FIRST = """
SELECT sequence FROM event WHERE state = 'waiting' AND source = ? AND subject = ? ORDER BY sequence, number LIMIT 1
"""
DUE = """
SELECT number, source, subject, attempts, body FROM event e WHERE due <= ? AND NOT EXISTS (
    SELECT 1 FROM event f WHERE f.state = 'waiting' AND f.source = e.source AND f.subject = e.subject
    AND (f.sequence, f.number) < (e.sequence, e.number))
ORDER BY due LIMIT 1
"""
SETTLE = "UPDATE event SET state = ?, attempts = ?, due = NULL, reason = ?, settled = ? WHERE number = ?"
RETRY = "UPDATE event SET attempts = ?, due = ?, reason = ? WHERE number = ?"
WAKE = """
UPDATE event SET due = ? WHERE due IS NULL AND number = (
    SELECT number FROM event WHERE state = 'waiting' AND source = ? AND subject = ? ORDER BY sequence, number LIMIT 1)
"""
REDRIVE = """
UPDATE event SET state = 'waiting', attempts = 0, due = ?, settled = NULL WHERE id = ? AND state = 'dead'
"""
DROP = "UPDATE event SET state = 'dropped', reason = ?, settled = ? WHERE id = ? AND state = 'dead'"
LETTERS = """
SELECT id, source, type, subject, attempts, reason, received, settled, body FROM event
WHERE state = 'dead' AND (?1 IS NULL OR id = ?1) ORDER BY number LIMIT ?2
"""
HOLD = "DELETE FROM span WHERE source = ? AND first <= ? AND last >= ? RETURNING first, last"
GAPS = """
SELECT source, before + 1, first - 1, (
    SELECT received FROM event WHERE event.source = run.source AND event.position = run.first)
FROM (SELECT *, coalesce(lag(last) OVER (PARTITION BY source ORDER BY first), 0) AS before FROM span) run
WHERE first > before + 1 ORDER BY source, first
"""
BEFORE = "SELECT time FROM event WHERE source = ? AND position < ? ORDER BY position DESC LIMIT 1"
FORGET = "DELETE FROM event WHERE settled < ? AND state IN ('done', 'dropped')"


class Gap(NamedTuple):
    """Positions `first` to `last` of a source are missing; the event behind them came at `since` (seconds; None once it is forgotten)."""

    source: str
    first: int
    last: int
    since: float | None


class Letter(NamedTuple):
    """An event that was given up, with the reason. What is no CloudEvent at all has neither source nor type."""

    id: str
    source: str
    type: str
    subject: str
    attempts: int
    reason: str
    received: float
    settled: float
    body: bytes


class Turn(NamedTuple):
    """A waiting event's row whose turn it is; this is its try number `attempt`."""

    number: int
    source: str
    subject: str
    attempt: int


class Job(NamedTuple):
    """A waiting event whose turn it is."""

    turn: Turn
    event: Event


def never() -> bool:
    return False


class Mailbox:
    """Opens the file, or makes it, readable by its owner alone. To be used by one thread at a time, and by any number of processes.

    `retries`: the pauses in seconds before a failed event is tried again; after as many failures and one it is a dead letter.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        retries: tuple[float, ...] = RETRY_AFTER_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._retries = retries
        self._clock = clock
        try:
            Path(path).touch(mode=0o600)
            self._db = sqlite3.connect(path, timeout=LOCKED_SECONDS, isolation_level=None, check_same_thread=False)
            self._prepare()
        except (OSError, sqlite3.Error) as error:
            raise SubscribeError(f"the mailbox {path} cannot be opened: {error}") from None

    def _prepare(self) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        if self._version() == 0:
            with self.transaction() as db:
                if self._version() == 0:
                    for statement in (resources.files("subscribe") / "mailbox.sql").read_text("utf-8").split(";"):
                        db.execute(statement)
                    db.execute(f"PRAGMA user_version = {VERSION}")
        if self._version() > VERSION:
            raise SubscribeError("the mailbox was made by a newer version of sanmin-subscribe")

    def _version(self) -> int:
        version: int = self._db.execute("PRAGMA user_version").fetchone()[0]
        return version

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """For writing beside the events. Commits at the end, rolls back at any error."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield self._db
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def keep(self, bodies: Iterable[bytes], mark: tuple[str, int] | None = None) -> Counter[str]:
        """Keeps messages' bodies, to be worked off; counts what became of them: kept, repeated, dead (not readable at all).

        `mark`: the stream, and the offset up to which these messages have read it.
        """
        with self.transaction() as db:
            tally = self._keep(bodies)
            if mark:
                db.execute(
                    "INSERT INTO mark VALUES (?, ?) ON CONFLICT DO UPDATE SET place = max(place, excluded.place)", mark
                )
            return tally

    def take(
        self, bodies: Iterable[bytes], handler: Handler | None, stopped: Callable[[], bool] = never
    ) -> Counter[str]:
        """Keeps messages' bodies and works off what is due, in one commit; counts what became of events.

        Beside those of `keep`: done, failed (to be tried again), dead. Works for WORK_SECONDS at most, and until `stopped`.
        """
        until = time.monotonic() + WORK_SECONDS
        aborted: Abort | None = None
        with self.transaction():
            tally = self._keep(bodies)
            for _ in range(WORK_EVENTS):
                job = None if aborted or stopped() or time.monotonic() > until else self._next(tally)
                if job is None:
                    break
                try:
                    tally[self._work(job, handler)] += 1
                except Abort as reason:
                    aborted = reason
        if aborted:
            raise aborted
        return tally

    def _keep(self, bodies: Iterable[bytes]) -> Counter[str]:
        now = self._clock()
        tally: Counter[str] = Counter()
        positions: dict[str, list[int]] = {}
        for body in bodies:
            try:
                event = read(body)
            except Unreadable as reason:
                key = str(uuid5(UNREADABLE, body.hex()))
                buried = self._db.execute(BURY, (key, key, str(reason), now, now, body)).rowcount
                tally["dead" if buried else "repeated"] += 1
                continue
            sequence, position = int(event.sequence or 0), int(event.position) if event.position else None
            first = self._db.execute(FIRST, (event.source, event.subject)).fetchone()
            due = now if first is None or sequence < first[0] else None
            row = (event.source, event.type, event.subject, event.time.isoformat(), sequence, position, due, now, body)
            kept = self._db.execute(KEEP, (str(event.id), *row)).rowcount
            tally["kept" if kept else "repeated"] += 1
            if position:
                positions.setdefault(event.source, []).append(position)
        for source, numbers in positions.items():
            for run in runs(numbers):
                self._hold(source, *run)
        return tally

    def _hold(self, source: str, first: int, last: int) -> None:
        for left, right in self._db.execute(HOLD, (source, last + 1, first - 1)).fetchall():
            first, last = min(first, left), max(last, right)
        self._db.execute("INSERT INTO span VALUES (?, ?, ?)", (source, first, last))

    def _next(self, tally: Counter[str]) -> Job | None:
        """The waiting event whose turn it is; those that make no sense are given up on the way."""
        while row := self._db.execute(DUE, (self._clock(),)).fetchone():
            number, source, subject, attempts, body = row
            turn = Turn(number, source, subject, attempts + 1)
            try:
                event = read(body)
                check(event)
            except Unreadable as reason:
                tally["dead"] += 1
                self._settle("dead", turn, str(reason))
            else:
                return Job(turn, event)
        return None

    def _work(self, job: Job, handler: Handler | None) -> str:
        if handler is not None:
            self._db.execute("SAVEPOINT handler")
            try:
                handler(job.event, self._db)
            except Exception as error:
                self._still_open()
                self._db.execute("ROLLBACK TO handler")
                if isinstance(error, Abort):
                    raise
                return self._fail(job.turn, error)
            self._still_open()
            self._db.execute("RELEASE handler")
        self._settle("done", job.turn)
        return "done"

    def _still_open(self) -> None:
        if not self._db.in_transaction:
            raise RuntimeError("the handler has ended the mailbox's transaction: it must neither commit nor roll back")

    def _settle(self, state: str, turn: Turn, reason: str | None = None) -> None:
        now = self._clock()
        self._db.execute(SETTLE, (state, turn.attempt, reason, now, turn.number))
        self._db.execute(WAKE, (now, turn.source, turn.subject))

    def _fail(self, turn: Turn, error: BaseException) -> str:
        reason = f"{type(error).__name__}: {error}"[:500]
        if turn.attempt > len(self._retries):
            self._settle("dead", turn, reason)
            return "dead"
        self._db.execute(RETRY, (turn.attempt, self._clock() + self._retries[turn.attempt - 1], reason, turn.number))
        return "failed"

    def job(self) -> Job | None:
        """For an effect outside of the mailbox: the event whose turn it is. Then say `settle`."""
        with self.transaction():
            return self._next(Counter())

    def settle(self, job: Job, error: BaseException | None = None) -> str:
        """What became of a job: done, or with an error failed or dead."""
        with self.transaction():
            if error is not None:
                return self._fail(job.turn, error)
            self._settle("done", job.turn)
            return "done"

    def due_in(self) -> float | None:
        """Seconds until the next event is due; None when none waits."""
        (due,) = self._db.execute("SELECT min(due) FROM event WHERE due IS NOT NULL").fetchone()
        return None if due is None else max(0.0, due - self._clock())

    def counts(self) -> dict[str, int]:
        """How many events wait, and how many are dead letters."""
        sql = "SELECT count(*) FROM event WHERE state = '{}'"  # each is counted in an index that holds no other
        return {state: self._db.execute(sql.format(state)).fetchone()[0] for state in ("waiting", "dead")}

    def newest(self) -> tuple[float, float] | None:
        """The time of the event that was handled last, and when that was."""
        sql = (
            "SELECT time, settled FROM event WHERE state = 'done' AND settled IS NOT NULL ORDER BY settled DESC LIMIT 1"
        )
        row = self._db.execute(sql).fetchone()
        return (datetime.fromisoformat(row[0]).timestamp(), row[1]) if row else None

    def positions(self) -> dict[str, int]:
        """The highest position that is here, by source."""
        return dict(self._db.execute("SELECT source, max(last) FROM span GROUP BY source").fetchall())

    def gaps(self) -> list[Gap]:
        """The missing positions below the highest, by source."""
        return [Gap(*row) for row in self._db.execute(GAPS)]

    def before(self, source: str, position: int) -> datetime | None:
        """The time of the last event here before a position: what is missing there was published later than that."""
        row = self._db.execute(BEFORE, (source, position)).fetchone()
        return datetime.fromisoformat(row[0]) if row else None

    def accept(self) -> int:
        """Takes all gaps for lost for good, so that they are not listed any more; returns how many positions that were."""
        with self.transaction():
            gaps = self.gaps()
            for gap in gaps:
                self._hold(gap.source, gap.first, gap.last)
        return sum(gap.last - gap.first + 1 for gap in gaps)

    def letters(self, limit: int = 1000) -> list[Letter]:
        """The dead letters, oldest first."""
        return [Letter(*row) for row in self._db.execute(LETTERS, (None, limit))]

    def letter(self, event: str) -> Letter | None:
        row = self._db.execute(LETTERS, (event, 1)).fetchone()
        return Letter(*row) if row else None

    def redrive(self, event: str) -> bool:
        """Gives a dead letter a whole round of tries; False, and nothing done, where it is none (any more)."""
        with self.transaction() as db:
            return db.execute(REDRIVE, (self._clock(), event)).rowcount == 1

    def drop(self, event: str, reason: str) -> bool:
        """Lays a dead letter down for good; it stays known by its id. False where it is none (any more)."""
        with self.transaction() as db:
            return db.execute(DROP, (reason, self._clock(), event)).rowcount == 1

    def bury(self, body: bytes, reason: str) -> bool:
        """Keeps a message that the broker gave up as a dead letter; False where the event is known already."""
        with self.transaction() as db:
            tally = self._keep([body])
            if tally["kept"]:
                set_aside = "UPDATE event SET state = 'dead', due = NULL, reason = ?, settled = ? WHERE id = ?"
                db.execute(set_aside, (reason, self._clock(), str(read(body).id)))
            return not tally["repeated"]

    def mark(self, stream: str) -> int | None:
        """The offset up to which a replay has read the stream."""
        row = self._db.execute("SELECT place FROM mark WHERE stream = ?", (stream,)).fetchone()
        return row[0] if row else None

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of a handler's own tables, or of the mailbox's."""
        return self._db.execute(sql, values).fetchall()

    def forget(self, days: float) -> int:
        """Removes events that were done so long ago. The department's log keeps seven days: fewer let repeats through."""
        with self.transaction() as db:
            return db.execute(FORGET, (self._clock() - timedelta(days=days).total_seconds(),)).rowcount


def runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Numbers in any order as runs without a hole, first and last included."""
    result: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if result and result[-1][1] == number - 1:
            result[-1] = (result[-1][0], number)
        else:
            result.append((number, number))
    return result
