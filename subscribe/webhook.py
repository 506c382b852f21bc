"""For departments that receive by HTTP: is a request really Sanmin's? (https://www.standardwebhooks.com)"""

from collections.abc import Mapping

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from subscribe.errors import SignatureError
from subscribe.event import Event, read
from subscribe.schema import check


def verify_webhook(body: bytes, headers: Mapping[str, str], secret: str) -> Event:
    """The event that a signed request carries; `body` exactly as it came, `secret` as it was handed over (`whsec_…`).

    Raises SignatureError where the headers webhook-id, webhook-timestamp and webhook-signature do not prove it, or are
    more than five minutes off; Unreadable where the signature is right and the event is none that this version understands.
    """
    try:
        Webhook(secret).verify(body, dict(headers), json_parse=False)
    except (WebhookVerificationError, ValueError):
        raise SignatureError("the request bears no signature of this secret, or a stale one") from None
    event = read(body)
    check(event)
    return event
