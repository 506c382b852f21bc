-- The catalogue of matters, the working calendar, and the clocks of matters with their timers.

CREATE TABLE category (
    code     text COLLATE "C" NOT NULL CHECK (code ~ '^[a-z][a-z0-9-]{0,39}$'),
    since    date NOT NULL,
    until    date CHECK (until >= since),
    parent   text COLLATE "C",
    name     text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
    priority text COLLATE "C" NOT NULL CHECK (priority IN ('NORMAL', 'URGENT')),
    PRIMARY KEY (code, since)
);
COMMENT ON TABLE category IS 'only ever added to: a line holds until the next one of its code begins, or until its own last day';

CREATE INDEX category_parent ON category (parent);

CREATE FUNCTION china_day(at timestamptz) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT (at AT TIME ZONE 'Asia/Shanghai')::date $$;

-- The category as it is on a day and those above it, in this order; nothing for one that is not known then.
CREATE FUNCTION category_path(of text, day date)
    RETURNS TABLE (code text, parent text, name text, since date, until date, priority text, place int) LANGUAGE sql STABLE AS $$
    WITH RECURSIVE up AS (
        SELECT c.*, 0 AS place FROM (SELECT * FROM category l WHERE l.code = of AND l.since <= day ORDER BY l.since DESC LIMIT 1) c
        WHERE c.until IS NULL OR c.until >= day
        UNION ALL
        SELECT p.*, up.place + 1 FROM up CROSS JOIN LATERAL (
            SELECT * FROM category l WHERE l.code = up.parent AND l.since <= day ORDER BY l.since DESC LIMIT 1) p
        WHERE up.place < 8 AND (p.until IS NULL OR p.until >= day))
    SELECT up.code, up.parent, up.name, up.since, up.until, up.priority, up.place FROM up ORDER BY up.place $$;

CREATE TABLE route (
    area       text COLLATE "C" NOT NULL CHECK (area ~ '^([0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{16})$'),
    category   text COLLATE "C" NOT NULL,
    since      date NOT NULL,
    department text COLLATE "C" REFERENCES department,
    PRIMARY KEY (area, category, since)
);
COMMENT ON COLUMN route.category IS 'empty for every category';
COMMENT ON COLUMN route.department IS 'null: from then on no route of this line';

-- Where matters of a category in an area go on a day: the longest area first, then the nearest category up the tree.
CREATE FUNCTION route_for(of text, place text, day date) RETURNS SETOF route LANGUAGE sql STABLE AS $$
    SELECT r.* FROM (
        SELECT DISTINCT ON (l.area, l.category) l.* FROM route l
        WHERE place ^@ l.area AND l.since <= day AND l.category IN (SELECT p.code FROM category_path(of, day) p UNION ALL SELECT '')
        ORDER BY l.area, l.category, l.since DESC) r
    LEFT JOIN category_path(of, day) p ON p.code = r.category
    WHERE r.department IS NOT NULL
    ORDER BY length(r.area) DESC, p.place NULLS LAST LIMIT 1 $$;

CREATE TABLE limits (
    category      text COLLATE "C" NOT NULL,
    priority      text COLLATE "C" NOT NULL,
    since         date NOT NULL,
    name          text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
    sign          text NOT NULL CHECK (sign ~ '^[0-9]{1,3}[dhm]$'),
    work          text NOT NULL CHECK (work ~ '^[0-9]{1,3}[dhm]$'),
    overall       text NOT NULL CHECK (overall ~ '^[0-9]{1,3}[dhm]$'),
    return_within text NOT NULL CHECK (return_within ~ '^[0-9]{1,3}[dhm]$'),
    extension     text NOT NULL CHECK (extension ~ '^[0-9]{1,3}[dhm]$'),
    extensions    int NOT NULL CHECK (extensions >= 0),
    pause         int NOT NULL CHECK (pause >= 0),
    warn          int NOT NULL CHECK (warn BETWEEN 0 AND 99),
    escalate      text NOT NULL CHECK (escalate ~ '^[0-9]{1,3}[dhm]$'),
    PRIMARY KEY (category, priority, since)
);
COMMENT ON TABLE limits IS 'working time in days (d), hours (h), minutes (m); an empty category or priority means every one';

CREATE TABLE escalation (
    unit     text COLLATE "C" NOT NULL CHECK (unit ~ '^(department/[a-z][a-z0-9-]{0,39}|area/[0-9]{6,16})$'),
    level    int NOT NULL CHECK (level BETWEEN 1 AND 3),
    subjects text[] NOT NULL,
    PRIMARY KEY (unit, level)
);
COMMENT ON TABLE escalation IS 'whom a unit''s late matters are told to, by level: subjects of accounts';

CREATE TABLE calendar (
    alone   boolean PRIMARY KEY DEFAULT true CHECK (alone),
    version int NOT NULL
);
COMMENT ON TABLE calendar IS 'one row; its version goes up with every change of years, days or hours, and deadlines of an older one are reckoned anew';
INSERT INTO calendar (version) VALUES (1);

CREATE TABLE calendar_year (
    year      int PRIMARY KEY,
    published boolean NOT NULL,
    told_at   timestamptz NOT NULL
);
COMMENT ON TABLE calendar_year IS 'what liaison.calendar.published.v1 said last; a year that is missing is provisional: weekends by weekday';

CREATE TABLE calendar_day (
    date     date PRIMARY KEY,
    kind     text COLLATE "C" NOT NULL CHECK (kind IN ('HOLIDAY', 'MAKEUP_WORKDAY')),
    festival text NOT NULL
);
COMMENT ON TABLE calendar_day IS 'only the days that are not what their weekday says';

CREATE TABLE working_hours (
    since   date PRIMARY KEY,
    periods text[] NOT NULL
);
COMMENT ON TABLE working_hours IS 'periods of a working day from that day on, such as 08:30-12:00, in China''s time';
INSERT INTO working_hours VALUES ('2000-01-01', '{08:30-12:00, 14:00-17:30}');

CREATE TABLE pause (
    ticket uuid NOT NULL REFERENCES ticket,
    place  int NOT NULL,
    since  timestamptz NOT NULL,
    until  timestamptz CHECK (until >= since),
    kind   text COLLATE "C" NOT NULL CHECK (kind IN ('AWAITING', 'CHECKED')),
    reason text COLLATE "C",
    PRIMARY KEY (ticket, place)
);
COMMENT ON COLUMN pause.kind IS 'AWAITING: the matter rested, up to the cap. CHECKED: it lay with who checks the work, before it was given back; the department''s clock alone stood';
CREATE UNIQUE INDEX pause_open ON pause (ticket) WHERE until IS NULL;

CREATE TABLE deadline (
    id         uuid PRIMARY KEY,
    ticket     uuid NOT NULL REFERENCES ticket,
    kind       text COLLATE "C" NOT NULL CHECK (kind IN ('SIGN', 'WORK', 'OVERALL')),
    round      int NOT NULL CHECK (round >= 1),
    department text COLLATE "C",
    area       text COLLATE "C" NOT NULL,
    limits     jsonb NOT NULL,
    extensions text[] NOT NULL,
    started_at timestamptz NOT NULL,
    due_at     timestamptz NOT NULL,
    warn_at    timestamptz,
    return_by  timestamptz,
    met_at     timestamptz,
    missed_at  timestamptz,
    ended_at   timestamptz,
    warned_at  timestamptz,
    level      int NOT NULL CHECK (level BETWEEN 0 AND 3),
    next_at    timestamptz,
    calendar   int NOT NULL,
    provisional boolean NOT NULL,
    skipped    jsonb NOT NULL,
    pauses     jsonb NOT NULL,
    sentence   text NOT NULL,
    UNIQUE (ticket, kind, round),
    CHECK (met_at IS NULL OR ended_at IS NULL),
    CHECK (next_at IS NULL OR (met_at IS NULL AND ended_at IS NULL))
);
COMMENT ON COLUMN deadline.round IS 'of SIGN and WORK the how manieth dispatch; OVERALL has one, which never starts anew';
COMMENT ON COLUMN deadline.limits IS 'as they were at the dispatch: later revisions do not touch open matters';
COMMENT ON COLUMN deadline.missed_at IS 'the instant at which it ran out; stays when the deed is done late';
COMMENT ON COLUMN deadline.ended_at IS 'it counts no more, neither met nor missed, unless missed before: returned, merged, withdrawn, referred out';
COMMENT ON COLUMN deadline.next_at IS 'when the timer has to look at it: to warn, to mark it missed, to escalate; null when nothing is left';
COMMENT ON COLUMN deadline.calendar IS 'the version of the calendar by which it was reckoned';
CREATE INDEX deadline_next ON deadline (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX deadline_due ON deadline (due_at, id) WHERE met_at IS NULL AND ended_at IS NULL;
CREATE INDEX deadline_area ON deadline (area, due_at) WHERE met_at IS NULL AND ended_at IS NULL;
CREATE INDEX deadline_calendar ON deadline (calendar) WHERE met_at IS NULL AND ended_at IS NULL;

CREATE TABLE extension (
    id           uuid PRIMARY KEY,
    ticket       uuid NOT NULL REFERENCES ticket,
    deadline     uuid NOT NULL REFERENCES deadline,
    asked        text NOT NULL CHECK (asked ~ '^[0-9]{1,3}[dhm]$'),
    reason       text COLLATE "C" NOT NULL,
    note         text CHECK (char_length(note) BETWEEN 1 AND 2000),
    requested_by text COLLATE "C" NOT NULL,
    requested_at timestamptz NOT NULL,
    granted      text CHECK (granted ~ '^[0-9]{1,3}[dhm]$'),
    decided_by   text COLLATE "C",
    decided_at   timestamptz,
    CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
    CHECK (granted IS NULL OR decided_at IS NOT NULL)
);
COMMENT ON COLUMN extension.granted IS 'null while it is not decided, and where it was refused';
CREATE INDEX extension_ticket ON extension (ticket, requested_at);
CREATE UNIQUE INDEX extension_open ON extension (deadline) WHERE decided_at IS NULL;

-- The second fence: who reaches a ticket reaches its clocks.
ALTER TABLE pause ENABLE ROW LEVEL SECURITY;
ALTER TABLE pause FORCE ROW LEVEL SECURITY;
CREATE POLICY pause_reach ON pause USING (
    (SELECT caller_is_service()) OR EXISTS (SELECT 1 FROM ticket t WHERE t.id = pause.ticket));
ALTER TABLE deadline ENABLE ROW LEVEL SECURITY;
ALTER TABLE deadline FORCE ROW LEVEL SECURITY;
CREATE POLICY deadline_reach ON deadline USING (
    (SELECT caller_is_service())
    OR (area ^@ ANY ((SELECT caller_areas())::text[])
        AND ((SELECT caller_department()) IS NULL OR department = (SELECT caller_department())))
    OR EXISTS (SELECT 1 FROM ticket t WHERE t.id = deadline.ticket));
ALTER TABLE extension ENABLE ROW LEVEL SECURITY;
ALTER TABLE extension FORCE ROW LEVEL SECURITY;
CREATE POLICY extension_reach ON extension USING (
    (SELECT caller_is_service()) OR EXISTS (SELECT 1 FROM ticket t WHERE t.id = extension.ticket));
ALTER TABLE escalation ENABLE ROW LEVEL SECURITY;
ALTER TABLE escalation FORCE ROW LEVEL SECURITY;
CREATE POLICY escalation_staff ON escalation USING (
    (SELECT caller_is_service())
    OR (cardinality((SELECT caller_areas())) > 0 AND (SELECT caller_department()) IS NULL));

GRANT SELECT, INSERT, UPDATE ON category, route, limits, escalation, calendar, calendar_year, working_hours TO {app};
GRANT SELECT, INSERT, DELETE ON calendar_day TO {app};
GRANT SELECT, INSERT, UPDATE (until) ON pause TO {app};
GRANT SELECT, INSERT, UPDATE ON deadline, extension TO {app};
