"""Only what was signed with the secret, and lately, is an event."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook

from subscribe import SignatureError, Unreadable, verify_webhook
from tests.subscribe.copies import body, copy

SECRET = "whsec_" + base64.b64encode(b"example secret of 24 chars").decode()


def signed(text: bytes, secret: str = SECRET, age: timedelta = timedelta()) -> dict[str, str]:
    at, key = datetime.now(UTC) - age, str(copy(1).id)
    return {
        "Webhook-Id": key,
        "Webhook-Timestamp": str(int(at.timestamp())),
        "Webhook-Signature": Webhook(secret).sign(key, at, text.decode()),
    }


def test_a_signed_event_is_read() -> None:
    assert verify_webhook(body(1), signed(body(1)), SECRET).id == copy(1).id


def test_after_a_change_of_secret_either_signature_will_do() -> None:
    headers = signed(body(1))
    headers["Webhook-Signature"] = f"v1,{base64.b64encode(b'another').decode()} {headers['Webhook-Signature']}"
    assert verify_webhook(body(1), headers, SECRET).id == copy(1).id


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        (body(2), signed(body(1))),
        (body(1), signed(body(1), "whsec_" + base64.b64encode(b"another secret").decode())),
        (body(1), signed(body(1), age=timedelta(hours=1))),
        (body(1), signed(body(1), age=-timedelta(hours=1))),
        (body(1), {**signed(body(1)), "Webhook-Id": "another"}),
        (body(1), {**signed(body(1)), "Webhook-Signature": "nonsense"}),
        (body(1), {**signed(body(1)), "Webhook-Signature": "v1,?"}),
        (body(1), {**signed(body(1)), "Webhook-Timestamp": "now"}),
        (b"\xff", signed(body(1))),
        (body(1), {}),
    ],
)
def test_anything_else_is_refused(text: bytes, headers: dict[str, str]) -> None:
    with pytest.raises(SignatureError):
        verify_webhook(text, headers, SECRET)


def test_what_is_signed_and_no_event_is_told_apart() -> None:
    for text in (b"{}", body(1, type="tickets.ticket.sung.v1"), body(1, data={"version": "one"})):
        with pytest.raises(Unreadable):
            verify_webhook(text, signed(text), SECRET)
