"""Unit, UnitStaff and TicketPlace.

`unitFor` takes what routes/unit.py adds to its arguments: the codes of the item and of the categories that hold it, and the levels at which
it is handled.
"""

from services.chassis.views import Edge, Root, View

UNIT = View(
    "Unit",
    "unit_told",
    {
        "id": "global_id('Unit', {t}.code)",
        "code": "{t}.code",
        "level": "CASE length({t}.code) WHEN 6 THEN 'COUNTY' WHEN 9 THEN 'TOWNSHIP' ELSE 'VILLAGE' END",
        "name": "{t}.name",
        "phone": "{t}.phone",
        "hours": "{t}.hours",
        "items": "to_json({t}.items)",
        "active": "{t}.active",
    },
    {
        "staff": Edge(
            "UnitStaff",
            "{t}.unit = {p}.code AND {t}.active AND ({p}.asked IS NULL OR {t}.items && {p}.asked)",
            many=True,
            order="{t}.name, {t}.subject",
        ),
    },
)
STAFF = View(
    "UnitStaff",
    "unit_staff",
    {
        "subject": "{t}.subject",
        "name": "{t}.name",
        "items": "to_json({t}.items)",
        "deputy": "{t}.deputy",
        "deputyName": "(SELECT d.name FROM unit_staff d WHERE d.unit = {t}.unit AND d.subject = {t}.deputy)",
    },
)
PLACE = View(
    "TicketPlace",
    "ticket_place",
    {"lat": "{t}.lat", "long": "{t}.long", "address": "{t}.address", "mediaUrl": "{t}.media_url"},
)
FOR = """(SELECT u.code, u.name, u.phone, u.hours, u.items, u.active, :codes AS asked FROM unit u
    WHERE u.active AND :area ^@ u.code AND u.items && :codes
        AND (:levels IS NULL OR CASE length(u.code) WHEN 6 THEN 'COUNTY' WHEN 9 THEN 'TOWNSHIP' ELSE 'VILLAGE' END = ANY (:levels))
    ORDER BY length(u.code) DESC LIMIT 1)"""
VIEWS = [UNIT, STAFF, PLACE]
ROOTS = {
    "unit": Root("Unit", "one", {"id": "text"}, always="{t}.code = :id"),
    "unitOf": Root("Unit", "one", {"code": "text"}, always="{t}.code = :code AND {t}.active"),
    "unitFor": Root("Unit", "one", {"area": "text", "codes": "text[]", "levels": "text[]"}, source=FOR),
    "units": Root(
        "Unit",
        "page",
        {"area": "text"},
        {"area": "{t}.code ^@ :area"},
        always="{t}.active",
        order=(("{t}.code", "text"),),
    ),
}
