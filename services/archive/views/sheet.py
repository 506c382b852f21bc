"""What a sheet holds besides its members and plots: items by kind, memberships with their reasons, where facts come from."""

from services.archive.domain.relation import RELATIONS
from services.archive.views.sql import hidden, named
from services.chassis.views import Edge, Root, View


def _facts(kind: str) -> Edge:
    """The facts of a row that has `sources`; `kind` is SQL for that of the review interval."""
    return Edge("Fact", on="true", many=True, order="{t}.name", source=f"facts_shown({{p}}.sources, {kind})")


FACTS_OF_HOUSEHOLD = _facts("'household'")
FACTS_OF_MEMBER = _facts("'person'")

FACT = View(
    type="Fact",
    source="facts_shown('{{}}', '')",
    fields={
        "name": "{t}.name",
        "provenance": "{t}.provenance",
        "verifiedOn": "{t}.verified_on",
        "staleOn": "{t}.stale_on",
    },
)

ITEM_FIELDS = {
    "id": "global_id('Item', {t}.id::text)",
    "memberId": "global_id('Member', {t}.person_id::text)",
    "since": "{t}.since",
    "until": "{t}.until",
}


def _codes(*names: str) -> dict[str, str]:
    return {name: f"{{t}}.data ->> '{name}'" for name in names}


def _words(*names: str) -> dict[str, str]:
    """Free words, which may hold a number."""
    return {name: f"masked_digits({{t}}.data ->> '{name}')" for name in names}


def _item(kind: str, fields: dict[str, str], edges: dict[str, Edge] | None = None) -> View:
    masked = {name for name, value in fields.items() if value.endswith("THEN '*' END")}
    return View(
        type=kind,
        source="sheet_item",
        fields=ITEM_FIELDS | fields,
        edges={"facts": _facts("{p}.kind"), **(edges or {})},
        sensitive=frozenset(masked),
    )


def _items(kind: str, latest: str = "{t}.since") -> Edge:
    return Edge(
        kind,
        on=f"{{t}}.household_id = {{p}}.id AND {{t}}.kind = '{kind.upper()}'",
        many=True,
        order=f"{latest} DESC NULLS LAST, {{t}}.id",
        first=500,
        dated="items_as_of({p}.id, :as_of, :known_at)",
    )


ITEMS = {
    "incomes": _items("Income", latest="({t}.data ->> 'year')::int"),
    "benefits": _items("Benefit"),
    "skills": _items("Skill"),
    "statedNeeds": _items("Need"),
    "migrations": _items("Migration"),
    "talents": _items("Talent"),
}

INCOME = _item(
    "Income",
    {"year": "({t}.data ->> 'year')::int", "amount": hidden("({t}.data ->> 'amount')"), **_codes("source")},
)
BENEFIT = _item(
    "Benefit", {"certificate": hidden("({t}.data ->> 'certificate')"), **_codes("benefit"), **_words("note")}
)
SKILL = _item("Skill", _words("skill", "level"))
NEED = _item("Need", _words("need"))
MIGRATION = _item(
    "Migration",
    {"emergencyContact": hidden("({t}.data ->> 'emergencyContact')"), **_words("place", "employer", "work")},
)
TALENT = _item(
    "Talent",
    {},
    {
        "points": Edge(
            "TalentPoint", on="true", many=True, order="{t}.key", source="jsonb_each_text({p}.data -> 'points')"
        )
    },
)
TALENT_POINT = View(
    type="TalentPoint",
    source="jsonb_each_text('{{}}')",
    fields={"point": "{t}.key", "text": "masked_digits({t}.value)"},
)

MEMBERSHIP = View(
    type="Membership",
    source="memberships_seen(NULL, NULL, NULL)",
    fields={
        "memberId": "global_id('Member', {t}.person_id::text)",
        "name": "{t}.name",
        "relation": "{t}.relation",
        "relationName": named(RELATIONS, "{t}.relation"),
        "since": "{t}.since",
        "until": "{t}.until",
        "reason": "{t}.reason",
        "leftReason": "{t}.left_reason",
    },
)
MEMBERSHIPS = Edge(
    "Membership",
    on="true",
    many=True,
    order="{t}.since, {t}.relation, {t}.person_id",
    first=500,
    source="memberships_seen({p}.id, NULL, NULL)",
    dated="memberships_seen({p}.id, :as_of, :known_at)",
)

VIEWS = [FACT, INCOME, BENEFIT, SKILL, NEED, MIGRATION, TALENT, TALENT_POINT, MEMBERSHIP]
ROOTS: dict[str, Root] = {}
