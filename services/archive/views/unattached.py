"""Persons who belong to no household at present: gone to an area where they can be taken in, away to the army or school."""

from services.archive.domain.sex import NAMES
from services.archive.views.household import BIRTH_DATE
from services.archive.views.sql import named
from services.chassis.views import Edge, Root, View

UNATTACHED = View(
    type="UnattachedPerson",
    source="person",
    fields={
        "id": "global_id('Member', {t}.id::text)",
        "name": "{t}.name",
        "sex": named(NAMES, "{t}.sex"),
        "birthDate": BIRTH_DATE,
        "idNumber": "{t}.id_number_masked",
    },
    edges={"area": Edge("Area", on="{t}.code = {p}.area_code")},
    sensitive=frozenset({"idNumber"}),
)

VIEWS = [UNATTACHED]
ROOTS = {
    "unattachedPersons": Root(
        "UnattachedPerson",
        "page",
        args={"area": "text"},
        always="{t}.household_id IS NULL AND {t}.died_on IS NULL AND {t}.merged_into IS NULL"
        " AND {t}.area_code >= :area AND {t}.area_code < :area || ':'",
        order=(("{t}.area_code", "text"), ("{t}.id", "uuid")),
    ),
}
