-- Figures of matters, and assessment: schemes, what counted, results, objections.

-- What figures of a month are counted from in a county of a million matters: what ended then, what was decided then.
CREATE INDEX ticket_ended ON ticket (updated_at) WHERE status IN ('CLOSED', 'MERGED', 'WITHDRAWN', 'REFERRED_OUT');
ALTER TABLE deadline ADD COLUMN decided_at timestamptz GENERATED ALWAYS AS (coalesce(missed_at, met_at)) STORED;
CREATE INDEX deadline_decided ON deadline (decided_at) INCLUDE (kind, area, department, ticket, missed_at)
    WHERE decided_at IS NOT NULL;
CREATE INDEX extension_granted ON extension (decided_at) WHERE granted IS NOT NULL;
CREATE INDEX step_at ON step USING brin (at) WITH (pages_per_range = 32, autosummarize = on);

CREATE TABLE assessment_scheme (
    code       text COLLATE "C" NOT NULL CHECK (code ~ '^[a-z][a-z0-9-]{0,39}$'),
    since      date NOT NULL,
    definition jsonb NOT NULL,
    by         text COLLATE "C" NOT NULL,
    at         timestamptz NOT NULL,
    PRIMARY KEY (code, since)
);
COMMENT ON TABLE assessment_scheme IS 'whom, by what and with which weights; holds from its day until the next of its code begins';

CREATE TABLE assessment (
    id          uuid PRIMARY KEY,
    period      text COLLATE "C" NOT NULL CHECK (period ~ '^20[0-9]{2}-([01][0-9]|Q[1-4])$'),
    version     int NOT NULL CHECK (version >= 1),
    first       date NOT NULL,
    last        date NOT NULL CHECK (last > first),
    schemes     jsonb NOT NULL,
    digest      bytea NOT NULL CHECK (octet_length(digest) = 32),
    cases       int NOT NULL,
    computed_by text COLLATE "C" NOT NULL,
    computed_at timestamptz NOT NULL,
    UNIQUE (period, version)
);
COMMENT ON TABLE assessment IS 'a version of a period''s assessment: a later one corrects it, and none is made where nothing has changed';
COMMENT ON COLUMN assessment.schemes IS 'the schemes as they were';
COMMENT ON COLUMN assessment.digest IS 'SHA-256 of all that went into it: schemes, cases, what objections left out';

CREATE TABLE assessment_case (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    period     text COLLATE "C" NOT NULL,
    indicator  text COLLATE "C" NOT NULL,
    ticket     uuid NOT NULL REFERENCES ticket,
    place      int NOT NULL,
    counted    boolean NOT NULL,
    at         timestamptz NOT NULL,
    due_at     timestamptz,
    department text COLLATE "C",
    area       text COLLATE "C" NOT NULL,
    worker     text COLLATE "C",
    ending     text COLLATE "C",
    since      int NOT NULL,
    until      int CHECK (until > since)
);
COMMENT ON TABLE assessment_case IS 'an event of the history that an indicator counts in a period, as the versions from since to before until took it';
COMMENT ON COLUMN assessment_case.place IS 'the ticket''s version after the step, or the round of the deadline';
COMMENT ON COLUMN assessment_case.counted IS 'whether it is in the numerator, too';
COMMENT ON COLUMN assessment_case.ending IS 'the state in which the ticket had ended by the end of the period';
CREATE INDEX assessment_case_area ON assessment_case (period, indicator, area);
CREATE INDEX assessment_case_department ON assessment_case (period, indicator, department) WHERE department IS NOT NULL;
CREATE INDEX assessment_case_worker ON assessment_case (period, indicator, worker) WHERE worker IS NOT NULL;

CREATE TABLE assessment_result (
    id         uuid PRIMARY KEY,
    assessment uuid NOT NULL REFERENCES assessment,
    scheme     text COLLATE "C" NOT NULL,
    unit_kind  text COLLATE "C" NOT NULL CHECK (unit_kind IN ('DEPARTMENT', 'TOWNSHIP', 'VILLAGE', 'WORKER')),
    unit       text COLLATE "C" NOT NULL,
    position   int NOT NULL,
    place      int,
    points     numeric(5, 2) CHECK (points BETWEEN 0 AND 100),
    marks      jsonb NOT NULL,
    UNIQUE (assessment, scheme, position),
    UNIQUE (assessment, scheme, unit)
);
COMMENT ON COLUMN assessment_result.unit IS 'code of a department or an area, or subject of an account';
COMMENT ON COLUMN assessment_result.place IS 'null where there are too few cases for any indicator';

CREATE TABLE assessment_objection (
    id          uuid PRIMARY KEY,
    result      uuid NOT NULL REFERENCES assessment_result,
    "case"      uuid NOT NULL REFERENCES assessment_case,
    unit_kind   text COLLATE "C" NOT NULL,
    unit        text COLLATE "C" NOT NULL,
    reason      text NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 1000),
    by          text COLLATE "C" NOT NULL,
    at          timestamptz NOT NULL,
    upheld      boolean,
    note        text CHECK (char_length(note) BETWEEN 1 AND 1000),
    decided_by  text COLLATE "C",
    decided_at  timestamptz,
    left_out    int,
    UNIQUE ("case", unit_kind),
    CHECK ((decided_at IS NULL) = (upheld IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)),
    CHECK (left_out IS NULL OR upheld)
);
COMMENT ON COLUMN assessment_objection.left_out IS 'the version from which on the case does not count for such units';
CREATE INDEX assessment_objection_newest ON assessment_objection (at DESC, id DESC);

-- The second fence. Who is assessed sees what they are assessed by, and so do those above them: for departments and workers the county's.
CREATE FUNCTION caller_over_county() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT caller_is_service() OR (caller_roles() && '{city_admin,auditor}'
        AND EXISTS (SELECT 1 FROM unnest(caller_areas()) AS a WHERE char_length(a) <= 6)) $$;

ALTER TABLE assessment_scheme ENABLE ROW LEVEL SECURITY;
ALTER TABLE assessment_scheme FORCE ROW LEVEL SECURITY;
CREATE POLICY assessment_scheme_read ON assessment_scheme FOR SELECT USING (
    (SELECT caller_is_service()) OR cardinality((SELECT caller_areas())) > 0);
CREATE POLICY assessment_scheme_write ON assessment_scheme USING (
    (SELECT caller_is_service()) OR (by = (SELECT caller_subject()) AND (SELECT caller_over_county())));

ALTER TABLE assessment ENABLE ROW LEVEL SECURITY;
ALTER TABLE assessment FORCE ROW LEVEL SECURITY;
CREATE POLICY assessment_read ON assessment FOR SELECT USING (
    (SELECT caller_is_service()) OR cardinality((SELECT caller_areas())) > 0);
CREATE POLICY assessment_add ON assessment FOR INSERT WITH CHECK ((SELECT caller_is_service()));

ALTER TABLE assessment_case ENABLE ROW LEVEL SECURITY;
ALTER TABLE assessment_case FORCE ROW LEVEL SECURITY;
CREATE POLICY assessment_case_read ON assessment_case FOR SELECT USING (
    (SELECT caller_is_service())
    OR (area ^@ ANY ((SELECT caller_areas())::text[]) AND (SELECT caller_department()) IS NULL)
    OR department = (SELECT caller_department())
    OR worker = (SELECT caller_subject()));
CREATE POLICY assessment_case_keep ON assessment_case USING ((SELECT caller_is_service()));

ALTER TABLE assessment_result ENABLE ROW LEVEL SECURITY;
ALTER TABLE assessment_result FORCE ROW LEVEL SECURITY;
CREATE POLICY assessment_result_read ON assessment_result FOR SELECT USING (
    (SELECT caller_over_county())
    OR CASE unit_kind
        WHEN 'DEPARTMENT' THEN unit = (SELECT caller_department())
        WHEN 'WORKER' THEN unit = (SELECT caller_subject())
        ELSE unit ^@ ANY ((SELECT caller_areas())::text[]) AND (SELECT caller_department()) IS NULL END);
CREATE POLICY assessment_result_add ON assessment_result FOR INSERT WITH CHECK ((SELECT caller_is_service()));

ALTER TABLE assessment_objection ENABLE ROW LEVEL SECURITY;
ALTER TABLE assessment_objection FORCE ROW LEVEL SECURITY;
CREATE POLICY assessment_objection_read ON assessment_objection FOR SELECT USING (
    EXISTS (SELECT 1 FROM assessment_result r WHERE r.id = assessment_objection.result));
CREATE POLICY assessment_objection_add ON assessment_objection FOR INSERT WITH CHECK (
    by = (SELECT caller_subject()) AND upheld IS NULL
    AND EXISTS (SELECT 1 FROM assessment_result r WHERE r.id = assessment_objection.result)
    AND EXISTS (SELECT 1 FROM assessment_case c WHERE c.id = assessment_objection."case"));
CREATE POLICY assessment_objection_decide ON assessment_objection FOR UPDATE USING ((SELECT caller_is_service()));

GRANT SELECT, INSERT ON assessment_scheme, assessment, assessment_result TO {app};
GRANT SELECT, INSERT, UPDATE (until) ON assessment_case TO {app};
GRANT SELECT, INSERT, UPDATE (upheld, note, decided_by, decided_at, left_out) ON assessment_objection TO {app};
