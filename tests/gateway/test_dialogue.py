"""A dialogue through the gateway: a household votes in secret, the minutes are signed, published and printed for everybody."""

from typing import Any
from uuid import uuid4

from gateway.planner.ids import global_id
from services.chassis.clock import SystemClock, today
from services.chassis.db import open_pool, transaction
from services.chassis.principal import itself
from tests.gateway.conftest import VILLAGE, Running
from tests.gateway.test_mutations import do, refused
from tests.gateway.test_reads import household

DIALOGUE = """dialogue { id version sessionId body { name eligible members { household { id } subject } }
    agenda { place kindName } attendance { present needed quorate explanation counts { kindName people } named { kind household { id } } }
    study { title people } proposals { number stateName } minutes { version digest missing url published signatures { roleName name } } }"""
PROPOSAL = "proposal { id state votesFor votesAgainst voted myChoice explanation dialogue { date } body { ruleName source quorum } }"
HELD = "UPDATE session SET state = 'HELD', held_at = now(), people = 3 WHERE id = $1"
PLANNED = """INSERT INTO session (id, kind, area, due, date, opens, minutes, state)
    VALUES ($1, 'DIALOGUE', $2, $3, $3, '14:00', 120, 'PLANNED')"""


async def test_a_dialogue_from_its_agenda_to_its_published_minutes(running: Running) -> None:
    cadre, clerk, resident, other = (running.as_(name) for name in ("cadre", "clerk", "resident", "resident-2"))
    key, day = uuid4(), today(SystemClock())
    session = global_id("Session", str(key))
    pool = await open_pool(running.databases["liaison"].app_url, 1)
    async with pool:
        async with transaction(pool, itself("liaison")) as connection:
            await connection.execute(PLANNED, key, VILLAGE, day)
        members = [{"householdId": household(1)}, {"householdId": household(2)}, {"subject": "example-cadre-2"}]
        named = {"areaCode": VILLAGE, "name": "示例村村民代表会议", "rule": "REPRESENTATIVES", "members": members}
        body = (await do(clerk, "setVotingBody", "body { id }", **named, since=str(day)))["body"]["id"]
        items = [
            {"kind": "STUDY", "title": "示例", "minutes": 30},
            {"kind": "DELIBERATION", "title": "示例", "minutes": 60},
        ]
        await do(cadre, "setAgenda", DIALOGUE, sessionId=session, version=0, items=items, bodyId=body)
        people: list[dict[str, Any]] = [{"householdId": household(n), "kind": "REPRESENTATIVE"} for n in (1, 2)]
        proxy = [people[0], people[1] | {"proxyFor": {"householdId": household(1)}}]
        refusal = await refused(cadre, "noteAttendance", DIALOGUE, sessionId=session, version=1, people=proxy)
        assert refusal["rule"] == "proxy.allowed"
        noted = await do(cadre, "noteAttendance", DIALOGUE, sessionId=session, version=1, people=people)
        assert noted["dialogue"]["attendance"]["named"][0]["household"] == {"id": household(1)}
        assert noted["dialogue"]["attendance"]["quorate"]
        await do(cadre, "noteStudy", DIALOGUE, sessionId=session, item=1, title="示例", minutes=30, people=2)
        words = {"title": "示例：修路", "text": "示例", "by": "VILLAGERS"}
        proposal = (await do(cadre, "propose", PROPOSAL, sessionId=session, **words))["proposal"]["id"]
        await do(cadre, "openVote", PROPOSAL, proposalId=proposal, secret=True)
        for voter in (resident, other):
            voted = await do(voter, "castVote", PROPOSAL, proposalId=proposal, choice="FOR")
            assert (voted["proposal"]["voted"], voted["proposal"]["myChoice"]) == (True, None)
        closed = (await do(cadre, "closeVote", PROPOSAL, proposalId=proposal))["proposal"]
        assert (closed["state"], closed["votesFor"], closed["body"]["quorum"]) == ("ADOPTED", 2, "2/3 以上")
        async with transaction(pool, itself("liaison")) as connection:
            await connection.execute(HELD, key)
    await do(cadre, "draftMinutes", DIALOGUE, sessionId=session, text="示例：纪要")
    text = f"query ($session: ID!) {{ dialogue(sessionId: $session) {{ {DIALOGUE[11:-2]} }} }}"
    for who, role in ((cadre, "RECORDER"), (clerk, "HOST"), (resident, "REPRESENTATIVE")):
        minutes = (await who(text, session=session))["dialogue"]["minutes"]
        signed = {"version": minutes["version"], "digest": minutes["digest"], "role": role}
        await do(who, "signMinutes", DIALOGUE, sessionId=session, **signed)
    assert (await running.as_("grid-worker")(text, session=session))["dialogue"]["minutes"] is None
    assert await printed(running, "grid-worker", minutes["url"]) == (404, "")
    status, draft = await printed(running, "cadre", minutes["url"])
    assert (status, "草稿" in draft) == (200, True)
    published = await do(cadre, "publishMinutes", DIALOGUE, sessionId=session, version=1)
    minutes = published["dialogue"]["minutes"]
    assert (minutes["published"], len(minutes["signatures"])) == (True, 3)
    seen = await running.as_("grid-worker")(
        f"""query ($session: ID!, $proposal: ID!, $dialogue: ID!) {{ session(id: $session) {{ {DIALOGUE} }} proposal(id: $proposal) {{ state }}
        node(id: $dialogue) {{ ... on Dialogue {{ publishedAt }} }}
        proposals(areaCode: "{VILLAGE}", state: ADOPTED) {{ edges {{ node {{ id }} }} }}
        votingBodies(areaCode: "{VILLAGE}") {{ edges {{ node {{ id members {{ id }} }} }} }} }}""",
        session=session,
        proposal=proposal,
        dialogue=published["dialogue"]["id"],
    )
    assert seen["session"]["dialogue"]["minutes"]["digest"] == minutes["digest"]
    assert seen["session"]["dialogue"]["attendance"]["named"] == []
    assert seen["proposals"]["edges"] == [{"node": {"id": proposal}}]
    assert {"node": {"id": body, "members": []}} in seen["votingBodies"]["edges"]
    status, page = await printed(running, "grid-worker", minutes["url"])
    assert (status, minutes["digest"] in page, "示例：纪要" in page, "草稿" in page) == (200, True, True, False)


async def printed(running: Running, account: str, url: str) -> tuple[int, str]:
    """The page, or nothing where it is refused."""
    headers = {"Authorization": f"Bearer {running.issuer.account(account)}"}
    async with running.session.get(running.url + url, headers=headers) as answer:
        return answer.status, await answer.text() if answer.status == 200 else ""
