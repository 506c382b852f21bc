-- Matters that liaison raises, sealed contacts and who was shown one in clear, and the ledger of suggestions.

CREATE TABLE matter (
    source_id       uuid PRIMARY KEY,
    source          text COLLATE "C" NOT NULL CHECK (source IN ('DUTY', 'GATHERING', 'DIALOGUE', 'MARKET_STALL', 'APP')),
    area            text COLLATE "C" NOT NULL CHECK (area ~ '^[0-9]{2,16}$'),
    category        text COLLATE "C" NOT NULL CHECK (category ~ '^[a-z][a-z0-9-]{0,39}$'),
    household       uuid,
    department      text COLLATE "C" CHECK (department ~ '^[a-z][a-z0-9-]{0,39}$'),
    due             date,
    by              text COLLATE "C" NOT NULL,
    at              timestamptz NOT NULL,
    ticket          uuid UNIQUE,
    ticket_state    text COLLATE "C",
    ticket_version  int,
    satisfaction    text COLLATE "C",
    outcome_version int,
    solved_at       timestamptz,
    CHECK ((ticket IS NULL) = (ticket_state IS NULL) AND (ticket IS NULL) = (ticket_version IS NULL))
);
COMMENT ON TABLE matter IS 'what liaison asked tickets to see to (事情单); source_id is the visit, suggestion or stall that it came from';
COMMENT ON COLUMN matter.due IS 'the day by whose end all of it is to be done';
COMMENT ON COLUMN matter.ticket IS 'it, its state and version as tickets told last; null until they have';
COMMENT ON COLUMN matter.outcome_version IS 'that of the callback or reopening that satisfaction and solved_at come from, which may be told after later deeds';
COMMENT ON COLUMN matter.solved_at IS 'when the person was called back and satisfied; null again where it was reopened';
CREATE INDEX matter_area ON matter (area, at);
CREATE INDEX matter_newest ON matter (at DESC, source_id DESC);
CREATE INDEX matter_solved ON matter (area, solved_at) WHERE solved_at IS NOT NULL;

CREATE TABLE contact (
    owner        uuid PRIMARY KEY,
    kind         text COLLATE "C" NOT NULL CHECK (kind IN ('VISIT', 'SUGGESTION')),
    area         text COLLATE "C" NOT NULL CHECK (area ~ '^[0-9]{2,16}$'),
    name_sealed  bytea,
    name_masked  text,
    phone_sealed bytea,
    phone_masked text,
    by           text COLLATE "C" NOT NULL,
    at           timestamptz NOT NULL,
    CHECK ((name_sealed IS NULL) = (name_masked IS NULL)),
    CHECK ((phone_sealed IS NULL) = (phone_masked IS NULL)),
    CHECK (name_sealed IS NOT NULL OR phone_sealed IS NOT NULL)
);
COMMENT ON TABLE contact IS 'who came on duty, or whom to call back about a suggestion; sealed for it, shown masked';
CREATE INDEX contact_at ON contact (at);

CREATE TABLE disclosure (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    by         text COLLATE "C" NOT NULL,
    name       text,
    roles      text[] NOT NULL,
    areas      text[] NOT NULL,
    department text COLLATE "C",
    at         timestamptz NOT NULL,
    purpose    text COLLATE "C" NOT NULL,
    kind       text COLLATE "C" NOT NULL CHECK (kind IN ('VISIT', 'SUGGESTION')),
    owner      uuid NOT NULL,
    area       text COLLATE "C" NOT NULL,
    fields     text[] NOT NULL CHECK (cardinality(fields) > 0),
    note       text CHECK (char_length(note) BETWEEN 1 AND 200)
);
COMMENT ON TABLE disclosure IS 'who was shown whose contact in clear; rows are only ever added';
COMMENT ON COLUMN disclosure.fields IS 'names of what was shown, never values';
CREATE INDEX disclosure_newest ON disclosure (at DESC, id DESC);
CREATE INDEX disclosure_account ON disclosure (by, at);

-- A suggestion is three rows, for three circles of readers: what everybody may read once it is published, its words, and who said it.
CREATE TABLE suggestion (
    id           uuid PRIMARY KEY,
    area         text COLLATE "C" NOT NULL CHECK (area ~ '^[0-9]{12}$'),
    source       text COLLATE "C" NOT NULL CHECK (source IN ('DUTY', 'GATHERING', 'DIALOGUE', 'APP')),
    session      uuid REFERENCES session,
    category     text COLLATE "C" NOT NULL CHECK (category ~ '^[a-z][a-z0-9-]{0,39}$'),
    state        text COLLATE "C" NOT NULL
        CHECK (state IN ('RAISED', 'ACCEPTED', 'DECLINED', 'DUPLICATE', 'ANSWERED', 'SOLVED', 'REOPENED')),
    anonymous    boolean NOT NULL,
    department   text COLLATE "C" CHECK (department ~ '^[a-z][a-z0-9-]{0,39}$'),
    owner_area   text COLLATE "C" CHECK (area ^@ owner_area),
    due          date,
    reason       text CHECK (char_length(reason) BETWEEN 1 AND 500),
    duplicate_of uuid REFERENCES suggestion CHECK (duplicate_of <> id),
    answer       text CHECK (char_length(answer) BETWEEN 1 AND 4000),
    satisfaction text COLLATE "C" CHECK (satisfaction IN ('SATISFIED', 'DISSATISFIED', 'UNREACHED')),
    public_text  text CHECK (char_length(public_text) BETWEEN 1 AND 2000),
    published_at timestamptz,
    supports     int NOT NULL DEFAULT 0 CHECK (supports >= 0),
    raised_at    timestamptz NOT NULL,
    raised_on    date NOT NULL GENERATED ALWAYS AS ((raised_at AT TIME ZONE 'Asia/Shanghai')::date) STORED,
    accepted_on  date,
    answered_on  date,
    solved_on    date,
    reminded     date,
    alarmed      date,
    updated_at   timestamptz NOT NULL,
    version      int NOT NULL DEFAULT 1 CHECK (version >= 1),
    CHECK ((session IS NOT NULL) = (source IN ('GATHERING', 'DIALOGUE'))),
    CHECK (num_nonnulls(department, owner_area) <= 1),
    CHECK ((state = 'SOLVED') = (solved_on IS NOT NULL)),
    CHECK ((state = 'DUPLICATE') = (duplicate_of IS NOT NULL)),
    CHECK ((published_at IS NULL) = (public_text IS NULL))
);
COMMENT ON TABLE suggestion IS 'the ledger of what people suggest (意见建议)';
COMMENT ON COLUMN suggestion.department IS 'whose it is once it was accepted: a department, or the unit of owner_area';
COMMENT ON COLUMN suggestion.due IS 'the last day on which it is to be answered';
COMMENT ON COLUMN suggestion.reason IS 'why it was declined, for everybody';
COMMENT ON COLUMN suggestion.public_text IS 'its words as whoever published them reviewed them';
COMMENT ON COLUMN suggestion.accepted_on IS 'the day on which it was first accepted; so answered_on. solved_on is null again where it was reopened';
COMMENT ON COLUMN suggestion.reminded IS 'the due day of which was told that it is near; alarmed: that it is past';
CREATE INDEX suggestion_area ON suggestion (area, raised_at DESC, id DESC);
CREATE INDEX suggestion_newest ON suggestion (raised_at DESC, id DESC);
CREATE INDEX suggestion_session ON suggestion (session) WHERE session IS NOT NULL;
CREATE INDEX suggestion_department ON suggestion (department, raised_at DESC) WHERE department IS NOT NULL;
CREATE INDEX suggestion_raised_on ON suggestion (raised_on);
CREATE INDEX suggestion_accepted_on ON suggestion (accepted_on) WHERE accepted_on IS NOT NULL;
CREATE INDEX suggestion_answered_on ON suggestion (answered_on) WHERE answered_on IS NOT NULL;
CREATE INDEX suggestion_solved_on ON suggestion (solved_on) WHERE solved_on IS NOT NULL;
CREATE INDEX suggestion_due ON suggestion (due) WHERE state IN ('ACCEPTED', 'REOPENED');
CREATE INDEX suggestion_duplicate ON suggestion (duplicate_of) WHERE duplicate_of IS NOT NULL;

CREATE TABLE suggestion_words (
    suggestion uuid PRIMARY KEY REFERENCES suggestion DEFERRABLE INITIALLY DEFERRED,
    area       text COLLATE "C" NOT NULL,
    department text COLLATE "C",
    text       text NOT NULL CHECK (char_length(text) BETWEEN 1 AND 2000)
);
COMMENT ON TABLE suggestion_words IS 'as they were said: for whoever said them, who hosts there, the department whose it is, and auditors';

CREATE TABLE suggestion_person (
    suggestion uuid PRIMARY KEY REFERENCES suggestion DEFERRABLE INITIALLY DEFERRED,
    area       text COLLATE "C" NOT NULL,
    department text COLLATE "C",
    anonymous  boolean NOT NULL,
    by         text COLLATE "C" NOT NULL CHECK (by <> ''),
    household  uuid
);
COMMENT ON TABLE suggestion_person IS 'who raised it: where that is anonymous, for themselves and for who hosts there alone, not even for their household';
CREATE INDEX suggestion_person_by ON suggestion_person (by);
CREATE INDEX suggestion_person_household ON suggestion_person (household) WHERE household IS NOT NULL;

CREATE TABLE suggestion_step (
    suggestion uuid NOT NULL REFERENCES suggestion,
    version    int NOT NULL,
    at         timestamptz NOT NULL,
    deed       text COLLATE "C" NOT NULL,
    before     text COLLATE "C",
    after      text COLLATE "C" NOT NULL,
    by         text COLLATE "C",
    note       text CHECK (char_length(note) BETWEEN 1 AND 2000),
    PRIMARY KEY (suggestion, version)
);
COMMENT ON COLUMN suggestion_step.by IS 'null where an anonymous person raised it';

CREATE TABLE suggestion_support (
    suggestion uuid NOT NULL REFERENCES suggestion,
    subject    text COLLATE "C" NOT NULL CHECK (subject <> ''),
    at         timestamptz NOT NULL,
    PRIMARY KEY (suggestion, subject)
);
COMMENT ON TABLE suggestion_support IS 'who supports it (附议), each once; everybody sees the number, nobody the others';

ALTER TABLE matter ENABLE ROW LEVEL SECURITY;
ALTER TABLE matter FORCE ROW LEVEL SECURITY;
CREATE POLICY matter_read ON matter FOR SELECT USING (
    (SELECT caller_is_service()) OR by = (SELECT caller_subject()) OR household = (SELECT caller_household())
    OR (area ^@ ANY ((SELECT caller_areas())::text[])
        AND ((SELECT caller_roles() && '{village_cadre,township_clerk,city_admin,auditor}') OR department = (SELECT caller_department())))
    OR EXISTS (SELECT FROM suggestion_person p WHERE p.suggestion = matter.source_id
        AND (p.by = (SELECT caller_subject()) OR (p.household = (SELECT caller_household()) AND NOT p.anonymous))));
CREATE POLICY matter_raise ON matter FOR INSERT WITH CHECK (
    by = (SELECT caller_subject()) AND ticket IS NULL AND (caller_hosts(area)
        OR EXISTS (SELECT FROM duty_visit v WHERE v.id = matter.source_id AND v.by = matter.by AND v.area = matter.area)));
CREATE POLICY matter_follow ON matter FOR UPDATE USING ((SELECT caller_is_service()));

ALTER TABLE suggestion ENABLE ROW LEVEL SECURITY;
ALTER TABLE suggestion FORCE ROW LEVEL SECURITY;
ALTER TABLE suggestion_words ENABLE ROW LEVEL SECURITY;
ALTER TABLE suggestion_words FORCE ROW LEVEL SECURITY;
ALTER TABLE suggestion_person ENABLE ROW LEVEL SECURITY;
ALTER TABLE suggestion_person FORCE ROW LEVEL SECURITY;
ALTER TABLE suggestion_step ENABLE ROW LEVEL SECURITY;
ALTER TABLE suggestion_step FORCE ROW LEVEL SECURITY;
ALTER TABLE suggestion_support ENABLE ROW LEVEL SECURITY;
ALTER TABLE suggestion_support FORCE ROW LEVEL SECURITY;

-- Each circle looks into the next smaller one, so that none of them looks back.
CREATE POLICY person_read ON suggestion_person FOR SELECT USING (
    (SELECT caller_is_service()) OR by = (SELECT caller_subject()) OR (household = (SELECT caller_household()) AND NOT anonymous)
    OR (area ^@ ANY ((SELECT caller_areas())::text[])
        AND ((SELECT caller_roles() && '{village_cadre,township_clerk,city_admin}')
            OR (NOT anonymous AND ((SELECT caller_roles() && '{auditor}') OR department = (SELECT caller_department()))))));
CREATE POLICY person_raise ON suggestion_person FOR INSERT WITH CHECK (
    (SELECT caller_is_service()) OR (by = (SELECT caller_subject()) AND department IS NULL AND (
        ((SELECT caller_roles() && '{village_cadre,township_clerk,city_admin,grid_worker}') AND caller_works_in(area))
        OR ((SELECT caller_roles() && '{resident}') AND (household IS NULL OR household = (SELECT caller_household()))))));
CREATE POLICY person_hand_over ON suggestion_person FOR UPDATE USING (caller_hosts(area));
CREATE POLICY words_read ON suggestion_words FOR SELECT USING (
    (SELECT caller_is_service())
    OR (area ^@ ANY ((SELECT caller_areas())::text[])
        AND ((SELECT caller_roles() && '{village_cadre,township_clerk,city_admin,auditor}') OR department = (SELECT caller_department())))
    OR EXISTS (SELECT FROM suggestion_person p WHERE p.suggestion = suggestion_words.suggestion));
CREATE POLICY words_raise ON suggestion_words FOR INSERT WITH CHECK (
    department IS NULL AND EXISTS (SELECT FROM suggestion_person p
        WHERE (p.suggestion, p.area, p.by) = (suggestion_words.suggestion, suggestion_words.area, (SELECT caller_subject()))));
CREATE POLICY words_hand_over ON suggestion_words FOR UPDATE USING (caller_hosts(area));
CREATE POLICY suggestion_read ON suggestion FOR SELECT USING (
    (published_at IS NOT NULL AND (SELECT caller_subject()) IS NOT NULL)
    OR EXISTS (SELECT FROM suggestion_words w WHERE w.suggestion = suggestion.id));
CREATE POLICY suggestion_raise ON suggestion FOR INSERT WITH CHECK (
    EXISTS (SELECT FROM suggestion_person p
        WHERE (p.suggestion, p.area, p.anonymous, p.by) = (suggestion.id, suggestion.area, suggestion.anonymous, (SELECT caller_subject()))));
CREATE POLICY suggestion_change ON suggestion FOR UPDATE USING (
    caller_hosts(area)
    OR (department = (SELECT caller_department()) AND area ^@ ANY ((SELECT caller_areas())::text[]))
    OR EXISTS (SELECT FROM suggestion_person p WHERE p.suggestion = suggestion.id
        AND (p.by = (SELECT caller_subject()) OR (p.household = (SELECT caller_household()) AND NOT p.anonymous))))
    WITH CHECK (caller_hosts(area) OR (state IN ('ANSWERED', 'SOLVED', 'REOPENED') AND (
        (department = (SELECT caller_department()) AND area ^@ ANY ((SELECT caller_areas())::text[]))
        OR (satisfaction IS NOT NULL AND EXISTS (SELECT FROM suggestion_person p WHERE p.suggestion = suggestion.id
            AND (p.by = (SELECT caller_subject()) OR (p.household = (SELECT caller_household()) AND NOT p.anonymous)))))));
CREATE POLICY step_read ON suggestion_step FOR SELECT USING (
    EXISTS (SELECT FROM suggestion_words w WHERE w.suggestion = suggestion_step.suggestion));
CREATE POLICY step_add ON suggestion_step FOR INSERT WITH CHECK (
    (by IS NULL OR by = (SELECT caller_subject())) AND (
        EXISTS (SELECT FROM suggestion_words w WHERE w.suggestion = suggestion_step.suggestion
            AND (caller_hosts(w.area) OR w.department = (SELECT caller_department())))
        OR EXISTS (SELECT FROM suggestion_person p WHERE p.suggestion = suggestion_step.suggestion
            AND (p.by = (SELECT caller_subject()) OR (p.household = (SELECT caller_household()) AND NOT p.anonymous)))));
CREATE POLICY support_mine ON suggestion_support FOR SELECT USING (subject = (SELECT caller_subject()));
CREATE POLICY support_give ON suggestion_support FOR INSERT WITH CHECK (
    subject = (SELECT caller_subject()) AND EXISTS (SELECT FROM suggestion s WHERE s.id = suggestion_support.suggestion));

ALTER TABLE contact ENABLE ROW LEVEL SECURITY;
ALTER TABLE contact FORCE ROW LEVEL SECURITY;
CREATE POLICY contact_read ON contact FOR SELECT USING (
    (SELECT caller_is_service()) OR by = (SELECT caller_subject())
    OR ((SELECT caller_roles() && '{village_cadre,township_clerk,city_admin}') AND area ^@ ANY ((SELECT caller_areas())::text[]))
    OR EXISTS (SELECT FROM suggestion_person p WHERE p.suggestion = contact.owner AND p.department = (SELECT caller_department())));
CREATE POLICY contact_keep ON contact FOR INSERT WITH CHECK (by = (SELECT caller_subject()) AND (
    EXISTS (SELECT FROM duty_visit v WHERE (v.id, v.area, v.by) = (contact.owner, contact.area, contact.by))
    OR EXISTS (SELECT FROM suggestion_person p WHERE (p.suggestion, p.area, p.by) = (contact.owner, contact.area, contact.by))));
CREATE POLICY contact_forget ON contact FOR DELETE USING ((SELECT caller_is_service()));

ALTER TABLE disclosure ENABLE ROW LEVEL SECURITY;
ALTER TABLE disclosure FORCE ROW LEVEL SECURITY;
CREATE POLICY disclosure_mine ON disclosure FOR SELECT USING (by = (SELECT caller_subject()));
CREATE POLICY disclosure_audited ON disclosure FOR SELECT USING (
    area ^@ ANY ((SELECT caller_areas())::text[]) AND (SELECT caller_roles() && '{auditor,city_admin}'));
CREATE POLICY disclosure_mine_only ON disclosure FOR INSERT WITH CHECK (by = (SELECT caller_subject()) AND caller_works_in(area)
    AND EXISTS (SELECT FROM contact c WHERE (c.owner, c.area) = (disclosure.owner, disclosure.area)));

GRANT SELECT, INSERT, UPDATE ON matter TO {app};
GRANT SELECT, INSERT, DELETE ON contact TO {app};
GRANT SELECT, INSERT, UPDATE (state, department, owner_area, due, reason, duplicate_of, answer, satisfaction, public_text, published_at, supports,
    accepted_on, answered_on, solved_on, reminded, alarmed, updated_at, version) ON suggestion TO {app};
GRANT SELECT, INSERT, UPDATE (department) ON suggestion_words, suggestion_person TO {app};
GRANT SELECT, INSERT ON suggestion_step, suggestion_support, disclosure TO {app};
