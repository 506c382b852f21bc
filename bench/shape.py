"""The county's size and how it spreads over the villages: the seed's figures on the 323 real villages of 330881. Pure and deterministic."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

HOUSEHOLDS = 150_000
GRIDS = 5_896
GRID_WORKERS = 10_000


@dataclass(frozen=True, slots=True)
class Village:
    """`serial` numbers the county's villages from 0 in the order of their codes; `workers` has the number of workers of each grid."""

    code: str
    name: str
    serial: int
    households: int
    workers: tuple[int, ...]

    @property
    def grids(self) -> int:
        return len(self.workers)

    def grid_code(self, number: int) -> str:
        """The 16-digit code of grid `number`, counted from 0."""
        return f"{self.code}{number + 1:04d}"


def share(total: int, weights: Sequence[float]) -> list[int]:
    """Splits a whole number by weights; the parts are whole, add up to it, and follow the weights within 1."""
    whole = sum(weights)
    ends = [round(total * part / whole) for part in accumulate(weights)]
    ends[-1] = total
    return [end - start for start, end in zip([0, *ends], ends, strict=False)]


def county(villages: Sequence[tuple[str, str]], seed: int) -> list[Village]:
    """Plans the county over all of its villages, (code, name) in the order of codes.

    Villages differ in size by a factor of up to four; each has grids by its households, each grid has one worker or two.
    """
    rng = Random(f"{seed}:shape")
    households = share(HOUSEHOLDS, [rng.uniform(0.5, 2.0) for _ in villages])
    grids = share(GRIDS, households)
    workers = share(GRID_WORKERS, [1.0] * GRIDS)
    starts = [0, *accumulate(grids)]
    return [
        Village(code, name, serial, households[serial], tuple(workers[starts[serial] : starts[serial + 1]]))
        for serial, (code, name) in enumerate(villages)
    ]
