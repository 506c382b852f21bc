"""Verifies OIDC access tokens. Each process does so itself: nobody is believed because of where a request came from.

Accepted: signatures by the algorithms of ALGORITHMS with a key of the issuer's JWKS; `iss`, `aud`, `exp`, `sub` are required.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import structlog
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from services.chassis.clock import Clock
from services.chassis.config import TokenConfig
from services.chassis.errors import Unauthenticated, Unavailable
from services.chassis.principal import Principal

ALGORITHMS = ["ES256", "EdDSA", "Ed25519", "RS256"]
REFRESH_SECONDS = 300
MISS_SECONDS = 5
REMEMBER_SECONDS = 60
REMEMBER_MOST = 10_000

log = structlog.get_logger()

Fetch = Callable[[], Awaitable[dict[str, Any]]]


def fetch_over_http(url: str) -> Fetch:
    async def fetch() -> dict[str, Any]:
        timeout = aiohttp.ClientTimeout(total=5)
        async with aiohttp.ClientSession(timeout=timeout, raise_for_status=True) as session, session.get(url) as answer:
            document: dict[str, Any] = await answer.json(content_type=None)
            return document

    return fetch


class Verifier:
    """Turns a bearer token into a Principal, or raises Unauthenticated.

    Keys are fetched when first needed, every five minutes, and at once (but at most each five seconds) for an unknown key id; while the
    issuer is away the keys that are known go on being used. A token that was verified is remembered for at most a minute.
    """

    def __init__(self, config: TokenConfig, clock: Clock, fetch: Fetch | None = None) -> None:
        self._clock = clock
        self._fetch = fetch or fetch_over_http(config.jwks_url)
        self._claims = jwt.JWTClaimsRegistry(
            now=lambda: int(clock.now().timestamp()),
            leeway=0,
            iss={"essential": True, "value": config.issuer},
            aud={"essential": True, "value": config.audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        self._keys: KeySet | None = None
        self._fetched = float("-inf")
        self._lock = asyncio.Lock()
        self._remembered: dict[str, tuple[float, Principal]] = {}

    async def verify(self, token: str) -> Principal:
        now = self._clock.now().timestamp()
        if (known := self._remembered.get(token)) is not None and known[0] > now:
            return known[1]
        decoded = await self._decode(token)
        try:
            self._claims.validate(decoded.claims)
        except ExpiredTokenError:
            raise Unauthenticated("the access token has expired") from None
        except JoseError as error:
            raise Unauthenticated(f"the access token's claims are not acceptable ({error.error})") from None
        principal = principal_of(decoded.claims)
        if len(self._remembered) >= REMEMBER_MOST:
            self._remembered.clear()
        self._remembered[token] = (min(float(decoded.claims["exp"]), now + REMEMBER_SECONDS), principal)
        return principal

    async def ready(self) -> None:
        """Raises Unavailable while no signing key is known."""
        await self._keyset(REFRESH_SECONDS)

    async def _decode(self, token: str) -> jwt.Token:
        try:
            try:
                return jwt.decode(token, await self._keyset(REFRESH_SECONDS), algorithms=ALGORITHMS)
            except InvalidKeyIdError:
                return jwt.decode(token, await self._keyset(MISS_SECONDS), algorithms=ALGORITHMS)
        except (JoseError, ValueError, TypeError):
            raise Unauthenticated("the access token is malformed or not signed by the issuer") from None

    async def _keyset(self, older_than: float) -> KeySet:
        async with self._lock:
            if time.monotonic() - self._fetched > older_than:
                self._fetched = time.monotonic()
                try:
                    self._keys = KeySet.import_key_set(await self._fetch())  # type: ignore[arg-type]
                except (aiohttp.ClientError, TimeoutError, OSError, ValueError, LookupError, JoseError) as error:
                    log.warning("jwks.unreachable", error=type(error).__name__)
            if self._keys is None:
                self._fetched = float("-inf")
                raise Unavailable("the issuer's signing keys could not be fetched")
            return self._keys


def principal_of(claims: dict[str, Any]) -> Principal:
    """Reads the claims `sub`, `name`, `roles`, `areas`, `department`, `household`; of the wrong shape they grant nothing."""
    return Principal(
        subject=str(claims["sub"]),
        name=_text(claims.get("name")),
        roles=frozenset(_texts(claims.get("roles"))),
        areas=tuple(area for area in _texts(claims.get("areas")) if area.isdecimal()),
        department=_text(claims.get("department")),
        household=_text(claims.get("household")),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str) and item] if isinstance(value, list) else []
