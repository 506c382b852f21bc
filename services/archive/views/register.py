"""Special registers: what domain/register.py declares, read off the sheets. A line's cells are made for its own register only."""

from collections.abc import Sequence

from services.archive.domain.codes import CODES
from services.archive.domain.register import AGE_BANDS, BENEFITS, ELDERLY_AGE, REGISTERS, Population, Register
from services.archive.domain.relation import HEAD, RELATIONS
from services.archive.views.sql import literal, named
from services.chassis.views import Edge, Root, View

_AWAY = """EXISTS (SELECT FROM sheet_item a WHERE a.household_id = h.id AND a.kind = 'MIGRATION' AND a.person_id = m.id
    AND coalesce(a.since <= china_today(), true) AND coalesce(a.until >= china_today(), true))"""
_PEOPLE = "NULL::date AS since, NULL::date AS until, NULL::jsonb AS data"
_NEEDY = """h.id AS household_id, m.id AS person_id, {people} FROM household h JOIN person m ON m.household_id = h.id
    WHERE h.closed_on IS NULL AND h.needs <> '{{}}' AND '{need}' = ANY (h.needs) AND {who}"""


def _items(register: Register) -> str:
    """The items in the page's order: `coalesce` keeps the planner from taking them for so few that it would sort them all."""
    benefits = ", ".join(map(literal, register.benefits))
    only = f" AND coalesce(t.data ->> 'benefit' IN ({benefits}), false)" if benefits else ""
    return f"""t.area_code, t.id, t.household_id, t.person_id, t.since, t.until, t.data FROM sheet_item t
    WHERE t.kind = {literal(register.kind or "")}{only}
        AND coalesce(t.since <= china_today(), true) AND coalesce(t.until >= china_today(), true)
        AND (SELECT h.closed_on IS NULL FROM household h WHERE h.id = t.household_id)
        AND (t.person_id IS NULL OR (SELECT m.household_id = t.household_id FROM person m WHERE m.id = t.person_id))"""


_LINES: dict[Population, str] = {
    "ELDERLY": f"""m.area_code, m.id, m.household_id, m.id AS person_id, {_PEOPLE} FROM person m
    WHERE m.household_id IS NOT NULL AND m.birth_date <= china_today() - interval '{ELDERLY_AGE} years'""",
    "LIVING_ALONE": "h.area_code, h.id, " + _NEEDY.format(people=_PEOPLE, need="LIVING_ALONE", who=f"NOT {_AWAY}"),
    "MINORS_LEFT_BEHIND": "h.area_code, m.id, "
    + _NEEDY.format(
        people=_PEOPLE,
        need="MINORS_LEFT_BEHIND",
        who=f"m.birth_date > china_today() - interval '16 years' AND NOT {_AWAY}",
    ),
}
"""A population's lines, by its rows. `id` is unique in a register."""


def _source(register: Register) -> str:
    lines = _LINES[register.population] if register.population in _LINES else _items(register)
    return f"(SELECT {literal(register.code)} AS register, {lines})"


_NO_LINE = f"""SELECT NULL::text AS register, NULL::text AS area_code, NULL::uuid AS id, NULL::uuid AS household_id,
    NULL::uuid AS person_id, {_PEOPLE} WHERE false"""

_AGE = "extract(year FROM age(china_today(), m.birth_date))::int"
_BANDS = " ".join(f"WHEN {_AGE} >= {age} THEN {literal(name)}" for age, name in AGE_BANDS.items())
_WORDS = {"place", "employer", "work", "certificate", "skill", "level"}

FIELDS = {
    "member.name": "m.name",
    "member.sex": named({"1": "男", "2": "女"}, "m.sex"),
    "member.age": _AGE,
    "member.ageBand": f"CASE {_BANDS} END",
    "member.phone": "m.phone_masked",
    "member.relation": named(RELATIONS, "m.relation"),
    "member.education": named(CODES["education"], "m.education"),
    "household.number": "h.number",
    "household.address": "h.address",
    "household.head": "w.name",
    "household.headPhone": "w.phone_masked",
    "household.size": "(SELECT count(*) FROM person s WHERE s.household_id = h.id)",
    "household.livingAlone": "CASE WHEN 'LIVING_ALONE' = ANY (h.needs) THEN '是' END",
    "household.away": "(SELECT string_agg(concat_ws('：', s.name, masked_digits(a.data ->> 'place')), '，' ORDER BY s.relation, s.id) "
    "FROM sheet_item a JOIN person s ON s.id = a.person_id AND s.household_id = h.id WHERE a.household_id = h.id AND a.kind = 'MIGRATION' "
    "AND coalesce(a.since <= china_today(), true) AND coalesce(a.until >= china_today(), true))",
    "area.village": "(SELECT a.name FROM area a WHERE a.code = left(h.area_code, 12))",
    "area.grid": "(SELECT a.name FROM area a WHERE a.code = h.area_code)",
    "item.since": "{p}.since",
    "item.until": "{p}.until",
    "item.benefitName": named(BENEFITS, "({p}.data ->> 'benefit')"),
    **{f"item.{name}": f"masked_digits({{p}}.data ->> '{name}')" for name in sorted(_WORDS)},
}
"""What a column may show, as SQL over the line {p}, its household h, the head w, and m: the member that it is of, or the
head where it is of the household as such."""


def _text(text: str) -> str:
    """The text in SQL that is formatted yet."""
    return literal(text).replace("{", "{{").replace("}", "}}")


def _cell(field: str) -> str:
    source, _, name = field.partition(".")
    return f"masked_digits({{p}}.data -> 'points' ->> {_text(name)})" if source == "point" else FIELDS[field]


def _cells(register: Register) -> str:
    cells = ", ".join(
        f"jsonb_build_array({_text(column.name)}, {_text(column.title)}, {_cell(column.field)})"
        for column in register.columns
    )
    return f"WHEN {_text(register.code)} THEN jsonb_build_array({cells})"


_CELLS = f"""(
    SELECT cell.n, cell.told ->> 0 AS name, cell.told ->> 1 AS title, cell.told ->> 2 AS value
    FROM household h
    LEFT JOIN person w ON w.household_id = h.id AND w.relation = '{HEAD}'
    LEFT JOIN LATERAL (
        SELECT o.* FROM person o WHERE o.id = {{p}}.person_id
        UNION ALL SELECT o.* FROM person o WHERE {{p}}.person_id IS NULL AND o.id = w.id LIMIT 1) m ON true
    CROSS JOIN LATERAL jsonb_array_elements(CASE {{p}}.register {" ".join(map(_cells, REGISTERS.values()))} END)
        WITH ORDINALITY AS cell (told, n)
    WHERE h.id = {{p}}.household_id)"""


def _values(rows: Sequence[tuple[str, ...]]) -> str:
    return ", ".join("(" + ", ".join(map(literal, row)) + ")" for row in rows)


_REGISTERS = [
    (str(n), register.code, register.title, ",".join(register.purposes))
    for n, register in enumerate(REGISTERS.values(), start=10)
]
_COLUMNS = [
    (f"{n:02}", register.code, column.name, column.title)
    for register in REGISTERS.values()
    for n, column in enumerate(register.columns)
]

REGISTER = View(
    type="Register",
    source=f"(SELECT * FROM (VALUES {_values(_REGISTERS)}) AS r (n, code, title, purposes))",
    fields={"code": "{t}.code", "title": "{t}.title", "purposes": "to_json(string_to_array({t}.purposes, ','))"},
    edges={"columns": Edge("RegisterColumn", on="{t}.register = {p}.code", many=True, order="{t}.n")},
)
REGISTER_COLUMN = View(
    type="RegisterColumn",
    source=f"(SELECT * FROM (VALUES {_values(_COLUMNS)}) AS c (n, register, name, title))",
    fields={"name": "{t}.name", "title": "{t}.title"},
)
REGISTER_ENTRY = View(
    type="RegisterEntry",
    source=f"({_NO_LINE})",
    fields={"register": "{t}.register"},
    edges={
        "grid": Edge("Area", on="{t}.code = {p}.area_code"),
        "household": Edge("Household", on="{t}.id = {p}.household_id"),
        "member": Edge("Member", on="{t}.id = {p}.person_id"),
        "cells": Edge("RegisterCell", on="true", many=True, order="{t}.n", source=_CELLS),
    },
)
REGISTER_CELL = View(
    type="RegisterCell",
    source="(SELECT NULL::bigint AS n, NULL::text AS name, NULL::text AS title, NULL::text AS value)",
    fields={"name": "{t}.name", "title": "{t}.title", "value": "{t}.value"},
)


def chosen(code: str) -> str:
    """The argument of the root `register` that says which one is meant: each is a statement of its own, which no union could be as fast as."""
    return code.lower()


_FOUND = """({t}.area_code, {t}.household_id) IN (SELECT s.area_code, s.household_id FROM household_term s
    WHERE s.term = (SELECT rarest_term(caller.setting, :terms, :area))
        AND s.area_code >= :area AND s.area_code < (SELECT :area || ':'))"""
_READS_SO = "EXISTS (SELECT FROM household f WHERE f.id = {t}.household_id AND f.search_text LIKE ALL (:patterns))"

VIEWS = [REGISTER, REGISTER_COLUMN, REGISTER_ENTRY, REGISTER_CELL]
ROOTS = {
    "registers": Root(
        "Register", "many", args={"codes": "text[]"}, always="{t}.code = ANY (:codes)", order=(("{t}.n", "text"),)
    ),
    "register": Root(
        "RegisterEntry",
        "page",
        args={
            "area": "text",
            "terms": "text[]",
            "patterns": "text[]",
            **dict.fromkeys(map(chosen, REGISTERS), "boolean"),
        },
        sources={chosen(code): _source(register) for code, register in REGISTERS.items()},
        always="{t}.area_code >= :area AND {t}.area_code < :area || ':'",
        where={"terms": _FOUND, "patterns": _READS_SO},
        order=(("{t}.area_code", "text"), ("{t}.id", "uuid")),
    ),
}
