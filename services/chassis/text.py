"""What a text that people write must look like. Errors name the field, the rule and the limit, never the text. Pure."""

import re
import unicodedata
from dataclasses import dataclass

from services.chassis.errors import InvalidInput

CODE = re.compile(r"[a-z][a-z0-9-]{0,39}")
"""Of a department, a category, a team and the like."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BREAK = re.compile(r"[\n\r\t\u2028\u2029]")
_DIGITS = re.compile(r"(?<![0-9])(?:[1-9][0-9]{16}[0-9Xx]|1[3-9][0-9]{9})(?![0-9])")


@dataclass(frozen=True)
class Text:
    """At least one character that shows, at most `most`, no control characters, line breaks only with `lines`."""

    most: int
    lines: bool = False

    def check(self, value: str, field: str) -> str:
        """The text without blanks around it; raises InvalidInput."""
        trimmed = value.strip()
        if not trimmed:
            raise InvalidInput(f"{field} must not be empty", field=field, rule="required")
        if len(trimmed) > self.most:
            raise InvalidInput(f"{field} must have at most {self.most} characters", field=field, rule="length")
        if _CONTROL.search(trimmed) or (not self.lines and _BREAK.search(trimmed)):
            also = "" if self.lines else " or line breaks"
            raise InvalidInput(f"{field} must not hold control characters{also}", field=field, rule="characters")
        return trimmed


def checked_code(value: str, field: str) -> str:
    """Raises InvalidInput for what is no CODE."""
    if not CODE.fullmatch(value):
        raise InvalidInput(
            f"{field} must be a code: a small letter, then small letters, digits and hyphens, 40 at most",
            field=field,
            rule="form",
        )
    return value


def without_numbers(text: str, field: str) -> str:
    """The text; raises InvalidInput when it holds what looks like an ID number or a mobile phone, which belong into fields that are sealed."""
    if _DIGITS.search(unicodedata.normalize("NFKC", text)):
        raise InvalidInput(f"{field} must not hold an ID number or a phone number", field=field, rule="number.in_clear")
    return text
