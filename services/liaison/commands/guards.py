"""What else has a say before a session changes: each deed on one asks each guard with the session before and after it, which is locked."""

from collections.abc import Awaitable, Callable

from services.chassis.commands import Doing
from services.liaison.commands import dialogue
from services.liaison.domain.session import Deed, Session

Guard = Callable[[Doing, Deed, Session, Session], Awaitable[None]]

GUARDS: tuple[Guard, ...] = (dialogue.guard,)
