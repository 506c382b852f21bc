-- Deeds on households: where a household came from and went to, memberships as they were known at a time, and who belongs to none.

ALTER TABLE household ADD COLUMN split_from uuid, ADD COLUMN merged_into uuid;
COMMENT ON COLUMN household.split_from IS 'the household that it was split from (分户)';
COMMENT ON COLUMN household.merged_into IS 'the household that took it up (并户)';
COMMENT ON COLUMN household.closed_reason IS 'DIED_OUT, MOVED_OUT, MERGED, MISTAKE';
COMMENT ON COLUMN membership.reason IS 'why the person became a member: REGISTERED, BIRTH, MARRIAGE, SPLIT, MERGE, MOVE, ARMY or SCHOOL (came back); RESTATED: was one already, with another relation';
COMMENT ON COLUMN membership.left_reason IS 'why it ended: DEATH, MARRIAGE, SPLIT, MERGE, MOVE, ARMY, SCHOOL, MISTAKE; RESTATED: goes on with another relation';
COMMENT ON COLUMN person.area_code IS 'who may read it: the grid of the household; of somebody without one, the grid that they left or the area that they went to';
CREATE INDEX membership_person ON membership (person_id);

-- A member's spans as they were known at a time: each begins with a relation and ends before the next, or before the day on which there is none.
-- `began` is the first day of the membership, through all relations.
CREATE FUNCTION memberships_known(sheet uuid, known_at timestamptz)
RETURNS TABLE (person_id uuid, relation text, since date, until date, reason text, left_reason text, began date) LANGUAGE sql STABLE AS $$
    WITH told AS (
        SELECT DISTINCT ON (e.key, e.valid_from) e.key, e.valid_from, e.patch ->> 'relation' AS relation, e.patch ->> 'why' AS why
        FROM sheet_entry e WHERE e.household_id = sheet AND e.kind = 'person' AND e.patch ? 'relation'
            AND e.recorded_at <= coalesce(known_at, 'infinity')
        ORDER BY e.key, e.valid_from, e.id DESC),
    marked AS (
        SELECT told.*, CASE WHEN told.relation IS NOT NULL AND lag(told.relation) OVER own IS NULL THEN told.valid_from END AS began
        FROM told WINDOW own AS (PARTITION BY told.key ORDER BY told.valid_from)),
    spans AS (
        SELECT marked.key, marked.relation, marked.valid_from AS since, marked.why AS reason, lead(marked.valid_from) OVER own - 1 AS until,
            lead(marked.why) OVER own AS left_reason, max(marked.began) OVER own AS began
        FROM marked WINDOW own AS (PARTITION BY marked.key ORDER BY marked.valid_from))
    SELECT key, relation, since, until, coalesce(reason, 'REGISTERED'), left_reason, began FROM spans WHERE relation IS NOT NULL
$$;
CREATE OR REPLACE FUNCTION memberships_of(sheet uuid)
RETURNS TABLE (person_id uuid, relation text, since date, until date, reason text, left_reason text) LANGUAGE sql STABLE AS $$
    SELECT m.person_id, m.relation, m.since, m.until, m.reason, m.left_reason FROM memberships_known(sheet, NULL) m
$$;
-- With the names under which the sheet knew them: somebody who left may be out of the caller's reach by now.
CREATE FUNCTION memberships_seen(sheet uuid, as_of date, known_at timestamptz)
RETURNS TABLE (person_id uuid, name text, relation text, since date, until date, reason text, left_reason text) LANGUAGE sql STABLE AS $$
    SELECT m.person_id, f.state ->> 'name', m.relation, m.since, m.until, m.reason, m.left_reason
    FROM memberships_known(sheet, known_at) m JOIN facts_as_of(sheet, 'person', as_of, known_at) f ON f.key = m.person_id
    WHERE m.since <= coalesce(as_of, 'infinity')
$$;

-- The days on which somebody is a member of other sheets than these, whoever may read those: a person is registered in one household at a time
-- wherever it lies. Tells nothing but the days.
CREATE FUNCTION memberships_elsewhere(persons uuid[], sheets uuid[]) RETURNS TABLE (person_id uuid, since date, until date) LANGUAGE plpgsql AS $$
DECLARE asking text := current_setting('sanmin.caller', true);
BEGIN
    PERFORM set_config('sanmin.caller', '{"subject": "service:archive", "service": true}', true);
    RETURN QUERY SELECT m.person_id, m.since, m.until FROM membership m WHERE m.person_id = ANY(persons) AND m.household_id <> ALL(sheets);
    PERFORM set_config('sanmin.caller', asking, true);
END $$;
-- Whoever belongs to no household any more can be seen, and taken in, where they went to.
CREATE FUNCTION hand_over(persons uuid[], destination text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE asking text := current_setting('sanmin.caller', true);
BEGIN
    PERFORM set_config('sanmin.caller', '{"subject": "service:archive", "service": true}', true);
    UPDATE person SET area_code = destination WHERE id = ANY(persons) AND household_id IS NULL;
    PERFORM set_config('sanmin.caller', asking, true);
END $$;

-- Facts under their public names, with where they come from, when they were verified last and from when on they are stale.
CREATE FUNCTION facts_shown(sources jsonb, part text) RETURNS TABLE (name text, provenance text, verified_on date, stale_on date)
LANGUAGE sql STABLE AS $$
    SELECT lower(left(f.words, 1)) || substr(replace(f.words, ' ', ''), 2), min(f.source ->> 0), min((f.source ->> 1)::date),
        min(((f.source ->> 1)::date + make_interval(months => i.months))::date)
    FROM (
        SELECT s.key AS fact, s.value AS source, initcap(replace(regexp_replace(s.key, '_(sealed|index|masked)$', ''), '_', ' ')) AS words
        FROM jsonb_each(sources) s WHERE s.key NOT IN ('why', 'kind', 'person_id')
    ) f LEFT JOIN review_interval i ON i.kind = part AND i.fact = f.fact
    GROUP BY f.words
$$;
