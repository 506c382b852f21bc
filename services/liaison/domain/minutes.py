"""The minutes (会议纪要): their canonical form, its digest, and whose signatures they need. Pure."""

import hashlib
import json
from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any

from services.chassis.text import Text

TEXT = Text(4000, lines=True)


class Signer(StrEnum):
    RECORDER = "RECORDER"
    HOST = "HOST"
    REPRESENTATIVE = "REPRESENTATIVE"


SIGNERS: Mapping[Signer, str] = {
    Signer.RECORDER: "记录人",
    Signer.HOST: "主持人",
    Signer.REPRESENTATIVE: "村民代表",
}
NEEDED: Mapping[Signer, int] = {Signer.RECORDER: 1, Signer.HOST: 1, Signer.REPRESENTATIVE: 1}
"""How many of each must have signed at least, each another person, before the minutes can be published."""


def canonical(record: Mapping[str, Any]) -> str:
    """JSON with keys in order and no blanks, as RFC 8785 has it: the record holds texts, whole numbers, truth values and nulls under ASCII keys."""
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(text: str) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def missing(signed: Collection[Signer]) -> list[Signer]:
    """Whose signature is still needed, in order."""
    return [role for role, number in NEEDED.items() if sum(each is role for each in signed) < number]
