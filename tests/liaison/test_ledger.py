"""The ledger's figures: counted from events alone they are what the database counts, whatever happens to suggestions."""

import random
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from services.chassis.clock import FixedClock
from services.chassis.commands import Doing, Input
from services.chassis.db import Connection, transaction
from services.chassis.errors import IllegalTransition
from services.chassis.keys import Keys, vault_of
from services.chassis.principal import Principal
from services.liaison.commands.suggestion import suggestion_commands
from services.liaison.domain.access import reach
from services.liaison.domain.ledger import FIGURES, Told, figures, ledger
from services.liaison.domain.matter import Source
from services.liaison.domain.suggestion import (
    ACCEPT,
    ANSWER_IT,
    CALL_BACK,
    DECLINE,
    DISSATISFY,
    MATTER_DEEDS,
    PUBLISH,
    SOLVE,
    Suggestion,
    moved,
)
from tests.liaison.conftest import BARE_VILLAGE, KEYS, MONDAY, VILLAGE, Liaison

DEEDS = (ACCEPT, DECLINE, ANSWER_IT, SOLVE, CALL_BACK, DISSATISFY, PUBLISH, *MATTER_DEEDS.values())
TOLD = """
SELECT split_part(type, '.', 3) AS verb, data FROM outbox WHERE type LIKE 'liaison.suggestion.%' ORDER BY recorded
"""


@given(st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 40)), max_size=12))
@settings(max_examples=80, deadline=None)
def test_the_days_of_a_line_are_those_of_the_suggestion(deeds: list[tuple[Any, int]]) -> None:
    suggestion = Suggestion(
        id=uuid4(), area=VILLAGE, source=Source.APP, category="roads", raised_at=MONDAY, updated_at=MONDAY
    )
    told = [Told(suggestion.id, VILLAGE, "raised", "RAISED", None, MONDAY)]
    at = MONDAY
    for deed, hours in deeds:
        at += timedelta(hours=hours)
        try:
            after = moved(suggestion, deed, at)
        except IllegalTransition:
            continue
        told.append(Told(suggestion.id, VILLAGE, deed.past, after.state, suggestion.state, at))
        suggestion = after
    days = ledger(told)[suggestion.id].days
    assert [days.get(name) for name in FIGURES] == [
        date(2026, 1, 5),
        suggestion.accepted_on,
        suggestion.answered_on,
        suggestion.solved_on,
    ]


GIVEN: dict[str, Any] = {
    "acceptSuggestion": {"due": date(2026, 6, 30), "opens_matter": False},
    "declineSuggestion": {"reason": "示例"},
    "answerSuggestion": {"answer": "示例"},
    "solveSuggestion": {"evidence": "示例"},
    "publishSuggestion": {},
}


async def test_random_histories_count_alike_from_events_and_from_the_database(liaison: Liaison) -> None:
    chance = random.Random(15)
    clock = FixedClock(MONDAY)
    principal = Principal("example-admin", roles=frozenset({"city_admin"}), areas=("339999",))
    commands = {each.name: each for each in suggestion_commands(vault_of(Keys(**KEYS)))}

    async def do(connection: Connection, name: str, **more: Any) -> str:
        kind: type[Input] = commands[name].input
        given_ = kind(client_key=uuid4(), **more)
        return await commands[name].run(Doing(connection, principal, clock), given_)

    async with transaction(liaison.pool, reach(principal)) as connection:
        raised: list[UUID] = []
        for _ in range(160):
            clock.instant += timedelta(hours=chance.randrange(20))
            if len(raised) < 5 or chance.random() < 0.25:
                area = chance.choice((VILLAGE, BARE_VILLAGE))
                raised.append(
                    UUID(await do(connection, "raiseSuggestion", area_code=area, text="示例", category="roads"))
                )
                continue
            name = chance.choice([*GIVEN, "noteSuggestionCallback"])
            more = GIVEN.get(name) or {"satisfaction": chance.choice(("SATISFIED", "DISSATISFIED"))}
            more = {} if name == "publishSuggestion" else more
            try:
                await do(connection, name, id=chance.choice(raised), **more)
            except IllegalTransition:
                continue
        rows = await connection.fetch(TOLD)
    lines = ledger(
        Told(
            UUID(row["data"]["suggestion"]),
            row["data"]["area"],
            row["verb"],
            row["data"]["state"],
            row["data"]["previous"],
            datetime.fromisoformat(row["data"]["at"]),
        )
        for row in rows
    ).values()
    everything = figures(lines, "33", date(2026, 1, 1), date(2026, 12, 31))
    assert all(everything.values()), "each figure counts something"
    counts: list[Any] = ["counts", "counts", None, [["name", "name"], ["value", "value"]]]
    admin = liaison.as_("example-admin", "city_admin", areas=["339999"])
    for _ in range(12):
        first = date(2026, 1, 1) + timedelta(chance.randrange(60))
        last, area = (
            first + timedelta(chance.randrange(60)),
            chance.choice(("339999", "339999100", VILLAGE, BARE_VILLAGE)),
        )
        asked = {"areaCode": area, "from": first.isoformat(), "to": last.isoformat()}
        status, answer = await admin.read("liaisonFigures", asked, [counts])
        assert status == 200, answer
        counted = {each["name"]: each["value"] for each in answer[0]["counts"]}
        expected = figures(lines, area, first, last)
        assert {figure: counted[f"suggestions{figure.title()}"] for figure in FIGURES} == expected
