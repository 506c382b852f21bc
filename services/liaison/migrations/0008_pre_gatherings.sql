-- Planning of series, and who signs up for a gathering with what.

ALTER TABLE series ADD COLUMN concerns bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN series.concerns IS 'counts what may have changed its plan, so that planning sees what came in between';

ALTER TABLE session ADD COLUMN by_hand boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN session.by_hand IS 'moved or cancelled by somebody: planning leaves its day as it is';
ALTER TABLE session ADD CONSTRAINT session_one_a_day
    EXCLUDE USING btree (series WITH =, area WITH =, date WITH =) WHERE (state IN ('PLANNED', 'HELD')) DEFERRABLE INITIALLY IMMEDIATE;

ALTER TABLE session_staff ADD COLUMN by_hand boolean NOT NULL DEFAULT false;
ALTER TABLE session_staff ADD COLUMN gap_told_at timestamptz;
COMMENT ON COLUMN session_staff.by_hand IS 'chosen by somebody: the department comes although the series does not ask for it';
CREATE INDEX session_staff_gap ON session_staff (session) WHERE subject IS NULL;

-- What a plan was made from has changed: the series is due again. Any deed may be the cause, whoever does it, so this is the service's own.
CREATE FUNCTION concern_series(these uuid[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    before text := coalesce(current_setting('sanmin.caller', true), '');
BEGIN
    PERFORM set_config('sanmin.caller', '{"subject": "service:liaison", "service": true}', true);
    UPDATE series SET planned_until = NULL, concerns = concerns + 1 WHERE id = ANY (these);
    PERFORM set_config('sanmin.caller', before, true);
END $$;
CREATE FUNCTION series_of(departments text[]) RETURNS uuid[] LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    before text := coalesce(current_setting('sanmin.caller', true), '');
    found  uuid[];
BEGIN
    PERFORM set_config('sanmin.caller', '{"subject": "service:liaison", "service": true}', true);
    found := ARRAY(SELECT s.id FROM series s WHERE series_of.departments IS NULL OR s.departments && series_of.departments ORDER BY s.id);
    PERFORM set_config('sanmin.caller', before, true);
    RETURN found;
END $$;
COMMENT ON FUNCTION series_of IS 'the series to which one of the departments sends somebody; all where none is given';
CREATE FUNCTION series_of_people(subjects text[]) RETURNS uuid[] LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    before text := coalesce(current_setting('sanmin.caller', true), '');
    theirs text[];
BEGIN
    PERFORM set_config('sanmin.caller', '{"subject": "service:liaison", "service": true}', true);
    theirs := ARRAY(SELECT DISTINCT c.department FROM cadre c WHERE c.subject = ANY (subjects) AND c.department IS NOT NULL);
    PERFORM set_config('sanmin.caller', before, true);
    RETURN CASE WHEN theirs = '{}' THEN '{}' ELSE series_of(theirs) END;
END $$;

CREATE FUNCTION calendar_concerns() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM concern_series(series_of(NULL));
    RETURN NULL;
END $$;
CREATE TRIGGER concerns_series AFTER INSERT OR UPDATE OR DELETE ON calendar_day FOR EACH STATEMENT EXECUTE FUNCTION calendar_concerns();

CREATE FUNCTION area_concerns() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    before text := coalesce(current_setting('sanmin.caller', true), '');
BEGIN
    PERFORM set_config('sanmin.caller', '{"subject": "service:liaison", "service": true}', true);
    PERFORM concern_series(ARRAY(SELECT s.id FROM series s WHERE NEW.code ^@ s.area ORDER BY s.id));
    PERFORM set_config('sanmin.caller', before, true);
    RETURN NULL;
END $$;
CREATE TRIGGER new_concerns_series AFTER INSERT ON area FOR EACH ROW WHEN (length(NEW.code) = 12) EXECUTE FUNCTION area_concerns();
CREATE TRIGGER end_concerns_series AFTER UPDATE ON area FOR EACH ROW
    WHEN (length(NEW.code) = 12 AND OLD.valid_to IS DISTINCT FROM NEW.valid_to) EXECUTE FUNCTION area_concerns();

CREATE FUNCTION cadre_concerns() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM concern_series(series_of(ARRAY(SELECT DISTINCT a.department FROM after a WHERE a.department IS NOT NULL)));
    ELSE
        PERFORM concern_series(series_of(ARRAY(
            SELECT DISTINCT unnest(ARRAY[a.department, b.department]) FROM after a JOIN before b USING (subject)
            WHERE (a.area, a.base, a.department, a.since, a.until) IS DISTINCT FROM (b.area, b.base, b.department, b.since, b.until))));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER added_concerns_series AFTER INSERT ON cadre REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION cadre_concerns();
CREATE TRIGGER changed_concerns_series AFTER UPDATE ON cadre REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION cadre_concerns();

-- Of a duty only who does it and when counts, not that they have signed in.
CREATE FUNCTION duty_concerns() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM concern_series(series_of_people(ARRAY(SELECT DISTINCT subject FROM after)));
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM concern_series(series_of_people(ARRAY(SELECT DISTINCT subject FROM before)));
    ELSE
        PERFORM concern_series(series_of_people(ARRAY(
            (SELECT subject FROM (SELECT area, date, subject FROM after EXCEPT SELECT area, date, subject FROM before) gained)
            UNION (SELECT subject FROM (SELECT area, date, subject FROM before EXCEPT SELECT area, date, subject FROM after) lost))));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER added_concerns_series AFTER INSERT ON duty REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION duty_concerns();
CREATE TRIGGER changed_concerns_series AFTER UPDATE ON duty REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION duty_concerns();
CREATE TRIGGER dropped_concerns_series AFTER DELETE ON duty REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION duty_concerns();

CREATE FUNCTION leave_concerns() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM concern_series(series_of_people(ARRAY[NEW.subject, OLD.subject]));
    RETURN NULL;
END $$;
CREATE TRIGGER concerns_series AFTER INSERT OR UPDATE OR DELETE ON leave FOR EACH ROW EXECUTE FUNCTION leave_concerns();

-- A grid's worker works in its village.
CREATE FUNCTION caller_works_in(village text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT village ^@ ANY (caller_areas())
        OR (caller_roles() && '{grid_worker}' AND EXISTS (SELECT FROM unnest(caller_areas()) grid WHERE grid ^@ village))
$$;

CREATE TABLE sign_up (
    id        uuid PRIMARY KEY,
    session   uuid NOT NULL REFERENCES session,
    area      text COLLATE "C" NOT NULL CHECK (area ~ '^[0-9]{12}$'),
    subject   text COLLATE "C" CHECK (subject <> ''),
    household uuid,
    topic     text NOT NULL CHECK (char_length(topic) BETWEEN 1 AND 100),
    state     text COLLATE "C" NOT NULL CHECK (state IN ('OPEN', 'WITHDRAWN', 'ANSWERED', 'RAISED')),
    outcome   text CHECK (char_length(outcome) BETWEEN 1 AND 2000),
    signed_by text COLLATE "C" NOT NULL,
    signed_at timestamptz NOT NULL,
    ended_by  text COLLATE "C",
    ended_at  timestamptz,
    version   int NOT NULL DEFAULT 1 CHECK (version >= 1),
    CHECK ((state = 'OPEN') = (ended_at IS NULL))
);
COMMENT ON TABLE sign_up IS 'who will come to a gathering, and with what; subject is null where staff signs somebody up';
COMMENT ON COLUMN sign_up.area IS 'the session''s village';
CREATE UNIQUE INDEX sign_up_once ON sign_up (session, subject, topic) WHERE subject IS NOT NULL AND state = 'OPEN';
CREATE INDEX sign_up_session ON sign_up (session, signed_at, id);
CREATE INDEX sign_up_subject ON sign_up (subject, signed_at) WHERE subject IS NOT NULL;

CREATE TABLE session_topic (
    session uuid NOT NULL REFERENCES session,
    topic   text NOT NULL,
    people  int NOT NULL CHECK (people > 0),
    PRIMARY KEY (session, topic)
);
COMMENT ON TABLE session_topic IS 'how many signed up with a topic, for everybody to see; kept by triggers of sign_up alone';

CREATE FUNCTION count_topic() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO session_topic AS t VALUES (NEW.session, NEW.topic, 1)
        ON CONFLICT (session, topic) DO UPDATE SET people = t.people + 1;
    ELSE
        DELETE FROM session_topic WHERE session = NEW.session AND topic = NEW.topic AND people = 1;
        UPDATE session_topic SET people = people - 1 WHERE session = NEW.session AND topic = NEW.topic AND people > 1;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER signed_up AFTER INSERT ON sign_up FOR EACH ROW EXECUTE FUNCTION count_topic();
CREATE TRIGGER withdrawn AFTER UPDATE ON sign_up FOR EACH ROW
    WHEN (OLD.state <> 'WITHDRAWN' AND NEW.state = 'WITHDRAWN') EXECUTE FUNCTION count_topic();

ALTER TABLE sign_up ENABLE ROW LEVEL SECURITY;
ALTER TABLE sign_up FORCE ROW LEVEL SECURITY;
ALTER TABLE session_topic ENABLE ROW LEVEL SECURITY;
ALTER TABLE session_topic FORCE ROW LEVEL SECURITY;
CREATE POLICY sign_up_read ON sign_up FOR SELECT USING (
    (SELECT caller_is_service()) OR (SELECT caller_subject()) IN (subject, signed_by) OR household = (SELECT caller_household())
    OR ((SELECT caller_roles() && '{village_cadre,township_clerk,city_admin}') AND area ^@ ANY ((SELECT caller_areas())::text[])));
CREATE POLICY sign_up_make ON sign_up FOR INSERT WITH CHECK (
    signed_by = (SELECT caller_subject()) AND EXISTS (SELECT FROM session s WHERE s.id = sign_up.session AND s.area = sign_up.area)
    AND CASE WHEN subject IS NULL
        THEN caller_roles() && '{grid_worker,village_cadre,township_clerk,department_officer,city_admin}' AND caller_works_in(area)
        ELSE subject = signed_by AND caller_roles() && '{resident}' AND (household IS NULL OR household = (SELECT caller_household())) END);
CREATE POLICY sign_up_end ON sign_up FOR UPDATE USING ((SELECT caller_subject()) IN (subject, signed_by) OR caller_hosts(area))
    WITH CHECK (ended_by = (SELECT caller_subject()) AND (state = 'WITHDRAWN' OR caller_hosts(area)));
CREATE POLICY session_topic_read ON session_topic FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY session_topic_count ON session_topic TO CURRENT_USER USING (true);

REVOKE ALL ON FUNCTION concern_series, series_of, series_of_people FROM PUBLIC;
GRANT EXECUTE ON FUNCTION concern_series, series_of, series_of_people TO {app};
GRANT SELECT, INSERT, UPDATE (state, outcome, ended_by, ended_at, version) ON sign_up TO {app};
GRANT SELECT ON session_topic TO {app};
