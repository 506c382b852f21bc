"""What can go wrong, each as one sentence that names no secret.

SubscribeError
├── ConfigError     a setting is missing or malformed
├── Refused         the broker knows the user or the queue not, or refuses it: trying again is no use
├── SignatureError  a webhook's request was not signed with this secret, or too long ago
└── Unreadable      a message is no event that this version understands
"""


class SubscribeError(Exception):
    """Expected: its message is all that a person needs."""


class ConfigError(SubscribeError):
    """The message names the setting and its form, never its value."""


class Refused(SubscribeError):
    """The message names the user and the queue."""


class SignatureError(SubscribeError):
    """To be answered with status 401, and nothing else done."""


class Unreadable(SubscribeError):
    """The message names the field and the rule, never the value."""


class Abort(Exception):
    """Raised by a handler that cannot work at all now: following ends with it, and the event waits as if it had not been tried."""
