"""How ID numbers and phones are written: sealed, indexed, masked. The owner is a person's id, or a grid worker's subject."""

from services.archive.domain import id_number
from services.chassis import phone
from services.chassis.vault import Sealed, Vault

ID_NUMBER = "id_number"
PHONE = "phone"


def seal_id_number(vault: Vault, number: str, *, owner: str) -> Sealed:
    """`number` is compact."""
    return vault.seal(number, owner=owner, field=ID_NUMBER, masked=id_number.mask(number))


def seal_phone(vault: Vault, number: str, *, owner: str) -> Sealed:
    """`number` is in E.164 form."""
    return vault.seal(number, owner=owner, field=PHONE, masked=phone.mask(number))
