"""The county has the seed's size, whatever the seed, and every village and grid its part."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.shape import GRID_WORKERS, GRIDS, HOUSEHOLDS, county, share

VILLAGES = [(f"{330881001001 + number}", "示例村") for number in range(323)]


@pytest.mark.parametrize("seed", [1, 2])
def test_a_county_has_the_size_of_the_seed(seed: int) -> None:
    villages = county(VILLAGES, seed)
    assert sum(village.households for village in villages) == HOUSEHOLDS
    assert sum(village.grids for village in villages) == GRIDS
    assert sum(sum(village.workers) for village in villages) == GRID_WORKERS
    assert all(village.grids and village.households >= village.grids for village in villages)
    assert {count for village in villages for count in village.workers} == {1, 2}
    assert villages == county(VILLAGES, seed)


def test_grid_codes_lie_in_their_village() -> None:
    village = county(VILLAGES, 1)[3]
    assert village.grid_code(0) == f"{village.code}0001"


@given(st.integers(0, 10_000), st.lists(st.floats(0.1, 10), min_size=1, max_size=50))
def test_shares_add_up(total: int, weights: list[float]) -> None:
    parts = share(total, weights)
    assert sum(parts) == total
    assert all(abs(part - total * weight / sum(weights)) <= 1.01 for part, weight in zip(parts, weights, strict=True))
