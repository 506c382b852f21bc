-- What was written: the truth that every ledger is held against.
CREATE TABLE subject (id text PRIMARY KEY, last bigint NOT NULL);
CREATE TABLE entry (
    id      uuid PRIMARY KEY,
    event   uuid NOT NULL UNIQUE,
    subject text NOT NULL REFERENCES subject,
    number  bigint NOT NULL,
    UNIQUE (subject, number)
);
COMMENT ON COLUMN entry.id IS 'the writer''s own key: after a commit whose outcome is unknown it finds out by this';
GRANT SELECT, INSERT, UPDATE ON subject, entry TO {app};
