"""An issuer inside the test run: real ES256 tokens, and the key set that verifies them."""

import time
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from deploy.local.tokens import accounts
from services.chassis.config import TokenConfig

CONFIG = TokenConfig(
    issuer="https://issuer.test.invalid", jwks_url="https://issuer.test.invalid/jwks", audience="sanmin"
)


class Issuer:
    def __init__(self) -> None:
        self.key = ECKey.generate_key("P-256", {"kid": "test"}, private=True)
        self.config = CONFIG

    async def fetch(self) -> dict[str, Any]:
        """The public key set, in place of a fetch over HTTP."""
        return dict(KeySet([self.key]).as_dict(private=False))

    def token(
        self, subject: str = "somebody", *, expires_in: int = 600, key: ECKey | None = None, **claims: Any
    ) -> str:
        now = int(time.time())
        payload = {"iss": CONFIG.issuer, "aud": CONFIG.audience, "sub": subject, "iat": now, "exp": now + expires_in}
        return jwt.encode({"alg": "ES256", "kid": "test"}, payload | claims, key or self.key)

    def account(self, name: str) -> str:
        """A token of one of the example accounts."""
        claims = {claim: value for claim, value in vars(accounts()[name]).items() if value is not None}
        return self.token(f"example-{name}", **claims)
