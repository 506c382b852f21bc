"""Figures are medians over rounds and percentiles over all answers; goals say whether they are met."""

import pytest

from bench.load import Outcome
from bench.report import Figures, Goal


def test_figures_put_rounds_together() -> None:
    rounds = [Outcome(1.0, [1.0] * 10), Outcome(1.0, [2.0] * 30), Outcome(2.0, [3.0] * 60)]
    figures = Figures.of("page", rounds)
    assert figures.rate == 30.0
    assert (figures.p50, figures.p95, figures.p99) == (3.0, 3.0, 3.0)
    assert (figures.answers, figures.rounds) == (100, 3)


@pytest.mark.parametrize(
    ("relation", "measured", "met"),
    [("at least", 0.4, True), ("at least", 0.39, False), ("under", 59.9, True), ("under", 60.0, False)],
)
def test_goals(relation: str, measured: float, met: bool) -> None:
    goal = Goal("it", measured, relation, 0.4 if relation == "at least" else 60.0)
    assert goal.met is met
    assert ("MISSED" in str(goal)) is not met
