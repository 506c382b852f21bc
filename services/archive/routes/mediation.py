"""The pack that a mediator lays on the table: two plots as of a day, side by side, as a page to print and as a map."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
import resvg_py
from markupsafe import Markup
from starlette.responses import Response

from services.archive.domain.access import READERS
from services.archive.domain.map import AROUND, FRAME, NAMES, Parcel, Sheet, draw
from services.archive.domain.plot import CATEGORIES
from services.archive.routes.plot import prepare_mediation
from services.archive.routes.press import page
from services.archive.store import audit
from services.archive.store import plot as store
from services.archive.views import VIEWS
from services.chassis.clock import CHINA, today
from services.chassis.db import Connection, transaction
from services.chassis.errors import InvalidInput, NotFound
from services.chassis.service import Asking, FileRoute, Filing

FORMS = {"html": "text/html; charset=utf-8", "svg": "image/svg+xml", "png": "image/png"}
ZOOM = 2.0
"""Of the PNG: 2,400 by 1,800 dots, 300 to the inch on a page of A4 across."""
COMMON = "村集体"
PROVENANCE = {"DECLARED": "申报", "VISITED": "走访", "DOCUMENT": "凭证", "DEPARTMENT": "部门"}
FACTS = {
    "code": "编码", "name": "名称", "category": "类别", "contract_mu": "合同面积", "measured_mu": "实测面积", "east": "东至", "south": "南至",
    "west": "西至", "north": "北至", "witness": "指界人", "disputed": "争议", "shape": "界址图形",
}  # fmt: skip
SIDES = ("east", "south", "west", "north")

_HOUSEHOLD = [
    "household",
    "household",
    None,
    [["key", "key"], ["number", "number"], ["members", "members", {"first": 1}, [["name", "name"]]]],
]
_PLOT: list[Any] = [
    *(
        [name, name]
        for name in (
            *("key", "code", "name", "categoryName", "contractMu", "measuredMu", "computedMu", "measuredDifferenceMu"),
            *("computedDifferenceMu", *SIDES, "witness", "disputed"),
        )
    ),
    _HOUSEHOLD,
    [
        *("holdings", "holdings", None),
        [["since", "since"], ["until", "until"], ["reason", "reason"], _HOUSEHOLD],
    ],
]
_SELECT = msgspec.json.encode(
    [
        ["overlapMu", "overlapMu"],
        ["area", "area", None, [["code", "code"], ["name", "name"]]],
        ["a", "a", None, _PLOT],
        ["b", "b", None, _PLOT],
    ]
)


@dataclass(frozen=True)
class _When:
    """As of which day, by what was on record when."""

    as_of: date
    known_at: datetime | None

    @classmethod
    def of(cls, args: Mapping[str, Any]) -> "_When":
        """Raises InvalidInput."""
        try:
            day = date.fromisoformat(args["as_of"])
            known_at = None if args["known_at"] is None else datetime.fromisoformat(args["known_at"])
        except ValueError:
            day, known_at = None, None
        if day is None or (known_at is not None and known_at.tzinfo is None):
            raise InvalidInput("asOf must be a day, knownAt an instant by RFC 3339", field="asOf", rule="form")
        return cls(day, known_at)

    @property
    def known(self) -> str | None:
        return None if self.known_at is None else f"{self.known_at.astimezone(CHINA):%Y-%m-%d %H:%M}"


async def mediation(filing: Filing) -> Response:
    """`GET /files/plots/mediation.html|svg|png?a=&b=&asOf=&knownAt=`; asOf is today by default. Recorded as a mediation on both sheets.

    Raises NotFound unless the caller may see both plots.
    """
    form = filing.request.path_params["form"]
    if form not in FORMS:
        raise NotFound("no such document")
    given = {"asOf": today(filing.clock).isoformat(), **filing.request.query_params}
    args = await prepare_mediation(Asking(filing.pool, filing.principal, given))
    when = _When.of(args)
    async with transaction(filing.pool, filing.caller) as connection:
        pack = msgspec.json.decode(await VIEWS.read(connection, filing.caller, "mediationPack", args, _SELECT))
        if pack is None:
            raise NotFound("a, b: no such plots on that day, or outside your reach")
        drawing = await _drawing(connection, pack, when)
        entries = await _entries(connection, pack, when) if form == "html" else []
        for household in sorted({one["household"]["key"] for one in (pack["a"], pack["b"]) if one["household"]}):
            await audit.record(
                connection,
                by=filing.principal.subject,
                roles=filing.principal.roles,
                deed="MEDIATION",
                at=filing.clock.now(),
                purpose="MEDIATION",
                household=UUID(household),
                fields=["plots"],
            )
    svg = None if drawing is None else await asyncio.to_thread(draw, drawing)
    if form != "html" and svg is None:
        raise NotFound("a, b: a plot without a shape cannot be drawn")
    if form == "html":
        body: str | bytes = await asyncio.to_thread(_page, filing, pack, entries, svg, when)
    elif form == "svg":
        body = svg or ""
    else:
        body = bytes(await asyncio.to_thread(resvg_py.svg_to_bytes, svg_string=svg, zoom=ZOOM))
    name = f"mediation-{pack['a']['code']}-{pack['b']['code']}.{form}"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}
    return Response(body, media_type=FORMS[form], headers=headers)


async def _drawing(connection: Connection, pack: Mapping[str, Any], when: _When) -> Sheet | None:
    """None unless both plots have shapes."""
    pair = store.Pair(UUID(pack["a"]["key"]), UUID(pack["b"]["key"]), when.as_of, when.known_at)
    drawn = await store.drawn(connection, pair, pack["area"]["code"], (FRAME[2] / FRAME[3], AROUND))
    if sum(row["role"] != "NEIGHBOUR" for row in drawn) < 2:
        return None
    zone = drawn[0]["srid"]
    overlap = await store.shared(connection, pair, zone)
    parcels = [
        Parcel(
            role=row["role"],
            rings=[[(x, y) for x, y in ring] for ring in row["rings"]],
            words=_words(dict(row)),
            middle=(row["x"], row["y"]),
            radius=row["radius"],
        )
        for row in drawn
    ]
    known = f"（按 {when.known} 的记录）" if when.known else ""
    return Sheet(
        title=f"{pack['area']['name']}　地块位置示意图",
        parcels=parcels,
        overlap=[[[(x, y) for x, y in ring] for ring in rings] for rings in overlap],
        overlap_words=f"重叠 {pack['overlapMu']:.2f} 亩",
        notes=[
            f"截至 {when.as_of}{known}　坐标系：CGCS2000 / 3 度带高斯-克吕格投影（EPSG:{zone}），单位：米",
            "本图由档案记录绘制，供调解时查看，不作为确定权属的依据。",
        ],
    )


def _words(row: Mapping[str, Any]) -> list[str]:
    holder = row["holder"] or COMMON
    if row["role"] == "NEIGHBOUR":
        return [holder, row["name"]]
    return [
        f"{NAMES[row['role']]}　{holder}",
        row["name"],
        f"编码尾号 {row['code'][-7:]}",
        f"合同 {row['contract_mu']:.2f} 亩",
    ]


async def _entries(connection: Connection, pack: Mapping[str, Any], when: _When) -> list[list[Any]]:
    lines = []
    for role, side in (("A", "a"), ("B", "b")):
        for told in await store.told(connection, UUID(pack[side]["key"]), when.as_of, when.known_at):
            facts = "；".join(_fact(name, told["patch"][name]) for name in FACTS if name in told["patch"])
            lines.append(
                [
                    NAMES[role][0],
                    f"{told['recorded_at'].astimezone(CHINA):%Y-%m-%d %H:%M}",
                    told["valid_from"].isoformat(),
                    PROVENANCE[told["provenance"]],
                    COMMON if told["household_id"] is None else told["number"],
                    "不再由其承包" if told["patch"].get("code", "") is None else facts,
                    told["reason"],
                ]
            )
    return lines


def _fact(name: str, value: Any) -> str:
    match name, value:
        case "shape", str():
            shown = "已绘"
        case "disputed", bool():
            shown = "有" if value else "无"
        case "category", str():
            shown = CATEGORIES[value]
        case _:
            shown = "无" if value is None else str(value)
    return f"{FACTS[name]}：{shown}"


def _page(
    filing: Filing, pack: Mapping[str, Any], entries: Sequence[Sequence[Any]], svg: str | None, when: _When
) -> str:
    a, b = pack["a"], pack["b"]
    overlap = pack["overlapMu"]

    return page(
        "mediation",
        print={
            "number": f"{a['code']}／{b['code']}",
            "by": filing.principal.name or filing.principal.subject,
            "at": f"{filing.clock.now().astimezone(CHINA):%Y-%m-%d %H:%M}",
            "as_of": when.as_of.isoformat(),
            "known_at": when.known,
        },
        pack={
            "area": pack["area"],
            "finding": f"两地块图形重叠 {overlap:.2f} 亩。" if overlap else "两地块图形不重叠。" if svg else "",
            "facts": [
                ["承包户", *(_holder(one["household"]) for one in (a, b))],
                ["地块名称", a["name"], b["name"]],
                ["地块编码", a["code"], b["code"]],
                ["类别", a["categoryName"], b["categoryName"]],
                ["指界人", a["witness"], b["witness"]],
                ["争议", *("有争议" if one["disputed"] else "无" for one in (a, b))],
            ],
            "areas": [
                [
                    f"{NAMES[role]} {one['name']}",
                    *(
                        one[name]
                        for name in (
                            "contractMu",
                            "measuredMu",
                            "computedMu",
                            "measuredDifferenceMu",
                            "computedDifferenceMu",
                        )
                    ),
                    overlap,
                ]
                for role, one in (("A", a), ("B", b))
            ],
            "sides": [
                [f"{NAMES[role]} {one['name']}", *(one[side] for side in SIDES)] for role, one in (("A", a), ("B", b))
            ],
            "holdings": [
                [NAMES[role], _holder(span["household"]), span["since"], span["until"], span["reason"]]
                for role, one in (("A", a), ("B", b))
                for span in one["holdings"]
            ],
            "entries": entries,
            "map": None if svg is None else Markup(svg),  # noqa: S704  of our own making, words in it are escaped
        },
    )


def _holder(household: Mapping[str, Any] | None) -> str:
    if household is None:
        return COMMON
    head = household["members"][0]["name"] if household["members"] else ""
    return f"{head}（户号 {household['number']}）"


MEDIATION_FILE = FileRoute("/plots/mediation.{form}", ("GET",), READERS, mediation)
