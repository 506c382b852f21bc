"""Webhooks (https://www.standardwebhooks.com): where a department's events are POSTed, how they are signed, and when they are tried again."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit
from uuid import UUID

from standardwebhooks import Webhook

from services.chassis.config import ConfigError
from services.chassis.departments import Department
from services.chassis.departments import Webhook as WebhookFile
from services.chassis.envelope import CONTENT_TYPE

RETRY_AFTER_SECONDS = (5, 30, 120, 600, 3600, 21600)
PATIENCE = 3
"""After so many failures in a row it is the receiver that ails, not an event: it is left alone for a while, then probed with one event."""
MOST_AT_ONCE = 4
SECRET_PREFIX = "whsec_"  # noqa: S105  the standard's own, before the secret
SECRET_BYTES = range(24, 65)
"""How long the standard wants a secret to be."""


@dataclass(frozen=True)
class Target:
    """A department's receiver. `area` is where the department works, for events that tell of the webhook."""

    department: str
    area: str
    url: str
    disable_after: int
    signer: Webhook = field(repr=False)


@dataclass(frozen=True)
class State:
    """A webhook as it stands. `failures` are those in a row, over all events, `since` the first of them."""

    failures: int = 0
    since: datetime | None = None
    paused_until: datetime | None = None
    disabled_at: datetime | None = None

    def room(self, now: datetime, flying: int) -> int:
        """How many events may be sent now beside those that are under way."""
        if self.disabled_at is not None or (self.paused_until is not None and self.paused_until > now):
            return 0
        return max(0, (1 if self.failures >= PATIENCE else MOST_AT_ONCE) - flying)

    def failed(self, now: datetime, disable_after: int) -> "State":
        """The state after one more failure."""
        failures, since = self.failures + 1, self.since or now
        paused_until = now + pause_after(now - since) if failures >= PATIENCE else None
        disabled = now if failures >= disable_after else None
        return State(failures, since, paused_until, self.disabled_at or disabled)


def retry_after(attempts: int) -> timedelta:
    """How long an event waits after so many attempts; it is never given up."""
    return timedelta(seconds=RETRY_AFTER_SECONDS[min(attempts, len(RETRY_AFTER_SECONDS)) - 1])


def pause_after(ailing: timedelta) -> timedelta:
    """How long a receiver is left alone that has ailed so long: as long again, within the bounds of an event's own delays."""
    shortest, *_, longest = (timedelta(seconds=seconds) for seconds in RETRY_AFTER_SECONDS)
    return min(max(ailing, shortest), longest)


def headers(target: Target, event: UUID, now: datetime, body: bytes) -> Mapping[str, str]:
    """The headers of one attempt; the id stays over all attempts, so that a receiver can tell a repeat."""
    return {
        "Content-Type": CONTENT_TYPE,
        "webhook-id": str(event),
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": target.signer.sign(str(event), now, body.decode()),
    }


def target(department: Department, webhook: WebhookFile, secret: str, *, development: bool) -> Target:
    """A department's receiver. Raises ConfigError for an address or a secret that is not safe."""
    if not _safe(webhook.url, development=development):
        raise ConfigError(f"department {department.code!r}: webhook.url must be https, with a host and without a user")
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if len(key) not in SECRET_BYTES:
        raise ConfigError(
            f"the secret in {webhook.secret} must be the base64 of 24 to 64 bytes, with or without {SECRET_PREFIX}"
        )
    area = department.binding[0].areas[0][:6] if department.binding else ""
    return Target(department.code, area, webhook.url, webhook.disable_after, Webhook(key))


def _safe(url: str, *, development: bool) -> bool:
    try:
        parts = urlsplit(url)
        valid = parts.hostname is not None and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        return False
    return valid and (parts.scheme == "https" or development or _is_loopback(parts.hostname or ""))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
