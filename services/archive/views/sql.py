"""Pieces of SQL that several views share."""

import json
from collections.abc import Mapping


def named(names: Mapping[str, str], code: str) -> str:
    """SQL that turns a code into its name."""
    literal = json.dumps(names, ensure_ascii=False).replace("'", "''").replace("{", "{{").replace("}", "}}")
    return f"'{literal}'::jsonb ->> {code}"


def hidden(value: str) -> str:
    """SQL that says only whether something is on record: `*`, or null."""
    return f"CASE WHEN {value} IS NOT NULL THEN '*' END"


def literal(text: str) -> str:
    """SQL that yields the text."""
    return "'" + text.replace("'", "''") + "'"
