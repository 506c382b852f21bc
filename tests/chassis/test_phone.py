"""Phones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.phone import PLAIN, _parsed, mask, parse


@pytest.mark.parametrize(
    ("text", "kept", "masked"),
    [
        ("13800001234", "+8613800001234", "138****1234"),
        ("+86 138-0000-1234", "+8613800001234", "138****1234"),
        ("15400001234", "+8615400001234", "154****1234"),
        ("0570-4888365", "+865704888365", "570****8365"),
        ("+44 20 7946 0958", "+442079460958", "+44****0958"),
    ],
)
def test_phones_are_kept_in_one_form_and_shown_masked(text: str, kept: str, masked: str) -> None:
    assert parse(text) == kept
    assert mask(kept) == masked


@pytest.mark.parametrize("text", ["", "abc", "123", "138****5678", "+8612345", "1380000123456789"])
def test_what_is_no_phone(text: str) -> None:
    assert parse(text) is None


@given(st.from_regex(PLAIN, fullmatch=True))
def test_what_is_written_plainly_is_kept_as_if_it_had_been_looked_at_closely(text: str) -> None:
    assert parse(text) == _parsed(text)
