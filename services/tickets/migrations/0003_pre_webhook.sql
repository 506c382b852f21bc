-- Deliveries to departments that cannot speak AMQP, and how their receivers fare.

CREATE TABLE webhook (
    department   text COLLATE "C" PRIMARY KEY CHECK (department ~ '^[a-z][a-z0-9-]{0,39}$'),
    failures     int NOT NULL DEFAULT 0 CHECK (failures >= 0),
    since        timestamptz,
    paused_until timestamptz,
    disabled_at  timestamptz,
    reason       text CHECK (char_length(reason) BETWEEN 1 AND 500),
    CHECK ((disabled_at IS NULL) = (reason IS NULL))
);
COMMENT ON TABLE webhook IS 'one row a department with a webhook; who changes a delivery locks this row first';
COMMENT ON COLUMN webhook.failures IS 'in a row, over all events; since is the first of them';
COMMENT ON COLUMN webhook.disabled_at IS 'from then on nothing is sent, but everything kept, until an operator enables it';

CREATE TABLE delivery (
    received        bigint GENERATED ALWAYS AS IDENTITY,
    department      text COLLATE "C" NOT NULL REFERENCES webhook,
    event           uuid NOT NULL,
    type            text COLLATE "C" NOT NULL,
    subject         text COLLATE "C" NOT NULL,
    envelope        bytea NOT NULL,
    attempts        int NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_attempt_at timestamptz,
    outcome         text,
    received_at     timestamptz NOT NULL,
    delivered_at    timestamptz,
    PRIMARY KEY (department, event),
    CHECK ((next_attempt_at IS NULL) = (delivered_at IS NOT NULL))
);
COMMENT ON COLUMN delivery.next_attempt_at IS 'NULL once it is delivered; while an attempt is under way, when that would be taken for lost';
COMMENT ON COLUMN delivery.outcome IS 'how the last attempt ended: a status or the kind of an error, never a text of the receiver''s';
CREATE INDEX delivery_waiting ON delivery (department, received) WHERE delivered_at IS NULL;
CREATE INDEX delivery_subject ON delivery (department, subject, received) WHERE delivered_at IS NULL;
CREATE INDEX delivery_age ON delivery (delivered_at) WHERE delivered_at IS NOT NULL;

-- The second fence: no person's deed touches these.
ALTER TABLE webhook ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook FORCE ROW LEVEL SECURITY;
CREATE POLICY webhook_service ON webhook USING ((SELECT caller_is_service()));
ALTER TABLE delivery ENABLE ROW LEVEL SECURITY;
ALTER TABLE delivery FORCE ROW LEVEL SECURITY;
CREATE POLICY delivery_service ON delivery USING ((SELECT caller_is_service()));

GRANT SELECT, INSERT, UPDATE ON webhook TO {app};
GRANT SELECT, INSERT, UPDATE, DELETE ON delivery TO {app};
