"""The secret code by which somebody without an account asks where their matter stands. Pure.

Letters and digits that look alike are not used (0 O Q, 1 I L, 2 Z, 5 S, 8 B, U V): 8 of the 22 that are left are 35 bits, and a number takes
few attempts.
"""

import re
import secrets
import unicodedata
from datetime import timedelta

from services.tickets.domain.ticket import REFER, RESOLVE

LETTERS = "34679ACDEFGHJKMNPRTWXY"
LENGTH = 8
MOST_FAILURES = 5
"""Wrong codes in a row, then the number is locked."""
LOCKED = timedelta(minutes=30)
"""For so long; and so long after the last wrong code it is as if there had been none."""
ANSWERS = (RESOLVE.past, REFER.past)
"""Deeds whose note is the answer to whoever reported the matter; other notes are among those who handle it."""
_NUMBER = re.compile(r"T\d{8}-\d{6,12}")
_BETWEEN = re.compile(r"[\s\-_.·]+")


def made() -> str:
    """A new code."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def typed_code(text: str) -> str:
    """The code as it was given out, however it was typed: blanks, small letters, letters of full width."""
    return _BETWEEN.sub("", _plain(text))


def typed_number(text: str) -> str | None:
    """The ticket's number, however it was typed; None where it cannot be one."""
    number = re.sub(r"\s", "", _plain(text)).replace("—", "-").replace("–", "-")
    return number if _NUMBER.fullmatch(number) else None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:100]).upper().strip()


def shown(code: str) -> str:
    """In two halves, as it is easier to read out: ABCD EFGH."""
    return f"{code[: LENGTH // 2]} {code[LENGTH // 2 :]}"
