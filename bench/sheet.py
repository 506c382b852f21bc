"""The full sheet of a household, as the archive answers it: members, items, plots, memberships, and where each fact comes from."""

from collections.abc import Sequence
from random import Random
from typing import Any

import msgspec

from bench import load
from bench.page import fetch
from bench.report import Figures, Goal
from bench.rows import household_id
from bench.shape import Village
from bench.stand import Stand

CLIENTS = 8
WARM_SECONDS = 2.0
P95_MILLISECONDS = 20.0
SHEETS = 2_000
"""Different households; the clients take them in turn."""


def _fields(*names: str) -> list[Any]:
    return [[name, name] for name in names]


def _list(name: str, *inner: Any) -> list[Any]:
    return [name, name, None, list(inner)]


FACTS = _list("facts", *_fields("name", "provenance", "verifiedOn", "staleOn"))
SELECT = [
    *_fields("id", "number", "address", "house", "version", "revisedAt", "reviewOn"),
    _list("area", *_fields("code", "name")),
    _list("grid", *_fields("code", "name")),
    _list(
        "members",
        *_fields("id", "name", "relation", "relationName", "sex", "birthDate", "idNumber", "phone", "isHead", "health"),
        *_fields("ethnicityName", "maritalName", "educationName", "politicsName"),
        FACTS,
    ),
    _list("incomes", *_fields("year", "source", "amount")),
    _list("benefits", *_fields("benefit", "memberId", "since", "until")),
    _list("skills", *_fields("skill", "level")),
    _list("statedNeeds", *_fields("need")),
    _list("migrations", *_fields("place", "employer", "memberId")),
    _list(
        "plots", *_fields("code", "name", "categoryName", "contractMu", "measuredMu", "east", "south", "west", "north")
    ),
    _list("memberships", *_fields("name", "relationName", "since", "until", "reason")),
    FACTS,
]


class Incomplete(Exception):
    """A sheet is not there, or lacks what every sheet of the county has."""


def measure(stand: Stand, villages: Sequence[Village], seed: int, seconds: float) -> tuple[list[Figures], list[Goal]]:
    """Raises Incomplete unless each sheet has members, an income, plots, memberships and facts."""
    rng = Random(f"{seed}:sheets")
    requests = []
    for _ in range(SHEETS):
        village = rng.choice(villages)
        key = str(household_id(village, rng.randrange(village.households)))
        body = {"root": "household", "args": {"id": key}, "select": SELECT}
        requests.append(load.post(stand.archive, msgspec.json.encode(body), stand.token))
    for request in requests[:50]:
        sheet = msgspec.json.decode(fetch(request, stand.archive))
        if not all(sheet[part] for part in ("members", "incomes", "plots", "memberships", "facts")):
            raise Incomplete("a sheet lacks members, income, plots, memberships or facts: make the county anew")
    load.run(stand.archive, requests, clients=CLIENTS, seconds=WARM_SECONDS)
    found = Figures.of("full sheet", [load.run(stand.archive, requests, clients=CLIENTS, seconds=seconds)])
    return [found], [Goal("p95 of a full sheet, ms", found.p95, "under", P95_MILLISECONDS)]
