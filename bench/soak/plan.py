"""When what is struck: kills spread evenly over the work at moments by chance, and faults of the links between them. Pure, by seed."""

import random
from dataclasses import dataclass
from typing import Literal

PARTS = ("source", "sink", "broker", "postgres", "follower")
LINKS = (
    "source-database",
    "source-broker",
    "sink-database",
    "sink-broker",
    "follower-broker",
    "writer-database",
)
Kind = Literal["kill", "reset", "silence", "delay", "away"]
FAULTS: tuple[Kind, ...] = ("reset", "silence", "delay")
KILLS_A_FAULT = 4
BROKER_LINKS = "*-broker"
"""The target of being away: nobody reaches the broker."""


@dataclass(frozen=True, order=True)
class Strike:
    """`at` is the fraction of the entries written by then; `target` a part to kill, or a link."""

    at: float
    kind: Kind
    target: str


def plan(seed: int, kills: int) -> list[Strike]:
    """As many kills as told, of every part as often as of any other or once more; a fault for every KILLS_A_FAULT of them; once the broker away."""
    chance = random.Random(seed)
    parts = [PARTS[place % len(PARTS)] for place in range(kills)]
    faults = kills // KILLS_A_FAULT
    chance.shuffle(parts)
    return sorted(
        [Strike(chance.uniform(0.3, 0.7), "away", BROKER_LINKS)]
        + [Strike((place + chance.random()) / kills, "kill", part) for place, part in enumerate(parts)]
        + [
            Strike((place + chance.random()) / faults, FAULTS[place % len(FAULTS)], chance.choice(LINKS))
            for place in range(faults)
        ]
    )
