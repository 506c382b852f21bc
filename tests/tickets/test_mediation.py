"""Mediation through the api: the whole way, who may mediate, who sees what, dates told once, the paper."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.chassis.db import transaction
from services.chassis.principal import Principal
from services.tickets.commands.mediation import watch
from services.tickets.domain.access import reach
from tests.support.client import Service
from tests.tickets.matters import COUNTY, GRID, HOUSEHOLD, OTHER_HOUSEHOLD, OTHER_VILLAGE, SERVICE, VILLAGE, Tickets

NAME = "示例某甲"
PLOTS = [str(UUID(int=n)) for n in (1, 2)]
OBLIGATION: list[Any] = [[name, name] for name in ("state", "side", "what", "dueOn")]
CASE: list[Any] = [
    *([name, name] for name in ("state", "version", "performance", "openObligations", "overdueObligations", "allowed")),
    *([name, name] for name in ("reason", "referredTo")),
    ["mediators", "mediators", None, [["name", "name"], ["until", "until"]]],
    ["parties", "parties", None, [["key", "key"], ["side", "side"], ["name", "name"]]],
    ["plots", "plots", None, [["asOf", "asOf"]]],
    ["packs", "packs", None, [["packUrl", "packUrl"]]],
    ["sessions", "sessions", None, [["tried", "tried"], ["parties", "parties", None, [["side", "side"]]]]],
    ["agreements", "agreements", None, [["version", "version"], ["inForce", "inForce"], ["confirmBy", "confirmBy"]]],
    ["agreement", "agreement", None, [["terms", "terms"], ["attachment", "attachmentId"]]],
    ["obligations", "obligations", None, OBLIGATION],
    ["ticket", "ticket", None, [["status", "status"]]],
]


@dataclass
class Case:
    """A dispute between a household and somebody from outside; `mediator` is one of its mediators."""

    tickets: Tickets
    ticket: UUID
    mediator: Service

    async def do(self, deed: str, by: Service | None = None, **given: Any) -> tuple[int, Any]:
        given = {"clientKey": str(uuid4()), "id": str(self.ticket), **given}
        return await (by or self.mediator).command(deed, given, CASE)

    async def done(self, deed: str, by: Service | None = None, **given: Any) -> Any:
        status, answer = await self.do(deed, by, **given)
        assert status == 200, answer
        return answer

    async def read(self, by: Service) -> Any:
        status, answer = await by.read("mediation", {"id": str(self.ticket)}, CASE)
        return answer if status == 200 else answer["code"]

    async def open(self, **given: Any) -> tuple[int, Any]:
        usual = {
            "mediators": ["example-mediator"],
            "parties": [
                {"side": "APPLICANT", "householdId": str(HOUSEHOLD)},
                {"side": "RESPONDENT", "name": NAME},
            ],
            "plots": PLOTS,
            "asOf": "2026-01-01",
        }
        return await self.do("openMediation", **{**usual, **given})

    async def agree(self, due: str = "2026-01-31", **given: Any) -> Any:
        """Two obligations of the outsider's, by word of mouth."""
        parties = (await self.read(self.mediator))["parties"]
        owes = next(party["key"] for party in parties if party["side"] == "RESPONDENT")
        obligations = [{"partyId": owes, "what": f"示例：赔付第{n}笔", "dueOn": due} for n in (1, 2)]
        await self.done(
            "draftAgreement",
            **{"facts": "示例：田埂越界", "terms": "示例：各退一步", "obligations": obligations, "oral": True, **given},
        )
        version = len((await self.read(self.mediator))["agreements"])
        return await self.done("concludeMediation", outcome="AGREED", agreementVersion=version)

    async def obligations(self) -> list[UUID]:
        async with transaction(self.tickets.pool, SERVICE) as connection:
            return [row["id"] for row in await connection.fetch("SELECT id FROM obligation ORDER BY version, place")]


@pytest.fixture
async def case(tickets: Tickets) -> Case:
    ticket = await tickets.have("ACCEPTED", category="land-dispute", area=GRID, household=HOUSEHOLD)
    return Case(tickets, ticket, tickets.as_("mediator", areas=[COUNTY]))


async def test_a_case_from_its_opening_to_what_was_promised(case: Case) -> None:
    tickets = case.tickets
    cadre = tickets.as_("village_cadre")
    status, opened = await case.do(
        "openMediation",
        cadre,
        mediators=["example-mediator"],
        parties=[{"side": "APPLICANT", "householdId": str(HOUSEHOLD)}, {"side": "RESPONDENT", "name": NAME}],
        plots=PLOTS,
        asOf="2026-01-01",
    )
    assert (status, opened["state"], opened["parties"], opened["plots"]) == (200, "RUNNING", [], [])
    seen = await case.read(case.mediator)
    assert [party["name"] for party in seen["parties"]] == [None, "示**"]
    assert seen["packs"] == [
        {"packUrl": f"/files/archive/plots/mediation.html?a={PLOTS[0]}&b={PLOTS[1]}&asOf=2026-01-01"}
    ]
    there = [party["key"] for party in seen["parties"]]
    noted = await case.done(
        "noteMediationSession",
        heldAt="2026-01-05T03:00:00Z",
        place="示例村委会",
        parties=there,
        tried="示例：先量了界",
    )
    assert noted["sessions"] == [
        {"tried": "示例：先量了界", "parties": [{"side": "APPLICANT"}, {"side": "RESPONDENT"}]}
    ]
    agreed = await case.agree()
    assert (agreed["state"], agreed["performance"], agreed["openObligations"]) == ("AGREED", "OPEN", 2)
    assert agreed["agreements"] == [{"version": 1, "inForce": True, "confirmBy": "2026-02-04"}]
    _, ticket = await cadre.read("ticket", {"id": str(case.ticket)}, [["m", "mediation", None, [["p", "performance"]]]])
    assert ticket == {"m": {"p": "OPEN"}}
    first, second = await case.obligations()
    for key in (first, second):
        last = await case.done("performObligation", id=str(key), proof="示例：收条")
    assert (last["performance"], last["openObligations"]) == ("PERFORMED", 0)
    status, again = await case.do("performObligation", id=str(first), proof="示例")
    assert (status, again["rule"]) == (409, "obligation.performed")
    async with transaction(tickets.pool, SERVICE) as connection:
        events = await connection.fetch(
            "SELECT type, data FROM outbox WHERE type LIKE 'tickets.mediat%' ORDER BY recorded"
        )
        deeds = await connection.fetch("SELECT deed FROM step WHERE ticket = $1", case.ticket)
    verbs = [row["type"].split(".")[2] for row in events]
    assert verbs == ["opened", "noted", "drafted", "concluded", "performed", "performed"]
    assert [row["deed"] for row in deeds] == ["mediated"]
    assert NAME not in str([dict(row["data"]) for row in events])


async def test_a_later_agreement_takes_the_place_of_an_earlier_one(case: Case) -> None:
    await case.open()
    await case.agree()
    first = (await case.obligations())[0]
    await case.done("performObligation", id=str(first), proof="示例：收条")
    again = await case.agree(due="2026-03-01", terms="示例：改为三月")
    assert [each["inForce"] for each in again["agreements"]] == [False, True]
    assert (again["openObligations"], again["agreement"]["terms"]) == (2, "示例：改为三月")
    status, refused = await case.do("performObligation", id=str((await case.obligations())[1]), proof="示例")
    assert (status, refused["rule"]) == (409, "obligation.version")
    status, refused = await case.do("concludeMediation", outcome="PARTLY", agreementVersion=1)
    assert (status, refused["rule"]) == (409, "agreement.signed")


async def test_who_may_mediate(case: Case) -> None:
    """example-mediator-2 is of the second example household, which must not be a party's."""
    conflicted = [
        {"side": "APPLICANT", "householdId": str(HOUSEHOLD)},
        {"side": "RESPONDENT", "householdId": str(OTHER_HOUSEHOLD)},
    ]
    for given, code, field in (
        ({"mediators": ["example-mediator-2"], "parties": conflicted}, "INVALID_INPUT", "mediators[0]"),
        ({"mediators": ["nobody"]}, "UNKNOWN_MEDIATOR", "mediators[0]"),
        ({"mediators": []}, "INVALID_INPUT", "mediators"),
        ({"parties": conflicted[:1]}, "INVALID_INPUT", "parties"),
        ({"asOf": "2026-02-01"}, "INVALID_INPUT", "asOf"),
    ):
        _, problem = await case.open(**given)
        assert (problem["code"], problem["field"]) == (code, field)
    road = await case.tickets.have("ACCEPTED", category="road")
    assert (await case.open(id=str(road)))[1]["rule"] == "mediation.dispute"
    assert await case.tickets.count("mediation") == await case.tickets.count("step") == 0
    await case.open()
    assert (await case.open())[1]["rule"] == "mediation.new"
    note = {"heldAt": "2026-01-05T03:00:00Z", "place": "示例", "parties": [], "tried": "示例"}
    other = case.tickets.as_("mediator", "example-mediator-2", areas=[COUNTY])
    for by in (other, case.tickets.as_("village_cadre")):
        assert (await case.do("noteMediationSession", by, **note))[1]["code"] == "FORBIDDEN"
    revised = await case.done("reviseMediation", other, mediators=["example-mediator-2"])
    assert [(each["name"], each["until"] is None) for each in revised["mediators"]] == [
        ("示例老娘舅甲", False),
        ("示例老娘舅乙", True),
    ]
    await case.done("noteMediationSession", other, **note)
    _, problem = await case.do(
        "reviseMediation", other, parties=[{"side": "OTHER", "householdId": str(OTHER_HOUSEHOLD)}]
    )
    assert problem["rule"] == "mediator.conflict"
    party = case.tickets.of(
        Principal(
            "example-mediator-2", roles=frozenset({"mediator", "resident"}), areas=(COUNTY,), household=str(HOUSEHOLD)
        )
    )
    assert (await case.do("noteMediationSession", party, **note))[1]["code"] == "FORBIDDEN"


async def test_what_cannot_be_settled_is_referred_out(case: Case) -> None:
    await case.open()
    _, problem = await case.do("concludeMediation", outcome="FAILED", reason="BAD_MOOD")
    assert (problem["field"], problem["rule"]) == ("reason", "mediation.reason")
    failed = await case.done("concludeMediation", outcome="FAILED", reason="UNWILLING", referTo="COURT")
    assert (failed["state"], failed["referredTo"], failed["ticket"]) == ("FAILED", "COURT", {"status": "REFERRED_OUT"})
    assert (failed["performance"], failed["allowed"]) == ("NONE", [])
    assert (await case.do("concludeMediation", outcome="FAILED", reason="ABSENT"))[1]["code"] == "ILLEGAL_TRANSITION"


async def test_a_paper_is_needed_and_is_confidential_from_then_on(case: Case) -> None:
    tickets = case.tickets
    await case.open()
    parties = [party["key"] for party in (await case.read(case.mediator))["parties"]]
    await case.done(
        "draftAgreement",
        facts="示例",
        terms="示例",
        obligations=[{"partyId": parties[1], "what": "示例", "dueOn": "2026-01-31"}],
    )
    conclude: dict[str, Any] = {"outcome": "AGREED", "agreementVersion": 1}
    assert (await case.do("concludeMediation", **conclude))[1]["rule"] == "agreement.paper"
    assert (await case.do("concludeMediation", **conclude, attachmentId=str(uuid4())))[1]["code"] == "NOT_FOUND"
    paper = uuid4()
    async with transaction(tickets.pool, SERVICE) as connection:
        await connection.execute(
            "SELECT set_config('sanmin.caller', jsonb_set(caller(), '{subject}', '\"a\"')::text, true)"
        )
        await connection.execute(
            "INSERT INTO attachment (id, ticket, title, content_type, bytes, sha256, object_key, added_by, added_at) "
            "VALUES ($1, $2, '示例', 'application/pdf', 1, decode(repeat('00', 32), 'hex'), 'x', 'a', now())",
            *(paper, case.ticket),
        )
    cadre, resident = principals()["cadre"], principals()["party"]
    assert await attached(tickets, cadre) == 1
    signed = await case.done("concludeMediation", **conclude, attachmentId=str(paper))
    assert signed["agreement"]["attachment"] is not None
    seen = {name: await attached(tickets, principal) for name, principal in principals().items()}
    assert seen == {
        "mediator": 1,
        "auditor": 1,
        "party": 1,
        "cadre": 0,
        "officer": 0,
        "elsewhere": 0,
        "other": 0,
        "both": 1,
    }
    assert resident.household == str(HOUSEHOLD)


async def attached(tickets: Tickets, principal: Principal) -> int:
    async with transaction(tickets.pool, reach(principal)) as connection:
        return int(await connection.fetchval("SELECT count(*) FROM attachment"))


def principals() -> dict[str, Principal]:
    """`both` mediates in the area and is of a party's household."""
    mediator = frozenset({"mediator"})
    return {
        "mediator": Principal("m", roles=mediator, areas=(VILLAGE,)),
        "auditor": Principal("a", roles=frozenset({"auditor"}), areas=(COUNTY,)),
        "party": Principal("p", roles=frozenset({"resident"}), household=str(HOUSEHOLD)),
        "cadre": Principal("c", roles=frozenset({"village_cadre"}), areas=(VILLAGE,)),
        "officer": Principal("o", roles=frozenset({"department_officer"}), areas=(COUNTY,), department="agriculture"),
        "elsewhere": Principal("e", roles=mediator, areas=(OTHER_VILLAGE,)),
        "other": Principal("r", roles=frozenset({"resident"}), household=str(OTHER_HOUSEHOLD)),
        "both": Principal("b", roles=mediator | {"resident"}, areas=(VILLAGE,), household=str(HOUSEHOLD)),
    }


async def test_who_sees_what(case: Case) -> None:
    """By the database itself: rows of each table that each caller gets of a case with a draft, a signed agreement and a session."""
    await case.open()
    parties = [party["key"] for party in (await case.read(case.mediator))["parties"]]
    await case.done("noteMediationSession", heldAt="2026-01-05T03:00:00Z", place="示例", parties=parties, tried="示例")
    await case.agree()
    await case.done(
        "draftAgreement",
        facts="示例",
        terms="示例",
        obligations=[{"partyId": parties[0], "what": "示例", "dueOn": "2026-01-31"}],
    )
    tables = {
        "mediation": 1,
        "mediation_mediator": 1,
        "mediation_party": 2,
        "mediation_plot": 2,
        "mediation_session": 1,
        "mediation_note": 1,
        "agreement": 2,
        "obligation": 3,
    }
    expected = {
        "mediator": tables,
        "auditor": {**tables, "mediation_note": 0},
        "party": {"mediation": 1, "mediation_mediator": 1, "mediation_party": 1, "agreement": 1, "obligation": 2},
        "cadre": {"mediation": 1, "mediation_mediator": 1},
        "officer": {},
        "elsewhere": {},
        "other": {},
        "both": {**tables, "mediation_session": 0, "mediation_note": 0},
    }
    for name, principal in principals().items():
        async with transaction(case.tickets.pool, reach(principal)) as connection:
            seen = {table: await connection.fetchval(f"SELECT count(*) FROM {table}") for table in tables}
        assert seen == {table: expected[name].get(table, 0) for table in tables}, name
    for table in tables:
        assert await case.tickets.pool.fetchval(f"SELECT count(*) FROM {table}") == 0
    party = await case.read(case.tickets.of(principals()["party"]))
    assert (party["agreement"]["terms"], len(party["obligations"]), party["sessions"]) == ("示例：各退一步", 2, [])
    auditor = await case.read(case.tickets.of(principals()["auditor"]))
    assert [session["tried"] for session in auditor["sessions"]] == [None]
    assert await case.read(case.tickets.of(principals()["other"])) == "NOT_FOUND"


async def test_a_date_is_told_once_however_many_watch(case: Case) -> None:
    tickets = case.tickets
    await case.open()
    await case.agree(due="2026-01-31")
    assert await watch(tickets.pool, tickets.clock) == 0
    tickets.clock.instant += timedelta(days=23)
    told = await asyncio.gather(*(watch(tickets.pool, tickets.clock) for _ in range(3)))
    assert (sum(told), await watch(tickets.pool, tickets.clock)) == (2, 0)
    case.mediator = tickets.as_("mediator", areas=[COUNTY])
    await case.done("performObligation", id=str((await case.obligations())[0]), proof="示例：收条")
    tickets.clock.instant += timedelta(days=4)
    case.mediator = tickets.as_("mediator", areas=[COUNTY])
    told = await asyncio.gather(*(watch(tickets.pool, tickets.clock) for _ in range(3)))
    assert (sum(told), await watch(tickets.pool, tickets.clock)) == (1, 0)
    seen = await case.read(case.mediator)
    assert (seen["performance"], seen["openObligations"], seen["overdueObligations"]) == ("OVERDUE", 1, 1)
    async with transaction(tickets.pool, SERVICE) as connection:
        rows = await connection.fetch(
            "SELECT type, data FROM outbox WHERE type ~ 'mediation.(reminded|alarmed)' ORDER BY recorded"
        )
    assert [row["type"].split(".")[2] for row in rows] == ["reminded", "reminded", "alarmed"]
    assert rows[2]["data"]["mediators"] == ["example-mediator"]
    last = await case.done("performObligation", id=str((await case.obligations())[1]), proof="示例：收条")
    assert (last["performance"], last["overdueObligations"]) == ("PERFORMED", 0)


async def test_the_paper_names_the_parties_and_that_is_written_down(case: Case) -> None:
    tickets = case.tickets
    await case.open()
    await case.agree()

    async def paper(principal: Principal) -> tuple[int, str]:
        client = tickets.of(principal)
        path = f"{client.base_url}/files/mediations/{case.ticket}/agreements/1.html"
        async with client.session.get(path, headers={"Authorization": f"Bearer {client.token}"}) as answer:
            return answer.status, await answer.text()

    status, html = await paper(principals()["mediator"])
    assert status == 200
    for words in ("人民调解协议书", NAME, "示例：赔付第1笔", "2026-01-31", "2026年2月4日", "示例镇人民调解委员会"):
        assert words in html
    async with transaction(tickets.pool, reach(principals()["auditor"])) as connection:
        shown = await connection.fetch("SELECT by, purpose, fields FROM disclosure")
    assert [(row["by"], row["purpose"], row["fields"]) for row in shown] == [("m", "MEDIATION", ["name"])]
    status, html = await paper(principals()["party"])
    assert (status, NAME in html, "示例：各退一步" in html) == (200, False, True)
    for name in ("cadre", "other", "elsewhere"):
        assert (await paper(principals()[name]))[0] == 404
