"""Areas, and who works in the grids."""

from services.chassis.views import Edge, Root, View

THEN = """(SELECT a.code, a.kind, a.parent, a.valid_from, a.valid_to,
        NOT (a.valid_from <= :as_of AND (a.valid_to IS NULL OR a.valid_to >= :as_of)) AS ended,
        coalesce((SELECT n.name FROM area_name n WHERE n.code = a.code AND n.valid_from <= :as_of ORDER BY n.valid_from DESC LIMIT 1), a.name) AS name
        FROM area a)"""
"""All areas as they were on the day :as_of: each with its name of then, ended if it was not valid then."""


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
        "shape": "(SELECT ST_AsGeoJSON(coalesce(s.drawn, s.hull), 9, 0)::json FROM area_shape s WHERE s.area_code = {t}.code)",
    },
    edges={
        "parent": Edge("Area", on="{t}.code = {p}.parent", dated=THEN),
        "children": Edge(
            "Area",
            on="{t}.parent = {p}.code AND NOT {t}.ended",
            many=True,
            order="{t}.code",
            first=500,
            dated=THEN,
        ),
        "predecessors": Edge(
            "Area",
            on="{t}.code IN (SELECT e.predecessor FROM area_edge e WHERE e.successor = {p}.code)",
            many=True,
            order="{t}.code",
        ),
        "successors": Edge(
            "Area",
            on="{t}.code IN (SELECT e.successor FROM area_edge e WHERE e.predecessor = {p}.code)",
            many=True,
            order="{t}.code",
        ),
        "names": Edge("AreaName", on="{t}.code = {p}.code", many=True, order="{t}.valid_from"),
        "villageSheet": Edge(
            "VillageSheet", on="{t}.code = {p}.code", dated="village_as_of({p}.code, :as_of, :known_at)"
        ),
        "gridWorkers": Edge(
            "GridWorker",
            on="{t}.grid_code >= {p}.code AND {t}.grid_code < {p}.code || ':' "
            "AND EXISTS (SELECT FROM area g WHERE g.code = {t}.grid_code AND NOT g.ended)",
            many=True,
            order="{t}.grid_code, {t}.subject",
            first=500,
        ),
    },
)

AREA_NAME = View(type="AreaName", source="area_name", fields={"name": "{t}.name", "validFrom": "{t}.valid_from"})

GRID_WORKER = View(
    type="GridWorker",
    source="grid_worker",
    fields={"name": "{t}.name", "phone": "{t}.phone_masked"},
    edges={"grid": Edge("Area", on="{t}.code = {p}.grid_code")},
    sensitive=frozenset({"phone"}),
)

VIEWS = [AREA, AREA_NAME, GRID_WORKER]
ROOTS = {
    "area": Root(
        "Area",
        "one",
        args={"code": "text", "as_of": "date", "known_at": "timestamptz"},
        always="{t}.code = :code",
        dated=THEN,
    ),
    "areas": Root(
        "Area",
        "many",
        args={"parent": "text", "top": "boolean", "as_of": "date", "known_at": "timestamptz"},
        where={"parent": "{t}.parent = :parent", "top": "({t}.parent IS NULL) = :top"},
        always="NOT {t}.ended",
        order=(("{t}.code", "text"),),
        most=500,
        dated=THEN,
    ),
    "areasOn": Root(
        "Area",
        "many",
        args={"code": "text", "as_of": "date", "known_at": "timestamptz"},
        always="{t}.code IN (SELECT areas_on(:code, :as_of))",
        order=(("{t}.code", "text"),),
        dated=THEN,
    ),
    "areasByCode": Root("Area", "each_one", key="{t}.code"),
}
