"""Sheets in print: `GET /files/households/{id}/sheet.html|pdf` and `/files/villages/{code}/sheet.html|pdf`, both with asOf and knownAt.

They show what the read model shows its caller, masked as it is there.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any
from urllib.parse import quote
from uuid import UUID

import msgspec
from starlette.responses import Response

from services.archive.domain.access import ROLE_NAMES
from services.archive.domain.register import BENEFITS
from services.archive.domain.village import FACTS, market_in_words
from services.archive.routes.area import KnownAreas
from services.archive.routes.household import prepare_household
from services.archive.routes.press import page, words
from services.archive.routes.village import prepare_village, reaches_all
from services.archive.store import audit
from services.archive.views import VIEWS
from services.chassis.clock import CHINA, today
from services.chassis.db import Connection, transaction
from services.chassis.errors import InvalidInput, NotFound, none_such
from services.chassis.press import Press
from services.chassis.service import Asking, FileRoute, Filing
from services.chassis.views import leaves

FORMS = ("html", "pdf")
MOST = {"first": 500}
WHOLE = "全户"
INCOMES = {
    "FARMING": "种植养殖",
    "FORESTRY": "林业",
    "WAGES": "务工工资",
    "BUSINESS": "经营",
    "TRANSFERS": "转移性收入",
    "PROPERTY": "财产性收入",
    "OTHER": "其他",
}
SEXES = {"MALE": "男", "FEMALE": "女"}
SIDES = ("east", "south", "west", "north")
LATEST_BOOKINGS = 50


_ITEM = ("memberId", "since", "until")
HOUSEHOLD: list[Any] = [
    *leaves("number", "address", "house", "closedOn", "closedReason"),
    ["area", "area", None, leaves("code", "name")],
    ["grid", "grid", None, [*leaves("name"), ["gridWorkers", "gridWorkers", None, leaves("name", "phone")]]],
    [
        *("members", "members", MOST),
        leaves(
            *(
                "id",
                "name",
                "relationName",
                "isHead",
                "sex",
                "birthDate",
                "birthYear",
                "idNumber",
                "ethnicityName",
                "maritalName",
            ),
            *("educationName", "politicsName", "phone"),
        ),
    ],
    ["incomes", "incomes", MOST, leaves("year", "source", "amount", *_ITEM)],
    ["benefits", "benefits", MOST, leaves("benefit", "certificate", "note", *_ITEM)],
    ["skills", "skills", MOST, leaves("skill", "level", *_ITEM)],
    ["needs", "statedNeeds", MOST, leaves("need", *_ITEM)],
    ["migrations", "migrations", MOST, leaves("place", "employer", "work", "emergencyContact", *_ITEM)],
    ["plots", "plots", MOST, leaves("code", "name", "categoryName", "contractMu", "measuredMu", "disputed", *SIDES)],
    ["visitNotes", "visitNotes", {"first": 100}, leaves("visitedOn", "promise", "text")],
]
VILLAGE: list[Any] = [
    *leaves("code", "marketRule", "marketDays", *(name for name in FACTS if name != "market")),
    ["area", "area", None, [*leaves("name"), ["parent", "parent", None, leaves("name")]]],
    ["terms", "terms", MOST, leaves("name", "officeName", "since", "until")],
    ["figures", "figures", MOST, leaves("year", "title", "unit", "value", "source", "confirmedName", "confirmedOn")],
    ["ledgerYears", "ledgerYears", None, leaves("year", "income", "expense", "assets")],
    ["ledger", "ledger", {"first": LATEST_BOOKINGS}, leaves("bookedOn", "kindName", "title", "amount", "document")],
    ["agreements", "agreements", MOST, leaves("title", "parties", "agreedOn")],
]
MEASURES = leaves("title", "unit", "year", "declared", "computed", "gap")
_PREPARED = {id(select): msgspec.json.encode(select) for select in (HOUSEHOLD, VILLAGE, MEASURES)}


def sheet_files(known: KnownAreas) -> tuple[FileRoute, ...]:
    """For everybody: who may read a sheet may print it."""
    press = Press()
    return (
        FileRoute("/households/{id}/sheet.{form}", ("GET",), None, partial(print_household, press)),
        FileRoute("/villages/{code}/sheet.{form}", ("GET",), None, partial(print_village, press, known)),
    )


async def print_household(press: Press, filing: Filing) -> Response:
    """Raises NotFound and Forbidden as a read does. Recorded as a print."""
    asking = _asking(filing, "id")
    args = await prepare_household(asking)
    async with transaction(filing.pool, filing.caller) as connection:
        sheet = await _read(connection, filing, "household", args, HOUSEHOLD)
        await _record(connection, filing, household=UUID(args["id"]))
    number = f"{sheet['area']['code']}-{sheet['number']}"
    return await _answer(press, filing, "household", household_form(sheet), number=number, args=args)


async def print_village(press: Press, known: KnownAreas, filing: Filing) -> Response:
    """With the sums of its household sheets for who reaches all of them. Recorded as a print."""
    asking = _asking(filing, "code")
    args = await prepare_village(known, asking)
    whole = reaches_all(filing.principal, args["id"])
    async with transaction(filing.pool, filing.caller) as connection:
        sheet = await _read(connection, filing, "villageSheet", args, VILLAGE)
        at = {"as_of": "infinity", **args}
        measures = await _read(connection, filing, "villageReconciliation", at, MEASURES) if whole else None
        await _record(connection, filing, area=args["id"])
    form = village_form(sheet, measures, args.get("as_of", str(today(filing.clock))))
    return await _answer(press, filing, "village", form, number=sheet["code"], args=args)


def _asking(filing: Filing, name: str) -> Asking:
    if filing.request.path_params["form"] not in FORMS:
        raise NotFound("no such path")
    args = {**filing.request.query_params, name: filing.request.path_params[name]}
    try:
        date.fromisoformat(args.get("asOf", "2000-01-01"))
        known = datetime.fromisoformat(args.get("knownAt", "2000-01-01T00:00Z"))
    except ValueError:
        known = None
    if known is None or known.tzinfo is None:
        raise InvalidInput("asOf must be a day, knownAt an instant with its time zone", field="asOf", rule="form")
    return Asking(filing.pool, filing.principal, args)


async def _read(connection: Connection, filing: Filing, root: str, args: Mapping[str, Any], select: list[Any]) -> Any:
    answer = await VIEWS.read(connection, filing.caller, root, args, _PREPARED[id(select)])
    if answer == b"null":
        raise none_such(root)
    return msgspec.json.decode(answer)


async def _record(connection: Connection, filing: Filing, **subject: Any) -> None:
    principal = filing.principal
    await audit.record(
        connection, by=principal.subject, roles=principal.roles, deed="PRINT", at=filing.clock.now(), **subject
    )


async def _answer(
    press: Press, filing: Filing, template: str, sheet: Mapping[str, Any], *, number: str, args: Mapping[str, Any]
) -> Response:
    now, principal = filing.clock.now().astimezone(CHINA), filing.principal
    roles = "、".join(ROLE_NAMES.get(role, role) for role in sorted(principal.roles))
    as_of, known_at = args.get("as_of"), args.get("known_at")
    details = {
        "number": number,
        "as_of": str(now.date()) if as_of in (None, "infinity") else as_of,
        "known_at": known_at and f"{datetime.fromisoformat(known_at).astimezone(CHINA):%Y-%m-%d %H:%M}",
        "by": f"{principal.name or principal.subject}（{roles}）",
        "at": f"{now:%Y-%m-%d %H:%M}",
    }
    html = page(template, sheet=sheet, print=details)
    form = filing.request.path_params["form"]
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f"inline; filename*=UTF-8''{quote(number, safe='')}.{form}",
    }
    if form == "html":
        return Response(html, headers=headers, media_type="text/html; charset=utf-8")
    return Response(await press.pdf(html), headers=headers, media_type="application/pdf")


def household_form(sheet: Mapping[str, Any]) -> dict[str, Any]:
    """The rows of the household's form, from what the read model yields."""
    names = {member["id"]: member["name"] for member in sheet["members"]}

    def whose(item: Mapping[str, Any]) -> str:
        return WHOLE if item["memberId"] is None else names.get(item["memberId"], "")

    return {
        **sheet,
        "head": next((member["name"] for member in sheet["members"] if member["isHead"]), None),
        "workers": "；".join(f"{worker['name']} {words(worker['phone'])}" for worker in sheet["grid"]["gridWorkers"]),
        "member_rows": [
            [
                str(position),
                *(member["name"], member["relationName"], SEXES.get(member["sex"])),
                member["birthDate"] or (member["birthYear"] and f"{member['birthYear']}年"),
                *(member["idNumber"], member["ethnicityName"], member["maritalName"], member["educationName"]),
                *(member["politicsName"], member["phone"]),
            ]
            for position, member in enumerate(sheet["members"], start=1)
        ],
        "income_rows": [
            [str(item["year"]), INCOMES.get(item["source"], item["source"]), whose(item), item["amount"]]
            for item in sorted(sheet["incomes"], key=lambda item: -item["year"])
        ],
        "benefit_rows": [
            [
                *(BENEFITS.get(item["benefit"], item["benefit"]), whose(item), _span(item)),
                " ".join(filter(None, (item["certificate"], item["note"]))),
            ]
            for item in sheet["benefits"]
        ],
        "plot_rows": [
            [
                *(str(position), f"{plot['name']}\n{plot['code']}", plot["categoryName"], plot["contractMu"]),
                *(plot["measuredMu"], *(plot[side] for side in SIDES), "有" if plot["disputed"] else "无"),
            ]
            for position, plot in enumerate(sheet["plots"], start=1)
        ],
        "contract_mu": sum(plot["contractMu"] for plot in sheet["plots"]),
        "measured_mu": sum(plot["measuredMu"] or 0 for plot in sheet["plots"]),
        "migration_rows": [
            [whose(item), item["place"], item["employer"], item["work"], _span(item), item["emergencyContact"]]
            for item in sheet["migrations"]
        ],
        "wish_rows": [
            *(
                ["技能", whose(item), " ".join(filter(None, (item["skill"], item["level"]))), item["since"]]
                for item in sheet["skills"]
            ),
            *(["需求", whose(item), item["need"], item["since"]] for item in sheet["needs"]),
        ],
    }


def village_form(sheet: Mapping[str, Any], measures: Sequence[Mapping[str, Any]] | None, day: str) -> dict[str, Any]:
    """The rows of the village's form; `measures` are there for who reaches all its household sheets. `day` decides who is in office."""
    return {
        **sheet,
        "whole": measures is not None,
        "fact_rows": [
            ("村名", sheet["area"]["name"]),
            ("所属乡镇", (sheet["area"]["parent"] or {}).get("name")),
            *((title, _fact(sheet, name)) for name, title in FACTS.items() if name != "villageRules"),
        ],
        "term_rows": [
            [term["officeName"], term["name"], term["since"]]
            for term in sheet["terms"]
            if term["until"] is None or term["until"] >= day
        ],
        "figure_rows": [
            [
                *(str(figure["year"]), figure["title"], figure["value"], figure["unit"], figure["source"]),
                *((figure["confirmedName"] or "未确认", figure["confirmedOn"]) if measures is not None else ()),
            ]
            for figure in sheet["figures"]
        ],
        "measure_rows": [
            [
                *(measure["title"], _year(measure["year"]), measure["declared"], measure["computed"]),
                *(measure["gap"], measure["unit"]),
            ]
            for measure in measures or ()
        ],
        "year_rows": [
            [str(year["year"]), year["income"], year["expense"], year["assets"]] for year in sheet["ledgerYears"]
        ],
        "booking_rows": [
            [booking["bookedOn"], booking["kindName"], booking["title"], booking["amount"], booking["document"]]
            for booking in sheet["ledger"]
        ],
        "agreement_rows": [
            [agreement["agreedOn"], agreement["title"], "、".join(agreement["parties"])]
            for agreement in sheet["agreements"]
        ],
    }


def _fact(sheet: Mapping[str, Any], name: str) -> Any:
    if name == "market":
        rule = sheet["marketRule"]
        return None if rule is None else market_in_words({"rule": rule, "days": sheet["marketDays"]})
    value = sheet[name]
    if isinstance(value, list):
        return "、".join(value)
    return f"{words(value)} 亩" if isinstance(value, int | float) else value


def _span(item: Mapping[str, Any]) -> str:
    since, until = item["since"], item["until"]
    return "" if since is until is None else f"{words(since)} 至{f' {until}' if until else '今'}"


def _year(year: int | None) -> str | None:
    return None if year is None else str(year)
