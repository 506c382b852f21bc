-- Market days (墟日), and the stalls that service teams set up on them.

CREATE TABLE team (
    code    text COLLATE "C" PRIMARY KEY,
    areas   text[] COLLATE "C" NOT NULL,
    active  boolean NOT NULL,
    version int NOT NULL
);
COMMENT ON TABLE team IS 'copy of tickets'' service teams, kept by tickets.team.revised.v1';

CREATE TABLE market (
    id            uuid PRIMARY KEY,
    area          text COLLATE "C" NOT NULL CHECK (area ~ '^[0-9]{9}([0-9]{3})?$'),
    name          text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
    rule          text COLLATE "C" NOT NULL CHECK (rule IN ('SOLAR', 'LUNAR', 'WEEKDAY', 'BRANCH')),
    days          int[] NOT NULL CHECK (cardinality(days) > 0 AND 0 <= ALL (days) AND 12 >= ALL (days)),
    short_month   text COLLATE "C" NOT NULL CHECK (short_month IN ('SKIP', 'LAST_DAY')),
    words         text NOT NULL,
    since         date NOT NULL,
    until         date CHECK (until >= since),
    planned_until date NOT NULL,
    version       int NOT NULL DEFAULT 1 CHECK (version >= 1)
);
COMMENT ON COLUMN market.area IS 'a village, or a township';
COMMENT ON COLUMN market.days IS 'last digits of the day of the Gregorian or lunar month, ISO weekdays, or branches from 子 = 1';
COMMENT ON COLUMN market.short_month IS 'what a month does that ends before its third day of a digit: 逢十 in one of 29 days';
COMMENT ON COLUMN market.words IS 'the rule as people say it';
COMMENT ON COLUMN market.planned_until IS 'up to where its days stand in market_day';
CREATE INDEX market_area ON market (area, id);
CREATE INDEX market_planned ON market (planned_until);

CREATE TABLE market_exception (
    market     uuid NOT NULL REFERENCES market,
    date       date NOT NULL,
    kind       text COLLATE "C" NOT NULL CHECK (kind IN ('ADDED', 'DROPPED')),
    reason     text NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 200),
    instead_of date CHECK (instead_of IS NULL OR kind = 'ADDED'),
    PRIMARY KEY (market, date)
);
COMMENT ON COLUMN market_exception.instead_of IS 'the day by the rule whose market was moved to this one';

CREATE TABLE market_day (
    market uuid NOT NULL REFERENCES market,
    date   date NOT NULL,
    text   text NOT NULL,
    PRIMARY KEY (market, date)
);
COMMENT ON TABLE market_day IS 'the days by rule and exceptions; from today on they are made anew when these change, what is past stays';
CREATE INDEX market_day_date ON market_day (date, market);

CREATE TABLE stall_plan (
    id        uuid PRIMARY KEY,
    market    uuid NOT NULL REFERENCES market,
    area      text COLLATE "C" NOT NULL,
    team      text COLLATE "C" NOT NULL,
    staff     text[] COLLATE "C" NOT NULL CHECK (cardinality(staff) BETWEEN 1 AND 50),
    topic     text NOT NULL CHECK (char_length(topic) BETWEEN 1 AND 100),
    begins    time NOT NULL,
    ends      time NOT NULL CHECK (ends > begins),
    first     date NOT NULL,
    last      date NOT NULL CHECK (last >= first - 1),
    every_nth int NOT NULL CHECK (every_nth BETWEEN 1 AND 20),
    by        text COLLATE "C" NOT NULL,
    CONSTRAINT stall_plan_once EXCLUDE USING gist (market WITH =, team WITH =, daterange(first, last + 1) WITH &&)
);
COMMENT ON COLUMN stall_plan.team IS 'code of one of tickets'' teams';
COMMENT ON COLUMN stall_plan.last IS 'the day before first where the plan was taken back as a whole';
CREATE INDEX stall_plan_team ON stall_plan (team);

CREATE TABLE stall (
    id      uuid PRIMARY KEY,
    plan    uuid NOT NULL REFERENCES stall_plan,
    date    date NOT NULL,
    state   text COLLATE "C" NOT NULL DEFAULT 'PLANNED' CHECK (state IN ('PLANNED', 'HELD', 'CANCELLED')),
    cause   text COLLATE "C" CHECK (cause IN ('MARKET', 'PLAN', 'TEAM')),
    people  int CHECK (people >= 0),
    version int NOT NULL DEFAULT 1 CHECK (version >= 1),
    CHECK ((state = 'CANCELLED') = (cause IS NOT NULL)),
    CHECK ((state = 'HELD') = (people IS NOT NULL))
);
COMMENT ON TABLE stall IS 'its id is also that of the activity that tickets make of it, where people served are counted';
COMMENT ON COLUMN stall.people IS 'copy of what tickets.activity.served.v1 told';
CREATE INDEX stall_plan_date ON stall (plan, date);
CREATE INDEX stall_date ON stall (date, id);

ALTER TABLE market ENABLE ROW LEVEL SECURITY;
ALTER TABLE market FORCE ROW LEVEL SECURITY;
ALTER TABLE market_exception ENABLE ROW LEVEL SECURITY;
ALTER TABLE market_exception FORCE ROW LEVEL SECURITY;
ALTER TABLE market_day ENABLE ROW LEVEL SECURITY;
ALTER TABLE market_day FORCE ROW LEVEL SECURITY;
ALTER TABLE stall_plan ENABLE ROW LEVEL SECURITY;
ALTER TABLE stall_plan FORCE ROW LEVEL SECURITY;
ALTER TABLE stall ENABLE ROW LEVEL SECURITY;
ALTER TABLE stall FORCE ROW LEVEL SECURITY;

-- Everybody reads. What writes is asked of writes alone: it would be reckoned for each row that is read.
CREATE POLICY market_read ON market FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY market_add ON market FOR INSERT WITH CHECK (caller_arranges(area));
CREATE POLICY market_revise ON market FOR UPDATE USING (caller_arranges(area));
CREATE POLICY market_exception_read ON market_exception FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY market_exception_add ON market_exception FOR INSERT WITH CHECK (
    EXISTS (SELECT FROM market m WHERE m.id = market_exception.market AND caller_arranges(m.area)));
CREATE POLICY market_exception_drop ON market_exception FOR DELETE USING (
    EXISTS (SELECT FROM market m WHERE m.id = market_exception.market AND caller_arranges(m.area)));
CREATE POLICY market_day_read ON market_day FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY market_day_add ON market_day FOR INSERT WITH CHECK (
    EXISTS (SELECT FROM market m WHERE m.id = market_day.market AND caller_arranges(m.area)));
CREATE POLICY market_day_drop ON market_day FOR DELETE USING (
    EXISTS (SELECT FROM market m WHERE m.id = market_day.market AND caller_arranges(m.area)));
CREATE POLICY stall_plan_read ON stall_plan FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY stall_plan_add ON stall_plan FOR INSERT WITH CHECK (
    (SELECT caller_is_service()) OR EXISTS (SELECT FROM market m WHERE m.id = stall_plan.market AND m.area = stall_plan.area AND caller_hosts(m.area)));
CREATE POLICY stall_plan_end ON stall_plan FOR UPDATE USING (caller_hosts(area));
CREATE POLICY stall_read ON stall FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY stall_add ON stall FOR INSERT WITH CHECK (
    EXISTS (SELECT FROM stall_plan p WHERE p.id = stall.plan AND caller_hosts(p.area)));
CREATE POLICY stall_move ON stall FOR UPDATE USING (
    EXISTS (SELECT FROM stall_plan p WHERE p.id = stall.plan AND caller_hosts(p.area)))
    WITH CHECK ((SELECT caller_is_service()) OR state <> 'HELD');

CREATE VIEW stall_sheet WITH (security_invoker = true) AS
SELECT s.id, s.plan, s.date, s.state, s.cause, s.people, s.version, p.market, p.area, p.team, p.staff, p.topic, p.begins, p.ends,
       tstzrange(in_china(s.date, p.begins), in_china(s.date, p.ends)) AS during
FROM stall s JOIN stall_plan p ON p.id = s.plan;

-- Whom of a stall's staff something else claims at that time, in another place. It is shown, not refused.
-- OFFSET 0 keeps the planner at the indexes by subject and by date.
CREATE FUNCTION stall_conflicts(stall uuid) RETURNS TABLE (subject text, kind text, area text, during tstzrange) LANGUAGE sql STABLE AS $$
    SELECT e.subject, e.kind, e.area, e.during
    FROM stall_sheet s CROSS JOIN LATERAL unnest(s.staff) AS who
    CROSS JOIN LATERAL (SELECT * FROM engagement WHERE engagement.subject = who OFFSET 0) e
    WHERE s.id = $1 AND s.state <> 'CANCELLED' AND e.during && s.during AND e.area <> s.area
    UNION ALL
    SELECT who, 'STALL', o.area, o.during
    FROM stall_sheet s
    CROSS JOIN LATERAL (SELECT * FROM stall_sheet WHERE stall_sheet.date = s.date OFFSET 0) o
    CROSS JOIN LATERAL (SELECT unnest(s.staff) INTERSECT SELECT unnest(o.staff)) AS both_(who)
    WHERE s.id = $1 AND s.state <> 'CANCELLED' AND o.state <> 'CANCELLED' AND o.id <> s.id AND o.during && s.during AND o.area <> s.area
$$;

GRANT SELECT, INSERT, UPDATE ON team, market TO {app};
GRANT SELECT, INSERT, DELETE ON market_exception, market_day TO {app};
GRANT SELECT, INSERT, UPDATE (last) ON stall_plan TO {app};
GRANT SELECT, INSERT, UPDATE (date, state, cause, people, version) ON stall TO {app};
GRANT SELECT ON stall_sheet TO {app};
