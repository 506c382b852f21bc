"""What the lists of households and of people are searched by."""

from services.chassis.views import Edge

MERGES = Edge("PersonMerge", on="{t}.kept = {p}.id", many=True, order="{t}.merged_at DESC, {t}.id", first=20)


def found(key: str, way: str) -> str:
    """SQL: the households that have the rarest of a search's terms, in the page's order.

    Through the rarest term in the page's order, then the text itself; the other terms need no look-up. Two things about the bounds: sub-selects
    hide from the planner how much an area holds, else it may fetch and sort a whole county's matches to give the first fifty; and the terms start
    at the cursor themselves, else each one before it would cost a scan of the page's index up to the cursor.
    """
    return f"""({{t}}.area_code, {key}) IN (
    SELECT s.area_code, s.household_id FROM household_term s
    WHERE s.term = (SELECT rarest_term(caller.setting, :terms, :area))
        AND (s.area_code, s.household_id) {way} ((SELECT :from_area), (SELECT :from_household))
        AND s.area_code < (SELECT :area || ':'))"""


SEARCH_ARGS = {
    "area": "text",
    "terms": "text[]",
    "patterns": "text[]",
    "from_area": "text",
    "from_household": "uuid",
    "id_number": "text",
    "phone": "text",
}
