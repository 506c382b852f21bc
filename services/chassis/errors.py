"""Expected errors, each with a machine code and an HTTP status. They are rendered as problem+json (RFC 9457).

    Problem
    ├── Unauthenticated   401 UNAUTHENTICATED
    ├── Forbidden         403 FORBIDDEN
    ├── NotFound          404 NOT_FOUND
    ├── InvalidInput      422 INVALID_INPUT        field, rule
    │   └── UnknownCode   422 UNKNOWN_<NOUN>       field, rule
    ├── Conflict          409 CONFLICT
    │   ├── StaleVersion      409 STALE_VERSION       current
    │   ├── IllegalTransition 409 ILLEGAL_TRANSITION  from, allowed, rule
    │   └── ClientKeyReused   409 CLIENT_KEY_REUSED
    ├── PayloadTooLarge   413 PAYLOAD_TOO_LARGE
    ├── TooManyRequests   429 TOO_MANY_REQUESTS    retryAfter
    └── Unavailable       503 UNAVAILABLE

A message names the field, the rule and the form of the value; it never carries a personal value or a secret.
"""

from collections.abc import Sequence
from typing import Any, ClassVar


class Problem(Exception):
    """An error that the caller can act on. `extra` becomes members of the problem document."""

    status: ClassVar[int] = 500
    code: str = "INTERNAL"
    title: ClassVar[str] = "Internal error"

    def __init__(self, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = {name: value for name, value in extra.items() if value is not None}

    def document(self, correlation_id: str | None) -> dict[str, Any]:
        """The members of the problem document."""
        return {
            "type": f"urn:sanmin:problem:{self.code.lower().replace('_', '-')}",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            **self.extra,
            "correlationId": correlation_id,
        }


class Unauthenticated(Problem):
    status, code, title = 401, "UNAUTHENTICATED", "No valid access token"


class Forbidden(Problem):
    status, code, title = 403, "FORBIDDEN", "Not allowed"


class NotFound(Problem):
    status, code, title = 404, "NOT_FOUND", "Not found, or outside the caller's reach"


class InvalidInput(Problem):
    status, code, title = 422, "INVALID_INPUT", "Invalid input"

    def __init__(self, detail: str, *, field: str | None = None, rule: str | None = None) -> None:
        super().__init__(detail, field=field, rule=rule)


class UnknownCode(InvalidInput):
    """A code that no register knows: `UnknownCode("area", field="areaCode")` has the code UNKNOWN_AREA."""

    title = "Unknown code"

    def __init__(self, noun: str, *, field: str) -> None:
        super().__init__(f"{field} names no {noun} that is known here", field=field, rule=f"known.{noun}")
        self.code = f"UNKNOWN_{noun.upper()}"


def none_such(noun: str) -> NotFound:
    """One answer for what is not there and for what the caller does not reach, so that nothing is told of it."""
    return NotFound(f"{noun}: none such, or outside your reach")


class Conflict(Problem):
    status, code, title = 409, "CONFLICT", "Conflict"


class StaleVersion(Conflict):
    code, title = "STALE_VERSION", "The record has changed meanwhile"

    def __init__(self, noun: str, *, current: int) -> None:
        super().__init__(f"{noun} is at version {current} by now; read it again, then decide", current=current)


def require_version(noun: str, given: int | None, current: int) -> None:
    """Raises StaleVersion where the caller saw another version; without one they mean the record as it stands."""
    if given is not None and given != current:
        raise StaleVersion(noun, current=current)


class IllegalTransition(Conflict):
    code, title = "ILLEGAL_TRANSITION", "Not possible in this state"

    def __init__(self, detail: str, *, state: str, allowed: Sequence[str], rule: str | None = None) -> None:
        super().__init__(detail, **{"from": state}, allowed=list(allowed), rule=rule)


class ClientKeyReused(Conflict):
    code, title = "CLIENT_KEY_REUSED", "Client key already used"

    def __init__(self) -> None:
        super().__init__("clientKey was used before with another command or payload; choose a new UUID")


class PayloadTooLarge(Problem):
    status, code, title = 413, "PAYLOAD_TOO_LARGE", "Body too large"


class TooManyRequests(Problem):
    """`retry_after` seconds from now it may be tried again."""

    status, code, title = 429, "TOO_MANY_REQUESTS", "Too many requests"

    def __init__(self, detail: str, *, retry_after: int) -> None:
        super().__init__(f"{detail}; try again in {retry_after} seconds", retryAfter=retry_after)


class Unavailable(Problem):
    status, code, title = 503, "UNAVAILABLE", "Temporarily unavailable"
