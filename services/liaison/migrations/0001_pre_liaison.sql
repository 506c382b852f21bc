-- The working calendar, a copy of the area codes, the rules of duty and the roster that they yield.

CREATE TABLE area (
    code text COLLATE "C" PRIMARY KEY CHECK (code ~ '^[0-9]{2,16}$')
);
COMMENT ON TABLE area IS 'copy of archive''s divisions and grids, kept by archive.area.published.v1';

CREATE TABLE calendar_year (
    year      int PRIMARY KEY,
    published boolean NOT NULL,
    digest    text NOT NULL,
    loaded_at timestamptz NOT NULL
);

CREATE TABLE calendar_day (
    date        date PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN ('WORKDAY', 'WEEKEND', 'HOLIDAY', 'MAKEUP_WORKDAY')),
    explanation text NOT NULL,
    provisional boolean NOT NULL
);

CREATE TABLE duty_rule (
    area          text COLLATE "C" NOT NULL CHECK (area ~ '^[0-9]{12}$'),
    starts        date NOT NULL,
    planned_until date,
    PRIMARY KEY (area, starts)
);
COMMENT ON COLUMN duty_rule.planned_until IS 'up to where the roster stands; null when the calendar has changed since';

CREATE TABLE duty_rule_cadre (
    area    text COLLATE "C" NOT NULL,
    starts  date NOT NULL,
    place   int NOT NULL,
    subject text COLLATE "C" NOT NULL,
    name    text NOT NULL,
    PRIMARY KEY (area, starts, place),
    UNIQUE (area, starts, subject),
    FOREIGN KEY (area, starts) REFERENCES duty_rule
);

CREATE TABLE duty (
    area         text COLLATE "C" NOT NULL,
    date         date NOT NULL,
    subject      text COLLATE "C" NOT NULL,
    name         text NOT NULL,
    signed_in_at timestamptz,
    PRIMARY KEY (area, date)
);
COMMENT ON TABLE duty IS 'no reference to area: a roster may be planned before the copy of the areas is there';

ALTER TABLE duty_rule ENABLE ROW LEVEL SECURITY;
ALTER TABLE duty_rule FORCE ROW LEVEL SECURITY;
ALTER TABLE duty_rule_cadre ENABLE ROW LEVEL SECURITY;
ALTER TABLE duty_rule_cadre FORCE ROW LEVEL SECURITY;
ALTER TABLE duty ENABLE ROW LEVEL SECURITY;
ALTER TABLE duty FORCE ROW LEVEL SECURITY;

CREATE POLICY service ON duty_rule USING ((SELECT caller_is_service())) WITH CHECK ((SELECT caller_is_service()));
CREATE POLICY service ON duty_rule_cadre USING ((SELECT caller_is_service())) WITH CHECK ((SELECT caller_is_service()));
CREATE POLICY service ON duty USING ((SELECT caller_is_service())) WITH CHECK ((SELECT caller_is_service()));
CREATE POLICY everybody_reads ON duty FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY on_duty_signs ON duty FOR UPDATE
    USING (subject = (SELECT caller_subject())) WITH CHECK (subject = (SELECT caller_subject()));

-- Every known village on every day of the calendar, with or without a cadre.
CREATE VIEW duty_sheet WITH (security_invoker = true) AS
SELECT a.code AS area, c.date, a.code || '/' || to_char(c.date, 'YYYY-MM-DD') AS key,
       c.kind, c.explanation, c.provisional, d.signed_in_at
FROM area a
CROSS JOIN calendar_day c
LEFT JOIN duty d ON d.area = a.code AND d.date = c.date
WHERE length(a.code) = 12 AND (SELECT caller_subject()) IS NOT NULL;

GRANT SELECT, INSERT ON area TO {app};
GRANT SELECT, INSERT, UPDATE ON calendar_year TO {app};
GRANT SELECT, INSERT, UPDATE, DELETE ON calendar_day TO {app};
GRANT SELECT, INSERT, UPDATE ON duty_rule TO {app};
GRANT SELECT, INSERT ON duty_rule_cadre TO {app};
GRANT SELECT, INSERT, UPDATE, DELETE ON duty TO {app};
GRANT SELECT ON duty_sheet TO {app};
