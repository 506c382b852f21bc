"""What texts must look like. Errors name the field, the rule and the limit, never the text."""

import re
from dataclasses import dataclass

from services.chassis.errors import InvalidInput

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BREAK = re.compile(r"[\n\r\t\u2028\u2029]")


@dataclass(frozen=True)
class Text:
    """A text field: at least one character that shows, at most `most` characters, without control characters."""

    field: str
    most: int
    lines: bool = False

    def check(self, value: str) -> str:
        """The text without blanks around it; raises InvalidInput."""
        trimmed = value.strip()
        if not trimmed:
            raise InvalidInput(f"{self.field} must not be empty", field=self.field, rule="required")
        if len(trimmed) > self.most:
            raise InvalidInput(
                f"{self.field} must have at most {self.most} characters", field=self.field, rule="length"
            )
        if _CONTROL.search(trimmed) or (not self.lines and _BREAK.search(trimmed)):
            also = "" if self.lines else " or line breaks"
            raise InvalidInput(
                f"{self.field} must not hold control characters{also}", field=self.field, rule="characters"
            )
        return trimmed

    def check_optional(self, value: str | None) -> str | None:
        return None if value is None else self.check(value)


TITLE = Text("title", 100)
DESCRIPTION = Text("description", 4000, lines=True)
CATEGORY = Text("category", 40)
NOTE = Text("note", 2000, lines=True)
