"""The mailbox by itself: each effect once, a subject's events in order, nothing forgotten that is missing."""

import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subscribe import Abort, Event, Gap, Mailbox, SubscribeError
from subscribe.mailbox import Handler, runs
from tests.subscribe.copies import SOURCE, body, copy, ticket

RETRIES = (1.0, 5.0)


class Time:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_767_600_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def mailbox(tmp_path: Path, time: Time) -> Iterator[Mailbox]:
    with Mailbox(tmp_path / "mailbox.db", retries=RETRIES, clock=time) as made:
        prepare(made)
        yield made


def prepare(mailbox: Mailbox) -> None:
    """A handler's table without any constraint, so that a double effect would show."""
    with mailbox.transaction() as db:
        db.execute("CREATE TABLE IF NOT EXISTS effect (place INTEGER PRIMARY KEY, subject TEXT, position INTEGER)")


def writing(fails: Callable[[int], bool] = lambda _: False) -> Handler:
    """Writes the effect, then fails where it is told to."""

    def handler(event: Event, db: sqlite3.Connection) -> None:
        position = int(event.position or 0)
        db.execute("INSERT INTO effect (subject, position) VALUES (?, ?)", (event.subject, position))
        if fails(position):
            raise ValueError("示例: not today")

    return handler


def effects(mailbox: Mailbox) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for subject, position in mailbox.rows("SELECT subject, position FROM effect ORDER BY place"):
        found.setdefault(subject, []).append(position)
    return found


def test_a_repeat_has_no_second_effect(mailbox: Mailbox) -> None:
    assert mailbox.take([body(1), body(2, 1), body(1)], writing()) == Counter(kept=2, repeated=1, done=2)
    assert mailbox.take([body(2, 1), body(1)], writing()) == Counter(repeated=2)
    assert effects(mailbox) == {ticket(0): [1], ticket(1): [2]}


def test_a_failed_event_holds_up_its_subject_only_and_goes_first_then(mailbox: Mailbox, time: Time) -> None:
    fails = writing(lambda position: position == 1)
    assert mailbox.take([body(1), body(2), body(3, 1)], fails) == Counter(kept=3, failed=1, done=1)
    assert mailbox.take([body(4)], writing()) == Counter(kept=1)
    assert mailbox.due_in() == RETRIES[0]
    time.now += RETRIES[0]
    assert mailbox.take([], writing()) == Counter(done=3)
    assert effects(mailbox) == {ticket(0): [1, 2, 4], ticket(1): [3]}
    assert mailbox.due_in() is None


def test_after_its_last_try_it_is_a_letter_and_the_next_follows(mailbox: Mailbox, time: Time) -> None:
    fails = writing(lambda position: position == 1)
    mailbox.take([body(1), body(2)], fails)
    for seconds in RETRIES:
        time.now += seconds
        tally = mailbox.take([], fails)
    assert tally == Counter(dead=1, done=1)
    (letter,) = mailbox.letters()
    assert (letter.id, letter.attempts, letter.reason) == (str(copy(1).id), 3, "ValueError: 示例: not today")
    assert (letter.body, mailbox.letter(letter.id)) == (body(1), letter)
    assert effects(mailbox) == {ticket(0): [2]}


def test_redriving_is_idempotent(mailbox: Mailbox) -> None:
    mailbox.take([body(1, data={"version": "one"})], writing())
    key = str(copy(1).id)
    assert [mailbox.redrive(key), mailbox.redrive(key)] == [True, False]
    assert mailbox.take([], writing()) == Counter(dead=1)
    assert mailbox.redrive(key)
    with mailbox.transaction() as db:
        db.execute("UPDATE event SET body = ?", (body(1),))
    assert mailbox.take([], writing()) == Counter(done=1)
    assert not mailbox.redrive(key)
    assert effects(mailbox) == {ticket(0): [1]}


def test_a_dropped_letter_stays_known(mailbox: Mailbox) -> None:
    mailbox.take([body(1, type="tickets.ticket.sung.v1")], writing())
    key = str(copy(1).id)
    assert [mailbox.drop(key, "示例"), mailbox.drop(key, "示例"), mailbox.redrive(key)] == [True, False, False]
    assert mailbox.take([body(1)], writing()) == Counter(repeated=1)
    assert mailbox.letters() == []


def test_what_is_no_event_is_a_letter_once(mailbox: Mailbox) -> None:
    assert mailbox.take([b"no event", b"no event", body(1)], writing()) == Counter(dead=1, repeated=1, kept=1, done=1)
    (letter,) = mailbox.letters()
    assert letter.reason.startswith("no CloudEvent")
    assert mailbox.redrive(letter.id)
    assert mailbox.take([body(2)], writing()) == Counter(kept=1, dead=1, done=1)


def test_what_the_broker_gave_up_is_a_letter_unless_it_is_known(mailbox: Mailbox) -> None:
    mailbox.take([body(1)], writing())
    assert [mailbox.bury(body(position), "示例") for position in (1, 2, 2)] == [False, True, False]
    assert (effects(mailbox), mailbox.gaps()) == ({ticket(0): [1]}, [])
    assert mailbox.redrive(str(copy(2).id))
    assert mailbox.take([], writing()) == Counter(done=1)


def test_a_late_event_goes_before_those_of_its_subject_that_wait(mailbox: Mailbox, time: Time) -> None:
    mailbox.take([body(2), body(3)], writing(lambda _: True))
    time.now += RETRIES[0] + 1
    assert mailbox.keep([body(1)]) == Counter(kept=1)
    mailbox.take([], writing())
    assert effects(mailbox) == {ticket(0): [1, 2, 3]}


def test_a_handler_that_gives_up_leaves_the_event_as_it_was(mailbox: Mailbox) -> None:
    def handler(event: Event, db: sqlite3.Connection) -> None:
        writing()(event, db)
        if event.position == copy(2).position:
            raise Abort("示例")

    with pytest.raises(Abort):
        mailbox.take([body(1), body(2), body(3)], handler)
    assert effects(mailbox) == {ticket(0): [1]}
    assert mailbox.take([body(2), body(3)], writing()) == Counter(repeated=2, done=2)
    assert effects(mailbox) == {ticket(0): [1, 2, 3]}


@pytest.mark.parametrize("end", ["COMMIT", "ROLLBACK"])
def test_a_handler_must_not_end_the_transaction(mailbox: Mailbox, end: str) -> None:
    def handler(_: Event, db: sqlite3.Connection) -> None:
        db.execute(end)

    with pytest.raises(RuntimeError, match="must neither commit nor roll back"):
        mailbox.take([body(1)], handler)
    mailbox.take([body(1)], writing())
    assert effects(mailbox) == {ticket(0): [1]}


def test_work_stops_between_two_events(mailbox: Mailbox) -> None:
    handled: list[Event] = []
    bodies = [body(position) for position in range(1, 6)]
    tally = mailbox.take(bodies, lambda event, _: handled.append(event), lambda: len(handled) == 2)
    assert tally == Counter(kept=5, done=2)
    assert mailbox.counts() == {"waiting": 3, "dead": 0}


def test_gaps_are_found_and_healed(mailbox: Mailbox, time: Time) -> None:
    other = "urn:sanmin:liaison"
    mailbox.take([body(2), body(5), body(1, source=other)], None)
    assert mailbox.gaps() == [Gap(SOURCE, 1, 1, time.now), Gap(SOURCE, 3, 4, time.now)]
    assert mailbox.before(SOURCE, 3) == copy(2).time
    assert mailbox.before(SOURCE, 1) is None
    mailbox.take([body(4), body(1)], None)
    assert mailbox.gaps() == [Gap(SOURCE, 3, 3, time.now)]
    assert (mailbox.accept(), mailbox.gaps()) == (1, [])
    assert mailbox.positions() == {SOURCE: 5, other: 1}
    assert mailbox.take([body(3)], writing()) == Counter(kept=1, done=1)


def test_what_was_done_long_ago_is_forgotten_and_no_letter_is(mailbox: Mailbox, time: Time) -> None:
    mailbox.take([body(1), body(2, 1, type="tickets.ticket.sung.v1")], writing())
    time.now += 30 * 86400
    mailbox.take([body(3, 2)], writing())
    assert mailbox.forget(29) == 1
    assert (len(mailbox.letters()), mailbox.gaps()) == (1, [])
    assert mailbox.newest() == (copy(3).time.timestamp(), time.now)


def test_only_the_owner_may_read_the_file(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.take([body(1)], None)
    assert {path.stat().st_mode & 0o077 for path in tmp_path.iterdir()} == {0}


def test_a_file_that_is_no_mailbox_and_one_of_a_newer_version_are_told(tmp_path: Path, mailbox: Mailbox) -> None:
    (tmp_path / "text").write_text("示例 " * 1000)
    with pytest.raises(SubscribeError, match="cannot be opened: file is not a database"):
        Mailbox(tmp_path / "text")
    with mailbox.transaction() as db:
        db.execute("PRAGMA user_version = 2")
    with pytest.raises(SubscribeError, match="newer version"):
        Mailbox(tmp_path / "mailbox.db")


@contextmanager
def temporary(time: Time) -> Iterator[Mailbox]:
    with tempfile.TemporaryDirectory() as folder, Mailbox(Path(folder) / "m.db", retries=RETRIES, clock=time) as made:
        prepare(made)
        yield made


EVENTS = st.lists(st.tuples(st.integers(0, 2), st.sampled_from([0, 0, 1, 2, 9])), min_size=1, max_size=12)
COMES = st.one_of(st.just("new"), st.integers(0, 11), st.sampled_from([0.0, 0.5, 1.0, 6.0]))


@settings(max_examples=100, deadline=None)
@given(events=EVENTS, story=st.lists(COMES, max_size=30))
def test_duplicates_delays_and_failures_leave_each_effect_once_and_in_order(
    events: list[tuple[int, int]], story: list[str | int | float]
) -> None:
    """Events are (subject, how often it fails); what comes is a new event, an old one again, or the end of a batch and a pause."""
    fails = dict(enumerate((times for _, times in events), start=1))
    bodies = [body(at, subject) for at, (subject, _) in enumerate(events, start=1)]
    time = Time()

    def failing(position: int) -> bool:
        fails[position] -= 1
        return fails[position] >= 0

    def work_off(mailbox: Mailbox) -> None:
        for _ in range(100):
            if (seconds := mailbox.due_in()) is not None:
                time.now += seconds
                mailbox.take([], writing(failing))

    with temporary(time) as mailbox:
        came, batch = 0, list[bytes]()
        for comes in [*story, *["new"] * len(events), 0.0]:
            if comes == "new":
                batch += bodies[came : came + 1]
                came = min(came + 1, len(bodies))
            elif isinstance(comes, int) and came:
                batch.append(bodies[comes % came])
            elif isinstance(comes, float):
                mailbox.take(batch, writing(failing))
                batch, time.now = [], time.now + comes
        work_off(mailbox)
        dead = {at for at, (_, times) in enumerate(events, start=1) if times > len(RETRIES)}
        assert {UUID(letter.id) for letter in mailbox.letters()} == {copy(at).id for at in dead}
        expected: dict[str, list[int]] = {}
        for at, (subject, _) in enumerate(events, start=1):
            if at not in dead:
                expected.setdefault(ticket(subject), []).append(at)
        assert (effects(mailbox), mailbox.gaps(), mailbox.counts()["waiting"]) == (expected, [], 0)
        fails = dict.fromkeys(fails, 0)
        for letter in mailbox.letters():
            assert [mailbox.redrive(letter.id), mailbox.redrive(letter.id)] == [True, False]
        mailbox.take(bodies, writing(failing))
        work_off(mailbox)
        assert sorted(chain(*effects(mailbox).values())) == list(range(1, len(events) + 1))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(1, 30), max_size=6), min_size=1, max_size=6))
def test_gaps_are_exactly_what_is_missing_whatever_the_order(batches: list[list[int]]) -> None:
    with temporary(Time()) as mailbox:
        here: set[int] = set()
        for batch in batches:
            mailbox.take([body(at, at) for at in batch], writing())
            here |= set(batch)
            missing = {at for gap in mailbox.gaps() for at in range(gap.first, gap.last + 1)}
            assert missing == set(range(1, max(here, default=0) + 1)) - here
        assert sorted(chain(*effects(mailbox).values())) == sorted(here)


def test_runs() -> None:
    assert runs([5, 1, 2, 2, 4]) == [(1, 2), (4, 5)]
    assert runs([]) == []
