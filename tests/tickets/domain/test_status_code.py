"""Secret codes: none that can be misread, typed as people type."""

import pytest

from services.tickets.domain.status_code import LENGTH, LETTERS, made, shown, typed_code, typed_number


def test_a_code_has_eight_letters_none_of_which_looks_like_another() -> None:
    assert not set(LETTERS) & set("0OQ1IL2Z5S8BUV")
    assert len(set(LETTERS)) == len(LETTERS)
    codes = {made() for _ in range(1000)}
    assert len(codes) == 1000
    assert all(len(code) == LENGTH and set(code) <= set(LETTERS) for code in codes)
    assert {letter for code in codes for letter in code} == set(LETTERS)


@pytest.mark.parametrize(
    "typed", ["ACDE3467", "acde3467", " ACDE 3467 ", "acde-3467", "ＡＣＤＥ３４６７", "A C D E\u30003467"]
)
def test_a_code_is_the_same_however_it_is_typed(typed: str) -> None:
    assert typed_code(typed) == "ACDE3467"
    assert typed_code(shown("ACDE3467")) == "ACDE3467"


@pytest.mark.parametrize(
    "typed", ["T20260105-000001", "t20260105-000001", " T20260105-000001\n", "Ｔ20260105－000001", "T20260105—000001"]
)
def test_a_number_is_the_same_however_it_is_typed(typed: str) -> None:
    assert typed_number(typed) == "T20260105-000001"


@pytest.mark.parametrize("typed", ["", "20260105-000001", "T2026-1", "T20260105-00001", "T20260105-000001'", "x" * 500])
def test_what_cannot_be_a_number_is_none(typed: str) -> None:
    assert typed_number(typed) is None
