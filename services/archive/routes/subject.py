"""A household takes away all that the archive holds on it (查阅、复制; Personal Information Protection Law, article 45)."""

import asyncio
import io
from collections.abc import Awaitable, Callable, Mapping
from html import escape
from typing import Any

import msgspec
import xlsxwriter
from starlette.responses import Response

from services.archive.domain.access import RESIDENT, own_household
from services.archive.store import audit
from services.archive.store import subject as store
from services.chassis.clock import CHINA
from services.chassis.db import transaction
from services.chassis.errors import Forbidden, NotFound
from services.chassis.service import FileRoute, Filing
from services.chassis.vault import Vault

TITLES: Mapping[str, str] = {
    "household": "户情",
    "person": "家庭成员",
    "membership": "家庭关系的起止",
    "sheet_item": "收入、待遇、技能、需求、外出、人才",
    "plot": "地块",
    "sheet_entry": "档案的全部记载（历史）",
    "visit_note": "走访记录",
    "timeline": "办事动态",
    "attachment": "附件",
    "audit": "谁查看过本户的档案",
    "correction": "更正申请",
    "legal_hold": "暂缓清除",
}
"""What a table is called; one that is not here goes by its own name."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title><style>
@page {{ size: A4 landscape; margin: 12mm }} body {{ font: 10pt/1.4 serif }} h2 {{ font-size: 12pt; margin: 1em 0 .3em }}
table {{ border-collapse: collapse; width: 100%; table-layout: fixed }} th, td {{ border: 1px solid #999; padding: 2px 4px; text-align: left;
vertical-align: top; overflow-wrap: anywhere }} tr {{ break-inside: avoid }} thead {{ display: table-header-group }}
</style></head><body><h1>{title}</h1><p>{stamp}</p>{body}</body></html>"""

Tables = Mapping[str, list[dict[str, Any]]]


def subject_files(vault: Vault) -> tuple[FileRoute, ...]:
    """`GET /files/households/{id}/personal-data.json|html|xlsx`: for residents of that household."""
    forms: Mapping[str, tuple[str, Callable[[Tables, str], bytes]]] = {
        "json": ("application/json", _json),
        "html": ("text/html; charset=utf-8", _html),
        "xlsx": (XLSX, _xlsx),
    }
    return tuple(
        FileRoute(
            f"/households/{{id}}/personal-data.{form}",
            ("GET",),
            frozenset({RESIDENT}),
            _handler(vault, form, media, render),
        )
        for form, (media, render) in forms.items()
    )


def _handler(
    vault: Vault, form: str, media: str, render: Callable[[Tables, str], bytes]
) -> Callable[[Filing], Awaitable[Response]]:
    async def handle(filing: Filing) -> Response:
        own = own_household(filing.principal)
        if own is None or filing.request.path_params["id"] != str(own):
            raise Forbidden("residents take away the data of their own household")
        now = filing.clock.now()
        async with transaction(filing.pool, filing.caller) as connection:
            tables = await store.everything(connection, vault, own)
            if not tables["household"]:
                raise NotFound("household: none such")
            await audit.record(
                connection,
                by=filing.principal.subject,
                roles=filing.principal.roles,
                deed="SUBJECT_EXPORT",
                at=now,
                purpose="SUBJECT_REQUEST",
                household=own,
                fields=list(tables),
            )
        stamp = f"{now.astimezone(CHINA):%Y-%m-%d %H:%M}"
        content = await asyncio.to_thread(render, tables, stamp)
        headers = {
            "Content-Disposition": f'attachment; filename="personal-data-{own}.{form}"',
            "Cache-Control": "no-store",
        }
        return Response(content, media_type=media, headers=headers)

    return handle


def _json(tables: Tables, stamp: str) -> bytes:
    told = [{"table": name, "title": TITLES.get(name, name), "rows": rows} for name, rows in tables.items()]
    return msgspec.json.encode({"madeAt": stamp, "tables": told})


def _html(tables: Tables, stamp: str) -> bytes:
    body = []
    for name, rows in tables.items():
        columns = _columns(rows)
        head = "".join(f"<th>{escape(column)}</th>" for column in columns)
        lines = "".join(
            f"<tr>{''.join(f'<td>{escape(_text(row.get(column)))}</td>' for column in columns)}</tr>" for row in rows
        )
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>" if rows else "<p>无</p>"
        body.append(f"<h2>{escape(TITLES.get(name, name))}</h2>{table}")
    title = "本户个人信息副本"
    return PAGE.format(title=title, stamp=escape(stamp), body="".join(body)).encode()


def _xlsx(tables: Tables, stamp: str) -> bytes:
    """A sheet a table; every value is a text, so that none is a formula."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(
        target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        bold = book.add_format({"bold": True})
        for name, rows in tables.items():
            sheet = book.add_worksheet(name[:31])
            sheet.write_string(0, 0, f"{TITLES.get(name, name)}  {stamp}", bold)
            for position, column in enumerate(_columns(rows)):
                sheet.write_string(1, position, column, bold)
                for line, row in enumerate(rows, start=2):
                    sheet.write_string(line, position, _text(row.get(column)))
            sheet.set_column(0, 40, 22)
            sheet.freeze_panes(2, 0)
    return target.getvalue()


def _columns(rows: list[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
