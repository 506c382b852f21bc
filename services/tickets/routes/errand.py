"""Reads of errands, and the receipt: `GET /files/errands/{id}/receipt.html`, for A4, or for A5 with `size=A5`."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from starlette.responses import Response

from services.chassis.clock import CHINA, today
from services.chassis.errors import InvalidInput, UnknownCode, none_such
from services.chassis.press import templates
from services.chassis.service import Asking, FileRoute, Filing
from services.chassis.views import leaves
from services.tickets.domain.access import reach
from services.tickets.domain.errand import State
from services.tickets.store import area as areas
from services.tickets.views import VIEWS

SIZES = ("A4", "A5")
BY = {"AREA": "by_area", "AGENT": "by_agent", "ITEM": "by_item"}
LONGEST_SPAN_DAYS = 1100
TEMPLATES = templates(Path(__file__).resolve().parents[1] / "templates")


_MOST = {"first": 500}
_SELECT = msgspec.json.encode(
    [
        *leaves("number", "item", "itemName", "stateName"),
        ["agent", "agent", None, leaves("name")],
        ["submittedTo", "submittedTo", None, leaves("name")],
        ["mandate", "mandate", None, leaves("validFrom", "validTo", "form", "revokedAt")],
        [
            *("documents", "documents", _MOST),
            [
                *leaves("kindName", "description", "last4", "holderName", "out", "dueOn"),
                [
                    *("chain", "chain", _MOST),
                    leaves("deed", "fromName", "holderName", "at", "place", "attachmentId"),
                ],
            ],
        ],
        ["delivery", "delivery", None, leaves("at", "relationName", "proof", "place")],
    ]
)


async def receipt(filing: Filing) -> Response:
    """What the read model shows its caller. Raises NotFound as a read does, and InvalidInput for another size."""
    size = filing.request.query_params.get("size", "A4")
    if size not in SIZES:
        raise InvalidInput(f"size must be one of {', '.join(SIZES)}", field="size", rule="receipt.size")
    key = filing.request.path_params["id"]
    try:
        UUID(key)
    except ValueError:
        raise none_such("errand") from None
    answer = await VIEWS.read(filing.pool, filing.caller, "errand", {"id": key}, _SELECT)
    if answer == b"null":
        raise none_such("errand")
    errand = msgspec.json.decode(answer)
    handed = _handed(errand)
    html = TEMPLATES.get_template("errand_receipt.html.jinja").render(
        errand=errand,
        handed=handed,
        day=str(today(filing.clock)),
        delivered_at=errand["delivery"] and _in_china(errand["delivery"]["at"]),
        size=size,
        printed={"at": f"{filing.clock.now().astimezone(CHINA):%Y-%m-%d %H:%M}", "by": filing.principal.name or ""},
    )
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(html, media_type="text/html; charset=utf-8", headers=headers)


def _handed(errand: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every hand-over, oldest first, as the receipt lists it; papers that changed hands together are one line."""
    lines: dict[tuple[str, ...], list[str]] = {}
    entries = [
        (entry["at"], document["kindName"], entry)
        for document in errand["documents"]
        for entry in document["chain"]
        if entry["deed"] == "ACCEPTED"
    ]
    for at, kind, entry in sorted(entries, key=lambda one: str(one[0])):
        how = "，".join(filter(None, (entry["place"], "签字" if entry["attachmentId"] else "手机确认")))
        lines.setdefault((_in_china(at), entry["fromName"], entry["holderName"], how), []).append(kind)
    return [
        {"number": n, "at": at, "kinds": "、".join(kinds), "giver": giver, "taker": taker, "how": how}
        for n, ((at, giver, taker, how), kinds) in enumerate(lines.items(), 1)
    ]


def _in_china(at: str) -> str:
    return f"{datetime.fromisoformat(at).astimezone(CHINA):%Y-%m-%d %H:%M}"


RECEIPT = FileRoute("/errands/{id}/receipt.html", ("GET",), None, receipt)


# --- Reads -------------------------------------------------------------------------------------------------------------


async def prepare_errands(asking: Asking) -> dict[str, Any]:
    """Adds the condition that the caller's reach implies anyway, so that an index fits it."""
    given = await _given(asking, "area", "state", "agent", "household", "first", "after")
    if "state" in given and given["state"] not in State.__members__:
        raise InvalidInput("state names no state of an errand", field="state", rule="known.state")
    caller = reach(asking.principal)
    if not caller.areas:
        return given | {"own": True}
    one = len(caller.areas) == 1 and caller.household is None and "area" not in given
    return given | ({"within": caller.areas[0]} if one else {})


async def prepare_documents_out(asking: Asking) -> dict[str, Any]:
    return await _given(asking, "area", "agent", "overdue", "first", "after")


async def prepare_measures(asking: Asking) -> dict[str, Any]:
    """`by` AREA, AGENT or ITEM; since and until are days in China, both included."""
    given = await _given(asking, "area", "since", "until", "by")
    by = BY.get(given.pop("by", "AREA"))
    if by is None:
        raise InvalidInput(f"by must be one of {', '.join(BY)}", field="by", rule="measure.by")
    try:
        days = (date.fromisoformat(given["until"]) - date.fromisoformat(given["since"])).days
    except (KeyError, TypeError, ValueError):
        raise InvalidInput("since and until must be days", field="since", rule="form") from None
    if not 0 <= days <= LONGEST_SPAN_DAYS:
        raise InvalidInput(f"until: at most {LONGEST_SPAN_DAYS} days after since", field="until", rule="measure.span")
    return {**given, by: True}


async def prepare_agents(asking: Asking) -> dict[str, Any]:
    return await _given(asking, "area")


async def _given(asking: Asking, *names: str) -> dict[str, Any]:
    """The arguments that are given; raises InvalidInput for another name, and UnknownCode for an area that is not known."""
    given = {name: value for name, value in asking.args.items() if value is not None}
    for name in given.keys() - set(names):
        raise InvalidInput(f"{name} is no argument here", field=name, rule="known.argument")
    area = given.get("area")
    if area is not None and (not isinstance(area, str) or await areas.find(asking.pool, area) is None):
        raise UnknownCode("area", field="area")
    return given


PREPARE = {
    "errands": prepare_errands,
    "documentsOut": prepare_documents_out,
    "errandMeasures": prepare_measures,
    "errandAgents": prepare_agents,
}
