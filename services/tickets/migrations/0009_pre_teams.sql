-- Service teams (服务团队), their missions and activities; mediation (调解): cases, parties, sessions, agreements and what was promised.

CREATE TABLE skill (
    code text COLLATE "C" PRIMARY KEY CHECK (code ~ '^[a-z][a-z0-9-]{0,39}$'),
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60)
);
CREATE TABLE team_kind (
    code text COLLATE "C" PRIMARY KEY CHECK (code ~ '^[a-z][a-z0-9-]{0,39}$'),
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60)
);

CREATE TABLE team_rule (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    load_km     float8 NOT NULL CHECK (load_km >= 0),
    village_km  float8 NOT NULL CHECK (village_km >= 0),
    township_km float8 NOT NULL CHECK (township_km >= village_km),
    county_km   float8 NOT NULL CHECK (county_km >= township_km),
    farther_km  float8 NOT NULL CHECK (farther_km >= county_km),
    mission     interval NOT NULL,
    remind_days int NOT NULL CHECK (remind_days BETWEEN 1 AND 90)
);
COMMENT ON COLUMN team_rule.load_km IS 'a mission on hand counts as so many kilometres, so that nearby teams are not sent without end';
COMMENT ON COLUMN team_rule.village_km IS 'what is reckoned as the distance within a village where no coordinates are known; township_km, county_km, farther_km alike';
COMMENT ON COLUMN team_rule.mission IS 'how long a mission is reckoned to take where nobody says';
COMMENT ON COLUMN team_rule.remind_days IS 'so many days before an obligation is due its mediators are reminded';
INSERT INTO team_rule VALUES (true, 5, 2, 8, 30, 60, '4 hours', 3);

CREATE TABLE area_centre (
    area      text COLLATE "C" PRIMARY KEY CHECK (area ~ '^([0-9]{12}|[0-9]{16})$'),
    longitude float8 NOT NULL CHECK (longitude BETWEEN 73 AND 136),
    latitude  float8 NOT NULL CHECK (latitude BETWEEN 3 AND 54)
);
COMMENT ON TABLE area_centre IS 'where a village or a grid lies, in WGS 84, so far as somebody has said';

CREATE TABLE team (
    code       text COLLATE "C" PRIMARY KEY CHECK (code ~ '^[a-z][a-z0-9-]{0,39}$'),
    name       text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
    kind       text COLLATE "C" NOT NULL REFERENCES team_kind,
    areas      text[] COLLATE "C" NOT NULL CHECK (cardinality(areas) > 0),
    base       text COLLATE "C" NOT NULL,
    longitude  float8 CHECK (longitude BETWEEN 73 AND 136),
    latitude   float8 CHECK (latitude BETWEEN 3 AND 54),
    active     boolean NOT NULL,
    version    int NOT NULL CHECK (version >= 1),
    revised_by text COLLATE "C" NOT NULL,
    revised_at timestamptz NOT NULL,
    CHECK ((longitude IS NULL) = (latitude IS NULL))
);
COMMENT ON COLUMN team.areas IS 'codes: the team serves all areas that begin with one of them';
COMMENT ON COLUMN team.base IS 'the area that it sets out from; longitude and latitude (WGS 84) say where in it';

CREATE TABLE team_member (
    team    text COLLATE "C" NOT NULL REFERENCES team,
    subject text COLLATE "C" NOT NULL CHECK (subject <> ''),
    name    text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
    skills  jsonb NOT NULL,
    since   date NOT NULL,
    until   date,
    PRIMARY KEY (team, subject)
);
COMMENT ON COLUMN team_member.skills IS 'code of a skill to level: 1 helps, 2 works alone, 3 leads';
COMMENT ON COLUMN team_member.until IS 'the last day on which the member can be sent; whoever leaves stays on record with it';
CREATE INDEX team_member_skill ON team_member USING gin (skills);
CREATE INDEX team_member_subject ON team_member (subject);

CREATE TABLE mission (
    id          uuid PRIMARY KEY,
    ticket      uuid NOT NULL REFERENCES ticket,
    area        text COLLATE "C" NOT NULL,
    team        text COLLATE "C" NOT NULL REFERENCES team,
    members     text[] COLLATE "C" NOT NULL CHECK (cardinality(members) > 0),
    skill       text COLLATE "C" NOT NULL REFERENCES skill,
    level       int NOT NULL CHECK (level BETWEEN 1 AND 3),
    longitude   float8,
    latitude    float8,
    begins      timestamptz NOT NULL,
    ends        timestamptz NOT NULL CHECK (ends > begins),
    state       text COLLATE "C" NOT NULL CHECK (state IN ('OFFERED', 'ACCEPTED', 'DECLINED', 'ON_SITE', 'DONE', 'FAILED', 'CANCELLED')),
    reason      text COLLATE "C",
    brief       text CHECK (char_length(brief) BETWEEN 1 AND 2000),
    result      text CHECK (char_length(result) BETWEEN 1 AND 2000),
    kilometres  float8 NOT NULL,
    basis       text COLLATE "C" NOT NULL,
    version     int NOT NULL CHECK (version >= 1),
    offered_by  text COLLATE "C" NOT NULL,
    offered_at  timestamptz NOT NULL,
    answered_by text COLLATE "C",
    answered_at timestamptz,
    arrived_at  timestamptz,
    ended_at    timestamptz,
    CHECK ((state IN ('DECLINED', 'DONE', 'FAILED', 'CANCELLED')) = (ended_at IS NOT NULL)),
    CHECK (state NOT IN ('ACCEPTED', 'DECLINED', 'ON_SITE', 'DONE') OR answered_at IS NOT NULL),
    CHECK (state NOT IN ('DECLINED', 'FAILED', 'CANCELLED') OR reason IS NOT NULL)
);
COMMENT ON COLUMN mission.kilometres IS 'as it was reckoned when the team was sent; basis tells from what';
CREATE INDEX mission_newest ON mission (offered_at DESC, id DESC);
CREATE INDEX mission_ticket ON mission (ticket);
CREATE INDEX mission_area ON mission (area, offered_at DESC, id DESC);
CREATE INDEX mission_team ON mission (team, offered_at DESC, id DESC);
CREATE INDEX mission_members ON mission USING gin (members);

-- A subject as a range of one number: the range types' own index then keeps one person from two missions at a time, without an extension.
CREATE TABLE mission_member (
    mission uuid NOT NULL REFERENCES mission,
    subject text COLLATE "C" NOT NULL,
    begins  timestamptz NOT NULL,
    ends    timestamptz NOT NULL,
    active  boolean NOT NULL,
    PRIMARY KEY (mission, subject),
    CONSTRAINT mission_member_busy EXCLUDE USING gist (
        int8range(hashtextextended(subject, 0) / 2, hashtextextended(subject, 0) / 2, '[]') WITH &&,
        tstzrange(begins, ends) WITH &&) WHERE (active)
);
COMMENT ON TABLE mission_member IS 'when each member is taken; tells nothing of the mission, so that it counts beyond the caller''s areas';
CREATE INDEX mission_member_load ON mission_member (subject) WHERE active;

CREATE TABLE activity (
    id          uuid PRIMARY KEY,
    team        text COLLATE "C" NOT NULL REFERENCES team,
    area        text COLLATE "C" NOT NULL,
    place       text NOT NULL CHECK (char_length(place) BETWEEN 1 AND 100),
    topic       text NOT NULL CHECK (char_length(topic) BETWEEN 1 AND 100),
    day         date NOT NULL,
    begins      time NOT NULL,
    ends        time NOT NULL CHECK (ends > begins),
    state       text COLLATE "C" NOT NULL CHECK (state IN ('PLANNED', 'HELD', 'CANCELLED')),
    reason      text CHECK (char_length(reason) BETWEEN 1 AND 500),
    people      int NOT NULL DEFAULT 0 CHECK (people >= 0),
    version     int NOT NULL CHECK (version >= 1),
    planned_by  text COLLATE "C" NOT NULL,
    planned_at  timestamptz NOT NULL,
    ended_by    text COLLATE "C",
    ended_at    timestamptz,
    CHECK ((state = 'PLANNED') = (ended_at IS NULL)),
    CHECK (state <> 'CANCELLED' OR reason IS NOT NULL)
);
COMMENT ON COLUMN activity.people IS 'the sum of those served, by kind in activity_served';
CREATE INDEX activity_day ON activity (day DESC, id DESC);
CREATE INDEX activity_area ON activity (area, day DESC, id DESC);
CREATE INDEX activity_team ON activity (team, day DESC, id DESC);

CREATE TABLE activity_served (
    activity uuid NOT NULL REFERENCES activity,
    skill    text COLLATE "C" NOT NULL REFERENCES skill,
    people   int NOT NULL CHECK (people BETWEEN 1 AND 100000),
    PRIMARY KEY (activity, skill)
);
CREATE TABLE activity_household (
    activity  uuid NOT NULL REFERENCES activity,
    area      text COLLATE "C" NOT NULL,
    household uuid NOT NULL,
    PRIMARY KEY (activity, household)
);
COMMENT ON TABLE activity_household IS 'which households were served, where they were asked for it';

-- Mediation. The row of a case tells that there is one; what is said in it hangs on it and is confidential.

CREATE TABLE mediator (
    subject    text COLLATE "C" PRIMARY KEY CHECK (subject <> ''),
    name       text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
    areas      text[] COLLATE "C" NOT NULL CHECK (cardinality(areas) > 0),
    committee  text NOT NULL CHECK (char_length(committee) BETWEEN 1 AND 60),
    household  uuid,
    active     boolean NOT NULL,
    version    int NOT NULL CHECK (version >= 1),
    revised_by text COLLATE "C" NOT NULL,
    revised_at timestamptz NOT NULL
);
COMMENT ON COLUMN mediator.household IS 'their own, so that nobody mediates for their own household';

CREATE TABLE mediation (
    ticket         uuid PRIMARY KEY REFERENCES ticket,
    area           text COLLATE "C" NOT NULL,
    state          text COLLATE "C" NOT NULL CHECK (state IN ('RUNNING', 'AGREED', 'PARTLY', 'FAILED')),
    reason         text COLLATE "C",
    referred_to    text COLLATE "C" CHECK (referred_to IN ('COURT', 'ARBITRATION')),
    signed_version int,
    open           int NOT NULL CHECK (open >= 0),
    overdue        int NOT NULL CHECK (overdue >= 0),
    version        int NOT NULL CHECK (version >= 1),
    opened_by      text COLLATE "C" NOT NULL,
    opened_at      timestamptz NOT NULL,
    concluded_by   text COLLATE "C",
    concluded_at   timestamptz,
    CHECK ((state = 'RUNNING') = (concluded_at IS NULL)),
    CHECK ((state IN ('AGREED', 'PARTLY')) = (signed_version IS NOT NULL)),
    CHECK ((state = 'FAILED') = (reason IS NOT NULL)),
    CHECK (referred_to IS NULL OR state IN ('PARTLY', 'FAILED'))
);
COMMENT ON COLUMN mediation.open IS 'obligations of the signed agreement that are not performed, and how many of these are overdue: who may not read them sees that there are some';
CREATE INDEX mediation_newest ON mediation (opened_at DESC, ticket DESC);
CREATE INDEX mediation_area ON mediation (area, opened_at DESC, ticket DESC);

CREATE TABLE mediation_mediator (
    ticket  uuid NOT NULL REFERENCES mediation,
    subject text COLLATE "C" NOT NULL REFERENCES mediator,
    since   timestamptz NOT NULL,
    until   timestamptz,
    PRIMARY KEY (ticket, subject)
);
CREATE INDEX mediation_mediator_subject ON mediation_mediator (subject);

CREATE TABLE mediation_party (
    id          uuid PRIMARY KEY,
    ticket      uuid NOT NULL REFERENCES mediation,
    area        text COLLATE "C" NOT NULL,
    side        text COLLATE "C" NOT NULL CHECK (side IN ('APPLICANT', 'RESPONDENT', 'OTHER')),
    household   uuid,
    person      uuid,
    name_sealed bytea,
    name_masked text,
    added_at    timestamptz NOT NULL,
    CHECK ((name_sealed IS NULL) = (name_masked IS NULL)),
    CHECK (household IS NOT NULL OR name_sealed IS NOT NULL),
    CHECK (person IS NULL OR household IS NOT NULL)
);
COMMENT ON TABLE mediation_party IS 'a household on record (and whom of it), or somebody from outside by their name, sealed';
CREATE INDEX mediation_party_ticket ON mediation_party (ticket);
CREATE INDEX mediation_party_household ON mediation_party (household) WHERE household IS NOT NULL;

CREATE TABLE mediation_plot (
    ticket uuid NOT NULL REFERENCES mediation,
    area   text COLLATE "C" NOT NULL,
    plot   uuid NOT NULL,
    as_of  date NOT NULL,
    PRIMARY KEY (ticket, plot)
);

CREATE TABLE mediation_session (
    id        uuid PRIMARY KEY,
    ticket    uuid NOT NULL REFERENCES mediation,
    area      text COLLATE "C" NOT NULL,
    held_at   timestamptz NOT NULL,
    place     text NOT NULL CHECK (char_length(place) BETWEEN 1 AND 100),
    parties   uuid[] NOT NULL,
    mediators text[] COLLATE "C" NOT NULL CHECK (cardinality(mediators) > 0),
    noted_by  text COLLATE "C" NOT NULL,
    noted_at  timestamptz NOT NULL
);
CREATE INDEX mediation_session_ticket ON mediation_session (ticket, held_at);
CREATE TABLE mediation_note (
    session uuid PRIMARY KEY REFERENCES mediation_session,
    ticket  uuid NOT NULL REFERENCES mediation,
    area    text COLLATE "C" NOT NULL,
    tried   text NOT NULL CHECK (char_length(tried) BETWEEN 1 AND 4000)
);
COMMENT ON TABLE mediation_note IS 'what was tried in a session: for mediators alone';

CREATE TABLE agreement (
    ticket      uuid NOT NULL REFERENCES mediation,
    version     int NOT NULL CHECK (version >= 1),
    area        text COLLATE "C" NOT NULL,
    facts       text NOT NULL CHECK (char_length(facts) BETWEEN 1 AND 4000),
    terms       text NOT NULL CHECK (char_length(terms) BETWEEN 1 AND 8000),
    oral        boolean NOT NULL,
    copies      int NOT NULL CHECK (copies BETWEEN 1 AND 20),
    written_by  text COLLATE "C" NOT NULL,
    written_at  timestamptz NOT NULL,
    signed_on   date,
    attachment  uuid,
    PRIMARY KEY (ticket, version),
    CHECK (attachment IS NULL OR signed_on IS NOT NULL),
    CHECK (oral OR (signed_on IS NULL) = (attachment IS NULL))
);
COMMENT ON COLUMN agreement.signed_on IS 'the day on which it took effect: signed by all parties and the mediator, or, where it is oral, reached (People''s Mediation Law, art. 29 and 30)';

CREATE TABLE obligation (
    id           uuid PRIMARY KEY,
    ticket       uuid NOT NULL,
    version      int NOT NULL,
    area         text COLLATE "C" NOT NULL,
    place        int NOT NULL,
    party        uuid NOT NULL REFERENCES mediation_party,
    side         text COLLATE "C" NOT NULL,
    what         text NOT NULL CHECK (char_length(what) BETWEEN 1 AND 500),
    due_on       date NOT NULL,
    performed_on date,
    proof        text CHECK (char_length(proof) BETWEEN 1 AND 500),
    attachment   uuid,
    performed_by text COLLATE "C",
    reminded_at  timestamptz,
    alarmed_at   timestamptz,
    FOREIGN KEY (ticket, version) REFERENCES agreement,
    UNIQUE (ticket, version, place),
    CHECK ((performed_on IS NULL) = (performed_by IS NULL))
);
COMMENT ON COLUMN obligation.party IS 'who owes it; side is that party''s, told to whoever may not see the parties';
CREATE INDEX obligation_due ON obligation (due_on, id) WHERE performed_on IS NULL;

-- The second fence. Teams and their members' load are known to whoever is somebody; missions to who reaches the ticket, and to who is sent.
ALTER TABLE team ENABLE ROW LEVEL SECURITY;
ALTER TABLE team FORCE ROW LEVEL SECURITY;
CREATE POLICY team_read ON team FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY team_write ON team USING (
    (SELECT caller_is_service())
    OR ((SELECT caller_department()) IS NULL
        AND NOT EXISTS (SELECT FROM unnest(areas) a WHERE NOT a ^@ ANY ((SELECT caller_areas())::text[]))));

ALTER TABLE team_member ENABLE ROW LEVEL SECURITY;
ALTER TABLE team_member FORCE ROW LEVEL SECURITY;
CREATE POLICY team_member_read ON team_member FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY team_member_write ON team_member USING (
    (SELECT caller_is_service())
    OR ((SELECT caller_department()) IS NULL AND EXISTS (
        SELECT FROM team t WHERE t.code = team_member.team
            AND NOT EXISTS (SELECT FROM unnest(t.areas) a WHERE NOT a ^@ ANY ((SELECT caller_areas())::text[])))));

ALTER TABLE mission ENABLE ROW LEVEL SECURITY;
ALTER TABLE mission FORCE ROW LEVEL SECURITY;
CREATE POLICY mission_reach ON mission USING (
    (SELECT caller_is_service())
    OR (SELECT caller_subject()) = ANY (members)
    OR EXISTS (SELECT FROM ticket t WHERE t.id = mission.ticket));
ALTER TABLE mission_member ENABLE ROW LEVEL SECURITY;
ALTER TABLE mission_member FORCE ROW LEVEL SECURITY;
CREATE POLICY mission_member_read ON mission_member FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY mission_member_write ON mission_member USING (
    (SELECT caller_is_service()) OR EXISTS (SELECT FROM mission m WHERE m.id = mission_member.mission));

ALTER TABLE activity ENABLE ROW LEVEL SECURITY;
ALTER TABLE activity FORCE ROW LEVEL SECURITY;
CREATE POLICY activity_read ON activity FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY activity_write ON activity USING (
    (SELECT caller_is_service())
    OR area ^@ ANY ((SELECT caller_areas())::text[])
    OR EXISTS (SELECT FROM team_member m WHERE m.team = activity.team AND m.subject = (SELECT caller_subject())));
ALTER TABLE activity_household ENABLE ROW LEVEL SECURITY;
ALTER TABLE activity_household FORCE ROW LEVEL SECURITY;
CREATE POLICY activity_household_reach ON activity_household USING (
    (SELECT caller_is_service())
    OR (area ^@ ANY ((SELECT caller_areas())::text[]) AND (SELECT caller_department()) IS NULL)
    OR household = (SELECT caller_household()));
CREATE POLICY activity_household_add ON activity_household FOR INSERT WITH CHECK (EXISTS (
    SELECT FROM activity a JOIN team_member m ON m.team = a.team
    WHERE a.id = activity_household.activity AND m.subject = (SELECT caller_subject())));

ALTER TABLE mediator ENABLE ROW LEVEL SECURITY;
ALTER TABLE mediator FORCE ROW LEVEL SECURITY;
CREATE POLICY mediator_read ON mediator FOR SELECT USING ((SELECT caller_subject()) IS NOT NULL);
CREATE POLICY mediator_write ON mediator USING (
    (SELECT caller_is_service())
    OR ((SELECT caller_department()) IS NULL
        AND NOT EXISTS (SELECT FROM unnest(areas) a WHERE NOT a ^@ ANY ((SELECT caller_areas())::text[]))));

-- Confidential: mediators of the area, auditors, and the parties' households so far as the agreement goes; whoever is a party hears nothing as
-- a mediator. The parties' own policy asks no other table, so that the others' may ask it.
CREATE FUNCTION caller_mediates(area text) RETURNS boolean LANGUAGE sql STABLE AS
    $$ SELECT caller_roles() && '{mediator}' AND caller_department() IS NULL AND area ^@ ANY (caller_areas()) $$;
CREATE FUNCTION caller_audits(area text) RETURNS boolean LANGUAGE sql STABLE AS
    $$ SELECT caller_roles() && '{auditor}' AND area ^@ ANY (caller_areas()) $$;
CREATE FUNCTION caller_opens(area text) RETURNS boolean LANGUAGE sql STABLE AS
    $$ SELECT caller_roles() && '{mediator,village_cadre,township_clerk,hotline_agent,city_admin}' AND area ^@ ANY (caller_areas()) $$;

ALTER TABLE mediation_party ENABLE ROW LEVEL SECURITY;
ALTER TABLE mediation_party FORCE ROW LEVEL SECURITY;
CREATE POLICY mediation_party_read ON mediation_party FOR SELECT USING (
    (SELECT caller_is_service()) OR caller_mediates(area) OR caller_audits(area) OR household = (SELECT caller_household()));
CREATE POLICY mediation_party_add ON mediation_party FOR INSERT WITH CHECK (caller_opens(area));

ALTER TABLE mediation ENABLE ROW LEVEL SECURITY;
ALTER TABLE mediation FORCE ROW LEVEL SECURITY;
CREATE POLICY mediation_read ON mediation FOR SELECT USING (
    (SELECT caller_is_service())
    OR EXISTS (SELECT FROM ticket t WHERE t.id = mediation.ticket)
    OR EXISTS (SELECT FROM mediation_party p WHERE p.ticket = mediation.ticket AND p.household = (SELECT caller_household())));
CREATE POLICY mediation_open ON mediation FOR INSERT WITH CHECK (caller_opens(area) AND EXISTS (SELECT FROM ticket t WHERE t.id = mediation.ticket));
CREATE POLICY mediation_move ON mediation FOR UPDATE USING ((SELECT caller_is_service()) OR caller_mediates(area));

ALTER TABLE mediation_mediator ENABLE ROW LEVEL SECURITY;
ALTER TABLE mediation_mediator FORCE ROW LEVEL SECURITY;
CREATE POLICY mediation_mediator_read ON mediation_mediator FOR SELECT USING (
    EXISTS (SELECT FROM mediation m WHERE m.ticket = mediation_mediator.ticket));
CREATE POLICY mediation_mediator_add ON mediation_mediator FOR INSERT WITH CHECK (
    EXISTS (SELECT FROM mediation m WHERE m.ticket = mediation_mediator.ticket AND caller_opens(m.area)));
CREATE POLICY mediation_mediator_move ON mediation_mediator FOR UPDATE USING (
    EXISTS (SELECT FROM mediation m WHERE m.ticket = mediation_mediator.ticket AND caller_mediates(m.area)));

ALTER TABLE mediation_plot ENABLE ROW LEVEL SECURITY;
ALTER TABLE mediation_plot FORCE ROW LEVEL SECURITY;
CREATE POLICY mediation_plot_reach ON mediation_plot USING ((SELECT caller_is_service()) OR caller_mediates(area));
CREATE POLICY mediation_plot_audit ON mediation_plot FOR SELECT USING (caller_audits(area));
CREATE POLICY mediation_plot_add ON mediation_plot FOR INSERT WITH CHECK (caller_opens(area));

ALTER TABLE mediation_session ENABLE ROW LEVEL SECURITY;
ALTER TABLE mediation_session FORCE ROW LEVEL SECURITY;
CREATE POLICY mediation_session_reach ON mediation_session USING (
    caller_mediates(area) AND NOT EXISTS (
        SELECT FROM mediation_party p WHERE p.ticket = mediation_session.ticket AND p.household = (SELECT caller_household())));
CREATE POLICY mediation_session_audit ON mediation_session FOR SELECT USING (caller_audits(area));
ALTER TABLE mediation_note ENABLE ROW LEVEL SECURITY;
ALTER TABLE mediation_note FORCE ROW LEVEL SECURITY;
CREATE POLICY mediation_note_reach ON mediation_note USING (
    caller_mediates(area) AND NOT EXISTS (
        SELECT FROM mediation_party p WHERE p.ticket = mediation_note.ticket AND p.household = (SELECT caller_household())));

ALTER TABLE agreement ENABLE ROW LEVEL SECURITY;
ALTER TABLE agreement FORCE ROW LEVEL SECURITY;
CREATE POLICY agreement_reach ON agreement USING ((SELECT caller_is_service()) OR caller_mediates(area));
CREATE POLICY agreement_read ON agreement FOR SELECT USING (
    caller_audits(area)
    OR (signed_on IS NOT NULL AND EXISTS (
        SELECT FROM mediation_party p WHERE p.ticket = agreement.ticket AND p.household = (SELECT caller_household()))));
ALTER TABLE obligation ENABLE ROW LEVEL SECURITY;
ALTER TABLE obligation FORCE ROW LEVEL SECURITY;
CREATE POLICY obligation_reach ON obligation USING ((SELECT caller_is_service()) OR caller_mediates(area));
CREATE POLICY obligation_read ON obligation FOR SELECT USING (
    EXISTS (SELECT FROM agreement a WHERE a.ticket = obligation.ticket AND a.version = obligation.version));

-- A paper that belongs to a mediation is for those who may see what it belongs to.
ALTER TABLE attachment ADD COLUMN confidential boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN attachment.confidential IS 'belongs to a mediation: the reach of the ticket is not enough';
CREATE POLICY attachment_confidential ON attachment AS RESTRICTIVE FOR SELECT USING (
    NOT confidential
    OR (SELECT caller_is_service())
    OR EXISTS (SELECT FROM agreement a WHERE a.attachment = attachment.id)
    OR EXISTS (SELECT FROM obligation o WHERE o.attachment = attachment.id));
CREATE POLICY attachment_of_party ON attachment FOR SELECT USING (
    confidential AND EXISTS (
        SELECT FROM mediation_party p WHERE p.ticket = attachment.ticket AND p.household = (SELECT caller_household())));
CREATE POLICY attachment_seal ON attachment FOR UPDATE
    USING ((SELECT caller_roles() && '{mediator}') AND EXISTS (SELECT FROM ticket t WHERE t.id = attachment.ticket))
    WITH CHECK (confidential);
CREATE INDEX agreement_attachment ON agreement (attachment) WHERE attachment IS NOT NULL;
CREATE INDEX obligation_attachment ON obligation (attachment) WHERE attachment IS NOT NULL;
GRANT UPDATE (confidential) ON attachment TO {app};

-- Great-circle distance in kilometres (haversine, mean radius of the earth 6371.0088 km).
CREATE FUNCTION kilometres(lon1 float8, lat1 float8, lon2 float8, lat2 float8) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT 2 * 6371.0088 * asin(least(1, sqrt(
        sin(radians(lat2 - lat1) / 2) ^ 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(radians(lon2 - lon1) / 2) ^ 2)))
$$;

-- Who could be sent, the cheapest first: kilometres, and load_km for each mission on hand. The place is given, or the centre of the village or
-- grid; where either end is not known the codes tell how near it is. `refuser` is a ticket: who declined a mission of it is left out.
CREATE FUNCTION propose_teams(
    refuser uuid, wanted text, at_least int, place text, lon float8, lat float8, first timestamptz, last timestamptz
) RETURNS TABLE (
    team text, subject text, name text, level int, kilometres float8, basis text, load int, busy boolean, cost float8
) LANGUAGE sql STABLE AS $$
    WITH spot AS (
        SELECT coalesce(lon, c.longitude) AS lon, coalesce(lat, c.latitude) AS lat,
            CASE WHEN lon IS NOT NULL THEN 'PLACE' WHEN c.longitude IS NOT NULL THEN 'CENTRE' END AS basis
        FROM (SELECT) nothing LEFT JOIN LATERAL (
            SELECT a.longitude, a.latitude FROM area_centre a WHERE place ^@ a.area ORDER BY length(a.area) DESC LIMIT 1) c ON true
    )
    SELECT t.code, m.subject, m.name, (m.skills ->> wanted)::int, d.kilometres, d.basis, h.load, h.busy, d.kilometres + h.load * r.load_km
    FROM team t JOIN team_member m ON m.team = t.code CROSS JOIN team_rule r CROSS JOIN spot
    CROSS JOIN LATERAL (
        SELECT CASE WHEN spot.basis IS NOT NULL AND t.longitude IS NOT NULL THEN kilometres(spot.lon, spot.lat, t.longitude, t.latitude)
                    WHEN left(t.base, 12) = left(place, 12) AND length(t.base) >= 12 AND length(place) >= 12 THEN r.village_km
                    WHEN left(t.base, 9) = left(place, 9) AND length(t.base) >= 9 AND length(place) >= 9 THEN r.township_km
                    WHEN left(t.base, 6) = left(place, 6) THEN r.county_km ELSE r.farther_km END,
               CASE WHEN spot.basis IS NOT NULL AND t.longitude IS NOT NULL THEN spot.basis
                    WHEN left(t.base, 12) = left(place, 12) AND length(t.base) >= 12 AND length(place) >= 12 THEN 'SAME_VILLAGE'
                    WHEN left(t.base, 9) = left(place, 9) AND length(t.base) >= 9 AND length(place) >= 9 THEN 'SAME_TOWNSHIP'
                    WHEN left(t.base, 6) = left(place, 6) THEN 'SAME_COUNTY' ELSE 'ELSEWHERE' END) AS d(kilometres, basis)
    CROSS JOIN LATERAL (
        SELECT count(*)::int, coalesce(bool_or(b.begins < last AND b.ends > first), false)
        FROM mission_member b WHERE b.subject = m.subject AND b.active) AS h(load, busy)
    WHERE t.active AND EXISTS (SELECT FROM unnest(t.areas) a WHERE place ^@ a)
        AND m.skills ? wanted AND (m.skills ->> wanted)::int >= at_least
        AND m.since <= (first AT TIME ZONE 'Asia/Shanghai')::date
        AND coalesce(m.until, 'infinity') >= (last AT TIME ZONE 'Asia/Shanghai')::date
        AND NOT EXISTS (
            SELECT FROM mission x WHERE x.ticket = refuser AND x.skill = wanted AND x.state = 'DECLINED' AND m.subject = ANY (x.members))
    ORDER BY 8, 9, 4 DESC, 1, 2
$$;

GRANT SELECT, INSERT, UPDATE ON skill, team_kind, area_centre, team, mediator TO {app};
GRANT SELECT ON team_rule TO {app};
GRANT SELECT, INSERT, UPDATE (name, skills, since, until) ON team_member TO {app};
GRANT SELECT, INSERT, UPDATE (state, reason, result, version, answered_by, answered_at, arrived_at, ended_at) ON mission TO {app};
GRANT SELECT, INSERT, UPDATE (active) ON mission_member TO {app};
GRANT SELECT, INSERT, UPDATE (state, reason, people, version, ended_by, ended_at) ON activity TO {app};
GRANT SELECT, INSERT ON activity_served, activity_household, mediation_party, mediation_session, mediation_note TO {app};
GRANT SELECT, INSERT, UPDATE (state, reason, referred_to, signed_version, open, overdue, version, concluded_by, concluded_at) ON mediation TO {app};
GRANT SELECT, INSERT, UPDATE (until) ON mediation_mediator TO {app};
GRANT SELECT, INSERT, UPDATE (as_of) ON mediation_plot TO {app};
GRANT SELECT, INSERT, UPDATE (signed_on, attachment) ON agreement TO {app};
GRANT SELECT, INSERT, UPDATE (performed_on, proof, attachment, performed_by, reminded_at, alarmed_at) ON obligation TO {app};
