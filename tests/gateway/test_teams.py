"""Teams and mediation through the gateway: a team is proposed and sent, a dispute mediated, the paper printed."""

from tests.gateway.conftest import VILLAGE, Running
from tests.gateway.test_mutations import do, matter
from tests.gateway.test_reads import household

MISSION = (
    "mission { id state team { name } members { name skills { name levelName } } next { name why } ticket { id } }"
)
CASE = """mediation { id state performance openObligations parties { id name household { id } } packs { packUrl }
    agreement { version effect } obligations { id state dueOn party { name } } }"""


async def test_a_team_is_proposed_and_sent(running: Running) -> None:
    cadre, worker = running.as_("cadre"), running.as_("grid-worker")
    ticket = (await do(cadre, "reportTicket", **matter(areaCode=VILLAGE)))["ticket"]
    asked = """query ($ticket: ID!) { proposeTeams(ticket: $ticket, skill: "power-repair") {
        team { code kindName } name level onHand kilometres basis why } }"""
    proposed = (await cadre(asked, ticket=ticket["id"]))["proposeTeams"]
    assert {each["team"]["code"] for each in proposed} == {"example-electricians", "example-technicians"}
    assert all(each["basis"] == "CENTRE" for each in proposed)
    chosen = {"ticketId": ticket["id"], "skill": "power-repair", "team": "example-electricians"}
    mission = (await do(cadre, "sendTeam", MISSION, **chosen, members=["example-grid-worker"]))["mission"]
    assert mission["members"] == [
        {"name": "示例网格员", "skills": [{"name": "电力抢修", "levelName": "独立"}]},
    ]
    declined = (await do(worker, "declineMission", MISSION, id=mission["id"], reason="BUSY"))["mission"]
    assert declined["state"] == "DECLINED"
    assert {each["name"] for each in declined["next"]} == {"示例电工甲", "示例农技员"}
    text = """query ($id: ID!) { node(id: $id) { ... on Mission { state reasonName } }
        missions(mine: true, first: 1) { edges { node { id } } } }"""
    seen = await worker(text, id=mission["id"])
    assert seen["node"] == {"state": "DECLINED", "reasonName": "另有任务"}
    assert seen["missions"]["edges"] == [{"node": {"id": mission["id"]}}]
    figures = """{ activityFigures(since: "2026-01-01", until: "2026-12-31", by: TEAM) { key held people }
        teamSkills { code name } teamKinds { code } teams(skill: "crops") { edges { node { id members { available } } } } }"""
    assert (await cadre(figures))["teams"]["edges"][0]["node"]["members"] == [{"available": True}]


async def test_a_dispute_is_mediated(running: Running) -> None:
    cadre, mediator, resident = running.as_("cadre"), running.as_("mediator"), running.as_("resident")
    ticket = (await do(cadre, "reportTicket", **matter(areaCode=VILLAGE, category="land-dispute")))["ticket"]
    parties = [{"side": "APPLICANT", "householdId": household(1)}, {"side": "RESPONDENT", "name": "示例某甲"}]
    opened = await do(cadre, "openMediation", CASE, id=ticket["id"], mediators=["example-mediator"], parties=parties)
    assert (opened["mediation"]["state"], opened["mediation"]["parties"]) == ("RUNNING", [])
    case = opened["mediation"]["id"]
    text = f"query ($id: ID!) {{ ticket(id: $id) {{ {CASE} }} }}"
    seen = (await mediator(text, id=ticket["id"]))["ticket"]["mediation"]["parties"]
    assert [party["name"] for party in seen] == [None, "示**"]
    owed = [{"partyId": seen[1]["id"], "what": "示例：归还田埂", "dueOn": "2027-01-31"}]
    wording = {"facts": "示例", "terms": "示例", "oral": True, "obligations": owed}
    await do(mediator, "draftAgreement", CASE, id=case, **wording)
    agreed = await do(mediator, "concludeMediation", CASE, id=case, outcome="AGREED", agreementVersion=1)
    (obligation,) = agreed["mediation"]["obligations"]
    assert (agreed["mediation"]["performance"], obligation["state"]) == ("OPEN", "OPEN")
    mine = (
        await resident(f"query ($id: ID!) {{ node(id: $id) {{ ... on Mediation {{ {CASE[12:-2]} }} }} }}", id=case)
    )["node"]
    assert (mine["obligations"][0]["party"], mine["parties"][0]["household"]) == (None, {"id": household(1)})
    done = await do(mediator, "performObligation", CASE, id=obligation["id"], proof="示例：收条")
    assert done["mediation"]["performance"] == "PERFORMED"
    text = """query ($id: ID!) { mediation(id: $id) { ticket { status } agreements { url confirmBy } mediators { name } }
        mediators(area: "339999100") { name } obligationsDue { edges { node { id } } } }"""
    told = await mediator(text, id=case)
    (agreement,) = told["mediation"]["agreements"]
    token = running.issuer.account("mediator")
    async with running.session.get(
        running.url + agreement["url"], headers={"Authorization": f"Bearer {token}"}
    ) as answer:
        assert (answer.status, "示例某甲" in await answer.text()) == (200, True)
