"""Errands through the api: the whole way, mandates, custody with two receivers at once, alarms, reach, receipt, figures."""

import asyncio
import base64
import json
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.chassis.db import transaction
from services.chassis.errors import Forbidden
from services.tickets.commands.errand import watch
from services.tickets.domain.errand import State
from tests.support.client import Service
from tests.tickets.matters import COUNTY, GRID, HOUSEHOLD, OTHER_HOUSEHOLD, OTHER_VILLAGE, SERVICE, VILLAGE, Tickets

ITEM = "land-certificate"
ADD_ITEM = """
INSERT INTO service_item (code, valid_from, name, category, legal_basis, limit_days, fee, agent, departments, levels, materials)
VALUES ($1, '2020-01-01', $2, 'permit', '示例', 5, 0, $3, '{agriculture}', '{COUNTY}', '[]')
"""
ATTACH = """
INSERT INTO attachment (id, ticket, title, content_type, bytes, sha256, object_key, added_by, added_at)
VALUES ($1, $2, '示例：签字', 'image/jpeg', 9, $3, 'attachments/example', 'service:tickets', $4)
"""
PAPER = {"kind": "ID_CARD", "description": "示例：塑封", "last4": "123X"}
BOOK = {"kind": "HOUSEHOLD_REGISTER"}


def _leaves(*names: str) -> list[list[str]]:
    return [[name, name] for name in names]


BRIEF: list[Any] = [
    *_leaves("key", "number", "state", "receiptUrl"),
    ["agent", "agent", None, _leaves("subject", "name", "onHand")],
    ["mandate", "mandate", None, _leaves("id", "form", "items")],
    [
        *("documents", "documents", None),
        _leaves("id", "kind", "holder", "holderCode", "holderName", "offeredTo", "issued", "out", "dueOn"),
    ],
]
WHOLE: list[Any] = [
    *_leaves("key", "state", "stateName", "itemName", "tripsSaved", "allowed"),
    ["agent", "agent", None, _leaves("subject", "onHand")],
    [
        *("documents", "documents", None),
        [
            *_leaves("id", "holder", "holderCode", "out", "dueOn"),
            [
                "chain",
                "chain",
                {"first": 500},
                _leaves("number", "deed", "from", "fromCode", "holder", "holderCode", "at"),
            ],
        ],
    ],
    ["visits", "visits", None, _leaves("id", "state", "place", "note")],
    ["delivery", "delivery", None, _leaves("relation", "proof", "place")],
    ["alarms", "alarms", None, _leaves("reason", "documentId")],
    ["history", "history", {"first": 500}, _leaves("deed", "fromState", "toState", "actorRole", "at")],
    ["ticket", "ticket", None, _leaves("key", "title", "category", "source", "status")],
]


@dataclass(frozen=True)
class Errands:
    """The people of the story: the agent, the person, the cadre, the officer of the department that issues."""

    tickets: Tickets

    @property
    def agent(self) -> Service:
        return self.tickets.as_("errand_agent", "example-agent")

    @property
    def person(self) -> Service:
        return self.tickets.as_("resident", household=str(HOUSEHOLD))

    @property
    def cadre(self) -> Service:
        return self.tickets.as_("village_cadre")

    def clerk(self, subject: str = "example-window_clerk") -> Service:
        return self.tickets.as_("window_clerk", subject, department="agriculture")

    async def do(self, client: Service, deed: str, errand: Any = None, **more: Any) -> Any:
        status, answer = await self.ask(client, deed, errand, **more)
        assert status == 200, answer
        return answer

    async def refused(self, client: Service, deed: str, errand: Any = None, **more: Any) -> tuple[str, str | None]:
        """The code and the rule of the refusal."""
        status, problem = await self.ask(client, deed, errand, **more)
        assert status >= 400, problem
        return problem["code"], problem.get("rule")

    async def ask(self, client: Service, deed: str, errand: Any = None, **more: Any) -> tuple[int, Any]:
        named = {} if errand is None else {"id": errand["key"]}
        return await client.command(deed, {"clientKey": str(uuid4()), **named, **more}, BRIEF)

    async def requested(self, **more: Any) -> Any:
        given = {"item": ITEM, "areaCode": GRID, "householdId": str(HOUSEHOLD), "source": "WALK_IN", **more}
        return await self.do(self.cadre, "requestErrand", **given)

    async def mandated(self, **more: Any) -> Any:
        errand = await self.requested(**more)
        await self.do(self.cadre, "assignErrand", errand, agent="example-agent")
        return await self.do(self.person, "mandateErrand", errand, validTo=str(self.day(30)))

    async def collected(self, *papers: dict[str, Any]) -> Any:
        errand = await self.mandated()
        return await self.do(self.agent, "collectDocuments", errand, documents=list(papers or (PAPER,)), place="示例村")

    async def attached(self, errand: Any) -> str:
        """The key of a picture that is attached to the errand's ticket."""
        key = uuid4()
        async with transaction(self.tickets.pool, SERVICE) as connection:
            await connection.execute(ATTACH, key, UUID(errand["key"]), key.bytes * 2, self.tickets.clock.now())
        return str(key)

    def day(self, later: int = 0) -> date:
        return (self.tickets.clock.now() + timedelta(hours=8, days=later)).date()

    async def read(self, errand: Any) -> Any:
        status, answer = await self.cadre.read("errand", {"id": errand["key"]}, WHOLE)
        assert status == 200
        return answer

    async def events(self) -> list[tuple[str, Any]]:
        async with transaction(self.tickets.pool, SERVICE) as connection:
            rows = await connection.fetch(
                "SELECT type, data FROM outbox WHERE type ~ '^tickets.errand' ORDER BY recorded"
            )
        return [(row["type"].split(".")[2], row["data"]) for row in rows]


def ids(errand: Any, *kinds: str) -> list[str]:
    return [key_of(one["id"]) for one in errand["documents"] if not kinds or one["kind"] in kinds]


def key_of(value: str) -> str:
    """The key inside a global id."""
    return base64.b64decode(value).decode().partition(":")[2]


@pytest.fixture
async def errands(tickets: Tickets) -> Errands:
    async with transaction(tickets.pool, SERVICE) as connection:
        await connection.execute(ADD_ITEM, ITEM, "示例：土地证换发", True)
        await connection.execute(ADD_ITEM, "passport", "示例：本人到场", False)
    return Errands(tickets)


async def test_the_whole_way(errands: Errands) -> None:
    """With a mandate in the app, originals that go to the window and come back, and a certificate that is delivered by code."""
    do, agent, person = errands.do, errands.agent, errands.person
    errand = await errands.read(await errands.requested(note="示例：腿脚不便"))
    assert (errand["state"], errand["stateName"], errand["tripsSaved"], errand["agent"]) == (
        "REQUESTED",
        "已申请",
        2,
        None,
    )
    assert errand["ticket"] | {"key": ""} == {
        "key": "",
        "title": "代办：示例：土地证换发",
        "category": "permit",
        "source": "WALK_IN",
        "status": "DRAFTED",
    }
    errand = await do(errands.cadre, "assignErrand", errand)
    assert errand["agent"] == {"subject": "example-agent", "name": "示例代办员甲", "onHand": 1}
    errand = await do(person, "mandateErrand", errand, validTo=str(errands.day(30)))
    assert (errand["state"], errand["mandate"]["form"], errand["mandate"]["items"]) == ("MANDATED", "APP", [ITEM])
    await do(agent, "planErrandVisit", errand, plannedFor="2026-01-06T01:00:00Z", place="示例村一组")
    key = key_of((await errands.read(errand))["visits"][0]["id"])
    await do(agent, "noteErrandVisit", id=key, outcome="DONE", note="示例：在家")
    assert (await errands.read(errand))["visits"][0] | {"id": ""} == {
        "id": "",
        "state": "DONE",
        "place": "示例村一组",
        "note": "示例：在家",
    }
    assert await errands.refused(agent, "noteErrandVisit", id=key, outcome="MISSED") == ("CONFLICT", "visit.noted")
    errand = await do(agent, "collectDocuments", errand, documents=[PAPER, BOOK], place="示例村一组")
    assert [
        (one["kind"], one["holder"], one["holderName"], one["out"], one["dueOn"]) for one in errand["documents"]
    ] == [
        ("ID_CARD", "AGENT", "示例代办员甲", True, "2026-01-19"),
        ("HOUSEHOLD_REGISTER", "AGENT", "示例代办员甲", True, "2026-01-19"),
    ]
    errand = await do(
        agent, "submitErrand", errand, departmentCode="agriculture", documentIds=ids(errand), place="示例窗口"
    )
    assert [(one["holder"], one["offeredTo"]) for one in errand["documents"]] == [("AGENT", "DEPARTMENT")] * 2
    errand = await do(errands.clerk(), "acceptDocuments", errand, documentIds=ids(errand))
    assert {(one["holder"], one["holderCode"]) for one in errand["documents"]} == {("DEPARTMENT", "agriculture")}
    errand = await do(agent, "obtainErrand", errand, documents=[{"kind": "LAND_CERTIFICATE"}], documentIds=ids(errand))
    assert [(one["kind"], one["holder"], one["issued"]) for one in errand["documents"]] == [
        ("ID_CARD", "AGENT", False),
        ("HOUSEHOLD_REGISTER", "AGENT", False),
        ("LAND_CERTIFICATE", "AGENT", True),
    ]
    assert await errands.refused(agent, "deliverErrand", errand, code="00000000") == ("INVALID_INPUT", "delivery.code")
    assert await errands.refused(agent, "deliverErrand", errand) == ("INVALID_INPUT", "delivery.proof")
    told = await person.command(
        "tellDeliveryCode",
        {"clientKey": str(uuid4()), "id": errand["key"]},
        [["delivery", "delivery", None, [["code", "code"]]]],
    )
    code = told[1]["delivery"]["code"]
    assert len(code) == 8
    errand = await do(
        agent, "deliverErrand", errand, code=f"{code[:4]} {code[4:]}", relation="SPOUSE", place="示例村一组"
    )
    assert (errand["state"], (await errands.read(errand))["delivery"]) == (
        "DELIVERED",
        {"relation": "SPOUSE", "proof": "CODE", "place": "示例村一组"},
    )
    assert {(one["holder"], one["out"], one["dueOn"]) for one in errand["documents"]} == {("PERSON", False, None)}
    errand = await errands.read(await do(agent, "finishErrand", errand))
    assert (errand["state"], errand["allowed"], errand["agent"]["onHand"]) == ("DONE", [], 0)
    assert [step["deed"] for step in errand["history"]] == [
        *("requested", "assigned", "mandated", "collected", "submitted", "obtained", "delivered", "finished"),
    ]
    assert [entry["deed"] for entry in errand["documents"][0]["chain"]] == [
        *("REGISTERED", "ACCEPTED", "OFFERED", "ACCEPTED", "ACCEPTED", "ACCEPTED"),
    ]
    told_of = await errands.events()
    assert [verb for verb, _ in told_of] == [
        *("requested", "assigned", "mandated", "handed", "handed", "collected", "offered", "offered", "submitted"),
        *(
            "handed",
            "handed",
            "handed",
            "handed",
            "handed",
            "obtained",
            "handed",
            "handed",
            "handed",
            "delivered",
            "finished",
        ),
    ]
    assert not any(
        word in json.dumps([data for _, data in told_of], ensure_ascii=False) for word in ("示例", "123X", "塑封")
    )


async def test_nothing_closes_while_a_document_is_out(errands: Errands) -> None:
    """Neither the errand nor its ticket: refused with the list of what is out, and by whom it is held."""
    tickets, errand = errands.tickets, await errands.collected(PAPER, BOOK)
    held = [
        {"kind": kind, "document": key, "holder": "agent/example-agent"}
        for kind, key in zip(("ID_CARD", "HOUSEHOLD_REGISTER"), ids(errand), strict=True)
    ]
    status, problem = await errands.ask(errands.cadre, "cancelErrand", errand, note="示例")
    assert (status, problem["rule"], problem["documents"]) == (409, "custody.out", held)
    officer = tickets.as_("department_officer")
    for deed, client, more in (
        ("acceptTicket", errands.cadre, {}),
        ("dispatchTicket", errands.cadre, {"departmentCode": "agriculture"}),
        ("signTicket", officer, {}),
    ):
        status, answer = await client.command(
            deed, {"clientKey": str(uuid4()), "id": errand["key"], **more}, _leaves("status")
        )
        assert status == 200, answer
    resolve = {"clientKey": str(uuid4()), "id": errand["key"], "note": "示例：已办结"}
    status, problem = await officer.command("resolveTicket", resolve, _leaves("status"))
    assert (status, problem["rule"], problem["documents"]) == (409, "custody.out", held)
    signed = {"to": "PERSON", "attachmentId": await errands.attached(errand)}
    await errands.do(errands.agent, "offerDocuments", errand, documentIds=ids(errand), **signed)
    status, answer = await officer.command("resolveTicket", resolve, _leaves("status"))
    assert (status, answer) == (200, {"status": "RESOLVED"})
    assert await errands.refused(errands.agent, "collectDocuments", errand) == ("CONFLICT", "errand.settled")
    for deed, more in (("verifyTicket", {}), ("callBackTicket", {"satisfaction": "SATISFIED"})):
        given = {"clientKey": str(uuid4()), "id": errand["key"], **more}
        assert (await errands.cadre.command(deed, given, _leaves("status")))[0] == 200
    close = {"clientKey": str(uuid4()), "id": errand["key"]}
    status, problem = await errands.cadre.command("closeTicket", close, _leaves("status"))
    assert (status, problem["rule"]) == (409, "errand.open")
    await errands.do(errands.cadre, "cancelErrand", errand, note="示例：部门已直接办结")
    assert (await errands.cadre.command("closeTicket", close, _leaves("status")))[0] == 200


async def test_a_mandate_comes_first_and_holds_to_its_end(errands: Errands) -> None:
    refused, clock = errands.refused, errands.tickets.clock
    errand = await errands.requested()
    assert await refused(errands.person, "mandateErrand", errand, validTo=str(errands.day())) == (
        "CONFLICT",
        "agent.missing",
    )
    await errands.do(errands.cadre, "assignErrand", errand)
    assert (await refused(errands.agent, "collectDocuments", errand))[0] == "ILLEGAL_TRANSITION"
    late = {"validTo": str(errands.day(1))}
    assert await refused(errands.agent, "mandateErrand", errand, attachmentId=str(uuid4()), **late) == (
        "INVALID_INPUT",
        "errand.attachment",
    )
    assert await refused(errands.agent, "mandateErrand", errand, **late) == ("INVALID_INPUT", "mandate.signature")
    assert await refused(errands.person, "mandateErrand", errand, items=["other"], **late) == (
        "INVALID_INPUT",
        "mandate.items",
    )
    paper = await errands.do(
        errands.agent, "mandateErrand", errand, attachmentId=await errands.attached(errand), **late
    )
    assert paper["mandate"]["form"] == "PAPER"
    errand = await errands.do(errands.agent, "collectDocuments", errand, documents=[PAPER])
    clock.instant += timedelta(days=2)
    submit = {"departmentCode": "agriculture", "documentIds": ids(errand)}
    assert await refused(errands.agent, "submitErrand", errand, **submit) == ("CONFLICT", "mandate.expired")
    assert await watch(errands.tickets.pool, clock) == 1
    assert await watch(errands.tickets.pool, clock) == 0
    (alarm,) = (await errands.read(errand))["alarms"]
    assert alarm == {"reason": "MANDATE_EXPIRED", "documentId": None}
    assert [data["about"] for verb, data in await errands.events() if verb == "alarmed"] != []
    await errands.do(errands.person, "mandateErrand", errand, validTo=str(errands.day(30)))
    await errands.do(errands.person, "revokeMandate", errand)
    assert await refused(errands.person, "revokeMandate", errand) == ("CONFLICT", "mandate.revoked")
    assert await refused(errands.agent, "submitErrand", errand, **submit) == ("CONFLICT", "mandate.revoked")
    offer = {"to": "DEPARTMENT", "toCode": "agriculture", "documentIds": ids(errand)}
    assert await refused(errands.agent, "offerDocuments", errand, **offer) == ("CONFLICT", "mandate.revoked")
    told = await errands.do(errands.agent, "offerDocuments", errand, documentIds=ids(errand), to="PERSON")
    assert told["documents"][0]["offeredTo"] == "PERSON"
    taken = await errands.do(errands.person, "acceptDocuments", errand, documentIds=ids(errand))
    assert not taken["documents"][0]["out"]
    assert await refused(errands.agent, "acceptDocuments", errand, documentIds=ids(errand)) == (
        "CONFLICT",
        "mandate.revoked",
    )


async def test_a_mandate_of_the_household_serves_another_errand(errands: Errands) -> None:
    first = await errands.mandated()
    key = key_of(first["mandate"]["id"])
    second, other = await errands.requested(), await errands.requested(householdId=str(OTHER_HOUSEHOLD))
    for errand in (second, other):
        await errands.do(errands.cadre, "assignErrand", errand, agent="example-agent")
    errand = await errands.do(errands.agent, "mandateErrand", second, mandateId=key)
    assert (errand["state"], errand["mandate"]["id"]) == ("MANDATED", first["mandate"]["id"])
    assert await errands.refused(errands.agent, "mandateErrand", other, mandateId=key) == ("NOT_FOUND", None)
    await errands.do(errands.cadre, "assignErrand", second, agent="example-agent-2")
    agent_2 = errands.tickets.as_("errand_agent", "example-agent-2")
    assert await errands.refused(agent_2, "collectDocuments", second) == ("CONFLICT", "mandate.agent")


async def test_two_receivers_accept_at_once(errands: Errands) -> None:
    """One has it, the other is told; the chain has one entry of it."""
    errand = await errands.collected()
    await errands.do(errands.agent, "submitErrand", errand, departmentCode="agriculture", documentIds=ids(errand))
    clerks = [errands.clerk(f"example-clerk-{n}") for n in range(4)]
    answers = await asyncio.gather(
        *(errands.ask(clerk, "acceptDocuments", errand, documentIds=ids(errand)) for clerk in clerks),
    )
    assert sorted(status for status, _ in answers) == [200, 409, 409, 409]
    assert {answer["rule"] for status, answer in answers if status == 409} == {"custody.accepted"}
    (document,) = (await errands.read(errand))["documents"]
    assert [entry["deed"] for entry in document["chain"]] == ["REGISTERED", "ACCEPTED", "OFFERED", "ACCEPTED"]


async def test_offers_end_and_who_may_hand_what(errands: Errands) -> None:
    refused, do = errands.refused, errands.do
    errand = await errands.collected()
    paper = {"documentIds": ids(errand)}
    clerk, agent_2 = errands.clerk(), errands.tickets.as_("errand_agent", "example-agent-2")
    to_clerk = {"to": "DEPARTMENT", "toCode": "agriculture", **paper}
    assert (await refused(clerk, "offerDocuments", errand, to="PERSON", **paper))[0] == "FORBIDDEN"
    assert (await refused(clerk, "acceptDocuments", errand, **paper))[0] == "FORBIDDEN"
    assert (await refused(agent_2, "acceptDocuments", errand, **paper))[0] == "FORBIDDEN"
    assert await refused(errands.agent, "acceptDocuments", errand, **paper) == ("CONFLICT", "custody.accepted")
    assert await refused(errands.agent, "offerDocuments", errand, to="AGENT", toCode="example-agent-2", **paper) == (
        "INVALID_INPUT",
        "custody.agent",
    )
    assert (await refused(errands.agent, "offerDocuments", errand, to="DEPARTMENT", toCode="none", **paper))[0] == (
        "UNKNOWN_DEPARTMENT"
    )
    await do(errands.agent, "offerDocuments", errand, **to_clerk)
    assert await refused(errands.agent, "offerDocuments", errand, to="PERSON", **paper) == (
        "CONFLICT",
        "custody.offered",
    )
    await do(clerk, "declineDocuments", errand, note="示例：缺一页", **paper)
    assert await refused(clerk, "declineDocuments", errand, **paper) == ("FORBIDDEN", None)
    await do(errands.agent, "offerDocuments", errand, **to_clerk)
    errand = await errands.read(await do(errands.agent, "declineDocuments", errand, **paper))
    assert [entry["deed"] for entry in errand["documents"][0]["chain"]] == [
        *("REGISTERED", "ACCEPTED", "OFFERED", "DECLINED", "OFFERED", "WITHDRAWN"),
    ]
    await do(errands.cadre, "assignErrand", errand, agent="example-agent-2")
    await do(errands.agent, "offerDocuments", errand, to="AGENT", toCode="example-agent-2", **paper)
    errand = await do(agent_2, "acceptDocuments", errand, **paper)
    assert errand["documents"][0]["holderCode"] == "example-agent-2"
    assert await refused(errands.agent, "offerDocuments", errand, to="PERSON", documentIds=[str(uuid4())]) == (
        "NOT_FOUND",
        None,
    )


async def test_what_a_phone_tells_late(errands: Errands) -> None:
    """Repeated it has one effect; out of order it is refused; the history says when it was done."""
    clock = errands.tickets.clock
    errand = await errands.mandated()
    clock.instant += timedelta(days=1)
    done = (clock.now() - timedelta(hours=20)).isoformat().replace("+00:00", "Z")
    given = {"clientKey": str(uuid4()), "id": errand["key"], "documents": [PAPER], "occurredAt": done}
    first = await errands.agent.command("collectDocuments", given, BRIEF)
    assert first == await errands.agent.command("collectDocuments", given, BRIEF)
    assert first[0] == 200, first[1]
    errand = await errands.read(first[1])
    assert len(errand["documents"]) == 1
    assert errand["history"][-1]["at"] == errand["documents"][0]["chain"][1]["at"] == done.replace("Z", ".000Z")
    paper = {"documentIds": ids(errand), "to": "PERSON"}
    for hours, rule in ((21, "occurred.order"), (-1, "occurred.future"), (24 * 8, "occurred.late")):
        told = (clock.now() - timedelta(hours=hours)).isoformat()
        assert await errands.refused(errands.agent, "offerDocuments", errand, occurredAt=told, **paper) == (
            "INVALID_INPUT",
            rule,
        )


async def test_what_stands_still_is_told_once(errands: Errands) -> None:
    """Offers after the hours, documents after the working days that the area's rule says; each once, however many watch."""
    clock, pool = errands.tickets.clock, errands.tickets.pool
    admin = errands.tickets.as_("city_admin", areas=[COUNTY])
    rule = {"areaCode": VILLAGE, "acceptHours": 2, "outWorkdays": 3}
    status, told = await admin.command("reviseErrandRule", {"clientKey": str(uuid4()), **rule}, _leaves("acceptHours"))
    assert (status, told) == (200, {"acceptHours": 2})
    errand = await errands.collected(PAPER, BOOK)
    assert {one["dueOn"] for one in errand["documents"]} == {"2026-01-08"}
    await errands.do(
        errands.agent, "submitErrand", errand, departmentCode="agriculture", documentIds=ids(errand, "ID_CARD")
    )
    clock.instant += timedelta(hours=2)
    assert await watch(pool, clock) == 0
    clock.instant += timedelta(seconds=1)
    assert sum(await asyncio.gather(*(watch(pool, clock) for _ in range(3)))) == 1
    clock.instant = datetime(2026, 1, 8, 15, 59, tzinfo=UTC)
    assert await watch(pool, clock) == 0
    clock.instant += timedelta(minutes=1)
    assert sum(await asyncio.gather(*(watch(pool, clock) for _ in range(3)))) == 2
    assert sorted(alarm["reason"] for alarm in (await errands.read(errand))["alarms"]) == [
        *("DOCUMENT_OVERDUE", "DOCUMENT_OVERDUE", "OFFER_UNACCEPTED"),
    ]
    page = [["edges", "edges", None, [["node", "node", None, _leaves("kind", "overdue", "holderCode", "dueOn")]]]]
    _, answer = await errands.cadre.read("documentsOut", {"agent": "example-agent", "overdue": True}, page)
    assert [edge["node"]["kind"] for edge in answer["edges"]] == ["ID_CARD", "HOUSEHOLD_REGISTER"]
    _, answer = await errands.cadre.read("documentsOut", {"agent": "example-agent-2"}, page)
    assert answer["edges"] == []


async def test_random_hand_overs(errands: Errands) -> None:
    """Whatever people do, the chain in the database is whole, has one holder, and nothing ends while something is out."""
    chance = random.Random(8)
    people = {"AGENT": errands.agent, "PERSON": errands.person, "DEPARTMENT": errands.clerk()}
    receivers: dict[str, dict[str, str]] = {
        "PERSON": {"to": "PERSON"},
        "DEPARTMENT": {"to": "DEPARTMENT", "toCode": "agriculture"},
        "AGENT": {"to": "AGENT", "toCode": "example-agent"},
    }
    errand = await errands.collected(PAPER, BOOK)
    papers, done = ids(errand), 0
    for _ in range(40):
        n = chance.randrange(2)
        document = errand["documents"][n]
        holder, to = document["holder"], document["offeredTo"] or chance.choice(list(receivers))
        deed = chance.choice(("offer", "offer", "accept", "accept", "decline", "end"))
        able = {"offer": holder, "accept": to, "decline": chance.choice((holder, to)), "end": "AGENT"}[deed]
        client = people[able if chance.random() < 0.8 else chance.choice(list(people))]
        more: dict[str, Any] = {"documentIds": [papers[n]]}
        if deed == "end":
            out = [one for one in errand["documents"] if one["out"]]
            if out:
                assert await errands.refused(errands.cadre, "cancelErrand", errand, note="示例") == (
                    "CONFLICT",
                    "custody.out",
                )
            continue
        status, answer = await errands.ask(
            client, f"{deed}Documents", errand, **more, **(receivers[to] if deed == "offer" else {})
        )
        assert status in (200, 403, 409), answer
        if status == 200:
            errand, done = answer, done + 1
    assert done >= 10
    for document in (await errands.read(errand))["documents"]:
        chain = document["chain"]
        assert [entry["number"] for entry in chain] == list(range(1, len(chain) + 1))
        for earlier, later in pairwise(chain):
            assert (later["from"], later["fromCode"]) == (earlier["holder"], earlier["holderCode"])
        assert (document["holder"], document["holderCode"]) == (chain[-1]["holder"], chain[-1]["holderCode"])


async def test_reach_by_area_agent_and_household(errands: Errands) -> None:
    errand = await errands.collected()
    tickets = errands.tickets
    see = (
        errands.agent,
        errands.person,
        errands.cadre,
        errands.clerk(),
        tickets.as_("auditor"),
        tickets.as_("city_admin", areas=[COUNTY]),
    )
    blind = (
        tickets.as_("errand_agent", "example-agent-9", areas=[OTHER_VILLAGE]),
        tickets.as_("resident", "other", household=str(OTHER_HOUSEHOLD)),
        tickets.as_("village_cadre", "other", areas=[OTHER_VILLAGE]),
        tickets.as_("department_officer"),
        tickets.as_("auditor", areas=[]),
    )
    page = [["edges", "edges", None, [["node", "node", None, _leaves("key")]]]]
    for client in see:
        assert (await client.read("errand", {"id": errand["key"]}, [["key", "key"]]))[0] == 200
        _, answer = await client.read("errands", {}, page)
        assert answer["edges"] == [{"node": {"key": errand["key"]}}]
    for client in blind:
        assert (await client.read("errand", {"id": errand["key"]}, [["key", "key"]]))[0] == 404
        for root in ("errands", "documentsOut"):
            fields = page if root == "errands" else [["edges", "edges", None, [["node", "node", None, _leaves("id")]]]]
            assert (await client.read(root, {}, fields))[1]["edges"] == []
    assert (await errands.refused(blind[0], "collectDocuments", errand))[0] == "NOT_FOUND"
    for table in ("errand", "errand_document", "custody", "mandate", "errand_step", "errand_agent", "errand_load"):
        assert await tickets.pool.fetchval(f"SELECT count(*) FROM {table}") == 0, table
        assert await tickets.count(table) > 0


async def test_what_cannot_be_requested_or_run(errands: Errands) -> None:
    base = {"item": ITEM, "areaCode": GRID, "source": "WALK_IN"}
    for more, code, rule in (
        ({"item": "unknown"}, "UNKNOWN_ITEM", "known.item"),
        ({"item": "passport"}, "INVALID_INPUT", "item.agent"),
        ({"item": "Some Item"}, "INVALID_INPUT", "item.form"),
        ({"source": "DIALOGUE"}, "INVALID_INPUT", "errand.source"),
        ({"personId": str(uuid4())}, "INVALID_INPUT", "required"),
        ({"areaCode": "339999100299"}, "UNKNOWN_AREA", "known.area"),
    ):
        assert await errands.refused(errands.cadre, "requestErrand", **base | more) == (code, rule)
    resident = await errands.do(
        errands.person, "requestErrand", **base | {"source": "APP", "householdId": str(HOUSEHOLD)}
    )
    assert await errands.refused(errands.person, "requestErrand", **base) == ("INVALID_INPUT", "role.source")
    assert (await errands.refused(errands.cadre, "assignErrand", resident, agent="nobody"))[0] == "UNKNOWN_AGENT"
    assert await errands.tickets.count("errand") == 1
    await errands.do(errands.person, "cancelErrand", resident, note="示例：自己去")
    assert (await errands.refused(errands.cadre, "assignErrand", resident))[0] == "ILLEGAL_TRANSITION"


async def test_agents_are_those_of_ones_areas(errands: Errands) -> None:
    """The one with the fewest on hand comes first, counted beyond what the caller sees; a clerk revises agents of their township alone."""
    tickets = errands.tickets
    clerk, admin = tickets.as_("township_clerk", areas=[VILLAGE]), tickets.as_("city_admin", areas=[COUNTY])
    new = {"subject": "example-agent-3", "name": "示例代办员丙", "areas": [VILLAGE], "items": [ITEM]}
    fields = _leaves("subject", "version", "active")

    async def revise(client: Service, **more: Any) -> tuple[int, Any]:
        return await client.command("reviseErrandAgent", {"clientKey": str(uuid4()), **new, **more}, fields)

    assert (await revise(clerk))[1] == {"subject": "example-agent-3", "version": 1, "active": True}
    assert (await revise(clerk))[1]["code"] == "STALE_VERSION"
    assert (await revise(clerk, version=1, areas=[OTHER_VILLAGE]))[1]["code"] == "FORBIDDEN"
    assert (await revise(admin, version=1, areas=[VILLAGE, OTHER_VILLAGE]))[1]["version"] == 2
    assert (await revise(clerk, version=2, areas=[VILLAGE]))[1]["code"] == "FORBIDDEN"
    elsewhere = {"item": ITEM, "areaCode": OTHER_VILLAGE, "source": "WALK_IN"}
    for _ in range(2):
        errand = await errands.do(admin, "requestErrand", **elsewhere)
        await errands.do(admin, "assignErrand", errand, agent="example-agent-3")
    await errands.do(errands.cadre, "assignErrand", await errands.requested(), agent="example-agent")
    errand = await errands.requested()
    _, found = await errands.cadre.read("errandCandidates", {"id": errand["key"]}, _leaves("subject", "onHand"))
    assert found == [
        {"subject": "example-agent-2", "onHand": 0},
        {"subject": "example-agent", "onHand": 1},
        {"subject": "example-agent-3", "onHand": 2},
    ]
    errand = await errands.do(errands.cadre, "assignErrand", errand)
    assert errand["agent"]["subject"] == "example-agent-2"


async def test_figures(errands: Errands) -> None:
    clock = errands.tickets.clock
    admin = errands.tickets.as_("city_admin", areas=[COUNTY])
    trips = {"clientKey": str(uuid4()), "item": ITEM, "trips": 3}
    assert (await admin.command("reviseErrandItem", trips, _leaves("trips")))[1] == {"trips": 3}
    for days in (2, 4):
        errand = await errands.collected()
        clock.instant += timedelta(days=days)
        await errands.do(errands.agent, "submitErrand", errand, departmentCode="agriculture")
        await errands.do(errands.agent, "obtainErrand", errand)
        await errands.do(errands.agent, "deliverErrand", errand, signatureId=await errands.attached(errand))
    await errands.do(errands.agent, "finishErrand", errand)
    fields = _leaves("key", "delivered", "done", "daysP50", "daysP90", "tripsSaved")
    span = {"since": str(errands.day(-30)), "until": str(errands.day())}
    for by, key in (("AREA", VILLAGE), ("AGENT", "example-agent"), ("ITEM", ITEM)):
        _, answer = await errands.cadre.read("errandMeasures", {**span, "by": by, "area": VILLAGE}, fields)
        assert answer == [{"key": key, "delivered": 2, "done": 1, "daysP50": 3.0, "daysP90": 3.8, "tripsSaved": 6}]
    _, answer = await errands.cadre.read("errandMeasures", {**span, "until": str(errands.day(-1))}, fields)
    assert [one["delivered"] for one in answer] == [1]
    for bad, field in (({"by": "YEAR"}, "by"), ({"until": "x"}, "since"), ({"since": "2020-01-01"}, "until")):
        status, problem = await errands.cadre.read("errandMeasures", {**span, **bad}, fields)
        assert (status, problem["field"]) == (422, field)


async def test_the_receipt(errands: Errands) -> None:
    errand = await errands.collected(PAPER, BOOK)
    await errands.do(
        errands.agent, "submitErrand", errand, departmentCode="agriculture", documentIds=ids(errand, "ID_CARD")
    )
    await errands.do(errands.clerk(), "acceptDocuments", errand, documentIds=ids(errand, "ID_CARD"), place="示例窗口")
    path = errand["receiptUrl"].replace("/files/tickets/", "/files/")

    async def get(client: Service, query: str = "") -> tuple[int, str, str | None]:
        headers = {"Authorization": f"Bearer {client.token}"}
        async with client.session.get(client.base_url + path + query, headers=headers) as answer:
            return answer.status, await answer.text(), answer.headers.get("Cache-Control")

    for query, size in (("", "size: A4"), ("?size=A5", "size: A5 landscape")):
        status, page, cache = await get(errands.person, query)
        assert (status, cache) == (200, "no-store")
        for words in (
            size,
            errand["number"],
            "居民身份证",
            "123X",
            "户口簿",
            "示例代办员甲",
            "农业农村局",
            "示例窗口",
            "本人",
        ):
            assert words in page
        assert "<script" not in page
    assert (await get(errands.person, "?size=A3"))[0] == 422
    assert (await get(errands.tickets.as_("resident", "other")))[0] == 404


async def test_history_and_chain_are_only_added_to(errands: Errands) -> None:
    """And an entry that does not take up where the one before it ended finds no place; nor does a state that the code has not."""
    check = await errands.tickets.pool.fetchval(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'errand_state_check'"
    )
    assert set(check.split("'")[1::2]) - {"C"} == {state.value for state in State}
    errand = await errands.collected()
    (key,) = map(UUID, ids(errand))
    for statement in (
        "DELETE FROM custody",
        "UPDATE custody SET holder = 'person'",
        "UPDATE errand_step SET note = 'x'",
        "DELETE FROM errand_document",
        "UPDATE errand_document SET description = 'x'",
        "UPDATE errand_delivery SET relation = 'SELF'",
    ):
        with pytest.raises(Forbidden):
            async with transaction(errands.tickets.pool, SERVICE) as connection:
                await connection.execute(statement)
    entry = """
    INSERT INTO custody (document, seq, deed, before, holder, at, recorded_at, actor, actor_role)
    VALUES ($1, 3, 'ACCEPTED', $2, 'department/water', now(), now(), 'service:tickets', 'service')
    """
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        async with transaction(errands.tickets.pool, SERVICE) as connection:
            await connection.execute(entry, key, "person")
    async with transaction(errands.tickets.pool, SERVICE) as connection:
        await connection.execute(entry, key, "agent/example-agent")
