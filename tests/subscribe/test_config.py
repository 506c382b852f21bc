import os
from pathlib import Path

import pytest

from subscribe import ConfigError
from subscribe.config import load

URL = "amqps://user:example-password@broker.example/"
GOOD = {"SANMIN_SUBSCRIBE_URL": URL, "SANMIN_SUBSCRIBE_DEPARTMENT": "civil-affairs"}


def test_settings_have_defaults_and_hide_the_password() -> None:
    settings = load(GOOD)
    assert (settings.queue, settings.mailbox) == ("sanmin.department.civil-affairs", Path("mailbox.db"))
    assert (settings.dead, settings.log) == (f"{settings.queue}.dead", f"{settings.queue}.log")
    assert "example-password" not in repr(settings)


def test_a_setting_may_be_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text(f"{URL}\n")
    environ = {"SANMIN_SUBSCRIBE_URL_FILE": str(tmp_path / "url"), "SANMIN_SUBSCRIBE_DEPARTMENT": "water"}
    assert load(environ).url == URL


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"SANMIN_SUBSCRIBE_URL": ""}, "SANMIN_SUBSCRIBE_URL is not set"),
        ({"SANMIN_SUBSCRIBE_URL": "http://user:example-password@host/"}, "SANMIN_SUBSCRIBE_URL must have the form"),
        ({"SANMIN_SUBSCRIBE_URL": "amqp://host/"}, "SANMIN_SUBSCRIBE_URL must have the form"),
        ({"SANMIN_SUBSCRIBE_URL": "amqp://user:example-password@[/"}, "SANMIN_SUBSCRIBE_URL must have the form"),
        ({"SANMIN_SUBSCRIBE_URL_FILE": os.devnull + "/none"}, "SANMIN_SUBSCRIBE_URL_FILE cannot be read"),
        ({"SANMIN_SUBSCRIBE_DEPARTMENT": "Water.#"}, "SANMIN_SUBSCRIBE_DEPARTMENT must be a code"),
        ({"SANMIN_SUBSCRIBE_PREFIX": "a b"}, "SANMIN_SUBSCRIBE_PREFIX must be a word"),
    ],
)
def test_a_setting_that_will_not_do_is_named_without_its_value(change: dict[str, str], sentence: str) -> None:
    with pytest.raises(ConfigError) as told:
        load({**GOOD, **change})
    assert str(told.value).startswith(sentence)
    assert "example-password" not in str(told.value)
