"""A suggestion through the gateway and the broker: raised in a dialogue, done by a department, solved by its callback."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from gateway.planner.ids import global_id
from services.chassis.clock import CHINA
from services.chassis.db import open_pool, transaction
from services.chassis.principal import itself
from tests.gateway.conftest import VILLAGE, Running
from tests.gateway.test_mutations import do, refused
from tests.gateway.test_reads import household
from tests.support.graphql import GraphQL

ADD = """
INSERT INTO session (id, kind, area, due, date, opens, minutes, state) VALUES ($1, 'DIALOGUE', $2, $3, $3, '09:00', 90, 'PLANNED')
"""
SUGGESTION = """suggestion { id state source session { kind state } text raisedBy due overdue departmentCode supports allowed
    household { id } contact { name phone }
    matter { ticketState satisfaction } ticket { id status dueOn category title suggestion { state text }
        deadlines { kind dueAt dueOn limit explanation } } history { deed by } }"""


async def until(client: GraphQL, key: str, **wanted: Any) -> dict[str, Any]:
    """The suggestion, once it is as wanted."""
    text = f"query ($id: ID!) {{ {SUGGESTION.replace('suggestion', 'suggestion(id: $id)', 1)} }}"
    async with asyncio.timeout(30):
        while True:
            found: dict[str, Any] = (await client(text, id=key))["suggestion"]
            if all(found[name] == value for name, value in wanted.items()):
                return found
            await asyncio.sleep(0.1)


async def test_a_suggestion_of_a_dialogue_is_solved_by_the_callback_of_its_matter(running: Running) -> None:
    resident, cadre, officer = running.as_("resident"), running.as_("cadre"), running.as_("officer-water")
    today = datetime.now(UTC).astimezone(CHINA).date()
    session, due = uuid4(), today + timedelta(days=30)
    async with (
        await open_pool(running.databases["liaison"].app_url, 1) as pool,
        transaction(pool, itself("liaison")) as connection,
    ):
        await connection.execute(ADD, session, VILLAGE, today - timedelta(days=3))
    given = {
        "areaCode": VILLAGE,
        "text": "示例：东渠要清淤。",
        "category": "irrigation",
        "sessionId": global_id("Session", str(session)),
        "householdId": household(1),
        "contact": {"name": "示例甲", "phone": "13800005678"},
    }
    made = (await do(resident, "raiseSuggestion", SUGGESTION, **given))["suggestion"]
    assert (made["state"], made["source"], made["household"]) == ("RAISED", "DIALOGUE", {"id": household(1)})
    assert made["session"] == {"kind": "DIALOGUE", "state": "PLANNED"}
    assert made["contact"] == {"name": "示**", "phone": "138****5678"}
    here = {"id": made["id"]}
    asked = {"due": str(due), "departmentCode": "water"}
    assert (await refused(resident, "acceptSuggestion", SUGGESTION, **here, **asked))["code"] == "FORBIDDEN"
    await do(cadre, "acceptSuggestion", SUGGESTION, **here, **asked)
    opened = (await until(officer, made["id"], matter={"ticketState": "DISPATCHED", "satisfaction": None}))["ticket"]
    assert (opened["category"], opened["dueOn"], opened["title"]) == ("irrigation", str(due), "沟通日事项：农田水利")
    assert opened["suggestion"] == {"state": "ACCEPTED", "text": given["text"]}
    overall = next(each for each in opened["deadlines"] if each["kind"] == "OVERALL")
    assert (overall["dueOn"], overall["limit"]) == (str(due), None)
    assert overall["explanation"].startswith(f"总时限：约定{due.year}年{due.month}月{due.day}日")
    answered = (await do(officer, "answerSuggestion", SUGGESTION, **here, answer="示例：本月清淤。"))["suggestion"]
    assert (answered["state"], answered["allowed"]) == ("ANSWERED", ["answerSuggestion", "noteSuggestionCallback"])
    ticket = {"id": opened["id"]}
    await do(officer, "signTicket", **ticket)
    await do(officer, "resolveTicket", **ticket, note="示例：已清淤")
    await do(cadre, "verifyTicket", **ticket)
    await do(cadre, "callBackTicket", **ticket, satisfaction="SATISFIED")
    solved = await until(resident, made["id"], state="SOLVED")
    assert solved["matter"] == {"ticketState": "CALLED_BACK", "satisfaction": "SATISFIED"}
    assert [step["deed"] for step in solved["history"]] == ["raised", "accepted", "answered", "solved"]
    await do(cadre, "publishSuggestion", SUGGESTION, **here)
    public = "query ($a: String!) { suggestions(areaCode: $a, published: true) { edges { node { id text raisedBy answer ticket { id } } } } }"
    page = (await running.as_("resident-2")(public, a=VILLAGE))["suggestions"]["edges"]
    assert [edge["node"] for edge in page] == [
        {"id": made["id"], "text": given["text"], "raisedBy": None, "answer": "示例：本月清淤。", "ticket": None}
    ]
    shown = await do(
        cadre, "revealLiaisonContact", "contact { name phone }", suggestionId=made["id"], purpose="SERVICE"
    )
    assert shown["contact"] == {"name": "示例甲", "phone": "+8613800005678"}
    figures = """query ($a: String!, $f: Date!, $t: Date!) { liaisonFigures(areaCode: $a, from: $f, to: $t) {
        counts { name value query arguments } } raisedMatters(areaCode: $a, deed: SOLVED) { edges { node { ticket { id } } } } }"""
    told = await cadre(figures, a=VILLAGE, f=str(today), t=str(today))
    counts = {each["name"]: each["value"] for each in told["liaisonFigures"][0]["counts"]}
    assert (counts["suggestionsRaised"], counts["suggestionsSolved"], counts["mattersSolved"]) == (1, 1, 1)
    assert told["raisedMatters"]["edges"] == [{"node": {"ticket": ticket}}]
