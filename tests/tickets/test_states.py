"""STATES.md is what the state machine says."""

from services.tickets.app import HERE
from services.tickets.domain.states import document


def test_the_document_is_the_machine() -> None:
    """`python -m services.tickets states` writes it."""
    assert (HERE / "STATES.md").read_text(encoding="utf-8") == document()
