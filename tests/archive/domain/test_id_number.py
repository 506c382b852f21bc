"""GB 11643."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.archive.domain.id_number import Facts, RuleBroken, compact, facts_of, mask
from services.archive.domain.sex import FEMALE, MALE

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def number(region: int, birth: date, order: int) -> str:
    """A valid number, by the standard's own weights."""
    digits = f"{region:06d}{birth:%Y%m%d}{order:03d}"
    return digits + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True)) % 11]


NUMBERS = st.builds(
    number,
    st.integers(110000, 999999),
    st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    st.integers(0, 999),
)


def broken(text: str) -> str:
    with pytest.raises(RuleBroken) as error:
        facts_of(text)
    assert not text or text not in str(error.value)
    return error.value.rule


@given(st.integers(110000, 999999), st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 999))
def test_a_valid_number_tells_birth_date_and_sex_whatever_the_region(region: int, birth: date, order: int) -> None:
    assert facts_of(number(region, birth, order)) == Facts(birth, MALE if order % 2 else FEMALE)


@given(NUMBERS, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_never_passes(text: str, at: int, more: int) -> None:
    wrong = text[:at] + str((int(text[at]) + more) % 10) + text[at + 1 :]
    assert broken(wrong) in ("gb11643.check_digit", "gb11643.form")


@given(NUMBERS, st.integers(0, 16))
def test_two_neighbours_exchanged_never_pass(text: str, at: int) -> None:
    wrong = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if wrong != text:
        assert broken(wrong) in ("gb11643.check_digit", "gb11643.form")


@pytest.mark.parametrize(
    "text",
    ["", "33999919620312103", "3399991962031210330", "A39999196203121033", "039999196203121033", "１39999196203121033"],
)
def test_another_form_is_told_as_such(text: str) -> None:
    assert broken(text) == "gb11643.form"


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("11010519491231002X", Facts(date(1949, 12, 31), FEMALE)),
        ("440524188001010014", Facts(date(1880, 1, 1), MALE)),
    ],
)
def test_the_examples_of_the_standards_annex_a(text: str, facts: Facts) -> None:
    assert facts_of(text) == facts
    assert [broken(text[:17] + other) for other in "0123456789X" if other != text[17]] == ["gb11643.check_digit"] * 10


def test_the_check_characters_of_the_standards_annex_b() -> None:
    """Sum modulo 11 from 0 to 10 → 1 0 X 9 8 7 6 5 4 3 2; the first factor is 7, so the first digit of ours moves the sum by 7."""
    for first in range(1, 10):
        digits = f"{first}1010519491231002"
        total = sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True))
        assert facts_of(digits + "10X98765432"[total % 11]).sex == FEMALE


def test_a_birth_date_that_no_calendar_has() -> None:
    digits = "33999919990231101"
    check = "10X98765432"[sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True)) % 11]
    assert broken(digits + check) == "gb11643.birth_date"


def test_separators_and_a_small_x_are_understood() -> None:
    assert compact(" 339999 １9620312-101x ") == "33999919620312101X"


@given(st.one_of(NUMBERS, st.text("0123456789X", min_size=1, max_size=30)))
def test_a_mask_keeps_at_most_ten_of_eighteen_characters(text: str) -> None:
    masked = mask(text)
    assert masked != text
    assert "****" in masked
    if len(text) == 18 and text.isdecimal() and text[0] != "0":
        assert masked == f"{text[:6]}********{text[-4:]}"
