"""The monthly dialogue (一月一沟通, the 15th): its agenda, who came, and when a body of the village can decide. Pure.

The rules are those of the Organic Law of the Villagers' Committees (村民委员会组织法, as amended in 2018). 以上 takes the number itself in,
过半数 does not (民法典 art. 1259).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from services.chassis.errors import InvalidInput
from services.chassis.text import Text

TITLE = Text(100)
NAME = Text(60)
MATERIAL = Text(300)
PRESENTER = Text(60)
SUBJECT = Text(255)
MOST_ITEMS = 30
MOST_ATTENDEES = 2000
MOST_MEMBERS = 2000
MOST_PEOPLE = 100_000


class AgendaKind(StrEnum):
    STUDY = "STUDY"
    REMOTE_EDUCATION = "REMOTE_EDUCATION"
    DELIBERATION = "DELIBERATION"
    HEARING = "HEARING"
    OTHER = "OTHER"


AGENDA_KINDS: Mapping[AgendaKind, str] = {
    AgendaKind.STUDY: "党员学习",
    AgendaKind.REMOTE_EDUCATION: "远程教育",
    AgendaKind.DELIBERATION: "民主议政",
    AgendaKind.HEARING: "听取意见",
    AgendaKind.OTHER: "其他",
}
STUDIED = frozenset({AgendaKind.STUDY, AgendaKind.REMOTE_EDUCATION})
"""Items of which a study record is kept."""


class AttendeeKind(StrEnum):
    """Everybody counts under one."""

    VILLAGER = "VILLAGER"
    REPRESENTATIVE = "REPRESENTATIVE"
    PARTY_MEMBER = "PARTY_MEMBER"
    CADRE = "CADRE"
    GUEST = "GUEST"


ATTENDEE_KINDS: Mapping[AttendeeKind, str] = {
    AttendeeKind.VILLAGER: "村民",
    AttendeeKind.REPRESENTATIVE: "村民代表",
    AttendeeKind.PARTY_MEMBER: "党员",
    AttendeeKind.CADRE: "干部",
    AttendeeKind.GUEST: "列席人员",
}


@dataclass(frozen=True)
class Share:
    """A part of a number of people: more than it where `above`, else at least it."""

    numerator: int
    denominator: int
    above: bool

    def least(self, of: int) -> int:
        """The smallest number of people that is enough; never nobody."""
        whole, rest = divmod(of * self.numerator, self.denominator)
        return max(1, whole + (1 if self.above or rest else 0))

    def covers(self, other: "Share") -> bool:
        """Whether whatever is enough for this one is enough for the other."""
        mine, its = Fraction(self.numerator, self.denominator), Fraction(other.numerator, other.denominator)
        return mine > its or (mine == its and (self.above or not other.above))

    @property
    def words(self) -> str:
        if self == HALF:
            return "过半数"
        part = f"{self.numerator}/{self.denominator}"
        return f"超过 {part}" if self.above else f"{part} 以上"


class Rule(StrEnum):
    ASSEMBLY = "ASSEMBLY"
    HOUSEHOLDS = "HOUSEHOLDS"
    REPRESENTATIVES = "REPRESENTATIVES"
    CONSULTATION = "CONSULTATION"


@dataclass(frozen=True)
class Preset:
    """What the law asks of a kind of body.

    `quorum` of the eligible must be there, `passing` of those who are there must be for it. `counts` are the kinds of people who are taken for
    members where the members are not named. `proxies`: a member who is absent counts where somebody came in their place.
    """

    name: str
    quorum: Share | None
    passing: Share
    counts: frozenset[AttendeeKind]
    proxies: bool
    source: str


HALF = Share(1, 2, above=True)
TWO_THIRDS = Share(2, 3, above=False)
LAW = "《中华人民共和国村民委员会组织法》"
PRESETS: Mapping[Rule, Preset] = {
    Rule.ASSEMBLY: Preset(
        "村民会议", HALF, HALF, frozenset({AttendeeKind.VILLAGER}), proxies=False, source=f"{LAW}第二十二条"
    ),
    Rule.HOUSEHOLDS: Preset(
        "村民会议（户的代表）",
        TWO_THIRDS,
        HALF,
        frozenset({AttendeeKind.VILLAGER}),
        proxies=True,
        source=f"{LAW}第二十二条",
    ),
    Rule.REPRESENTATIVES: Preset(
        "村民代表会议",
        TWO_THIRDS,
        HALF,
        frozenset({AttendeeKind.REPRESENTATIVE}),
        proxies=False,
        source=f"{LAW}第二十六条",
    ),
    Rule.CONSULTATION: Preset(
        "民主协商", None, HALF, frozenset(AttendeeKind) - {AttendeeKind.GUEST}, proxies=True, source="无法定人数要求"
    ),
}


@dataclass(frozen=True)
class Who:
    """An account, or a household by whoever of it comes."""

    household: UUID | None = None
    subject: str | None = None


@dataclass(frozen=True, kw_only=True)
class Body:
    """Who of a village decides. `members` are those on a given day; without any, `eligible` says how many there are."""

    id: UUID
    area: str
    name: str
    rule: Rule
    quorum: Share | None
    eligible: int
    since: date
    version: int = 1
    members: Mapping[Who, UUID] = field(default_factory=dict)

    @property
    def preset(self) -> Preset:
        return PRESETS[self.rule]


@dataclass(frozen=True, kw_only=True)
class Item:
    kind: AgendaKind
    title: str
    minutes: int
    presenter: str | None = None


@dataclass(frozen=True, kw_only=True)
class Attendee:
    """Somebody of whom it is noted who they are; `proxy_for` is the member in whose place they came."""

    who: Who
    kind: AttendeeKind
    present: bool
    proxy_for: Who | None = None


@dataclass(frozen=True)
class Standing:
    """Whether a body can decide: how many it has, how many of them came, how many are needed. In Chinese in `explanation`."""

    eligible: int
    present: int
    needed: int
    quorate: bool
    explanation: str


def quorum_of(rule: Rule, given: Share | None) -> Share | None:
    """The rule's own share, or a stricter one; raises InvalidInput for one that the law does not let stand."""
    preset = PRESETS[rule].quorum
    if given is None:
        return preset
    if not 1 <= given.numerator <= given.denominator <= 100:
        raise InvalidInput("quorum must be a share from 1/100 to 1", field="quorum", rule="range")
    if given.above and given.numerator == given.denominator:
        raise InvalidInput("quorum: more than all can never come", field="quorum", rule="range")
    if preset is not None and not given.covers(preset):
        raise InvalidInput(
            f"quorum must not be below that of the law: {preset.words}", field="quorum", rule="quorum.law"
        )
    return given


def people_by_kind(attendees: Sequence[Attendee], counted: Mapping[AttendeeKind, int]) -> Mapping[AttendeeKind, int]:
    """How many came of each kind: as counted, or as many as are named. Raises InvalidInput where more are named than counted, or nobody came."""
    result = {}
    for kind in AttendeeKind:
        named = sum(each.present and each.kind is kind for each in attendees)
        people = counted.get(kind, named)
        if people < named:
            raise InvalidInput(f"counts: {kind} are fewer than are named", field="counts", rule="attendance.named")
        if people:
            result[kind] = people
    if not result:
        raise InvalidInput("counts or people must say who came", field="counts", rule="required")
    return result


def standing(
    body: Body | None,
    people: Mapping[AttendeeKind, int],
    attendees: Sequence[Attendee],
    entitled: int | None,
) -> Standing:
    """Who of the body is there. `entitled` says it; else the named members do, else the kinds that the rule takes for members.

    Without a body it is a consultation, and all who came but guests take part. Raises InvalidInput for numbers that cannot be.
    """
    preset = PRESETS[Rule.CONSULTATION] if body is None else body.preset
    represented = _represented(body, attendees)
    total = sum(people.values())
    if entitled is None:
        entitled = len(represented) or sum(number for kind, number in people.items() if kind in preset.counts)
    most = total + sum(each.present and each.proxy_for is not None for each in attendees)
    eligible = entitled if body is None else body.eligible
    for limit, of in ((most, "those who came"), (eligible, "the body's members")):
        if entitled > limit:
            raise InvalidInput(
                f"entitled: of the body there cannot be more than {of}; say how many of those who came belong to it",
                field="entitled",
                rule="attendance.entitled",
            )
    if entitled < len(represented):
        raise InvalidInput("entitled is less than the members who are named", field="entitled", rule="attendance.named")
    quorum = preset.quorum if body is None else body.quorum
    if quorum is None:
        return Standing(eligible, entitled, 0, True, f"实到 {entitled} 人；{preset.source}")
    needed = quorum.least(eligible)
    quorate = entitled >= needed
    verdict = "达到法定人数" if quorate else "未达到法定人数"
    unit = "户" if body is not None and body.rule is Rule.HOUSEHOLDS else "人"
    said = f"应到 {eligible} {unit}，实到 {entitled} {unit}，须 {needed} {unit}（{quorum.words}），{verdict}。依据：{preset.source}"
    return Standing(eligible, entitled, needed, quorate, said)


def _represented(body: Body | None, attendees: Sequence[Attendee]) -> set[UUID]:
    """The members who are named as present, or in whose place somebody came. Raises InvalidInput that names the place."""
    result: set[UUID] = set()
    seen: set[Who] = set()
    members = {} if body is None else body.members
    for n, each in enumerate(attendees):
        if each.who in seen:
            raise InvalidInput(f"people[{n}] is named twice", field=f"people[{n}]", rule="unique")
        seen.add(each.who)
        if each.present:
            result |= {members[who] for who in (each.who, each.proxy_for) if who is not None and who in members}
        if each.proxy_for is not None:
            _check_proxy(n, each.present, each.proxy_for, body)
    return result


def _check_proxy(n: int, present: bool, proxy_for: Who, body: Body | None) -> None:
    name = f"people[{n}].proxyFor"
    if not present:
        raise InvalidInput(f"{name}: who is absent stands for nobody", field=name, rule="proxy.present")
    if body is None or proxy_for not in body.members:
        raise InvalidInput(f"{name} names no member of the body", field=name, rule="proxy.member")
    if not body.preset.proxies:
        raise InvalidInput(f"{name}: members of this body come themselves", field=name, rule="proxy.allowed")
