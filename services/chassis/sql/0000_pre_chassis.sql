-- What every service's database has before its own tables: who calls, ids, and the tables of the events' machinery.
-- {app} is the service's run-time role.

CREATE FUNCTION caller() RETURNS jsonb LANGUAGE sql STABLE AS
    $$ SELECT nullif(current_setting('sanmin.caller', true), '')::jsonb $$;
CREATE FUNCTION caller_subject() RETURNS text LANGUAGE sql STABLE AS $$ SELECT caller() ->> 'subject' $$;
-- Codes are digits, so the JSON array is an array literal but for its brackets. Without a sub-select this is inlined: a tenth of a millisecond
-- saved for each table with a policy.
CREATE FUNCTION caller_areas() RETURNS text[] LANGUAGE sql STABLE AS
    $$ SELECT coalesce(translate(caller() ->> 'areas', '[]" ', '{}'), '{}')::text[] $$;
CREATE FUNCTION caller_department() RETURNS text LANGUAGE sql STABLE AS $$ SELECT caller() ->> 'department' $$;
CREATE FUNCTION caller_household() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT (caller() ->> 'household')::uuid $$;
CREATE FUNCTION caller_is_service() RETURNS boolean LANGUAGE sql STABLE AS
    $$ SELECT coalesce((caller() ->> 'service')::boolean, false) $$;

-- Relay's global object identification: base64 of `Type:key`, on one line. STABLE as convert_to is: declared IMMUTABLE it would not be inlined,
-- and a call would cost eight times as much.
CREATE FUNCTION global_id(type text, key text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT replace(encode(convert_to(type || ':' || key, 'UTF8'), 'base64'), E'\n', '') $$;
-- RFC 3339 in UTC, to the millisecond.
CREATE FUNCTION rfc3339(at timestamptz) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$;

CREATE TABLE outbox (
    recorded       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id             uuid NOT NULL UNIQUE,
    type           text NOT NULL,
    subject        text NOT NULL,
    routing_key    text NOT NULL,
    data           jsonb NOT NULL,
    correlation_id text,
    recorded_at    timestamptz NOT NULL,
    sequence       bigint UNIQUE,
    published_at   timestamptz
);
CREATE INDEX outbox_waiting ON outbox (recorded) WHERE published_at IS NULL;
COMMENT ON COLUMN outbox.sequence IS 'given by the relay in the order of publishing, without a gap; recorded has holes and is not commit order';

CREATE TABLE inbox (
    received        bigint GENERATED ALWAYS AS IDENTITY,
    id              uuid PRIMARY KEY,
    type            text NOT NULL,
    subject         text NOT NULL,
    state           text NOT NULL CHECK (state IN ('done', 'waiting', 'dead')),
    attempts        int NOT NULL DEFAULT 1,
    next_attempt_at timestamptz,
    reason          text,
    envelope        bytea,
    received_at     timestamptz NOT NULL
);
CREATE INDEX inbox_open ON inbox (subject, received) WHERE state <> 'done';

CREATE TABLE client_key (
    subject       text NOT NULL,
    key           uuid NOT NULL,
    command       text NOT NULL,
    input_digest  bytea NOT NULL,
    select_digest bytea,
    object        text,
    answer        json,
    used_at       timestamptz NOT NULL,
    PRIMARY KEY (subject, key)
);
CREATE INDEX client_key_age ON client_key (used_at);

GRANT USAGE ON SCHEMA public TO {app};
GRANT SELECT, INSERT, UPDATE, DELETE ON outbox, inbox, client_key TO {app};
