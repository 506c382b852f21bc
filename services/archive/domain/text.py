"""The archive's texts and their limits."""

from services.chassis.text import Text

NAME = Text(50)
NUMBER = Text(20)
"""Of a household (户号)."""
ADDRESS = Text(200)
HOUSE = Text(200)
REASON = Text(200)
WORDS = Text(100)
"""Of a plot's side."""
NOTE = Text(4000, lines=True)
CATEGORY = Text(40)
"""Of a promise; tickets, which it opens one in, allow as much."""
SEARCH = Text(50)
TITLE = Text(100)
