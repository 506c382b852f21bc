"""Who is on duty in a village on a day."""

from collections.abc import Mapping

from services.chassis.views import Edge, Root, View

DUTY = View(
    type="Duty",
    source="duty_sheet",
    fields={
        "id": "global_id('Duty', {t}.key)",
        "key": "{t}.key",
        "area": "{t}.area",
        "date": "{t}.date",
        "dayKind": "{t}.kind",
        "explanation": "{t}.explanation",
        "provisional": "{t}.provisional",
        "signedInAt": "rfc3339({t}.signed_in_at)",
    },
    edges={"cadre": Edge("Cadre", on="{t}.area = {p}.area AND {t}.date = {p}.date")},
)

CADRE = View(type="Cadre", source="duty", fields={"name": "{t}.name", "subject": "{t}.subject"})


def _keyed(key: str) -> str:
    """Finds a row by `<area>/<date>` through the indexes of both parts."""
    return f"{{t}}.area = split_part({key}, '/', 1) AND {{t}}.date = split_part({key}, '/', 2)::date"


AREA_DUTIES = View(
    type="AreaDuties",
    source="area",
    fields={
        "ahead": """(SELECT count(*) FROM duty d WHERE d.area >= {t}.code AND d.area < {t}.code || ':'
            AND d.date >= (now() AT TIME ZONE 'Asia/Shanghai')::date)"""
    },
)

VIEWS = (DUTY, CADRE, AREA_DUTIES)

ROOTS: Mapping[str, Root] = {
    "dutyOn": Root(
        "Duty",
        "one",
        args={"area": "text", "date": "date"},
        where={"area": "{t}.area = :area", "date": "{t}.date = :date"},
    ),
    "duty": Root("Duty", "one", args={"id": "text"}, where={"id": _keyed(":id")}),
    "dutiesAheadByArea": Root("AreaDuties", "each_one", key="{t}.code"),
    "dutiesByKey": Root("Duty", "each_one", always=_keyed("k_.key"), key="{t}.key"),
}
