-- Areas, grid workers, household sheets. A code is a path: an area contains the areas whose code begins with its own. Codes are compared
-- byte by byte (COLLATE "C"), so that "in this area" is the range from the code to the code followed by ':', the character after '9'.
--
-- Sheets, persons and notes carry the code of their grid, so that a policy reads nothing but the row. Every operator of a policy and of a
-- page's condition is leakproof: only then may an index answer the condition before the policy has looked at the row.

CREATE TABLE area (
    code        text COLLATE "C" PRIMARY KEY CHECK (code ~ '^[0-9]+$'),
    name        text NOT NULL,
    kind        text NOT NULL GENERATED ALWAYS AS (CASE length(code)
                    WHEN 2 THEN 'PROVINCE' WHEN 4 THEN 'PREFECTURE' WHEN 6 THEN 'COUNTY'
                    WHEN 9 THEN 'TOWNSHIP' WHEN 12 THEN 'VILLAGE' WHEN 16 THEN 'GRID' END) STORED,
    parent      text COLLATE "C" REFERENCES area CHECK (starts_with(code, parent) AND parent <> code),
    code_scheme text NOT NULL,
    source      text NOT NULL,
    valid_from  date NOT NULL,
    valid_to    date CHECK (valid_to >= valid_from),
    CHECK (kind <> 'GRID' OR (parent IS NOT NULL AND length(parent) = 12))
);
CREATE INDEX area_parent ON area (parent, code);
COMMENT ON COLUMN area.parent IS 'the nearest division above; a level may be missing, as between a province and its counties';
COMMENT ON COLUMN area.code_scheme IS 'how the code is made: nbs = National Bureau of Statistics, village-serial = village code and a 4-digit serial';
COMMENT ON COLUMN area.valid_to IS 'the last day of validity';

CREATE TABLE grid_worker (
    grid_code    text COLLATE "C" NOT NULL REFERENCES area CHECK (length(grid_code) = 16),
    subject      text NOT NULL,
    name         text NOT NULL,
    phone_sealed bytea,
    phone_index  bytea,
    phone_masked text,
    PRIMARY KEY (grid_code, subject)
);

CREATE TABLE household (
    id          uuid PRIMARY KEY,
    area_code   text COLLATE "C" NOT NULL REFERENCES area CHECK (length(area_code) = 16),
    number      text NOT NULL,
    address     text NOT NULL,
    house       text,
    search_text text NOT NULL,
    version     int NOT NULL DEFAULT 1,
    opened_at   timestamptz NOT NULL,
    revised_at  timestamptz NOT NULL,
    UNIQUE (area_code, id)
);
CREATE UNIQUE INDEX household_number ON household (left(area_code, 12), number);
COMMENT ON COLUMN household.area_code IS 'the grid';
COMMENT ON COLUMN household.number IS '户号, unique in the village';
COMMENT ON COLUMN household.search_text IS 'address, house and names as domain/search.py writes them';

CREATE TABLE person (
    id                 uuid PRIMARY KEY,
    area_code          text COLLATE "C" NOT NULL,
    household_id       uuid,
    relation           text,
    name               text NOT NULL,
    sex                text NOT NULL CHECK (sex IN ('0', '1', '2', '9')),
    birth_date         date,
    id_number_sealed   bytea,
    id_number_index    bytea,
    id_number_masked   text,
    id_number_override text,
    phone_sealed       bytea,
    phone_index        bytea,
    phone_masked       text,
    FOREIGN KEY (area_code, household_id) REFERENCES household (area_code, id) ON UPDATE CASCADE,
    CHECK ((household_id IS NULL) = (relation IS NULL)),
    CHECK ((id_number_sealed IS NULL) = (id_number_index IS NULL) AND (id_number_sealed IS NULL) = (id_number_masked IS NULL)),
    CHECK ((phone_sealed IS NULL) = (phone_index IS NULL) AND (phone_sealed IS NULL) = (phone_masked IS NULL))
);
CREATE INDEX person_sheet ON person (household_id, relation, id);
CREATE UNIQUE INDEX person_head ON person (household_id) WHERE relation = '02';
CREATE UNIQUE INDEX person_id_number ON person (id_number_index) WHERE id_number_override IS NULL;
CREATE INDEX person_phone ON person (phone_index);
COMMENT ON TABLE person IS 'household_id and relation repeat the open membership, so that a sheet is read from one table';
COMMENT ON COLUMN person.sex IS 'GB/T 2261.1';
COMMENT ON COLUMN person.relation IS 'to the head of the household, GB/T 4761-2008';
COMMENT ON COLUMN person.id_number_override IS 'why a number that breaks a rule of GB 11643 stands as it is';

CREATE TABLE membership (
    person_id    uuid NOT NULL REFERENCES person,
    household_id uuid NOT NULL,
    area_code    text COLLATE "C" NOT NULL,
    relation     text NOT NULL,
    since        date,
    until        date CHECK (until >= since),
    FOREIGN KEY (area_code, household_id) REFERENCES household (area_code, id) ON UPDATE CASCADE
);
CREATE UNIQUE INDEX membership_present ON membership (person_id) WHERE until IS NULL;
CREATE INDEX membership_sheet ON membership (household_id);
COMMENT ON COLUMN membership.since IS 'the first day, null where only known to lie before the record';

CREATE TABLE household_term (
    term         text COLLATE "C" NOT NULL,
    area_code    text COLLATE "C" NOT NULL,
    household_id uuid NOT NULL,
    PRIMARY KEY (term, area_code, household_id)
);
COMMENT ON TABLE household_term IS 'what a household can be found by: made by domain/search.py from its present sheet';

CREATE TABLE visit_note (
    id           uuid PRIMARY KEY,
    household_id uuid NOT NULL,
    area_code    text COLLATE "C" NOT NULL,
    text         text NOT NULL,
    visited_on   date NOT NULL,
    author       text NOT NULL,
    promise      text,
    created_at   timestamptz NOT NULL,
    FOREIGN KEY (area_code, household_id) REFERENCES household (area_code, id) ON UPDATE CASCADE
);
CREATE INDEX visit_note_sheet ON visit_note (household_id, visited_on, created_at);
COMMENT ON COLUMN visit_note.author IS 'subject of the account that wrote it';
COMMENT ON COLUMN visit_note.promise IS 'category of what was promised';

CREATE TABLE timeline (
    event_id       uuid PRIMARY KEY,
    household_id   uuid NOT NULL,
    area_code      text COLLATE "C" NOT NULL,
    at             timestamptz NOT NULL,
    deed           text NOT NULL,
    ticket_id      uuid NOT NULL,
    ticket_number  text NOT NULL,
    ticket_version int NOT NULL,
    status         text NOT NULL,
    FOREIGN KEY (area_code, household_id) REFERENCES household (area_code, id) ON UPDATE CASCADE
);
CREATE INDEX timeline_sheet ON timeline (household_id, at, ticket_version);

-- The rarest of a search's terms in an area: the search goes through its households only. Terms are counted up to 500; of those that have more
-- the rarest is the one whose 500th lies farthest. `setting` is the caller's, so that this cannot run before the caller is set.
CREATE FUNCTION rarest_term(setting text, terms text[], area text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT asked.term FROM unnest(terms) AS asked(term) CROSS JOIN LATERAL (
        SELECT count(*) AS n, max(found.area_code) AS reached FROM (
            SELECT t.area_code FROM household_term t
            WHERE setting IS NOT NULL AND t.term = asked.term COLLATE "C"
                AND t.area_code >= area COLLATE "C" AND t.area_code < (area || ':') COLLATE "C"
            ORDER BY t.area_code, t.household_id LIMIT 500
        ) found
    ) counted ORDER BY counted.n, counted.reached DESC, asked.term LIMIT 1
$$;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['household', 'person', 'membership', 'household_term', 'visit_note', 'timeline'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY in_area ON %I USING ((SELECT caller_is_service()) '
            'OR area_code ^@ ANY ((SELECT caller_areas())::text[]))', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO {app}', name);
    END LOOP;
END $$;
CREATE POLICY own ON household FOR SELECT USING (id = (SELECT caller_household()));
CREATE POLICY own ON person FOR SELECT USING (household_id = (SELECT caller_household()));
CREATE POLICY own ON membership FOR SELECT USING (household_id = (SELECT caller_household()));
CREATE POLICY own ON visit_note FOR SELECT USING (household_id = (SELECT caller_household()));
CREATE POLICY own ON timeline FOR SELECT USING (household_id = (SELECT caller_household()));

ALTER TABLE grid_worker ENABLE ROW LEVEL SECURITY;
ALTER TABLE grid_worker FORCE ROW LEVEL SECURITY;
CREATE POLICY in_area ON grid_worker USING ((SELECT caller_is_service())
    OR grid_code ^@ ANY ((SELECT caller_areas())::text[]));
CREATE POLICY own ON grid_worker FOR SELECT USING (
    grid_code = (SELECT h.area_code FROM household h WHERE h.id = (SELECT caller_household())));
COMMENT ON POLICY own ON grid_worker IS 'a resident sees who works in the grid of their household';

GRANT SELECT, INSERT, UPDATE ON area, grid_worker TO {app};
GRANT DELETE ON household_term TO {app};
