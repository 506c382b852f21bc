"""Settings: from the environment or from files; what is missing or malformed names itself and never its value."""

from pathlib import Path

import pytest

from services.chassis.config import ApiConfig, ConfigError, keys, load

GIVEN = {
    "SANMIN_PORT": "8001",
    "SANMIN_DATABASE_URL": "postgresql://app:a-secret@127.0.0.1/archive",
    "SANMIN_ISSUER": "https://issuer.example",
    "SANMIN_JWKS_URL": "https://issuer.example/jwks",
}


def test_defaults_and_types() -> None:
    config = load(ApiConfig, GIVEN)
    assert (config.port, config.audience, config.environment, config.body_limit) == (
        8001,
        "sanmin",
        "production",
        1_000_000,
    )
    assert "a-secret" not in repr(config)


def test_a_value_may_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("postgresql://app@host/archive\n")
    config = load(ApiConfig, {**GIVEN, "SANMIN_DATABASE_URL_FILE": str(secret)})
    assert config.database_url == "postgresql://app@host/archive"


@pytest.mark.parametrize("key", [key for key, required in keys(ApiConfig).items() if required])
def test_a_missing_setting_names_itself(key: str) -> None:
    with pytest.raises(ConfigError, match=f"{key} is not set"):
        load(ApiConfig, {name: value for name, value in GIVEN.items() if name != key})


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("SANMIN_PORT", "a-secret", "whole number"),
        ("SANMIN_ENVIRONMENT", "a-secret", "must be one of: production, development"),
        ("SANMIN_ISSUER", "", "is empty"),
        ("SANMIN_DATABASE_URL_FILE", "/nowhere/a-secret", "cannot be read"),
    ],
)
def test_a_malformed_setting_names_itself_and_not_its_value(key: str, value: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        load(ApiConfig, {**GIVEN, key: value})
    assert key in str(caught.value)
    assert "a-secret" not in str(caught.value)
