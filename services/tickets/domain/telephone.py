"""What a telephone system says over its signed hook (https://www.standardwebhooks.com), and whether it is one of ours. Pure.

A trunk is a file `<code>.toml`: `area` is the code of the area that the line is for, `secrets` are one or several, each the base64 of 24 to
64 bytes with or without `whsec_`; all are valid, so that one can take another's place while calls go on.
"""

import base64
import binascii
import hmac
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from standardwebhooks import Webhook

from services.chassis import phone
from services.chassis.config import ConfigError
from services.chassis.errors import InvalidInput, Unauthenticated
from services.tickets.domain.call import Call, Direction, Notice, Recording, call_id
from services.tickets.domain.text import TRANSCRIPT
from services.tickets.domain.webhook import SECRET_BYTES, SECRET_PREFIX

TOLERANCE = timedelta(minutes=5)
"""So far from now may the time of a signature be: the standard's own tolerance."""
CODE = re.compile(r"[a-z][a-z0-9-]{0,39}")
AREA = re.compile(r"[0-9]{6,16}")

Word = Annotated[str, Meta(min_length=1, max_length=100)]
Instant = Annotated[datetime, Meta(tz=True)]


@dataclass(frozen=True)
class Trunk:
    """A line of the hotline."""

    code: str
    area: str
    signers: Sequence[Webhook] = field(repr=False)


class Recorded(msgspec.Struct, frozen=True):
    uri: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9+.-]*:[\x21-\x7e]{1,950}$")]
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class Told(msgspec.Struct, frozen=True):
    """`call` is the telephone system's own id; `number` is the other side's; `agent` the subject of the account that answers."""

    call: Word
    direction: Direction = Direction.IN
    number: Annotated[str, Meta(max_length=100)] | None = None
    agent: Word | None = None
    notice: Notice | None = None
    recording: Recorded | None = None
    transcript: str | None = None


class CallEvent(msgspec.Struct, frozen=True):
    """The hook's body. `timestamp` is when it happened; each event may say anything that is known of the call by then."""

    type: Literal["call.ringing", "call.answered", "call.ended", "call.recorded"]
    timestamp: Instant
    data: Told


@dataclass(frozen=True)
class Heard:
    """What an event says: the call as far as it knows it, and the number in E.164 form, which is yet to be sealed."""

    call: Call
    number: str | None = field(repr=False)


def trunk_of(code: str, text: str) -> Trunk:
    """A trunk from its file's text; raises ConfigError that names the trunk and never a secret."""
    if not CODE.fullmatch(code):
        raise ConfigError(f"trunk {code!r}: the file's name must have the form of a code, such as county-1.toml")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise ConfigError(f"trunk {code}: the file is not TOML") from None
    area, secrets = document.get("area"), document.get("secrets")
    if not isinstance(area, str) or not AREA.fullmatch(area):
        raise ConfigError(f"trunk {code}: area must be the code of an area, 6 to 16 digits")
    if not isinstance(secrets, list) or not secrets:
        raise ConfigError(f"trunk {code}: secrets must list at least one")
    return Trunk(code, area, [_signer(code, secret) for secret in secrets])


def _signer(code: str, secret: object) -> Webhook:
    try:
        key = base64.b64decode(str(secret).removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if len(key) not in SECRET_BYTES:
        raise ConfigError(
            f"trunk {code}: a secret must be the base64 of 24 to 64 bytes, with or without {SECRET_PREFIX}"
        )
    return Webhook(key)


def signed_by(trunks: Sequence[Trunk], headers: Mapping[str, str], body: bytes, now: datetime) -> Trunk:
    """The trunk whose secret signed the body; raises Unauthenticated where none did, or not now."""
    message, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    given = [one.removeprefix("v1,") for one in headers.get("webhook-signature", "").split() if one.startswith("v1,")]
    if not message or not given:
        raise Unauthenticated("send webhook-id, webhook-timestamp and webhook-signature", rule="webhook.headers")
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 10):
        raise Unauthenticated("webhook-timestamp must be seconds since 1970", rule="webhook.timestamp")
    at = datetime.fromtimestamp(int(stamp), UTC)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise Unauthenticated("webhook-signature: the body is no UTF-8", rule="webhook.signature") from None
    for trunk in trunks:
        for signer in trunk.signers:
            right = signer.sign(message, at, text).removeprefix("v1,").encode()
            if any(hmac.compare_digest(right, one.encode()) for one in given):
                if abs(now - at) > TOLERANCE:
                    raise Unauthenticated(
                        "webhook-timestamp is over five minutes from now: sign anew when sending again",
                        rule="webhook.timestamp",
                    )
                return trunk
    raise Unauthenticated("webhook-signature is by none of the secrets known here", rule="webhook.signature")


def heard(trunk: Trunk, event: CallEvent, now: datetime) -> Heard:
    """What the event says of its call; a number that no phone can have, such as an extension's, is none. Raises InvalidInput."""
    if event.timestamp > now + TOLERANCE:
        raise InvalidInput("timestamp: nothing that is yet to happen can be told", field="timestamp", rule="past")
    data, kind = event.data, event.type.removeprefix("call.")
    if kind == "recorded" and data.recording is None and data.transcript is None:
        raise InvalidInput(
            "data.recording: give the recording or the transcript", field="data.recording", rule="required"
        )
    transcript = None if data.transcript is None else TRANSCRIPT.check(data.transcript, "data.transcript")
    recording = None if data.recording is None else Recording(data.recording.uri, bytes.fromhex(data.recording.sha256))
    call = Call(
        id=call_id(trunk.code, data.call),
        trunk=trunk.code,
        area=trunk.area,
        direction=data.direction,
        agent=data.agent,
        told_at=event.timestamp,
        rung_at=event.timestamp if kind == "ringing" else None,
        answered_at=event.timestamp if kind == "answered" else None,
        ended_at=event.timestamp if kind == "ended" else None,
        notice=data.notice,
        recording=recording,
        transcript=transcript,
    )
    return Heard(call, None if data.number is None else phone.parse(data.number))
