"""The development issuer: publishes the key that `make token` signs with. It gives no tokens and must never leave a laptop.

Settings: SANMIN_ISSUER (its own address), SANMIN_HOST, SANMIN_PORT, SANMIN_SIGNING_KEY_FILE (a private key as a JWK, made
if there is none).
"""

from __future__ import annotations

import os
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.local.tokens import ALGORITHM, signing_key


def build_app(issuer: str, public_key: dict[str, object]) -> Starlette:
    """OpenID Connect discovery and the key set, as a resource server reads them."""

    async def discovery(_: Request) -> Response:
        return JSONResponse(
            {
                "issuer": issuer,
                "jwks_uri": f"{issuer}/jwks",
                "id_token_signing_alg_values_supported": [ALGORITHM],
                "response_types_supported": ["none"],
                "subject_types_supported": ["public"],
            }
        )

    async def jwks(_: Request) -> Response:
        return JSONResponse({"keys": [public_key]}, headers={"Cache-Control": "max-age=60"})

    async def ready(_: Request) -> Response:
        return JSONResponse({"status": "ready"})

    return Starlette(
        routes=[
            Route("/.well-known/openid-configuration", discovery),
            Route("/jwks", jwks),
            Route("/livez", ready),
            Route("/readyz", ready),
        ]
    )


def main() -> None:
    settings = {name: os.environ[f"SANMIN_{name}"] for name in ("ISSUER", "HOST", "PORT", "SIGNING_KEY_FILE")}
    key = signing_key(Path(settings["SIGNING_KEY_FILE"]))
    app = build_app(settings["ISSUER"], dict(key.as_dict(private=False)))
    uvicorn.run(app, host=settings["HOST"], port=int(settings["PORT"]), log_level="warning")


if __name__ == "__main__":
    main()
