"""When a webhook is tried again, how it is signed, and which receivers are refused."""

import base64
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from services.chassis.config import ConfigError
from services.chassis.departments import Department, department
from services.tickets.domain.webhook import (
    MOST_AT_ONCE,
    PATIENCE,
    State,
    Target,
    headers,
    pause_after,
    retry_after,
    target,
)

NOW = datetime(2026, 1, 5, 4, tzinfo=UTC)
SECRET = base64.b64encode(bytes(range(32))).decode()


def a_department(url: str = "https://hook.example.invalid/in") -> Department:
    return department(
        "example",
        f"""
        name = "示例"
        credentials = "department-example"
        webhook = {{url = "{url}", secret = "hook-key"}}
        [[binding]]
        events = ["tickets.ticket.*"]
        areas = ["339999100200"]
        fields = ["number"]
        """.replace("\n        ", "\n"),
    )


def made(url: str = "https://hook.example.invalid/in", secret: str = SECRET, *, development: bool = False) -> Target:
    known = a_department(url)
    assert known.webhook is not None
    return target(known, known.webhook, secret, development=development)


def test_an_event_is_tried_again_ever_more_seldom_and_never_given_up() -> None:
    delays = [retry_after(attempts).total_seconds() for attempts in range(1, 9)]
    assert delays == [5, 30, 120, 600, 3600, 21600, 21600, 21600]


@given(st.integers(1, 50), st.lists(st.integers(0, 86400), min_size=1, max_size=60))
def test_failures_in_a_row_pause_and_at_last_disable(disable_after: int, gaps: list[int]) -> None:
    state, now = State(), NOW
    for count, gap in enumerate(gaps, start=1):
        now += timedelta(seconds=gap)
        state = state.failed(now, disable_after)
        assert state.failures == count
        assert state.since == NOW + timedelta(seconds=gaps[0])
        assert (state.disabled_at is not None) == (count >= disable_after)
        if count >= PATIENCE:
            assert state.paused_until is not None
            assert timedelta(seconds=5) <= state.paused_until - now <= timedelta(hours=6)
            assert state.room(now, 0) == 0
        after = state.room(now + timedelta(hours=6), 0)
        assert after == (0 if state.disabled_at else 1 if count >= PATIENCE else MOST_AT_ONCE)


def test_a_pause_is_as_long_as_the_ailing() -> None:
    seconds = [pause_after(timedelta(seconds=ailing)).total_seconds() for ailing in (0, 5, 40, 3600, 99_999)]
    assert seconds == [5, 5, 40, 3600, 21600]


def test_what_is_under_way_takes_its_room() -> None:
    assert [State().room(NOW, flying) for flying in range(6)] == [4, 3, 2, 1, 0, 0]


@pytest.mark.parametrize("secret", [SECRET, f"whsec_{SECRET}"])
def test_a_delivery_is_signed_as_the_standard_says(secret: str) -> None:
    now, body, event = datetime.now(UTC), '{"number": "示例"}'.encode(), UUID(int=7)
    sent = headers(made(secret=secret), event, now, body)
    assert Webhook(secret).verify(body, dict(sent)) == {"number": "示例"}
    assert sent["webhook-id"] == str(event)


def test_the_area_is_the_county_of_the_first_binding() -> None:
    assert made().area == "339999"


@pytest.mark.parametrize(
    "url",
    [
        "http://hook.example.invalid/in",
        "https://user:hidden@hook.example.invalid/in",
        "https://hook.example.invalid:notaport/in",
        "http://127.0.0.1.example.invalid/in",
        "http://10.0.0.1/in",
    ],
)
def test_an_unsafe_address_is_refused_without_quoting_it(url: str) -> None:
    with pytest.raises(ConfigError, match=r"'example': webhook\.url must be https") as refusal:
        made(url)
    assert "hidden" not in str(refusal.value)
    assert "/in" not in str(refusal.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/in", "http://[::1]:1/in", "http://localhost/in"])
def test_on_the_machine_itself_plain_http_will_do(url: str) -> None:
    assert made(url).url == url


def test_in_development_plain_http_will_do() -> None:
    assert made("http://10.0.0.1/in", development=True).url == "http://10.0.0.1/in"


@pytest.mark.parametrize("secret", ["", "whsec_", "not base64!", base64.b64encode(b"x" * 23).decode()])
def test_a_weak_secret_is_refused_by_the_name_of_its_file(secret: str) -> None:
    with pytest.raises(ConfigError, match="hook-key") as refusal:
        made(secret=secret)
    assert not secret.removeprefix("whsec_") or secret.removeprefix("whsec_") not in str(refusal.value)


def test_the_signing_secret_is_not_shown() -> None:
    assert "signer" not in repr(made())
