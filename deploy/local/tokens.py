"""The development issuer's key, the example accounts, and access tokens signed with the one for the others.

The key is made at first use and kept with the stack's secrets, so that tokens can be made while nothing runs and stay valid
over a restart.
"""

from __future__ import annotations

import json
import time
import tomllib
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import ECKey

from deploy.local.layout import StackError, write_private
from deploy.local.stack import AUDIENCE, Stack

ACCOUNTS = Path(__file__).with_name("accounts.toml")
ALGORITHM = "ES256"
LIFE_SECONDS = 12 * 3600


@dataclass(frozen=True)
class Account:
    """An example account; the fields are the token's claims."""

    name: str
    roles: list[str]
    areas: list[str] = field(default_factory=list)
    department: str | None = None
    household: str | None = None


def accounts() -> dict[str, Account]:
    """All example accounts by the name that `make token as=…` takes."""
    return {key: Account(**values) for key, values in tomllib.loads(ACCOUNTS.read_text(encoding="utf-8")).items()}


def signing_key(path: Path) -> ECKey:
    """The private key, kept as a JWK in the file; it is made if there is none."""
    if not path.exists():
        key = ECKey.generate_key("P-256", {"kid": uuid.uuid4().hex, "use": "sig", "alg": ALGORITHM}, private=True)
        write_private(path, json.dumps(key.as_dict(private=True)) + "\n")
    return ECKey.import_key(json.loads(path.read_text()))


def token(stack: Stack, account: str, *, seconds: int = LIFE_SECONDS, **claims: object) -> str:
    """An access token for an example account, valid for `seconds` from now; `claims` take the place of its own.

    Raises StackError for an unknown account.
    """
    known = accounts()
    if account not in known:
        raise StackError(f"Name one of the example accounts, as in `make token as=cadre`: {', '.join(known)}.")
    who = known[account]
    now = int(time.time())
    values: dict[str, object] = {
        "iss": stack.base_url("issuer"),
        "aud": AUDIENCE,
        "sub": f"example-{account}",
        "iat": now,
        "exp": now + seconds,
        "name": who.name,
        "roles": who.roles,
        "areas": who.areas,
        "department": who.department,
        "household": who.household,
        **claims,
    }
    key = signing_key(Path(stack.environment("issuer")["SANMIN_SIGNING_KEY_FILE"]))
    header = {"alg": ALGORITHM, "kid": key.kid, "typ": "at+jwt"}
    return jwt.encode(header, {name: value for name, value in values.items() if value is not None}, key)
