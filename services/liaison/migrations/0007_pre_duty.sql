-- Daily duty in full: who is away, rules as data, what was agreed, sign-in by place, offers, gaps and the station's log.

SELECT set_config('sanmin.caller', '{"subject": "service:liaison", "service": true}', true);

-- Whoever is in a pool or on a roster serves; they may be sent within all villages where they have been, and set out from the first.
INSERT INTO cadre (subject, name, area, base, since)
SELECT subject, max(name),
       CASE WHEN min(area) = max(area) THEN min(area) WHEN left(min(area), 9) = left(max(area), 9) THEN left(min(area), 9)
            WHEN left(min(area), 6) = left(max(area), 6) THEN left(min(area), 6) ELSE left(min(area), 2) END,
       min(area), min(day)
FROM (SELECT subject, name, area, starts AS day FROM duty_rule_cadre UNION ALL SELECT subject, name, area, date FROM duty) served
GROUP BY subject
ON CONFLICT (subject) DO NOTHING;

CREATE TABLE leave (
    id           uuid PRIMARY KEY,
    subject      text COLLATE "C" NOT NULL REFERENCES cadre,
    first        date NOT NULL,
    last         date NOT NULL CHECK (last >= first),
    noted_by     text COLLATE "C" NOT NULL,
    noted_at     timestamptz NOT NULL,
    withdrawn_at timestamptz,
    CONSTRAINT leave_once EXCLUDE USING gist (subject WITH =, daterange(first, last, '[]') WITH &&) WHERE (withdrawn_at IS NULL)
);
COMMENT ON TABLE leave IS 'who is away from first to last, both included; why is in leave_reason';
CREATE INDEX leave_newest ON leave (first DESC, id DESC);
CREATE TABLE leave_reason (
    leave   uuid PRIMARY KEY REFERENCES leave,
    subject text COLLATE "C" NOT NULL,
    area    text COLLATE "C" NOT NULL,
    reason  text COLLATE "C" NOT NULL CHECK (reason IN ('ANNUAL', 'SICK', 'TRAINING', 'OFFICIAL', 'FAMILY', 'OTHER'))
);
COMMENT ON TABLE leave_reason IS 'for the person and whoever arranges; area is where the person serves';

ALTER TABLE duty_rule
    ADD COLUMN pattern      text COLLATE "C" NOT NULL DEFAULT 'ROTATION' CHECK (pattern IN ('ROTATION', 'WEEKDAYS', 'FAIR')),
    ADD COLUMN eve_weight   float8 NOT NULL DEFAULT 1.5 CHECK (eve_weight BETWEEN 1 AND 10),
    ADD COLUMN opens        time NOT NULL DEFAULT '08:30',
    ADD COLUMN late_minutes int NOT NULL DEFAULT 15 CHECK (late_minutes BETWEEN 0 AND 240),
    ADD COLUMN alarm_days   int NOT NULL DEFAULT 3 CHECK (alarm_days BETWEEN 0 AND 20),
    ADD COLUMN reached      date,
    ADD COLUMN version      int NOT NULL DEFAULT 1 CHECK (version >= 1);
COMMENT ON COLUMN duty_rule.planned_until IS 'up to where the roster stands; null when it is due for planning';
COMMENT ON COLUMN duty_rule.reached IS 'up to where it was planned last: what is empty up to there is a gap';
COMMENT ON COLUMN duty_rule.eve_weight IS 'what a duty on the eve of a holiday counts, where another counts 1';
COMMENT ON COLUMN duty_rule.opens IS 'when the station opens; who signs in more than late_minutes after it is late';
COMMENT ON COLUMN duty_rule.alarm_days IS 'so many working days ahead a gap is told of';
UPDATE duty_rule SET reached = planned_until;

ALTER TABLE duty_rule_cadre
    ALTER COLUMN name DROP NOT NULL,
    ADD COLUMN weekdays int[] NOT NULL DEFAULT '{}' CHECK (weekdays <@ '{1,2,3,4,5,6,7}'),
    ADD FOREIGN KEY (subject) REFERENCES cadre;
COMMENT ON COLUMN duty_rule_cadre.weekdays IS 'ISO: 1 is Monday; theirs where the pattern is WEEKDAYS';
CREATE INDEX duty_rule_cadre_subject ON duty_rule_cadre (subject);

ALTER TABLE duty
    ALTER COLUMN name DROP NOT NULL,
    ADD COLUMN agreed        boolean NOT NULL DEFAULT false,
    ADD COLUMN turn          text COLLATE "C",
    ADD COLUMN received_at   timestamptz,
    ADD COLUMN metres        int CHECK (metres >= 0),
    ADD COLUMN place         text COLLATE "C" NOT NULL DEFAULT 'UNKNOWN' CHECK (place IN ('AT_STATION', 'AWAY', 'UNKNOWN')),
    ADD COLUMN signed_out_at timestamptz CHECK (signed_out_at >= signed_in_at),
    ADD CHECK (agreed OR turn IS NULL),
    ADD FOREIGN KEY (subject) REFERENCES cadre;
COMMENT ON COLUMN duty.agreed IS 'it was taken over or assigned: planning leaves it alone while the one who has it can come';
COMMENT ON COLUMN duty.turn IS 'of what was agreed: whose turn it was by the rule; null where it was a gap';
COMMENT ON COLUMN duty.received_at IS 'when the sign-in arrived, which may be later than it was';
COMMENT ON COLUMN duty.metres IS 'how far from the station the sign-in was; the coordinates themselves are not kept';
CREATE INDEX duty_subject ON duty (subject, date);

CREATE TABLE station (
    area      text COLLATE "C" PRIMARY KEY CHECK (area ~ '^[0-9]{12}$'),
    name      text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
    address   text CHECK (char_length(address) BETWEEN 1 AND 200),
    longitude float8 NOT NULL CHECK (longitude BETWEEN 73 AND 136),
    latitude  float8 NOT NULL CHECK (latitude BETWEEN 3 AND 54),
    radius    int NOT NULL CHECK (radius BETWEEN 10 AND 5000),
    version   int NOT NULL DEFAULT 1 CHECK (version >= 1)
);
COMMENT ON TABLE station IS 'where a village''s station is (WGS 84); within radius metres one is at it';

CREATE TABLE duty_gap (
    area    text COLLATE "C" NOT NULL,
    date    date NOT NULL,
    told_at timestamptz NOT NULL,
    PRIMARY KEY (area, date)
);
COMMENT ON TABLE duty_gap IS 'days that nobody has duty on and that were told of';

CREATE TABLE duty_offer (
    id          uuid PRIMARY KEY,
    area        text COLLATE "C" NOT NULL,
    date        date NOT NULL,
    by          text COLLATE "C" NOT NULL REFERENCES cadre,
    "to"        text COLLATE "C" REFERENCES cadre CHECK ("to" <> by),
    exchange    date CHECK (exchange <> date),
    state       text COLLATE "C" NOT NULL DEFAULT 'OPEN' CHECK (state IN ('OPEN', 'TAKEN', 'DECLINED', 'WITHDRAWN')),
    made_at     timestamptz NOT NULL,
    answered_by text COLLATE "C",
    answered_at timestamptz,
    CHECK (exchange IS NULL OR "to" IS NOT NULL),
    CHECK ((state = 'OPEN') = (answered_at IS NULL))
);
COMMENT ON TABLE duty_offer IS 'who is rostered asks another, or without "to" anybody, to take the duty';
COMMENT ON COLUMN duty_offer.exchange IS 'the other''s duty in the same village that is taken in return';
CREATE UNIQUE INDEX duty_offer_open ON duty_offer (area, date, by) WHERE state = 'OPEN';
CREATE INDEX duty_offer_area ON duty_offer (area, made_at DESC, id DESC);

CREATE TABLE duty_visit (
    id          uuid PRIMARY KEY,
    area        text COLLATE "C" NOT NULL CHECK (area ~ '^[0-9]{12}$'),
    at          timestamptz NOT NULL,
    purpose     text COLLATE "C" NOT NULL CHECK (purpose IN ('CONSULT', 'APPLY', 'REPORT', 'COMPLAINT', 'VISIT', 'OTHER')),
    note        text NOT NULL CHECK (char_length(note) BETWEEN 1 AND 2000),
    household   uuid,
    category    text COLLATE "C",
    by          text COLLATE "C" NOT NULL,
    received_at timestamptz NOT NULL
);
COMMENT ON TABLE duty_visit IS 'the station''s log: who came on duty and what for; who it was is sealed in contact';
CREATE INDEX duty_visit_area ON duty_visit (area, at DESC, id DESC);
CREATE INDEX duty_visit_household ON duty_visit (household, at DESC) WHERE household IS NOT NULL;

-- The working days of a span, and which of them are the last before days off that hold a holiday.
CREATE FUNCTION working_days(first date, last date) RETURNS TABLE (date date, makeup boolean, eve boolean) LANGUAGE sql STABLE AS $$
    SELECT w.date, w.makeup, EXISTS (SELECT FROM calendar_day h WHERE h.kind = 'HOLIDAY' AND h.date > w.date AND h.date < w.next)
    FROM (SELECT c.date, c.kind = 'MAKEUP_WORKDAY' AS makeup, lead(c.date) OVER (ORDER BY c.date) AS next
          FROM calendar_day c WHERE c.kind IN ('WORKDAY', 'MAKEUP_WORKDAY') AND c.date BETWEEN first AND last + 30) w
    WHERE w.date <= last
$$;

CREATE OR REPLACE VIEW duty_sheet WITH (security_invoker = true) AS
SELECT a.code AS area, c.date, a.code || '/' || to_char(c.date, 'YYYY-MM-DD') AS key,
       c.kind, c.explanation, c.provisional, d.signed_in_at,
       d.subject, d.agreed, d.turn, d.received_at, d.metres, d.place, d.signed_out_at, r.alarm_days,
       d.signed_in_at > in_china(c.date, r.opens) + make_interval(mins => r.late_minutes) AS late,
       d.subject IS NULL AND c.kind IN ('WORKDAY', 'MAKEUP_WORKDAY') AND coalesce(r.reached >= c.date, false) AS gap
FROM area a
CROSS JOIN calendar_day c
LEFT JOIN duty d ON d.area = a.code AND d.date = c.date
LEFT JOIN LATERAL (
    SELECT * FROM duty_rule r WHERE r.area = a.code AND r.starts <= c.date ORDER BY r.starts DESC LIMIT 1) r ON true
WHERE length(a.code) = 12 AND (a.valid_to IS NULL OR c.date <= a.valid_to) AND (SELECT caller_subject()) IS NOT NULL;

ALTER TABLE leave ENABLE ROW LEVEL SECURITY;
ALTER TABLE leave FORCE ROW LEVEL SECURITY;
ALTER TABLE leave_reason ENABLE ROW LEVEL SECURITY;
ALTER TABLE leave_reason FORCE ROW LEVEL SECURITY;
ALTER TABLE station ENABLE ROW LEVEL SECURITY;
ALTER TABLE station FORCE ROW LEVEL SECURITY;
ALTER TABLE duty_gap ENABLE ROW LEVEL SECURITY;
ALTER TABLE duty_gap FORCE ROW LEVEL SECURITY;
ALTER TABLE duty_offer ENABLE ROW LEVEL SECURITY;
ALTER TABLE duty_offer FORCE ROW LEVEL SECURITY;
ALTER TABLE duty_visit ENABLE ROW LEVEL SECURITY;
ALTER TABLE duty_visit FORCE ROW LEVEL SECURITY;

CREATE POLICY rule_read ON duty_rule FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY rule_write ON duty_rule USING ((SELECT caller_is_service()) OR caller_arranges(area));
CREATE POLICY pool_read ON duty_rule_cadre FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY pool_write ON duty_rule_cadre USING ((SELECT caller_is_service()) OR caller_arranges(area));
CREATE POLICY assigned ON duty FOR INSERT WITH CHECK ((SELECT caller_is_service()) OR caller_arranges(area));
CREATE POLICY reassigned ON duty FOR UPDATE USING ((SELECT caller_is_service()) OR caller_arranges(area));
CREATE POLICY leave_read ON leave FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY leave_note ON leave FOR INSERT WITH CHECK (
    (SELECT caller_is_service()) OR (noted_by = (SELECT caller_subject()) AND (subject = noted_by
        OR EXISTS (SELECT FROM cadre c WHERE c.subject = leave.subject AND caller_arranges(c.area)))));
CREATE POLICY leave_withdraw ON leave FOR UPDATE USING (
    (SELECT caller_is_service()) OR subject = (SELECT caller_subject())
    OR EXISTS (SELECT FROM cadre c WHERE c.subject = leave.subject AND caller_arranges(c.area)));
CREATE POLICY leave_reason_read ON leave_reason FOR SELECT USING (
    (SELECT caller_is_service()) OR subject = (SELECT caller_subject()) OR caller_arranges(area));
CREATE POLICY leave_reason_note ON leave_reason FOR INSERT WITH CHECK (
    ((SELECT caller_is_service()) OR subject = (SELECT caller_subject()) OR caller_arranges(area))
    AND EXISTS (SELECT FROM leave l JOIN cadre c USING (subject) WHERE l.id = leave_reason.leave
        AND (l.subject, c.area) = (leave_reason.subject, leave_reason.area)));
CREATE POLICY station_read ON station FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY station_write ON station USING (caller_arranges(area));
CREATE POLICY gap_all ON duty_gap USING ((SELECT caller_is_service()));
CREATE POLICY offer_read ON duty_offer FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY offer_make ON duty_offer FOR INSERT WITH CHECK (
    by = (SELECT caller_subject())
    AND EXISTS (SELECT FROM duty d WHERE (d.area, d.date, d.subject) = (duty_offer.area, duty_offer.date, duty_offer.by)));
CREATE POLICY offer_answer ON duty_offer FOR UPDATE
    USING (by = (SELECT caller_subject()) OR "to" = (SELECT caller_subject())
        OR ("to" IS NULL AND EXISTS (SELECT FROM cadre c WHERE c.subject = (SELECT caller_subject())
            AND (duty_offer.area ^@ c.area OR c.area ^@ left(duty_offer.area, 9)))))
    WITH CHECK (answered_by = (SELECT caller_subject()) AND (answered_by = by) = (state = 'WITHDRAWN'));
CREATE POLICY visit_read ON duty_visit FOR SELECT USING (
    (SELECT caller_is_service()) OR by = (SELECT caller_subject()) OR household = (SELECT caller_household())
    OR ((SELECT caller_roles() && '{village_cadre,township_clerk,city_admin,auditor}') AND area ^@ ANY ((SELECT caller_areas())::text[])));
CREATE POLICY visit_note ON duty_visit FOR INSERT WITH CHECK (
    by = (SELECT caller_subject()) AND (caller_hosts(area) OR EXISTS (
        SELECT FROM duty d WHERE d.area = duty_visit.area AND d.subject = duty_visit.by AND d.date = (duty_visit.at AT TIME ZONE 'Asia/Shanghai')::date)));

-- A duty stays where it is; name is the earlier version's, until 0012.
REVOKE UPDATE ON duty FROM {app};
GRANT UPDATE (subject, name, signed_in_at, agreed, turn, received_at, metres, place, signed_out_at) ON duty TO {app};
GRANT DELETE ON duty_rule_cadre TO {app};
GRANT SELECT, INSERT, UPDATE ON station TO {app};
GRANT SELECT, INSERT, UPDATE (withdrawn_at) ON leave TO {app};
GRANT SELECT, INSERT, UPDATE (state, answered_by, answered_at) ON duty_offer TO {app};
GRANT SELECT, INSERT ON leave_reason, duty_visit TO {app};
GRANT SELECT, INSERT, DELETE ON duty_gap TO {app};
