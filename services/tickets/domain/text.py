"""The tickets' texts and their limits."""

from services.chassis.text import Text

TITLE = Text(100)
DESCRIPTION = Text(4000, lines=True)
CATEGORY = Text(40)
NOTE = Text(2000, lines=True)
REASON = Text(500)
TRANSCRIPT = Text(100_000, lines=True)
SUBJECT = Text(100)
