-- The whole way of a matter: side moves and other ends, one owner at any time, documents, and whom and what it concerns.

ALTER TABLE ticket
    DROP CONSTRAINT ticket_status_check,
    ADD CONSTRAINT ticket_status_check CHECK (status IN (
        'DRAFTED', 'ACCEPTED', 'DISPATCHED', 'SIGNED', 'IN_PROGRESS', 'AWAITING', 'RETURNED', 'RESOLVED', 'VERIFIED', 'CALLED_BACK',
        'CLOSED', 'MERGED', 'WITHDRAWN', 'REFERRED_OUT')),
    ADD COLUMN priority text COLLATE "C" NOT NULL DEFAULT 'NORMAL' CONSTRAINT ticket_priority_check CHECK (priority IN ('NORMAL', 'URGENT')),
    ADD COLUMN assignee text COLLATE "C",
    ADD COLUMN handed_to text COLLATE "C" CHECK (area ^@ handed_to AND length(handed_to) IN (6, 9, 12)),
    ADD COLUMN station text COLLATE "C" NOT NULL GENERATED ALWAYS AS (coalesce(handed_to, left(area, 12))) STORED,
    ADD COLUMN owner text COLLATE "C" NOT NULL GENERATED ALWAYS AS (
        CASE WHEN status IN ('DISPATCHED', 'SIGNED', 'IN_PROGRESS', 'AWAITING') THEN 'department/' || department
            ELSE 'area/' || coalesce(handed_to, left(area, 12)) END) STORED,
    ADD COLUMN returns int NOT NULL DEFAULT 0 CHECK (returns >= 0),
    ADD COLUMN ruled text COLLATE "C",
    ADD COLUMN reopened boolean NOT NULL DEFAULT false,
    ADD COLUMN awaiting_reason text COLLATE "C",
    ADD COLUMN awaiting_until timestamptz,
    ADD COLUMN supervised_at timestamptz,
    ADD COLUMN escalation int NOT NULL DEFAULT 0 CHECK (escalation BETWEEN 0 AND 3),
    ADD COLUMN superior_satisfaction text COLLATE "C" CONSTRAINT ticket_superior_satisfaction_check
        CHECK (superior_satisfaction IN ('SATISFIED', 'DISSATISFIED')),
    ADD COLUMN merged_into uuid REFERENCES ticket CHECK (merged_into <> id),
    ADD COLUMN referred_to text COLLATE "C" CONSTRAINT ticket_referred_to_check
        CHECK (referred_to IN ('COURT', 'PETITION', 'POLICE', 'ARBITRATION', 'HIGHER_LEVEL')),
    ADD COLUMN end_reason text COLLATE "C",
    ADD COLUMN parent uuid REFERENCES ticket CHECK (parent <> id),
    ADD COLUMN household_on date,
    ADD COLUMN persons uuid[] NOT NULL DEFAULT '{}',
    ADD COLUMN plots uuid[] NOT NULL DEFAULT '{}',
    ADD CONSTRAINT ticket_awaiting CHECK ((status = 'AWAITING') = (awaiting_reason IS NOT NULL AND awaiting_until IS NOT NULL)),
    ADD CONSTRAINT ticket_returned CHECK (status <> 'RETURNED' OR returns > 0),
    ADD CONSTRAINT ticket_merged CHECK ((status = 'MERGED') = (merged_into IS NOT NULL)),
    ADD CONSTRAINT ticket_referred CHECK ((status = 'REFERRED_OUT') = (referred_to IS NOT NULL));
COMMENT ON COLUMN ticket.station IS 'the area whose unit is in charge: the village (or what there is) until it is handed up or down';
COMMENT ON COLUMN ticket.owner IS 'whose move it is, one at any time: the department while it works on it, else the unit in charge';
COMMENT ON COLUMN ticket.assignee IS 'the subject of the person who does it';
COMMENT ON COLUMN ticket.ruled IS 'the reason of the ruling that the department does it; null without one';
COMMENT ON COLUMN ticket.parent IS 'the ticket whose sub-application it is';
COMMENT ON COLUMN ticket.household_on IS 'the day as of which household, persons and plots are meant; null of old ones: the day of the report';
CREATE INDEX ticket_owner ON ticket (owner, reported_at DESC, id DESC);
CREATE INDEX ticket_open ON ticket (owner, reported_at DESC, id DESC) WHERE status NOT IN ('CLOSED', 'MERGED', 'WITHDRAWN', 'REFERRED_OUT');
CREATE INDEX ticket_assignee ON ticket (assignee, reported_at DESC, id DESC) WHERE assignee IS NOT NULL;
CREATE INDEX ticket_parent ON ticket (parent) WHERE parent IS NOT NULL;
CREATE INDEX ticket_merged ON ticket (merged_into) WHERE merged_into IS NOT NULL;

ALTER TABLE step
    ADD COLUMN reason text COLLATE "C",
    ADD COLUMN data jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN attachments uuid[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN step.data IS 'what of the ticket the deed changed beside its state: codes, subjects and instants';

CREATE TABLE attachment (
    id           uuid PRIMARY KEY,
    ticket       uuid NOT NULL REFERENCES ticket,
    title        text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 100),
    content_type text COLLATE "C" NOT NULL,
    bytes        bigint NOT NULL CHECK (bytes > 0),
    sha256       bytea NOT NULL CHECK (length(sha256) = 32),
    object_key   text COLLATE "C" NOT NULL,
    added_by     text COLLATE "C" NOT NULL,
    added_at     timestamptz NOT NULL,
    UNIQUE (ticket, sha256)
);
COMMENT ON TABLE attachment IS 'documents and photos of matters, only ever added to; what they hold is in the object store under object_key';
CREATE INDEX attachment_object ON attachment (object_key);

-- The second fence. Whose own matter it is may take it back or say how it went; nothing else of it is theirs to change.
CREATE POLICY ticket_own ON ticket FOR UPDATE
    USING (reported_by = (SELECT caller_subject()) OR household = (SELECT caller_household()))
    WITH CHECK (status IN ('WITHDRAWN', 'CALLED_BACK')
        AND (reported_by = (SELECT caller_subject()) OR household = (SELECT caller_household())));

ALTER TABLE attachment ENABLE ROW LEVEL SECURITY;
ALTER TABLE attachment FORCE ROW LEVEL SECURITY;
CREATE POLICY attachment_read ON attachment FOR SELECT USING (
    (SELECT caller_is_service()) OR EXISTS (SELECT FROM ticket t WHERE t.id = attachment.ticket));
CREATE POLICY attachment_add ON attachment FOR INSERT WITH CHECK (
    added_by = (SELECT caller_subject()) AND EXISTS (SELECT FROM ticket t WHERE t.id = attachment.ticket));

-- Where a merged matter went is told to whoever reported it, whoever's the other matter is: its number and its state, no more.
CREATE FUNCTION standing(key uuid) RETURNS TABLE (number text, status text, updated_at timestamptz) LANGUAGE plpgsql STABLE AS $$
DECLARE
    asking text := current_setting('sanmin.caller', true);
BEGIN
    PERFORM set_config('sanmin.caller', '{"subject": "service:tickets", "service": true}', true);
    RETURN QUERY WITH RECURSIVE way AS (
            SELECT t.* FROM ticket t WHERE t.id = key
            UNION ALL SELECT t.* FROM way w JOIN ticket t ON t.id = w.merged_into)
        SELECT w.number, w.status, w.updated_at FROM way w WHERE w.merged_into IS NULL;
    PERFORM set_config('sanmin.caller', asking, true);
END $$;

GRANT UPDATE (priority, category, assignee, handed_to, returns, ruled, reopened, awaiting_reason, awaiting_until, supervised_at, escalation,
    superior_satisfaction, merged_into, referred_to, end_reason) ON ticket TO {app};
GRANT SELECT, INSERT ON attachment TO {app};
