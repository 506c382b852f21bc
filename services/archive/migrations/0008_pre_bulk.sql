-- Imports: a file of sheets that the worker takes in by chunks. A chunk and its line here are one transaction, so that an import that was broken off
-- goes on where it stood. What was wrong is kept by row, column and rule, never by value.

CREATE TABLE import_job (
    id           uuid PRIMARY KEY,
    area_code    text COLLATE "C" NOT NULL REFERENCES area,
    kind         text NOT NULL CHECK (kind IN ('HOUSEHOLDS', 'MEMBERS', 'PLOTS')),
    dry_run      boolean NOT NULL,
    valid_from   date NOT NULL,
    provenance   text NOT NULL CHECK (provenance IN ('DECLARED', 'VISITED', 'DOCUMENT', 'DEPARTMENT')),
    form         text CHECK (form IN ('CSV', 'XLSX')),
    bytes        bigint NOT NULL,
    sha256       bytea NOT NULL,
    state        text NOT NULL DEFAULT 'WAITING' CHECK (state IN ('WAITING', 'RUNNING', 'DONE', 'FAILED')),
    failure      text,
    failed_in    text,
    rows_total   int,
    submitted_by text NOT NULL,
    as_service   boolean NOT NULL DEFAULT false,
    submitted_at timestamptz NOT NULL,
    started_at   timestamptz,
    finished_at  timestamptz,
    erased_at    timestamptz
);
CREATE INDEX import_job_list ON import_job (submitted_at, id);
CREATE INDEX import_job_open ON import_job (submitted_at) WHERE state IN ('WAITING', 'RUNNING');
CREATE INDEX import_job_kept ON import_job (finished_at) WHERE erased_at IS NULL;
COMMENT ON TABLE import_job IS 'a file of sheets; area_code holds all that it may write';
COMMENT ON COLUMN import_job.failure IS 'the rule for which the whole file was refused; failed_in names the column, if it was one';
COMMENT ON COLUMN import_job.as_service IS 'submitted on the command line by the operator, not by an account';
COMMENT ON COLUMN import_job.erased_at IS 'since then the file and what came back of it are gone';

CREATE TABLE import_chunk (
    job_id    uuid NOT NULL REFERENCES import_job,
    area_code text COLLATE "C" NOT NULL,
    first_row int NOT NULL,
    last_row  int NOT NULL CHECK (last_row >= first_row),
    good      int NOT NULL,
    bad       int NOT NULL,
    opened    int NOT NULL,
    changed   int NOT NULL,
    PRIMARY KEY (job_id, first_row)
);
COMMENT ON TABLE import_chunk IS 'rows of a file that are done, all of them or none; opened and changed count sheets';

CREATE TABLE import_fault (
    job_id    uuid NOT NULL REFERENCES import_job,
    area_code text COLLATE "C" NOT NULL,
    row       int NOT NULL,
    field     text NOT NULL,
    rule      text NOT NULL,
    PRIMARY KEY (job_id, row, field)
);
COMMENT ON COLUMN import_fault.row IS 'the row of the file, counted from 1, the header among them';

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['import_job', 'import_chunk', 'import_fault'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY in_area ON %I USING ((SELECT caller_is_service()) '
            'OR area_code ^@ ANY ((SELECT caller_areas())::text[]))', name);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO {app}', name);
    END LOOP;
END $$;
GRANT UPDATE ON import_job TO {app};
