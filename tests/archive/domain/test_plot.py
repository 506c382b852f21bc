"""Plots: codes and categories of NY/T 2537-2014, areas in mu, and that no deed loses a plot or a mu."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.archive.domain import plot as plots
from services.archive.domain.plot import CATEGORIES, M2_PER_MU, Commons, Plot, PlotInput
from services.chassis.errors import InvalidInput, NotFound

VILLAGE = "330881100200"
FACTS: dict[str, Any] = {
    "code": f"{VILLAGE}0100001",
    "name": "示例田",
    "category": "10",
    "contract_mu": Decimal("1.50"),
    "east": "村道",
    "south": "水渠",
    "west": "山脚",
    "north": "塘坝",
}


def plot(number: int, **more: Any) -> Plot:
    return Plot(UUID(int=number), **FACTS | {"code": f"{VILLAGE}01{number:05d}"} | more)


def rule(error: pytest.ExceptionInfo[InvalidInput]) -> tuple[str, str]:
    return error.value.extra["field"], error.value.extra["rule"]


def test_the_categories_are_the_standards() -> None:
    assert CATEGORIES == {"10": "承包地块", "21": "自留地", "22": "机动地", "23": "开荒地", "99": "其他集体土地"}


def test_fifteen_mu_are_a_hectare() -> None:
    assert round(15 * M2_PER_MU, 0) == 10_000


@pytest.mark.parametrize(
    ("code", "broken"),
    [
        ("3308811002000100001", None),
        ("3308811002009999999", None),
        ("330881100200010001", "plot_code.form"),
        ("33088110020001000011", "plot_code.form"),
        ("33088110020001JT001", "plot_code.form"),
        ("３３０８８１１００２０００１０００１１", "plot_code.form"),
        ("3308811002010100001", "plot_code.village"),
        ("3308811002000100000", "plot_code.serial"),
    ],
)
def test_a_code_is_village_group_and_serial(code: str, broken: str | None) -> None:
    if broken is None:
        assert plots.checked_code(code, VILLAGE) == code
        return
    with pytest.raises(InvalidInput) as error:
        plots.checked_code(code, VILLAGE)
    assert rule(error) == ("code", broken)
    assert code not in error.value.detail


@pytest.mark.parametrize(
    ("more", "field", "broken"),
    [
        ({"name": None}, "name", "required"),
        ({"contract_mu": None}, "contractMu", "required"),
        ({"west": None}, "west", "required"),
        ({"west": " "}, "west", "required"),
        ({"category": "11"}, "category", "plot.category"),
        ({"contract_mu": Decimal("-0.01")}, "contractMu", "mu.range"),
        ({"contract_mu": Decimal("1.005")}, "contractMu", "mu.decimals"),
        ({"measured_mu": Decimal(10) ** 7}, "measuredMu", "mu.range"),
        ({"north": "长" * 101}, "north", "length"),
        ({"witness": "长" * 51}, "witness", "length"),
    ],
)
def test_what_is_no_plot(more: dict[str, Any], field: str, broken: str) -> None:
    with pytest.raises(InvalidInput) as error:
        plots.recorded(Commons(VILLAGE), PlotInput(**FACTS | more), VILLAGE, uuid4())
    assert rule(error) == (field, broken)


def test_a_revision_changes_what_is_given() -> None:
    former = Commons(VILLAGE, (plot(1, witness="示例人"), plot(2)))
    after = plots.revised(former, UUID(int=1), PlotInput(east="示例路", witness=" "), VILLAGE)
    assert after.plots == (plot(1, east="示例路"), plot(2))
    assert plots.differences(former.plots[0], after.plots[0]) == ("east", "witness")


def test_a_code_that_stays_is_not_held_against_todays_village() -> None:
    former = Commons("330881100201", (plot(1),))
    same = PlotInput(code=plot(1).code, name="新名")
    assert plots.revised(former, UUID(int=1), same, "330881100201").plots[0].name == "新名"
    with pytest.raises(InvalidInput):
        plots.revised(former, UUID(int=1), PlotInput(code=plot(2).code), "330881100201")


def test_a_plot_in_dispute_stays_where_it_is() -> None:
    holder = plots.disputed(Commons(VILLAGE, (plot(1), plot(2))), UUID(int=1), True)
    for deed in (
        lambda: plots.removed(holder, UUID(int=1)),
        lambda: plots.transferred(holder, Commons(VILLAGE), UUID(int=1)),
        lambda: plots.transferred(Commons(VILLAGE, (plot(3),)), holder, UUID(int=3), UUID(int=1)),
    ):
        with pytest.raises(InvalidInput) as error:
            deed()
        assert rule(error) == ("id", "plot.disputed")
    with pytest.raises(InvalidInput):
        plots.disputed(holder, UUID(int=1), True)
    settled = plots.disputed(holder, UUID(int=1), False)
    assert plots.removed(settled, UUID(int=1)).plots == (plot(2),)


def test_what_is_not_held_cannot_go() -> None:
    with pytest.raises(NotFound):
        plots.transferred(Commons(VILLAGE), Commons(VILLAGE, (plot(1),)), UUID(int=1))


MU = st.decimals(0, 1000, places=2)


@given(
    giver=st.dictionaries(st.integers(1, 50), MU, min_size=1, max_size=8),
    taker=st.dictionaries(st.integers(51, 99), MU, max_size=8),
    data=st.data(),
)
def test_a_transfer_loses_no_plot_and_no_mu(giver: dict[int, Decimal], taker: dict[int, Decimal], data: Any) -> None:
    left, right = (
        Commons(VILLAGE, tuple(plot(number, contract_mu=mu) for number, mu in held.items())) for held in (giver, taker)
    )
    key = UUID(int=data.draw(st.sampled_from(sorted(giver))))
    back = data.draw(st.sampled_from([None, *(UUID(int=number) for number in sorted(taker))]))
    after = plots.transferred(left, right, key, back)
    before_all, after_all = (
        sorted(((p.code, p) for one in two for p in one.plots), key=lambda pair: pair[0])
        for two in ((left, right), after)
    )
    assert [p for _, p in before_all] == [p for _, p in after_all]
    assert sum(p.contract_mu for one in after for p in one.plots) == sum(giver.values()) + sum(taker.values())
    assert key in {p.id for p in after[1].plots}
    assert key not in {p.id for p in after[0].plots}
    assert back is None or back in {p.id for p in after[0].plots}
