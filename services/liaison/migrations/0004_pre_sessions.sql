-- Who serves, the series of meetings and their sessions, and who of the staff is where at which time.

CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE FUNCTION caller_roles() RETURNS text[] LANGUAGE sql STABLE AS
    $$ SELECT ARRAY(SELECT jsonb_array_elements_text(coalesce(caller() -> 'roles', '[]'))) $$;
CREATE FUNCTION china_today() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date $$;
CREATE FUNCTION in_china(day date, hour time) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT (day + hour) AT TIME ZONE 'Asia/Shanghai' $$;

CREATE TABLE cadre (
    subject    text COLLATE "C" PRIMARY KEY CHECK (subject <> ''),
    name       text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
    area       text COLLATE "C" NOT NULL CHECK (area ~ '^[0-9]{2,12}$'),
    base       text COLLATE "C" NOT NULL CHECK (base ~ '^[0-9]{2,12}$' AND base ^@ area),
    department text COLLATE "C" CHECK (department ~ '^[a-z][a-z0-9-]{0,39}$'),
    since      date NOT NULL,
    until      date CHECK (until >= since),
    version    int NOT NULL DEFAULT 1 CHECK (version >= 1)
);
COMMENT ON TABLE cadre IS 'who does duty or goes to gatherings; names of office-holders, as they hang on the station''s wall';
COMMENT ON COLUMN cadre.area IS 'they may be sent anywhere within it';
COMMENT ON COLUMN cadre.base IS 'where in it they set out from: a township''s or a village''s code, or area itself';
COMMENT ON COLUMN cadre.department IS 'for whom they come to a gathering; none of a village''s own cadre';
CREATE INDEX cadre_area ON cadre (area, subject);
CREATE INDEX cadre_department ON cadre (department, subject);

CREATE TABLE series (
    id            uuid PRIMARY KEY,
    kind          text COLLATE "C" NOT NULL CHECK (kind IN ('GATHERING', 'DIALOGUE')),
    area          text COLLATE "C" NOT NULL CHECK (area ~ '^[0-9]{2,12}$'),
    title         text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 100),
    weekday       int CHECK (weekday BETWEEN 1 AND 7),
    day           int CHECK (day BETWEEN 1 AND 31),
    policy        text COLLATE "C" NOT NULL CHECK (policy IN ('SKIP', 'NEXT_WORKDAY', 'PREVIOUS_WORKDAY')),
    opens         time NOT NULL,
    minutes       int NOT NULL CHECK (minutes BETWEEN 15 AND 600),
    departments   text[] COLLATE "C" NOT NULL DEFAULT '{}',
    starts        date NOT NULL,
    ends          date CHECK (ends >= starts),
    planned_until date,
    version       int NOT NULL DEFAULT 1 CHECK (version >= 1),
    CHECK ((weekday IS NULL) <> (day IS NULL)),
    CHECK (opens + make_interval(mins => minutes) > opens)
);
COMMENT ON COLUMN series.area IS 'there is a session in each village that lies in it';
COMMENT ON COLUMN series.weekday IS 'ISO: 1 is Monday; every week. Or day, of every month that has it';
COMMENT ON COLUMN series.policy IS 'what happens when the day is no workday';
COMMENT ON COLUMN series.departments IS 'each sends one of its cadres to every session';
COMMENT ON COLUMN series.planned_until IS 'up to where its sessions stand; null when they are due for planning';
CREATE INDEX series_area ON series (area, id);

CREATE TABLE session (
    id      uuid PRIMARY KEY,
    series  uuid REFERENCES series,
    kind    text COLLATE "C" NOT NULL CHECK (kind IN ('GATHERING', 'DIALOGUE')),
    area    text COLLATE "C" NOT NULL CHECK (area ~ '^[0-9]{12}$'),
    due     date NOT NULL,
    date    date NOT NULL,
    opens   time NOT NULL,
    minutes int NOT NULL CHECK (minutes BETWEEN 15 AND 600),
    state   text COLLATE "C" NOT NULL CHECK (state IN ('PLANNED', 'HELD', 'SKIPPED', 'CANCELLED')),
    reason  text CHECK (char_length(reason) BETWEEN 1 AND 500),
    topic   text CHECK (char_length(topic) BETWEEN 1 AND 100),
    outcome text CHECK (char_length(outcome) BETWEEN 1 AND 2000),
    people  int CHECK (people >= 0),
    held_by text COLLATE "C",
    held_at timestamptz,
    version int NOT NULL DEFAULT 1 CHECK (version >= 1),
    UNIQUE (series, area, due),
    CHECK ((state = 'HELD') = (held_at IS NOT NULL)),
    CHECK (state <> 'HELD' OR people IS NOT NULL)
);
COMMENT ON TABLE session IS 'one meeting in one village: a Tuesday''s gathering (一周一集中) or the 15th''s dialogue (一月一沟通)';
COMMENT ON COLUMN session.due IS 'the day by the series; date is the day on which it is, or would be, after the series'' policy or a move by hand';
COMMENT ON COLUMN session.reason IS 'why it was moved, skipped or cancelled';
COMMENT ON COLUMN session.people IS 'how many came';
CREATE INDEX session_area ON session (area, date DESC, id DESC);
CREATE INDEX session_date ON session (date DESC, id DESC);
CREATE INDEX session_series ON session (series, date);

CREATE TABLE session_staff (
    session    uuid NOT NULL REFERENCES session ON DELETE CASCADE,
    department text COLLATE "C" NOT NULL,
    subject    text COLLATE "C" REFERENCES cadre,
    state      text COLLATE "C" NOT NULL DEFAULT 'PLANNED' CHECK (state IN ('PLANNED', 'CAME', 'ABSENT')),
    PRIMARY KEY (session, department),
    CHECK (subject IS NOT NULL OR state = 'PLANNED')
);
COMMENT ON TABLE session_staff IS 'whom each required department sends; without a subject it has nobody free, which is told as a gap';
CREATE INDEX session_staff_subject ON session_staff (subject);

-- Where somebody is at a time. One person is in one village at a time, whatever they do there: no deed and no plan can break that. A year's plan
-- writes 130,000 of these: subjects compared by their hash make the rule at least twice as quick to keep, and no two will meet in 64 bits.
CREATE TABLE engagement (
    kind    text COLLATE "C" NOT NULL CHECK (kind IN ('DUTY', 'SESSION')),
    ref     text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    area    text COLLATE "C" NOT NULL,
    during  tstzrange NOT NULL,
    PRIMARY KEY (kind, ref, subject),
    CONSTRAINT engagement_one_place
        EXCLUDE USING gist (hashtextextended(subject, 0) WITH =, during WITH &&, area WITH <>) DEFERRABLE INITIALLY IMMEDIATE
);
CREATE INDEX engagement_subject ON engagement (subject);
COMMENT ON TABLE engagement IS 'kept by triggers of duty, session and session_staff alone; ref is the duty''s key or the session''s id';

CREATE FUNCTION duty_hours(day date) RETURNS tstzrange LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT tstzrange(in_china(day, '08:00'), in_china(day, '18:00')) $$;
COMMENT ON FUNCTION duty_hours IS 'when somebody on duty is in the station';

CREATE FUNCTION engage_duty() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM engagement e USING before b WHERE e.kind = 'DUTY' AND e.ref = b.area || '/' || b.date AND e.subject = b.subject;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO engagement SELECT 'DUTY', a.area || '/' || a.date, a.subject, a.area, duty_hours(a.date) FROM after a;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER duty_added AFTER INSERT ON duty REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION engage_duty();
CREATE TRIGGER duty_changed AFTER UPDATE ON duty REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION engage_duty();
CREATE TRIGGER duty_dropped AFTER DELETE ON duty REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION engage_duty();
SELECT set_config('sanmin.caller', '{"subject": "service:liaison", "service": true}', true);
INSERT INTO engagement SELECT 'DUTY', area || '/' || date, subject, area, duty_hours(date) FROM duty;

CREATE FUNCTION engage_staff() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM engagement e USING before b WHERE e.kind = 'SESSION' AND e.ref = b.session::text AND e.subject = b.subject
            AND NOT EXISTS (SELECT FROM session_staff f WHERE f.session = b.session AND f.subject = b.subject);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO engagement
        SELECT DISTINCT 'SESSION', s.id::text, a.subject, s.area,
               tstzrange(in_china(s.date, s.opens), in_china(s.date, s.opens) + make_interval(mins => s.minutes))
        FROM after a JOIN session s ON s.id = a.session
        WHERE a.subject IS NOT NULL AND s.state IN ('PLANNED', 'HELD')
        ON CONFLICT (kind, ref, subject) DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER staff_added AFTER INSERT ON session_staff REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION engage_staff();
CREATE TRIGGER staff_changed AFTER UPDATE ON session_staff REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION engage_staff();
CREATE TRIGGER staff_dropped AFTER DELETE ON session_staff REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION engage_staff();

CREATE FUNCTION engage_moved() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM engagement e USING after a WHERE e.kind = 'SESSION' AND e.ref = a.id::text;
    INSERT INTO engagement
    SELECT DISTINCT 'SESSION', a.id::text, f.subject, a.area,
           tstzrange(in_china(a.date, a.opens), in_china(a.date, a.opens) + make_interval(mins => a.minutes))
    FROM after a JOIN session_staff f ON f.session = a.id
    WHERE f.subject IS NOT NULL AND a.state IN ('PLANNED', 'HELD');
    RETURN NULL;
END $$;
CREATE TRIGGER session_moved AFTER UPDATE ON session REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION engage_moved();

ALTER TABLE cadre ENABLE ROW LEVEL SECURITY;
ALTER TABLE cadre FORCE ROW LEVEL SECURITY;
ALTER TABLE series ENABLE ROW LEVEL SECURITY;
ALTER TABLE series FORCE ROW LEVEL SECURITY;
ALTER TABLE session ENABLE ROW LEVEL SECURITY;
ALTER TABLE session FORCE ROW LEVEL SECURITY;
ALTER TABLE session_staff ENABLE ROW LEVEL SECURITY;
ALTER TABLE session_staff FORCE ROW LEVEL SECURITY;
ALTER TABLE engagement ENABLE ROW LEVEL SECURITY;
ALTER TABLE engagement FORCE ROW LEVEL SECURITY;

CREATE FUNCTION caller_arranges(area text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT caller_is_service() OR (caller_roles() && '{township_clerk,city_admin}' AND area ^@ ANY (caller_areas()))
$$;
CREATE FUNCTION caller_hosts(area text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT caller_is_service() OR (caller_roles() && '{village_cadre,township_clerk,city_admin}' AND area ^@ ANY (caller_areas()))
$$;
COMMENT ON FUNCTION caller_arranges IS 'a clerk of the township or the city''s admin, within their areas: rules, series, who serves';
COMMENT ON FUNCTION caller_hosts IS 'also the village''s own cadre: what is held there';

CREATE POLICY cadre_read ON cadre FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY cadre_add ON cadre FOR INSERT WITH CHECK (caller_arranges(area));
CREATE POLICY cadre_change ON cadre FOR UPDATE USING (caller_arranges(area));
CREATE POLICY series_read ON series FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY series_add ON series FOR INSERT WITH CHECK (caller_arranges(area));
CREATE POLICY series_change ON series FOR UPDATE USING (caller_arranges(area));
CREATE POLICY session_read ON session FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
-- Planning alone adds and drops.
CREATE POLICY session_add ON session FOR INSERT WITH CHECK ((SELECT caller_is_service()));
CREATE POLICY session_change ON session FOR UPDATE USING ((SELECT caller_is_service()) OR caller_hosts(area));
CREATE POLICY session_drop ON session FOR DELETE USING ((SELECT caller_is_service()));
CREATE POLICY session_staff_read ON session_staff FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY session_staff_add ON session_staff FOR INSERT WITH CHECK (
    (SELECT caller_is_service()) OR EXISTS (SELECT FROM session s WHERE s.id = session_staff.session AND caller_hosts(s.area)));
CREATE POLICY session_staff_change ON session_staff FOR UPDATE USING (
    (SELECT caller_is_service()) OR EXISTS (SELECT FROM session s WHERE s.id = session_staff.session AND caller_hosts(s.area)));
CREATE POLICY session_staff_drop ON session_staff FOR DELETE USING ((SELECT caller_is_service()));
CREATE POLICY engagement_read ON engagement FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
-- What the triggers do, they do as the owner.
CREATE POLICY engagement_keep ON engagement TO CURRENT_USER USING (true);

GRANT SELECT, INSERT, UPDATE ON cadre, series TO {app};
GRANT SELECT, INSERT, UPDATE, DELETE ON session, session_staff TO {app};
GRANT SELECT ON engagement TO {app};
