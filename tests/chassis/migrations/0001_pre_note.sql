-- A service of the tests' own: notes in areas, each with its lines.
CREATE TABLE note (
    id uuid PRIMARY KEY, area_code text COLLATE "C" NOT NULL, title text NOT NULL, version int NOT NULL DEFAULT 1);
CREATE INDEX ON note (area_code, id);
CREATE TABLE line (note_id uuid NOT NULL REFERENCES note, place int NOT NULL, text text NOT NULL, PRIMARY KEY (note_id, place));
ALTER TABLE note ENABLE ROW LEVEL SECURITY;
ALTER TABLE note FORCE ROW LEVEL SECURITY;
CREATE POLICY reach ON note USING (area_code ^@ ANY ((SELECT caller_areas())::text[]) OR (SELECT caller_is_service()));
GRANT SELECT, INSERT, UPDATE ON note, line TO {app};
