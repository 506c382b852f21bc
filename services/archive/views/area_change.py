"""Changes of areas: planned, carried out, undone."""

from services.chassis.views import Edge, Root, View

AREA_CHANGE = View(
    type="AreaChange",
    source="area_change",
    fields={
        "id": "global_id('AreaChange', {t}.id::text)",
        "key": "{t}.id",
        "kind": "{t}.kind",
        "state": "CASE WHEN {t}.undone_at IS NOT NULL THEN 'UNDONE' WHEN {t}.done_at IS NOT NULL THEN 'DONE' ELSE 'PLANNED' END",
        "changedOn": "{t}.changed_on",
        "reason": "{t}.reason",
        "version": "{t}.version",
        "households": "{t}.impact -> 'households'",
        "persons": "{t}.impact -> 'persons'",
        "plots": "{t}.impact -> 'plots'",
        "gridWorkers": "{t}.impact -> 'grid_workers'",
        "plannedBy": "{t}.planned_by",
        "plannedAt": "rfc3339({t}.planned_at)",
        "doneBy": "{t}.done_by",
        "doneAt": "rfc3339({t}.done_at)",
        "undoneBy": "{t}.undone_by",
        "undoneAt": "rfc3339({t}.undone_at)",
    },
    edges={
        "areas": Edge("ChangedArea", on="{t}.change_id = {p}.id", many=True, order="{t}.position", first=500),
        "moves": Edge("AreaMove", on="{t}.change_id = {p}.id", many=True, order="{t}.position", first=500),
        "renumbered": Edge("Renumbering", on="{t}.change_id = {p}.id", many=True, order="{t}.position", first=500),
    },
)

CHANGED_AREA = View(
    type="ChangedArea",
    source="area_change_area",
    fields={
        "fate": "{t}.fate",
        "code": "{t}.code",
        "name": "{t}.name",
        "formerName": "{t}.former_name",
        "households": "{t}.households",
        "persons": "{t}.persons",
        "plots": "{t}.plots",
        "gridWorkers": "{t}.grid_workers",
    },
    edges={"area": Edge("Area", on="{t}.code = {p}.code")},
)

AREA_MOVE = View(
    type="AreaMove",
    source="area_change_move",
    fields={
        "predecessor": "{t}.predecessor",
        "successor": "{t}.successor",
        "households": "{t}.households",
    },
)

RENUMBERING = View(
    type="Renumbering",
    source="area_change_number",
    fields={"gridCode": "{t}.grid", "formerNumber": "{t}.former", "number": "{t}.number"},
    edges={"household": Edge("Household", on="{t}.id = {p}.household")},
)

VIEWS = [AREA_CHANGE, CHANGED_AREA, AREA_MOVE, RENUMBERING]
ROOTS = {
    "areaChange": Root("AreaChange", "one", args={"id": "uuid"}, always="{t}.id = :id"),
    "areaChanges": Root(
        "AreaChange",
        "page",
        args={"area": "text"},
        where={"area": "EXISTS (SELECT FROM unnest({t}.codes) AS named (code) WHERE starts_with(named.code, :area))"},
        order=(("{t}.planned_at", "timestamptz"), ("{t}.id", "uuid")),
        descending=True,
    ),
}
