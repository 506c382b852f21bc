"""Areas, and who works in the grids."""

from services.chassis.views import Edge, Root, View

AREA = View(
    type="Area",
    source="area",
    fields={
        "id": "global_id('Area', {t}.code)",
        "code": "{t}.code",
        "name": "{t}.name",
        "kind": "{t}.kind",
        "validFrom": "{t}.valid_from",
        "validTo": "{t}.valid_to",
    },
    edges={
        "parent": Edge("Area", on="{t}.code = {p}.parent"),
        "children": Edge("Area", on="{t}.parent = {p}.code", many=True, order="{t}.code", first=500),
        "gridWorkers": Edge(
            "GridWorker",
            on="{t}.grid_code >= {p}.code AND {t}.grid_code < {p}.code || ':'",
            many=True,
            order="{t}.grid_code, {t}.subject",
            first=500,
        ),
    },
)

GRID_WORKER = View(
    type="GridWorker",
    source="grid_worker",
    fields={"name": "{t}.name", "phone": "{t}.phone_masked"},
    edges={"grid": Edge("Area", on="{t}.code = {p}.grid_code")},
    sensitive=frozenset({"phone"}),
)

VIEWS = [AREA, GRID_WORKER]
ROOTS = {
    "area": Root("Area", "one", args={"code": "text"}, always="{t}.code = :code"),
    "areas": Root(
        "Area",
        "many",
        args={"parent": "text", "top": "boolean"},
        where={"parent": "{t}.parent = :parent", "top": "({t}.parent IS NULL) = :top"},
        order=(("{t}.code", "text"),),
        most=500,
    ),
    "areasByCode": Root("Area", "each_one", key="{t}.code"),
}
