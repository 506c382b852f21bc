"""Sealing."""

import os

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.vault import CannotOpen, SealingKey, Vault

AES, SM4, OTHER = SealingKey("aes", b"k" * 32), SealingKey("sm4", b"k" * 16), SealingKey("aes", b"x" * 32)
VAULT = Vault([AES], b"i" * 32)
PLACE = {"owner": "a", "field": "phone"}


def sealed_by(*keys: SealingKey) -> bytes:
    return Vault(keys, b"i" * 32).close("13800001234", owner=PLACE["owner"], field=PLACE["field"])


@given(st.text(max_size=40), st.uuids(), st.sampled_from(["id_number", "phone"]), st.sampled_from([AES, SM4]))
def test_what_is_sealed_opens_in_its_own_place_only(value: str, owner: object, field: str, key: SealingKey) -> None:
    vault = Vault([key], b"i" * 32)
    sealed = vault.seal(value, owner=str(owner), field=field, masked="*")
    assert vault.open(sealed.sealed, owner=str(owner), field=field) == value
    for elsewhere in ({"owner": "another", "field": field}, {"owner": str(owner), "field": "another"}):
        with pytest.raises(CannotOpen):
            vault.open(sealed.sealed, **elsewhere)


def test_equal_values_look_different_and_are_found_by_their_index() -> None:
    one, two = (VAULT.seal("13800001234", owner=owner, field="phone", masked="*") for owner in ("a", "a"))
    assert one.sealed != two.sealed
    assert one.index == two.index == VAULT.index("13800001234", field="phone")
    assert one.index != VAULT.index("13800001234", field="id_number")
    assert one.index != Vault([AES], b"j" * 32).index("13800001234", field="phone")


@pytest.mark.parametrize("key", [AES, SM4])
@pytest.mark.parametrize("at", [0, 1, 5, 17, -1])
def test_a_changed_byte_is_noticed(key: SealingKey, at: int) -> None:
    sealed = bytearray(sealed_by(key))
    sealed[at] ^= 1
    with pytest.raises(CannotOpen):
        Vault([key], b"i" * 32).open(bytes(sealed), **PLACE)


def test_another_key_does_not_open() -> None:
    for other in (OTHER, SM4):
        with pytest.raises(CannotOpen, match="another key"):
            VAULT.open(sealed_by(other), **PLACE)


def test_the_first_key_seals_and_all_open() -> None:
    vault = Vault([SM4, AES], b"i" * 32)
    for keys in ((AES,), (SM4,), (SM4, AES)):
        assert vault.open(sealed_by(*keys), **PLACE) == "13800001234"
    assert sealed_by(SM4, AES).startswith(vault.prefix)
    assert not sealed_by(AES).startswith(vault.prefix)
    with pytest.raises(CannotOpen, match="another key"):
        vault.open(sealed_by(OTHER), **PLACE)


@given(st.integers(0, 2**64))
def test_values_of_version_1_open_still(seed: int) -> None:
    """They have no version: 4 bytes of key id, which may begin with any byte, nonce, cipher text."""
    key = SealingKey("aes", seed.to_bytes(32, "big"))
    nonce = os.urandom(12)
    old = key.id + nonce + AESGCM(key.key).encrypt(nonce, b"13800001234", b"a/phone")
    assert Vault([SM4, key], b"i" * 32).open(old, **PLACE) == "13800001234"


def test_sm4_agrees_with_the_published_vector() -> None:
    """RFC 8998, A.1: SM4-GCM."""
    cipher = SealingKey("sm4", bytes.fromhex("0123456789abcdeffedcba9876543210")).cipher
    nonce, aad = bytes.fromhex("00001234567800000000abcd"), bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    plain = bytes.fromhex("".join(pair * 8 for pair in ("aa", "bb", "cc", "dd", "ee", "ff", "ee", "aa")))
    expected = bytes.fromhex(
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
        "83de3541e4c2b58177e065a9bf7b62ec"
    )
    assert cipher.encrypt(nonce, plain, aad) == expected
    assert cipher.decrypt(nonce, expected, aad) == plain
