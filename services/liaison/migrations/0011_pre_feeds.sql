-- Calendars that people use: whose own calendar is open, what each calendar has told, and who was reminded of what.

ALTER TABLE area ADD COLUMN IF NOT EXISTS name text;
COMMENT ON COLUMN area.name IS 'null until the archive publishes the area again';
GRANT UPDATE (name) ON area TO {app};

CREATE TABLE calendar_feed (
    subject    text COLLATE "C" PRIMARY KEY CHECK (subject <> ''),
    id         uuid NOT NULL UNIQUE,
    version    int NOT NULL DEFAULT 1 CHECK (version >= 1),
    opened_at  timestamptz NOT NULL,
    revoked_at timestamptz CHECK (revoked_at >= opened_at)
);
COMMENT ON TABLE calendar_feed IS 'somebody''s own calendar, which whoever has its address may read';
COMMENT ON COLUMN calendar_feed.version IS 'is signed in the address with the id: when it rises, earlier addresses lead nowhere';

CREATE TABLE feed_entry (
    feed       text COLLATE "C" NOT NULL,
    uid        text COLLATE "C" NOT NULL,
    entry      jsonb NOT NULL,
    sequence   int NOT NULL CHECK (sequence >= 0),
    cancelled  boolean NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (feed, uid)
);
COMMENT ON TABLE feed_entry IS 'what a calendar told last of each of its entries: what differs from that is a change, however it came about';
COMMENT ON COLUMN feed_entry.feed IS 'a village''s code, or the id of a calendar_feed';

CREATE TABLE reminder_rule (
    kind        text COLLATE "C" NOT NULL CHECK (kind IN ('DUTY', 'SESSION')),
    days_before int NOT NULL CHECK (days_before BETWEEN 0 AND 30),
    at          time NOT NULL,
    PRIMARY KEY (kind, days_before, at)
);
COMMENT ON TABLE reminder_rule IS 'when to remind of it, by China''s time';
INSERT INTO reminder_rule VALUES ('DUTY', 1, '17:00'), ('DUTY', 0, '07:30'), ('SESSION', 1, '17:00'), ('SESSION', 0, '07:30');

CREATE INDEX duty_date ON duty (date);
CREATE TABLE reminder (
    kind    text COLLATE "C" NOT NULL,
    ref     text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    at      timestamptz NOT NULL,
    PRIMARY KEY (at, kind, ref, subject)
);
COMMENT ON TABLE reminder IS 'what liaison.reminder.issued.v1 has told, so that it is told once; kept while it could be told again';
COMMENT ON COLUMN reminder.ref IS 'the duty''s key or the session''s id';
COMMENT ON COLUMN reminder.subject IS 'empty where the village itself is reminded';

ALTER TABLE calendar_feed ENABLE ROW LEVEL SECURITY;
ALTER TABLE calendar_feed FORCE ROW LEVEL SECURITY;
ALTER TABLE feed_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE feed_entry FORCE ROW LEVEL SECURITY;
ALTER TABLE reminder ENABLE ROW LEVEL SECURITY;
ALTER TABLE reminder FORCE ROW LEVEL SECURITY;

CREATE POLICY own ON calendar_feed USING ((SELECT caller_is_service()) OR subject = (SELECT caller_subject()));
CREATE POLICY service ON feed_entry USING ((SELECT caller_is_service()));
CREATE POLICY service ON reminder USING ((SELECT caller_is_service()));

GRANT SELECT ON reminder_rule TO {app};
GRANT SELECT, INSERT, UPDATE (version, opened_at, revoked_at) ON calendar_feed TO {app};
GRANT SELECT, INSERT, UPDATE, DELETE ON feed_entry TO {app};
GRANT SELECT, INSERT, DELETE ON reminder TO {app};
