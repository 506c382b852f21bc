"""What a ticket's event says of it."""

import pytest

from services.tickets.domain.ticket import Status
from services.tickets.events import code_of, event_of
from tests.tickets.matters import a_ticket


@pytest.mark.parametrize("code", ["irrigation", "farming-advice", "a", "x9", "a" * 40])
def test_a_category_that_is_a_code_is_told(code: str) -> None:
    assert code_of(code) == code
    assert event_of("accepted", a_ticket(category=code), Status.DRAFTED).category == code


@pytest.mark.parametrize(
    "words", ["张三家的水渠", "Irrigation", "broken road", "-road", "9road", "road\n", "road_", "a" * 41, ""]
)
def test_a_category_in_free_words_is_not_told(words: str) -> None:
    assert code_of(words) is None
    assert event_of("accepted", a_ticket(category=words), Status.DRAFTED).category is None
