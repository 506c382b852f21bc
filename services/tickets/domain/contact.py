"""Whom to call or write to about a matter: kept sealed, shown masked. Pure."""

import re
from dataclasses import dataclass, field

from services.chassis import phone
from services.chassis.errors import InvalidInput
from services.chassis.text import Text

NAME, PHONE, EMAIL = "name", "phone", "email"
"""The fields under which the values are sealed. Equal phones of calls and of contacts have the same blind index."""
NAME_TEXT = Text(60)
_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@]{1,190}\.[^\s@.]{2,60}")


@dataclass(frozen=True)
class Contact:
    """`phone` is in E.164 form; at least one of the three is there."""

    name: str | None = field(repr=False)
    phone: str | None = field(repr=False)
    email: str | None = field(repr=False)


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
