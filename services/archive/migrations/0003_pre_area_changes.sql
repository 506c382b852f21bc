-- Areas that change: villages and grids that are merged, split, moved under another code or renamed. An area that ends stays, with its last day;
-- an area that begins names those that it comes from; households follow by a fact of their sheets. Codes are never given to another area.

CREATE TABLE area_change (
    id         uuid PRIMARY KEY,
    area_code  text COLLATE "C" NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('MERGE', 'SPLIT', 'MOVE', 'RENAME')),
    changed_on date NOT NULL,
    reason     text NOT NULL,
    request    jsonb NOT NULL,
    impact     jsonb NOT NULL,
    codes      text[] NOT NULL,
    written    jsonb,
    version    int NOT NULL DEFAULT 1,
    planned_by text NOT NULL,
    planned_at timestamptz NOT NULL,
    done_by    text,
    done_at    timestamptz,
    undone_by  text,
    undone_at  timestamptz CHECK (undone_at >= done_at),
    CHECK ((done_at IS NULL) = (done_by IS NULL) AND (done_at IS NULL) = (written IS NULL)),
    CHECK ((undone_at IS NULL) = (undone_by IS NULL))
);
CREATE INDEX area_change_newest ON area_change (planned_at, id);
COMMENT ON COLUMN area_change.area_code IS 'the smallest division that holds all that it concerns: who may read it';
COMMENT ON COLUMN area_change.changed_on IS 'the first day on which the new areas are valid';
COMMENT ON COLUMN area_change.reason IS 'why, such as the document that decided it (批文号)';
COMMENT ON COLUMN area_change.request IS 'what was asked, in the form of domain/area_change.py''s Request';
COMMENT ON COLUMN area_change.impact IS 'what it does, as the plan showed it: carried out is this and nothing else';
COMMENT ON COLUMN area_change.codes IS 'every area that it ends, begins, renames or hands something to';
COMMENT ON COLUMN area_change.written IS 'what it wrote that an undoing takes back: entries, moved plots and persons, added grid workers';

ALTER TABLE area
    ADD COLUMN change_id uuid REFERENCES area_change,
    ADD COLUMN ended boolean NOT NULL GENERATED ALWAYS AS (valid_to IS NOT NULL) STORED,
    DROP CONSTRAINT area_check1,
    ADD CONSTRAINT area_span CHECK (valid_to >= valid_from - 1);
COMMENT ON COLUMN area.name IS 'the present name, or the last; earlier ones are in area_name';
COMMENT ON COLUMN area.valid_to IS 'the last day, set when that has passed; the day before valid_from if the area was begun by mistake, and never was';
COMMENT ON COLUMN area.change_id IS 'the last change that concerned it; published lists do not overwrite such an area';

CREATE TABLE area_edge (
    predecessor text COLLATE "C" NOT NULL REFERENCES area,
    successor   text COLLATE "C" NOT NULL REFERENCES area CHECK (successor <> predecessor),
    kind        text NOT NULL CHECK (kind IN ('MERGE', 'SPLIT', 'MOVE')),
    changed_on  date NOT NULL,
    change_id   uuid NOT NULL REFERENCES area_change,
    PRIMARY KEY (predecessor, successor, change_id)
);
CREATE INDEX area_edge_successor ON area_edge (successor);
COMMENT ON TABLE area_edge IS 'what of an area went where; the predecessor may go on with the rest. An undone change has none';

CREATE TABLE area_name (
    code       text COLLATE "C" NOT NULL REFERENCES area,
    valid_from date NOT NULL,
    name       text NOT NULL,
    change_id  uuid REFERENCES area_change,
    PRIMARY KEY (code, valid_from)
);
COMMENT ON TABLE area_name IS 'the names of an area that was ever renamed, the first and the last among them, each valid until the next begins';

-- The areas valid on a day that an area asked for has become by then, or was made of: itself where it was valid. What another has taken over may
-- have gone on from there, but only what it handed over later counts; and looking back, only what it had got before.
CREATE FUNCTION areas_on(asked text, day date) RETURNS SETOF text LANGUAGE sql STABLE AS $$
    WITH RECURSIVE later AS (
        SELECT a.code, date '-infinity' AS since FROM area a WHERE a.code = asked COLLATE "C" AND a.valid_to < day
        UNION
        SELECT e.successor, e.changed_on FROM later l JOIN area_edge e ON e.predecessor = l.code
        WHERE e.changed_on > l.since AND e.changed_on <= day
    ), earlier AS (
        SELECT a.code, date 'infinity' AS until FROM area a WHERE a.code = asked COLLATE "C" AND a.valid_from > day
        UNION
        SELECT e.predecessor, e.changed_on FROM earlier l JOIN area_edge e ON e.successor = l.code
        WHERE e.changed_on < l.until AND e.changed_on > day
    )
    SELECT a.code FROM area a
    WHERE (a.code = asked COLLATE "C" OR a.code IN (SELECT code FROM later UNION ALL SELECT code FROM earlier))
        AND a.valid_from <= day AND (a.valid_to IS NULL OR a.valid_to >= day)
$$;

-- The impact's lists as rows, for the read model.
CREATE VIEW area_change_area WITH (security_invoker = true) AS
SELECT c.id AS change_id, c.changed_on, part.position, r.*
FROM area_change c CROSS JOIN LATERAL jsonb_array_elements(c.impact -> 'areas') WITH ORDINALITY AS part (area, position)
CROSS JOIN LATERAL jsonb_to_record(part.area) AS r (
    fate text, code text, name text, former_name text, households int, persons int, plots int, grid_workers int);
CREATE VIEW area_change_move WITH (security_invoker = true) AS
SELECT c.id AS change_id, part.position, r.*
FROM area_change c CROSS JOIN LATERAL jsonb_array_elements(c.impact -> 'moves') WITH ORDINALITY AS part (move, position)
CROSS JOIN LATERAL jsonb_to_record(part.move) AS r (predecessor text, successor text, households int);
CREATE VIEW area_change_number WITH (security_invoker = true) AS
SELECT c.id AS change_id, part.position, r.*
FROM area_change c CROSS JOIN LATERAL jsonb_array_elements(c.impact -> 'numbers') WITH ORDINALITY AS part (number, position)
CROSS JOIN LATERAL jsonb_to_record(part.number) AS r (household uuid, grid text, former text, number text);

-- A household's present grid is a valid area. Whoever ends an area has locked its row: this waits, and sees the end.
CREATE FUNCTION require_valid_grid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM area WHERE code = new.area_code AND valid_to IS NULL FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the grid is not valid' USING ERRCODE = 'check_violation', CONSTRAINT = 'household_grid_valid', TABLE = 'household';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER household_grid_valid BEFORE INSERT OR UPDATE OF area_code ON household FOR EACH ROW EXECUTE FUNCTION require_valid_grid();

CREATE INDEX sheet_entry_grid ON sheet_entry (valid_from) WHERE kind = 'household' AND patch ? 'area_code';
COMMENT ON INDEX sheet_entry_grid IS 'which households came into a grid after a day';
CREATE INDEX person_loose ON person (area_code) WHERE household_id IS NULL;

ALTER TABLE area_change ENABLE ROW LEVEL SECURITY;
ALTER TABLE area_change FORCE ROW LEVEL SECURITY;
CREATE POLICY in_area ON area_change USING ((SELECT caller_is_service()) OR area_code ^@ ANY ((SELECT caller_areas())::text[]));
GRANT SELECT, INSERT, UPDATE ON area_change TO {app};
GRANT SELECT ON area_change_area, area_change_move, area_change_number TO {app};
GRANT SELECT, INSERT, DELETE ON area_edge, area_name TO {app};
GRANT DELETE ON grid_worker TO {app};
GRANT UPDATE (area_code) ON sheet_entry TO {app};
