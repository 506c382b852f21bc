"""Teams through the api: who is proposed and why, missions from offer to end, one person once at a time, activities and their figures."""

import asyncio
import math
import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from services.chassis.db import transaction
from services.chassis.principal import Caller
from tests.support.client import Service
from tests.tickets.matters import COUNTY, GRID, HOUSEHOLD, OTHER_VILLAGE, SERVICE, TOWNSHIP, VILLAGE, Tickets

MISSION: list[Any] = [
    *([name, name] for name in ("state", "reason", "version", "allowed", "basisName", "kilometres")),
    ["id", "id"],
    ["team", "team", None, [["code", "code"]]],
    ["members", "members", None, [["subject", "subject"]]],
    ["next", "next", None, [["subject", "subject"], ["why", "why"]]],
    ["ticket", "ticket", None, [["key", "key"]]],
]
PROPOSAL: list[Any] = [
    *([name, name] for name in ("subject", "basis", "onHand", "cost", "why", "kilometres")),
    ["team", "team", None, [["code", "code"]]],
]
NEAR = {"VILLAGE": 2.0, "TOWNSHIP": 8.0, "COUNTY": 30.0}
FIELD = (118.60, 28.70)


def team(code: str, **changes: Any) -> dict[str, Any]:
    member = {"subject": f"{code}-a", "name": "示例成员", "skills": [{"code": "road-repair", "level": 2}]}
    return {
        "clientKey": str(uuid4()),
        "code": code,
        "name": "示例服务队",
        "kind": "emergency",
        "areas": [COUNTY],
        "base": VILLAGE,
        "members": [{**member, "since": "2020-01-01"}],
        **changes,
    }


async def have(client: Service, code: str, **changes: Any) -> None:
    status, answer = await client.command("reviseTeam", team(code, **changes), [["code", "code"]])
    assert status == 200, answer


async def send(client: Service, ticket: UUID, **given: Any) -> tuple[int, Any]:
    return await client.command(
        "sendTeam",
        {"clientKey": str(uuid4()), "ticketId": str(ticket), "skill": "road-repair", **given},
        [["key", "id"], *MISSION],
    )


async def do(client: Service, deed: str, mission: UUID, **given: Any) -> tuple[int, Any]:
    return await client.command(deed, {"clientKey": str(uuid4()), "id": str(mission), **given}, MISSION)


async def last_mission(tickets: Tickets) -> UUID:
    async with transaction(tickets.pool, SERVICE) as connection:
        return UUID(str(await connection.fetchval("SELECT id FROM mission ORDER BY offered_at DESC, id DESC LIMIT 1")))


def great_circle(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Kilometres by the spherical law of cosines: another way than the code's."""
    (a, b), (c, d) = (tuple(map(math.radians, point)) for point in (one, other))
    return 6371.0088 * math.acos(min(1, math.sin(b) * math.sin(d) + math.cos(b) * math.cos(d) * math.cos(a - c)))


async def test_who_is_proposed_is_who_costs_least(tickets: Tickets) -> None:
    """Random teams against a recount: great-circle kilometres where both ends are known, else by codes, and 5 for each mission on hand."""
    admin = tickets.as_("city_admin", areas=[COUNTY])
    rng = random.Random(7)
    expected: dict[str, float] = {}
    for n in range(12):
        code = f"team-{n}"
        placed = rng.random() < 0.5
        at = (round(118.6 + rng.uniform(-0.3, 0.3), 4), round(28.7 + rng.uniform(-0.3, 0.3), 4))
        base = rng.choice([VILLAGE, OTHER_VILLAGE, TOWNSHIP, COUNTY])
        level = rng.choice([1, 2, 3])
        areas = [rng.choice([COUNTY, TOWNSHIP, VILLAGE, OTHER_VILLAGE])]
        skills = [{"code": rng.choice(["road-repair", "crops"]), "level": level}]
        member = {"subject": f"{code}-a", "name": "示例成员", "skills": skills, "since": "2020-01-01"}
        where = {"longitude": at[0], "latitude": at[1]} if placed else {}
        await have(admin, code, base=base, areas=areas, members=[member], **where)
        load = rng.choice([0, 0, 1, 2])
        async with transaction(tickets.pool, SERVICE) as connection:
            for _ in range(load):
                await busy(connection, tickets, f"{code}-a")
        if skills[0]["code"] == "road-repair" and level >= 2 and areas != [OTHER_VILLAGE]:
            near = {VILLAGE: "VILLAGE", OTHER_VILLAGE: "TOWNSHIP", TOWNSHIP: "TOWNSHIP", COUNTY: "COUNTY"}[base]
            expected[f"{code}-a"] = (great_circle(at, FIELD) if placed else NEAR[near]) + 5 * load
    ticket = await tickets.have(area=GRID)
    asked = {"ticket": str(ticket), "skill": "road-repair", "level": 2, "longitude": FIELD[0], "latitude": FIELD[1]}
    status, found = await tickets.as_("village_cadre").read("proposeTeams", asked, PROPOSAL)
    assert status == 200, found
    assert [each["subject"] for each in found] == sorted(expected, key=lambda subject: expected[subject])
    for each in found:
        assert abs(each["cost"] - expected[each["subject"]]) < 0.06
        assert f"在手任务 {each['onHand']} 件" in each["why"]


async def busy(connection: Any, tickets: Tickets, subject: str) -> None:
    """A mission long ago that has not ended."""
    begins = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=random.Random(uuid4().int).randrange(100_000) / 50)
    ticket = await tickets.have()
    key = await connection.fetchval(
        "INSERT INTO mission (id, ticket, area, team, members, skill, level, begins, ends, state, kilometres, basis, version, offered_by, "
        "offered_at) VALUES (gen_random_uuid(), $1, $2, $3, ARRAY[$4], 'crops', 1, $5, $6, 'OFFERED', 1, 'PLACE', 1, 'a', $5) RETURNING id",
        *(ticket, GRID, subject.removesuffix("-a"), subject, begins, begins + timedelta(minutes=1)),
    )
    await connection.execute(
        "INSERT INTO mission_member VALUES ($1, $2, $3, $4, true)", key, subject, begins, begins + timedelta(minutes=1)
    )


async def test_the_centre_of_a_village_stands_for_a_matter_without_a_point(tickets: Tickets) -> None:
    admin = tickets.as_("city_admin", areas=[COUNTY])
    await have(admin, "near", longitude=118.61, latitude=28.70)
    given = {"clientKey": str(uuid4()), "areaCode": VILLAGE, "longitude": 118.60, "latitude": 28.70}
    assert (await admin.command("reviseAreaCentre", given, [["areaCode", "areaCode"]]))[0] == 200
    for area, basis, kilometres in ((GRID, "CENTRE", 1.0), (OTHER_VILLAGE, "SAME_TOWNSHIP", 8.0)):
        _, found = await admin.read("proposeTeams", {"area": area, "skill": "road-repair"}, PROPOSAL)
        assert [(each["basis"], each["kilometres"]) for each in found] == [(basis, kilometres)]


async def test_a_mission_from_offer_to_end(tickets: Tickets) -> None:
    admin, cadre = tickets.as_("city_admin", areas=[COUNTY]), tickets.as_("village_cadre")
    await have(admin, "far", base=TOWNSHIP)
    await have(admin, "near")
    ticket = await tickets.have("ACCEPTED", area=GRID)
    status, offered = await send(cadre, ticket, brief="示例：修路")
    assert (status, offered["state"], offered["team"]) == (200, "OFFERED", {"code": "near"})
    mission = await last_mission(tickets)
    near, far = tickets.as_("grid_worker", "near-a", areas=[OTHER_VILLAGE]), tickets.as_("resident", "far-a")
    assert (await do(far, "acceptMission", mission))[1]["code"] == "NOT_FOUND"
    assert (await do(cadre, "acceptMission", mission))[1]["code"] == "FORBIDDEN"
    status, refused = await do(near, "declineMission", mission, reason="TIRED")
    assert (status, refused["field"], refused["rule"]) == (422, "reason", "mission.reason")
    _, declined = await do(near, "declineMission", mission, reason="BUSY")
    assert (declined["state"], declined["ticket"]) == ("DECLINED", None)
    assert [each["subject"] for each in declined["next"]] == ["far-a"]
    assert "同乡镇" in declined["next"][0]["why"]
    status, offered = await send(cadre, ticket)
    assert (status, offered["members"]) == (200, [{"subject": "far-a"}])
    mission = await last_mission(tickets)
    for deed, given, state in (
        ("acceptMission", {}, "ACCEPTED"),
        ("arriveAtMission", {}, "ON_SITE"),
        ("finishMission", {"outcome": "DONE", "result": "示例：已修好"}, "DONE"),
    ):
        status, answer = await do(far, deed, mission, **given)
        assert (status, answer["state"]) == (200, state), answer
    assert (await do(far, "arriveAtMission", mission))[1]["code"] == "ILLEGAL_TRANSITION"
    assert (await do(far, "finishMission", mission, outcome="DONE", version=1))[1]["code"] == "STALE_VERSION"
    select: list[Any] = [
        ["history", "history", None, [["deed", "deed"]]],
        ["missions", "missions", None, [["state", "state"]]],
    ]
    _, seen = await cadre.read("ticket", {"id": str(ticket)}, select)
    assert [step["deed"] for step in seen["history"]] == ["assisted", "assisted"]
    assert [each["state"] for each in seen["missions"]] == ["DECLINED", "DONE"]
    page: list[Any] = [["edges", "edges", None, [["node", "node", None, [["state", "state"]]]]]]
    _, mine = await far.read("missions", {"mine": True}, page)
    assert [edge["node"]["state"] for edge in mine["edges"]] == ["DONE"]
    async with transaction(tickets.pool, SERVICE) as connection:
        events = await connection.fetch("SELECT type FROM outbox WHERE type LIKE 'tickets.mission.%' ORDER BY recorded")
        assert await connection.fetchval("SELECT count(*) FROM mission_member WHERE active") == 0
    verbs = [row["type"].split(".")[2] for row in events]
    assert verbs == ["offered", "declined", "offered", "accepted", "arrived", "finished"]


async def test_nobody_is_in_two_places_at_a_time(tickets: Tickets) -> None:
    admin, cadre = tickets.as_("city_admin", areas=[COUNTY]), tickets.as_("village_cadre")
    await have(admin, "only")
    both = [await tickets.have("ACCEPTED"), await tickets.have("ACCEPTED")]
    chosen = {"team": "only", "members": ["only-a"]}
    answers = await asyncio.gather(*(send(cadre, ticket, **chosen) for ticket in both))
    assert sorted(status for status, _ in answers) == [200, 409]
    refused = next(answer for status, answer in answers if status == 409)
    assert (refused["field"], refused["rule"]) == ("members", "mission.busy")
    status, refused = await send(cadre, both[0])
    assert (status, refused["rule"]) == (409, "team.none")
    later = {"begins": "2026-01-06T01:00:00Z", "ends": "2026-01-06T03:00:00Z"}
    assert (await send(cadre, both[0], **chosen, **later))[0] == 200
    await do(cadre, "cancelMission", await last_mission(tickets), reason="SOLVED")
    assert (await send(cadre, both[1], **chosen, **later))[0] == 200
    assert await tickets.count("step") == 3


async def test_sending_that_will_not_do(tickets: Tickets) -> None:
    await have(tickets.as_("city_admin", areas=[COUNTY]), "here", areas=[OTHER_VILLAGE], base=OTHER_VILLAGE)
    cadre, ticket = tickets.as_("village_cadre"), await tickets.have("ACCEPTED")
    for given, code, field in (
        ({"skill": "flying"}, "UNKNOWN_SKILL", "skill"),
        ({"team": "nobody"}, "UNKNOWN_TEAM", "team"),
        ({"members": ["here-a"]}, "INVALID_INPUT", "team"),
        ({"team": "here", "members": ["here-a"]}, "INVALID_INPUT", "members[0]"),
        ({"longitude": 118.6}, "INVALID_INPUT", "longitude"),
        ({}, "CONFLICT", "team"),
    ):
        _, problem = await send(cadre, ticket, **given)
        assert (problem["code"], problem["field"]) == (code, field)
    assert (await send(tickets.as_("department_officer"), ticket))[1]["code"] == "NOT_FOUND"
    ended = await tickets.have("CLOSED")
    await have(tickets.as_("city_admin", areas=[COUNTY]), "there")
    assert (await send(cadre, ended))[1]["code"] == "ILLEGAL_TRANSITION"
    assert await tickets.count("mission") == await tickets.count("step") == 0


async def test_teams_are_revised_in_ones_areas(tickets: Tickets) -> None:
    clerk = tickets.as_("township_clerk", areas=[TOWNSHIP])
    select: list[Any] = [
        ["version", "version"],
        ["members", "members", None, [["subject", "subject"], ["available", "available"]]],
    ]
    given = team("ours", areas=[TOWNSHIP])
    status, answer = await clerk.command("reviseTeam", given, select)
    assert (status, answer["version"]) == (200, 1)
    for changes, code in (
        ({}, "CONFLICT"),
        ({"areas": [COUNTY]}, "NOT_FOUND"),
        ({"kind": "x"}, "UNKNOWN_KIND"),
        ({"version": 7}, "STALE_VERSION"),
        ({"base": "77"}, "UNKNOWN_AREA"),
    ):
        _, problem = await clerk.command("reviseTeam", team("ours", **{"areas": [TOWNSHIP], **changes}), select)
        assert problem["code"] == code
    other = {"subject": "new", "name": "示例新人", "skills": [{"code": "tea", "level": 1}], "since": "2020-01-01"}
    _, answer = await clerk.command("reviseTeam", team("ours", areas=[TOWNSHIP], version=1, members=[other]), select)
    assert answer["version"] == 2
    async with transaction(tickets.pool, SERVICE) as connection:
        left = await connection.fetchval("SELECT until::text FROM team_member WHERE subject = 'ours-a'")
    assert left == "2026-01-04"
    assert (await tickets.as_("village_cadre").command("reviseTeam", team("x"), select))[0] == 403


async def test_activities_and_their_figures_add_up(tickets: Tickets) -> None:
    admin = tickets.as_("city_admin", areas=[COUNTY])
    await have(admin, "doctors", kind="medical")
    member, cadre = tickets.as_("resident", "doctors-a"), tickets.as_("village_cadre")
    keys = []
    for n, (client, area) in enumerate(((member, OTHER_VILLAGE), (cadre, VILLAGE), (cadre, GRID), (cadre, VILLAGE))):
        given = {
            "team": "doctors",
            "areaCode": area,
            "place": "示例礼堂",
            "topic": "示例义诊",
            "day": f"2026-01-0{n + 2}",
        }
        status, answer = await client.command(
            "planActivity", {"clientKey": str(uuid4()), **given, "begins": "08:30", "ends": "11:00"}, [["id", "id"]]
        )
        assert status == 200, answer
        async with transaction(tickets.pool, SERVICE) as connection:
            keys.append(str(await connection.fetchval("SELECT id FROM activity ORDER BY id DESC LIMIT 1")))
    served = [{"skill": "general-medicine", "people": 30}, {"skill": "nursing", "people": 12}]
    held: list[Any] = [["state", "state"], ["people", "people"], ["h", "householdKeys"]]
    for client, key, households in ((member, keys[0], []), (cadre, keys[1], [str(HOUSEHOLD)])):
        hold = {"clientKey": str(uuid4()), "id": key, "served": served, "householdIds": households}
        status, answer = await client.command("holdActivity", hold, held)
        assert (status, answer) == (200, {"state": "HELD", "people": 42, "h": households})
    cancel = {"clientKey": str(uuid4()), "id": keys[2], "reason": "示例：暴雨"}
    assert (await cadre.command("cancelActivity", cancel, [["state", "state"]]))[1] == {"state": "CANCELLED"}
    again = {**cancel, "clientKey": str(uuid4())}
    assert (await cadre.command("cancelActivity", again, [["state", "state"]]))[1]["rule"] == "activity.ended"
    stranger = tickets.as_("resident", "stranger", household=str(HOUSEHOLD))
    hold = {"clientKey": str(uuid4()), "id": keys[3], "served": served}
    assert (await stranger.command("holdActivity", hold, held))[0] == 403
    span = {"since": "2026-01-01", "until": "2026-01-31"}
    figure: list[Any] = [[name, name] for name in ("key", "name", "planned", "held", "cancelled", "people")]
    page: list[Any] = [["edges", "edges", None, [["node", "node", None, [["people", "people"]]]]]]
    for by, argument, count in (("AREA", "area", 1), ("TEAM", "team", 1), ("KIND", "kind", 1), ("SKILL", "skill", 2)):
        _, figures = await cadre.read("activityFigures", {**span, "by": by, "area": COUNTY}, figure)
        assert len(figures) == count
        for each in figures:
            _, listed = await cadre.read("activities", {**span, argument: each["key"]}, page)
            assert len(listed["edges"]) == each["planned"] + each["held"] + each["cancelled"]
            if by != "SKILL":
                assert sum(edge["node"]["people"] for edge in listed["edges"]) == each["people"] == 84
    assert {each["name"]: each["people"] for each in figures} == {"全科诊疗": 60, "护理": 24}
    _, figures = await cadre.read("activityFigures", {**span, "by": "AREA", "area": TOWNSHIP}, figure)
    assert [(each["key"], each["held"], each["cancelled"]) for each in figures] == [
        (VILLAGE, 1, 1),
        (OTHER_VILLAGE, 1, 0),
    ]
    async with transaction(tickets.pool, Caller(subject="a", areas=(OTHER_VILLAGE,))) as connection:
        assert await connection.fetchval("SELECT count(*) FROM activity_household") == 0


async def test_no_caller_no_rows(tickets: Tickets) -> None:
    for table in ("team", "team_member", "mission", "mission_member", "activity", "activity_household", "mediator"):
        assert await tickets.pool.fetchval(f"SELECT count(*) FROM {table}") == 0
    assert await tickets.count("team_member") == 5
