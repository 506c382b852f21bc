"""Citizens' identity numbers by GB 11643-1999: 6 digits of a region, 8 of the birth date, 3 of an order code, a check digit."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from stdnum.cn import ric

from services.archive.domain.sex import FEMALE, MALE

FORM = re.compile(r"[1-9][0-9]{16}[0-9X]")
_SEPARATORS = re.compile(r"[\s-]+")


class RuleBroken(Exception):
    """`rule` is `gb11643.` and form, check_digit, birth_date or sex. Carries nothing of the number."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = f"gb11643.{rule}"


@dataclass(frozen=True)
class Facts:
    """What a number says of its holder."""

    birth_date: date
    sex: str


def compact(text: str) -> str:
    """The number in narrow characters without blanks and hyphens, its X upper case."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()


def facts_of(number: str) -> Facts:
    """Reads a compact number; raises RuleBroken.

    The region is historic and told by its form only: no list of today's divisions knows all that ever were.
    """
    if not FORM.fullmatch(number):
        raise RuleBroken("form")
    if ric.calc_check_digit(number) != number[-1]:
        raise RuleBroken("check_digit")
    try:
        birth_date = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise RuleBroken("birth_date") from None
    return Facts(birth_date, MALE if int(number[16]) % 2 else FEMALE)


def mask(number: str) -> str:
    """330881********1234; of a number that has another form only the last two characters are shown."""
    if FORM.fullmatch(number):
        return f"{number[:6]}********{number[-4:]}"
    return "*" * max(len(number) - 2, 4) + (number[-2:] if len(number) > 6 else "")
