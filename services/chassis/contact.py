"""Whom to call or write to about something: checked, kept sealed, shown masked. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.chassis import phone
from services.chassis.errors import InvalidInput
from services.chassis.text import Text
from services.chassis.vault import Sealed, Vault

NAME, PHONE, EMAIL = "name", "phone", "email"
"""The fields under which the values are sealed. Equal phones have the same blind index, whatever they are the phone of."""
NAME_TEXT = Text(60)
_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@]{1,190}\.[^\s@.]{2,60}")


@dataclass(frozen=True)
class Contact:
    """`phone` is in E.164 form; at least one of the three is there."""

    name: str | None = field(repr=False)
    phone: str | None = field(repr=False)
    email: str | None = field(repr=False)


@dataclass(frozen=True)
class SealedContact:
    """What the database keeps of a contact; `phone_index` finds equal numbers."""

    name_sealed: bytes | None
    name_masked: str | None
    phone_sealed: bytes | None
    phone_index: bytes | None
    phone_masked: str | None
    email_sealed: bytes | None
    email_masked: str | None


def contact_of(name: str | None, number: str | None, email: str | None, *, field_of: str = "") -> Contact | None:
    """What was given, checked; None where nothing was. Raises InvalidInput; `field_of` goes before the fields' names."""
    if email is not None and not _EMAIL.fullmatch(email.strip()):
        raise InvalidInput(f"{field_of}email must be an address such as a@b.cn", field=f"{field_of}email", rule="form")
    found = Contact(
        None if name is None else NAME_TEXT.check(name, f"{field_of}name"),
        None if number is None else checked_phone(number, f"{field_of}phone"),
        None if email is None else email.strip(),
    )
    return None if found == Contact(None, None, None) else found


def checked_phone(text: str, name: str) -> str:
    """The number in E.164 form; raises InvalidInput."""
    number = phone.parse(text.strip())
    if number is None:
        raise InvalidInput(
            f"{name} is no phone number: a mobile has 11 digits, others their area code", field=name, rule="form"
        )
    return number


def mask_name(name: str) -> str:
    """张**: the first character alone, whatever the length."""
    return f"{name[0]}**"


def mask_email(email: str) -> str:
    """a***@b.cn"""
    user, _, host = email.rpartition("@")
    return f"{user[0]}***@{host}"


def seal_phone(vault: Vault, number: str, *, owner: UUID) -> Sealed:
    """A number in E.164 form."""
    return vault.seal(number, owner=str(owner), field=PHONE, masked=phone.mask(number))


def seal_contact(vault: Vault, contact: Contact, *, owner: UUID) -> SealedContact:
    """The contact, sealed for what it is the contact of."""
    place = str(owner)
    number = None if contact.phone is None else seal_phone(vault, contact.phone, owner=owner)
    return SealedContact(
        None if contact.name is None else vault.close(contact.name, owner=place, field=NAME),
        None if contact.name is None else mask_name(contact.name),
        None if number is None else number.sealed,
        None if number is None else number.index,
        None if number is None else number.masked,
        None if contact.email is None else vault.close(contact.email, owner=place, field=EMAIL),
        None if contact.email is None else mask_email(contact.email),
    )


def open_contact(vault: Vault, row: Mapping[str, Any], *, owner: UUID) -> Contact:
    """The contact in clear; a column `…_sealed` that the row lacks, or that is null, is a value that it does not have. Raises CannotOpen."""
    values = {each: row.get(f"{each}_sealed") for each in (NAME, PHONE, EMAIL)}
    return Contact(
        **{
            each: None if sealed is None else vault.open(sealed, owner=str(owner), field=each)
            for each, sealed in values.items()
        }
    )
