-- Service centres with their windows and items, the queue before the windows, and one intake for several items.

CREATE OR REPLACE FUNCTION china_today() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date $$;

CREATE TABLE centre (
    code       text COLLATE "C" CHECK (code ~ '^[a-z][a-z0-9-]{0,39}$'),
    valid_from date,
    area       text COLLATE "C" NOT NULL CHECK (area ~ '^[0-9]{6,12}$'),
    name       text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    opening    jsonb NOT NULL,
    groups     jsonb NOT NULL,
    calls      int NOT NULL CHECK (calls BETWEEN 1 AND 10),
    behind     int NOT NULL CHECK (behind BETWEEN 0 AND 20),
    lead       int NOT NULL CHECK (lead BETWEEN 0 AND 720),
    closed     boolean NOT NULL DEFAULT false,
    PRIMARY KEY (code, valid_from)
);
COMMENT ON TABLE centre IS 'a centre as it is from a day on; the latest row that has begun holds';
COMMENT ON COLUMN centre.opening IS '[{day: WORKDAY|WEEKEND|HOLIDAY, opens: HH:MM, closes: HH:MM}], in China';
COMMENT ON COLUMN centre.groups IS '[{code, name, minutes}]: the queues; minutes is how long a service takes where today does not say yet';
COMMENT ON COLUMN centre.calls IS 'how often a number is called before it is a no-show; behind: how many it lets go ahead when it comes back';
COMMENT ON COLUMN centre.lead IS 'minutes before the opening from which numbers are given';

CREATE TABLE service_window (
    centre      text COLLATE "C",
    code        text COLLATE "C" CHECK (code ~ '^[0-9A-Z]{1,4}$'),
    valid_from  date,
    name        text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 40),
    groups      text[] NOT NULL CHECK (cardinality(groups) > 0),
    departments text[] NOT NULL,
    closed      boolean NOT NULL DEFAULT false,
    PRIMARY KEY (centre, code, valid_from)
);
COMMENT ON COLUMN service_window.departments IS 'in residence there; a window that houses none serves whatever comes (综合窗口)';

CREATE TABLE service_item (
    code        text COLLATE "C" CHECK (code ~ '^[a-z][a-z0-9-]{0,39}$'),
    valid_from  date,
    name        text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    category    text NOT NULL,
    legal_basis text NOT NULL CHECK (char_length(legal_basis) BETWEEN 1 AND 500),
    limit_days  int NOT NULL CHECK (limit_days BETWEEN 0 AND 365),
    fee         numeric(10, 2) NOT NULL CHECK (fee >= 0),
    agent       boolean NOT NULL,
    departments text[] NOT NULL CHECK (cardinality(departments) > 0),
    levels      text[] NOT NULL CHECK (cardinality(levels) > 0 AND levels <@ '{VILLAGE,TOWNSHIP,COUNTY}'),
    materials   jsonb NOT NULL,
    withdrawn   boolean NOT NULL DEFAULT false,
    PRIMARY KEY (code, valid_from)
);
COMMENT ON COLUMN service_item.limit_days IS 'in working days; 0 is at once';
COMMENT ON COLUMN service_item.departments IS 'the first leads';
COMMENT ON COLUMN service_item.materials IS '[{code, name, original, copies}]; one code is one paper, whichever items ask for it';

CREATE TABLE queue_class (
    code   text COLLATE "C" PRIMARY KEY CHECK (code ~ '^[A-Z][A-Z_]{0,19}$'),
    name   text NOT NULL,
    ground text NOT NULL
);
COMMENT ON TABLE queue_class IS 'who goes first; ground is what the window looks at';

CREATE VIEW centre_today AS
    SELECT DISTINCT ON (code) * FROM centre WHERE valid_from <= china_today() ORDER BY code, valid_from DESC;
CREATE VIEW window_today AS
    SELECT DISTINCT ON (centre, code) * FROM service_window WHERE valid_from <= china_today()
    ORDER BY centre, code, valid_from DESC;

CREATE TABLE queue_day (
    centre     text COLLATE "C",
    day        date,
    group_code text COLLATE "C",
    last       int NOT NULL,
    PRIMARY KEY (centre, day, group_code)
);
COMMENT ON TABLE queue_day IS 'the last serial given: a rolled back deed gives none, so they have no gap';

CREATE TABLE queue_number (
    id            uuid PRIMARY KEY,
    centre        text COLLATE "C" NOT NULL,
    area          text COLLATE "C" NOT NULL,
    day           date NOT NULL,
    group_code    text COLLATE "C" NOT NULL CHECK (group_code ~ '^[A-Z]$'),
    serial        int NOT NULL CHECK (serial >= 1),
    number        text COLLATE "C" NOT NULL,
    item          text COLLATE "C",
    priority      text COLLATE "C" REFERENCES queue_class,
    status        text COLLATE "C" NOT NULL CHECK (status IN (
        'WAITING', 'CALLED', 'SERVING', 'FINISHED', 'NO_SHOW', 'CANCELLED', 'VOID')),
    ahead_rank    smallint NOT NULL CHECK (ahead_rank IN (0, 1)),
    place_at      timestamptz NOT NULL,
    returned_at   timestamptz,
    for_window    text COLLATE "C",
    window_code   text COLLATE "C",
    calls         int NOT NULL DEFAULT 0,
    taken_at      timestamptz NOT NULL,
    waiting_since timestamptz NOT NULL,
    first_called  timestamptz,
    called_at     timestamptz,
    started_at    timestamptz,
    ended_at      timestamptz,
    outcome       text COLLATE "C" CHECK (outcome IN ('DONE', 'ACCEPTED', 'MATERIALS_MISSING', 'ADVISED', 'ELSEWHERE')),
    ticket        uuid REFERENCES ticket (id),
    version       int NOT NULL CHECK (version >= 1),
    CHECK (status NOT IN ('CALLED', 'SERVING') OR window_code IS NOT NULL),
    CONSTRAINT queue_number_once UNIQUE (centre, day, number)
);
COMMENT ON COLUMN queue_number.place_at IS 'the order is ahead_rank, place_at, returned_at or else taken_at, serial; a transfer keeps it';
COMMENT ON COLUMN queue_number.group_code IS 'where it waits; the group in which it was taken is in its number';
CREATE INDEX queue_number_waiting ON queue_number (centre, day, ahead_rank, place_at) WHERE status = 'WAITING';
CREATE UNIQUE INDEX queue_number_at_window ON queue_number (centre, day, window_code) WHERE status IN ('CALLED', 'SERVING');
CREATE INDEX queue_number_live ON queue_number (day) WHERE status IN ('WAITING', 'CALLED', 'SERVING', 'NO_SHOW');

CREATE TABLE queue_holder (
    number  uuid PRIMARY KEY REFERENCES queue_number (id),
    subject text COLLATE "C" NOT NULL,
    area    text COLLATE "C" NOT NULL,
    role    text COLLATE "C" NOT NULL
);
COMMENT ON TABLE queue_holder IS 'who took the number: the only trace of a person in the queue';
CREATE INDEX queue_holder_subject ON queue_holder (subject);

CREATE TABLE window_shift (
    id          uuid PRIMARY KEY,
    centre      text COLLATE "C" NOT NULL,
    area        text COLLATE "C" NOT NULL,
    day         date NOT NULL,
    window_code text COLLATE "C" NOT NULL,
    groups      text[] NOT NULL,
    clerk       text COLLATE "C" NOT NULL,
    opened_at   timestamptz NOT NULL,
    closed_at   timestamptz
);
CREATE UNIQUE INDEX window_shift_open ON window_shift (centre, day, window_code) WHERE closed_at IS NULL;

CREATE TABLE queue_turn (
    id            uuid PRIMARY KEY,
    number        uuid NOT NULL REFERENCES queue_number (id),
    centre        text COLLATE "C" NOT NULL,
    area          text COLLATE "C" NOT NULL,
    day           date NOT NULL,
    group_code    text COLLATE "C" NOT NULL,
    window_code   text COLLATE "C" NOT NULL,
    waiting_since timestamptz NOT NULL,
    first_called  timestamptz NOT NULL,
    started_at    timestamptz,
    ended_at      timestamptz NOT NULL,
    ended         text COLLATE "C" NOT NULL CHECK (ended IN ('SERVED', 'TRANSFERRED', 'NO_SHOW'))
);
COMMENT ON TABLE queue_turn IS 'a number''s time at a window, written when it ends; figures are made of these';
CREATE INDEX queue_turn_day ON queue_turn (day);
CREATE INDEX queue_turn_recent ON queue_turn (centre, day, group_code, ended_at DESC);

CREATE FUNCTION queue_estimate(centre_ text, day_ date, group_ text, rank_ int, place_ timestamptz, then_ timestamptz, serial_ int)
RETURNS TABLE (ahead int, windows int, samples int, average float8, wait float8) LANGUAGE sql STABLE AS $$
WITH staffed AS (
    SELECT s.window_code FROM window_shift s
    WHERE s.centre = centre_ AND s.day = day_ AND s.closed_at IS NULL AND group_ = ANY (s.groups)),
planned AS (
    SELECT count(*) FILTER (WHERE NOT w.closed AND group_ = ANY (w.groups)) AS n FROM (
        SELECT DISTINCT ON (code) groups, closed FROM service_window
        WHERE centre = centre_ AND valid_from <= day_ ORDER BY code, valid_from DESC) w),
busy AS (
    SELECT count(*) AS n FROM queue_number q
    WHERE q.centre = centre_ AND q.day = day_ AND q.status IN ('CALLED', 'SERVING')
        AND q.window_code IN (SELECT window_code FROM staffed)),
before AS (
    SELECT count(*) AS n FROM queue_number q
    WHERE q.centre = centre_ AND q.day = day_ AND q.status = 'WAITING' AND q.group_code = group_
        AND (q.ahead_rank, q.place_at, coalesce(q.returned_at, q.taken_at), q.serial) < (rank_, place_, then_, serial_)),
recent AS (
    SELECT count(*) AS n, avg(extract(epoch FROM r.ended_at - r.started_at))::float8 AS seconds FROM (
        SELECT t.started_at, t.ended_at FROM queue_turn t
        WHERE t.centre = centre_ AND t.day = day_ AND t.group_code = group_ AND t.started_at IS NOT NULL
        ORDER BY t.ended_at DESC LIMIT 10) r),
usual AS (
    SELECT (g ->> 'minutes')::float8 * 60 AS seconds FROM (
        SELECT c.groups FROM centre c WHERE c.code = centre_ AND c.valid_from <= day_ ORDER BY c.valid_from DESC LIMIT 1) c
    CROSS JOIN LATERAL jsonb_array_elements(c.groups) g WHERE g ->> 'code' = group_),
made AS (
    SELECT before.n AS ahead, busy.n AS busy,
        greatest(coalesce(nullif((SELECT count(*) FROM staffed), 0), planned.n), 1) AS windows,
        CASE WHEN recent.n >= 3 THEN recent.n ELSE 0 END AS samples,
        CASE WHEN recent.n >= 3 THEN recent.seconds ELSE (SELECT seconds FROM usual) END AS average
    FROM before, busy, planned, recent)
SELECT ahead::int, windows::int, samples::int, average, average * greatest(ahead + 1 - (windows - busy), 0) / windows FROM made
$$;
COMMENT ON FUNCTION queue_estimate IS 'seconds that a place in a queue waits: so many services must end first, at the windows that are staffed (or, before the opening, at all), each as long as the mean of today''s ten latest, or as usual while there are fewer than three';

CREATE TABLE intake (
    id          uuid PRIMARY KEY,
    centre      text COLLATE "C" NOT NULL,
    area        text COLLATE "C" NOT NULL,
    status      text COLLATE "C" NOT NULL CHECK (status IN ('DRAFT', 'OPENED')),
    title       text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 100),
    description text NOT NULL CHECK (char_length(description) BETWEEN 1 AND 4000),
    household   uuid,
    items       text[] NOT NULL CHECK (cardinality(items) > 0),
    day         date NOT NULL,
    handed      jsonb NOT NULL,
    missing     jsonb NOT NULL,
    limit_days  int NOT NULL CHECK (limit_days >= 0),
    due_on      date,
    ticket      uuid NOT NULL UNIQUE REFERENCES ticket (id),
    number      uuid REFERENCES queue_number (id),
    created_by  text COLLATE "C" NOT NULL,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    version     int NOT NULL CHECK (version >= 1),
    CHECK ((status = 'OPENED') = (due_on IS NOT NULL)),
    CHECK (status = 'DRAFT' OR missing = '[]')
);
COMMENT ON COLUMN intake.items IS 'codes of service items as they were on `day`';
COMMENT ON COLUMN intake.limit_days IS 'working days: the longest limit of the items, which holds for every part';
COMMENT ON COLUMN intake.handed IS '[{code, originalSeen, copies, attachments}]';
COMMENT ON COLUMN intake.missing IS '[{code, name, original, copies, items}]: what was told at once and in one list';
CREATE INDEX intake_newest ON intake (area, created_at DESC, id DESC);
CREATE INDEX intake_household ON intake (household, created_at DESC, id DESC) WHERE household IS NOT NULL;

-- The second fence. Numbers hang on the wall for everybody; who took one is told to nobody but the staff there and whoever did.
ALTER TABLE queue_number ENABLE ROW LEVEL SECURITY;
ALTER TABLE queue_number FORCE ROW LEVEL SECURITY;
CREATE POLICY queue_number_read ON queue_number FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY queue_number_take ON queue_number FOR INSERT WITH CHECK ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY queue_number_move ON queue_number FOR UPDATE USING (
    (SELECT caller_is_service())
    OR area ^@ ANY ((SELECT caller_areas())::text[])
    OR EXISTS (SELECT 1 FROM queue_holder h WHERE h.number = queue_number.id AND h.subject = (SELECT caller_subject())));

ALTER TABLE queue_holder ENABLE ROW LEVEL SECURITY;
ALTER TABLE queue_holder FORCE ROW LEVEL SECURITY;
CREATE POLICY queue_holder_read ON queue_holder FOR SELECT USING (
    (SELECT caller_is_service())
    OR subject = (SELECT caller_subject())
    OR area ^@ ANY ((SELECT caller_areas())::text[]));
CREATE POLICY queue_holder_add ON queue_holder FOR INSERT WITH CHECK (subject = (SELECT caller_subject()));

ALTER TABLE window_shift ENABLE ROW LEVEL SECURITY;
ALTER TABLE window_shift FORCE ROW LEVEL SECURITY;
CREATE POLICY window_shift_read ON window_shift FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY window_shift_add ON window_shift FOR INSERT WITH CHECK (
    clerk = (SELECT caller_subject()) AND area ^@ ANY ((SELECT caller_areas())::text[]));
CREATE POLICY window_shift_end ON window_shift FOR UPDATE USING (area ^@ ANY ((SELECT caller_areas())::text[]));

ALTER TABLE queue_turn ENABLE ROW LEVEL SECURITY;
ALTER TABLE queue_turn FORCE ROW LEVEL SECURITY;
CREATE POLICY queue_turn_read ON queue_turn FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY queue_turn_add ON queue_turn FOR INSERT WITH CHECK (area ^@ ANY ((SELECT caller_areas())::text[]));

ALTER TABLE intake ENABLE ROW LEVEL SECURITY;
ALTER TABLE intake FORCE ROW LEVEL SECURITY;
CREATE POLICY intake_read ON intake FOR SELECT USING (
    (SELECT caller_is_service())
    OR (area ^@ ANY ((SELECT caller_areas())::text[]) AND (SELECT caller_department()) IS NULL)
    OR household = (SELECT caller_household()));
CREATE POLICY intake_add ON intake FOR INSERT WITH CHECK (
    created_by = (SELECT caller_subject()) AND area ^@ ANY ((SELECT caller_areas())::text[]));
CREATE POLICY intake_move ON intake FOR UPDATE USING (
    area ^@ ANY ((SELECT caller_areas())::text[]) AND (SELECT caller_department()) IS NULL);

GRANT SELECT, INSERT, UPDATE ON centre, service_window, service_item, queue_class, queue_day TO {app};
GRANT SELECT ON centre_today, window_today TO {app};
GRANT SELECT, INSERT ON queue_number, queue_holder, queue_turn, window_shift, intake TO {app};
GRANT UPDATE (group_code, priority, status, ahead_rank, place_at, returned_at, for_window, window_code, calls, waiting_since,
    first_called, called_at, started_at, ended_at, outcome, ticket, version) ON queue_number TO {app};
GRANT UPDATE (closed_at) ON window_shift TO {app};
GRANT UPDATE (status, handed, missing, due_on, updated_at, version) ON intake TO {app};
