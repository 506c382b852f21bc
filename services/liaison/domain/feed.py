"""What a calendar that people subscribe to holds, and what has changed in it since it was told last.

Pure: entries are made of what stands in the tables, `revised` compares them with what was told. SEQUENCE so rises whenever an entry differs,
whichever deed or plan made it differ.
"""

import base64
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

PAST_DAYS = 31
"""How far back a calendar reaches; ahead it holds all that is planned."""
CANCELLED_DAYS = 60
"""So long a calendar tells that something is off, for programs that seldom look."""
SIGNATURE_FIELD = "calendar_feed"
Names = Mapping[str, str]
"""Of departments, by code."""
TITLES = {"GATHERING": "集中服务日", "DIALOGUE": "沟通日"}
CATEGORIES = {
    "DUTY": "值班",
    "GATHERING": "一周一集中",
    "DIALOGUE": "一月一沟通",
    "STALL": "墟日服务",
    "MARKET": "墟日",
}


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One instance: something on one day. `ref` is what it is an instance of, which may move to other days.

    With `begins` and `ends` (instants) it takes that time, without it is the whole day's. `busy`: whether it takes up the reader's time.
    """

    kind: str
    ref: str
    day: date
    summary: str
    begins: datetime | None = None
    ends: datetime | None = None
    place: str = ""
    details: str = ""
    busy: bool = False

    @property
    def uid(self) -> str:
        """Within the calendar that it stands in."""
        return f"{self.kind.lower()}-{self.ref.replace('/', '-')}-{self.day:%Y%m%d}"


@dataclass(frozen=True)
class Turn:
    """A duty. `place` is the station's name and address, empty where they are not known."""

    area: str
    village: str
    date: date
    who: str
    begins: datetime
    ends: datetime
    place: str


@dataclass(frozen=True)
class Session:
    """A gathering or a dialogue that is planned or was held. `departments` are the codes of those that come."""

    id: UUID
    kind: str
    village: str
    date: date
    begins: datetime
    ends: datetime
    title: str | None
    topic: str | None
    departments: Sequence[str]


@dataclass(frozen=True)
class Stall:
    """A service team's stall on a market day."""

    id: UUID
    market: str
    village: str
    date: date
    begins: datetime
    ends: datetime
    topic: str


@dataclass(frozen=True)
class Market:
    """A market day; `text` says why it is one."""

    market: UUID
    name: str
    date: date
    text: str


@dataclass(frozen=True)
class Told:
    """An entry as a calendar tells it. `sequence` is iCalendar's: it rises with each change; `changed_at` is when the change was seen."""

    entry: Entry
    sequence: int
    cancelled: bool
    changed_at: datetime


@dataclass(frozen=True)
class Revision:
    """`told` is what the calendar now tells, by day and UID; `changed` what of it differs from before; `forgotten` are UIDs to be dropped."""

    told: Sequence[Told]
    changed: Sequence[Told]
    forgotten: Sequence[str]


def since(day: date) -> date:
    """The first day of a calendar that is read on `day`."""
    return day - timedelta(days=PAST_DAYS)


def revised(before: Mapping[str, Told], entries: Iterable[Entry], *, first: date, now: datetime) -> Revision:
    """What stands (`entries`, from the day `first` on) against what was told `before`, by UID.

    What stands no more is told as cancelled, for CANCELLED_DAYS. What comes back, or comes on another day, has a higher sequence than all that
    was told of the same ref.
    """
    standing = {entry.uid: entry for entry in entries}
    told: list[Told] = []
    changed: list[Told] = []
    forgotten: list[str] = []
    highest: dict[tuple[str, str], int] = {}
    for uid, known in before.items():
        latest = known
        if uid not in standing and not known.cancelled and known.entry.day >= first:
            latest = Told(known.entry, known.sequence + 1, cancelled=True, changed_at=now)
            changed.append(latest)
        if latest.cancelled and latest.changed_at > now - timedelta(days=CANCELLED_DAYS):
            if uid not in standing:
                told.append(latest)
        elif uid not in standing:
            forgotten.append(uid)
        ref = (known.entry.kind, known.entry.ref)
        highest[ref] = max(highest.get(ref, 0), latest.sequence)
    for uid, entry in standing.items():
        known_one = before.get(uid)
        if known_one is None or known_one.cancelled or known_one.entry != entry:
            sequence = highest.get((entry.kind, entry.ref), -1) + 1
            known_one = Told(entry, sequence, cancelled=False, changed_at=now)
            changed.append(known_one)
        told.append(known_one)
    told.sort(key=lambda one: (one.entry.day, one.entry.uid))
    return Revision(told, changed, forgotten)


def of_person(turns: Iterable[Turn], sessions: Iterable[Session], stalls: Iterable[Stall], names: Names) -> list[Entry]:
    """Where somebody is to be, and what for; `names` are the departments'."""
    return [
        *(_turn(turn, f"值班 {turn.village}", busy=True) for turn in turns),
        *(_session(session, f" {session.village}", names, busy=True) for session in sessions),
        *(_stall(stall, f" {stall.village}", busy=True) for stall in stalls),
    ]


def of_village(
    turns: Iterable[Turn], sessions: Iterable[Session], stalls: Iterable[Stall], markets: Iterable[Market], names: Names
) -> list[Entry]:
    """What goes on in a village. Who is on duty is told by name, as on the station's wall; of nobody else is there a word."""
    return [
        *(_turn(turn, f"值班：{turn.who}", busy=False) for turn in turns),
        *(_session(session, "", names, busy=False) for session in sessions),
        *(_stall(stall, "", busy=False) for stall in stalls),
        *(
            Entry(kind="MARKET", ref=str(day.market), day=day.date, summary=f"墟日 {day.name}", details=day.text)
            for day in markets
        ),
    ]


def _turn(turn: Turn, summary: str, *, busy: bool) -> Entry:
    return Entry(
        kind="DUTY",
        ref=turn.area,
        day=turn.date,
        summary=summary,
        begins=turn.begins,
        ends=turn.ends,
        place=turn.place or turn.village,
        busy=busy,
    )


def _session(session: Session, where: str, names: Names, *, busy: bool) -> Entry:
    lines = []
    if session.topic:
        lines.append(f"主题：{session.topic}")
    if session.departments:
        lines.append("参加部门：" + "、".join(names.get(code, code) for code in session.departments))
    return Entry(
        kind=session.kind,
        ref=str(session.id),
        day=session.date,
        summary=(session.title or TITLES[session.kind]) + where,
        begins=session.begins,
        ends=session.ends,
        place=session.village,
        details="\n".join(lines),
        busy=busy,
    )


def _stall(stall: Stall, where: str, *, busy: bool) -> Entry:
    return Entry(
        kind="STALL",
        ref=str(stall.id),
        day=stall.date,
        summary=f"墟日服务：{stall.topic}{where}",
        begins=stall.begins,
        ends=stall.ends,
        place=f"{stall.village} {stall.market}",
        busy=busy,
    )


def address(index_of: bytes, feed: UUID) -> str:
    """The path of somebody's own calendar behind the gateway; `index_of` is what the vault's key makes of `signed(feed, version)`."""
    return f"/open/liaison/calendars/{feed}.{_text(index_of)}.ics"


def signed(feed: UUID, version: int) -> str:
    """What the address is signed over."""
    return f"{feed}/{version}"


def taken_apart(token: str) -> tuple[UUID, str] | None:
    """Feed and signature of `<feed id>.<signature>`; None for another form."""
    feed, _, signature = token.partition(".")
    try:
        return (UUID(feed), signature) if signature.isascii() else None
    except ValueError:
        return None


def is_signature(given: str, index_of: bytes) -> bool:
    """Compared in a time that tells nothing."""
    return hmac.compare_digest(given, _text(index_of))


def _text(index_of: bytes) -> str:
    return base64.urlsafe_b64encode(index_of).decode().rstrip("=")
