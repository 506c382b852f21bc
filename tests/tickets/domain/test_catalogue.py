"""Which limits hold, who is told, and what the catalogue takes."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.chassis.config import ConfigError
from services.chassis.errors import InvalidInput, UnknownCode
from services.tickets.app import CATALOGUE
from services.tickets.commands.catalogue import read_catalogue
from services.tickets.domain.catalogue import (
    MOST_DEPTH,
    OTHER,
    Category,
    Escalation,
    Route,
    require_ahead,
    require_place,
    whom,
)
from services.tickets.domain.limits import Limits, choose
from services.tickets.domain.worktime import Span
from tests.tickets.domain.clocks import LIMITS

DAY = date(2026, 3, 2)


def limits(category: str = "", priority: str = "", since: str = "2020-01-01") -> Limits:
    return replace(LIMITS, category=category, priority=priority, since=date.fromisoformat(since))


PATH = ("irrigation", "agriculture")


@pytest.mark.parametrize(
    ("known", "priority", "expected"),
    [
        ([limits()], "NORMAL", 0),
        ([limits(), limits("agriculture")], "NORMAL", 1),
        ([limits("irrigation"), limits("agriculture")], "NORMAL", 0),
        ([limits("irrigation"), limits("", "URGENT")], "URGENT", 1),
        ([limits("irrigation"), limits("", "URGENT")], "NORMAL", 0),
        ([limits("irrigation", "URGENT"), limits("", "URGENT")], "URGENT", 0),
        ([limits(), limits(since="2026-03-02"), limits(since="2026-03-03")], "NORMAL", 1),
        ([limits("road")], "NORMAL", None),
        ([limits(since="2026-03-03")], "NORMAL", None),
    ],
)
def test_which_limits_hold(known: list[Limits], priority: str, expected: int | None) -> None:
    found = choose(known, PATH, priority, DAY)
    assert found is (None if expected is None else known[expected])


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"extensions": 10}, "extensions"),
        ({"extensions": -1}, "extensions"),
        ({"pause": 366}, "pause"),
        ({"warn": 100}, "warn"),
        ({"escalate": Span(0, "d")}, "escalate"),
        ({"extension": Span(0, "d")}, "extension"),
        ({"extension": Span(4, "h")}, "extension"),
    ],
)
def test_limits_that_will_not_do(changed: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        replace(LIMITS, **changed)
    assert refused.value.extra["field"] == field


def test_limits_are_kept_as_text_and_come_back() -> None:
    assert Limits.of(LIMITS.plain) == LIMITS


def test_who_is_told_of_a_late_matter() -> None:
    known = {
        ("department/water", 1): ("officer",),
        ("area/339999100", 1): ("clerk",),
        ("area/339999", 1): ("admin",),
        ("area/339999", 2): ("admin", "deputy"),
        ("area/339999100200", 1): (),
    }
    village = "339999100200"
    assert whom(known, "water", village, 1) == ("officer",)
    assert whom(known, "power", village, 1) == whom(known, None, village, 1) == ("clerk",)
    assert whom(known, "water", village, 2) == ("admin", "deputy")
    assert whom(known, None, "339999", 1) == ("admin",)
    assert whom(known, None, village, 3) == ()


def category(code: str, parent: str | None = None, **more: Any) -> Category:
    return Category(code, parent, "示例", DAY, **more)


def test_the_tree_stays_a_tree() -> None:
    deep = [category(f"c{n}") for n in range(MOST_DEPTH)]
    require_place(category("a"), [])
    require_place(category("a", "b"), [category("b", "c"), category("c")])
    with pytest.raises(UnknownCode):
        require_place(category("a", "b"), [])
    for above, rule in (([category("b", "a"), category("a")], "tree"), (deep, "depth")):
        with pytest.raises(InvalidInput) as refused:
            require_place(category("a", "b"), above)
        assert refused.value.extra["rule"] == rule


@pytest.mark.parametrize(
    "make",
    [
        lambda: category("Road"),
        lambda: category("路"),
        lambda: category("road", until=date(2026, 3, 1)),
        lambda: Category("road", None, " ", DAY),
        lambda: Route("33", "", DAY, "water"),
        lambda: Escalation("village/1", 1, ()),
        lambda: Escalation("area/339999", 4, ()),
        lambda: Escalation("area/339999", 1, ("",)),
        lambda: require_ahead(date(2026, 3, 1), DAY),
    ],
)
def test_lines_that_will_not_do(make: Any) -> None:
    with pytest.raises(InvalidInput):
        make()


# The file


def test_the_example_catalogue_is_whole() -> None:
    lines = read_catalogue(CATALOGUE)
    codes = {line.code for line in lines["category"]}
    assert {"irrigation", "farming-advice", "road", "lighting", "permit", OTHER} <= codes
    for line in lines["category"]:
        assert line.parent is None or line.parent in codes
    assert {line.category for line in lines["route"] + lines["limits"]} <= codes | {""}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[categories]]", "not known: categories"),
        ("[[category]]\ncode = 'road'\nname = '路'", "[[category]] number 1: a key is missing"),
        ("[[category]]\ncode = 'Road'\nname = '路'\nsince = 2020-01-01", "number 1: code must have the form"),
        ("[[limits]]\nsince = 2020-01-01\nname = '示例'\nsign = '4 h'", "[[limits]] number 1"),
        ("[[hours]]\nsince = 2020-01-01\nperiods = ['12:00-08:30']", "hours must be periods"),
        ("[[hours]]\nsince = 2020-01-01\nperiods = ['8-12']", "malformed"),
        ("what", "cannot be read"),
    ],
)
def test_a_file_that_will_not_do_says_where(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "catalogue.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        read_catalogue(file)
    assert words in str(refused.value)
