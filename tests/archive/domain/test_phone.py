"""Phones."""

import pytest

from services.archive.domain.phone import mask, parse


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
