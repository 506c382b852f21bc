"""Custody: whatever is done in whatever order, a document has one holder, its chain does not break, and what is out is out."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.errors import Conflict, InvalidInput, Problem
from services.tickets.domain import custody
from services.tickets.domain.custody import Document, Entry, Hand

NOON = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
DUE = date(2026, 1, 19)
HOLDERS = ("person", "agent/a", "agent/b", "department/agriculture", "department/water")


def hand(at: datetime = NOON) -> Hand:
    return Hand(at=at, recorded_at=at, actor="somebody", role="errand_agent")


def a_document(**changes: Any) -> Document:
    fields: dict[str, Any] = {
        "id": uuid4(),
        "errand": uuid4(),
        "area": "339999100200",
        "kind": "ID_CARD",
        "origin": "person",
        "holder": "person",
        "handed_at": NOON,
    }
    return Document(**fields | changes)


steps = st.tuples(
    st.sampled_from(["offer", "accept", "decline"]), st.sampled_from(HOLDERS), st.integers(-2, 30), st.booleans()
)


@given(st.sampled_from(["person", "department/agriculture"]), st.lists(steps, max_size=25))
def test_whatever_is_done_there_is_one_holder_and_one_chain(
    origin: str, deeds: list[tuple[str, str, int, bool]]
) -> None:
    document = a_document(origin=origin, holder=origin)
    chain = [custody.registered(document, hand())]
    holder, offered, at = origin, None, NOON
    for deed, to, minutes, by_holder in deeds:
        when = at + timedelta(minutes=minutes)
        legal = (
            minutes >= 0
            and {
                "offer": offered is None and to != holder,
                "accept": to != holder and offered in (None, to),
                "decline": offered is not None,
            }[deed]
        )
        try:
            document, entry = done(document, deed, to, hand(when), by_holder=by_holder)
        except Problem:
            assert not legal
            continue
        assert legal
        chain.append(entry)
        at = when
        holder, offered = (to, None) if deed == "accept" else (holder, to if deed == "offer" else None)
        assert (document.holder, document.offered_to, document.handed_at) == (holder, offered, at)
        assert document.out is (holder not in ("person", origin))
        assert (document.out_since is not None) is (document.due_on is not None) is document.out
    assert [entry.seq for entry in chain] == list(range(1, len(chain) + 1))
    assert all(later.before == earlier.holder for earlier, later in pairwise(chain))
    assert all(entry.deed == "ACCEPTED" or entry.holder == entry.before for entry in chain[1:])
    assert all(later.at >= earlier.at for earlier, later in pairwise(chain))
    assert chain[-1].holder == document.holder
    if holder in ("person", origin):
        custody.require_in([document], "finishErrand")
    else:
        with pytest.raises(Conflict) as refused:
            custody.require_in([a_document(), document], "finishErrand")
        assert refused.value.extra["documents"] == [{"kind": "ID_CARD", "document": str(document.id), "holder": holder}]


def done(document: Document, deed: str, to: str, by: Hand, *, by_holder: bool) -> tuple[Document, Entry]:
    match deed:
        case "offer":
            return custody.offered(document, to, by, until=by.at + timedelta(hours=24))
        case "accept":
            return custody.accepted(document, to, by, due_on=DUE)
        case _:
            return custody.declined(document, by, by_holder=by_holder)


def test_it_is_out_since_it_left_the_person_however_often_it_changes_hands() -> None:
    document, _ = custody.accepted(a_document(), "agent/a", hand(), due_on=DUE)
    later = hand(NOON + timedelta(days=3))
    document, _ = custody.accepted(document, "department/water", later, due_on=date(2026, 1, 22))
    assert (document.out_since, document.due_on) == (NOON, DUE)


@pytest.mark.parametrize(
    "description",
    [
        "身份证 330881199001011234",
        "编号12345",
        "证号：１２３４５６",
        "号码 1 3 8 0 0",
        "1-2-3-4-5",
        "33088X 尾 1234X5",
        "No.2020/0012",
    ],
)
def test_no_number_in_clear(description: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        custody.check("ID_CARD", description, None, "documents[0]")
    assert refused.value.extra == {"field": "documents[0].description", "rule": "document.number"}
    assert description not in refused.value.detail


@pytest.mark.parametrize("description", ["2 页，封面有水渍", "2019 年换发", "红色塑封，第 3 本", None])
def test_what_a_paper_looks_like(description: str | None) -> None:
    assert custody.check("HOUSEHOLD_REGISTER", description, "12x4", "d") == (description, "12X4")


@pytest.mark.parametrize(
    ("kind", "last4"), [("PASSPORT", None), ("SEAL", "12345"), ("SEAL", "123"), ("SEAL", "一二三四")]
)
def test_what_no_paper_has(kind: str, last4: str | None) -> None:
    with pytest.raises(InvalidInput):
        custody.check(kind, None, last4, "d")
