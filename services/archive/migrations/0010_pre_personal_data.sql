-- Personal data: who saw whose, sealed in a chain; keys that change; what households ask to have corrected; how long things are kept.

CREATE FUNCTION caller_roles() RETURNS text[] LANGUAGE sql STABLE AS
    $$ SELECT ARRAY(SELECT jsonb_array_elements_text(coalesce(caller() -> 'roles', '[]'))) $$;

CREATE SEQUENCE audit_id;
GRANT USAGE ON SEQUENCE audit_id TO {app};
CREATE TABLE audit (
    id           bigint PRIMARY KEY DEFAULT nextval('audit_id'),
    by           text NOT NULL,
    name         text,
    roles        text[] NOT NULL,
    areas        text[] NOT NULL,
    department   text,
    deed         text NOT NULL,
    at           timestamptz NOT NULL,
    purpose      text,
    household_id uuid,
    person_id    uuid,
    area_code    text COLLATE "C",
    fields       text[] NOT NULL,
    count        int,
    note         text
);
CREATE INDEX audit_sheet ON audit (household_id, id) WHERE household_id IS NOT NULL;
CREATE INDEX audit_reveals ON audit (by, at) WHERE deed = 'REVEAL';
CREATE INDEX audit_age ON audit USING brin (at);
COMMENT ON TABLE audit IS 'who saw whose data; rows are added, and go only when their time is over (retention_rule)';
COMMENT ON COLUMN audit.areas IS 'those that the account had then';
COMMENT ON COLUMN audit.household_id IS 'null where a list was read: count says how many were on it';
COMMENT ON COLUMN audit.area_code IS 'where the household was then, or the area that a list was asked for';
COMMENT ON COLUMN audit.fields IS 'names of what was seen, never values';

CREATE TABLE audit_unsealed (audit_id bigint PRIMARY KEY);
COMMENT ON TABLE audit_unsealed IS 'rows of audit that the worker has yet to seal into the chain; who adds a row there adds its id here, in the same statement';

ALTER TABLE audit ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit FORCE ROW LEVEL SECURITY;
CREATE POLICY in_area ON audit FOR SELECT USING ((SELECT caller_is_service())
    OR (area_code ^@ ANY ((SELECT caller_areas())::text[]) AND (SELECT caller_roles() && '{auditor,city_admin}')));
CREATE POLICY own ON audit FOR SELECT USING (household_id = (SELECT caller_household()));
CREATE POLICY mine ON audit FOR SELECT USING (by = (SELECT caller_subject()));
CREATE POLICY mine_only ON audit FOR INSERT WITH CHECK (by = (SELECT caller_subject()));
CREATE POLICY expiry ON audit FOR DELETE USING ((SELECT caller_is_service()));
COMMENT ON POLICY expiry ON audit IS 'for apply_retention alone: the run-time role may not delete';
GRANT SELECT, INSERT ON audit TO {app};
GRANT SELECT, INSERT, DELETE ON audit_unsealed TO {app};

CREATE TABLE audit_chain (
    position bigint PRIMARY KEY,
    audit_id bigint NOT NULL UNIQUE,
    hash     bytea NOT NULL
);
COMMENT ON TABLE audit_chain IS 'the order in which rows were sealed; a hash is that of the one before and of the row: domain/chain.py';
CREATE TABLE audit_checkpoint (
    position  bigint PRIMARY KEY REFERENCES audit_chain,
    hash      bytea NOT NULL,
    at        timestamptz NOT NULL,
    key       bytea NOT NULL,
    signature bytea NOT NULL
);
COMMENT ON TABLE audit_checkpoint IS 'signed now and then: who has the database but not the key cannot make the chain anew';
COMMENT ON COLUMN audit_checkpoint.key IS 'the public key (Ed25519)';
GRANT SELECT, INSERT ON audit_chain, audit_checkpoint TO {app};

-- A key is replaced by sealing anew what it has sealed, also where entries hold it. Nothing else of an entry can be changed this way: the facts
-- must be there already, sealed or indexed values all of them, and still what the caller has read.
CREATE FUNCTION rewrite_sealed(entries bigint[], former jsonb[], facts jsonb[]) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE done int;
BEGIN
    IF NOT caller_is_service() OR EXISTS (
        SELECT FROM unnest(former, facts) AS given (old, new) CROSS JOIN LATERAL jsonb_each(new) AS fact
        WHERE fact.key NOT IN ('id_number_sealed', 'id_number_index', 'phone_sealed', 'phone_index') OR NOT old ? fact.key
            OR jsonb_typeof(fact.value) <> 'string' OR fact.value #>> '{}' !~ '^\\x([0-9a-f]{2})+$'
    ) THEN
        RAISE insufficient_privilege USING MESSAGE = 'sealed values of entries are rewritten by the service only, and nothing else is';
    END IF;
    UPDATE sheet_entry e SET patch = e.patch || given.new
    FROM unnest(entries, former, facts) AS given (id, old, new) WHERE e.id = given.id AND e.patch @> given.old;
    GET DIAGNOSTICS done = ROW_COUNT;
    RETURN done;
END $$;
REVOKE ALL ON FUNCTION rewrite_sealed FROM PUBLIC;
GRANT EXECUTE ON FUNCTION rewrite_sealed TO {app};

CREATE TABLE response_limit (
    kind         text PRIMARY KEY,
    working_days int NOT NULL CHECK (working_days > 0)
);
COMMENT ON TABLE response_limit IS 'within how many working days households get an answer';
INSERT INTO response_limit VALUES ('correction', 15);
GRANT SELECT ON response_limit TO {app};

CREATE TABLE correction (
    id           uuid PRIMARY KEY,
    household_id uuid NOT NULL,
    area_code    text COLLATE "C" NOT NULL,
    person_id    uuid REFERENCES person,
    field        text NOT NULL,
    wrong        text NOT NULL,
    evidence     text,
    state        text NOT NULL DEFAULT 'OPEN' CHECK (state IN ('OPEN', 'ACCEPTED', 'REFUSED')),
    requested_by text NOT NULL,
    requested_at timestamptz NOT NULL,
    due_on       date NOT NULL,
    decided_by   text,
    decided_at   timestamptz,
    reason       text,
    version      int NOT NULL DEFAULT 1,
    CHECK ((state = 'OPEN') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)),
    CHECK (state <> 'REFUSED' OR reason IS NOT NULL),
    FOREIGN KEY (area_code, household_id) REFERENCES household (area_code, id) ON UPDATE CASCADE
);
CREATE INDEX correction_sheet ON correction (household_id, id);
CREATE INDEX correction_area ON correction (area_code, id);
COMMENT ON TABLE correction IS 'what a household says is wrong on its sheet, and what became of it';

CREATE TABLE legal_hold (
    household_id uuid PRIMARY KEY,
    area_code    text COLLATE "C" NOT NULL,
    reason       text NOT NULL,
    held_by      text NOT NULL,
    held_at      timestamptz NOT NULL,
    FOREIGN KEY (area_code, household_id) REFERENCES household (area_code, id) ON UPDATE CASCADE
);
COMMENT ON TABLE legal_hold IS 'households of which nothing is erased for the time being, as for a lawsuit';

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['correction', 'legal_hold'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY in_area ON %I USING ((SELECT caller_is_service()) '
            'OR area_code ^@ ANY ((SELECT caller_areas())::text[]))', name);
        EXECUTE format('CREATE POLICY own ON %I FOR SELECT USING (household_id = (SELECT caller_household()))', name);
    END LOOP;
END $$;
CREATE POLICY own_request ON correction FOR INSERT WITH CHECK (household_id = (SELECT caller_household())
    AND requested_by = (SELECT caller_subject()) AND state = 'OPEN');
GRANT SELECT, INSERT, UPDATE ON correction TO {app};
GRANT SELECT, INSERT, DELETE ON legal_hold TO {app};

CREATE TABLE retention_rule (
    rule  text PRIMARY KEY,
    days  int NOT NULL CHECK (days >= 180),
    what  text NOT NULL,
    basis text NOT NULL
);
COMMENT ON TABLE retention_rule IS 'how long what is kept; the worker applies each rule daily through apply_retention';
INSERT INTO retention_rule VALUES
    ('audit', 1095, '访问日志：删除', 'example (示例): Cybersecurity Law art. 21 asks for six months at least'),
    ('numbers', 1825, '销户、迁出、死亡人员的身份证号和电话：清除', 'example (示例): PIPL art. 19 and 47, the shortest time that the purpose needs'),
    ('visit_note', 1825, '走访记录：删除', 'example (示例): PIPL art. 19'),
    ('attachment', 365, '已删除附件的登记：删除', 'example (示例): PIPL art. 47; the file itself goes sooner'),
    ('correction', 1095, '已办结的更正申请：删除', 'example (示例): limitation of actions, Civil Code art. 188');
GRANT SELECT ON retention_rule TO {app};

CREATE TABLE retention_run (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule    text NOT NULL,
    at      timestamptz NOT NULL,
    removed int NOT NULL,
    held    int NOT NULL
);
COMMENT ON TABLE retention_run IS 'the report: what each day''s run of a rule removed, and what a legal hold kept';
GRANT SELECT, INSERT ON retention_run TO {app};

-- Erases up to `most` of what is past its time. The run-time role can erase nothing sooner: days are the table's, today is the server's.
-- `upto` is the last place in the audit chain of which a row was erased.
CREATE FUNCTION apply_retention(applied text, most int, OUT removed int, OUT held int, OUT upto bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    bound date;
    gone bigint[];
    people uuid[];
BEGIN
    IF NOT caller_is_service() THEN
        RAISE insufficient_privilege USING MESSAGE = 'retention is applied by the service only';
    END IF;
    SELECT current_date - r.days INTO STRICT bound FROM retention_rule r WHERE r.rule = applied;
    CASE applied
    WHEN 'audit' THEN
        SELECT array_agg(old.id), max(old.position) INTO gone, upto FROM (
            SELECT a.id, c.position FROM audit a JOIN audit_chain c ON c.audit_id = a.id
            WHERE a.at < bound AND a.deed <> 'RETENTION' AND NOT EXISTS (SELECT FROM legal_hold h WHERE h.household_id = a.household_id)
            ORDER BY c.position LIMIT most) old;
        DELETE FROM audit WHERE id = ANY(gone);
        GET DIAGNOSTICS removed = ROW_COUNT;
        SELECT count(*) INTO held FROM audit a JOIN legal_hold h USING (household_id) WHERE a.at < bound;
    WHEN 'numbers' THEN
        WITH due AS MATERIALIZED (
            SELECT p.id, EXISTS (SELECT FROM membership m JOIN legal_hold h USING (household_id) WHERE m.person_id = p.id) AS held
            FROM person p LEFT JOIN household s ON s.id = p.household_id
            WHERE (p.id_number_sealed IS NOT NULL OR p.phone_sealed IS NOT NULL) AND (s.id IS NULL OR s.closed_on < bound)
                AND EXISTS (SELECT FROM membership m WHERE m.person_id = p.id)
                AND NOT EXISTS (SELECT FROM membership m WHERE m.person_id = p.id AND m.household_id IS DISTINCT FROM s.id
                    AND coalesce(m.until, 'infinity') >= bound))
        SELECT ARRAY(SELECT id FROM due WHERE NOT due.held LIMIT most), (SELECT count(*) FROM due WHERE due.held) INTO people, held;
        UPDATE person SET id_number_sealed = NULL, id_number_index = NULL, id_number_masked = NULL, id_number_override = NULL,
            phone_sealed = NULL, phone_index = NULL, phone_masked = NULL WHERE id = ANY(people);
        GET DIAGNOSTICS removed = ROW_COUNT;
        UPDATE sheet_entry e SET patch = e.patch || (SELECT jsonb_object_agg(k, NULL::text) FROM jsonb_object_keys(e.patch) k WHERE k ~ '^(id_number|phone)_')
        WHERE e.kind = 'person' AND e.key = ANY(people)
            AND e.patch ?| '{id_number_sealed,id_number_index,id_number_masked,id_number_override,phone_sealed,phone_index,phone_masked}';
    WHEN 'visit_note' THEN
        DELETE FROM visit_note WHERE id IN (SELECT n.id FROM visit_note n WHERE n.visited_on < bound
            AND NOT EXISTS (SELECT FROM legal_hold h WHERE h.household_id = n.household_id) LIMIT most);
        GET DIAGNOSTICS removed = ROW_COUNT;
        SELECT count(*) INTO held FROM visit_note n JOIN legal_hold h USING (household_id) WHERE n.visited_on < bound;
    WHEN 'attachment' THEN
        DELETE FROM attachment WHERE id IN (SELECT a.id FROM attachment a WHERE a.removed_at < bound
            AND NOT EXISTS (SELECT FROM legal_hold h WHERE h.household_id = a.household_id) LIMIT most);
        GET DIAGNOSTICS removed = ROW_COUNT;
        SELECT count(*) INTO held FROM attachment a JOIN legal_hold h USING (household_id) WHERE a.removed_at < bound;
    WHEN 'correction' THEN
        DELETE FROM correction WHERE id IN (SELECT c.id FROM correction c WHERE c.decided_at < bound
            AND NOT EXISTS (SELECT FROM legal_hold h WHERE h.household_id = c.household_id) LIMIT most);
        GET DIAGNOSTICS removed = ROW_COUNT;
        SELECT count(*) INTO held FROM correction c JOIN legal_hold h USING (household_id) WHERE c.decided_at < bound;
    END CASE;
END $$;
REVOKE ALL ON FUNCTION apply_retention FROM PUBLIC;
GRANT EXECUTE ON FUNCTION apply_retention TO {app};
