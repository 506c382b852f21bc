"""Codes of national standards, against what the standards publish."""

import pytest

from services.archive.domain.codes import CODES, EDUCATION, ETHNICITY, HEALTH, MARITAL, MARRIED
from services.archive.domain.member import MemberInput, added
from services.archive.domain.sex import CODES as SEX_CODES
from services.archive.domain.sex import FEMALE, MALE, NAMES, UNKNOWN, UNSPECIFIED, agree
from services.chassis.errors import InvalidInput
from tests.archive.domain.histories import START
from tests.archive.domain.test_household import HEAD_ID


def test_sex_is_that_of_gbt_2261_1() -> None:
    assert NAMES == {"0": "UNKNOWN", "1": "MALE", "2": "FEMALE", "9": "UNSPECIFIED"}
    assert tuple("0129") == (UNKNOWN, MALE, FEMALE, UNSPECIFIED)
    assert {SEX_CODES[name]: name for name in SEX_CODES} == NAMES
    assert not agree(MALE, FEMALE)
    assert all(agree(one, other) for one in NAMES for other in NAMES if {one, other} != {MALE, FEMALE})


def test_marital_status_is_that_of_gbt_2261_2() -> None:
    published = {
        "10": "未婚",
        "20": "已婚",
        "21": "初婚",
        "22": "再婚",
        "23": "复婚",
        "30": "丧偶",
        "40": "离婚",
        "90": "未说明的婚姻状况",
    }
    assert published == MARITAL
    assert {code for code in MARITAL if code.startswith("2")} == MARRIED


def test_health_is_the_first_level_of_gbt_2261_3() -> None:
    assert HEALTH == {"1": "健康或良好", "2": "一般或较弱", "3": "有慢性病", "6": "残疾"}


def test_ethnic_groups_are_those_of_gbt_3304() -> None:
    assert [code for code in ETHNICITY if int(code) <= 56] == [f"{number:02d}" for number in range(1, 57)]
    assert len(set(ETHNICITY.values())) == len(ETHNICITY)
    published = {
        "01": "汉族",
        "03": "回族",
        "05": "维吾尔族",
        "11": "满族",
        "15": "土家族",
        "22": "畲族",
        "41": "塔吉克族",
        "56": "基诺族",
    }
    assert {code: ETHNICITY[code] for code in published} == published


def test_education_is_the_first_level_of_gbt_4658() -> None:
    assert {code: EDUCATION[code] for code in ("10", "20", "30", "80", "90")} == {
        "10": "研究生教育",
        "20": "大学本科教育",
        "30": "大学专科教育",
        "80": "小学教育",
        "90": "其他",
    }
    assert all(len(code) == 2 and code.endswith("0") for code in EDUCATION)


@pytest.mark.parametrize("fact", CODES)
def test_a_member_has_no_other_codes(fact: str) -> None:
    for code in CODES[fact]:
        member = added(MemberInput("示例", "99", **{fact: code}), "members[0]", START, lambda: HEAD_ID)  # type: ignore[arg-type]
        assert getattr(member, fact) == code
    with pytest.raises(InvalidInput) as refusal:
        added(MemberInput("示例", "99", **{fact: "77"}), "members[0]", START, lambda: HEAD_ID)  # type: ignore[arg-type]
    assert (refusal.value.extra["field"], refusal.value.extra["rule"]) == (f"members[0].{fact}", f"{fact}.known")
