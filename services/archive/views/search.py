"""What the lists of households and of people are searched by."""

from services.chassis.views import Edge

MERGES = Edge("PersonMerge", on="{t}.kept = {p}.id", many=True, order="{t}.merged_at DESC, {t}.id", first=20)


# Through the rarest term in the page's order, then the text itself; the other terms need no look-up. Two things about the bounds: sub-selects hide
# from the planner how much an area holds, else it may fetch and sort a whole county's matches to give the first fifty; and the terms start at the
# cursor themselves, else each one before it would cost a scan of the page's index up to the cursor.
_TERMS = """s.term = (SELECT rarest_term(caller.setting, :terms, :area))
        AND (s.area_code, s.household_id) {way} ((SELECT :from_area), (SELECT :from_household))
        AND s.area_code < (SELECT :area || ':')"""
FOUND_HOUSEHOLDS = f"""({{t}}.area_code, {{t}}.id) IN (
    SELECT s.area_code, s.household_id FROM household_term s WHERE {_TERMS.format(way=">")})"""
MATCHES = "(split_part({h}.search_text, E'\\n', 1) || {p}.search_text) LIKE ALL (:patterns)"
"""A person answers with their household's first line and their own."""
# The households of the page first, in its order, each with somebody who answers: else the planner, who cannot guess how many do, sorts them all.
FOUND_PEOPLE = f"""{{t}}.household_id IN (
    SELECT s.household_id FROM household_term s JOIN household h ON h.id = s.household_id
    WHERE {_TERMS.format(way=">=")} AND h.search_text LIKE ALL (:patterns)
        AND EXISTS (SELECT FROM person p WHERE p.household_id = h.id AND {MATCHES.format(h="h", p="p")})
    ORDER BY s.area_code, s.household_id LIMIT :households)"""

SEARCH_ARGS = {
    "area": "text",
    "terms": "text[]",
    "patterns": "text[]",
    "from_area": "text",
    "from_household": "uuid",
    "id_number": "text",
    "phone": "text",
}
"""`from_area` and `from_household` are where the page begins; `households` is how many households hold it."""
