"""The archive's keys."""

import base64

import pytest

from services.archive.config import Load, Worker
from services.chassis.config import ConfigError, keys, load

GOOD = {
    "SANMIN_DATABASE_URL": "postgresql://example",
    "SANMIN_PERSONAL_DATA_KEY": base64.b64encode(b"p" * 32).decode(),
    "SANMIN_BLIND_INDEX_KEY": base64.b64encode(b"b" * 32).decode(),
}


@pytest.mark.parametrize("setting", ["SANMIN_PERSONAL_DATA_KEY", "SANMIN_BLIND_INDEX_KEY"])
@pytest.mark.parametrize("value", ["c2hvcnQ=", "no base64!", base64.b64encode(b"x" * 33).decode()])
def test_a_key_of_another_form_names_its_setting_not_its_value(setting: str, value: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(Load, GOOD | {setting: value})
    assert setting in str(error.value)
    assert value not in str(error.value)


def test_a_missing_key_names_its_setting() -> None:
    with pytest.raises(ConfigError, match="SANMIN_BLIND_INDEX_KEY is not set"):
        load(Load, {name: value for name, value in GOOD.items() if "BLIND" not in name})


def test_keys_do_not_show_in_a_repr() -> None:
    assert GOOD["SANMIN_PERSONAL_DATA_KEY"] not in repr(load(Load, GOOD))


def test_the_worker_takes_in_files_of_sheets_so_it_needs_the_keys() -> None:
    required = {name for name, needed in keys(Worker).items() if needed}
    assert {"SANMIN_PERSONAL_DATA_KEY", "SANMIN_BLIND_INDEX_KEY"} <= required
