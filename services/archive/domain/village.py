"""The village sheet (村情单): what may be said of a village, its yearly figures, cadres' terms, bookings and agreements, and what must hold.

A deed makes `Word`s: facts that are new from a day on. What kinds of facts, figures, offices and bookings there are is data.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from services.archive.domain.text import NAME, REASON
from services.chassis.errors import Conflict, Forbidden, InvalidInput, NotFound
from services.chassis.text import Text

TITLE = Text(200)
WORDS = Text(2000, lines=True)
BODY = Text(20_000, lines=True)
MOST_LISTED = 100
MOST_AMOUNT = Decimal(10) ** 12
EARLIEST_YEAR = 1949

FACTS = {
    "terrain": "地形地貌",
    "groups": "村民小组",
    "cultivatedMu": "耕地面积",
    "forestMu": "林地面积",
    "waterMu": "水域面积",
    "roads": "道路交通",
    "waterSupply": "饮水供水",
    "network": "通信网络",
    "partyBranch": "党组织",
    "clinics": "医疗机构",
    "schools": "学校",
    "industries": "主要产业",
    "hazards": "灾害隐患",
    "market": "墟日",
    "villageRules": "村规民约",
}
"""Fact of a village, as it is called in the schema → its title. Areas are in mu (1 mu = 666.67 m²)."""
LISTED = frozenset({"groups", "clinics", "schools", "industries", "hazards"})
AREAS = frozenset({"cultivatedMu", "forestMu", "waterMu"})

BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
MARKET_DAYS = {"SOLAR": range(10), "LUNAR": range(10), "WEEKDAY": range(1, 8), "BRANCH": range(1, 13)}
"""Rule of the market days (墟日/市日) → its days: the last digit of the day of the Gregorian or the lunar month, the weekday from Monday on,
the earthly branch (地支) of the day from 子 on."""

FIGURES = {
    "HOUSEHOLDS": ("户数", "户"),
    "POPULATION": ("人口数", "人"),
    "LABOUR_FORCE": ("劳动力数", "人"),
    "MIGRANT_WORKERS": ("外出务工人数", "人"),
    "PARTY_MEMBERS": ("党员数", "人"),
    "CONTRACT_MU": ("承包地面积", "亩"),
    "GRAIN_OUTPUT": ("粮食产量", "吨"),
    "PER_CAPITA_INCOME": ("人均收入", "元"),
    "COLLECTIVE_INCOME": ("村集体经济总收入", "元"),
    "COLLECTIVE_OPERATING_INCOME": ("村集体经营性收入", "元"),
    "COLLECTIVE_DEBT": ("村集体负债", "元"),
}
"""Figure of a year → its title and unit."""
MEASURES = {
    **{name: FIGURES[name] for name in ("HOUSEHOLDS", "POPULATION", "CONTRACT_MU", "PER_CAPITA_INCOME")},
    "CULTIVATED_MU": (FACTS["cultivatedMu"], "亩"),
}
"""What the village declares and the household sheets add up to, too."""

OFFICES = {
    "PARTY_SECRETARY": ("村党组织书记", True),
    "PARTY_DEPUTY_SECRETARY": ("村党组织副书记", False),
    "PARTY_COMMITTEE_MEMBER": ("村党组织委员", False),
    "DIRECTOR": ("村民委员会主任", True),
    "DEPUTY_DIRECTOR": ("村民委员会副主任", False),
    "COMMITTEE_MEMBER": ("村民委员会委员", False),
    "SUPERVISION_DIRECTOR": ("村务监督委员会主任", True),
    "SUPERVISION_MEMBER": ("村务监督委员会成员", False),
    "COOPERATIVE_CHAIR": ("村经济合作社社长", True),
    "WOMEN_CHAIR": ("村妇联主席", True),
    "MILITIA_COMMANDER": ("村民兵连长", True),
    "ACCOUNTANT": ("村报账员", True),
    "GROUP_LEADER": ("村民小组长", False),
}
"""Office of a village cadre → its title, and whether only one person at a time holds it."""

BOOKINGS = {"ASSET_IN": "资产增加", "ASSET_OUT": "资产减少", "INCOME": "集体收入", "EXPENSE": "集体支出"}
"""Kind of an entry in the ledger of the collective's assets and income → its title."""

State = Mapping[str, Any]
"""The facts of one part of a sheet, as JSON holds them."""


@dataclass(frozen=True)
class Word:
    """What is new of one part of the sheet, from a day on. `open` says whether the village's residents may read it, too."""

    kind: str
    key: str
    patch: State
    valid_from: date
    open: bool = True

    def names(self) -> Iterator[str]:
        """What an event calls it."""
        match self.kind:
            case "FACTS":
                yield from (f"facts.{name}" for name in self.patch)
            case "FIGURE":
                yield f"figures.{self.key.partition('/')[2]}"
            case kind:
                yield {"BOOKING": "ledger", "TERM": "terms", "AGREEMENT": "agreements"}[kind]


# --- Facts -------------------------------------------------------------------------------------------------------------


def revise(former: State, given: State, day: date) -> list[Word]:
    """The facts that are given and differ from the former; an empty text or list takes a fact away. Raises InvalidInput."""
    checked = {name: _fact(name, value) for name, value in given.items() if value is not None}
    patch = {name: value for name, value in checked.items() if former.get(name) != value}
    return [Word("FACTS", "", patch, day)] if patch else []


def _fact(name: str, value: Any) -> Any:
    field = f"facts.{name}"
    if name in AREAS:
        return _amount(value, field, zero=True)
    if name in LISTED:
        if len(value) > MOST_LISTED:
            raise InvalidInput(f"{field}: at most {MOST_LISTED}", field=field, rule="length")
        return [TITLE.check(word, f"{field}[{position}]") for position, word in enumerate(value)] or None
    if name == "market":
        return _market(value, field)
    return (BODY if name == "villageRules" else WORDS).check(value, field) if value.strip() else None


def _market(value: State, field: str) -> State | None:
    rule, days = value["rule"], sorted(set(value["days"]))
    if rule not in MARKET_DAYS:
        raise InvalidInput(
            f"{field}.rule must be one of {', '.join(MARKET_DAYS)}", field=f"{field}.rule", rule="market.rule"
        )
    known = MARKET_DAYS[rule]
    if not set(days) <= set(known):
        raise InvalidInput(
            f"{field}.days must lie within {known[0]} and {known[-1]}", field=f"{field}.days", rule="market.days"
        )
    return {"rule": rule, "days": days} if days else None


def market_in_words(market: State) -> str:
    """As people say it: 逢三、八(农历)."""
    digits, weekdays = "十一二三四五六七八九", "一二三四五六日"
    match market["rule"]:
        case "WEEKDAY":
            return "每周" + "、".join(weekdays[day - 1] for day in market["days"])
        case "BRANCH":
            return "逢" + "、".join(BRANCHES[day - 1] for day in market["days"]) + "日"
        case rule:
            calendar = "农历" if rule == "LUNAR" else "公历"
            return f"{calendar}逢" + "、".join(digits[day] for day in sorted(market["days"], key=lambda day: day or 10))


def checked_reason(reason: str) -> str:
    return REASON.check(reason, "reason")


# --- Figures of a year -------------------------------------------------------------------------------------------------


def figure_key(year: int, figure: str) -> str:
    return f"{year}/{figure}"


def enter_figure(
    former: State | None, *, year: int, figure: str, value: Decimal, source: str, by: str, today: date
) -> list[Word]:
    """A figure of a year with where it comes from; nothing when the same is there. Entered anew, it must be confirmed anew."""
    if figure not in FIGURES:
        raise InvalidInput(f"figure must be one of {', '.join(FIGURES)}", field="figure", rule="figure.known")
    if not EARLIEST_YEAR <= year <= today.year:
        raise InvalidInput(
            f"year must lie within {EARLIEST_YEAR} and the present year", field="year", rule="figure.year"
        )
    said = {"value": _amount(value, "value", zero=True), "source": TITLE.check(source, "source")}
    if former is not None and said.items() <= former.items():
        return []
    patch = {
        "year": year,
        "figure": figure,
        **said,
        "entered_by": by,
        "confirmed_by": None,
        "confirmed_name": None,
        "confirmed_on": None,
    }
    return [Word("FIGURE", figure_key(year, figure), patch, date(year, 1, 1), open=False)]


def confirm_figure(former: State | None, *, value: Decimal, by: str, name: str | None, today: date) -> list[Word]:
    """The figure, confirmed: from now on residents see it. `value` is what was looked at.

    Raises NotFound, Conflict when it is confirmed already or another value by now, Forbidden to whoever entered it.
    """
    if former is None:
        raise NotFound("figure: none such was entered for that year", field="figure")
    if former["confirmed_by"] is not None:
        raise Conflict("figure is confirmed already", field="figure", rule="figure.confirmed")
    if former["entered_by"] == by:
        raise Forbidden("figure: confirmed by somebody else than who entered it")
    if Decimal(former["value"]) != value:
        raise Conflict("value is another by now; read it again, then decide", field="value", rule="figure.value")
    patch = {**former, "confirmed_by": by, "confirmed_name": name, "confirmed_on": str(today)}
    return [Word("FIGURE", figure_key(former["year"], former["figure"]), patch, date(former["year"], 1, 1))]


# --- Cadres' terms -----------------------------------------------------------------------------------------------------


def start_term(
    terms: Mapping[str, State], key: str, *, name: str, office: str, since: date, until: date | None, today: date
) -> list[Word]:
    """A cadre's term, both days included. Raises Conflict where somebody else holds an office that only one can hold."""
    if office not in OFFICES:
        raise InvalidInput(f"office must be one of {', '.join(OFFICES)}", field="office", rule="office.known")
    _past(since, "since", today)
    if until is not None:
        _past(until, "until", today)
        _in_order(since, until)
    patch = {
        "name": NAME.check(name, "name"),
        "office": office,
        "since": str(since),
        "until": None if until is None else str(until),
    }
    if OFFICES[office][1] and any(term["office"] == office and _overlap(term, patch) for term in terms.values()):
        raise Conflict(
            "office is held by somebody else in these days; end that term first", field="office", rule="term.overlap"
        )
    return [Word("TERM", key, patch, since)]


def end_term(terms: Mapping[str, State], key: str, *, until: date, reason: str | None, today: date) -> list[Word]:
    """Ends a term; `until` is its last day. On any day before, the sheet says what it said then: a term without end."""
    if key not in terms:
        raise NotFound("id: no such term, or outside your reach", field="id")
    if terms[key]["until"] is not None:
        raise Conflict("term has ended already", field="id", rule="term.ended")
    _past(until, "until", today)
    _in_order(date.fromisoformat(terms[key]["since"]), until)
    patch = {"until": str(until), "end_reason": None if reason is None else checked_reason(reason)}
    return [Word("TERM", key, patch, until + timedelta(days=1))]


def _overlap(one: State, other: State) -> bool:
    forever = str(date.max)
    return bool(one["since"] <= (other["until"] or forever) and other["since"] <= (one["until"] or forever))


# --- Ledger ------------------------------------------------------------------------------------------------------------


def book(
    key: str, *, kind: str, title: str, amount: Decimal, booked_on: date, document: str, today: date
) -> list[Word]:
    """An entry in the ledger, which stays. `amount` in yuan, `document` is where it is proved."""
    if kind not in BOOKINGS:
        raise InvalidInput(f"kind must be one of {', '.join(BOOKINGS)}", field="kind", rule="booking.kind")
    _past(booked_on, "bookedOn", today)
    patch = {
        "kind": kind,
        "title": TITLE.check(title, "title"),
        "amount": _amount(amount, "amount"),
        "booked_on": str(booked_on),
        "document": TITLE.check(document, "document"),
        "reverses": None,
    }
    return [Word("BOOKING", key, patch, booked_on)]


def reverse(
    bookings: Mapping[str, State], key: str, *, reverses: str, title: str, booked_on: date, document: str, today: date
) -> list[Word]:
    """A red-letter entry (红字冲销): the same kind with the amount taken back. Raises Conflict when that was done already."""
    if reverses not in bookings:
        raise NotFound("reverses: no such entry of this village's ledger", field="reverses")
    former = bookings[reverses]
    if former["reverses"] is not None or any(one["reverses"] == reverses for one in bookings.values()):
        raise Conflict("reverses is taken back already", field="reverses", rule="booking.reversed")
    amount = Decimal(former["amount"])
    (word,) = book(
        key, kind=former["kind"], title=title, amount=amount, booked_on=booked_on, document=document, today=today
    )
    return [Word(word.kind, key, {**word.patch, "amount": str(-amount), "reverses": reverses}, booked_on)]


# --- Agreements --------------------------------------------------------------------------------------------------------


def agree(
    key: str,
    *,
    title: str,
    parties: Sequence[str],
    agreed_on: date,
    text: str,
    witness: str | None,
    image: str | None,
    today: date,
) -> list[Word]:
    """An agreement (协议). Its image, which shows signatures, and its witness are for the staff only."""
    _past(agreed_on, "agreedOn", today)
    if not 2 <= len(parties) <= MOST_LISTED:
        raise InvalidInput(f"parties: 2 to {MOST_LISTED}", field="parties", rule="agreement.parties")
    said = {
        "title": TITLE.check(title, "title"),
        "parties": [TITLE.check(party, f"parties[{position}]") for position, party in enumerate(parties)],
        "agreed_on": str(agreed_on),
        "text": BODY.check(text, "text"),
    }
    kept = {
        "witness": None if witness is None else NAME.check(witness, "witness"),
        "image": None if image is None else TITLE.check(image, "image"),
    }
    return [Word("AGREEMENT", key, said, agreed_on), Word("AGREEMENT", key, kept, agreed_on, open=False)]


def _amount(value: Decimal, field: str, *, zero: bool = False) -> str:
    """As the sheet keeps it; raises InvalidInput."""
    within = value.is_finite() and (value > 0 or (zero and value == 0)) and value <= MOST_AMOUNT
    if not within or value != round(value, 2):
        least = "0" if zero else "more than 0"
        raise InvalidInput(
            f"{field} must be {least} to {MOST_AMOUNT}, with at most two decimals", field=field, rule="amount"
        )
    return f"{value.normalize():f}"


def _past(day: date, field: str, today: date) -> None:
    if day > today:
        raise InvalidInput(f"{field} lies ahead", field=field, rule="day.future")


def _in_order(since: date, until: date) -> None:
    if until < since:
        raise InvalidInput("until lies before since", field="until", rule="term.span")
