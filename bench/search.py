"""Search by name through the gateway, in a village, a township and the whole county."""

from collections.abc import Sequence
from random import Random

from bench import load
from bench.page import fetch
from bench.people import MARK, Register
from bench.questions import SEARCH, ask, page_of
from bench.report import Figures, Goal
from bench.shape import Village
from bench.stand import Stand
from services.archive.domain.search import spelled_out

CLIENTS = 8
WARM_SECONDS = 2.0
P95_MILLISECONDS = 60.0
NAMES = 200
"""Different questions an area; the clients take them in turn."""


class NothingFound(Exception):
    """The search does not find who is there, so its times mean nothing."""


def names(village: Village, seed: int, count: int) -> list[str]:
    """What people would type to find a household of the village, half of it in Latin letters."""
    register = Register(Random(f"{seed}:{village.code}"), village.serial)
    people = [person.name.removesuffix(MARK) for _ in range(village.households) for person in register.household()]
    chosen = Random(f"{seed}:{village.code}:search").sample([name for name in people if len(name) == 3], count)
    return [typed(name)[number % 8] for number, name in enumerate(chosen)]


def typed(name: str) -> tuple[str, ...]:
    """A whole name, a surname with one more character, a given name, a surname; in pinyin a name, a surname and a letter, a given name, initials."""
    syllables = spelled_out(name).split()
    whole, given = "".join(syllables), "".join(syllables[1:])
    initials = "".join(syllable[0] for syllable in syllables)
    return name, name[:2], name[1:], name[0], whole, syllables[0] + syllables[1][0], given, initials


def measure(stand: Stand, villages: Sequence[Village], seed: int, seconds: float) -> tuple[list[Figures], list[Goal]]:
    """Times the three areas one after the other. Raises NothingFound if a question finds nobody in the village that its name is from."""
    chosen = Random(f"{seed}:search").sample(list(villages), 20)
    questions = [(village.code, name) for village in chosen for name in names(village, seed, NAMES // len(chosen))]
    for code, name in questions:
        request = ask(stand.gateway, stand.token, SEARCH, area=code, search=name)
        if not page_of(fetch(request, stand.gateway)):
            raise NothingFound(f"a name of {code} was not found there")
    figures, goals = [], []
    for area, digits in (("village", 12), ("township", 9), ("county", 6)):
        requests = [
            ask(stand.gateway, stand.token, SEARCH, area=code[:digits], search=name) for code, name in questions
        ]
        load.run(stand.gateway, requests, clients=CLIENTS, seconds=WARM_SECONDS)
        found = Figures.of(
            f"by name in a {area}", [load.run(stand.gateway, requests, clients=CLIENTS, seconds=seconds)]
        )
        figures.append(found)
        goals.append(Goal(f"p95 in a {area}, ms", found.p95, "under", P95_MILLISECONDS))
    return figures, goals
