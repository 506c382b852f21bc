"""Plots, what a village's plots make together, and two of them before a mediator."""

from services.archive.domain.plot import CATEGORIES
from services.archive.views.attachment import OF_PLOT, upload_url
from services.archive.views.sql import named
from services.chassis.views import Edge, Root, View

MOST_FINDINGS = 5_000
"""Above what the plots of any village can be found at fault for."""


def _geojson(shape: str) -> str:
    return f"ST_AsGeoJSON({shape}, 9, 0)::json"


def _plot(key: str) -> Edge:
    """The plot with the id in a column of the parent, as of the day that is asked for."""
    return Edge("Plot", on=f"{{t}}.id = {{p}}.{key}", dated=f"plot_as_of({{p}}.{key}, :as_of, :known_at)")


def _plots(keys: str) -> Edge:
    return Edge(
        "Plot",
        on=f"{{t}}.id = ANY({{p}}.{keys})",
        many=True,
        order="{t}.code",
        dated=f"(SELECT one.* FROM unnest({{p}}.{keys}) AS key CROSS JOIN LATERAL plot_as_of(key, :as_of, :known_at) one)",
    )


PLOTS_OF_HOUSEHOLD = Edge(
    "Plot",
    on="{t}.household_id = {p}.id",
    many=True,
    order="{t}.code",
    first=500,
    dated="plots_as_of({p}.id, :as_of, :known_at)",
)

PLOT = View(
    type="Plot",
    source="plot",
    fields={
        "id": "global_id('Plot', {t}.id::text)",
        "key": "{t}.id",
        "code": "{t}.code",
        "name": "{t}.name",
        "category": "{t}.category",
        "categoryName": named(CATEGORIES, "{t}.category"),
        "contractMu": "{t}.contract_mu",
        "measuredMu": "{t}.measured_mu",
        "computedMu": "mu_of({t}.shape)",
        "measuredDifferenceMu": "{t}.measured_mu - {t}.contract_mu",
        "computedDifferenceMu": "mu_of({t}.shape) - {t}.contract_mu",
        **{side: f"{{t}}.{side}" for side in ("east", "south", "west", "north")},
        "witness": "{t}.witness",
        "disputed": "{t}.disputed",
        "uploadUrl": upload_url("plot"),
        "shape": _geojson("{t}.shape"),
        "version": "(SELECT count(*) FROM sheet_entry e WHERE e.key = {t}.id AND e.kind = 'plot')",
    },
    edges={
        "household": Edge(
            "Household", on="{t}.id = {p}.household_id", dated="household_as_of({p}.household_id, :as_of, :known_at)"
        ),
        "area": Edge("Area", on="{t}.code = left({p}.area_code, 12)"),
        "attachments": OF_PLOT,
        "holdings": Edge(
            "PlotHolding",
            on="true",
            many=True,
            order="{t}.since, {t}.until",
            source="plot_spans({p}.id, NULL, NULL)",
            dated="plot_spans({p}.id, :as_of, :known_at)",
        ),
        "entries": Edge(
            "PlotEntry",
            on="{t}.key = {p}.id AND {t}.kind = 'plot'",
            many=True,
            order="{t}.id",
            first=200,
            dated="(SELECT e.* FROM sheet_entry e WHERE e.valid_from <= :as_of AND e.recorded_at <= coalesce(:known_at, 'infinity'))",
        ),
    },
)

HOLDING = View(
    type="PlotHolding",
    source="plot_spans(NULL, NULL, NULL)",
    fields={"since": "{t}.since", "until": "{t}.until", "reason": "{t}.reason"},
    edges={
        "household": Edge("Household", on="{t}.id = {p}.household_id"),
        "area": Edge("Area", on="{t}.code = left({p}.area_code, 12)"),
    },
)

ENTRY = View(
    type="PlotEntry",
    source="sheet_entry",
    fields={
        "effectiveOn": "{t}.valid_from",
        "recordedAt": "rfc3339({t}.recorded_at)",
        "provenance": "{t}.provenance",
        "verifiedOn": "{t}.verified_on",
        "reason": "{t}.reason",
        "facts": "ARRAY(SELECT jsonb_object_keys({t}.patch) ORDER BY 1)",
    },
    edges={"household": Edge("Household", on="{t}.id = {p}.household_id")},
)

REMOVED = View(
    type="RemovedPlot",
    source="(SELECT DISTINCT e.key AS id FROM sheet_entry e WHERE e.kind = 'plot')",
    fields={"id": "global_id('Plot', {t}.id::text)"},
    edges={"holdings": PLOT.edges["holdings"]},
)

_WHEN = "{p}.code, :as_of, :known_at"
REPORT = View(
    type="VillagePlotReport",
    source="(SELECT a.* FROM area a WHERE a.kind = 'VILLAGE')",
    fields={"code": "{t}.code", "name": "{t}.name"},
    edges={
        "overlaps": Edge(
            "PlotOverlap",
            on="true",
            many=True,
            order="{t}.mu DESC, {t}.a, {t}.b",
            most=MOST_FINDINGS,
            source=f"village_overlaps({_WHEN}, :overlap)",
        ),
        "gaps": Edge(
            "PlotGap",
            on="true",
            many=True,
            order="{t}.mu DESC, {t}.plots",
            most=MOST_FINDINGS,
            source=f"village_gaps({_WHEN}, :width, :smallest, :largest)",
        ),
        "neighbours": Edge(
            "NeighbourFinding",
            on="true",
            many=True,
            order="{t}.kind, {t}.plot, {t}.side",
            most=MOST_FINDINGS,
            source=f"village_neighbours({_WHEN})",
        ),
    },
)
OVERLAP = View(
    type="PlotOverlap",
    source="village_overlaps(NULL, NULL, NULL, NULL)",
    fields={"mu": "{t}.mu", "shape": _geojson("{t}.shape")},
    edges={"a": _plot("a"), "b": _plot("b")},
)
GAP = View(
    type="PlotGap",
    source="village_gaps(NULL, NULL, NULL, NULL, NULL, NULL)",
    fields={"mu": "{t}.mu", "shape": _geojson("{t}.shape")},
    edges={"plots": _plots("plots")},
)
NEIGHBOUR = View(
    type="NeighbourFinding",
    source="village_neighbours(NULL, NULL, NULL)",
    fields={"kind": "{t}.kind", "side": "{t}.side", "words": "{t}.words"},
    edges={"plot": _plot("plot"), "others": _plots("others")},
)

MEDIATION = View(
    type="MediationPack",
    source="mediation_of(NULL, NULL, NULL, NULL)",
    fields={
        "asOf": "{t}.as_of",
        "knownAt": "rfc3339({t}.known_at)",
        "overlapMu": "coalesce(mu_of({t}.overlap), 0)",
        "overlap": _geojson("{t}.overlap"),
        **{
            f"{form}Url": f"'/files/archive/plots/mediation.{form}?a=' || {{t}}.a || '&b=' || {{t}}.b || '&asOf=' || {{t}}.as_of"
            " || coalesce('&knownAt=' || rfc3339({t}.known_at), '')"
            for form in ("html", "svg", "png")
        },
    },
    edges={"area": Edge("Area", on="{t}.code = {p}.area_code"), "a": _plot("a"), "b": _plot("b")},
)

VIEWS = [PLOT, HOLDING, ENTRY, REMOVED, REPORT, OVERLAP, GAP, NEIGHBOUR, MEDIATION]
_TIME = {"as_of": "date", "known_at": "timestamptz"}
ROOTS = {
    "plot": Root(
        "Plot",
        "one",
        args={"id": "uuid", **_TIME},
        always="{t}.id = :id",
        dated="plot_as_of(:id, :as_of, :known_at)",
    ),
    "removedPlot": Root("RemovedPlot", "one", args={"id": "uuid"}, always="{t}.id = :id"),
    "plots": Root(
        "Plot",
        "page",
        args={"area": "text", "category": "text", "disputed": "boolean", "common": "boolean"},
        where={
            "area": "{t}.area_code >= :area AND {t}.area_code < :area || ':'",
            "category": "{t}.category = :category",
            "disputed": "{t}.disputed = :disputed",
            "common": "({t}.household_id IS NULL) = :common",
        },
        order=(("{t}.area_code", "text"), ("{t}.code", "text")),
    ),
    "villagePlotReport": Root(
        "VillagePlotReport",
        "one",
        args={
            "code": "text",
            **_TIME,
            "overlap": "float8",
            "width": "float8",
            "smallest": "float8",
            "largest": "float8",
        },
        always="{t}.code = :code",
    ),
    "mediationPack": Root(
        "MediationPack",
        "one",
        args={"a": "uuid", "b": "uuid", **_TIME},
        always="{t}.a = :a AND {t}.b = :b",
        dated="mediation_of(:a, :b, :as_of, :known_at)",
    ),
    "outlinedArea": Root("Area", "one", args={"id": "text"}, always="{t}.code = :id"),
}
