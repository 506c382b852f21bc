"""Teams and their members, who could be sent, missions, activities and their figures.

`key` and `householdKeys` are raw keys, by which the gateway joins them to what other services own.
"""

import json
from collections.abc import Mapping

from services.chassis.views import Edge, Root, View
from services.tickets.domain.team import BASES, LEVELS, REASONS, STATES, State, allowed

TODAY = "(SELECT china_today())"
ALLOWED = (
    "CASE {t}.state "
    + " ".join(f"WHEN '{state.value}' THEN '{json.dumps(allowed(state))}'" for state in State)
    + " END::json"
)
"""The deeds that a state allows, made from the state machine itself."""
SKILL_NAME = "(SELECT s.name FROM skill s WHERE s.code = {t}.skill)"


def named(names: Mapping[str, str], code: str) -> str:
    """SQL that turns a code into its name."""
    literal = json.dumps(names, ensure_ascii=False).replace("'", "''").replace("{", "{{").replace("}", "}}")
    return f"'{literal}'::jsonb ->> {code}"


LEVEL_NAME = named({str(level): name for level, name in LEVELS.items()}, "{t}.level::text")

SKILL = View("TeamSkill", "skill", {"code": "{t}.code", "name": "{t}.name"})
KIND = View("TeamKind", "team_kind", {"code": "{t}.code", "name": "{t}.name"})
CENTRE = View(
    "AreaCentre",
    "area_centre",
    {"areaCode": "{t}.area", "longitude": "{t}.longitude", "latitude": "{t}.latitude"},
)
TEAM = View(
    "Team",
    "team",
    {
        "id": "global_id('Team', {t}.code)",
        "code": "{t}.code",
        "name": "{t}.name",
        "kind": "{t}.kind",
        "kindName": "(SELECT k.name FROM team_kind k WHERE k.code = {t}.kind)",
        "areas": "{t}.areas",
        "baseCode": "{t}.base",
        "longitude": "{t}.longitude",
        "latitude": "{t}.latitude",
        "active": "{t}.active",
        "version": "{t}.version",
    },
    {"members": Edge("TeamMember", "{t}.team = {p}.code", many=True, order="{t}.subject", first=200)},
)
MEMBER = View(
    "TeamMember",
    "team_member",
    {
        "subject": "{t}.subject",
        "name": "{t}.name",
        "since": "{t}.since",
        "until": "{t}.until",
        "available": f"{TODAY} BETWEEN {{t}}.since AND coalesce({{t}}.until, 'infinity')",
        "onHand": "(SELECT count(*) FROM mission_member b WHERE b.subject = {t}.subject AND b.active)",
    },
    {
        "skills": Edge(
            "MemberSkill",
            "true",
            many=True,
            order="{t}.skill",
            source="(SELECT key AS skill, value::int AS level FROM jsonb_each_text({p}.skills))",
        )
    },
)
MEMBER_SKILL = View(
    "MemberSkill",
    "(SELECT NULL::text AS skill, 0 AS level)",
    {"code": "{t}.skill", "name": SKILL_NAME, "level": "{t}.level", "levelName": LEVEL_NAME},
)
PROPOSAL = View(
    "TeamProposal",
    "(SELECT * FROM propose_teams(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL))",
    {
        "subject": "{t}.subject",
        "name": "{t}.name",
        "level": "{t}.level",
        "levelName": LEVEL_NAME,
        "kilometres": "round({t}.kilometres::numeric, 1)",
        "basis": "{t}.basis",
        "onHand": "{t}.load",
        "cost": "round({t}.cost::numeric, 1)",
        "why": (
            "round({t}.kilometres::numeric, 1) || ' 公里（' || ("
            + named(BASES, "{t}.basis")
            + ") || '），在手任务 ' || {t}.load || "
            "' 件，每件计 ' || (SELECT r.load_km FROM team_rule r) || ' 公里，合计 ' || round({t}.cost::numeric, 1)"
        ),
    },
    {"team": Edge("Team", "{t}.code = {p}.team")},
)
MISSION = View(
    "Mission",
    "mission",
    {
        "id": "global_id('Mission', {t}.id::text)",
        "areaCode": "{t}.area",
        "skill": "{t}.skill",
        "skillName": SKILL_NAME,
        "level": "{t}.level",
        "longitude": "{t}.longitude",
        "latitude": "{t}.latitude",
        "begins": "rfc3339({t}.begins)",
        "ends": "rfc3339({t}.ends)",
        "state": "{t}.state",
        "stateName": named({state.value: name for state, name in STATES.items()}, "{t}.state"),
        "reason": "{t}.reason",
        "reasonName": named(REASONS, "{t}.reason"),
        "brief": "{t}.brief",
        "result": "{t}.result",
        "kilometres": "round({t}.kilometres::numeric, 1)",
        "basisName": named(BASES, "{t}.basis"),
        "version": "{t}.version",
        "offeredBy": "{t}.offered_by",
        "offeredAt": "rfc3339({t}.offered_at)",
        "answeredBy": "{t}.answered_by",
        "answeredAt": "rfc3339({t}.answered_at)",
        "arrivedAt": "rfc3339({t}.arrived_at)",
        "endedAt": "rfc3339({t}.ended_at)",
        "allowed": ALLOWED,
    },
    {
        "ticket": Edge("Ticket", "{t}.id = {p}.ticket"),
        "team": Edge("Team", "{t}.code = {p}.team"),
        "members": Edge(
            "TeamMember", "{t}.team = {p}.team AND {t}.subject = ANY ({p}.members)", many=True, order="{t}.subject"
        ),
        "next": Edge(
            "TeamProposal",
            "{p}.state = 'DECLINED' AND NOT {t}.busy",
            many=True,
            order="{t}.cost, {t}.level DESC, {t}.team, {t}.subject",
            first=5,
            source=(
                "propose_teams({p}.ticket, {p}.skill, {p}.level, {p}.area, {p}.longitude, {p}.latitude, {p}.begins, {p}.ends)"
            ),
        ),
    },
)
ACTIVITY = View(
    "Activity",
    "activity",
    {
        "id": "global_id('Activity', {t}.id::text)",
        "key": "{t}.id",
        "areaCode": "{t}.area",
        "place": "{t}.place",
        "topic": "{t}.topic",
        "day": "{t}.day",
        "begins": "to_char({t}.begins, 'HH24:MI')",
        "ends": "to_char({t}.ends, 'HH24:MI')",
        "state": "{t}.state",
        "reason": "{t}.reason",
        "people": "{t}.people",
        "householdKeys": (
            "(SELECT coalesce(json_agg(h.household ORDER BY h.household), '[]') FROM activity_household h WHERE h.activity = {t}.id)"
        ),
        "version": "{t}.version",
        "plannedBy": "{t}.planned_by",
    },
    {
        "team": Edge("Team", "{t}.code = {p}.team"),
        "served": Edge("ActivityServed", "{t}.activity = {p}.id", many=True, order="{t}.skill"),
    },
)
SERVED = View(
    "ActivityServed",
    "activity_served",
    {"skill": "{t}.skill", "skillName": SKILL_NAME, "people": "{t}.people"},
)

_FIGURES = """(
    SELECT g.*, {named} AS name FROM (
        SELECT {group} AS key, count(DISTINCT a.id) FILTER (WHERE a.state = 'PLANNED') AS planned,
            count(DISTINCT a.id) FILTER (WHERE a.state = 'HELD') AS held,
            count(DISTINCT a.id) FILTER (WHERE a.state = 'CANCELLED') AS cancelled, coalesce(sum({people}), 0) AS people
        FROM activity a JOIN team m ON m.code = a.team LEFT JOIN activity_served s ON {served} AND s.activity = a.id
        WHERE a.day BETWEEN :since AND :until AND a.area ^@ coalesce(:area, '')
        GROUP BY 1) g
    WHERE g.key IS NOT NULL)"""
_BELOW = "left(a.area, CASE length(coalesce(:area, '')) WHEN 0 THEN 6 WHEN 6 THEN 9 WHEN 9 THEN 12 ELSE 16 END)"
_BY = {
    "by_area": (_BELOW, "area"),
    "by_team": ("m.code", "team"),
    "by_kind": ("m.kind", "team_kind"),
    "by_month": ("to_char(a.day, 'YYYY-MM')", None),
    "by_skill": ("s.skill", "skill"),
}


def _figures(group: str, table: str | None) -> str:
    """Of those served by kind, the kinds' own numbers; else an activity's sum."""
    by_skill = table == "skill"
    return _FIGURES.format(
        group=group,
        named="g.key" if table is None else f"(SELECT n.name FROM {table} n WHERE n.code = g.key)",
        served="true" if by_skill else "false",
        people="s.people" if by_skill else "a.people",
    )


FIGURE = View(
    "ActivityFigure",
    "(SELECT NULL::text AS key, 0 AS planned, 0 AS held, 0 AS cancelled, 0 AS people, NULL::text AS name)",
    {name: f"{{t}}.{name}" for name in ("key", "name", "planned", "held", "cancelled", "people")},
)

VIEWS = [SKILL, KIND, CENTRE, TEAM, MEMBER, MEMBER_SKILL, PROPOSAL, MISSION, ACTIVITY, SERVED, FIGURE]
ROOTS = {
    "teamSkills": Root("TeamSkill", "many", order=(("{t}.code", "text"),), most=1000),
    "teamKinds": Root("TeamKind", "many", order=(("{t}.code", "text"),), most=1000),
    "areaCentre": Root("AreaCentre", "one", {"id": "text"}, always="{t}.area = :id"),
    "team": Root("Team", "one", {"id": "text"}, always="{t}.code = :id"),
    "teamsByCode": Root("Team", "each_one", key="{t}.code"),
    "teams": Root(
        "Team",
        "page",
        {"area": "text", "kind": "text", "skill": "text", "active": "boolean"},
        {
            "area": "EXISTS (SELECT FROM unnest({t}.areas) code WHERE code ^@ :area OR :area ^@ code)",
            "kind": "{t}.kind = :kind",
            "skill": "EXISTS (SELECT FROM team_member m WHERE m.team = {t}.code AND m.skills ? :skill)",
            "active": "{t}.active = :active",
        },
        order=(("{t}.code", "text"),),
    ),
    "proposeTeams": Root(
        "TeamProposal",
        "many",
        {
            "refuser": "uuid",
            "skill": "text",
            "level": "int",
            "area": "text",
            "longitude": "double precision",
            "latitude": "double precision",
            "begins": "timestamptz",
            "ends": "timestamptz",
        },
        always="NOT {t}.busy",
        source="propose_teams(:refuser, :skill, :level, :area, :longitude, :latitude, :begins, :ends)",
        order=(("{t}.cost", "float8"), ("{t}.team", "text"), ("{t}.subject", "text")),
        most=50,
    ),
    "mission": Root("Mission", "one", {"id": "uuid"}, always="{t}.id = :id"),
    "missions": Root(
        "Mission",
        "page",
        {"area": "text", "team": "text", "member": "text", "state": "text"},
        {
            "area": "{t}.area ^@ :area",
            "team": "{t}.team = :team",
            "member": "{t}.members @> ARRAY[:member]",
            "state": "{t}.state = :state",
        },
        order=(("{t}.offered_at", "timestamptz"), ("{t}.id", "uuid")),
        descending=True,
    ),
    "activity": Root("Activity", "one", {"id": "uuid"}, always="{t}.id = :id"),
    "activitiesById": Root("Activity", "each_one", key="{t}.id", key_type="uuid"),
    "activities": Root(
        "Activity",
        "page",
        {
            "area": "text",
            "since": "date",
            "until": "date",
            "team": "text",
            "kind": "text",
            "skill": "text",
            "state": "text",
        },
        {
            "area": "{t}.area ^@ :area",
            "since": "{t}.day >= :since",
            "until": "{t}.day <= :until",
            "team": "{t}.team = :team",
            "kind": "EXISTS (SELECT FROM team m WHERE m.code = {t}.team AND m.kind = :kind)",
            "skill": "EXISTS (SELECT FROM activity_served s WHERE s.activity = {t}.id AND s.skill = :skill)",
            "state": "{t}.state = :state",
        },
        order=(("{t}.day", "date"), ("{t}.id", "uuid")),
        descending=True,
    ),
    "activityFigures": Root(
        "ActivityFigure",
        "many",
        {"since": "date", "until": "date", "area": "text", **dict.fromkeys(_BY, "boolean")},
        sources={name: _figures(*by) for name, by in _BY.items()},
        order=(("{t}.key", "text"),),
        most=1000,
    ),
}
