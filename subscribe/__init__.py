"""A department's client: keeps the events that Sanmin sends it, each in effect once, a subject's events in order."""

from subscribe.errors import Abort, ConfigError, Refused, SignatureError, SubscribeError, Unreadable
from subscribe.event import Event, read
from subscribe.follow import follow
from subscribe.mailbox import Gap, Letter, Mailbox
from subscribe.replay import fill, replay
from subscribe.webhook import verify_webhook

__version__ = "0.1.0"

__all__ = [
    "Abort",
    "ConfigError",
    "Event",
    "Gap",
    "Letter",
    "Mailbox",
    "Refused",
    "SignatureError",
    "SubscribeError",
    "Unreadable",
    "fill",
    "follow",
    "read",
    "replay",
    "verify_webhook",
]
