"""Every kind of fault that is planted in a ledger is found, and nothing else."""

from uuid import UUID, uuid4

import pytest

from bench.soak.ledger import Line, check, vanished

WRITTEN = [Line(uuid4(), subject, number) for number in (1, 2, 3) for subject in ("a", "b")]
LEDGER = [Line(line.event, line.subject, line.number, place) for place, line in enumerate(WRITTEN, 1)]
CLEAN = {"lost": 0, "doubles": 0, "ghosts": 0, "disorders": 0, "gaps": 0, "changed": 0}


def counts(ledger: list[Line], *, once: bool = True, placed: bool = True) -> dict[str, int]:
    found = check(WRITTEN, ledger, once=once, placed=placed)
    assert found.lines == len(ledger)
    assert found.clean == (not any(getattr(found, kind) for kind in CLEAN))
    return {kind: getattr(found, kind) for kind in CLEAN if getattr(found, kind)}


def test_a_whole_ledger_is_clean() -> None:
    assert counts(LEDGER) == {}


def test_subjects_may_be_interleaved_in_any_way() -> None:
    assert counts(sorted(LEDGER, key=lambda line: (line.subject, line.number))) == {}


@pytest.mark.parametrize("place", range(len(LEDGER)))
def test_a_lost_event_is_found_and_so_is_its_gap(place: int) -> None:
    expected = {"lost": 1} if place == len(LEDGER) - 1 else {"lost": 1, "gaps": 1}
    assert counts(LEDGER[:place] + LEDGER[place + 1 :]) == expected


def test_a_second_effect_is_found() -> None:
    assert counts([*LEDGER, LEDGER[2]]) == {"doubles": 1}


def test_a_repeat_is_counted_where_it_is_allowed() -> None:
    found = check(WRITTEN, [*LEDGER, LEDGER[2], LEDGER[2], LEDGER[0]], once=False, placed=True)
    assert (found.clean, found.repeats) == (True, 3)


def test_an_invented_event_is_found() -> None:
    assert counts([*LEDGER, Line(uuid4(), "a", 4, 7)]) == {"ghosts": 1}


def test_a_broken_order_is_found() -> None:
    assert counts([LEDGER[2], LEDGER[0], *LEDGER[1:2], *LEDGER[3:]], placed=False) == {"disorders": 1}


def test_a_repeat_does_not_hide_a_broken_order() -> None:
    assert check(WRITTEN, [LEDGER[2], LEDGER[0], LEDGER[2], *LEDGER[1:2], *LEDGER[3:]], once=False).disorders == 1


@pytest.mark.parametrize(
    "line",
    [
        Line(WRITTEN[0].event, "b", 1, 1),
        Line(WRITTEN[0].event, "a", 9, 1),
        Line(WRITTEN[0].event, "a", 1, None),
        Line(WRITTEN[0].event, "a", 1, 2),
    ],
    ids=["subject", "number", "no place", "the place of another"],
)
def test_a_changed_event_is_found(line: Line) -> None:
    assert counts([line, *LEDGER[1:]])["changed"] >= 1


def test_a_repeat_under_another_place_is_found() -> None:
    moved = Line(LEDGER[0].event, "a", 1, 7)
    assert counts([*LEDGER, moved], once=False) == {"changed": 1}


def test_examples_name_the_events() -> None:
    found = check(WRITTEN, LEDGER[1:], once=True)
    assert found.examples == {"lost": [str(LEDGER[0].event)]}


def test_confirmed_and_not_there() -> None:
    keys = [UUID(int=number) for number in range(3)]
    assert vanished(keys, keys[:2]) == keys[2:]
    assert vanished(keys[:1], keys) == []
