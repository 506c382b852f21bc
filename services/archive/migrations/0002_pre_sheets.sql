-- Sheets with their history. `sheet_entry` is the truth: who said what, when, and from which day on it holds. What is read every day (household,
-- person, membership, sheet_item, plot) is its last state, written by store/sheet.py from the very functions that also answer for any other day.
-- An entry is never changed: a correction is another entry for the same days.

ALTER TABLE household
    ADD COLUMN closed_on date,
    ADD COLUMN closed_reason text,
    ADD COLUMN sources jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN review_on date;
CREATE INDEX household_review ON household (area_code, review_on) WHERE closed_on IS NULL;
DROP INDEX household_number;
CREATE UNIQUE INDEX household_number ON household (left(area_code, 12), number) WHERE closed_on IS NULL;
COMMENT ON COLUMN household.closed_on IS 'the first day on which the household was none any more: merged into another, moved out, died out';
COMMENT ON COLUMN household.sources IS 'fact → [provenance, day of the last verification]';
COMMENT ON COLUMN household.review_on IS 'the first day on which a fact of the sheet is past its review interval';

ALTER TABLE person
    ADD COLUMN ethnicity text,
    ADD COLUMN marital text,
    ADD COLUMN education text,
    ADD COLUMN health text,
    ADD COLUMN politics text,
    ADD COLUMN died_on date,
    ADD COLUMN sources jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN person.ethnicity IS 'GB/T 3304';
COMMENT ON COLUMN person.marital IS 'GB/T 2261.2';
COMMENT ON COLUMN person.education IS 'GB/T 4658';
COMMENT ON COLUMN person.health IS 'GB/T 2261.3';
COMMENT ON COLUMN person.politics IS 'GB/T 4762';

ALTER TABLE membership
    ADD COLUMN reason text NOT NULL DEFAULT 'REGISTERED',
    ADD COLUMN left_reason text;
COMMENT ON COLUMN membership.until IS 'the last day';
COMMENT ON COLUMN membership.reason IS 'why the person became a member: REGISTERED, BIRTH, MARRIAGE, SPLIT, MERGE, MOVE, ARMY or SCHOOL (came back)';
COMMENT ON COLUMN membership.left_reason IS 'why the membership ended: DEATH, MARRIAGE, SPLIT, MERGE, MOVE, ARMY, SCHOOL, MISTAKE';
DROP INDEX membership_present;
CREATE UNIQUE INDEX membership_present ON membership (person_id) WHERE until IS NULL;

CREATE TABLE sheet_item (
    id           uuid PRIMARY KEY,
    household_id uuid NOT NULL,
    area_code    text COLLATE "C" NOT NULL,
    person_id    uuid REFERENCES person,
    kind         text NOT NULL CHECK (kind IN ('INCOME', 'BENEFIT', 'SKILL', 'NEED', 'MIGRATION', 'TALENT')),
    since        date,
    until        date CHECK (until >= since),
    data         jsonb NOT NULL,
    sources      jsonb NOT NULL DEFAULT '{}',
    FOREIGN KEY (area_code, household_id) REFERENCES household (area_code, id) ON UPDATE CASCADE
);
CREATE INDEX sheet_item_sheet ON sheet_item (household_id, kind, id);
CREATE INDEX sheet_item_register ON sheet_item (kind, area_code, id);
COMMENT ON TABLE sheet_item IS 'what a sheet holds any number of: income, benefits, skills, needs, out-migration, talents; the form of data is domain/item.py''s';

CREATE TABLE plot (
    id           uuid PRIMARY KEY,
    code         text COLLATE "C" NOT NULL CHECK (code ~ '^[0-9]{19}$'),
    household_id uuid,
    area_code    text COLLATE "C" NOT NULL REFERENCES area,
    name         text NOT NULL,
    category     text NOT NULL CHECK (category IN ('10', '21', '22', '23', '99')),
    contract_mu  numeric(10, 2) NOT NULL CHECK (contract_mu >= 0),
    measured_mu  numeric(10, 2) CHECK (measured_mu >= 0),
    east         text NOT NULL,
    south        text NOT NULL,
    west         text NOT NULL,
    north        text NOT NULL,
    witness      text,
    disputed     boolean NOT NULL DEFAULT false,
    shape        geometry(Polygon, 4490),
    sources      jsonb NOT NULL DEFAULT '{}',
    FOREIGN KEY (area_code, household_id) REFERENCES household (area_code, id) ON UPDATE CASCADE
);
CREATE UNIQUE INDEX plot_code ON plot (code);
CREATE INDEX plot_sheet ON plot (household_id, code);
CREATE INDEX plot_area ON plot (area_code, code);
CREATE INDEX plot_shape ON plot USING gist (shape);
COMMENT ON COLUMN plot.household_id IS 'who holds it; null where the village does, and area_code is then the village''s';
COMMENT ON COLUMN plot.east IS 'where it ends in the east, in words (东至): a neighbour, a road, a stream';
COMMENT ON COLUMN plot.shape IS 'CGCS2000, longitude and latitude';

CREATE TABLE sheet_entry (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind         text NOT NULL CHECK (kind IN ('household', 'person', 'item', 'plot')),
    key          uuid NOT NULL,
    household_id uuid,
    area_code    text COLLATE "C" NOT NULL,
    valid_from   date NOT NULL,
    provenance   text NOT NULL CHECK (provenance IN ('DECLARED', 'VISITED', 'DOCUMENT', 'DEPARTMENT')),
    verified_on  date NOT NULL,
    reason       text,
    patch        jsonb NOT NULL,
    recorded_at  timestamptz NOT NULL,
    recorded_by  text NOT NULL,
    FOREIGN KEY (area_code, household_id) REFERENCES household (area_code, id) ON UPDATE CASCADE
);
CREATE INDEX sheet_entry_sheet ON sheet_entry (household_id, kind);
CREATE INDEX sheet_entry_common ON sheet_entry (key) WHERE household_id IS NULL;
COMMENT ON COLUMN sheet_entry.area_code IS 'who may read it: the present grid of the household. Where it lay then, a fact of the patch says';
COMMENT ON COLUMN sheet_entry.valid_from IS 'the first day on which the patch holds';
COMMENT ON COLUMN sheet_entry.patch IS 'fact → value from that day on. Somebody who joins another sheet brings all their facts along in the first patch there';
COMMENT ON COLUMN sheet_entry.recorded_by IS 'subject of the account';

-- The last word on each fact, of those that hold on a day and were known at a time; null is the present, and all that is known.
CREATE FUNCTION facts_as_of(sheet uuid, part text, as_of date, known_at timestamptz)
RETURNS TABLE (key uuid, state jsonb) LANGUAGE sql STABLE AS $$
    SELECT e.key, jsonb_object_agg(f.key, f.value ORDER BY e.valid_from, e.id) || jsonb_build_object(
        'id', e.key,
        'household_id', sheet,
        'sources', jsonb_object_agg(f.key, jsonb_build_array(e.provenance, e.verified_on) ORDER BY e.valid_from, e.id))
    FROM sheet_entry e CROSS JOIN LATERAL jsonb_each(e.patch) f
    WHERE e.household_id = sheet AND e.kind = part AND e.valid_from <= coalesce(as_of, 'infinity')
        AND e.recorded_at <= coalesce(known_at, 'infinity')
    GROUP BY e.key
$$;
CREATE FUNCTION household_as_of(sheet uuid, as_of date, known_at timestamptz) RETURNS SETOF household LANGUAGE sql STABLE AS $$
    SELECT row.* FROM facts_as_of(sheet, 'household', as_of, known_at) facts JOIN household h ON h.id = sheet
    CROSS JOIN LATERAL jsonb_populate_record(NULL::household, facts.state || jsonb_build_object(
        'search_text', h.search_text, 'version', h.version, 'opened_at', h.opened_at, 'revised_at', h.revised_at, 'review_on', h.review_on)) row
$$;
-- Those who are members on that day.
CREATE FUNCTION members_as_of(sheet uuid, as_of date, known_at timestamptz) RETURNS SETOF person LANGUAGE sql STABLE AS $$
    SELECT row.* FROM facts_as_of(sheet, 'person', as_of, known_at) facts
    CROSS JOIN LATERAL jsonb_populate_record(NULL::person, facts.state || jsonb_build_object(
        'area_code', (SELECT h.area_code FROM household h WHERE h.id = sheet))) row
    WHERE facts.state ->> 'relation' IS NOT NULL
$$;
CREATE FUNCTION items_as_of(sheet uuid, as_of date, known_at timestamptz) RETURNS SETOF sheet_item LANGUAGE sql STABLE AS $$
    SELECT row.* FROM facts_as_of(sheet, 'item', as_of, known_at) facts
    CROSS JOIN LATERAL jsonb_populate_record(NULL::sheet_item, facts.state || jsonb_build_object(
        'area_code', (SELECT h.area_code FROM household h WHERE h.id = sheet))) row
    WHERE facts.state ->> 'kind' IS NOT NULL
$$;
CREATE FUNCTION plots_as_of(sheet uuid, as_of date, known_at timestamptz) RETURNS SETOF plot LANGUAGE sql STABLE AS $$
    SELECT row.* FROM facts_as_of(sheet, 'plot', as_of, known_at) facts
    CROSS JOIN LATERAL jsonb_populate_record(NULL::plot, facts.state || jsonb_build_object(
        'area_code', (SELECT h.area_code FROM household h WHERE h.id = sheet))) row
    WHERE facts.state ->> 'code' IS NOT NULL
$$;

-- A member's spans: each begins with a relation and ends before the next, or before the day on which there is none.
CREATE FUNCTION memberships_of(sheet uuid)
RETURNS TABLE (person_id uuid, relation text, since date, until date, reason text, left_reason text) LANGUAGE sql STABLE AS $$
    WITH told AS (
        SELECT DISTINCT ON (e.key, e.valid_from) e.key, e.valid_from, e.patch ->> 'relation' AS relation, e.patch ->> 'why' AS why
        FROM sheet_entry e WHERE e.household_id = sheet AND e.kind = 'person' AND e.patch ? 'relation'
        ORDER BY e.key, e.valid_from, e.id DESC),
    spans AS (
        SELECT told.key, told.relation, told.valid_from AS since, told.why AS reason,
            lead(told.valid_from) OVER later - 1 AS until, lead(told.why) OVER later AS left_reason
        FROM told WINDOW later AS (PARTITION BY told.key ORDER BY told.valid_from))
    SELECT key, relation, since, until, coalesce(reason, 'REGISTERED'), left_reason FROM spans WHERE relation IS NOT NULL
$$;

CREATE TABLE review_interval (
    kind   text NOT NULL,
    fact   text NOT NULL,
    months int NOT NULL CHECK (months > 0),
    PRIMARY KEY (kind, fact)
);
COMMENT ON TABLE review_interval IS 'how long a fact counts as fresh after its last verification; a fact without a row never grows stale. kind: household, person, plot, or the kind of an item';
INSERT INTO review_interval VALUES
    ('household', 'address', 24), ('household', 'house', 24),
    ('person', 'phone_index', 12), ('person', 'marital', 24), ('person', 'education', 24), ('person', 'health', 12), ('person', 'politics', 24),
    ('plot', 'contract_mu', 60),
    ('INCOME', 'data', 12), ('BENEFIT', 'data', 12), ('SKILL', 'data', 24), ('NEED', 'data', 6), ('MIGRATION', 'data', 6), ('TALENT', 'data', 12);
GRANT SELECT, UPDATE ON review_interval TO {app};

-- Each fact of a sheet that has a review interval, with the first day on which it is stale.
CREATE FUNCTION reviews_of(sheet uuid) RETURNS TABLE (kind text, key uuid, fact text, stale_on date) LANGUAGE sql STABLE AS $$
    SELECT p.kind, p.key, s.key, ((s.value ->> 1)::date + make_interval(months => i.months))::date
    FROM (
        SELECT 'household', h.id, h.sources FROM household h WHERE h.id = sheet
        UNION ALL SELECT 'person', m.id, m.sources FROM person m WHERE m.household_id = sheet
        UNION ALL SELECT 'plot', l.id, l.sources FROM plot l WHERE l.household_id = sheet
        UNION ALL SELECT t.kind, t.id, t.sources FROM sheet_item t WHERE t.household_id = sheet
            AND (t.until IS NULL OR t.until >= current_date)
    ) AS p (kind, key, sources)
    CROSS JOIN LATERAL jsonb_each(p.sources) s JOIN review_interval i ON i.kind = p.kind AND i.fact = s.key
$$;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['sheet_item', 'plot', 'sheet_entry'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY in_area ON %I USING ((SELECT caller_is_service()) '
            'OR area_code ^@ ANY ((SELECT caller_areas())::text[]))', name);
        EXECUTE format('CREATE POLICY own ON %I FOR SELECT USING (household_id = (SELECT caller_household()))', name);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO {app}', name);
    END LOOP;
END $$;
GRANT UPDATE, DELETE ON sheet_item, plot TO {app};
GRANT DELETE ON membership TO {app};

-- What was written before there was a history begins it.
INSERT INTO sheet_entry (kind, key, household_id, area_code, valid_from, provenance, verified_on, patch, recorded_at, recorded_by)
SELECT 'household', id, id, area_code, opened_at::date, 'DECLARED', revised_at::date,
    jsonb_strip_nulls(jsonb_build_object('area_code', area_code, 'number', number, 'address', address, 'house', house)), opened_at, 'migration'
FROM household;
INSERT INTO sheet_entry (kind, key, household_id, area_code, valid_from, provenance, verified_on, patch, recorded_at, recorded_by)
SELECT 'person', p.id, p.household_id, p.area_code, coalesce(m.since, h.opened_at::date), 'DECLARED', h.revised_at::date,
    jsonb_strip_nulls(to_jsonb(p) - '{id,area_code,household_id,sources}'::text[] || '{"why": "REGISTERED"}'), h.opened_at, 'migration'
FROM person p JOIN household h ON h.id = p.household_id LEFT JOIN membership m ON m.person_id = p.id AND m.until IS NULL;
UPDATE household h SET sources = f.sources FROM (SELECT key, (SELECT jsonb_object_agg(k, jsonb_build_array(provenance, verified_on))
    FROM jsonb_object_keys(patch) k) AS sources FROM sheet_entry WHERE kind = 'household') f WHERE f.key = h.id;
UPDATE person p SET sources = f.sources FROM (SELECT key, (SELECT jsonb_object_agg(k, jsonb_build_array(provenance, verified_on))
    FROM jsonb_object_keys(patch) k) AS sources FROM sheet_entry WHERE kind = 'person') f WHERE f.key = p.id;
UPDATE household h SET review_on = (SELECT min(stale_on) FROM reviews_of(h.id));
