"""Where a matter stands, for whoever has its number and its secret code: a page for any browser, or JSON where that is asked for.

`GET /open/tickets/status` is a form, which sends the two by POST so that the code stands in no address; `GET /open/tickets/status/{number}?code=…`
answers at once. Both tell nobody's name.
"""

import base64
import hashlib
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

import msgspec
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from services.chassis.clock import CHINA
from services.chassis.db import transaction
from services.chassis.errors import InvalidInput, Problem
from services.chassis.http import JsonBytes
from services.chassis.principal import itself
from services.chassis.service import Opening, OpenRoute
from services.chassis.vault import Vault
from services.tickets.commands.status_code import standing
from services.tickets.domain.ticket import Status
from services.tickets.routes.errand import TEMPLATES
from services.tickets.store.status_code import Standing

STYLE = (
    "body{margin:0 auto;padding:12px;max-width:34em;font:18px/1.6 sans-serif;color:#111;background:#fff}h1{font-size:1.3em}"
    "input{width:100%;box-sizing:border-box;padding:8px;font-size:1em}button{padding:8px 32px;font-size:1em}"
    "dt{color:#555;margin-top:8px}dd{margin:0}.note{white-space:pre-wrap}.problem{border:2px solid #b00;padding:8px;color:#b00}"
)
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
}
WORDS = {
    404: "编号或查询码不正确，请核对后重试。",
    429: "查询码输错次数过多，请稍后再试。",
    422: "请填写事项编号和查询码。",
}
MOST_BODY = 2000


def status_routes(vault: Vault) -> tuple[OpenRoute, ...]:
    """The form and the answers."""

    async def ask(opening: Opening) -> Response:
        if opening.request.method == "GET":
            return _page(opening)
        given = await _form(opening)
        return await answer(opening, given.get("number", ""), given.get("code", ""))

    async def ask_at_once(opening: Opening) -> Response:
        return await answer(
            opening, opening.request.path_params["number"], opening.request.query_params.get("code", "")
        )

    async def answer(opening: Opening, number: str, code: str) -> Response:
        if not number.strip() or not code.strip():
            return _refuse(opening, InvalidInput("number and code are needed", field="code", rule="required"), number)
        async with transaction(opening.pool, itself("tickets")) as connection:
            found = await standing(connection, opening.clock, vault, number, code)
        if isinstance(found, Problem):
            return _refuse(opening, found, number)
        if _wants_json(opening):
            return JsonBytes(msgspec.json.encode(_document(found)), headers={"Cache-Control": "no-store"})
        told = {
            "number": found.number,
            "status": Status(found.status).words,
            "owner": found.owner,
            "due": found.due_at and _local(found.due_at),
            "updated": _local(found.updated_at),
            "note": found.note,
        }
        return _page(opening, found=told)

    return (OpenRoute("/status", ("GET", "POST"), ask), OpenRoute("/status/{number}", ("GET",), ask_at_once))


async def _form(opening: Opening) -> dict[str, str]:
    body = await opening.request.body()
    if len(body) > MOST_BODY:
        raise InvalidInput("the form is too long", rule="size")
    fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=10)
    return {name: values[0] for name, values in fields.items()}


def _wants_json(opening: Opening) -> bool:
    accepted = opening.request.headers.get("accept", "")
    return "application/json" in accepted and "text/html" not in accepted


def _document(found: Standing) -> dict[str, Any]:
    return {
        "number": found.number,
        "status": found.status,
        "statusName": Status(found.status).words,
        "owner": found.owner,
        "dueAt": found.due_at,
        "updatedAt": found.updated_at,
        "note": found.note,
    }


def _refuse(opening: Opening, problem: Problem, number: str) -> Response:
    if _wants_json(opening):
        raise problem
    headers = {"Retry-After": str(problem.extra["retryAfter"])} if "retryAfter" in problem.extra else {}
    return _page(opening, problem=WORDS[problem.status], number=number[:40], status=problem.status, headers=headers)


def _page(
    opening: Opening,
    *,
    found: dict[str, Any] | None = None,
    problem: str | None = None,
    number: str = "",
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    """The form's address is relative: the page lies at another path behind the gateway."""
    form = "status" if opening.request.url.path.endswith("/status") else "../status"
    page = TEMPLATES.get_template("status.html.jinja").render(
        style=Markup(STYLE),  # noqa: S704  our own
        found=found,
        problem=problem,
        number=number,
        form=form,
    )
    return HTMLResponse(page, status, headers={**HEADERS, **(headers or {})})


def _local(at: datetime) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}"
