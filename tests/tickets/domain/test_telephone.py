"""Who a telephone system is, and what its files and words must look like."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from services.chassis.config import ConfigError
from services.chassis.errors import InvalidInput, Unauthenticated
from services.tickets.domain.telephone import CallEvent, Recorded, Told, heard, signed_by, trunk_of

NOW = datetime(2026, 1, 5, 4, tzinfo=UTC)
OLD, NEW, OTHER = ("whsec_" + base64.b64encode(letter * 32).decode() for letter in (b"o", b"n", b"x"))
TRUNK = trunk_of("county-1", f'area = "339999"\nsecrets = ["{OLD}", "{NEW}"]')
TOWN = trunk_of("town", f'area = "339999100"\nsecrets = ["{OTHER}"]')
BODY = '{"示例": 1}'


def headers(secret: str, at: datetime = NOW, body: str = BODY, message: str = "m1") -> dict[str, str]:
    return {
        "webhook-id": message,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message, at, body),
    }


@pytest.mark.parametrize(("secret", "trunk"), [(OLD, "county-1"), (NEW, "county-1"), (OTHER, "town")])
def test_each_secret_is_its_trunks(secret: str, trunk: str) -> None:
    assert signed_by([TRUNK, TOWN], headers(secret), BODY.encode(), NOW).code == trunk
    several = headers(secret)
    several["webhook-signature"] = f"v1a,zzz v1,nonsense {several['webhook-signature']}"
    assert signed_by([TRUNK, TOWN], several, BODY.encode(), NOW).code == trunk


STRANGER = "whsec_" + base64.b64encode(b"s" * 32).decode()


@pytest.mark.parametrize(
    ("sent", "body", "rule"),
    [
        (headers(STRANGER), BODY.encode(), "webhook.signature"),
        (headers(OLD), b'{"\xe7": 1}', "webhook.signature"),
        (headers(OLD), BODY.replace("1", "2").encode(), "webhook.signature"),
        (headers(OLD) | {"webhook-id": "m2"}, BODY.encode(), "webhook.signature"),
        (headers(OLD) | {"webhook-timestamp": str(int(NOW.timestamp()) + 1)}, BODY.encode(), "webhook.signature"),
        (headers(OLD, NOW - timedelta(seconds=301)), BODY.encode(), "webhook.timestamp"),
        (headers(OLD, NOW + timedelta(seconds=301)), BODY.encode(), "webhook.timestamp"),
        (headers(OLD) | {"webhook-timestamp": "1e9"}, BODY.encode(), "webhook.timestamp"),
        (headers(OLD) | {"webhook-signature": "v1a,abc"}, BODY.encode(), "webhook.headers"),
        ({}, BODY.encode(), "webhook.headers"),
    ],
)
def test_what_is_not_signed_now_is_refused(sent: dict[str, str], body: bytes, rule: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        signed_by([TRUNK, TOWN], sent, body, NOW)
    assert refused.value.extra["rule"] == rule


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("Trunk 1", f'area = "339999"\nsecrets = ["{OLD}"]'),
        ("county", "area ="),
        ("county", f'area = "somewhere"\nsecrets = ["{OLD}"]'),
        ("county", 'area = "339999"\nsecrets = []'),
        ("county", 'area = "339999"'),
        ("county", 'area = "339999"\nsecrets = ["whsec_c2hvcnQ="]'),
        ("county", 'area = "339999"\nsecrets = [7]'),
    ],
)
def test_a_file_that_will_not_do(code: str, text: str) -> None:
    with pytest.raises(ConfigError) as refused:
        trunk_of(code, text)
    assert code in str(refused.value)
    assert "c2hvcnQ" not in str(refused.value)


def test_a_number_that_no_phone_has_is_none() -> None:
    for number, known in (
        ("13800005678", "+8613800005678"),
        ("0570-4888365", "+865704888365"),
        ("8001", None),
        ("anonymous", None),
    ):
        event = CallEvent("call.ringing", NOW, Told("7", number=number))
        assert heard(TRUNK, event, NOW).number == known


def test_what_cannot_be_told() -> None:
    for event, field in (
        (CallEvent("call.ended", NOW + timedelta(minutes=6), Told("7")), "timestamp"),
        (CallEvent("call.recorded", NOW, Told("7")), "data.recording"),
        (CallEvent("call.recorded", NOW, Told("7", transcript="a\x00")), "data.transcript"),
    ):
        with pytest.raises(InvalidInput) as refused:
            heard(TRUNK, event, NOW)
        assert refused.value.extra["field"] == field
    told = heard(TRUNK, CallEvent("call.recorded", NOW, Told("7", recording=Recorded("s3://r/1", "ab" * 32))), NOW)
    assert told.call.recording is not None
    assert told.call.recording.sha256 == b"\xab" * 32
