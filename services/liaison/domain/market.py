"""Market days (墟日/市日): which they are by a rule of the field, and why.

Four kinds of rule are in use: the last digit of the day of the Gregorian month (阳历逢三) or of the lunar one (农历逢三逢八), weekdays, and the day's
earthly branch (逢子日, every twelve days). Exceptions add, drop or move single days.
"""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from services.chassis.errors import InvalidInput
from services.chassis.text import Text
from services.liaison.domain.lunar import BRANCHES, lunar, sexagenary
from services.liaison.domain.lunar import branch as branch_of

NAME = Text(60)
REASON = Text(200)
LONGEST_SPAN_DAYS = 400
DIGITS = "十一二三四五六七八九"
WEEKDAYS = "一二三四五六日"


class RuleKind(StrEnum):
    SOLAR = "SOLAR"
    LUNAR = "LUNAR"
    WEEKDAY = "WEEKDAY"
    BRANCH = "BRANCH"


class ShortMonth(StrEnum):
    """What a month does that ends before its third day of a digit: 逢十 in a month of 29 days, 逢九 in February."""

    SKIP = "SKIP"
    LAST_DAY = "LAST_DAY"


class ExceptionKind(StrEnum):
    ADDED = "ADDED"
    DROPPED = "DROPPED"


KNOWN_DAYS = {
    RuleKind.SOLAR: range(10),
    RuleKind.LUNAR: range(10),
    RuleKind.WEEKDAY: range(1, 8),
    RuleKind.BRANCH: range(1, 13),
}
"""Last digits; weekdays from Monday on; branches from 子 on."""


@dataclass(frozen=True)
class Rule:
    """`days` are what KNOWN_DAYS says of the kind. It holds from `since` to `until`, both included, or to `ends`, its area's last day.

    Raises InvalidInput.
    """

    kind: RuleKind
    days: tuple[int, ...]
    since: date
    until: date | None = None
    short_month: ShortMonth = ShortMonth.SKIP
    ends: date | None = None

    def __post_init__(self) -> None:
        known = KNOWN_DAYS[self.kind]
        if not self.days or not set(self.days) <= set(known):
            raise InvalidInput(
                f"days must name one at least, each from {known[0]} to {known[-1]}", field="days", rule="market.days"
            )
        if self.until is not None and self.until < self.since:
            raise InvalidInput("until must not lie before since", field="until", rule="order")

    def span(self, first: date, last: date) -> tuple[date, date]:
        """So much of the days from first to last as it holds for."""
        return max(first, self.since), min(last, self.until or last, self.ends or last)


@dataclass(frozen=True)
class MarketException:
    """A day that is added or dropped. One that is added may stand for a day by the rule, which is then dropped: the market was moved."""

    day: date
    kind: ExceptionKind
    reason: str
    instead_of: date | None = None


@dataclass(frozen=True)
class MarketDay:
    """`text` says why there is market. `turn` is the day by the rule that it stands for, itself as a rule; none of a day that was added."""

    day: date
    text: str
    turn: date | None


def rule_days(rule: Rule, first: date, last: date) -> list[MarketDay]:
    """The days by the rule alone, in order."""
    first, last = rule.span(first, last)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [MarketDay(day, text, day) for day in days if (text := _why(rule, day)) is not None]


def market_days(rule: Rule, first: date, last: date, exceptions: Iterable[MarketException] = ()) -> list[MarketDay]:
    """The days on which market is held, in order, first and last included."""
    first, last = rule.span(first, last)
    exceptions = list(exceptions)
    dropped = {each.day if each.kind is ExceptionKind.DROPPED else each.instead_of for each in exceptions}
    days = {each.day: each for each in rule_days(rule, first, last) if each.day not in dropped}
    for each in exceptions:
        if each.kind is ExceptionKind.ADDED and first <= each.day <= last:
            days.setdefault(each.day, MarketDay(each.day, _added(each), each.instead_of))
    return [days[day] for day in sorted(days)]


def check_exception(rule: Rule, others: Sequence[MarketException], given: MarketException, today: date) -> None:
    """Raises InvalidInput unless the exception changes what lies ahead: drops a market day, or adds one where there is none."""
    if given.day < today or (given.instead_of is not None and given.instead_of < today):
        raise InvalidInput("date and insteadOf must not lie in the past", field="date", rule="not.past")
    if rule.span(given.day, given.day) != (given.day, given.day):
        raise InvalidInput("date must lie within the rule's validity", field="date", rule="market.validity")
    held = {each.day for each in market_days(rule, given.day, given.day, others)}
    if given.kind is ExceptionKind.ADDED and held:
        raise InvalidInput("date is a market day already", field="date", rule="market.day")
    if given.kind is ExceptionKind.DROPPED and not held:
        raise InvalidInput("date is no market day", field="date", rule="market.day")
    if given.instead_of is None:
        return
    if given.kind is ExceptionKind.DROPPED:
        raise InvalidInput("insteadOf is for a day that is added", field="insteadOf", rule="market.moved")
    stands = market_days(rule, given.instead_of, given.instead_of, others)
    if not stands or stands[0].turn != given.instead_of:
        raise InvalidInput("insteadOf is no market day by the rule", field="insteadOf", rule="market.day")


def in_words(rule: Rule) -> str:
    """As people say it: 农历逢三、八; 每周二; 逢子日."""
    days = sorted(set(rule.days))
    if rule.kind is RuleKind.WEEKDAY:
        return "每周" + "、".join(WEEKDAYS[day - 1] for day in days)
    if rule.kind is RuleKind.BRANCH:
        return "逢" + "、".join(BRANCHES[day - 1] for day in days) + "日"
    calendar = "农历" if rule.kind is RuleKind.LUNAR else "阳历"
    return f"{calendar}逢" + "、".join(DIGITS[day] for day in sorted(days, key=lambda day: day or 10))


def horizon(today: date) -> date:
    """Up to where market days stand: the end of next year."""
    return date(today.year + 1, 12, 31)


def beginning(rule: Rule, today: date) -> date:
    """From where a new market's days stand: the rule's first day, at the earliest that of the year before."""
    return max(rule.since, date(today.year - 1, 1, 1))


def _added(given: MarketException) -> str:
    moved = "" if given.instead_of is None else f"（由{given.instead_of.month}月{given.instead_of.day}日改期）"
    return f"加市{moved}：{given.reason}"


def _why(rule: Rule, day: date) -> str | None:
    """Why the day is one by the rule; None where it is not."""
    if rule.kind is RuleKind.WEEKDAY:
        weekday = day.isoweekday()
        return f"每周{WEEKDAYS[weekday - 1]}" if weekday in rule.days else None
    if rule.kind is RuleKind.BRANCH:
        branch = branch_of(day)
        return f"{sexagenary(day)}日，逢{BRANCHES[branch - 1]}" if branch in rule.days else None
    if rule.kind is RuleKind.LUNAR:
        there = lunar(day)
        number, ends, text = there.day, there.ends_month, f"农历{there.text}"
    else:
        number, ends, text = day.day, day.day == monthrange(day.year, day.month)[1], f"阳历{day.month}月{day.day}日"
    if number % 10 in rule.days:
        return f"{text}，逢{DIGITS[number % 10]}"
    if ends and rule.short_month is ShortMonth.LAST_DAY:
        for digit in rule.days:
            if (third := 20 + (digit or 10)) > number:
                lacks = "三十" if rule.kind is RuleKind.LUNAR else f"{third}日"
                return f"{text}，逢{DIGITS[digit]}，本月无{lacks}，以月末为市"
    return None
