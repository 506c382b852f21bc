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


def test_the_codes_are_those_that_gbt_4761_publishes() -> None:
    published = {
        "01": "本人", "02": "户主", "10": "配偶", "11": "夫", "12": "妻", "20": "子", "21": "独生子", "22": "长子", "23": "次子",
        "27": "养子或继子", "28": "女婿", "30": "女", "31": "独生女", "37": "养女或继女", "38": "儿媳", "41": "孙子", "42": "孙女",
        "43": "外孙子", "44": "外孙女", "45": "孙媳妇或外孙媳妇", "46": "孙女婿或外孙女婿", "51": "父亲", "52": "母亲", "53": "公公",
        "54": "婆婆", "55": "岳父", "56": "岳母", "71": "兄", "73": "弟", "75": "姐姐", "77": "妹妹", "97": "其他亲属", "99": "非亲属",
    }  # fmt: skip
    assert {code: RELATIONS[code] for code in published} == published
    assert len(set(RELATIONS.values())) == len(RELATIONS)


def test_a_relation_implies_the_sex_that_its_name_has() -> None:
    groups = "01 02 10 40 49 50 59 60 65 68 69 70 79 80 91 92 97 99"
    assert RELATIONS.keys() - SEX_OF.keys() == set(groups.split())
    pairs = (
        "11/12 20/30 21/31 22/32 27/37 28/38 29/39 41/42 43/44 46/45 47/48 51/52 53/54 55/56 57/58 61/62 63/64 66/67"
    )
    pairs += " 71/75 73/77 76/72 78/74 81/82 83/84 85/86 87/88 89/90 93/94 95/96"
    for pair in pairs.split():
        man, woman = pair.split("/")
        assert (SEX_OF[man], SEX_OF[woman]) == (MALE, FEMALE), (RELATIONS[man], RELATIONS[woman])
