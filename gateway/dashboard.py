"""The operators' page of figures. It holds no data: its script asks GraphQL, without a token where a single sign-on stands in front, else with
the one that the operator pastes or that comes in the address after `#access_token=`; it is kept for the browser's tab only.
"""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

PAGES = Path(__file__).parent / "pages"
FILES = {
    "/dashboard": "dashboard.html",
    "/dashboard/dashboard.css": "dashboard.css",
    "/dashboard/dashboard.js": "dashboard.js",
}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


async def _page(request: Request) -> Response:
    return FileResponse(PAGES / FILES[request.url.path], headers=HEADERS)


def dashboard_routes() -> list[BaseRoute]:
    """The page, its style and its script: nothing from elsewhere, nothing inline."""
    return [Route(path, _page) for path in FILES]
