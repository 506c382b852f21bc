"""Requests to correct a sheet."""

from services.archive.domain.correction import FIELDS
from services.archive.views.sql import named
from services.chassis.views import Edge, Root, View

CORRECTION = View(
    type="Correction",
    source="correction",
    fields={
        "id": "global_id('Correction', {t}.id::text)",
        "key": "{t}.id",
        "field": "{t}.field",
        "fieldName": named(FIELDS, "{t}.field"),
        "wrong": "{t}.wrong",
        "evidence": "{t}.evidence",
        "state": "{t}.state",
        "requestedAt": "rfc3339({t}.requested_at)",
        "dueOn": "{t}.due_on",
        "decidedAt": "rfc3339({t}.decided_at)",
        "reason": "{t}.reason",
        "version": "{t}.version",
    },
    edges={
        "household": Edge("Household", on="{t}.id = {p}.household_id"),
        "member": Edge("Member", on="{t}.id = {p}.person_id AND {t}.household_id = {p}.household_id"),
    },
)

VIEWS = [CORRECTION]
ROOTS = {
    "correction": Root("Correction", "one", args={"id": "uuid"}, always="{t}.id = :id"),
    "corrections": Root(
        "Correction",
        "page",
        args={"area": "text", "household": "uuid", "state": "text"},
        where={
            "area": "{t}.area_code >= :area AND {t}.area_code < :area || ':'",
            "household": "{t}.household_id = :household",
            "state": "{t}.state = :state",
        },
        order=(("{t}.id", "uuid"),),
    ),
}
