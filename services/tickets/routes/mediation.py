"""The agreement on paper (人民调解协议书): `GET /files/mediations/{id}/agreements/{version}.html`, for A4."""

from datetime import date
from functools import partial
from pathlib import Path
from uuid import UUID

import msgspec
from starlette.responses import Response

from services.chassis.clock import CHINA
from services.chassis.db import transaction
from services.chassis.disclosure import Purpose
from services.chassis.errors import none_such
from services.chassis.press import templates
from services.chassis.service import FileRoute, Filing
from services.chassis.vault import Vault
from services.chassis.views import leaves
from services.tickets.domain.mediation import SIDES, Side
from services.tickets.store import disclosure
from services.tickets.store import mediation as store
from services.tickets.views import VIEWS

TEMPLATES = templates(Path(__file__).resolve().parents[1] / "templates")


_SELECT = msgspec.json.encode(
    [
        *leaves("areaCode", "stateName"),
        ["ticket", "ticket", None, leaves("number")],
        ["mediators", "mediators", None, leaves("name", "committee", "until")],
        ["parties", "parties", None, leaves("key", "side", "householdKey")],
        [
            *("agreements", "agreements", {"first": 500}),
            [
                *leaves("version", "facts", "terms", "oral", "copies", "signedOn", "inForce", "confirmBy", "effect"),
                [
                    *("obligations", "obligations", {"first": 500}),
                    [*leaves("number", "side", "what", "dueOn"), ["party", "party", None, leaves("key")]],
                ],
            ],
        ],
    ]
)


async def agreement(vault: Vault, filing: Filing) -> Response:
    """What the read model shows its caller, with the names of the parties whom the caller sees: that is written down.

    Raises NotFound as a read does.
    """
    try:
        ticket, version = UUID(filing.request.path_params["id"]), int(filing.request.path_params["version"])
    except ValueError:
        raise none_such("agreement") from None
    async with transaction(filing.pool, filing.caller) as connection:
        case = msgspec.json.decode(
            await VIEWS.read(connection, filing.caller, "mediation", {"id": str(ticket)}, _SELECT)
        )
        found = next((each for each in (case or {}).get("agreements", []) if each["version"] == version), None)
        if found is None:
            raise none_such("agreement")
        names = {str(key): name for key, name in (await store.names(connection, vault, ticket)).items()}
        if names:
            await disclosure.record(
                connection,
                by=filing.principal.subject,
                roles=filing.principal.roles,
                at=filing.clock.now(),
                purpose=Purpose.MEDIATION,
                ticket=ticket,
                call=None,
                area=case["areaCode"],
                fields=["name"],
                note=None,
            )
    mediators = [each for each in case["mediators"] if each["until"] is None]
    html = TEMPLATES.get_template("mediation_agreement.html.jinja").render(
        number=f"{case['ticket']['number'] if case['ticket'] else ticket.hex[:8]}-{version:02d}",
        agreement=found,
        parties=[{"side": SIDES[Side(each["side"])], "name": names.get(each["key"], "")} for each in case["parties"]],
        obligations=[
            {**each, "who": names.get((each["party"] or {}).get("key", ""), ""), "side": SIDES[Side(each["side"])]}
            for each in found["obligations"]
        ],
        mediators=mediators,
        committee=mediators[0]["committee"] if mediators else "",
        signed_on=None if found["signedOn"] is None else _day(found["signedOn"]),
        confirm_by=None if found["signedOn"] is None else _day(found["confirmBy"]),
        printed={"at": f"{filing.clock.now().astimezone(CHINA):%Y-%m-%d %H:%M}", "by": filing.principal.name or ""},
    )
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(html, media_type="text/html; charset=utf-8", headers=headers)


def _day(text: str) -> str:
    """2026年1月5日"""
    day = date.fromisoformat(text)
    return f"{day.year}年{day.month}月{day.day}日"


def agreement_file(vault: Vault) -> FileRoute:
    return FileRoute("/mediations/{id}/agreements/{version}.html", ("GET",), None, partial(agreement, vault))
