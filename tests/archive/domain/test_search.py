"""Terms and questions."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.archive.domain.search import question, search_terms, search_text

NAMES, ADDRESS, HOUSE = ["示例甲一", "王小明"], "示例镇示例村示例路12号", "砖混二层B座"


def found(search: str) -> bool:
    """Whether the example household answers, as the database decides: by all terms, and by LIKE."""
    asked = question(search)
    text = search_text(NAMES, ADDRESS, HOUSE)
    like = [re.escape(pattern).replace("%", "(?s:.*)") for pattern in asked.patterns]
    answers = bool(asked.terms) and all(re.fullmatch(pattern, text) for pattern in like)
    if answers:
        assert set(asked.terms) <= search_terms(NAMES, ADDRESS, HOUSE)
    return answers


@pytest.mark.parametrize(
    "search",
    [
        "示例甲一",
        "甲一",
        "王小明",
        "小明",
        "王",
        "示",
        "示例路12号",
        "12号",
        "12",
        "示例路 小明",
        "王 12",
        "１２号",
        "b座",
        "B",
        "二层",
    ],
)
def test_found(search: str) -> None:
    assert found(search)


@pytest.mark.parametrize(
    "search", ["小", "明王", "王明", "1", "2号", "2", "示例路1号", "一王", "甲一王", "号 13", "---", "%", "_", "座示"]
)
def test_not_found(search: str) -> None:
    assert not found(search)


@given(st.text(max_size=50))
def test_no_search_reaches_the_pattern_language(search: str) -> None:
    for pattern in question(search).patterns:
        assert not set(pattern[1:-1]) & set("%_\\")


@given(st.lists(st.text(min_size=1, max_size=10), max_size=5), st.text(max_size=40), st.data())
def test_every_part_of_a_name_of_two_characters_or_more_is_found(
    names: list[str], address: str, data: st.DataObject
) -> None:
    name = data.draw(st.text("王小明示例甲乙丙", min_size=2, max_size=6))
    start = data.draw(st.integers(0, len(name) - 2))
    part = name[start : start + data.draw(st.integers(2, len(name)))]
    asked = question(part)
    assert set(asked.terms) <= search_terms([*names, name], address, None)
    assert asked.patterns[0].strip("%") in search_text([*names, name], address, None)
