-- Version 1 of a mailbox, split at semicolons: none in a comment. Times are seconds since 1970 in UTC.
-- sequence is 0 where an event has none. due is set only for a waiting event, and for the first that waits of its subject always.
CREATE TABLE event (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,
    type TEXT NOT NULL,
    subject TEXT NOT NULL,
    time TEXT,
    sequence INTEGER NOT NULL,
    position INTEGER,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'dead', 'dropped')),
    attempts INTEGER NOT NULL DEFAULT 0,
    due REAL,
    reason TEXT,
    received REAL NOT NULL,
    settled REAL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX event_due ON event (due) WHERE due IS NOT NULL;
CREATE INDEX event_waiting ON event (source, subject, sequence, number) WHERE state = 'waiting';
CREATE INDEX event_dead ON event (number) WHERE state = 'dead';
CREATE INDEX event_settled ON event (settled) WHERE settled IS NOT NULL;
CREATE INDEX event_position ON event (source, position) WHERE position IS NOT NULL;

-- The positions that are here, as runs without a hole. They outlive the events.
CREATE TABLE span (
    source TEXT NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (source, first)
) STRICT, WITHOUT ROWID;

-- How far a replay has read a stream.
CREATE TABLE mark (stream TEXT PRIMARY KEY, place INTEGER NOT NULL) STRICT, WITHOUT ROWID;
