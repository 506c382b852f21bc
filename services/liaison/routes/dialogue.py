"""What is checked of reads about dialogues; and the minutes on paper (会议纪要): `GET /files/dialogues/{id}/minutes.html`, for A4."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from starlette.responses import Response

from services.chassis.clock import CHINA
from services.chassis.db import transaction
from services.chassis.errors import NotFound
from services.chassis.press import templates
from services.chassis.service import Asking, FileRoute, Filing, Preparation
from services.chassis.views import leaves
from services.liaison.domain.ballot import PROPOSERS, STATES, State
from services.liaison.domain.dialogue import AGENDA_KINDS, ATTENDEE_KINDS
from services.liaison.routes.arguments import argument, in_area
from services.liaison.views import VIEWS

ABSENT = "minutes: none such, or not published"
TEMPLATES = templates(Path(__file__).resolve().parents[1] / "templates")
NUMERALS = "一二三四五六七八九十"


_SELECT = msgspec.json.encode(
    [
        [
            *("minutes", "minutes", None),
            [
                *leaves("version", "record", "digest", "published", "draftedAt"),
                ["signatures", "signatures", None, leaves("roleName", "name", "signedAt")],
            ],
        ],
        *leaves("publishedAt"),
    ]
)


async def minutes(filing: Filing) -> Response:
    """The published version; before that the newest for those who may read drafts. Raises NotFound for all others."""
    try:
        key = UUID(filing.request.path_params["id"])
    except ValueError:
        raise NotFound(ABSENT) from None
    async with transaction(filing.pool, filing.caller) as connection:
        answer = await VIEWS.read(connection, filing.caller, "dialogue", {"id": str(key)}, _SELECT)
    found = msgspec.json.decode(answer)
    if found is None or found["minutes"] is None:
        raise NotFound(ABSENT)
    draft = found["minutes"]
    record = msgspec.json.decode(draft["record"])
    sections = iter(NUMERALS)
    html = TEMPLATES.get_template("minutes.html.jinja").render(
        record=record,
        minutes=draft,
        day=_day(date.fromisoformat(record["session"]["date"])),
        section=lambda: next(sections),
        agenda_kinds=AGENDA_KINDS,
        attendee_kinds=ATTENDEE_KINDS,
        proposers=PROPOSERS,
        states=STATES,
        signatures=[{**each, "day": _instant(each["signedAt"])} for each in draft["signatures"]],
        published=None if found["publishedAt"] is None else _instant(found["publishedAt"]),
        printed=f"{filing.clock.now().astimezone(CHINA):%Y-%m-%d %H:%M}",
    )
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(html, media_type="text/html; charset=utf-8", headers=headers)


def _day(day: date) -> str:
    """2026年1月5日"""
    return f"{day.year}年{day.month}月{day.day}日"


def _instant(text: str) -> str:
    """2026年1月5日 08:30, in China."""
    at = datetime.fromisoformat(text).astimezone(CHINA)
    return f"{_day(at.date())} {at:%H:%M}"


async def prepare_dialogue(asking: Asking) -> dict[str, Any]:
    """By its session."""
    return {"session": argument(asking, "sessionId", str)}


async def prepare_proposals(asking: Asking) -> dict[str, Any]:
    given = await in_area(asking)
    if "state" in given:
        argument(asking, "state", State)
    return given


PREPARE: Mapping[str, Preparation] = {
    "dialogueOf": prepare_dialogue,
    "proposals": prepare_proposals,
    "votingBodies": in_area,
}
MINUTES = FileRoute("/dialogues/{id}/minutes.html", ("GET",), None, minutes)
