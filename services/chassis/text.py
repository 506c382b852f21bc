"""What a text that people write must look like. Errors name the field, the rule and the limit, never the text. Pure."""

import re
from dataclasses import dataclass

from services.chassis.errors import InvalidInput

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BREAK = re.compile(r"[\n\r\t\u2028\u2029]")


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
