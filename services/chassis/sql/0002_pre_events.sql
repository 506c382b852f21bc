-- What departments' feeds, republishing and the operators' verbs need of the events' machinery.

ALTER TABLE outbox ADD COLUMN positions jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN outbox.positions IS 'department → place of the event among those that this service sent to it; given with the sequence';
-- The relay asks whether a subject has an older event that waits.
-- The relay writes each row once more, at the end: fewer indexes, fewer writes. Time is asked for seldom, and follows the order of rows.
ALTER TABLE outbox DROP CONSTRAINT outbox_id_key, DROP CONSTRAINT outbox_sequence_key;
CREATE UNIQUE INDEX outbox_sequence ON outbox (sequence) WHERE sequence IS NOT NULL;
CREATE INDEX outbox_subject ON outbox (subject, recorded) WHERE published_at IS NULL;
CREATE INDEX outbox_time ON outbox USING brin (recorded_at);

CREATE TABLE flight (
    recorded  bigint[] NOT NULL,
    first     bigint NOT NULL,
    positions jsonb NOT NULL
);
COMMENT ON TABLE flight IS 'the batch that the relay has numbered and not yet marked: its rows in order, the first''s sequence, each one''s positions';

CREATE TABLE feed (
    department text COLLATE "C" PRIMARY KEY,
    position   bigint NOT NULL
);
COMMENT ON TABLE feed IS 'the last position given to each department';

ALTER TABLE inbox DROP CONSTRAINT inbox_state_check;
ALTER TABLE inbox ADD CONSTRAINT inbox_state_check CHECK (state IN ('done', 'waiting', 'dead', 'parked'));
COMMENT ON COLUMN inbox.state IS 'parked: an operator has decided that it shall never be tried again, and says why in reason';

CREATE TABLE consumer_pause (
    consumer  text PRIMARY KEY,
    reason    text NOT NULL,
    paused_at timestamptz NOT NULL
);
COMMENT ON TABLE consumer_pause IS 'consumers that an operator has paused; a row for each, none for one that runs';

GRANT SELECT, INSERT, UPDATE, DELETE ON flight, feed, consumer_pause TO {app};
