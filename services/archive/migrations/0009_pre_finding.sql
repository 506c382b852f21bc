-- Finding people: by pinyin, by number, twice on record; those who are one person, merged; and documents and photos of sheets.

ALTER TABLE household ADD COLUMN search_version int NOT NULL DEFAULT 0;
CREATE INDEX household_search_version ON household (search_version, id);
COMMENT ON COLUMN household.search_version IS 'which version of domain/search.py made search_text and the terms; the worker makes older ones anew';

ALTER TABLE person
    ADD COLUMN search_text text NOT NULL DEFAULT '',
    ADD COLUMN pinyin text NOT NULL DEFAULT '',
    ADD COLUMN merged_into uuid REFERENCES person CHECK (merged_into <> id),
    ADD UNIQUE (area_code, id);
CREATE INDEX person_page ON person (area_code, household_id, id) WHERE household_id IS NOT NULL;
CREATE INDEX person_birth ON person (birth_date);
CREATE INDEX person_name ON person (name);
CREATE INDEX person_number ON person (id_number_index);
CREATE INDEX person_merged ON person (merged_into) WHERE merged_into IS NOT NULL;
DROP INDEX person_id_number;
CREATE UNIQUE INDEX person_id_number ON person (id_number_index) WHERE id_number_override IS NULL AND merged_into IS NULL;
COMMENT ON COLUMN person.search_text IS 'the line of this name in household.search_text';
COMMENT ON COLUMN person.pinyin IS 'the name by its sound, a space between syllables; empty without Chinese characters';
COMMENT ON COLUMN person.merged_into IS 'the person that this one turned out to be';

-- Who a person is by now: whoever they were merged into, and so on.
CREATE FUNCTION person_now(key uuid) RETURNS uuid LANGUAGE sql STABLE AS $$
    WITH RECURSIVE chain AS (
        SELECT p.id, p.merged_into, 0 AS step FROM person p WHERE p.id = key
        UNION ALL SELECT p.id, p.merged_into, step + 1 FROM chain c JOIN person p ON p.id = c.merged_into WHERE step < 50)
    SELECT id FROM chain ORDER BY step DESC LIMIT 1
$$;

-- A person, and everybody who turned out to be this person.
CREATE FUNCTION person_names(key uuid) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    WITH RECURSIVE chain AS (
        SELECT key AS id UNION SELECT p.id FROM chain c JOIN person p ON p.merged_into = c.id)
    SELECT id FROM chain
$$;

-- As before, but a word that tells the same relation again begins nothing: so it is when something is undone on the very day.
CREATE OR REPLACE FUNCTION memberships_known(sheet uuid, known_at timestamptz)
RETURNS TABLE (person_id uuid, relation text, since date, until date, reason text, left_reason text, began date) LANGUAGE sql STABLE AS $$
    WITH told AS (
        SELECT DISTINCT ON (e.key, e.valid_from) e.key, e.valid_from, e.patch ->> 'relation' AS relation, e.patch ->> 'why' AS why
        FROM sheet_entry e WHERE e.household_id = sheet AND e.kind = 'person' AND e.patch ? 'relation'
            AND e.recorded_at <= coalesce(known_at, 'infinity')
        ORDER BY e.key, e.valid_from, e.id DESC),
    compared AS (
        SELECT told.*, lag(told.relation) OVER own AS former FROM told WINDOW own AS (PARTITION BY told.key ORDER BY told.valid_from)),
    marked AS (
        SELECT compared.*, CASE WHEN relation IS NOT NULL AND former IS NULL THEN valid_from END AS began
        FROM compared WHERE relation IS DISTINCT FROM former),
    spans AS (
        SELECT marked.key, marked.relation, marked.valid_from AS since, marked.why AS reason, lead(marked.valid_from) OVER own - 1 AS until,
            lead(marked.why) OVER own AS left_reason, max(marked.began) OVER own AS began
        FROM marked WINDOW own AS (PARTITION BY marked.key ORDER BY marked.valid_from))
    SELECT key, relation, since, until, coalesce(reason, 'REGISTERED'), left_reason, began FROM spans WHERE relation IS NOT NULL
$$;

CREATE TABLE person_merge (
    id             uuid PRIMARY KEY,
    kept           uuid NOT NULL,
    area_code      text COLLATE "C" NOT NULL,
    dropped        uuid NOT NULL,
    dropped_area   text COLLATE "C" NOT NULL,
    reason         text NOT NULL,
    valid_from     date NOT NULL,
    merged_at      timestamptz NOT NULL,
    merged_by      text NOT NULL,
    filled         jsonb NOT NULL,
    sheets         uuid[] NOT NULL,
    entries        bigint[] NOT NULL,
    undone_at      timestamptz,
    undone_by      text,
    undone_reason  text,
    FOREIGN KEY (area_code, kept) REFERENCES person (area_code, id) ON UPDATE CASCADE,
    FOREIGN KEY (dropped_area, dropped) REFERENCES person (area_code, id) ON UPDATE CASCADE
);
CREATE UNIQUE INDEX person_merge_dropped ON person_merge (dropped) WHERE undone_at IS NULL;
CREATE INDEX person_merge_kept ON person_merge (kept, merged_at);
COMMENT ON COLUMN person_merge.sheets IS 'the sheets that it changed, in that order';
COMMENT ON COLUMN person_merge.filled IS 'facts that the kept person lacked and took over → what stood there: nothing, or an unknown sex';
COMMENT ON COLUMN person_merge.entries IS 'what it wrote in them; undoing it makes the sheets what they would be without';

CREATE TABLE likely_duplicate (
    one              uuid NOT NULL,
    area_code        text COLLATE "C" NOT NULL,
    other            uuid NOT NULL CHECK (other > one),
    other_area       text COLLATE "C" NOT NULL,
    score            int NOT NULL CHECK (score BETWEEN 0 AND 100),
    reasons          text[] NOT NULL,
    dismissed_at     timestamptz,
    dismissed_by     text,
    dismissed_reason text,
    PRIMARY KEY (one, other),
    FOREIGN KEY (area_code, one) REFERENCES person (area_code, id) ON UPDATE CASCADE,
    FOREIGN KEY (other_area, other) REFERENCES person (area_code, id) ON UPDATE CASCADE
);
CREATE INDEX likely_duplicate_other ON likely_duplicate (other);
CREATE INDEX likely_duplicate_page ON likely_duplicate (score, one, other) WHERE dismissed_at IS NULL;
COMMENT ON TABLE likely_duplicate IS 'pairs of persons who may be one, kept up to date with every sheet; a pair that somebody dismissed comes back only for a new reason';

-- Whether two names of three characters and more differ in one character.
CREATE FUNCTION one_character_differs(one text, other text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT length(one) = length(other) AND length(one) > 2 AND one <> other AND EXISTS (
        SELECT FROM generate_series(1, length(one)) at
        WHERE left(one, at - 1) = left(other, at - 1) AND substr(one, at + 1) = substr(other, at + 1))
$$;
-- Whether two days are written with the same digits in another order.
CREATE FUNCTION digits_swapped(one date, other date) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT one <> other AND (SELECT string_agg(d, '' ORDER BY d) FROM regexp_split_to_table(one::text, '') d)
        = (SELECT string_agg(d, '' ORDER BY d) FROM regexp_split_to_table(other::text, '') d)
$$;
-- Why two persons may be one, and how much that counts (0 to 100): the strongest reason, 10 for each further one, less what speaks against it.
CREATE FUNCTION likeness(one person, other person) RETURNS TABLE (score int, reasons text[]) LANGUAGE sql STABLE AS $$
    SELECT greatest(0, least(100, max(weight) + 10 * (count(*) - 1))
            - CASE WHEN one.id_number_index <> other.id_number_index
                AND one.id_number_override IS NULL AND other.id_number_override IS NULL THEN 50 ELSE 0 END
            - CASE WHEN one.sex IN ('1', '2') AND other.sex IN ('1', '2') AND one.sex <> other.sex THEN 40 ELSE 0 END)::int,
        array_agg(reason ORDER BY weight DESC)
    FROM (VALUES
        ('SAME_ID_NUMBER', 100, one.id_number_index = other.id_number_index),
        ('SAME_NAME_AND_BIRTH_DATE', 80, one.name = other.name AND one.birth_date = other.birth_date),
        ('SAME_NAME_AND_PHONE', 70, one.name = other.name AND one.phone_index = other.phone_index),
        ('SAME_SOUND_AND_BIRTH_DATE', 60, one.name <> other.name AND one.birth_date = other.birth_date
            AND one.pinyin = other.pinyin AND one.pinyin <> ''),
        ('SAME_NAME_AND_SWAPPED_BIRTH_DATE', 55, one.name = other.name AND digits_swapped(one.birth_date, other.birth_date)),
        -- In one household they are twins.
        ('SIMILAR_NAME_AND_BIRTH_DATE', 45, one.birth_date = other.birth_date AND one.pinyin <> other.pinyin
            AND one.household_id IS DISTINCT FROM other.household_id AND one_character_differs(one.name, other.name))
    ) AS told (reason, weight, holds) WHERE holds HAVING count(*) > 0
$$;
-- Those who may be the given person, as far as the caller sees them. The first condition goes through indexes; the second is a cheap one that holds
-- whenever a reason does, so that few are looked at closely.
CREATE FUNCTION candidates_of(given person) RETURNS TABLE (key uuid, score int, reasons text[]) LANGUAGE sql STABLE AS $$
    SELECT p.id, l.score, l.reasons FROM person p CROSS JOIN LATERAL likeness(given, p) l
    WHERE (p.birth_date = given.birth_date OR p.name = given.name OR p.id_number_index = given.id_number_index)
        AND (p.birth_date = given.birth_date
                AND (left(p.name, 1) = left(given.name, 1) OR right(p.name, 1) = right(given.name, 1) OR p.pinyin = given.pinyin)
            OR p.name = given.name AND (p.phone_index = given.phone_index
                OR to_char(p.birth_date, 'YYYYMMDD')::int % 9 = to_char(given.birth_date, 'YYYYMMDD')::int % 9)
            OR p.id_number_index = given.id_number_index)
        AND p.id IS DISTINCT FROM given.id AND p.merged_into IS NULL AND l.score >= 40
$$;
-- Brings the pairs of these persons up to date, whoever may see the other one.
CREATE FUNCTION note_duplicates(keys uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    caller text := coalesce(current_setting('sanmin.caller', true), '');
BEGIN
    PERFORM set_config('sanmin.caller', '{"subject": "service:archive", "service": true}', true);
    WITH present AS MATERIALIZED (
        SELECT DISTINCT ON (least(p.id, o.id), greatest(p.id, o.id)) least(p.id, o.id) AS one, greatest(p.id, o.id) AS other,
            CASE WHEN p.id < o.id THEN p.area_code ELSE o.area_code END AS area_code,
            CASE WHEN p.id < o.id THEN o.area_code ELSE p.area_code END AS other_area, c.score, c.reasons
        FROM person p CROSS JOIN LATERAL candidates_of(p) c JOIN person o ON o.id = c.key
        WHERE p.id = ANY (keys) AND p.merged_into IS NULL),
    gone AS (
        DELETE FROM likely_duplicate d WHERE (d.one = ANY (keys) OR d.other = ANY (keys)) AND d.dismissed_at IS NULL
            AND NOT EXISTS (SELECT FROM present n WHERE n.one = d.one AND n.other = d.other))
    INSERT INTO likely_duplicate AS d (one, area_code, other, other_area, score, reasons)
    SELECT one, area_code, other, other_area, score, reasons FROM present
    ON CONFLICT (one, other) DO UPDATE SET score = excluded.score, reasons = excluded.reasons,
        dismissed_at = CASE WHEN excluded.reasons <@ d.reasons THEN d.dismissed_at END
    WHERE (d.score, d.reasons) IS DISTINCT FROM (excluded.score, excluded.reasons);
    PERFORM set_config('sanmin.caller', caller, true);
END $$;

CREATE TABLE attachment (
    id           uuid PRIMARY KEY,
    household_id uuid NOT NULL,
    area_code    text COLLATE "C" NOT NULL,
    subject      text NOT NULL CHECK (subject IN ('HOUSEHOLD', 'MEMBER', 'PLOT', 'VISIT_NOTE')),
    subject_id   uuid NOT NULL,
    title        text NOT NULL,
    taken_on     date,
    content_type text NOT NULL,
    bytes        bigint NOT NULL CHECK (bytes > 0),
    sha256       bytea NOT NULL CHECK (length(sha256) = 32),
    object_key   text NOT NULL,
    added_by     text NOT NULL,
    added_at     timestamptz NOT NULL,
    removed_by   text,
    removed_at   timestamptz,
    FOREIGN KEY (area_code, household_id) REFERENCES household (area_code, id) ON UPDATE CASCADE,
    CHECK ((removed_by IS NULL) = (removed_at IS NULL)),
    CHECK (subject <> 'HOUSEHOLD' OR subject_id = household_id)
);
CREATE UNIQUE INDEX attachment_once ON attachment (household_id, subject, subject_id, sha256) WHERE removed_at IS NULL;
CREATE INDEX attachment_subject ON attachment (subject_id) WHERE removed_at IS NULL;
CREATE INDEX attachment_object ON attachment (object_key);
COMMENT ON TABLE attachment IS 'documents and photos of sheets; what they hold is in the object store under object_key';
COMMENT ON COLUMN attachment.subject_id IS 'what of the household''s sheet it shows';
COMMENT ON COLUMN attachment.sha256 IS 'of what is kept';

ALTER TABLE attachment ENABLE ROW LEVEL SECURITY;
ALTER TABLE attachment FORCE ROW LEVEL SECURITY;
CREATE POLICY in_area ON attachment USING ((SELECT caller_is_service()) OR area_code ^@ ANY ((SELECT caller_areas())::text[]));
CREATE POLICY own ON attachment FOR SELECT USING (household_id = (SELECT caller_household()));

-- Of two persons, only who may see both.
ALTER TABLE person_merge ENABLE ROW LEVEL SECURITY;
ALTER TABLE person_merge FORCE ROW LEVEL SECURITY;
CREATE POLICY in_area ON person_merge USING ((SELECT caller_is_service())
    OR (area_code ^@ ANY ((SELECT caller_areas())::text[]) AND dropped_area ^@ ANY ((SELECT caller_areas())::text[])));
ALTER TABLE likely_duplicate ENABLE ROW LEVEL SECURITY;
ALTER TABLE likely_duplicate FORCE ROW LEVEL SECURITY;
CREATE POLICY in_area ON likely_duplicate USING ((SELECT caller_is_service())
    OR (area_code ^@ ANY ((SELECT caller_areas())::text[]) AND other_area ^@ ANY ((SELECT caller_areas())::text[])));

GRANT SELECT, INSERT, UPDATE ON attachment, person_merge TO {app};
GRANT SELECT, INSERT, UPDATE, DELETE ON likely_duplicate TO {app};
