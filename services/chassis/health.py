"""/livez says that the process turns; /readyz says, check by check, whether it can serve."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

CHECK_SECONDS = 3

Check = Callable[[], Awaitable[None]]

log = structlog.get_logger()


def health_routes(checks: Mapping[str, Check]) -> list[Route]:
    """A check returns when all is well and raises when it is not. The answer names the check, never the reason's details."""

    async def livez(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_: Request) -> Response:
        names = list(checks)
        outcomes = await asyncio.gather(*(_run(checks[name]) for name in names))
        ready = all(outcomes)
        return JSONResponse(
            {
                "status": "ready" if ready else "not ready",
                "checks": {name: "ok" if good else "failed" for name, good in zip(names, outcomes, strict=True)},
            },
            status_code=200 if ready else 503,
        )

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return [Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", metrics)]


async def _run(check: Check) -> bool:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check()
    except Exception as error:
        log.warning("readiness.failed", error=type(error).__name__)
        return False
    return True
