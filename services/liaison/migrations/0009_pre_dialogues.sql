-- What a dialogue (一月一沟通) writes down: who may vote, agenda, who came, what was studied, proposals and votes, minutes.

CREATE TABLE voting_body (
    id                 uuid PRIMARY KEY,
    area               text COLLATE "C" NOT NULL CHECK (area ~ '^[0-9]{12}$'),
    name               text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
    rule               text COLLATE "C" NOT NULL CHECK (rule IN ('ASSEMBLY', 'HOUSEHOLDS', 'REPRESENTATIVES', 'CONSULTATION')),
    quorum_numerator   int CHECK (quorum_numerator BETWEEN 1 AND quorum_denominator),
    quorum_denominator int CHECK (quorum_denominator BETWEEN 1 AND 100),
    quorum_above       boolean,
    eligible           int NOT NULL CHECK (eligible BETWEEN 0 AND 100000),
    since              date NOT NULL,
    version            int NOT NULL DEFAULT 1 CHECK (version >= 1),
    UNIQUE (area, name),
    CHECK ((quorum_numerator IS NULL) = (quorum_denominator IS NULL) AND (quorum_numerator IS NULL) = (quorum_above IS NULL))
);
COMMENT ON TABLE voting_body IS 'a village''s assembly, or its representatives (村民代表会议)';
COMMENT ON COLUMN voting_body.quorum_above IS 'whether more than that share is needed, or as much is enough';
COMMENT ON COLUMN voting_body.eligible IS 'how many may vote; where members are named, how many those are';

CREATE TABLE body_member (
    id        uuid PRIMARY KEY,
    body      uuid NOT NULL REFERENCES voting_body,
    area      text COLLATE "C" NOT NULL,
    household uuid,
    subject   text COLLATE "C" CHECK (subject <> ''),
    since     date NOT NULL,
    until     date,
    CHECK ((household IS NULL) <> (subject IS NULL)),
    CHECK (until >= since)
);
COMMENT ON TABLE body_member IS 'who may vote: an account, or a household by whoever of it has one. No names';
CREATE UNIQUE INDEX body_member_subject ON body_member (body, subject) WHERE until IS NULL AND subject IS NOT NULL;
CREATE UNIQUE INDEX body_member_household ON body_member (body, household) WHERE until IS NULL AND household IS NOT NULL;
CREATE INDEX body_member_of_subject ON body_member (subject) WHERE subject IS NOT NULL;
CREATE INDEX body_member_of_household ON body_member (household) WHERE household IS NOT NULL;

CREATE TABLE dialogue (
    session      uuid PRIMARY KEY REFERENCES session ON DELETE CASCADE,
    area         text COLLATE "C" NOT NULL,
    body         uuid REFERENCES voting_body,
    eligible     int CHECK (eligible >= 0),
    present      int CHECK (present BETWEEN 0 AND eligible),
    needed       int CHECK (needed >= 0),
    quorate      boolean,
    explanation  text,
    noted_by     text COLLATE "C",
    noted_at     timestamptz,
    published    int,
    published_by text COLLATE "C",
    published_at timestamptz,
    version      int NOT NULL DEFAULT 0 CHECK (version >= 0),
    CHECK ((noted_at IS NULL) = (eligible IS NULL) AND (noted_at IS NULL) = (present IS NULL) AND (noted_at IS NULL) = (quorate IS NULL)),
    CHECK ((published IS NULL) = (published_at IS NULL))
);
COMMENT ON COLUMN dialogue.body IS 'which body meets; none: a consultation, whose votes bind nobody';
COMMENT ON COLUMN dialogue.present IS 'how many of the eligible came, as the rule counts them; reckoned when attendance was noted';
COMMENT ON COLUMN dialogue.published IS 'the version of the minutes that everybody may read; nothing changes from then on';

CREATE TABLE agenda_item (
    session   uuid NOT NULL REFERENCES dialogue ON DELETE CASCADE,
    place     int NOT NULL CHECK (place BETWEEN 1 AND 30),
    kind      text COLLATE "C" NOT NULL CHECK (kind IN ('STUDY', 'REMOTE_EDUCATION', 'DELIBERATION', 'HEARING', 'OTHER')),
    title     text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 100),
    minutes   int NOT NULL CHECK (minutes BETWEEN 1 AND 600),
    presenter text CHECK (char_length(presenter) BETWEEN 1 AND 60),
    PRIMARY KEY (session, place)
);

CREATE TABLE attendance (
    session uuid NOT NULL REFERENCES dialogue,
    kind    text COLLATE "C" NOT NULL CHECK (kind IN ('VILLAGER', 'REPRESENTATIVE', 'PARTY_MEMBER', 'CADRE', 'GUEST')),
    people  int NOT NULL CHECK (people BETWEEN 0 AND 100000),
    PRIMARY KEY (session, kind)
);
COMMENT ON TABLE attendance IS 'how many came, each counted under one kind';

CREATE TABLE attendee (
    session         uuid NOT NULL REFERENCES dialogue,
    place           int NOT NULL,
    area            text COLLATE "C" NOT NULL,
    kind            text COLLATE "C" NOT NULL CHECK (kind IN ('VILLAGER', 'REPRESENTATIVE', 'PARTY_MEMBER', 'CADRE', 'GUEST')),
    household       uuid,
    subject         text COLLATE "C",
    present         boolean NOT NULL,
    proxy_household uuid,
    proxy_subject   text COLLATE "C",
    PRIMARY KEY (session, place),
    CHECK ((household IS NULL) <> (subject IS NULL)),
    CHECK (proxy_household IS NULL OR proxy_subject IS NULL)
);
COMMENT ON TABLE attendee IS 'those of whom it was noted who they are; a village may leave it at numbers';

CREATE TABLE study (
    id        uuid PRIMARY KEY,
    session   uuid NOT NULL REFERENCES dialogue,
    item      int NOT NULL,
    title     text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 100),
    material  text CHECK (char_length(material) BETWEEN 1 AND 300),
    minutes   int NOT NULL CHECK (minutes BETWEEN 1 AND 600),
    presenter text CHECK (char_length(presenter) BETWEEN 1 AND 60),
    people    int NOT NULL CHECK (people BETWEEN 1 AND 100000),
    noted_by  text COLLATE "C" NOT NULL,
    noted_at  timestamptz NOT NULL
);
COMMENT ON COLUMN study.material IS 'where it is to be found: a document''s number, a title, an address';
CREATE INDEX study_session ON study (session, item);

CREATE TABLE proposal (
    id            uuid PRIMARY KEY,
    session       uuid NOT NULL REFERENCES dialogue,
    area          text COLLATE "C" NOT NULL,
    place         int NOT NULL CHECK (place BETWEEN 1 AND 99),
    title         text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 100),
    text          text NOT NULL CHECK (char_length(text) BETWEEN 1 AND 4000),
    proposed_by   text COLLATE "C" NOT NULL
        CHECK (proposed_by IN ('PARTY_BRANCH', 'COMMITTEE', 'REPRESENTATIVES', 'VILLAGERS', 'OTHER')),
    state         text COLLATE "C" NOT NULL
        CHECK (state IN ('OPEN', 'VOTING', 'ADOPTED', 'REJECTED', 'NOT_QUORATE', 'WITHDRAWN')),
    body          uuid REFERENCES voting_body,
    secret        boolean,
    eligible      int,
    present       int,
    needed        int,
    votes_for     int CHECK (votes_for >= 0),
    votes_against int CHECK (votes_against >= 0),
    votes_abstain int CHECK (votes_abstain >= 0),
    counters      text[] COLLATE "C" NOT NULL DEFAULT '{}',
    explanation   text,
    noted_by      text COLLATE "C" NOT NULL,
    noted_at      timestamptz NOT NULL,
    ended_by      text COLLATE "C",
    ended_at      timestamptz,
    version       int NOT NULL DEFAULT 1 CHECK (version >= 1),
    UNIQUE (session, place),
    CHECK ((state IN ('OPEN', 'VOTING')) = (ended_at IS NULL)),
    CHECK ((state IN ('ADOPTED', 'REJECTED', 'NOT_QUORATE')) = (votes_for IS NOT NULL)),
    CHECK ((votes_for IS NULL) = (explanation IS NULL)),
    CHECK (votes_for + votes_against + votes_abstain <= present AND present <= eligible),
    CHECK (state <> 'VOTING' OR (body IS NOT NULL AND secret IS NOT NULL))
);
COMMENT ON COLUMN proposal.counters IS 'accounts of those who counted, where a show of hands or paper was counted';
CREATE INDEX proposal_area ON proposal (area, noted_at DESC, id DESC);

CREATE TABLE ballot (
    proposal uuid NOT NULL REFERENCES proposal,
    member   uuid NOT NULL REFERENCES body_member,
    area     text COLLATE "C" NOT NULL,
    choice   text COLLATE "C" NOT NULL CHECK (choice IN ('FOR', 'AGAINST', 'ABSTAIN')),
    PRIMARY KEY (proposal, member)
);
COMMENT ON TABLE ballot IS 'of votes that are not secret';

-- A secret vote: who has voted stands in the one table, what was voted in the other, sealed by the service, in one row and in no order of time.
-- The run-time role has no right to the box; it reaches it through the two functions alone.
CREATE TABLE secret_voter (
    proposal uuid NOT NULL REFERENCES proposal,
    member   uuid NOT NULL REFERENCES body_member,
    PRIMARY KEY (proposal, member)
);
CREATE TABLE ballot_box (
    proposal uuid PRIMARY KEY REFERENCES proposal,
    ballots  bytea[] NOT NULL DEFAULT '{}'
);

CREATE TABLE minutes (
    session    uuid NOT NULL REFERENCES dialogue,
    version    int NOT NULL CHECK (version >= 1),
    area       text COLLATE "C" NOT NULL,
    record     text NOT NULL,
    digest     text COLLATE "C" NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
    drafted_by text COLLATE "C" NOT NULL,
    drafted_at timestamptz NOT NULL,
    PRIMARY KEY (session, version),
    CHECK (digest = encode(sha256(convert_to(record, 'UTF8')), 'hex'))
);
COMMENT ON COLUMN minutes.record IS 'canonical JSON: keys in order, no blanks';

CREATE TABLE minutes_signature (
    session   uuid NOT NULL,
    version   int NOT NULL,
    role      text COLLATE "C" NOT NULL CHECK (role IN ('RECORDER', 'HOST', 'REPRESENTATIVE')),
    signer    text COLLATE "C" NOT NULL,
    name      text CHECK (role <> 'REPRESENTATIVE' OR name IS NULL),
    digest    text COLLATE "C" NOT NULL,
    signed_at timestamptz NOT NULL,
    PRIMARY KEY (session, version, signer),
    FOREIGN KEY (session, version) REFERENCES minutes
);
COMMENT ON COLUMN minutes_signature.signer IS 'an office-holder''s account; a representative''s member id, which leads nobody to a person who may not read the roll';

CREATE FUNCTION dialogue_begun(of uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM dialogue d WHERE d.session = of AND d.noted_at IS NOT NULL)
        OR EXISTS (SELECT FROM proposal p WHERE p.session = of AND p.state NOT IN ('OPEN', 'WITHDRAWN'))
$$;
COMMENT ON FUNCTION dialogue_begun IS 'it is noted who came, or a vote was opened: its day stays';
CREATE FUNCTION caller_is_member(of body_member) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(of.subject = caller_subject() OR of.household = caller_household(), false)
$$;
CREATE FUNCTION caller_sits(village text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM body_member m WHERE m.area = village AND caller_is_member(m))
$$;
COMMENT ON FUNCTION caller_sits IS 'whether the caller has, or had, a seat in one of the village''s bodies';
CREATE FUNCTION caller_may_vote(of uuid, voter uuid, in_secret boolean) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM proposal p JOIN session s ON s.id = p.session JOIN body_member m ON m.body = p.body
        WHERE p.id = of AND p.state = 'VOTING' AND p.secret = in_secret AND m.id = voter AND caller_is_member(m)
            AND s.date BETWEEN m.since AND coalesce(m.until, 'infinity'))
$$;
CREATE FUNCTION caller_reads_minutes(of uuid, number int, village text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM dialogue d WHERE d.session = of AND d.published = number)
        OR caller_hosts(village) OR caller_sits(village) OR (caller_roles() && '{auditor}' AND village ^@ ANY (caller_areas()))
$$;

CREATE FUNCTION drop_ballot(of uuid, voter uuid, sealed bytea) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT caller_may_vote(of, voter, true) THEN
        RAISE insufficient_privilege;
    END IF;
    INSERT INTO secret_voter VALUES (of, voter) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO ballot_box AS box VALUES (of, ARRAY[sealed])
    ON CONFLICT (proposal) DO UPDATE SET ballots = (SELECT array_agg(b ORDER BY b) FROM unnest(box.ballots || sealed) b);
    RETURN true;
END $$;
COMMENT ON FUNCTION drop_ballot IS 'false where that member has voted; after their key''s id sealed values have random bytes, so that their order tells nothing';
CREATE FUNCTION empty_box(of uuid) RETURNS bytea[] LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE taken bytea[];
BEGIN
    IF NOT EXISTS (SELECT FROM proposal p WHERE p.id = of AND caller_hosts(p.area)) THEN
        RAISE insufficient_privilege;
    END IF;
    DELETE FROM ballot_box WHERE proposal = of RETURNING ballots INTO taken;
    RETURN coalesce(taken, '{}');
END $$;
CREATE FUNCTION ballots_cast(of uuid) RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT (SELECT count(*) FROM ballot WHERE proposal = of) + (SELECT count(*) FROM secret_voter WHERE proposal = of)
$$;
COMMENT ON FUNCTION ballots_cast IS 'how many have voted, which everybody may know';

ALTER TABLE voting_body ENABLE ROW LEVEL SECURITY;
ALTER TABLE voting_body FORCE ROW LEVEL SECURITY;
ALTER TABLE body_member ENABLE ROW LEVEL SECURITY;
ALTER TABLE body_member FORCE ROW LEVEL SECURITY;
ALTER TABLE dialogue ENABLE ROW LEVEL SECURITY;
ALTER TABLE dialogue FORCE ROW LEVEL SECURITY;
ALTER TABLE agenda_item ENABLE ROW LEVEL SECURITY;
ALTER TABLE agenda_item FORCE ROW LEVEL SECURITY;
ALTER TABLE attendance ENABLE ROW LEVEL SECURITY;
ALTER TABLE attendance FORCE ROW LEVEL SECURITY;
ALTER TABLE attendee ENABLE ROW LEVEL SECURITY;
ALTER TABLE attendee FORCE ROW LEVEL SECURITY;
ALTER TABLE study ENABLE ROW LEVEL SECURITY;
ALTER TABLE study FORCE ROW LEVEL SECURITY;
ALTER TABLE proposal ENABLE ROW LEVEL SECURITY;
ALTER TABLE proposal FORCE ROW LEVEL SECURITY;
ALTER TABLE ballot ENABLE ROW LEVEL SECURITY;
ALTER TABLE ballot FORCE ROW LEVEL SECURITY;
ALTER TABLE secret_voter ENABLE ROW LEVEL SECURITY;
ALTER TABLE secret_voter FORCE ROW LEVEL SECURITY;
ALTER TABLE ballot_box ENABLE ROW LEVEL SECURITY;
ALTER TABLE ballot_box FORCE ROW LEVEL SECURITY;
ALTER TABLE minutes ENABLE ROW LEVEL SECURITY;
ALTER TABLE minutes FORCE ROW LEVEL SECURITY;
ALTER TABLE minutes_signature ENABLE ROW LEVEL SECURITY;
ALTER TABLE minutes_signature FORCE ROW LEVEL SECURITY;

CREATE POLICY voting_body_read ON voting_body FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY voting_body_write ON voting_body USING (caller_arranges(area));
CREATE POLICY body_member_read ON body_member FOR SELECT USING (
    subject = (SELECT caller_subject()) OR household = (SELECT caller_household()) OR caller_hosts(area));
CREATE POLICY body_member_write ON body_member USING (caller_arranges(area))
    WITH CHECK (caller_arranges(area) AND EXISTS (SELECT FROM voting_body b WHERE b.id = body_member.body AND b.area = body_member.area));
CREATE POLICY dialogue_read ON dialogue FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY dialogue_write ON dialogue USING (caller_hosts(area))
    WITH CHECK (caller_hosts(area) AND EXISTS (SELECT FROM session s WHERE s.id = dialogue.session AND s.area = dialogue.area));
CREATE POLICY agenda_item_read ON agenda_item FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY agenda_item_write ON agenda_item USING (EXISTS (SELECT FROM dialogue d WHERE d.session = agenda_item.session AND caller_hosts(d.area)));
CREATE POLICY attendance_read ON attendance FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY attendance_write ON attendance USING (EXISTS (SELECT FROM dialogue d WHERE d.session = attendance.session AND caller_hosts(d.area)));
CREATE POLICY attendee_read ON attendee FOR SELECT USING (subject = (SELECT caller_subject()) OR household = (SELECT caller_household()));
CREATE POLICY attendee_write ON attendee USING (caller_hosts(area))
    WITH CHECK (caller_hosts(area) AND EXISTS (SELECT FROM dialogue d WHERE d.session = attendee.session AND d.area = attendee.area));
CREATE POLICY study_read ON study FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY study_write ON study USING (EXISTS (SELECT FROM dialogue d WHERE d.session = study.session AND caller_hosts(d.area)));
CREATE POLICY proposal_read ON proposal FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY proposal_write ON proposal USING (caller_hosts(area))
    WITH CHECK (caller_hosts(area) AND EXISTS (SELECT FROM dialogue d WHERE d.session = proposal.session AND d.area = proposal.area));
CREATE POLICY ballot_read ON ballot FOR SELECT USING (
    caller_hosts(area) OR EXISTS (SELECT FROM body_member m WHERE m.id = ballot.member AND caller_is_member(m)));
CREATE POLICY ballot_cast ON ballot FOR INSERT WITH CHECK (
    caller_may_vote(proposal, member, false) AND EXISTS (SELECT FROM proposal p WHERE p.id = ballot.proposal AND p.area = ballot.area));
CREATE POLICY ballot_change ON ballot FOR UPDATE USING (caller_may_vote(proposal, member, false));
CREATE POLICY secret_voter_read ON secret_voter FOR SELECT USING (
    EXISTS (SELECT FROM body_member m WHERE m.id = secret_voter.member AND caller_is_member(m)));
-- What the functions above do, they do as the owner.
CREATE POLICY ballot_count ON ballot FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY secret_voter_owner ON secret_voter TO CURRENT_USER USING (true);
CREATE POLICY ballot_box_owner ON ballot_box TO CURRENT_USER USING (true);
CREATE POLICY minutes_read ON minutes FOR SELECT USING (
    (SELECT caller_subject()) IS NOT NULL AND caller_reads_minutes(session, version, area));
CREATE POLICY minutes_write ON minutes FOR INSERT WITH CHECK (
    caller_hosts(area) AND EXISTS (SELECT FROM dialogue d WHERE d.session = minutes.session AND d.area = minutes.area));
CREATE POLICY minutes_signature_read ON minutes_signature FOR SELECT USING (
    EXISTS (SELECT FROM minutes m WHERE m.session = minutes_signature.session AND m.version = minutes_signature.version));
CREATE POLICY minutes_signature_write ON minutes_signature FOR INSERT WITH CHECK (EXISTS (
    SELECT FROM minutes m
    WHERE (m.session, m.version, m.digest) = (minutes_signature.session, minutes_signature.version, minutes_signature.digest) AND CASE role
        WHEN 'REPRESENTATIVE' THEN EXISTS (SELECT FROM body_member s WHERE s.id::text = signer AND s.area = m.area AND caller_is_member(s))
        ELSE signer = (SELECT caller_subject()) AND caller_hosts(m.area) AND (role <> 'RECORDER' OR m.drafted_by = signer) END));

-- Each dialogue with its session, also where nothing is written down yet.
CREATE VIEW dialogue_sheet WITH (security_invoker = true) AS
SELECT s.id, s.area, s.date, s.state, d.body, d.eligible, d.present, d.needed, d.quorate, d.explanation,
       d.noted_at, d.published, d.published_at, coalesce(d.version, 0) AS version
FROM session s LEFT JOIN dialogue d ON d.session = s.id WHERE s.kind = 'DIALOGUE';

REVOKE ALL ON FUNCTION drop_ballot, empty_box, ballots_cast FROM PUBLIC;
GRANT EXECUTE ON FUNCTION drop_ballot, empty_box, ballots_cast TO {app};
GRANT SELECT, INSERT, UPDATE ON voting_body, dialogue, proposal TO {app};
GRANT SELECT, INSERT, UPDATE (choice) ON ballot TO {app};
GRANT SELECT, INSERT, DELETE, UPDATE (until) ON body_member TO {app};
GRANT SELECT, INSERT, DELETE ON agenda_item, attendance, attendee TO {app};
GRANT SELECT, INSERT ON study, minutes, minutes_signature TO {app};
GRANT SELECT ON secret_voter, dialogue_sheet TO {app};
