"""What is struck when follows from the seed alone, evenly."""

from collections import Counter

from bench.soak.plan import BROKER_LINKS, LINKS, PARTS, plan
from bench.soak.writer import choose

KILLS = 52


def test_the_seed_decides() -> None:
    assert plan(1, KILLS) == plan(1, KILLS)
    assert plan(1, KILLS) != plan(2, KILLS)


def test_kills_are_even_over_the_parts_and_the_time() -> None:
    strikes = plan(7, KILLS)
    assert strikes == sorted(strikes)
    kills = [strike for strike in strikes if strike.kind == "kill"]
    assert len(kills) == KILLS
    counts = Counter(strike.target for strike in kills)
    assert set(counts) == set(PARTS)
    assert max(counts.values()) - min(counts.values()) <= 1
    assert [int(strike.at * KILLS) for strike in kills] == list(range(KILLS))


def test_faults_are_of_all_kinds() -> None:
    faults = [strike for strike in plan(7, KILLS) if strike.kind != "kill"]
    counts = Counter(strike.kind for strike in faults)
    assert counts == {"reset": 5, "silence": 4, "delay": 4, "away": 1}
    assert {strike.target for strike in faults} <= {*LINKS, BROKER_LINKS}


def test_no_kills_is_one_strike() -> None:
    assert [strike.kind for strike in plan(7, 0)] == ["away"]


def test_hot_subjects_get_half_of_the_entries() -> None:
    chosen = choose(3, 10_000, 500)
    assert chosen == choose(3, 10_000, 500)
    hot = {f"3-{number}" for number in range(50)}
    share = sum(subject in hot for subject in chosen) / len(chosen)
    assert 0.5 < share < 0.6
    assert len(set(chosen)) == 500
