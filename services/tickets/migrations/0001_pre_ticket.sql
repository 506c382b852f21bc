-- Tickets, their history, the departments, and a copy of the areas that the archive publishes.

CREATE TABLE area (
    code         text COLLATE "C" PRIMARY KEY,
    name         text NOT NULL,
    kind         text NOT NULL,
    valid_from   date NOT NULL,
    valid_to     date,
    published_at timestamptz NOT NULL
);
COMMENT ON TABLE area IS 'copy of what archive.area.published.v1 said last; published_at is the time of that event';

CREATE TABLE department (
    code text COLLATE "C" PRIMARY KEY CHECK (code ~ '^[a-z][a-z0-9-]{0,39}$'),
    name text NOT NULL CHECK (name <> '')
);

CREATE SEQUENCE ticket_number;

CREATE TABLE ticket (
    id           uuid PRIMARY KEY,
    number       text COLLATE "C" NOT NULL UNIQUE,
    title        text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 100),
    description  text NOT NULL CHECK (char_length(description) BETWEEN 1 AND 4000),
    category     text NOT NULL CHECK (char_length(category) BETWEEN 1 AND 40),
    source       text COLLATE "C" NOT NULL CHECK (source IN (
        'APP', 'WALK_IN', 'DUTY', 'GATHERING', 'DIALOGUE', 'HOTLINE', 'VISIT', 'MARKET_STALL', 'DEPARTMENT')),
    source_id    text COLLATE "C",
    status       text COLLATE "C" NOT NULL CHECK (status IN (
        'DRAFTED', 'ACCEPTED', 'DISPATCHED', 'SIGNED', 'IN_PROGRESS', 'RESOLVED', 'VERIFIED', 'CALLED_BACK', 'CLOSED')),
    area         text COLLATE "C" NOT NULL CHECK (area ~ '^[0-9]{6,16}$'),
    household    uuid,
    department   text COLLATE "C" REFERENCES department,
    version      int NOT NULL CHECK (version >= 1),
    reported_by  text COLLATE "C" NOT NULL,
    reported_at  timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    satisfaction text COLLATE "C" CHECK (satisfaction IN ('SATISFIED', 'DISSATISFIED', 'UNREACHED')),
    UNIQUE (source, source_id)
);
COMMENT ON COLUMN ticket.source_id IS 'key of what the ticket came from, such as a visit; one of these opens one ticket';
CREATE INDEX ticket_newest ON ticket (reported_at DESC, id DESC);
CREATE INDEX ticket_status ON ticket (status, reported_at DESC, id DESC);
CREATE INDEX ticket_area ON ticket (area, status);
CREATE INDEX ticket_department ON ticket (department, reported_at DESC, id DESC) WHERE department IS NOT NULL;
CREATE INDEX ticket_household ON ticket (household, reported_at DESC, id DESC) WHERE household IS NOT NULL;
CREATE INDEX ticket_reporter ON ticket (reported_by, reported_at DESC, id DESC);

CREATE TABLE step (
    ticket      uuid NOT NULL REFERENCES ticket,
    version     int NOT NULL,
    at          timestamptz NOT NULL,
    deed        text COLLATE "C" NOT NULL,
    from_status text COLLATE "C",
    to_status   text COLLATE "C" NOT NULL,
    actor       text COLLATE "C" NOT NULL,
    actor_role  text COLLATE "C" NOT NULL,
    note        text CHECK (char_length(note) BETWEEN 1 AND 2000),
    PRIMARY KEY (ticket, version)
);
COMMENT ON TABLE step IS 'history, only ever added to; version is the ticket''s after the step, so two steps cannot take one place';

-- The second fence. A caller with a department reaches only what is dispatched to it in their areas; nobody set reaches nothing.
ALTER TABLE ticket ENABLE ROW LEVEL SECURITY;
ALTER TABLE ticket FORCE ROW LEVEL SECURITY;
CREATE POLICY ticket_read ON ticket FOR SELECT USING (
    (SELECT caller_is_service())
    OR (area ^@ ANY ((SELECT caller_areas())::text[])
        AND ((SELECT caller_department()) IS NULL OR department = (SELECT caller_department())))
    OR household = (SELECT caller_household())
    OR reported_by = (SELECT caller_subject()));
CREATE POLICY ticket_open ON ticket FOR INSERT WITH CHECK (
    (SELECT caller_is_service())
    OR (reported_by = (SELECT caller_subject())
        AND ((area ^@ ANY ((SELECT caller_areas())::text[]) AND (SELECT caller_department()) IS NULL)
            OR household IS NULL
            OR household = (SELECT caller_household()))));
CREATE POLICY ticket_move ON ticket FOR UPDATE USING (
    (SELECT caller_is_service())
    OR (area ^@ ANY ((SELECT caller_areas())::text[])
        AND ((SELECT caller_department()) IS NULL OR department = (SELECT caller_department()))));

ALTER TABLE step ENABLE ROW LEVEL SECURITY;
ALTER TABLE step FORCE ROW LEVEL SECURITY;
CREATE POLICY step_read ON step FOR SELECT USING (EXISTS (SELECT 1 FROM ticket t WHERE t.id = step.ticket));
CREATE POLICY step_add ON step FOR INSERT WITH CHECK (
    actor = (SELECT caller_subject()) AND EXISTS (SELECT 1 FROM ticket t WHERE t.id = step.ticket));

GRANT SELECT, INSERT, UPDATE ON area, department TO {app};
GRANT USAGE ON SEQUENCE ticket_number TO {app};
GRANT SELECT, INSERT, UPDATE (status, department, version, updated_at, satisfaction) ON ticket TO {app};
GRANT SELECT, INSERT ON step TO {app};
