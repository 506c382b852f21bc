-- Plots: those of villages beside those of households, who held one when, what a village's plots make together, and the outlines of areas.
--
-- Geometry's operators are not leakproof, so under row-level security no index on geometry may answer before the policy has. What reads many plots
-- therefore finds them by area_code, and neighbours among them by the cells that they touch; in a county, outlines say which areas to look in.

CREATE INDEX sheet_entry_plot ON sheet_entry (key) WHERE kind = 'plot';
CREATE INDEX sheet_entry_plots ON sheet_entry (area_code) WHERE kind = 'plot';
COMMENT ON COLUMN sheet_entry.household_id IS 'whose sheet; null for a plot that its village holds, and area_code is then the village''s';

CREATE FUNCTION mu_of(shape geometry) RETURNS numeric LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT round((ST_Area(shape::geography) / 666.67)::numeric, 2) $$;
COMMENT ON FUNCTION mu_of IS 'area on the ellipsoid; 1 mu = 666.67 m²';
CREATE FUNCTION metres_around(shape geometry) RETURNS int LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT 4509 + round(least(greatest(ST_X(ST_Centroid(shape)), 75), 135) / 3)::int $$;
COMMENT ON FUNCTION metres_around IS 'the EPSG code of the 3-degree Gauss-Kruger zone of CGCS2000: 4534 (75° E) to 4554 (135° E)';
CREATE FUNCTION cells_of(shape geometry) RETURNS TABLE (x int, y int) LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT x, y FROM generate_series(floor(ST_XMin(shape) * 1000)::int, floor(ST_XMax(shape) * 1000)::int) AS x,
        generate_series(floor(ST_YMin(shape) * 1000)::int, floor(ST_YMax(shape) * 1000)::int) AS y
$$;
COMMENT ON FUNCTION cells_of IS 'the cells of 0.001° (about 100 m) that the shape''s box touches: what overlaps shares one';

-- Plots as their entries make them: one, whoever held it on that day, and all of a village's. The present is read from the table.
DO $make$
DECLARE
    told text := $fold$
        SELECT row.* FROM (
            SELECT e.key, e.household_id, min(e.area_code) AS area_code,
                jsonb_object_agg(f.key, f.value ORDER BY e.valid_from, e.id) AS state,
                jsonb_object_agg(f.key, jsonb_build_array(e.provenance, e.verified_on) ORDER BY e.valid_from, e.id) AS sources
            FROM sheet_entry e CROSS JOIN LATERAL jsonb_each(e.patch) f
            WHERE e.kind = 'plot' AND e.valid_from <= coalesce(as_of, 'infinity') AND e.recorded_at <= coalesce(known_at, 'infinity') AND %s
            GROUP BY e.key, e.household_id
        ) said CROSS JOIN LATERAL jsonb_populate_record(NULL::plot, said.state || jsonb_build_object(
            'id', said.key, 'household_id', said.household_id, 'area_code', said.area_code, 'sources', said.sources)) row
        WHERE said.state ->> 'code' IS NOT NULL
    $fold$;
    inside text := '(%1$s.area_code >= village COLLATE "C" AND %1$s.area_code < (village || '':'') COLLATE "C")';
BEGIN
    EXECUTE format('CREATE FUNCTION plot_as_of(plot uuid, as_of date, known_at timestamptz) RETURNS SETOF plot LANGUAGE sql STABLE AS $f$ %s $f$',
        format(told, 'e.key = plot_as_of.plot'));
    EXECUTE format('CREATE FUNCTION village_plots(village text, as_of date, known_at timestamptz) RETURNS SETOF plot LANGUAGE sql STABLE AS $f$
        SELECT p.* FROM plot p WHERE coalesce(as_of, ''infinity'') = ''infinity'' AND known_at IS NULL AND %s UNION ALL %s $f$',
        format(inside, 'p'),
        format(told, '(as_of < ''infinity'' OR known_at IS NOT NULL) AND ' || format(inside, 'e')));
END $make$;
COMMENT ON FUNCTION plot_as_of IS 'the plot on that day, as it was known at that time; no row where nobody held it';

CREATE FUNCTION plot_spans(plot uuid, as_of date, known_at timestamptz)
RETURNS TABLE (household_id uuid, area_code text, since date, until date, reason text) LANGUAGE sql STABLE AS $$
    WITH told AS (
        SELECT DISTINCT ON (e.household_id, e.valid_from) e.household_id, e.area_code, e.valid_from, e.reason, e.patch ->> 'code' IS NOT NULL AS held
        FROM sheet_entry e WHERE e.key = plot AND e.kind = 'plot' AND e.patch ? 'code'
            AND e.valid_from <= coalesce(as_of, 'infinity') AND e.recorded_at <= coalesce(known_at, 'infinity')
        ORDER BY e.household_id, e.valid_from, e.id DESC),
    turns AS (SELECT told.*, lag(held, 1, false) OVER (PARTITION BY household_id ORDER BY valid_from) AS before FROM told),
    spans AS (
        SELECT turns.*, lead(valid_from) OVER (PARTITION BY household_id ORDER BY valid_from) - 1 AS until FROM turns WHERE held <> before)
    SELECT household_id, area_code, valid_from, until, reason FROM spans WHERE held
$$;
COMMENT ON FUNCTION plot_spans IS 'who held a plot until that day, as it was known at that time, from when till when, both days included; a household_id of null is the village';

-- Two plots of a village that cover the same ground. Lines that merely touch or cross by less than `smallest` mu are none.
CREATE FUNCTION village_overlaps(village text, as_of date, known_at timestamptz, smallest float8)
RETURNS TABLE (a uuid, b uuid, mu numeric, shape geometry) LANGUAGE sql STABLE SET enable_nestloop TO off AS $$
    WITH drawn AS MATERIALIZED (
        SELECT p.id, p.shape FROM village_plots(village, as_of, known_at) p WHERE p.shape IS NOT NULL),
    cell AS MATERIALIZED (SELECT d.id, d.shape, c.x, c.y FROM drawn d CROSS JOIN LATERAL cells_of(d.shape) c),
    near AS (SELECT DISTINCT a.id AS a, b.id AS b FROM cell a JOIN cell b USING (x, y) WHERE a.id < b.id AND a.shape && b.shape),
    both_on AS (
        SELECT n.a, n.b, ST_CollectionExtract(ST_Intersection(a.shape, b.shape), 3) AS shape
        FROM near n JOIN drawn a ON a.id = n.a JOIN drawn b ON b.id = n.b WHERE ST_Relate(a.shape, b.shape, 'T********'))
    SELECT a, b, mu_of(shape), shape FROM both_on WHERE ST_Area(shape::geography) >= smallest * 666.67
$$;

-- Ground between plots that is nobody's: strips narrower than `width` metres, and holes all around which plots lie, from `smallest` to `largest` mu.
CREATE FUNCTION village_gaps(village text, as_of date, known_at timestamptz, width float8, smallest float8, largest float8)
RETURNS TABLE (mu numeric, shape geometry, plots uuid[]) LANGUAGE sql STABLE AS $$
    WITH drawn AS MATERIALIZED (
        SELECT p.id, p.shape FROM village_plots(village, as_of, known_at) p WHERE p.shape IS NOT NULL),
    zone AS MATERIALIZED (SELECT metres_around(ST_SetSRID(ST_Extent(shape), 4490)) AS srid FROM drawn),
    metric AS MATERIALIZED (SELECT d.id, ST_Transform(d.shape, z.srid) AS shape FROM drawn d, zone z),
    ground AS MATERIALIZED (SELECT ST_Union(shape) AS shape FROM metric),
    closed AS MATERIALIZED (
        SELECT ST_Buffer(ST_Buffer(shape, width / 2, 'join=mitre mitre_limit=2'), -width / 2, 'join=mitre mitre_limit=2') AS shape FROM ground),
    pieces AS (
        SELECT ST_Difference(c.shape, g.shape) AS shape FROM closed c, ground g
        UNION ALL
        SELECT ST_MakePolygon(ST_ExteriorRing(ring.geom)) FROM closed c
        CROSS JOIN LATERAL ST_Dump(c.shape) part CROSS JOIN LATERAL ST_DumpRings(part.geom) ring
        WHERE ring.path[1] > 0 AND ST_Area(ring.geom) <= largest * 666.67),
    gap AS MATERIALIZED (
        SELECT one.geom AS shape FROM (SELECT ST_Union(ST_CollectionExtract(shape, 3)) AS shape FROM pieces) u
        CROSS JOIN LATERAL ST_Dump(u.shape) one WHERE ST_Area(one.geom) BETWEEN smallest * 666.67 AND largest * 666.67)
    SELECT round((ST_Area(g.shape) / 666.67)::numeric, 3), ST_Transform(g.shape, 4490), beside.plots
    FROM gap g CROSS JOIN LATERAL (
        SELECT array_agg(m.id ORDER BY m.id) AS plots FROM metric m WHERE m.shape && ST_Expand(g.shape, 0.1) AND ST_DWithin(m.shape, g.shape, 0.1)
    ) beside
    WHERE cardinality(beside.plots) > 1
$$;

-- The four sides in words, held against each other. Words name a plot by its code, by its name, or by somebody of the household that holds it; of
-- names within names the longest counts. Where a side names plots, one of them must name this one, or its holder, on its opposite side. Plots whose
-- shapes lie far apart are meant only where no near one, and none without a shape, is named.
CREATE FUNCTION village_neighbours(village text, as_of date, known_at timestamptz)
RETURNS TABLE (plot uuid, side text, words text, kind text, others uuid[]) LANGUAGE sql STABLE SET enable_nestloop TO off AS $$
    WITH p AS MATERIALIZED (SELECT v.* FROM village_plots(village, as_of, known_at) v),
    called AS MATERIALIZED (
        SELECT DISTINCT c.token, c.id FROM (
            SELECT p.code, p.id FROM p
            UNION ALL SELECT regexp_replace(p.name, '\s', '', 'g'), p.id FROM p
            UNION ALL SELECT n.name, p.id FROM p JOIN membership m ON m.household_id = p.household_id JOIN person n ON n.id = m.person_id
            UNION ALL SELECT common.word, p.id FROM p, (VALUES ('村集体'), ('集体')) common (word) WHERE p.household_id IS NULL
        ) c (token, id) WHERE length(c.token) > 1),
    edge AS MATERIALIZED (
        SELECT p.id, s.side, s.opposite, s.words, regexp_replace(s.words, '\s', '', 'g') AS text
        FROM p CROSS JOIN LATERAL (VALUES
            ('EAST', 'WEST', p.east), ('SOUTH', 'NORTH', p.south), ('WEST', 'EAST', p.west), ('NORTH', 'SOUTH', p.north)) s (side, opposite, words)),
    piece AS MATERIALIZED (
        SELECT t.text, at, sizes.size, substr(t.text, at, sizes.size) AS token
        FROM (SELECT DISTINCT text FROM edge) t CROSS JOIN (SELECT DISTINCT length(token) AS size FROM called) sizes
        CROSS JOIN LATERAL generate_series(1, length(t.text) - sizes.size + 1) at),
    hit AS MATERIALIZED (SELECT piece.* FROM piece WHERE EXISTS (SELECT FROM called WHERE called.token = piece.token)),
    longest AS (
        SELECT DISTINCT h.text, h.token FROM hit h WHERE NOT EXISTS (
            SELECT FROM hit o WHERE o.text = h.text AND o.size > h.size AND o.at <= h.at AND o.at + o.size >= h.at + h.size)),
    naming AS MATERIALIZED (
        SELECT DISTINCT e.id, e.side, e.opposite, e.words, c.id AS other
        FROM edge e JOIN longest l ON l.text = e.text JOIN called c ON c.token = l.token WHERE c.id <> e.id),
    placed AS MATERIALIZED (
        SELECT n.*, coalesce(ST_Expand(a.shape, 0.0003) && b.shape AND ST_DWithin(a.shape, b.shape, 0.0003), true) AS near
        FROM naming n JOIN p a ON a.id = n.id JOIN p b ON b.id = n.other),
    meant AS MATERIALIZED (
        SELECT w.* FROM (SELECT placed.*, bool_or(near) OVER (PARTITION BY id, side) AS any_near FROM placed) w WHERE w.near OR NOT w.any_near),
    answer AS (
        SELECT m.id, m.side, m.words, m.other, coalesce(bool_or(back.side = m.opposite AND back.other = m.id), false) AS agrees,
            coalesce(bool_or(back.side = m.opposite OR back.other = m.id), false) AS denies
        FROM meant m LEFT JOIN meant back ON back.id = m.other GROUP BY 1, 2, 3, 4)
    SELECT id, side, words, CASE WHEN bool_and(denies) THEN 'CONTRADICTION' ELSE 'ONE_SIDED' END, array_agg(other ORDER BY other)
    FROM answer GROUP BY 1, 2, 3 HAVING NOT bool_or(agrees)
$$;
COMMENT ON FUNCTION village_neighbours IS 'CONTRADICTION: each plot that is named there names something else on its opposite side, or this one on a wrong side; '
    'ONE_SIDED: one names nobody that is known';

CREATE FUNCTION mediation_of(a uuid, b uuid, as_of date, known_at timestamptz)
RETURNS TABLE (a uuid, b uuid, area_code text, as_of date, known_at timestamptz, overlap geometry) LANGUAGE sql STABLE AS $$
    SELECT one.id, other.id, left(one.area_code, 12), mediation_of.as_of, mediation_of.known_at,
        nullif(ST_CollectionExtract(ST_Intersection(one.shape, other.shape), 3), 'SRID=4490;POLYGON EMPTY'::geometry)
    FROM plot_as_of(mediation_of.a, mediation_of.as_of, mediation_of.known_at) one,
        plot_as_of(mediation_of.b, mediation_of.as_of, mediation_of.known_at) other
$$;
COMMENT ON FUNCTION mediation_of IS 'two plots side by side; no row unless the caller may see both';

CREATE TABLE area_shape (
    area_code text COLLATE "C" PRIMARY KEY REFERENCES area,
    drawn     geometry(MultiPolygon, 4490),
    hull      geometry(Polygon, 4490)
);
COMMENT ON TABLE area_shape IS 'outlines of areas: as somebody drew it, and what lies around the plots that carry its code';
CREATE FUNCTION outline_areas() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE codes text[] := '{}';
BEGIN
    IF TG_OP <> 'DELETE' THEN codes := codes || ARRAY(SELECT DISTINCT area_code FROM fresh WHERE shape IS NOT NULL); END IF;
    IF TG_OP <> 'INSERT' THEN codes := codes || ARRAY(SELECT DISTINCT area_code FROM stale WHERE shape IS NOT NULL); END IF;
    INSERT INTO area_shape (area_code) SELECT DISTINCT touched FROM unnest(codes) touched ON CONFLICT DO NOTHING;
    UPDATE area_shape s SET hull = around.hull
    FROM (SELECT touched, (SELECT ST_ConvexHull(ST_Collect(p.shape)) FROM plot p WHERE p.area_code = touched) AS hull FROM unnest(codes) touched) around
    WHERE s.area_code = around.touched AND s.hull IS DISTINCT FROM around.hull;
    RETURN NULL;
END $$;
CREATE TRIGGER outline_added AFTER INSERT ON plot REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION outline_areas();
CREATE TRIGGER outline_changed AFTER UPDATE ON plot REFERENCING OLD TABLE AS stale NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION outline_areas();
CREATE TRIGGER outline_removed AFTER DELETE ON plot REFERENCING OLD TABLE AS stale FOR EACH STATEMENT EXECUTE FUNCTION outline_areas();

ALTER TABLE area_shape ENABLE ROW LEVEL SECURITY;
ALTER TABLE area_shape FORCE ROW LEVEL SECURITY;
CREATE POLICY in_area ON area_shape USING ((SELECT caller_is_service()) OR area_code ^@ ANY ((SELECT caller_areas())::text[]));
GRANT SELECT, INSERT, UPDATE ON area_shape TO {app};
