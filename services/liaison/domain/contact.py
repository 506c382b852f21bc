"""Whom to call back about what was said on duty or at a meeting. Pure."""

import msgspec

from services.chassis.contact import Contact, contact_of


class ContactInput(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Name, phone, or both."""

    name: str | None = None
    phone: str | None = None


def checked_contact(given: ContactInput | None, field: str = "contact") -> Contact | None:
    """The contact, checked; None where nothing was given. Raises InvalidInput."""
    return None if given is None else contact_of(given.name, given.phone, None, field_of=f"{field}.")
