"""Village sheets, and what they declare beside what the household sheets add up to."""

from services.archive.domain.village import AREAS, BOOKINGS, FACTS, FIGURES, LISTED, MEASURES, OFFICES
from services.archive.views.area import THEN
from services.archive.views.sql import named
from services.chassis.views import Edge, Root, View

PARTS = "village_parts_as_of(NULL, NULL, NULL, NULL)"


def _fact(name: str) -> str:
    """SQL of a fact in the form that it has in the schema."""
    if name in AREAS:
        return f"({{t}}.facts ->> '{name}')::numeric"
    if name in LISTED:
        return f"coalesce(nullif({{t}}.facts -> '{name}', 'null'), '[]')"
    return f"{{t}}.facts ->> '{name}'"


def _parts(to: str, kind: str, order: str) -> Edge:
    return Edge(
        to,
        on="true",
        many=True,
        order=order,
        first=100,
        source=f"village_parts_as_of({{p}}.code, '{kind}', NULL, NULL)",
        dated=f"village_parts_as_of({{p}}.code, '{kind}', :as_of, :known_at)",
    )


VILLAGE_SHEET = View(
    type="VillageSheet",
    source="village",
    fields={
        "id": "global_id('VillageSheet', {t}.code)",
        "code": "{t}.code",
        "version": "{t}.version",
        "revisedAt": "rfc3339({t}.revised_at)",
        "sheetUrl": "'/files/archive/villages/' || {t}.code || '/sheet.pdf'",
        **{name: _fact(name) for name in FACTS if name != "market"},
        "marketRule": "{t}.facts -> 'market' ->> 'rule'",
        "marketDays": "coalesce({t}.facts -> 'market' -> 'days', '[]')",
    },
    edges={
        "area": Edge("Area", on="{t}.code = {p}.code", dated=THEN),
        "sources": Edge("VillageFactSource", on="true", many=True, order="{t}.key", source="jsonb_each({p}.sources)"),
        "figures": _parts("VillageFigure", "FIGURE", "({t}.state ->> 'year')::int DESC, {t}.state ->> 'figure'"),
        "terms": _parts("VillageTerm", "TERM", "{t}.state ->> 'until' DESC, {t}.state ->> 'since' DESC, {t}.key"),
        "ledger": _parts("VillageBooking", "BOOKING", "{t}.state ->> 'booked_on' DESC, {t}.key DESC"),
        "ledgerYears": Edge(
            "VillageLedgerYear",
            on="true",
            many=True,
            order="{t}.year DESC",
            source="village_years_as_of({p}.code, NULL, NULL)",
            dated="village_years_as_of({p}.code, :as_of, :known_at)",
        ),
        "agreements": _parts("VillageAgreement", "AGREEMENT", "{t}.state ->> 'agreed_on' DESC, {t}.key DESC"),
    },
)

SOURCE = View(
    type="VillageFactSource",
    source="jsonb_each(NULL)",
    fields={"fact": "{t}.key", "provenance": "{t}.value ->> 0", "verifiedOn": "{t}.value ->> 1"},
)

FIGURE = View(
    type="VillageFigure",
    source=PARTS,
    fields={
        "year": "({t}.state ->> 'year')::int",
        "figure": "{t}.state ->> 'figure'",
        "title": named({name: title for name, (title, _) in FIGURES.items()}, "({t}.state ->> 'figure')"),
        "unit": named({name: unit for name, (_, unit) in FIGURES.items()}, "({t}.state ->> 'figure')"),
        "value": "({t}.state ->> 'value')::numeric",
        "source": "{t}.state ->> 'source'",
        "enteredBy": "{t}.state ->> 'entered_by'",
        "confirmedBy": "{t}.state ->> 'confirmed_by'",
        "confirmedName": "{t}.state ->> 'confirmed_name'",
        "confirmedOn": "{t}.state ->> 'confirmed_on'",
    },
)

TERM = View(
    type="VillageTerm",
    source=PARTS,
    fields={
        "id": "global_id('VillageTerm', {t}.key)",
        "name": "{t}.state ->> 'name'",
        "office": "{t}.state ->> 'office'",
        "officeName": named({name: title for name, (title, _) in OFFICES.items()}, "({t}.state ->> 'office')"),
        "since": "{t}.state ->> 'since'",
        "until": "{t}.state ->> 'until'",
        "endReason": "{t}.state ->> 'end_reason'",
    },
)

BOOKING = View(
    type="VillageBooking",
    source=PARTS,
    fields={
        "id": "global_id('VillageBooking', {t}.key)",
        "kind": "{t}.state ->> 'kind'",
        "kindName": named(BOOKINGS, "({t}.state ->> 'kind')"),
        "title": "{t}.state ->> 'title'",
        "amount": "({t}.state ->> 'amount')::numeric",
        "bookedOn": "{t}.state ->> 'booked_on'",
        "document": "{t}.state ->> 'document'",
        "reverses": "global_id('VillageBooking', {t}.state ->> 'reverses')",
    },
)

LEDGER_YEAR = View(
    type="VillageLedgerYear",
    source="village_years_as_of(NULL, NULL, NULL)",
    fields={"year": "{t}.year", "income": "{t}.income", "expense": "{t}.expense", "assets": "{t}.assets"},
)

AGREEMENT = View(
    type="VillageAgreement",
    source=PARTS,
    fields={
        "id": "global_id('VillageAgreement', {t}.key)",
        "title": "{t}.state ->> 'title'",
        "parties": "{t}.state -> 'parties'",
        "agreedOn": "{t}.state ->> 'agreed_on'",
        "text": "{t}.state ->> 'text'",
        "witness": "{t}.state ->> 'witness'",
        "image": "{t}.state ->> 'image'",
    },
)

RECONCILIATION = View(
    type="VillageMeasure",
    source="village_reconciliation(NULL, NULL, NULL)",
    fields={
        "measure": "{t}.measure",
        "title": named({name: title for name, (title, _) in MEASURES.items()}, "{t}.measure"),
        "unit": named({name: unit for name, (_, unit) in MEASURES.items()}, "{t}.measure"),
        "year": "{t}.year",
        "declared": "{t}.declared",
        "confirmed": "{t}.confirmed",
        "computed": "{t}.computed",
        "gap": "{t}.declared - {t}.computed",
    },
)

VIEWS = [VILLAGE_SHEET, SOURCE, FIGURE, TERM, BOOKING, LEDGER_YEAR, AGREEMENT, RECONCILIATION]
ROOTS = {
    "villageSheet": Root(
        "VillageSheet",
        "one",
        args={"id": "text", "as_of": "date", "known_at": "timestamptz"},
        always="{t}.code = :id",
        dated="village_as_of(:id, :as_of, :known_at)",
    ),
    "villageReconciliation": Root(
        "VillageMeasure",
        "many",
        args={"id": "text", "as_of": "date", "known_at": "timestamptz"},
        always=":id IS NOT NULL",
        dated="village_reconciliation(:id, :as_of, :known_at)",
    ),
}
