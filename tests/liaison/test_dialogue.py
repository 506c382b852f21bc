"""A dialogue from its agenda to its published minutes, through HTTP; and what the database's roles can see of a vote."""

import asyncio
import base64
import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.chassis.db import Pool, open_pool, transaction
from services.chassis.principal import Caller
from tests.conftest import Connect
from tests.liaison.conftest import SERVICE, VILLAGE, Liaison
from tests.support.databases import Database
from tests.support.tokens import Issuer

DAY = date(2026, 1, 15)
NOW = datetime(2026, 1, 15, 8, tzinfo=UTC)
"""16:00 on the 15th in China."""
HOUSEHOLD = UUID("00000000-0000-7000-8000-000000000001")
MEMBERS = [{"subject": f"example-representative-{n}"} for n in range(1, 6)] + [{"householdId": str(HOUSEHOLD)}]
ID = [["id", "id"]]
VERSION = [["version", "version"]]
PROPOSAL = [
    [name, name]
    for name in (
        *("id", "state", "secret", "cast", "votesFor", "votesAgainst", "votesAbstain", "eligible", "present"),
        *("needed", "explanation", "voted", "myChoice", "version", "allowed"),
    )
]
STANDING = [[name, name] for name in ("people", "eligible", "present", "needed", "quorate", "explanation")]
MINUTES = [
    *("minutes", "minutes", None),
    [
        *([name, name] for name in ("version", "digest", "record", "text", "published", "missing")),
        ["signatures", "signatures", None, [["role", "role"], ["name", "name"]]],
    ],
]


@dataclass(frozen=True)
class Village:
    """The example village on the 15th, with a dialogue planned."""

    liaison: Liaison
    session: UUID
    ask: Callable[..., Awaitable[tuple[int, Any]]]
    """`ask(subject, command, select=…, **input)`; a subject that begins with example-cadre or example-clerk is one, others are residents."""
    read: Callable[..., Awaitable[tuple[int, Any]]]

    async def do(
        self, command: str, select: Sequence[Any] = ID, *, subject: str = "example-cadre", **given: Any
    ) -> Any:
        status, answer = await self.ask(subject, command, list(select), **given)
        assert status == 200, answer
        return answer

    async def refused(self, command: str, *, subject: str = "example-cadre", **given: Any) -> dict[str, Any]:
        status, answer = await self.ask(subject, command, ID, **given)
        assert status != 200, answer
        return {"status": status, **answer}

    async def body(self, **given: Any) -> str:
        """The id of the village's representatives, six of them."""
        values: dict[str, Any] = {
            "areaCode": VILLAGE,
            "name": "示例村村民代表会议",
            "rule": "REPRESENTATIVES",
            "since": "2026-01-01",
        }
        made = await self.do("setVotingBody", subject="example-clerk", **values | {"members": MEMBERS} | given)
        return key_of(made["id"])

    async def version(self) -> int:
        _, found = await self.read("example-cadre", "dialogue", {"id": str(self.session)}, VERSION)
        number: int = found["version"]
        return number

    async def agenda(self, **given: Any) -> None:
        items = [
            {"kind": "STUDY", "title": "示例：学习", "minutes": 30, "presenter": "示例村党支部"},
            {"kind": "DELIBERATION", "title": "示例：议事", "minutes": 60},
        ]
        values: dict[str, Any] = {"sessionId": str(self.session), "version": await self.version(), "items": items}
        await self.do("setAgenda", **values | given)

    async def attendance(self, came: int = 5, **given: Any) -> None:
        counts = [{"kind": "REPRESENTATIVE", "people": came}, {"kind": "VILLAGER", "people": 41 - came}]
        values: dict[str, Any] = {"sessionId": str(self.session), "version": await self.version(), "counts": counts}
        await self.do("noteAttendance", **values | given)

    async def proposal(self, *, ready: bool = True) -> str:
        """A proposal's id; `ready` for its vote."""
        if ready:
            await self.agenda(bodyId=await self.body())
            await self.attendance()
        words = {"title": "示例：修路", "text": "示例：村口道路硬化", "by": "COMMITTEE"}
        return key_of((await self.do("propose", sessionId=str(self.session), **words))["id"])

    async def held(self) -> None:
        """As holdSession leaves it."""
        sql = "UPDATE session SET state = 'HELD', held_at = $2, people = 41, outcome = '示例：已办理' WHERE id = $1"
        async with transaction(self.liaison.pool, SERVICE) as connection:
            await connection.execute(sql, self.session, NOW)


def key_of(global_id: str) -> str:
    return base64.b64decode(global_id).decode().partition(":")[2]


@pytest.fixture
async def village(liaison: Liaison, api: str, issuer: Issuer, connect: Connect) -> Village:
    liaison.clock.instant = NOW
    session = uuid4()
    async with transaction(liaison.pool, SERVICE) as connection:
        await connection.execute(
            "INSERT INTO session (id, kind, area, due, date, opens, minutes, state) VALUES ($1, 'DIALOGUE', $2, $3, $3, $4, 120, 'PLANNED')",
            *(session, VILLAGE, DAY, time(14)),
        )

    def client(subject: str) -> Any:
        roles = {"example-cadre": "village_cadre", "example-clerk": "township_clerk"}
        role = next((role for start, role in roles.items() if subject.startswith(start)), "resident")
        now = int(liaison.clock.now().timestamp())
        claims: dict[str, Any] = {"household": str(HOUSEHOLD)} if subject == "example-householder" else {}
        return connect(
            api, issuer.token(subject, name="示例", roles=[role], areas=[VILLAGE], iat=now, exp=now + 600, **claims)
        )

    async def ask(subject: str, command: str, select: list[Any], **given: Any) -> tuple[int, Any]:
        answer: tuple[int, Any] = await client(subject).command(command, {"clientKey": str(uuid4())} | given, select)
        return answer

    async def read(subject: str, root: str, args: dict[str, Any], select: list[Any]) -> tuple[int, Any]:
        answer: tuple[int, Any] = await client(subject).read(root, args, select)
        return answer

    return Village(liaison, session, ask, read)


async def told(village: Village, kind: str) -> list[dict[str, Any]]:
    rows = await village.liaison.pool.fetch(
        "SELECT data FROM outbox WHERE type = $1 ORDER BY recorded", f"liaison.dialogue.{kind}.v1"
    )
    return [row["data"] for row in rows]


async def test_what_happened_is_written_down(village: Village) -> None:
    assert (await village.refused("noteAttendance", sessionId=str(village.session), version=0))["field"] == "counts"
    await village.agenda(bodyId=await village.body())
    await village.attendance(people=[{"subject": "example-representative-1", "kind": "REPRESENTATIVE"}], entitled=5)
    study: dict[str, Any] = {"title": "示例：文件", "material": "示例〔2026〕1号", "minutes": 30, "people": 12}
    await village.do("noteStudy", sessionId=str(village.session), item=1, **study)
    await village.proposal(ready=False)
    select = [
        ["version", "version"],
        ["agenda", "agenda", None, [["kindName", "kindName"], ["presenter", "presenter"]]],
        ["attendance", "attendance", None, [*STANDING, ["named", "named", None, [["subject", "subject"]]]]],
        ["study", "study", None, [["item", "item"], ["people", "people"]]],
        ["proposals", "proposals", None, [["stateName", "stateName"], ["proposedByName", "proposedByName"]]],
        ["minutes", "minutes", None, VERSION],
    ]
    seen = {}
    for subject in ("example-cadre", "example-resident"):
        _, seen[subject] = await village.read(subject, "dialogue", {"id": str(village.session)}, select)
    said = "应到 6 人，实到 5 人，须 4 人（2/3 以上），达到法定人数。依据：《中华人民共和国村民委员会组织法》第二十六条"
    standing = {"people": 41, "eligible": 6, "present": 5, "needed": 4, "quorate": True, "explanation": said}
    expected = {
        "version": 4,
        "agenda": [{"kindName": "党员学习", "presenter": "示例村党支部"}, {"kindName": "民主议政", "presenter": None}],
        "attendance": {**standing, "named": [{"subject": "example-representative-1"}]},
        "study": [{"item": 1, "people": 12}],
        "proposals": [{"stateName": "待表决", "proposedByName": "村民委员会"}],
        "minutes": None,
    }
    assert seen["example-cadre"] == expected
    assert seen["example-resident"] == expected | {"attendance": {**standing, "named": []}}
    (event,) = await told(village, "attendance_noted")
    assert event == {
        "session": str(village.session), "area": VILLAGE, "people": 41, "eligible": 6, "present": 5, "quorate": True,
    }  # fmt: skip


async def test_what_does_not_fit_is_refused(village: Village) -> None:
    await village.agenda(bodyId=await village.body())
    await village.attendance()
    study: dict[str, Any] = {"title": "示例", "minutes": 5, "people": 1}
    came = {"version": 2, "counts": [{"kind": "REPRESENTATIVE", "people": 20}]}
    for command, given, code, rule in (
        ("noteStudy", study | {"item": 2}, "INVALID_INPUT", "agenda.study"),
        ("noteStudy", study | {"item": 1, "people": 42}, "INVALID_INPUT", "study.people"),
        ("noteAttendance", came, "INVALID_INPUT", "attendance.entitled"),
        ("noteAttendance", came | {"version": 1}, "STALE_VERSION", None),
        ("propose", {"title": " ", "text": "示例", "by": "OTHER"}, "INVALID_INPUT", "required"),
        ("draftMinutes", {"text": "示例"}, "CONFLICT", "minutes.held"),
        ("publishMinutes", {"version": 1}, "CONFLICT", "minutes.draft"),
    ):
        problem = await village.refused(command, sessionId=str(village.session), **given)
        assert (problem["code"], problem.get("rule")) == (code, rule), command


async def test_only_a_host_of_the_village_on_the_day(village: Village) -> None:
    given: dict[str, Any] = {
        "sessionId": str(village.session),
        "version": 0,
        "counts": [{"kind": "VILLAGER", "people": 41}],
    }
    assert (await village.refused("noteAttendance", subject="example-resident", **given))["code"] == "FORBIDDEN"
    village.liaison.clock.instant = datetime(2026, 1, 14, 8, tzinfo=UTC)
    assert (await village.refused("noteAttendance", **given))["rule"] == "session.ahead"
    await village.agenda()
    assert (await village.refused("noteAttendance", **given | {"sessionId": str(uuid4())}))["code"] == "NOT_FOUND"


async def test_a_dialogue_is_held_when_it_is_noted_who_came(village: Village) -> None:
    hold: dict[str, Any] = {"id": str(village.session), "people": 41}
    assert (await village.refused("holdSession", **hold))["rule"] == "dialogue.attendance"
    await village.attendance()
    cancel: dict[str, Any] = {"id": str(village.session), "reason": "示例"}
    assert (await village.refused("cancelSession", **cancel))["rule"] == "dialogue.begun"
    assert (await village.do("holdSession", [["state", "state"]], **hold))["state"] == "HELD"
    problem = await village.refused("setAgenda", sessionId=str(village.session), version=1, items=[
        {"kind": "OTHER", "title": "示例", "minutes": 5}])  # fmt: skip
    assert problem["rule"] == "session.state"


async def test_the_roll_changes_from_a_day_on(village: Village) -> None:
    body = await village.body()
    given: dict[str, Any] = {
        "id": body,
        "areaCode": VILLAGE,
        "name": "示例",
        "rule": "REPRESENTATIVES",
        "members": MEMBERS[1:],
    }
    clerk = "example-clerk"
    assert (await village.refused("setVotingBody", subject=clerk, version=2, **given))["code"] == "STALE_VERSION"
    low: dict[str, Any] = {"numerator": 1, "denominator": 2, "above": True}
    assert (await village.refused("setVotingBody", subject=clerk, version=1, quorum=low, **given))[
        "rule"
    ] == "quorum.law"
    await village.do("setVotingBody", subject=clerk, version=1, since="2026-01-16", **given)
    await village.agenda(bodyId=body)
    await village.attendance()
    _, found = await village.read(
        *("example-cadre", "dialogue", {"id": str(village.session)}, [["attendance", "attendance", None, STANDING]])
    )
    assert found["attendance"]["eligible"] == 6
    members = ["members", "members", None, [["subject", "subject"], ["until", "until"]]]
    for subject, number in (("example-cadre", 6), ("example-representative-1", 1), ("example-resident", 0)):
        _, seen = await village.read(subject, "votingBody", {"id": body}, [["eligible", "eligible"], members])
        assert (seen["eligible"], len(seen["members"])) == (5, number)


async def test_a_body_whose_members_are_no_longer_named_has_as_many_as_it_says(village: Village) -> None:
    body = await village.body()
    given: dict[str, Any] = {"id": body, "members": [], "eligible": 30, "since": "2026-01-15", "version": 1}
    await village.body(**given)
    await village.agenda(bodyId=body)
    await village.attendance(20)
    select = [["attendance", "attendance", None, STANDING]]
    _, found = await village.read("example-cadre", "dialogue", {"id": str(village.session)}, select)
    assert (found["attendance"]["eligible"], found["attendance"]["quorate"]) == (30, True)


async def test_who_has_voted_keeps_the_seat_of_that_day(village: Village) -> None:
    proposal = await village.proposal()
    await village.do("openVote", proposalId=proposal, secret=False)
    await village.do("castVote", subject="example-representative-1", proposalId=proposal, choice="FOR")
    _, found = await village.read("example-cadre", "proposal", {"id": proposal}, [["body", "body", None, ID]])
    given: dict[str, Any] = {"id": key_of(found["body"]["id"]), "members": MEMBERS[1:], "version": 1}
    fixed = {"areaCode": VILLAGE, "name": "示例", "rule": "REPRESENTATIVES", "since": "2026-01-01"}
    problem = await village.refused("setVotingBody", subject="example-clerk", **fixed, **given)
    assert (problem["code"], problem["field"], problem["rule"]) == ("CONFLICT", "since", "body.voted")
    await village.body(**given, since="2026-01-16")


async def test_an_open_vote(village: Village) -> None:
    proposal = await village.proposal()
    opened = await village.do("openVote", PROPOSAL, proposalId=proposal, secret=False)
    assert (opened["state"], opened["allowed"]) == ("VOTING", ["castVote", "closeVote", "withdrawProposal"])
    for n, choice in enumerate(("FOR", "AGAINST", "FOR"), 1):
        await village.do("castVote", subject=f"example-representative-{n}", proposalId=proposal, choice=choice)
    mine = await village.do(
        "castVote", PROPOSAL, subject="example-representative-2", proposalId=proposal, choice="ABSTAIN"
    )
    assert (mine["cast"], mine["voted"], mine["myChoice"], mine["votesFor"]) == (3, True, "ABSTAIN", None)
    await village.do("castVote", subject="example-householder", proposalId=proposal, choice="FOR")
    stranger = await village.refused("castVote", subject="example-resident", proposalId=proposal, choice="FOR")
    assert stranger["code"] == "FORBIDDEN"
    closed = await village.do("closeVote", PROPOSAL, proposalId=proposal)
    assert (closed["state"], closed["votesFor"], closed["votesAgainst"], closed["votesAbstain"]) == ("ADOPTED", 3, 0, 1)
    assert closed["explanation"].startswith(
        "同意 3 票，反对 0 票，弃权 1 票，未投 1 票；须经到会人员过半数同意（3 票），通过。应到 6 人"
    )
    late = await village.refused("castVote", subject="example-representative-4", proposalId=proposal, choice="FOR")
    assert (late["status"], late["code"], late["detail"]) == (409, "ILLEGAL_TRANSITION", "the vote is closed")
    (event,) = await told(village, "voted")
    assert (event["result"], event["votesFor"], event["secret"]) == ("ADOPTED", 3, False)
    assert (await village.refused("noteAttendance", sessionId=str(village.session), version=await village.version(),
        counts=[{"kind": "VILLAGER", "people": 1}]))["rule"] == "attendance.voted"  # fmt: skip


async def test_two_ballots_at_once_count_once_and_none_after_the_close(village: Village) -> None:
    proposal = await village.proposal()
    await village.do("openVote", proposalId=proposal, secret=False)
    voter = "example-representative-1"
    answers = await asyncio.gather(
        *(village.ask(voter, "castVote", ID, proposalId=proposal, choice="FOR") for _ in range(4))
    )
    assert {status for status, _ in answers} == {200}
    close = village.ask("example-cadre", "closeVote", PROPOSAL, proposalId=proposal)
    votes = [
        village.ask(f"example-representative-{n}", "castVote", ID, proposalId=proposal, choice="FOR") for n in (2, 3, 4)
    ]
    (status, closed), *late = await asyncio.gather(close, *votes)
    assert status == 200, closed
    in_time = [status == 200 for status, _ in late].count(True)
    assert closed["votesFor"] == 1 + in_time
    assert {problem["detail"] for status, problem in late if status != 200} <= {"the vote is closed"}


async def test_a_dialogue_at_which_a_vote_was_opened_takes_place(village: Village) -> None:
    await village.agenda(bodyId=await village.body())
    proposal = await village.proposal(ready=False)
    await village.do("openVote", proposalId=proposal, secret=False)
    for deed, given in (("cancelSession", {}), ("moveSession", {"date": "2026-01-16"})):
        problem = await village.refused(deed, id=str(village.session), reason="示例", **given)
        assert problem["rule"] == "dialogue.begun"
    await village.do("withdrawProposal", proposalId=proposal)
    await village.do("moveSession", id=str(village.session), reason="示例", date="2026-01-16")


async def test_two_secret_votes_and_one_who_comes_late(village: Village) -> None:
    await village.agenda(bodyId=await village.body())
    await village.attendance(4)
    one, two = [await village.proposal(ready=False) for _ in range(2)]
    for proposal in (one, two):
        await village.do("openVote", proposalId=proposal, secret=True)
    for n in range(1, 5):
        for proposal, choice in ((one, "FOR"), (two, "AGAINST")):
            subject = f"example-representative-{n}"
            await village.do("castVote", subject=subject, proposalId=proposal, choice=choice)
    closed = await village.do("closeVote", PROPOSAL, proposalId=one)
    assert (closed["state"], closed["votesFor"], closed["votesAgainst"]) == ("ADOPTED", 4, 0)
    await village.do("castVote", subject="example-representative-5", proposalId=two, choice="FOR")
    assert (await village.refused("closeVote", proposalId=two))["rule"] == "vote.present"
    await village.attendance(5)
    fewer: dict[str, Any] = {"counts": [{"kind": "REPRESENTATIVE", "people": 4}], "version": await village.version()}
    problem = await village.refused("noteAttendance", sessionId=str(village.session), **fewer)
    assert problem["rule"] == "attendance.voted"
    closed = await village.do("closeVote", PROPOSAL, proposalId=two)
    assert (closed["state"], closed["votesFor"], closed["votesAgainst"]) == ("REJECTED", 1, 4)
    _, earlier = await village.read("example-cadre", "proposal", {"id": one}, PROPOSAL)
    assert (earlier["present"], closed["present"]) == (4, 5)


async def test_a_secret_vote_is_counted_and_cast_once(village: Village) -> None:
    proposal = await village.proposal()
    await village.do("openVote", proposalId=proposal, secret=True)
    voter, key = "example-representative-1", str(uuid4())
    answers = await asyncio.gather(
        *(village.ask(voter, "castVote", ID, proposalId=proposal, choice="FOR") for _ in range(3)),
        village.ask(voter, "castVote", ID, proposalId=proposal, choice="FOR", clientKey=key),
        village.ask(voter, "castVote", ID, proposalId=proposal, choice="FOR", clientKey=key),
    )
    refused = [problem for status, problem in answers if status != 200]
    assert len(refused) in (3, 4)
    assert {problem["rule"] for problem in refused} == {"vote.secret"}
    for n, choice in ((2, "FOR"), (3, "FOR"), (4, "AGAINST")):
        seen = await village.do(
            *("castVote", PROPOSAL), subject=f"example-representative-{n}", proposalId=proposal, choice=choice
        )
    assert (seen["cast"], seen["voted"], seen["myChoice"], seen["votesFor"]) == (4, True, None, None)
    closed = await village.do("closeVote", PROPOSAL, proposalId=proposal)
    assert (closed["state"], closed["votesFor"], closed["votesAgainst"]) == ("ADOPTED", 3, 1)


async def test_the_same_key_has_the_same_answer_and_keeps_no_choice(village: Village) -> None:
    proposal = await village.proposal()
    await village.do("openVote", proposalId=proposal, secret=True)
    voter, key = "example-representative-1", str(uuid4())
    first = await village.ask(voter, "castVote", PROPOSAL, proposalId=proposal, choice="FOR", clientKey=key)
    assert first[0] == 200
    assert await village.ask(voter, "castVote", PROPOSAL, proposalId=proposal, choice="AGAINST", clientKey=key) == first
    digest = await village.liaison.pool.fetchval("SELECT input_digest FROM client_key WHERE key = $1", UUID(key))
    guesses = [
        json.dumps({"clientKey": key, "proposalId": proposal, "choice": choice}, separators=(",", ":"))
        for choice in ("FOR", "AGAINST", "ABSTAIN")
    ]
    assert digest not in [hashlib.sha256(guess.encode()).digest() for guess in guesses]


async def test_nobody_can_link_a_voter_and_a_choice(village: Village, database: Database) -> None:
    proposal = await village.proposal()
    await village.do("openVote", proposalId=proposal, secret=True)
    choices = {1: "FOR", 2: "AGAINST", 3: "ABSTAIN", 4: "FOR"}
    for n, choice in choices.items():
        await village.do("castVote", subject=f"example-representative-{n}", proposalId=proposal, choice=choice)
    pool = village.liaison.pool
    callers = (
        SERVICE,
        Caller(subject="example-cadre", areas=(VILLAGE,), roles=("village_cadre",)),
        Caller(subject="example-admin", areas=("33",), roles=("city_admin",)),
        Caller(subject="example-auditor", areas=("33",), roles=("auditor",)),
        Caller(subject="example-representative-1", roles=("resident",)),
    )
    for caller in callers:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await as_caller(pool, caller, "SELECT * FROM ballot_box")
        voters = await as_caller(pool, caller, "SELECT * FROM secret_voter")
        assert len(voters) == (1 if caller.subject == "example-representative-1" else 0)
        assert await as_caller(pool, caller, "SELECT * FROM ballot") == []
        for table in ("proposal", "outbox", "client_key"):
            words = str(await as_caller(pool, caller, f"SELECT t::text FROM {table} t"))
            assert not [choice for choice in ("AGAINST", "ABSTAIN") if choice in words]
    for caller in callers[:3]:
        (row,) = await as_caller(pool, caller, "SELECT empty_box($1) AS box", UUID(proposal))
        assert len({len(sealed) for sealed in row["box"]}) == 1
        assert row["box"] == sorted(row["box"])
    for caller in callers[3:]:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await as_caller(pool, caller, "SELECT empty_box($1)", UUID(proposal))
    async with await open_pool(database.owner_url, 1) as owner:
        rows = await owner.fetch("SELECT unnest(ballots) AS sealed, xmin FROM ballot_box")
        voted = await owner.fetch("SELECT member, xmin FROM secret_voter")
        assert (len(rows), len(voted), len({row["xmin"] for row in rows})) == (4, 4, 1)
        assert not {bytes(choice, "ascii") for choice in choices.values()} & {row["sealed"] for row in rows}


async def as_caller(pool: Pool, caller: Caller, sql: str, *args: Any) -> list[Any]:
    """What the run-time role sees for that caller; nothing of it stays."""
    async with pool.acquire() as connection:
        inside = connection.transaction()
        await inside.start()
        try:
            await connection.execute("SELECT set_config('sanmin.caller', $1, true)", caller.setting)
            return list(await connection.fetch(sql, *args))
        finally:
            await inside.rollback()


async def test_a_ballot_is_nobody_elses(village: Village) -> None:
    proposal = await village.proposal()
    await village.do("openVote", proposalId=proposal, secret=False)
    await village.do("castVote", subject="example-representative-1", proposalId=proposal, choice="FOR")
    pool, hosts = village.liaison.pool, Caller(subject="example-cadre", areas=(VILLAGE,), roles=("village_cadre",))
    (ballot,) = await as_caller(pool, hosts, "SELECT proposal, member, area FROM ballot")
    one = Caller(subject="example-representative-1", roles=("resident",))
    other = Caller(subject="example-representative-2", roles=("resident",))
    assert await as_caller(pool, other, "SELECT FROM ballot") == []
    change = "UPDATE ballot SET choice = 'AGAINST' RETURNING member"
    found = {who.subject: len(await as_caller(pool, who, change)) for who in (one, other, hosts)}
    assert found == {"example-representative-1": 1, "example-representative-2": 0, "example-cadre": 0}
    for sql in ("INSERT INTO ballot VALUES ($1, $2, $3, 'FOR')", "SELECT drop_ballot($1, $2, convert_to($3, 'UTF8'))"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await as_caller(pool, other, sql, *ballot)


async def test_a_count_by_hand(village: Village) -> None:
    proposal = await village.proposal()
    given: dict[str, Any] = {
        "proposalId": proposal,
        "votesFor": 2,
        "votesAgainst": 2,
        "votesAbstain": 1,
        "counters": ["example-cadre"],
    }
    assert (await village.refused("recordVote", **given | {"votesFor": 3}))["rule"] == "vote.present"
    assert (await village.refused("recordVote", **given | {"counters": ["a", "a"]}))["rule"] == "unique"
    counted = await village.do("recordVote", PROPOSAL, **given)
    assert (counted["state"], counted["needed"], counted["secret"]) == ("REJECTED", 4, False)
    assert (await village.refused("openVote", proposalId=proposal, secret=True))["code"] == "ILLEGAL_TRANSITION"


async def test_too_few_decide_nothing(village: Village) -> None:
    await village.agenda(bodyId=await village.body())
    await village.attendance(3)
    proposal = await village.proposal(ready=False)
    given: dict[str, Any] = {
        "proposalId": proposal,
        "votesFor": 3,
        "votesAgainst": 0,
        "votesAbstain": 0,
        "counters": ["example-cadre"],
    }
    assert (await village.do("recordVote", PROPOSAL, **given))["state"] == "NOT_QUORATE"


async def test_a_proposal_is_withdrawn(village: Village) -> None:
    proposal = await village.proposal()
    await village.do("openVote", proposalId=proposal, secret=True)
    await village.do("castVote", subject="example-representative-1", proposalId=proposal, choice="FOR")
    gone = await village.do("withdrawProposal", PROPOSAL, proposalId=proposal)
    assert (gone["state"], gone["votesFor"], gone["allowed"]) == ("WITHDRAWN", None, [])
    page = [["edges", "edges", None, [["node", "node", None, [["state", "state"]]]]]]
    for state, number in (("WITHDRAWN", 1), ("OPEN", 0)):
        _, found = await village.read("example-resident", "proposals", {"areaCode": VILLAGE, "state": state}, page)
        assert len(found["edges"]) == number


async def test_the_minutes_are_signed_voided_and_published(village: Village) -> None:
    proposal = await village.proposal()
    session = str(village.session)
    await village.held()
    given: dict[str, Any] = {
        "proposalId": proposal,
        "votesFor": 4,
        "votesAgainst": 1,
        "votesAbstain": 0,
        "counters": ["example-cadre"],
    }
    await village.do("draftMinutes", sessionId=session, text="示例：纪要")

    async def now(subject: str = "example-cadre") -> Any:
        return (await village.read(subject, "dialogue", {"id": session}, [MINUTES]))[1]["minutes"]

    async def sign(subject: str, role: str, **other: Any) -> tuple[int, Any]:
        found = await now()
        values = {"version": found["version"], "digest": found["digest"], "role": role} | other
        return await village.ask(subject, "signMinutes", ID, sessionId=session, **values)

    first = await now()
    assert first["digest"] == hashlib.sha256(first["record"].encode()).hexdigest()
    assert (first["version"], first["missing"]) == (1, ["RECORDER", "HOST", "REPRESENTATIVE"])
    assert json.loads(first["record"])["suggestions"] == 0
    assert "example-" not in first["record"]
    assert await now("example-resident") is None
    assert (await sign("example-cadre", "RECORDER"))[0] == 200
    for subject, role, code in (
        ("example-cadre", "HOST", "CONFLICT"),
        ("example-clerk", "RECORDER", "FORBIDDEN"),
        ("example-cadre-2", "REPRESENTATIVE", "FORBIDDEN"),
        ("example-resident", "REPRESENTATIVE", "NOT_FOUND"),
    ):
        assert (await sign(subject, role))[1]["code"] == code
    assert (await sign("example-clerk", "HOST", digest="0" * 64))[1]["rule"] == "minutes.digest"
    await village.do("recordVote", **given)
    second = await now()
    assert (second["version"], second["signatures"]) == (2, [])
    assert second["digest"] != first["digest"]
    assert (await sign("example-clerk", "HOST", version=1))[1]["code"] == "STALE_VERSION"
    for subject, role in (("example-cadre", "RECORDER"), ("example-clerk", "HOST")):
        assert (await sign(subject, role))[0] == 200
    problem = await village.refused("publishMinutes", sessionId=session, version=2)
    assert problem["detail"] == "still to be signed by: REPRESENTATIVE"
    assert (await sign("example-householder", "REPRESENTATIVE"))[0] == 200
    async with transaction(village.liaison.pool, SERVICE) as connection:
        await connection.execute("UPDATE session SET outcome = '示例：另有' WHERE id = $1", village.session)
    assert (await village.refused("publishMinutes", sessionId=session, version=2))["rule"] == "minutes.stale"
    async with transaction(village.liaison.pool, SERVICE) as connection:
        await connection.execute("UPDATE session SET outcome = '示例：已办理' WHERE id = $1", village.session)
    await village.do("publishMinutes", sessionId=session, version=2)
    public = await now("example-resident")
    assert (public["version"], public["published"], public["missing"]) == (2, True, [])
    names = [(each["role"], each["name"]) for each in public["signatures"]]
    assert names == [("RECORDER", "示例"), ("HOST", "示例"), ("REPRESENTATIVE", None)]
    after = await village.refused("draftMinutes", sessionId=session, version=2, text="示例")
    assert after["rule"] == "minutes.published"
    assert [event["role"] for event in await told(village, "minutes_signed")] == [
        *("RECORDER", "RECORDER", "HOST", "REPRESENTATIVE")
    ]
    (event,) = await told(village, "published")
    assert event["digest"] == second["digest"]


async def test_another_can_take_over_the_minutes(village: Village) -> None:
    """With the same words: the recorder's signature is then theirs."""
    await village.attendance()
    await village.held()
    given: dict[str, Any] = {"sessionId": str(village.session), "text": "示例：纪要"}
    await village.do("draftMinutes", **given)
    await village.do("draftMinutes", **given, version=1)
    await village.do("draftMinutes", subject="example-cadre-2", **given, version=1)
    _, found = await village.read("example-cadre", "dialogue", {"id": str(village.session)}, [MINUTES])
    sign: dict[str, Any] = {"role": "RECORDER", "version": 2, "digest": found["minutes"]["digest"]}
    assert (await village.refused("signMinutes", sessionId=str(village.session), **sign))["code"] == "FORBIDDEN"
    await village.do("signMinutes", subject="example-cadre-2", sessionId=str(village.session), **sign)
