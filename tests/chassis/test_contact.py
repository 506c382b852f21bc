"""Contacts: their forms, and how they are masked."""

import pytest

from services.chassis.contact import Contact, contact_of, mask_email, mask_name
from services.chassis.errors import InvalidInput


def test_a_contact_is_what_was_given() -> None:
    assert contact_of(" 示例甲 ", "138 0000 5678", "a@example.cn") == Contact(
        "示例甲", "+8613800005678", "a@example.cn"
    )
    assert contact_of(None, None, None) is None
    assert "5678" not in repr(contact_of("示例甲", "13800005678", None))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (("", None, None), "contact.name"),
        (("甲" * 61, None, None), "contact.name"),
        ((None, "12", None), "contact.phone"),
        ((None, None, "nobody"), "contact.email"),
        ((None, None, "a@b"), "contact.email"),
    ],
)
def test_what_is_no_contact(given: tuple[str | None, ...], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        contact_of(*given, field_of="contact.")
    assert refused.value.extra["field"] == field


def test_masks() -> None:
    assert (mask_name("示例甲"), mask_name("甲"), mask_email("someone@example.cn")) == (
        "示**",
        "甲**",
        "s***@example.cn",
    )
