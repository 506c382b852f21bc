"""Sex by GB/T 2261.1, and the names under which it is asked and answered."""

UNKNOWN, MALE, FEMALE, UNSPECIFIED = "0", "1", "2", "9"

NAMES = {UNKNOWN: "UNKNOWN", MALE: "MALE", FEMALE: "FEMALE", UNSPECIFIED: "UNSPECIFIED"}
CODES = {name: code for code, name in NAMES.items()}


def agree(one: str, other: str) -> bool:
    """Whether two statements can both be true: what is not known contradicts nothing."""
    return one == other or not {one, other} <= {MALE, FEMALE}
