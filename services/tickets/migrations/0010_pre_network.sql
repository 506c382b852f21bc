-- The network (网络): units with their staff, secret codes to ask where a matter stands without an account, and Open311.

CREATE TABLE unit (
    code   text COLLATE "C" PRIMARY KEY CHECK (code ~ '^([0-9]{6}|[0-9]{9}|[0-9]{12})$'),
    name   text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    phone  text CHECK (char_length(phone) BETWEEN 1 AND 30),
    hours  text CHECK (char_length(hours) BETWEEN 1 AND 200),
    items  text[] NOT NULL CHECK (cardinality(items) <= 500),
    active boolean NOT NULL,
    by     text COLLATE "C" NOT NULL,
    at     timestamptz NOT NULL
);
COMMENT ON TABLE unit IS 'one an area at most: its code is the area''s, and owner area/<code> of a ticket names it';
COMMENT ON COLUMN unit.items IS 'codes of categories, each with all below it, and of service items';

CREATE TABLE unit_staff (
    unit    text COLLATE "C" NOT NULL REFERENCES unit,
    subject text COLLATE "C" NOT NULL CHECK (char_length(subject) BETWEEN 1 AND 200),
    name    text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
    items   text[] NOT NULL CHECK (cardinality(items) BETWEEN 1 AND 500),
    deputy  text COLLATE "C" CHECK (char_length(deputy) BETWEEN 1 AND 200 AND deputy <> subject),
    active  boolean NOT NULL,
    by      text COLLATE "C" NOT NULL,
    at      timestamptz NOT NULL,
    PRIMARY KEY (unit, subject)
);
COMMENT ON TABLE unit_staff IS 'business staff: who does which items of a unit, and which of their colleagues while they are away';

CREATE VIEW unit_told WITH (security_invoker = true) AS
    SELECT code, name, phone, hours, items, active, NULL::text[] AS asked FROM unit;
COMMENT ON VIEW unit_told IS 'asked: where a unit is told for an item, its code and those of the categories that hold it';

CREATE TABLE status_code (
    ticket uuid PRIMARY KEY REFERENCES ticket,
    digest bytea NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
    by     text COLLATE "C" NOT NULL,
    at     timestamptz NOT NULL
);
COMMENT ON TABLE status_code IS 'who has the ticket''s number and its secret code may ask where it stands';
COMMENT ON COLUMN status_code.digest IS 'of number and code together, keyed: a wrong number is found as little as a wrong code';

CREATE TABLE status_attempt (
    number   text COLLATE "C" PRIMARY KEY CHECK (char_length(number) <= 30),
    failures int NOT NULL CHECK (failures >= 1),
    at       timestamptz NOT NULL
);
COMMENT ON TABLE status_attempt IS 'how often in a row a wrong code came for a number, whether there is such a ticket or not, and when last';
CREATE INDEX status_attempt_at ON status_attempt (at);

CREATE TABLE ticket_place (
    ticket    uuid PRIMARY KEY REFERENCES ticket,
    lat       double precision CHECK (lat BETWEEN -90 AND 90),
    long      double precision CHECK (long BETWEEN -180 AND 180),
    address   text CHECK (char_length(address) BETWEEN 1 AND 200),
    media_url text CHECK (char_length(media_url) BETWEEN 1 AND 1000),
    CHECK ((lat IS NULL) = (long IS NULL))
);
COMMENT ON TABLE ticket_place IS 'where exactly a matter is, as who reported it said: degrees in WGS 84, words, and the address of a picture, never fetched';

CREATE TABLE open311_client (
    code   text COLLATE "C" PRIMARY KEY CHECK (code ~ '^[a-z][a-z0-9-]{0,39}$'),
    name   text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    areas  text[] NOT NULL CHECK (cardinality(areas) BETWEEN 1 AND 50),
    rate   int NOT NULL CHECK (rate BETWEEN 1 AND 6000),
    minute timestamptz NOT NULL DEFAULT '-infinity',
    used   int NOT NULL DEFAULT 0
);
COMMENT ON COLUMN open311_client.areas IS 'it reports matters there; what names no area is of the first';
COMMENT ON COLUMN open311_client.rate IS 'requests a minute; used is how many it had in the minute that began at `minute`';

CREATE TABLE open311_key (
    digest   bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    client   text COLLATE "C" NOT NULL REFERENCES open311_client,
    made_at  timestamptz NOT NULL,
    ended_at timestamptz
);
COMMENT ON TABLE open311_key IS 'api keys, of which only the SHA-256 is kept: a key has 256 random bits; a client may have several, to change from one to the next';

CREATE TABLE open311_attribute (
    category    text COLLATE "C" NOT NULL,
    code        text COLLATE "C" NOT NULL CHECK (code ~ '^[a-z][a-z0-9_]{0,39}$'),
    place       int NOT NULL CHECK (place >= 1),
    datatype    text COLLATE "C" NOT NULL CHECK (datatype IN ('string', 'number', 'datetime', 'text', 'singlevaluelist', 'multivaluelist')),
    required    boolean NOT NULL,
    description text NOT NULL CHECK (char_length(description) BETWEEN 1 AND 200),
    hint        text CHECK (char_length(hint) BETWEEN 1 AND 200),
    choices     jsonb NOT NULL,
    PRIMARY KEY (category, code),
    UNIQUE (category, place)
);
COMMENT ON COLUMN open311_attribute.choices IS '[{key, name}]';

CREATE TABLE open311_request (
    ticket      uuid PRIMARY KEY REFERENCES ticket,
    client      text COLLATE "C" NOT NULL REFERENCES open311_client,
    key         uuid NOT NULL,
    digest      bytea NOT NULL CHECK (octet_length(digest) = 32),
    description text CHECK (char_length(description) BETWEEN 1 AND 4000),
    at          timestamptz NOT NULL,
    UNIQUE (client, key)
);
COMMENT ON TABLE open311_request IS 'tickets that came in by Open311; they alone are told to everybody, with the description as it was sent';
COMMENT ON COLUMN open311_request.digest IS 'of what was sent: the same again is the same request';
CREATE INDEX open311_request_newest ON open311_request (at DESC, ticket DESC);
CREATE INDEX open311_request_same ON open311_request (client, digest, at DESC);

-- The second fence. Units and their staff are there to be known.
ALTER TABLE unit ENABLE ROW LEVEL SECURITY;
ALTER TABLE unit FORCE ROW LEVEL SECURITY;
CREATE POLICY unit_read ON unit FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY unit_write ON unit USING (
    (SELECT caller_is_service()) OR (code ^@ ANY ((SELECT caller_areas())::text[]) AND (SELECT caller_department()) IS NULL));
ALTER TABLE unit_staff ENABLE ROW LEVEL SECURITY;
ALTER TABLE unit_staff FORCE ROW LEVEL SECURITY;
CREATE POLICY unit_staff_read ON unit_staff FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY unit_staff_write ON unit_staff USING (
    (SELECT caller_is_service()) OR (unit ^@ ANY ((SELECT caller_areas())::text[]) AND (SELECT caller_department()) IS NULL));

ALTER TABLE status_code ENABLE ROW LEVEL SECURITY;
ALTER TABLE status_code FORCE ROW LEVEL SECURITY;
CREATE POLICY status_code_reach ON status_code USING (
    (SELECT caller_is_service()) OR EXISTS (SELECT FROM ticket t WHERE t.id = status_code.ticket));
ALTER TABLE ticket_place ENABLE ROW LEVEL SECURITY;
ALTER TABLE ticket_place FORCE ROW LEVEL SECURITY;
CREATE POLICY ticket_place_reach ON ticket_place USING (
    (SELECT caller_is_service()) OR EXISTS (SELECT FROM ticket t WHERE t.id = ticket_place.ticket));
ALTER TABLE open311_request ENABLE ROW LEVEL SECURITY;
ALTER TABLE open311_request FORCE ROW LEVEL SECURITY;
CREATE POLICY open311_request_reach ON open311_request USING (
    (SELECT caller_is_service()) OR EXISTS (SELECT FROM ticket t WHERE t.id = open311_request.ticket));

GRANT SELECT, INSERT, UPDATE ON unit, unit_staff, status_code, open311_client, open311_key, open311_attribute TO {app};
GRANT SELECT ON unit_told TO {app};
GRANT SELECT, INSERT, UPDATE, DELETE ON status_attempt TO {app};
GRANT DELETE ON open311_attribute TO {app};
GRANT SELECT, INSERT ON ticket_place, open311_request TO {app};
