-- The hotline (热线): calls, whom a matter is about to be called back for, who was shown a number in clear, and the queue of callbacks.

CREATE OR REPLACE FUNCTION caller_roles() RETURNS text[] LANGUAGE sql STABLE AS
    $$ SELECT ARRAY(SELECT jsonb_array_elements_text(coalesce(caller() -> 'roles', '[]'))) $$;

CREATE TABLE hotline_rule (
    one             boolean PRIMARY KEY DEFAULT true CHECK (one),
    answer_seconds  int NOT NULL CHECK (answer_seconds BETWEEN 1 AND 600),
    connect_goal    numeric(4, 3) NOT NULL CHECK (connect_goal BETWEEN 0 AND 1),
    keep_days       int NOT NULL CHECK (keep_days BETWEEN 1 AND 3650),
    contact_days    int NOT NULL CHECK (contact_days BETWEEN 1 AND 3650),
    claim_minutes   int NOT NULL CHECK (claim_minutes BETWEEN 1 AND 480),
    attempts_a_day  int NOT NULL CHECK (attempts_a_day BETWEEN 1 AND 20),
    unreached_after int NOT NULL CHECK (unreached_after BETWEEN 1 AND 20)
);
COMMENT ON COLUMN hotline_rule.answer_seconds IS 'a call that is answered within so long counts as answered in time (15 s: GB/T 33358)';
COMMENT ON COLUMN hotline_rule.connect_goal IS 'the share of calls that ought to be answered (95 %: GB/T 33358)';
COMMENT ON COLUMN hotline_rule.keep_days IS 'so long from its beginning a call keeps number, recording and transcript; its times stay';
COMMENT ON COLUMN hotline_rule.contact_days IS 'so long after its end a ticket keeps its contact';
COMMENT ON COLUMN hotline_rule.claim_minutes IS 'so long a callback is one agent''s';
COMMENT ON COLUMN hotline_rule.unreached_after IS 'after so many attempts that reached nobody a callback may end as UNREACHED';
INSERT INTO hotline_rule (answer_seconds, connect_goal, keep_days, contact_days, claim_minutes, attempts_a_day, unreached_after)
VALUES (15, 0.95, 180, 180, 15, 3, 3);

CREATE TABLE call (
    id               uuid PRIMARY KEY,
    trunk            text COLLATE "C" CHECK (trunk ~ '^[a-z][a-z0-9-]{0,39}$'),
    area             text COLLATE "C" NOT NULL CHECK (area ~ '^[0-9]{6,16}$'),
    direction        text COLLATE "C" NOT NULL CHECK (direction IN ('IN', 'OUT')),
    agent            text COLLATE "C" CHECK (char_length(agent) BETWEEN 1 AND 100),
    told_at          timestamptz NOT NULL,
    rung_at          timestamptz,
    answered_at      timestamptz,
    ended_at         timestamptz,
    begun_at         timestamptz NOT NULL GENERATED ALWAYS AS (coalesce(rung_at, answered_at, ended_at, told_at)) STORED,
    number_sealed    bytea,
    number_index     bytea,
    number_masked    text,
    notice           text COLLATE "C" CHECK (notice IN ('PLAYED', 'ANNOUNCED')),
    recording_uri    text CHECK (char_length(recording_uri) BETWEEN 1 AND 1000),
    recording_sha256 bytea CHECK (octet_length(recording_sha256) = 32),
    transcript       text CHECK (char_length(transcript) BETWEEN 1 AND 100000),
    keep_until       timestamptz NOT NULL,
    forgotten_at     timestamptz,
    CHECK ((number_sealed IS NULL) = (number_index IS NULL) AND (number_sealed IS NULL) = (number_masked IS NULL)),
    CHECK ((recording_uri IS NULL) = (recording_sha256 IS NULL)),
    CHECK (forgotten_at IS NULL OR (number_sealed IS NULL AND recording_uri IS NULL AND transcript IS NULL))
);
COMMENT ON TABLE call IS 'a call: told by a telephone system (trunk), or noted by an agent (no trunk)';
COMMENT ON COLUMN call.told_at IS 'the time of what was first told of it';
COMMENT ON COLUMN call.notice IS 'how the caller was told of the recording: by a voice that was played, or by the agent';
COMMENT ON COLUMN call.keep_until IS 'then number, recording and transcript are forgotten; times, agent and area stay for the measures';
CREATE INDEX call_begun ON call (begun_at DESC, id DESC);
CREATE INDEX call_agent ON call (agent, begun_at DESC, id DESC) WHERE agent IS NOT NULL;
CREATE INDEX call_number ON call (number_index, begun_at DESC) WHERE number_index IS NOT NULL;
CREATE INDEX call_keep ON call (keep_until) WHERE forgotten_at IS NULL;

CREATE TABLE call_ticket (
    call   uuid NOT NULL REFERENCES call,
    ticket uuid NOT NULL REFERENCES ticket,
    opened boolean NOT NULL,
    by     text COLLATE "C" NOT NULL,
    at     timestamptz NOT NULL,
    PRIMARY KEY (call, ticket)
);
COMMENT ON COLUMN call_ticket.opened IS 'whether the call opened the ticket; else it was about one that was there';
CREATE INDEX call_ticket_ticket ON call_ticket (ticket);

CREATE TABLE ticket_contact (
    ticket       uuid PRIMARY KEY REFERENCES ticket,
    name_sealed  bytea,
    name_masked  text,
    phone_sealed bytea,
    phone_index  bytea,
    phone_masked text,
    email_sealed bytea,
    email_masked text,
    by           text COLLATE "C" NOT NULL,
    at           timestamptz NOT NULL,
    CHECK ((name_sealed IS NULL) = (name_masked IS NULL)),
    CHECK ((phone_sealed IS NULL) = (phone_index IS NULL) AND (phone_sealed IS NULL) = (phone_masked IS NULL)),
    CHECK ((email_sealed IS NULL) = (email_masked IS NULL))
);
COMMENT ON TABLE ticket_contact IS 'whom to call about a ticket; sealed for the ticket, shown masked';
CREATE INDEX ticket_contact_phone ON ticket_contact (phone_index) WHERE phone_index IS NOT NULL;

CREATE TABLE item_clerk (
    item       text COLLATE "C" NOT NULL CHECK (item ~ '^[a-z][a-z0-9-]{0,39}$'),
    area       text COLLATE "C" NOT NULL CHECK (area ~ '^[0-9]{6,16}$'),
    department text COLLATE "C" NOT NULL REFERENCES department,
    subject    text COLLATE "C" NOT NULL CHECK (subject <> ''),
    active     boolean NOT NULL,
    by         text COLLATE "C" NOT NULL,
    at         timestamptz NOT NULL,
    PRIMARY KEY (item, area)
);
COMMENT ON TABLE item_clerk IS 'who does a permit or certificate (category or service item) for an area and all in it; the longest area counts';

CREATE TABLE callback (
    ticket        uuid PRIMARY KEY REFERENCES ticket,
    claimed_by    text COLLATE "C" NOT NULL,
    claimed_until timestamptz NOT NULL
);
COMMENT ON TABLE callback IS 'who is calling back about a verified ticket, and until when nobody else does';
CREATE TABLE callback_attempt (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ticket  uuid NOT NULL REFERENCES ticket,
    at      timestamptz NOT NULL,
    by      text COLLATE "C" NOT NULL,
    outcome text COLLATE "C" NOT NULL CHECK (outcome IN ('REACHED', 'UNREACHED', 'BUSY'))
);
CREATE INDEX callback_attempt_ticket ON callback_attempt (ticket, at);
CREATE VIEW callback_due WITH (security_invoker = true) AS
SELECT t.id AS ticket, t.area, v.since, a.attempts, a.last_at, a.last_outcome, c.claimed_by, c.claimed_until
FROM ticket t
    CROSS JOIN LATERAL (SELECT coalesce(max(s.at), t.updated_at) AS since FROM step s WHERE s.ticket = t.id AND s.deed = 'verified') v
    CROSS JOIN LATERAL (
        SELECT count(*) AS attempts, max(b.at) AS last_at, (array_agg(b.outcome ORDER BY b.id DESC))[1] AS last_outcome
        FROM callback_attempt b WHERE b.ticket = t.id AND b.at >= v.since) a
    LEFT JOIN callback c ON c.ticket = t.id
WHERE t.status = 'VERIFIED';
COMMENT ON VIEW callback_due IS 'verified tickets, each with the attempts since it was verified last';

CREATE TABLE disclosure (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    by         text COLLATE "C" NOT NULL,
    name       text,
    roles      text[] NOT NULL,
    areas      text[] NOT NULL,
    department text COLLATE "C",
    at         timestamptz NOT NULL,
    purpose    text COLLATE "C" NOT NULL,
    ticket     uuid REFERENCES ticket,
    call       uuid REFERENCES call,
    area       text COLLATE "C" NOT NULL,
    fields     text[] NOT NULL CHECK (cardinality(fields) > 0),
    note       text CHECK (char_length(note) BETWEEN 1 AND 200),
    CHECK ((ticket IS NULL) <> (call IS NULL))
);
COMMENT ON TABLE disclosure IS 'who was shown whose contact in clear; rows are only ever added';
COMMENT ON COLUMN disclosure.fields IS 'names of what was shown, never values';
CREATE INDEX disclosure_newest ON disclosure (at DESC, id DESC);
CREATE INDEX disclosure_account ON disclosure (by, at);

-- The second fence. A telephone system is a caller of its own, with the role `telephone`, which no account has: it writes calls of its area.
ALTER TABLE call ENABLE ROW LEVEL SECURITY;
ALTER TABLE call FORCE ROW LEVEL SECURITY;
CREATE POLICY call_read ON call FOR SELECT USING (
    (SELECT caller_is_service())
    OR (area ^@ ANY ((SELECT caller_areas())::text[]) AND (SELECT caller_roles() && '{hotline_agent,city_admin,auditor,telephone}')));
CREATE POLICY call_begin ON call FOR INSERT WITH CHECK (
    area ^@ ANY ((SELECT caller_areas())::text[]) AND (SELECT caller_roles() && '{hotline_agent,telephone}'));
CREATE POLICY call_complete ON call FOR UPDATE USING (
    (SELECT caller_is_service())
    OR (area ^@ ANY ((SELECT caller_areas())::text[]) AND (SELECT caller_roles() && '{hotline_agent,telephone}')));

ALTER TABLE call_ticket ENABLE ROW LEVEL SECURITY;
ALTER TABLE call_ticket FORCE ROW LEVEL SECURITY;
CREATE POLICY call_ticket_read ON call_ticket FOR SELECT USING (EXISTS (SELECT FROM call c WHERE c.id = call_ticket.call));
CREATE POLICY call_ticket_add ON call_ticket FOR INSERT WITH CHECK (
    by = (SELECT caller_subject()) AND EXISTS (SELECT FROM call c WHERE c.id = call_ticket.call)
    AND EXISTS (SELECT FROM ticket t WHERE t.id = call_ticket.ticket));

ALTER TABLE ticket_contact ENABLE ROW LEVEL SECURITY;
ALTER TABLE ticket_contact FORCE ROW LEVEL SECURITY;
CREATE POLICY ticket_contact_reach ON ticket_contact USING (
    (SELECT caller_is_service()) OR EXISTS (SELECT FROM ticket t WHERE t.id = ticket_contact.ticket));

ALTER TABLE item_clerk ENABLE ROW LEVEL SECURITY;
ALTER TABLE item_clerk FORCE ROW LEVEL SECURITY;
CREATE POLICY item_clerk_read ON item_clerk FOR SELECT USING (
    (SELECT caller_is_service()) OR cardinality((SELECT caller_areas())) > 0);
CREATE POLICY item_clerk_write ON item_clerk USING (
    (SELECT caller_is_service())
    OR (area ^@ ANY ((SELECT caller_areas())::text[]) AND (SELECT caller_roles() && '{city_admin}')));

ALTER TABLE callback ENABLE ROW LEVEL SECURITY;
ALTER TABLE callback FORCE ROW LEVEL SECURITY;
CREATE POLICY callback_reach ON callback USING (EXISTS (SELECT FROM ticket t WHERE t.id = callback.ticket));
ALTER TABLE callback_attempt ENABLE ROW LEVEL SECURITY;
ALTER TABLE callback_attempt FORCE ROW LEVEL SECURITY;
CREATE POLICY callback_attempt_read ON callback_attempt FOR SELECT USING (
    EXISTS (SELECT FROM ticket t WHERE t.id = callback_attempt.ticket));
CREATE POLICY callback_attempt_add ON callback_attempt FOR INSERT WITH CHECK (
    by = (SELECT caller_subject()) AND EXISTS (SELECT FROM ticket t WHERE t.id = callback_attempt.ticket));

ALTER TABLE disclosure ENABLE ROW LEVEL SECURITY;
ALTER TABLE disclosure FORCE ROW LEVEL SECURITY;
CREATE POLICY disclosure_mine ON disclosure FOR SELECT USING (by = (SELECT caller_subject()));
CREATE POLICY disclosure_audited ON disclosure FOR SELECT USING (
    area ^@ ANY ((SELECT caller_areas())::text[]) AND (SELECT caller_roles() && '{auditor,city_admin}'));
CREATE POLICY disclosure_mine_only ON disclosure FOR INSERT WITH CHECK (by = (SELECT caller_subject()));

GRANT SELECT ON hotline_rule TO {app};
GRANT SELECT, INSERT, UPDATE ON call, ticket_contact, callback TO {app};
GRANT SELECT, INSERT ON call_ticket, callback_attempt, disclosure TO {app};
GRANT SELECT, INSERT, UPDATE ON item_clerk TO {app};
GRANT DELETE ON ticket_contact TO {app};
GRANT SELECT ON callback_due TO {app};
