"""What is checked of reads about dialogues; and the minutes on paper (会议纪要): `GET /files/dialogues/{id}/minutes.html`, for A4."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import Response

from services.chassis.clock import CHINA
from services.chassis.db import transaction
from services.chassis.errors import InvalidInput, NotFound, UnknownCode
from services.chassis.service import Asking, FileRoute, Filing, Preparation
from services.liaison.domain.ballot import PROPOSERS, STATES, State
from services.liaison.domain.dialogue import AGENDA_KINDS, ATTENDEE_KINDS
from services.liaison.routes.arguments import argument
from services.liaison.store import area as areas
from services.liaison.views import VIEWS

ABSENT = "minutes: none such, or not published"
TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).resolve().parents[1] / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
NUMERALS = "一二三四五六七八九十"


def _leaves(*names: str) -> list[list[str]]:
    return [[name, name] for name in names]


_SELECT = msgspec.json.encode(
    [
        [
            *("minutes", "minutes", None),
            [
                *_leaves("version", "record", "digest", "published", "draftedAt"),
                ["signatures", "signatures", None, _leaves("roleName", "name", "signedAt")],
            ],
        ],
        *_leaves("publishedAt"),
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
    """Checks area and state."""
    given = await _placed(asking)
    state = given.get("state")
    if state is not None and state not in State.__members__:
        raise InvalidInput(f"state must be one of {', '.join(State)}", field="state", rule="known.state")
    return given


async def prepare_bodies(asking: Asking) -> dict[str, Any]:
    return await _placed(asking)


async def _placed(asking: Asking) -> dict[str, Any]:
    """With the area that `areaCode` names."""
    given = {name: value for name, value in asking.args.items() if value is not None}
    area = given.pop("areaCode", None)
    if area is None:
        return given
    if not isinstance(area, str) or not await areas.known(asking.pool, area):
        raise UnknownCode("area", field="areaCode")
    return {**given, "area": area}


PREPARE: Mapping[str, Preparation] = {
    "dialogueOf": prepare_dialogue,
    "proposals": prepare_proposals,
    "votingBodies": prepare_bodies,
}
MINUTES = FileRoute("/dialogues/{id}/minutes.html", ("GET",), None, minutes)
