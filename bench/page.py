"""The page of a village's households: through the gateway and the archive, against one bare endpoint, over the same rows and indexes."""

from collections.abc import Sequence
from statistics import median
from urllib.request import Request, urlopen

import msgspec

from bench import load
from bench.load import Outcome
from bench.questions import PAGE, ask, page_of
from bench.report import Figures, Goal
from bench.stand import Stand

CLIENTS = 8
WARM_SECONDS = 3.0
RATIO = 0.4
"""The least part of the bare endpoint's rate that the gateway must reach."""


class Unequal(Exception):
    """The two answers to one question differ, so their times cannot be compared."""


def fetch(request: bytes, url: str) -> bytes:
    """The body of one answer to a whole request as `load.post` makes it."""
    head, _, body = request.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")[1:]
    headers = dict(line.split(": ", 1) for line in lines)
    with urlopen(Request(url, data=body, headers=headers, method="POST"), timeout=30) as answer:  # noqa: S310  our own address
        content: bytes = answer.read()
        return content


def compare(stand: Stand, villages: Sequence[str]) -> None:
    """Raises Unequal unless both give equal pages, of 50 households with members, for each village."""
    for village in villages:
        ours = page_of(fetch(ask(stand.gateway, stand.token, PAGE, area=village), stand.gateway))
        bare = msgspec.json.decode(fetch(_bare(stand, village), stand.bare))
        if msgspec.json.encode(ours, order="deterministic") != msgspec.json.encode(bare, order="deterministic"):
            raise Unequal(f"the gateway's page of {village} is not the bare endpoint's")
        if len(bare) != 50:
            raise Unequal(f"the page of {village} has {len(bare)} households, not 50")


def measure(
    stand: Stand, villages: Sequence[str], rounds: int, seconds: float
) -> tuple[list[Figures], list[Goal], list[float]]:
    """Alternates rounds of both after a warm-up of each; returns the figures, the goal and the ratio of each round."""
    sides = {
        "bare": (stand.bare, [_bare(stand, village) for village in villages]),
        "gateway": (stand.gateway, [ask(stand.gateway, stand.token, PAGE, area=village) for village in villages]),
    }
    for url, requests in sides.values():
        load.run(url, requests, clients=CLIENTS, seconds=WARM_SECONDS)
    outcomes: dict[str, list[Outcome]] = {name: [] for name in sides}
    for number in range(rounds):
        for name in list(sides) if number % 2 else list(sides)[::-1]:
            url, requests = sides[name]
            outcomes[name].append(load.run(url, requests, clients=CLIENTS, seconds=seconds))
    ratios = [round(ours.rate / bare.rate, 3) for ours, bare in zip(outcomes["gateway"], outcomes["bare"], strict=True)]
    figures = [
        Figures.of("bare endpoint", outcomes["bare"]),
        Figures.of("gateway and archive", outcomes["gateway"]),
    ]
    return figures, [Goal("gateway's rate over bare", round(median(ratios), 3), "at least", RATIO)], ratios


def _bare(stand: Stand, village: str) -> bytes:
    return load.post(stand.bare, msgspec.json.encode({"area": village}))
