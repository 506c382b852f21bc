"""Phone numbers, kept in E.164 form and shown masked."""

import re

import phonenumbers

REGION = "CN"
COUNTRY_CODE = 86
PLAIN = re.compile(r"1[3-9][0-9]{9}")
"""A mobile number as nearly all are written: what is done with any other would make the same of it, in fifty times the time."""


def parse(text: str) -> str | None:
    """The number in E.164 form; None when no phone can have it. Without a country code it is Chinese."""
    if PLAIN.fullmatch(text):
        return f"+{COUNTRY_CODE}{text}"
    return _parsed(text)


def _parsed(text: str) -> str | None:
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    if number.country_code == COUNTRY_CODE and not phonenumbers.is_valid_number(number) and not _mobile(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _mobile(number: phonenumbers.PhoneNumber) -> bool:
    """A Chinese mobile number has 11 digits and begins with 1; which ranges are assigned changes faster than any list."""
    national = str(number.national_number)
    return len(national) == 11 and national[0] == "1"


def mask(number: str) -> str:
    """138****5678; takes the E.164 form."""
    national = number.removeprefix(f"+{COUNTRY_CODE}")
    shown = 3 if len(national) > 9 else 2
    return f"{national[:shown]}****{national[-4 if len(national) > 9 else -2 :]}"
