"""Imports: how far they are, and what was wrong."""

from services.archive.domain.imports import SHEETS
from services.archive.views.sql import named
from services.chassis.views import Edge, Root, View


def _counted(column: str) -> str:
    return f"(SELECT coalesce(sum(c.{column}), 0)::int FROM import_chunk c WHERE c.job_id = {{t}}.id)"


IMPORT = View(
    type="Import",
    source="import_job",
    fields={
        "id": "global_id('Import', {t}.id::text)",
        "key": "{t}.id",
        "kind": "{t}.kind",
        "kindName": named({kind: sheet.title for kind, sheet in SHEETS.items()}, "{t}.kind"),
        "dryRun": "{t}.dry_run",
        "validFrom": "{t}.valid_from",
        "provenance": "{t}.provenance",
        "state": "{t}.state",
        "failure": "{t}.failure",
        "failedIn": "{t}.failed_in",
        "rowsTotal": "{t}.rows_total",
        "rowsGood": _counted("good"),
        "rowsBad": _counted("bad"),
        "percent": "CASE WHEN {t}.state IN ('DONE', 'FAILED') THEN 100 WHEN {t}.rows_total > 0 THEN "
        f"100 * {_counted('good + c.bad')} / {{t}}.rows_total ELSE 0 END",
        "householdsOpened": _counted("opened"),
        "householdsChanged": _counted("changed"),
        "submittedBy": "{t}.submitted_by",
        "submittedAt": "rfc3339({t}.submitted_at)",
        "startedAt": "rfc3339({t}.started_at)",
        "finishedAt": "rfc3339({t}.finished_at)",
        "rejectedUrl": "CASE WHEN {t}.state = 'DONE' AND {t}.erased_at IS NULL AND NOT {t}.as_service AND EXISTS ("
        "SELECT FROM import_fault f WHERE f.job_id = {t}.id) THEN '/files/archive/imports/' || {t}.id || '/rejected.xlsx' END",
    },
    edges={
        "area": Edge("Area", on="{t}.code = {p}.area_code"),
        "faults": Edge(
            "ImportFault", on="{t}.job_id = {p}.id", many=True, order="{t}.row, {t}.field", first=100, most=500
        ),
    },
)
_TITLE = named(
    {f"{sheet.kind}.{column.field}": column.title for sheet in SHEETS.values() for column in sheet.columns},
    "((SELECT j.kind FROM import_job j WHERE j.id = {t}.job_id) || '.' || {t}.field)",
)
IMPORT_FAULT = View(
    type="ImportFault",
    source="import_fault",
    fields={
        "row": "{t}.row",
        "field": "{t}.field",
        "column": f"coalesce({_TITLE}, {{t}}.field)",
        "rule": "{t}.rule",
    },
)

VIEWS = [IMPORT, IMPORT_FAULT]
ROOTS = {
    "import": Root("Import", "one", args={"id": "uuid"}, always="{t}.id = :id"),
    "imports": Root(
        "Import",
        "page",
        order=(("{t}.submitted_at", "timestamptz"), ("{t}.id", "uuid")),
        descending=True,
    ),
}
