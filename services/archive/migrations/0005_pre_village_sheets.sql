-- Village sheets (村情单) with their history, as household sheets have it: `village_entry` is the truth, only ever added to, and what is read is
-- folded from it for any day and any time of knowing. A village says a few hundred things in its life, so nothing is kept beside the entries.

CREATE TABLE village_sheet (
    area_code  text COLLATE "C" PRIMARY KEY REFERENCES area CHECK (length(area_code) = 12),
    version    int NOT NULL DEFAULT 0,
    revised_at timestamptz
);
COMMENT ON TABLE village_sheet IS 'counts the changes of a sheet, and is the lock that they take; a village whose sheet says nothing yet has no row';

CREATE TABLE village_entry (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    area_code   text COLLATE "C" NOT NULL REFERENCES village_sheet,
    kind        text NOT NULL CHECK (kind IN ('FACTS', 'FIGURE', 'BOOKING', 'TERM', 'AGREEMENT')),
    key         text NOT NULL,
    open        boolean NOT NULL,
    valid_from  date NOT NULL,
    provenance  text NOT NULL CHECK (provenance IN ('DECLARED', 'VISITED', 'DOCUMENT', 'DEPARTMENT')),
    verified_on date NOT NULL,
    reason      text,
    patch       jsonb NOT NULL,
    recorded_at timestamptz NOT NULL,
    recorded_by text NOT NULL
);
CREATE INDEX village_entry_sheet ON village_entry (area_code, kind, key);
CREATE INDEX village_entry_key ON village_entry (key);
COMMENT ON COLUMN village_entry.key IS 'which of its kind: empty for the facts, <year>/<figure> for a figure, a UUID for the others';
COMMENT ON COLUMN village_entry.open IS 'whether the village''s residents may read it, not only the staff';
COMMENT ON COLUMN village_entry.valid_from IS 'the first day on which the patch holds; a figure is said of its year''s first day';
COMMENT ON COLUMN village_entry.patch IS 'fact → value from that day on';
COMMENT ON COLUMN village_entry.recorded_by IS 'subject of the account';

-- The last word on each fact of a sheet's parts, of those that hold on a day and were known at a time; null is the present, and all that is known.
CREATE FUNCTION village_parts_as_of(village text, part text, as_of date, known_at timestamptz)
RETURNS TABLE (key text, state jsonb, sources jsonb) LANGUAGE sql STABLE AS $$
    SELECT e.key, jsonb_object_agg(f.key, f.value ORDER BY e.valid_from, e.id),
        jsonb_object_agg(f.key, jsonb_build_array(e.provenance, e.verified_on) ORDER BY e.valid_from, e.id)
    FROM village_entry e CROSS JOIN LATERAL jsonb_each(e.patch) f
    WHERE e.area_code = village AND e.kind = part AND e.valid_from <= coalesce(as_of, 'infinity')
        AND e.recorded_at <= coalesce(known_at, 'infinity')
    GROUP BY e.key
$$;

-- Staff of an area that holds the village, or is a part of it, and those who live there.
CREATE FUNCTION is_of_village(village text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT caller_is_service() OR village COLLATE "C" ^@ ANY (caller_areas())
        OR EXISTS (SELECT FROM unnest(caller_areas()) own WHERE own ^@ village)
        OR EXISTS (SELECT FROM household h WHERE h.id = caller_household() AND h.area_code ^@ village COLLATE "C")
$$;
-- Every village has a sheet, be it empty.
CREATE FUNCTION village_as_of(village text, as_of date, known_at timestamptz)
RETURNS TABLE (code text, version int, revised_at timestamptz, facts jsonb, sources jsonb) LANGUAGE sql STABLE AS $$
    SELECT a.code, coalesce(s.version, 0), s.revised_at, coalesce(f.state, '{}'), coalesce(f.sources, '{}')
    FROM area a LEFT JOIN village_sheet s ON s.area_code = a.code
    LEFT JOIN LATERAL village_parts_as_of(a.code, 'FACTS', as_of, known_at) f ON true
    WHERE a.code = village COLLATE "C" AND a.kind = 'VILLAGE' AND is_of_village(a.code)
$$;
CREATE VIEW village WITH (security_invoker = true) AS
SELECT v.* FROM area a CROSS JOIN LATERAL village_as_of(a.code, NULL, NULL) v WHERE a.kind = 'VILLAGE';
-- The ledger's sums: each year's income and expense in yuan, and the assets at its end.
CREATE FUNCTION village_years_as_of(village text, as_of date, known_at timestamptz)
RETURNS TABLE (year int, income numeric, expense numeric, assets numeric) LANGUAGE sql STABLE AS $$
    WITH booking AS (
        SELECT extract(year FROM (state ->> 'booked_on')::date)::int AS year, state ->> 'kind' AS kind, (state ->> 'amount')::numeric AS amount
        FROM village_parts_as_of(village, 'BOOKING', as_of, known_at))
    SELECT year, coalesce(sum(amount) FILTER (WHERE kind = 'INCOME'), 0), coalesce(sum(amount) FILTER (WHERE kind = 'EXPENSE'), 0),
        sum(coalesce(sum(amount) FILTER (WHERE kind = 'ASSET_IN'), 0) - coalesce(sum(amount) FILTER (WHERE kind = 'ASSET_OUT'), 0))
            OVER (ORDER BY year)
    FROM booking GROUP BY year
$$;

CREATE AGGREGATE merged (jsonb) (SFUNC = jsonb_concat, STYPE = jsonb, INITCOND = '{}');
COMMENT ON AGGREGATE merged (jsonb) IS 'objects laid over one another in the order of the rows: the last word on each key';

-- What the village declares beside what its household sheets add up to on the same day. Nothing for who does not reach the whole village: a
-- part of the sheets would show a gap that is none. A household counts where it lay on that day, also when its grid has since become another
-- village's. The newest year's figure counts; incomes are those of that year.
CREATE FUNCTION village_reconciliation(village text, as_of date, known_at timestamptz)
RETURNS TABLE (measure text, year int, declared numeric, confirmed boolean, computed numeric) LANGUAGE sql STABLE AS $$
    WITH RECURSIVE gone AS (
        SELECT a.code FROM area a WHERE a.code >= village COLLATE "C" AND a.code < (village || ':') COLLATE "C"
        UNION
        SELECT e.successor FROM gone JOIN area_edge e ON e.predecessor = gone.code
    ), said AS MATERIALIZED (
        SELECT e.household_id, e.kind, merged(e.patch ORDER BY e.valid_from, e.id) AS state
        FROM (SELECT DISTINCT left(gone.code, 12) COLLATE "C" AS code FROM gone) now
        JOIN household h ON h.area_code >= now.code AND h.area_code < now.code || ':'
        JOIN sheet_entry e ON e.household_id = h.id
        WHERE e.valid_from <= coalesce(as_of, 'infinity') AND e.recorded_at <= coalesce(known_at, 'infinity')
        GROUP BY e.household_id, e.kind, e.key
    ), present AS (
        SELECT household_id FROM said
        WHERE kind = 'household' AND state ->> 'closed_on' IS NULL AND state ->> 'area_code' ^@ village
    ), part AS MATERIALIZED (
        SELECT said.kind, said.state FROM said JOIN present USING (household_id)
    ), land AS (
        SELECT state FROM part WHERE kind = 'plot'
        UNION ALL
        SELECT merged(e.patch ORDER BY e.valid_from, e.id) FROM sheet_entry e
        WHERE e.household_id IS NULL AND e.kind = 'plot' AND e.area_code = village COLLATE "C"
            AND e.valid_from <= coalesce(as_of, 'infinity') AND e.recorded_at <= coalesce(known_at, 'infinity')
        GROUP BY e.key
    ), plot AS (
        SELECT state ->> 'category' AS category, (state ->> 'contract_mu')::numeric AS contract_mu,
            (state ->> 'measured_mu')::numeric AS measured_mu
        FROM land WHERE state ->> 'code' IS NOT NULL
    ), figure AS (
        SELECT DISTINCT ON (state ->> 'figure') state ->> 'figure' AS measure, (state ->> 'year')::int AS year,
            (state ->> 'value')::numeric AS declared, state ->> 'confirmed_by' IS NOT NULL AS confirmed
        FROM village_parts_as_of(village, 'FIGURE', as_of, known_at) ORDER BY state ->> 'figure', (state ->> 'year')::int DESC
    ), income AS (
        SELECT (state -> 'data' ->> 'year')::int AS year, sum((state -> 'data' ->> 'amount')::numeric) AS total
        FROM part WHERE kind = 'item' AND state ->> 'kind' = 'INCOME' GROUP BY 1
    ), told (measure, year, declared, confirmed) AS (
        SELECT * FROM figure
        UNION ALL
        SELECT 'CULTIVATED_MU', NULL, (facts ->> 'cultivatedMu')::numeric, NULL FROM village_as_of(village, as_of, known_at)
    ), people AS (
        SELECT count(*) AS persons FROM part WHERE kind = 'person' AND state ->> 'relation' IS NOT NULL
    ), earned AS (
        SELECT coalesce((SELECT figure.year FROM figure WHERE figure.measure = 'PER_CAPITA_INCOME'), max(income.year)) AS year FROM income
    ), computed (place, measure, year, value) AS (
        SELECT 1, 'HOUSEHOLDS', NULL::int, (SELECT count(*) FROM present)::numeric
        UNION ALL SELECT 2, 'POPULATION', NULL, (SELECT persons FROM people)
        UNION ALL SELECT 3, 'CONTRACT_MU', NULL, (SELECT coalesce(sum(contract_mu) FILTER (WHERE category = '10'), 0) FROM plot)
        UNION ALL SELECT 4, 'CULTIVATED_MU', NULL, (SELECT coalesce(sum(coalesce(measured_mu, contract_mu)), 0) FROM plot)
        UNION ALL SELECT 5, 'PER_CAPITA_INCOME', earned.year, (
            SELECT round(income.total / nullif(people.persons, 0), 2) FROM income, people WHERE income.year = earned.year)
        FROM earned
    )
    SELECT computed.measure, coalesce(told.year, computed.year), told.declared, told.confirmed, computed.value
    FROM computed LEFT JOIN told USING (measure)
    WHERE caller_is_service() OR village COLLATE "C" ^@ ANY (caller_areas())
    ORDER BY computed.place
$$;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['village_sheet', 'village_entry'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY in_area ON %I USING ((SELECT caller_is_service()) '
            'OR area_code ^@ ANY ((SELECT caller_areas())::text[]))', name);
        EXECUTE format('CREATE POLICY in_part ON %I FOR SELECT USING (area_code = ANY ('
            'ARRAY(SELECT left(own, 12) FROM unnest((SELECT caller_areas())::text[]) own)))', name);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO {app}', name);
    END LOOP;
END $$;
CREATE POLICY own ON village_sheet FOR SELECT USING (
    area_code = (SELECT left(h.area_code, 12) FROM household h WHERE h.id = (SELECT caller_household())));
CREATE POLICY own ON village_entry FOR SELECT USING (
    open AND area_code = (SELECT left(h.area_code, 12) FROM household h WHERE h.id = (SELECT caller_household())));
COMMENT ON POLICY in_part ON village_entry IS 'who works in a part of the village reads its sheet';
GRANT UPDATE ON village_sheet TO {app};
GRANT SELECT ON village TO {app};
