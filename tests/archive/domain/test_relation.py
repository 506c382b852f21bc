"""The codes of GB/T 4761 and what they imply."""

from services.archive.domain.relation import HEAD, RELATIONS, SEX_OF
from services.archive.domain.sex import FEMALE, MALE, agree


def test_the_codes_are_two_digits_and_each_implied_sex_belongs_to_one() -> None:
    assert all(len(code) == 2 and code.isdecimal() for code in RELATIONS)
    assert SEX_OF.keys() <= RELATIONS.keys()
    assert (SEX_OF["28"], SEX_OF["38"]) == (MALE, FEMALE)
    assert {HEAD, "10", "97", "99"}.isdisjoint(SEX_OF)


FEMALE_ENDINGS = (
    "女",
    "祖母",
    "母亲",
    "婆婆",
    "妻",
    "嫂",
    "媳",
    "妹妹",
    "姐姐",
    "伯母",
    "婶母",
    "舅母",
    "姨母",
    "姑母",
)
MALE_ENDINGS = ("子", "婿", "祖父", "父亲", "公公", "夫", "兄", "弟", "伯父", "叔父", "舅父", "姑父", "外甥")


def test_names_that_tell_a_sex_agree_with_the_implied_one() -> None:
    for code, name in RELATIONS.items():
        if "、" in name or name in ("孙媳妇或外孙媳妇", "祖父母或外祖父母"):
            continue
        if name.endswith(FEMALE_ENDINGS):
            assert SEX_OF.get(code) == FEMALE, name
        if name.endswith(MALE_ENDINGS):
            assert SEX_OF.get(code) == MALE, name


def test_what_is_not_known_contradicts_nothing() -> None:
    assert agree("0", MALE)
    assert agree("9", FEMALE)
    assert not agree(MALE, FEMALE)
