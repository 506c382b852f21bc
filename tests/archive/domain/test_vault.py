"""Sealing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.archive.domain.vault import CannotOpen, Vault

VAULT = Vault(b"k" * 32, b"i" * 32)


@given(st.text(max_size=40), st.uuids(), st.sampled_from(["id_number", "phone"]))
def test_what_is_sealed_opens_in_its_own_place_only(value: str, owner: object, field: str) -> None:
    sealed = VAULT.seal(value, owner=str(owner), field=field, masked="*")
    assert VAULT.open(sealed.sealed, owner=str(owner), field=field) == value
    for elsewhere in ({"owner": "another", "field": field}, {"owner": str(owner), "field": "another"}):
        with pytest.raises(CannotOpen):
            VAULT.open(sealed.sealed, **elsewhere)


def test_equal_values_look_different_and_are_found_by_their_index() -> None:
    one, two = (VAULT.seal("13800001234", owner=owner, field="phone", masked="*") for owner in ("a", "a"))
    assert one.sealed != two.sealed
    assert one.index == two.index == VAULT.index("13800001234", field="phone")
    assert one.index != VAULT.index("13800001234", field="id_number")
    assert one.index != Vault(b"k" * 32, b"j" * 32).index("13800001234", field="phone")


@pytest.mark.parametrize("at", [0, 4, 16, -1])
def test_a_changed_byte_is_noticed(at: int) -> None:
    sealed = bytearray(VAULT.seal("13800001234", owner="a", field="phone", masked="*").sealed)
    sealed[at] ^= 1
    with pytest.raises(CannotOpen):
        VAULT.open(bytes(sealed), owner="a", field="phone")


def test_another_key_does_not_open() -> None:
    sealed = Vault(b"x" * 32, b"i" * 32).seal("13800001234", owner="a", field="phone", masked="*").sealed
    with pytest.raises(CannotOpen, match="another key"):
        VAULT.open(sealed, owner="a", field="phone")
