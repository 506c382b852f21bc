"""Whom each department sends to which village. Pure.

Areas are nested or apart, as the prefixes of codes are. So these hold, and the choice needs no search:

- Some cadres can all be sent at once if and only if no area has more of them bound to it than villages that need one: `chosen` takes them
  one by one while that is so, first those who stand there already, then those who went least this year. Such a set cannot be made larger
  (independent sets of a matroid), so as many villages are served as can be.
- They can then be placed by the narrowest area first, in any of its villages: whoever could take that village instead contains the whole
  narrower area, and so can change places. That leaves the choice of the village to what stands, and to a short way.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from uuid import UUID

LEVELS = (12, 9, 6, 4, 2)
"""Digits of a village's, township's, county's, prefecture's and province's code."""


@dataclass(frozen=True)
class Expert:
    """A department's cadre, who may be sent within `area` and sets out from `base`, from `since` to `until`."""

    subject: str
    department: str
    area: str
    base: str
    since: date
    until: date | None


@dataclass(frozen=True)
class Engagement:
    """Somebody is in a village on a day, from one minute of it to another."""

    subject: str
    area: str
    date: date
    begins: int
    ends: int


@dataclass(frozen=True)
class Meeting:
    """A session that needs somebody of each department in `needs`, where a subject stands already or None does."""

    id: UUID
    area: str
    date: date
    opens: time
    minutes: int
    needs: Mapping[str, str | None]

    @property
    def span(self) -> tuple[int, int]:
        """Minutes of the day."""
        begins = self.opens.hour * 60 + self.opens.minute
        return begins, begins + self.minutes


@dataclass(frozen=True)
class Free:
    """Somebody who is free, within `area`: no wider than where they may be sent, and no wider than where they are at the time."""

    subject: str
    area: str
    base: str


Staff = dict[tuple[UUID, str], str | None]


def staff(
    meetings: Iterable[Meeting],
    experts: Iterable[Expert],
    away: Iterable[tuple[str, date, date]],
    engaged: Iterable[Engagement],
    served: Mapping[int, Mapping[str, int]],
) -> Staff:
    """The subject for each meeting and department that it needs; None where nobody is left.

    `away` are subjects with the first and last day of a leave, `engaged` where they are beside these meetings, `served` how many other sessions
    they have by year. Meetings at one time are staffed together, one time after the other; who stands at a meeting is taken for there.
    """
    groups: dict[tuple[date, time, int], list[Meeting]] = defaultdict(list)
    for meeting in meetings:
        groups[meeting.date, meeting.opens, meeting.minutes].append(meeting)
    pools: dict[str, list[Expert]] = defaultdict(list)
    for expert in sorted(experts, key=lambda each: each.subject):
        pools[expert.department].append(expert)
    absent = _absent(away)
    count = {year: Counter(subjects) for year, subjects in served.items()}
    diary = _Diary(engaged)
    for group in groups.values():
        diary.add_standing(group)
    result: Staff = {}
    for (day, _, _), group in sorted(groups.items(), key=lambda each: each[0]):
        diary.drop_standing(group)
        tally = count.setdefault(day.year, Counter())
        for department in sorted({name for meeting in group for name in meeting.needs}):
            needing = {meeting.area: meeting for meeting in group if department in meeting.needs}
            standing = {area: meeting.needs[department] for area, meeting in needing.items()}
            pool = [
                Free(expert.subject, area, expert.base if expert.base.startswith(area) else area)
                for expert in pools[department]
                if expert.since <= day <= (expert.until or day)
                and day not in absent[expert.subject]
                and (area := diary.within(expert, day, group[0].span)) is not None
            ]
            sent = choose(standing, pool, tally)
            for area, meeting in needing.items():
                subject = sent.get(area)
                result[meeting.id, department] = subject
                if subject is not None:
                    tally[subject] += 1
                    diary.add(Engagement(subject, area, day, *meeting.span))
    return result


def _absent(away: Iterable[tuple[str, date, date]]) -> Mapping[str, set[date]]:
    result: dict[str, set[date]] = defaultdict(set)
    for subject, first, last in away:
        result[subject] |= {first + timedelta(days=n) for n in range((last - first).days + 1)}
    return result


class _Diary:
    """Who is where when."""

    def __init__(self, engaged: Iterable[Engagement]) -> None:
        self._of: dict[tuple[str, date], list[Engagement]] = defaultdict(list)
        for each in engaged:
            self.add(each)

    def add(self, engagement: Engagement) -> None:
        self._of[engagement.subject, engagement.date].append(engagement)

    def add_standing(self, group: Sequence[Meeting]) -> None:
        for each in self._standing(group):
            self.add(each)

    def drop_standing(self, group: Sequence[Meeting]) -> None:
        for each in self._standing(group):
            self._of[each.subject, each.date].remove(each)

    @staticmethod
    def _standing(group: Sequence[Meeting]) -> list[Engagement]:
        return [
            Engagement(subject, meeting.area, meeting.date, *meeting.span)
            for meeting in group
            for subject in meeting.needs.values()
            if subject is not None
        ]

    def within(self, expert: Expert, day: date, span: tuple[int, int]) -> str | None:
        """Where the expert can be then: all of their area, the one village of it where they are anyway, or None."""
        area = expert.area
        for each in self._of.get((expert.subject, day), ()):
            if each.begins < span[1] and span[0] < each.ends:
                if not each.area.startswith(area):
                    return None
                area = each.area
        return area


def choose(standing: Mapping[str, str | None], pool: Sequence[Free], served: Mapping[str, int]) -> dict[str, str]:
    """Villages to subjects, as many as can be. `standing` are the villages that need somebody, with who stands there."""
    fits = {free.subject: free.area for free in pool}
    stands = {
        subject: village
        for village, subject in standing.items()
        if subject in fits and village.startswith(fits[subject])
    }
    going = _chosen(standing, pool, served, stands)
    levels = sorted({len(free.area) for free in going}, reverse=True)
    digits = sorted({*LEVELS, *levels}, reverse=True)
    kept = set(stands.values())
    open_, waiting = _Villages(standing.keys() - kept, digits), _Villages(kept, digits)
    sent: dict[str, str] = {}
    for level in levels:
        left = []
        for free in (each for each in going if len(each.area) == level):
            village = stands.get(free.subject)
            if village is not None and waiting.take(village):
                sent[village] = free.subject
            else:
                left.append(free)
        for villages in (open_, waiting):
            for near in (each for each in digits if each >= level):
                rest = []
                for free in left:
                    found = villages.pop(free.base[:near]) if len(free.base) >= near else None
                    if found is None:
                        rest.append(free)
                    else:
                        sent[found] = free.subject
                left = rest
    return sent


def _chosen(
    villages: Collection[str], pool: Sequence[Free], served: Mapping[str, int], stands: Mapping[str, str]
) -> list[Free]:
    """Who goes: those who stand, then who went least, then who has a village in the own township."""
    lengths = sorted({len(free.area) for free in pool})
    room = Counter(village[:n] for village in villages for n in lengths)
    townships = {village[:9] for village in villages}
    order = sorted(
        pool,
        key=lambda free: (
            free.subject not in stands,
            served.get(free.subject, 0),
            free.base[:9] not in townships,
            free.subject,
        ),
    )
    going: list[Free] = []
    for free in order:
        if len(going) == len(villages):
            break
        around = [free.area[:n] for n in lengths if n <= len(free.area)]
        if all(room[each] for each in around):
            room.subtract(around)
            going.append(free)
    return going


class _Villages:
    """Villages that are still to be had, found by the beginning of their code."""

    def __init__(self, codes: Collection[str], digits: Sequence[int]) -> None:
        self._left = set(codes)
        self._by: dict[str, list[str]] = defaultdict(list)
        for code in sorted(codes, reverse=True):
            for n in digits:
                self._by[code[:n]].append(code)

    def take(self, code: str) -> bool:
        if code not in self._left:
            return False
        self._left.remove(code)
        return True

    def pop(self, beginning: str) -> str | None:
        """The first that is left, taken out."""
        bucket = self._by.get(beginning, [])
        while bucket:
            if self.take(code := bucket.pop()):
                return code
        return None
