"""Terms and questions."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.archive.domain.pinyin import syllables
from services.archive.domain.search import asked_number, name_text, question, search_terms, search_text, spelled_out

NUMBER, NAMES, ADDRESS, HOUSE = "0071", ["示例甲一", "王小明"], "示例镇示例村示例路12号", "砖混二层B座"


def answers(search: str, text: str) -> bool:
    """Whether a household of this text answers, as the database decides: by all terms, and by LIKE. What matches has all the terms."""
    asked = question(search)
    like = [re.escape(pattern).replace("%", "(?s:.*)") for pattern in asked.patterns]
    matches = bool(asked.terms) and all(re.fullmatch(pattern, text) for pattern in like)
    if matches:
        assert set(asked.terms) <= search_terms(text)
    return matches


def found(search: str, names: list[str] = NAMES) -> bool:
    return answers(search, search_text(NUMBER, names, ADDRESS, HOUSE))


@pytest.mark.parametrize(
    "search",
    [
        *(
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
        ),
        *("wangxiaoming", "wang xiao ming", "WangXiaoMing", "wáng xiǎomíng", "wang", "wangx", "wangxiaom", "wan"),
        *(
            "xiaoming",
            "xiao",
            "xiaom",
            "wxm",
            "WXM",
            "王 wxm",
            "wang 12号",
            "wxm 示例路",
            "0071",
            "0071 wang",
        ),
    ],
)
def test_found(search: str) -> None:
    assert found(search)


@pytest.mark.parametrize(
    "search",
    [
        *("小", "明王", "王明", "1", "2号", "2", "示例路1号", "一王", "甲一王", "号 13", "---", "%", "_", "座示"),
        *(
            "ming",
            "angx",
            "w",
            "m",
            "wm",
            "wangming",
            "xiaowang",
            "zhang",
            "wxmm",
            "wangxiaomingg",
            "71",
            "007",
            "wang 13",
        ),
    ],
)
def test_not_found(search: str) -> None:
    assert not found(search)


@pytest.mark.parametrize(
    ("name", "pinyin"),
    [
        ("单雄信", "shan xiong xin"),
        ("曾国藩", "zeng guo fan"),
        ("解晓东", "xie xiao dong"),
        ("仇英", "qiu ying"),
        ("区文", "ou wen"),
        ("任重", "ren zhong"),
        ("查良镛", "zha liang yong"),
        ("朴志", "piao zhi"),
        ("乐毅", "yue yi"),
        ("盖聂", "ge nie"),
        ("翟让", "zhai rang"),
        ("覃明", "qin ming"),
        ("尉迟恭", "yu chi gong"),
        ("万俟华", "mo qi hua"),
        ("令狐冲", "ling hu chong"),
        ("欧阳修", "ou yang xiu"),
        ("吕布", "lv bu"),
        ("阿依古丽·买买提", "a yi gu li mai mai ti"),
        ("Smith", ""),
    ],
)
def test_surnames_are_read_as_surnames(name: str, pinyin: str) -> None:
    assert spelled_out(name) == pinyin
    if pinyin:
        assert found(pinyin, [name])
        assert found(pinyin.replace(" ", ""), [name])


@pytest.mark.parametrize(
    ("name", "search"),
    [
        *(("欧阳修", search) for search in ("ouyangx", "oyx", "ou yang", "ou")),
        *(("李伟", search) for search in ("li", "lw", "liwei", "liw", "wei")),
        *(("阿依古丽·买买提", search) for search in ("ayiguli", "maimaiti", "ayglmmt", "aygl", "买买提")),
        ("吕布", "lü bu"),
        ("吕布", "lǚbù"),
        ("西安", "xi'an"),
        ("王小明·示", "wangxiaoming"),
        ("王小明·示", "wxm"),
        ("John Smith", "smith"),
        ("John Smith", "joh"),
    ],
)
def test_names_of_other_forms(name: str, search: str) -> None:
    assert found(search, [name])


def test_a_line_of_a_name_is_the_same_alone() -> None:
    assert search_text(NUMBER, NAMES, ADDRESS, HOUSE).endswith("".join(name_text(name) for name in NAMES))


@pytest.mark.parametrize(
    ("search", "number"),
    [
        ("33999919620312103x", ("id_number", "33999919620312103X")),
        ("339999 19620312 1033", ("id_number", "339999196203121033")),
        ("３３９９９９１９６２０３１２１０３３", ("id_number", "339999196203121033")),
        ("13800001234", ("phone", "+8613800001234")),
        ("138 0000 1234", ("phone", "+8613800001234")),
        ("+86 138-0000-1234", ("phone", "+8613800001234")),
        ("1033", None),
        ("196203121033", None),
        ("0071", None),
        ("王小明", None),
        ("12号", None),
    ],
)
def test_whole_numbers_are_asked_for_as_such(search: str, number: tuple[str, str] | None) -> None:
    assert asked_number(search) == number


@given(st.text(max_size=50))
def test_no_search_reaches_the_pattern_language(search: str) -> None:
    for pattern in question(search).patterns:
        assert not set(pattern[1:-1]) & set("%_\\")


HAN_NAMES = st.text("王小明示例甲乙丙单曾李欧阳·", min_size=2, max_size=6)
ANY_TEXT = st.one_of(HAN_NAMES, st.text(max_size=12), st.text("abcxyzü '1 2", max_size=12))


@given(st.lists(ANY_TEXT, max_size=5), ANY_TEXT, st.data())
def test_every_part_of_a_name_of_two_characters_or_more_is_found(
    names: list[str], address: str, data: st.DataObject
) -> None:
    name = data.draw(st.text("王小明示例甲乙丙", min_size=2, max_size=6))
    start = data.draw(st.integers(0, len(name) - 2))
    part = name[start : start + data.draw(st.integers(2, len(name)))]
    assert answers(part, search_text("1", [*names, name], address, None))


@given(st.lists(ANY_TEXT, max_size=5), ANY_TEXT, st.data())
def test_every_beginning_of_a_name_in_pinyin_is_found(names: list[str], address: str, data: st.DataObject) -> None:
    name = data.draw(st.text("王小明张三李四单曾解", min_size=2, max_size=4))
    letters = "".join(syllables(name))
    typed = data.draw(
        st.one_of(
            st.integers(3, len(letters)).map(lambda length: letters[:length]),
            st.just(" ".join(syllables(name))),
            st.just("".join(syllable[0] for syllable in syllables(name))),
        )
    )
    assert answers(typed, search_text("1", [*names, name], address, None))


@given(st.lists(ANY_TEXT, max_size=4), ANY_TEXT, ANY_TEXT, st.one_of(ANY_TEXT, st.text(max_size=20)))
def test_what_matches_the_text_has_all_the_terms(names: list[str], address: str, house: str, search: str) -> None:
    """The database looks through the households of one term only: `answers` fails where that would miss one."""
    answers(search, search_text("0012", names, address, house))


def test_terms_stay_few() -> None:
    """They are the archive's largest table."""
    family: Any = ["王建国", "李秀英", "王小明", "张芳"]
    assert len(search_terms(search_text("00012", family, "示例镇示例村示例路12号", "砖混结构"))) < 60
