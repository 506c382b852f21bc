"""How a household is found by name and address: its text cut into terms, and a question cut alike.

A text becomes runs of Chinese characters and words of other letters and digits. Its terms are the words and every two neighbouring
characters of a run; a name also yields its first character, the surname. Whoever changes what terms or texts look like must make those of
all households anew: `terms` in the store removes just the terms that this module finds in the former sheet.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HAN = r"〇㐀-䶿一-鿿豈-﫿\U00020000-\U0003ffff"
_RUN = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+")
_HAN = re.compile(rf"[{HAN}]")
MOST_TERMS = 12


def _runs(text: str) -> list[str]:
    return _RUN.findall(unicodedata.normalize("NFKC", text).lower())


def _terms(runs: Iterable[str]) -> set[str]:
    terms: set[str] = set()
    for run in runs:
        if not _HAN.match(run):
            terms.add(run)
        else:
            terms.update(run[at : at + 2] for at in range(len(run) - 1))
    return terms


def _spelled(runs: Sequence[str]) -> str:
    """Runs with one space between them, and one outside of a word at either end, so that a word matches as a whole only."""
    first, last = (" " if runs and not _HAN.match(runs[end]) else "" for end in (0, -1))
    return first + " ".join(runs) + last


def search_terms(names: Iterable[str], address: str, house: str | None) -> set[str]:
    """The terms of a household."""
    terms = _terms(_runs(address)) | _terms(_runs(house or ""))
    for name in names:
        runs = _runs(name)
        terms |= _terms(runs)
        if runs and _HAN.match(runs[0]):
            terms.add(runs[0][0])
    return terms


def search_text(names: Iterable[str], address: str, house: str | None) -> str:
    """What a question's patterns are held against: address and house, then each name on a line of its own."""
    return _spelled(_runs(f"{address} {house or ''}")) + "".join(f"\n{_spelled(_runs(name))}" for name in names)


@dataclass(frozen=True)
class Question:
    """A household answers if its text is LIKE all the patterns; it then has all the terms. Without terms none does."""

    terms: tuple[str, ...]
    patterns: tuple[str, ...]


def question(search: str) -> Question:
    """Cuts a search. Parts between blanks must all be found; a single character is a surname."""
    terms: set[str] = set()
    patterns = []
    for part in search.split():
        runs = _runs(part)
        if found := _terms(runs):
            terms |= found
            patterns.append(f"%{_spelled(runs)}%")
        else:
            terms.update(runs)
            patterns += [f"%\n{surname}%" for surname in runs]
    return Question(tuple(sorted(terms)[:MOST_TERMS]), tuple(patterns))
