"""How households and people are found: their text cut into terms, and a question cut alike.

A text becomes runs of Chinese characters and words of other letters and digits. Its terms are the words, cut short where they are long, and every
two neighbouring characters of a run; a name also yields its surname, and its pinyin in full, from the given name on, and as initials. Words of
three Latin letters and more are found by their beginning, all others whole. A text that matches a question's patterns has all the question's
terms, so a search may go through the households of any one term.

Whoever changes what terms or texts look like gives VERSION a new number: `reindex` then makes those of all households anew.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from services.archive.domain import id_number
from services.archive.domain.pinyin import plain_letters, surname_length, syllables
from services.chassis import phone as phones

VERSION = 2

HAN = r"〇㐀-䶿一-鿿豈-﫿\U00020000-\U0003ffff"
_RUN = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+")
_HAN = re.compile(rf"[{HAN}]")
_LATIN = re.compile(r"[a-z]+")
_PHONE = re.compile(r"[+0-9][0-9() -]{8,20}")
_APOSTROPHES = str.maketrans("", "", "'’")
"""Between syllables of pinyin."""
SHORT, LONG = 3, 6
"""A Latin word's terms are its beginnings of so many letters, from … to: who types a surname and a letter has few to look through."""
MOST_TERMS = 12


def _runs(text: str) -> list[str]:
    return _RUN.findall(plain_letters(unicodedata.normalize("NFKC", text)).translate(_APOSTROPHES))


def _open_ended(word: str) -> bool:
    """Whether the word is found by its beginning."""
    return len(word) >= SHORT and _LATIN.fullmatch(word) is not None


def _terms(runs: Iterable[str]) -> set[str]:
    terms: set[str] = set()
    for run in runs:
        if _HAN.match(run):
            terms.update(run[at : at + 2] for at in range(len(run) - 1))
        elif _open_ended(run):
            terms.update(run[:length] for length in range(SHORT, min(len(run), LONG) + 1))
        else:
            terms.add(run)
    return terms


def _spelled(runs: Sequence[str], *, asked: bool = False) -> str:
    """Runs with one space between them, and one outside of a word at either end, so that a word matches as a whole only.

    The last word of what is `asked` stays open where it is found by its beginning.
    """
    first, last = (" " if runs and not _HAN.match(runs[end]) else "" for end in (0, -1))
    return first + " ".join(runs) + ("" if asked and runs and _open_ended(runs[-1]) else last)


def spelled_out(name: str) -> str:
    """The name in Latin letters, a space between syllables: equal for names that sound alike. Empty without Chinese characters."""
    return " ".join(syllable for run in _runs(name) if _HAN.match(run) for syllable in syllables(run))


def _forms(runs: Iterable[str]) -> list[str]:
    """What a name in Chinese is typed as: its initials, and pinyin of all of it, of the given name, and of each part of two characters and more."""
    parts = [run for run in runs if _HAN.match(run)]
    if not parts:
        return []
    letters = [syllable for part in parts for syllable in syllables(part)]
    starts, at = [0, surname_length(parts[0])], 0
    for part in parts:
        if len(part) > 1:
            starts.append(at)
        at += len(part)
    surname = [letters[0]] if len(letters[0]) < SHORT else []
    forms = [*surname, *("".join(letters[start:]) for start in starts), "".join(syllable[:1] for syllable in letters)]
    return [form for form in dict.fromkeys(forms) if len(form) > 1]


def search_text(number: str, names: Iterable[str], address: str, house: str | None) -> str:
    """What a question's patterns are held against: number, address and house, then each name on a line of its own."""
    return _spelled(_runs(f"{number} {address} {house or ''}")) + "".join(map(name_text, names))


def name_text(name: str) -> str:
    """One name's line, which a question about a person is held against together with the household's first line."""
    runs = _runs(name)
    forms = _forms(runs)
    return f"\n{_spelled(runs)}" if not forms else f"\n{_spelled(runs).rstrip()} {' '.join(forms)} "


def search_terms(text: str) -> set[str]:
    """The terms of a household that has this text."""
    first, *names = text.split("\n")
    surnames = {name[0] for name in names if _HAN.match(name)}
    return _terms(_RUN.findall(first)) | surnames | {term for name in names for term in _terms(_RUN.findall(name))}


@dataclass(frozen=True)
class Question:
    """A household answers if its text is LIKE all the patterns; it then has all the terms. Without terms none does."""

    terms: tuple[str, ...]
    patterns: tuple[str, ...]


def _parts(search: str) -> Iterator[list[str]]:
    """The runs of each part between blanks; words of Latin letters that follow one another are syllables of one name."""
    for latin, parts in groupby(
        (runs for part in search.split() if (runs := _runs(part))),
        lambda runs: all(_LATIN.fullmatch(run) for run in runs),
    ):
        if latin:
            yield ["".join(run for runs in parts for run in runs)]
        else:
            yield from parts


def question(search: str) -> Question:
    """Cuts a search. Parts between blanks must all be found; a single Chinese character is a surname."""
    terms: set[str] = set()
    patterns = []
    for runs in _parts(search):
        if found := _terms(runs):
            terms |= found
            patterns.append(f"%{_spelled(runs, asked=True)}%")
        else:
            terms.update(runs)
            patterns += [f"%\n{surname}%" for surname in runs]
    return Question(tuple(sorted(terms)[:MOST_TERMS]), tuple(patterns))


def asked_number(search: str) -> tuple[str, str] | None:
    """The field and value that a search for a whole number is about: an ID number, compact, or a phone in E.164 form; None for any other search."""
    compact = id_number.compact(search)
    if id_number.FORM.fullmatch(compact):
        return "id_number", compact
    if _PHONE.fullmatch(unicodedata.normalize("NFKC", search).strip()) and (phone := phones.parse(search)) is not None:
        return "phone", phone
    return None
