"""The measurements: each returns its figures and goals."""

import json
from collections.abc import Sequence
from itertools import count
from typing import Any
from uuid import uuid4

from bench import load
from bench.matters.stand import Helpdesk, Stand
from bench.report import Figures, Goal

CLIENTS = 8
CREATES = 20_000
PAGE = 25
CREATE_MILLISECONDS, LIST_MILLISECONDS = 50.0, 30.0
TIMES = 10.0
AREA = "339999100200"
FIELDS = [[name, name] for name in ("id", "number", "title", "status", "category", "areaCode", "reportedAt", "version")]
CREATED = [[name, name] for name in ("id", "number", "status")]

_numbers = count()


def _creating(stand: Stand, requests: int) -> list[bytes]:
    """As many different deeds: each has its client key."""
    bearer, url = stand.token("cadre"), stand.url("tickets-api", "/commands/reportTicket")

    def given() -> dict[str, Any]:
        title = f"示例事项 {next(_numbers)}"
        return {
            "clientKey": str(uuid4()), "title": title, "description": "示例内容", "category": "road", "areaCode": AREA, "source": "WALK_IN",
        }  # fmt: skip

    return [load.post(url, json.dumps({"input": given(), "select": CREATED}).encode(), bearer) for _ in range(requests)]


def _listing(stand: Stand, account: str, owners: Sequence[str]) -> list[bytes]:
    bearer, url = stand.token(account), stand.url("tickets-api", "/read")
    select = [
        ["edges", "edges", None, [["node", "node", None, FIELDS]]],
        ["pageInfo", "pageInfo", None, [["endCursor", "endCursor"]]],
    ]
    return [
        load.post(
            url,
            json.dumps({"root": "tickets", "args": {"owner": owner, "first": PAGE}, "select": select}).encode(),
            bearer,
        )
        for owner in owners
    ]


def creating(stand: Stand, seconds: float) -> Figures:
    url = stand.url("tickets-api", "/")
    load.run(url, _creating(stand, 500), clients=CLIENTS, seconds=2.0, most=500)
    outcome = load.run(url, _creating(stand, CREATES), clients=CLIENTS, seconds=seconds, most=CREATES)
    return Figures.of("create", [outcome])


def listing(stand: Stand, seconds: float) -> list[Figures]:
    """An officer's list of their department, and a cadre's of their village's station."""
    rows = []
    for name, account, owners in (
        ("list of a department", "officer-water", ["department/water"]),
        ("list of a village", "cadre", [f"area/{AREA}"]),
    ):
        requests = _listing(stand, account, owners)
        load.run(stand.url("tickets-api", "/"), requests, clients=CLIENTS, seconds=1.0)
        rows.append(
            Figures.of(name, [load.run(stand.url("tickets-api", "/"), requests, clients=CLIENTS, seconds=seconds)])
        )
    return rows


def goals(create: Figures, lists: Sequence[Figures]) -> list[Goal]:
    return [
        Goal("create, p95 ms", create.p95, "under", CREATE_MILLISECONDS),
        *(Goal(f"{row.name}, p95 ms", row.p95, "under", LIST_MILLISECONDS) for row in lists),
    ]


def side_by_side(stand: Stand, other: Helpdesk, seconds: float) -> tuple[list[Figures], list[Goal]]:
    """Creation and listing in turn, ours and django-helpdesk's, with the same words in the fields that both have."""
    fields = {
        "queue": other.queue,
        "title": "示例事项",
        "description": "示例内容",
        "priority": 3,
        "assigned_to": other.agent,
    }
    theirs = {
        "create": [load.post(other.url, json.dumps(fields).encode(), other.token, "Token")],
        "list": [load.get(f"{other.url}?page_size={PAGE}", other.token, "Token")],
    }
    rows, wanted = [], []
    for deed in ("list", "create"):
        ours = _listing(stand, "cadre", [f"area/{AREA}"]) if deed == "list" else _creating(stand, CREATES)
        mine = Figures.of(
            f"sanmin: {deed}",
            [load.run(stand.url("tickets-api", "/"), ours, clients=CLIENTS, seconds=seconds, most=CREATES)],
        )
        load.run(other.url, theirs[deed], clients=CLIENTS, seconds=1.0)
        its = Figures.of(
            f"django-helpdesk: {deed}", [load.run(other.url, theirs[deed], clients=CLIENTS, seconds=seconds)]
        )
        rows += [mine, its]
        wanted.append(Goal(f"{deed}: sanmin to django-helpdesk", round(mine.rate / its.rate, 1), "at least", TIMES))
    return rows, wanted
