"""The archive's texts and their limits."""

from services.chassis.text import Text

NAME = Text(50)
ADDRESS = Text(200)
HOUSE = Text(200)
REASON = Text(200)
NOTE = Text(4000, lines=True)
CATEGORY = Text(40)
"""Of a promise; tickets, which it opens one in, allow as much."""
SEARCH = Text(50)
