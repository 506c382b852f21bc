-- Freshness of sheets and the needs of their people: what a visit queue is ranked by, and how much of an area is up to date.
--
-- Both change as days go by although nobody writes: somebody turns 80, a fact grows stale. Each sheet knows the next such day (`recount_on`);
-- the worker counts again those whose day has come. A sheet that was never counted has the day before all others.

CREATE FUNCTION china_today() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date $$;

CREATE TABLE visit_need (
    code     text PRIMARY KEY,
    name     text NOT NULL,
    days     int NOT NULL CHECK (days >= 0),
    position int NOT NULL
);
COMMENT ON TABLE visit_need IS 'what makes a visit more urgent, and as how many days overdue it counts; a county sets its own, then runs the verb review';
INSERT INTO visit_need VALUES
    ('ELDERLY_80', '80岁以上老人', 60, 1), ('LIVING_ALONE', '独自在家', 60, 2), ('MINORS_LEFT_BEHIND', '留守未成年人', 60, 3),
    ('DISABILITY', '残疾', 45, 4), ('BENEFITS', '低保、特困等救助', 30, 5);
GRANT SELECT, UPDATE ON visit_need TO {app};
GRANT INSERT, DELETE ON review_interval TO {app};

ALTER TABLE household
    ADD COLUMN needs text[] NOT NULL DEFAULT '{}',
    ADD COLUMN rank_on date,
    ADD COLUMN facts int NOT NULL DEFAULT 0,
    ADD COLUMN stale_facts int NOT NULL DEFAULT 0,
    ADD COLUMN recount_on date DEFAULT '-infinity';
COMMENT ON COLUMN household.needs IS 'codes of visit_need';
COMMENT ON COLUMN household.rank_on IS 'review_on less the days that the needs count for: the visit queue''s order, the same whatever day it is';
COMMENT ON COLUMN household.facts IS 'how many facts have a review interval';
COMMENT ON COLUMN household.stale_facts IS 'how many of them were past it when the sheet was counted last';
COMMENT ON COLUMN household.recount_on IS 'the first day on which needs or stale_facts differ with nothing written; null for never';
DROP INDEX household_review;
CREATE INDEX household_review ON household (area_code, review_on) INCLUDE (facts, stale_facts, id) WHERE closed_on IS NULL;
COMMENT ON INDEX household_review IS 'holds all that figures of freshness are counted from, and all that the policies ask for';
CREATE INDEX household_rank ON household (rank_on, id) WHERE closed_on IS NULL;
CREATE INDEX household_recount ON household (recount_on) WHERE closed_on IS NULL;
CREATE INDEX household_need ON household (area_code, id) WHERE closed_on IS NULL AND needs <> '{}';

-- As before, but for the day, which is China's; of items none of somebody who has left grows stale, and of income only the latest year.
CREATE OR REPLACE FUNCTION reviews_of(sheet uuid) RETURNS TABLE (kind text, key uuid, fact text, stale_on date) LANGUAGE sql STABLE AS $$
    SELECT p.kind, p.key, s.key, ((s.value ->> 1)::date + make_interval(months => i.months))::date
    FROM (
        SELECT 'household', h.id, h.sources FROM household h WHERE h.id = sheet
        UNION ALL SELECT 'person', m.id, m.sources FROM person m WHERE m.household_id = sheet
        UNION ALL SELECT 'plot', l.id, l.sources FROM plot l WHERE l.household_id = sheet
        UNION ALL SELECT t.kind, t.id, t.sources FROM sheet_item t WHERE t.household_id = sheet
            AND (t.until IS NULL OR t.until >= china_today())
            AND (t.person_id IS NULL OR EXISTS (SELECT FROM person m WHERE m.id = t.person_id AND m.household_id = sheet))
            AND (t.kind <> 'INCOME' OR (t.data ->> 'year')::int = (
                SELECT max((y.data ->> 'year')::int) FROM sheet_item y WHERE y.household_id = sheet AND y.kind = 'INCOME'))
    ) AS p (kind, key, sources)
    CROSS JOIN LATERAL jsonb_each(p.sources) s JOIN review_interval i ON i.kind = p.kind AND i.fact = s.key
$$;

-- Codes of visit_need that hold on a day, and the next day on which others may. Away is who has an out-migration item in force. Living alone
-- is who alone is at home. Minors are left behind where somebody is away and nobody from 18 to 59 is at home: a first look, for a visit to
-- see to; the State Council's notice 国发〔2016〕13号 counts those under 16 with both parents away, or one away and the other unable to care.
CREATE FUNCTION needs_of(sheet uuid, day date) RETURNS TABLE (needs text[], changes_on date) LANGUAGE sql STABLE AS $$
    WITH item AS (
        SELECT t.kind, t.person_id, t.data ->> 'benefit' AS benefit, t.since, t.until,
            coalesce(t.since <= day, true) AND coalesce(t.until >= day, true) AS holds
        FROM sheet_item t WHERE t.household_id = sheet AND t.kind IN ('MIGRATION', 'BENEFIT')
            AND (t.person_id IS NULL OR EXISTS (SELECT FROM person m WHERE m.id = t.person_id AND m.household_id = sheet))),
    member AS (
        SELECT m.birth_date, m.birth_date > day - interval '16 years' AS minor,
            coalesce(m.birth_date <= day - interval '18 years' AND m.birth_date > day - interval '60 years', true) AS adult,
            EXISTS (SELECT FROM item WHERE item.kind = 'MIGRATION' AND item.person_id = m.id AND item.holds) AS away
        FROM person m WHERE m.household_id = sheet),
    told AS (
        SELECT 'ELDERLY_80' AS code, bool_or(birth_date <= day - interval '80 years') AS holds FROM member
        UNION ALL SELECT 'LIVING_ALONE', count(*) FILTER (WHERE NOT away) = 1 FROM member
        UNION ALL SELECT 'MINORS_LEFT_BEHIND', bool_or(away) AND bool_or(minor) AND NOT bool_or(adult AND NOT away) FROM member
        UNION ALL SELECT 'DISABILITY', bool_or(holds AND benefit = 'DISABILITY') FROM item
        UNION ALL SELECT 'BENEFITS', bool_or(holds AND benefit IN ('MINIMUM_LIVING', 'EXTREME_POVERTY', 'MEDICAL_AID', 'ORPHAN')) FROM item)
    SELECT
        coalesce((SELECT array_agg(n.code ORDER BY n.position) FROM told JOIN visit_need n USING (code) WHERE told.holds), '{}'),
        (SELECT min(d.next_on) FROM (
            SELECT (member.birth_date + make_interval(years => a.years))::date
            FROM member CROSS JOIN unnest(ARRAY[16, 18, 60, 80]) AS a (years)
            UNION ALL SELECT item.since FROM item UNION ALL SELECT item.until + 1 FROM item
            UNION ALL SELECT t.until + 1 FROM sheet_item t WHERE t.household_id = sheet
        ) AS d (next_on) WHERE d.next_on > day)
$$;

CREATE FUNCTION freshness_of(sheet uuid, day date)
RETURNS TABLE (review_on date, needs text[], rank_on date, facts int, stale_facts int, recount_on date) LANGUAGE sql STABLE AS $$
    SELECT r.review_on, n.needs,
        r.review_on - coalesce((SELECT sum(v.days)::int FROM visit_need v WHERE v.code = ANY (n.needs)), 0),
        r.facts, r.stale_facts, least(r.next_on, n.changes_on)
    FROM needs_of(sheet, day) n CROSS JOIN (
        SELECT min(stale_on), count(*)::int, (count(*) FILTER (WHERE stale_on <= day))::int, min(stale_on) FILTER (WHERE stale_on > day)
        FROM reviews_of(sheet)
    ) AS r (review_on, facts, stale_facts, next_on)
$$;

CREATE VIEW review WITH (security_invoker = true) AS
    SELECT h.id AS household_id, h.area_code, r.kind, r.key, r.fact, r.stale_on FROM household h CROSS JOIN LATERAL reviews_of(h.id) r;
GRANT SELECT ON review TO {app};

-- Free words may hold a phone or an identity number: of eleven digits and more, the first three and the last four are shown.
CREATE FUNCTION masked_digits(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT regexp_replace(words, '([0-9]{3})[0-9]{4,}([0-9]{4}|[0-9]{3}[Xx])', '\1****\2', 'g') $$;
