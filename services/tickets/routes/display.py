"""The screen above the windows: `GET /open/tickets/displays/{centre}` is a page, `…/{centre}/board` the part of it that changes, with an ETag,
for which the page asks every few seconds. Both tell numbers and windows, of nobody anything.

On paper: `GET /files/tickets/queue/{id}/slip.html` is a number, `/files/tickets/intakes/{id}/notice.html` what an intake still wants.
"""

import base64
import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from services.chassis.clock import CHINA
from services.chassis.db import Connection, transaction
from services.chassis.errors import InvalidInput, NotFound, none_such
from services.chassis.principal import Caller
from services.chassis.service import FileRoute, Filing, Opening, OpenRoute
from services.tickets.commands.queue import Place, place_of
from services.tickets.routes.errand import TEMPLATES
from services.tickets.store import queue as store
from services.tickets.store import window as windows
from services.tickets.views import VIEWS

HERE = Path(__file__).resolve().parent
STYLE = (HERE.parent / "templates" / "display.css").read_text(encoding="utf-8")
SCRIPT = (HERE.parent / "templates" / "display.js").read_text(encoding="utf-8")
DISPLAY = Caller(subject="display")
"""Reaches no area: all that it can read is what hangs on the wall."""
LATEST = 6
NUMBER: list[Any] = [
    *([name, name] for name in ("number", "day", "groupCode", "priority", "takenAt")),
    ["estimate", "estimate", None, [["ahead", "ahead"], ["waitMinutes", "waitMinutes"]]],
    ["item", "item", None, [["name", "name"]]],
    [
        "centre",
        "centre",
        None,
        [
            ["name", "name"],
            ["calls", "calls"],
            ["behind", "behind"],
            ["groups", "groups", None, [["code", "code"], ["name", "name"]]],
        ],
    ],
]
INTAKE: list[Any] = [
    *([name, name] for name in ("title", "dueOn")),
    ["centre", "centre", None, [["name", "name"]]],
    ["missing", "missing", None, [[name, name] for name in ("name", "original", "copies", "items")]],
    [
        "items",
        "items",
        None,
        [
            *([name, name] for name in ("code", "name", "limitDays", "fee", "legalBasis")),
            ["departments", "departments", None, [["name", "name"]]],
        ],
    ],
]


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; script-src {_digest(SCRIPT)}; style-src {_digest(STYLE)}; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
}


async def show(opening: Opening) -> Response:
    """The page with the board as it stands. Raises NotFound for a centre that there is not."""
    async with transaction(opening.pool, DISPLAY) as connection:
        place = await _place(connection, opening)
        board = await _board(connection, place)
        classes = await windows.classes(connection)
    page = TEMPLATES.get_template("display.html.jinja").render(
        centre=place.centre.name,
        style=Markup(STYLE),  # noqa: S704  files of our own
        script=Markup(SCRIPT),  # noqa: S704
        board=Markup(board),  # noqa: S704  rendered by a template that escapes
        tag=_tag(board),
        calls=place.centre.calls,
        behind=place.centre.behind,
        classes="、".join(classes),
        opening=_opening(place),
    )
    return HTMLResponse(page, headers=HEADERS)


async def refresh(opening: Opening) -> Response:
    """The board, or 304 where the caller has it as it stands. Raises NotFound."""
    async with transaction(opening.pool, DISPLAY) as connection:
        board = await _board(connection, await _place(connection, opening))
    headers = {**HEADERS, "ETag": _tag(board)}
    if headers["ETag"] in opening.request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return HTMLResponse(board, headers=headers)


async def print_slip(filing: Filing) -> Response:
    """For whoever took the number, and for staff there. Raises NotFound."""
    number = await _read(filing, "queueNumber", NUMBER)
    async with transaction(filing.pool, filing.caller) as connection:
        priority = await windows.class_of(connection, number["priority"]) if number["priority"] else None
    page = TEMPLATES.get_template("slip.html.jinja").render(
        number=number,
        centre=number["centre"],
        group=next((group["name"] for group in number["centre"]["groups"] if group["code"] == number["groupCode"]), ""),
        item=number["item"] and number["item"]["name"],
        wait=number["estimate"],
        priority=priority,
        taken=_local(datetime.fromisoformat(number["takenAt"])),
    )
    return HTMLResponse(page, headers={"Cache-Control": "no-store"})


async def print_notice(filing: Filing) -> Response:
    """For whoever may read the intake. Raises NotFound."""
    intake = await _read(filing, "intake", INTAKE)
    page = TEMPLATES.get_template("notice.html.jinja").render(
        intake=intake,
        names={item["code"]: item["name"] for item in intake["items"]},
        printed=_local(filing.clock.now()),
    )
    return HTMLResponse(page, headers={"Cache-Control": "no-store"})


async def _place(connection: Connection, opening: Opening) -> Place:
    try:
        return await place_of(connection, opening.clock, opening.request.path_params["centre"])
    except InvalidInput:
        raise NotFound("centre: none such") from None


async def _board(connection: Connection, place: Place) -> str:
    code, day = place.centre.code, place.day
    staffed = await store.staffed(connection, code, day)
    calls = await store.latest(connection, code, day, LATEST)
    queues = []
    for group in place.centre.groups:
        expected = await store.estimate(connection, code, day, group.code, rank=1)
        queues.append({"code": group.code, "name": group.name, "waiting": expected.ahead, "minutes": expected.minutes})
    return TEMPLATES.get_template("board.html.jinja").render(
        calls=[
            {
                "number": call["number"],
                "window": call["window_code"],
                "key": f"{call['number']}/{call['called_at'].isoformat()}",
            }
            for call in calls
        ],
        empty="请等候叫号" if place.hours.periods else "今日不对外办理",
        queues=queues,
        windows=[
            {"code": window.code, "name": window.name, **_window_state(staffed.get(window.code))}
            for window in sorted(place.windows.values(), key=lambda each: (len(each.code), each.code))
            if not window.closed
        ],
    )


def _window_state(there: tuple[str | None, str | None] | None) -> dict[str, str]:
    number, status = there or (None, "AWAY")
    return {"state": status or "FREE", "number": number or ""}


def _opening(place: Place) -> str:
    hours = "、".join(f"{period.opens:%H:%M}–{period.closes:%H:%M}" for period in place.hours.periods)
    return f"今日办理时间：{hours}。" if hours else "今日不对外办理。"


def _tag(board: str) -> str:
    return f'"{hashlib.sha256(board.encode()).hexdigest()[:32]}"'


def _local(at: datetime) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}"


async def _read(filing: Filing, root: str, select: list[Any]) -> dict[str, Any]:
    try:
        key = str(UUID(filing.request.path_params["id"]))
    except ValueError:
        raise InvalidInput("id must be a UUID", field="id", rule="form") from None
    answer = await VIEWS.read(filing.pool, filing.caller, root, {"id": key}, msgspec.json.encode(select))
    found: dict[str, Any] | None = msgspec.json.decode(answer)
    if found is None:
        raise none_such(root)
    return found


OPEN = (
    OpenRoute("/displays/{centre}", ("GET",), show),
    OpenRoute("/displays/{centre}/board", ("GET",), refresh),
)
FILES = (
    FileRoute("/queue/{id}/slip.html", ("GET",), None, print_slip),
    FileRoute("/intakes/{id}/notice.html", ("GET",), None, print_notice),
)
