-- Errands (代办): who runs them, what they may do with it (mandate), and who holds whose papers (custody).

CREATE TABLE errand_agent (
    subject    text COLLATE "C" PRIMARY KEY CHECK (subject <> ''),
    name       text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
    areas      text[] COLLATE "C" NOT NULL CHECK (cardinality(areas) > 0),
    items      text[] COLLATE "C" NOT NULL,
    active     boolean NOT NULL,
    version    int NOT NULL CHECK (version >= 1),
    revised_by text COLLATE "C" NOT NULL,
    revised_at timestamptz NOT NULL
);
COMMENT ON COLUMN errand_agent.areas IS 'codes: an agent runs errands of all areas that begin with one of them';
COMMENT ON COLUMN errand_agent.items IS 'codes of service items that they may run; none means every item';

CREATE TABLE errand_rule (
    area         text COLLATE "C" PRIMARY KEY CHECK (area ~ '^[0-9]{0,16}$'),
    accept_hours int NOT NULL CHECK (accept_hours BETWEEN 1 AND 720),
    out_workdays int NOT NULL CHECK (out_workdays BETWEEN 1 AND 250),
    version      int NOT NULL CHECK (version >= 1),
    revised_by   text COLLATE "C" NOT NULL,
    revised_at   timestamptz NOT NULL
);
COMMENT ON TABLE errand_rule IS 'when custody alarms; of all rules whose area begins the errand''s area, the longest holds';
INSERT INTO errand_rule VALUES ('', 24, 10, 1, 'service:tickets', '2026-01-01T00:00:00Z');

CREATE TABLE errand_item (
    item       text COLLATE "C" PRIMARY KEY CHECK (item ~ '^[a-z][a-z0-9-]{0,39}$'),
    trips      int NOT NULL CHECK (trips BETWEEN 0 AND 20),
    version    int NOT NULL CHECK (version >= 1),
    revised_by text COLLATE "C" NOT NULL,
    revised_at timestamptz NOT NULL
);
COMMENT ON COLUMN errand_item.trips IS 'how often somebody would go themselves for this item';

CREATE TABLE errand (
    ticket       uuid PRIMARY KEY REFERENCES ticket,
    area         text COLLATE "C" NOT NULL,
    household    uuid,
    person       uuid,
    item         text COLLATE "C" NOT NULL CHECK (item ~ '^[a-z][a-z0-9-]{0,39}$'),
    state        text COLLATE "C" NOT NULL CHECK (state IN (
        'REQUESTED', 'MANDATED', 'COLLECTED', 'SUBMITTED', 'OBTAINED', 'DELIVERED', 'DONE', 'CANCELLED')),
    agent        text COLLATE "C" REFERENCES errand_agent,
    mandate      uuid,
    submitted_to text COLLATE "C" REFERENCES department,
    trips        int NOT NULL CHECK (trips >= 0),
    version      int NOT NULL CHECK (version >= 1),
    requested_by text COLLATE "C" NOT NULL,
    requested_at timestamptz NOT NULL,
    moved_at     timestamptz NOT NULL,
    mandated_at  timestamptz,
    delivered_at timestamptz,
    ended_at     timestamptz,
    CHECK (state IN ('REQUESTED', 'CANCELLED') OR (agent IS NOT NULL AND mandate IS NOT NULL AND mandated_at IS NOT NULL)),
    CHECK ((ended_at IS NOT NULL) = (state IN ('DONE', 'CANCELLED'))),
    CHECK (state NOT IN ('DELIVERED', 'DONE') OR delivered_at IS NOT NULL)
);
COMMENT ON TABLE errand IS 'what a ticket that is an errand has beside it';
COMMENT ON COLUMN errand.moved_at IS 'when the last deed that changed the state was done';
CREATE INDEX errand_newest ON errand (requested_at DESC, ticket DESC);
CREATE INDEX errand_area ON errand (area, requested_at DESC, ticket DESC);
CREATE INDEX errand_agents ON errand (agent, requested_at DESC, ticket DESC);
CREATE INDEX errand_state ON errand (state, requested_at DESC, ticket DESC);
CREATE INDEX errand_requester ON errand (requested_by, requested_at DESC, ticket DESC);
CREATE INDEX errand_household ON errand (household, requested_at DESC, ticket DESC) WHERE household IS NOT NULL;
CREATE INDEX errand_delivered ON errand (delivered_at) WHERE delivered_at IS NOT NULL;

CREATE TABLE errand_load (
    errand uuid PRIMARY KEY REFERENCES errand,
    agent  text COLLATE "C" NOT NULL REFERENCES errand_agent
);
COMMENT ON TABLE errand_load IS 'the errands that each agent has on hand; tells nothing of the errand, so that load counts beyond the caller''s areas';
CREATE INDEX errand_load_agent ON errand_load (agent);

CREATE TABLE errand_step (
    errand      uuid NOT NULL REFERENCES errand,
    version     int NOT NULL,
    at          timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    deed        text COLLATE "C" NOT NULL,
    from_state  text COLLATE "C",
    to_state    text COLLATE "C" NOT NULL,
    actor       text COLLATE "C" NOT NULL,
    actor_role  text COLLATE "C" NOT NULL,
    note        text CHECK (char_length(note) BETWEEN 1 AND 2000),
    PRIMARY KEY (errand, version)
);
COMMENT ON TABLE errand_step IS 'history, only ever added to; a phone without a network may tell later (recorded_at) what was done before (at)';

CREATE TABLE mandate (
    id         uuid PRIMARY KEY,
    errand     uuid NOT NULL REFERENCES errand,
    household  uuid,
    agent      text COLLATE "C" NOT NULL REFERENCES errand_agent,
    items      text[] COLLATE "C" NOT NULL CHECK (cardinality(items) > 0),
    valid_from date NOT NULL,
    valid_to   date NOT NULL CHECK (valid_to >= valid_from),
    form       text COLLATE "C" NOT NULL CHECK (form IN ('PAPER', 'APP')),
    attachment uuid REFERENCES attachment,
    signed_at  timestamptz NOT NULL,
    signed_by  text COLLATE "C" NOT NULL,
    revoked_at timestamptz,
    revoked_by text COLLATE "C",
    CHECK ((form = 'PAPER') = (attachment IS NOT NULL)),
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
COMMENT ON COLUMN mandate.errand IS 'where it was signed; other errands of the household may go by it, too';
COMMENT ON COLUMN mandate.signed_by IS 'who signed in the app, or who laid the paper before us';
CREATE INDEX mandate_errand ON mandate (errand);
ALTER TABLE errand ADD FOREIGN KEY (mandate) REFERENCES mandate (id);
CREATE INDEX errand_mandate ON errand (mandate) WHERE mandate IS NOT NULL AND ended_at IS NULL;

CREATE TABLE errand_document (
    id          uuid PRIMARY KEY,
    errand      uuid NOT NULL REFERENCES errand,
    area        text COLLATE "C" NOT NULL,
    kind        text COLLATE "C" NOT NULL CHECK (kind ~ '^[A-Z][A-Z_]{0,39}$'),
    description text CHECK (char_length(description) BETWEEN 1 AND 100),
    last4       text COLLATE "C" CHECK (last4 ~ '^[0-9A-Z]{4}$'),
    origin      text COLLATE "C" NOT NULL,
    holder      text COLLATE "C" NOT NULL CHECK (holder ~ '^(person|(agent|department)/.+)$'),
    offered_to  text COLLATE "C" CHECK (offered_to ~ '^(person|(agent|department)/.+)$' AND offered_to <> holder),
    offer_until timestamptz,
    handed_at   timestamptz NOT NULL,
    out_since   timestamptz,
    due_on      date,
    seq         int NOT NULL CHECK (seq >= 1),
    registered_at timestamptz NOT NULL,
    out         boolean NOT NULL GENERATED ALWAYS AS (holder <> 'person' AND holder <> origin) STORED,
    CHECK ((offered_to IS NULL) = (offer_until IS NULL)),
    CHECK ((holder <> 'person' AND holder <> origin) = (out_since IS NOT NULL)),
    CHECK ((out_since IS NULL) = (due_on IS NULL))
);
COMMENT ON TABLE errand_document IS 'an original, or what the errand obtained; of its number the last four characters at the most';
COMMENT ON COLUMN errand_document.origin IS 'whose it was at first: person, or department/<code> for what was issued';
COMMENT ON COLUMN errand_document.holder IS 'person (whose errand it is, or their household), agent/<subject> or department/<code>: one at any time';
COMMENT ON COLUMN errand_document.handed_at IS 'when the last entry of its chain happened';
CREATE INDEX errand_document_errand ON errand_document (errand);
CREATE INDEX errand_document_out ON errand_document (due_on, id) WHERE out;
CREATE INDEX errand_document_offer ON errand_document (offer_until) WHERE offered_to IS NOT NULL;

CREATE TABLE custody (
    document    uuid NOT NULL REFERENCES errand_document,
    seq         int NOT NULL CHECK (seq >= 1),
    previous    int GENERATED ALWAYS AS (nullif(seq - 1, 0)) STORED,
    deed        text COLLATE "C" NOT NULL CHECK (deed IN ('REGISTERED', 'OFFERED', 'ACCEPTED', 'DECLINED', 'WITHDRAWN')),
    before      text COLLATE "C",
    holder      text COLLATE "C" NOT NULL,
    offered_to  text COLLATE "C",
    at          timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    place       text CHECK (char_length(place) BETWEEN 1 AND 100),
    attachment  uuid REFERENCES attachment,
    actor       text COLLATE "C" NOT NULL,
    actor_role  text COLLATE "C" NOT NULL,
    note        text CHECK (char_length(note) BETWEEN 1 AND 2000),
    PRIMARY KEY (document, seq),
    UNIQUE (document, seq, holder),
    FOREIGN KEY (document, previous, before) REFERENCES custody (document, seq, holder),
    CHECK ((seq = 1) = (before IS NULL)),
    CHECK (deed = 'ACCEPTED' OR before IS NULL OR holder = before)
);
COMMENT ON TABLE custody IS 'the chain of each document, only ever added to: every entry takes up where the one before it ended';

CREATE TABLE errand_visit (
    id          uuid PRIMARY KEY,
    errand      uuid NOT NULL REFERENCES errand,
    area        text COLLATE "C" NOT NULL,
    agent       text COLLATE "C" NOT NULL REFERENCES errand_agent,
    planned_for timestamptz NOT NULL,
    place       text NOT NULL CHECK (char_length(place) BETWEEN 1 AND 100),
    state       text COLLATE "C" NOT NULL CHECK (state IN ('PLANNED', 'DONE', 'MISSED', 'CANCELLED')),
    visited_at  timestamptz,
    note        text CHECK (char_length(note) BETWEEN 1 AND 2000),
    planned_by  text COLLATE "C" NOT NULL,
    planned_at  timestamptz NOT NULL,
    CHECK ((visited_at IS NULL) = (state IN ('PLANNED', 'CANCELLED')))
);
CREATE INDEX errand_visit_errand ON errand_visit (errand, planned_for);

CREATE TABLE errand_delivery (
    errand     uuid PRIMARY KEY REFERENCES errand,
    recipient  uuid,
    relation   text COLLATE "C" NOT NULL CHECK (relation ~ '^[A-Z][A-Z_]{0,39}$'),
    proof      text COLLATE "C" NOT NULL CHECK (proof IN ('SIGNATURE', 'CODE')),
    signature  uuid REFERENCES attachment,
    photo      uuid REFERENCES attachment,
    place      text CHECK (char_length(place) BETWEEN 1 AND 100),
    at         timestamptz NOT NULL,
    by         text COLLATE "C" NOT NULL,
    CHECK ((proof = 'SIGNATURE') = (signature IS NOT NULL))
);
COMMENT ON TABLE errand_delivery IS 'who got what was obtained, and what proves it: a signature on paper, or the code that only the person is told';

CREATE TABLE errand_alarm (
    id       uuid PRIMARY KEY,
    errand   uuid NOT NULL REFERENCES errand,
    reason   text COLLATE "C" NOT NULL CHECK (reason IN ('OFFER_UNACCEPTED', 'DOCUMENT_OVERDUE', 'MANDATE_EXPIRED')),
    about    uuid NOT NULL,
    since    timestamptz NOT NULL,
    at       timestamptz NOT NULL,
    UNIQUE (errand, about, reason, since)
);
COMMENT ON COLUMN errand_alarm.about IS 'the document or the mandate; since tells from when on it is so';
CREATE INDEX errand_alarm_errand ON errand_alarm (errand, at DESC);

-- The second fence. What hangs on an errand is reached by whoever reaches its ticket; agents and loads by whoever is somebody.
-- A scalar sub-select where EXISTS would do: EXISTS may be hashed, and then the whole of the other table is read for a page of this one.
ALTER TABLE errand_agent ENABLE ROW LEVEL SECURITY;
ALTER TABLE errand_agent FORCE ROW LEVEL SECURITY;
CREATE POLICY errand_agent_read ON errand_agent FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY errand_agent_write ON errand_agent USING (
    (SELECT caller_is_service())
    OR ((SELECT caller_department()) IS NULL
        AND NOT EXISTS (SELECT FROM unnest(areas) a WHERE NOT a ^@ ANY ((SELECT caller_areas())::text[]))));

ALTER TABLE errand_load ENABLE ROW LEVEL SECURITY;
ALTER TABLE errand_load FORCE ROW LEVEL SECURITY;
CREATE POLICY errand_load_read ON errand_load FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY errand_load_write ON errand_load USING (
    (SELECT caller_is_service()) OR (SELECT true FROM ticket t WHERE t.id = errand_load.errand));

ALTER TABLE errand ENABLE ROW LEVEL SECURITY;
ALTER TABLE errand FORCE ROW LEVEL SECURITY;
CREATE POLICY errand_reach ON errand USING ((SELECT caller_is_service()) OR (SELECT true FROM ticket t WHERE t.id = errand.ticket));

ALTER TABLE errand_step ENABLE ROW LEVEL SECURITY;
ALTER TABLE errand_step FORCE ROW LEVEL SECURITY;
CREATE POLICY errand_step_read ON errand_step FOR SELECT USING ((SELECT true FROM errand e WHERE e.ticket = errand_step.errand));
CREATE POLICY errand_step_add ON errand_step FOR INSERT WITH CHECK (
    actor = (SELECT caller_subject()) AND (SELECT true FROM errand e WHERE e.ticket = errand_step.errand));

ALTER TABLE mandate ENABLE ROW LEVEL SECURITY;
ALTER TABLE mandate FORCE ROW LEVEL SECURITY;
CREATE POLICY mandate_reach ON mandate USING (
    (SELECT caller_is_service()) OR household = (SELECT caller_household()) OR (SELECT true FROM errand e WHERE e.ticket = mandate.errand));

ALTER TABLE errand_document ENABLE ROW LEVEL SECURITY;
ALTER TABLE errand_document FORCE ROW LEVEL SECURITY;
CREATE POLICY errand_document_reach ON errand_document USING (
    (SELECT caller_is_service()) OR (SELECT true FROM errand e WHERE e.ticket = errand_document.errand));

ALTER TABLE custody ENABLE ROW LEVEL SECURITY;
ALTER TABLE custody FORCE ROW LEVEL SECURITY;
CREATE POLICY custody_read ON custody FOR SELECT USING ((SELECT true FROM errand_document d WHERE d.id = custody.document));
CREATE POLICY custody_add ON custody FOR INSERT WITH CHECK (
    actor = (SELECT caller_subject()) AND (SELECT true FROM errand_document d WHERE d.id = custody.document));

ALTER TABLE errand_visit ENABLE ROW LEVEL SECURITY;
ALTER TABLE errand_visit FORCE ROW LEVEL SECURITY;
CREATE POLICY errand_visit_reach ON errand_visit USING ((SELECT true FROM errand e WHERE e.ticket = errand_visit.errand));

ALTER TABLE errand_delivery ENABLE ROW LEVEL SECURITY;
ALTER TABLE errand_delivery FORCE ROW LEVEL SECURITY;
CREATE POLICY errand_delivery_reach ON errand_delivery USING ((SELECT true FROM errand e WHERE e.ticket = errand_delivery.errand));

ALTER TABLE errand_alarm ENABLE ROW LEVEL SECURITY;
ALTER TABLE errand_alarm FORCE ROW LEVEL SECURITY;
CREATE POLICY errand_alarm_read ON errand_alarm FOR SELECT USING ((SELECT true FROM errand e WHERE e.ticket = errand_alarm.errand));
CREATE POLICY errand_alarm_add ON errand_alarm FOR INSERT WITH CHECK ((SELECT caller_is_service()));

GRANT SELECT, INSERT, UPDATE ON errand_agent, errand_rule, errand_item TO {app};
GRANT SELECT, INSERT, UPDATE, DELETE ON errand_load TO {app};
GRANT SELECT, INSERT, UPDATE (state, agent, mandate, submitted_to, version, moved_at, mandated_at, delivered_at, ended_at) ON errand TO {app};
GRANT SELECT, INSERT ON errand_step, custody, errand_delivery, errand_alarm TO {app};
GRANT SELECT, INSERT, UPDATE (revoked_at, revoked_by) ON mandate TO {app};
GRANT SELECT, INSERT, UPDATE (holder, offered_to, offer_until, handed_at, out_since, due_on, seq) ON errand_document TO {app};
GRANT SELECT, INSERT, UPDATE (state, visited_at, note) ON errand_visit TO {app};
