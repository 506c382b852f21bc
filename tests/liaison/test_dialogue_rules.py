"""When a body can decide and what comes of a vote: pure rules."""

from datetime import date
from fractions import Fraction
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chassis.errors import Conflict, IllegalTransition, InvalidInput
from services.liaison.domain.ballot import (
    DEEDS,
    Choice,
    State,
    Tally,
    allowed,
    check_counted,
    decide,
    require,
    tally_of,
)
from services.liaison.domain.dialogue import (
    HALF,
    PRESETS,
    TWO_THIRDS,
    Attendee,
    AttendeeKind,
    Body,
    Rule,
    Share,
    Standing,
    Who,
    people_by_kind,
    quorum_of,
    standing,
)
from services.liaison.domain.minutes import NEEDED, Signer, canonical, digest, missing

SHARES = st.builds(
    lambda parts, above: Share(min(parts), max(parts), above), st.tuples(*[st.integers(1, 100)] * 2), st.booleans()
)
MEMBERS = {Who(subject=f"example-{n}"): UUID(int=n) for n in range(1, 10)}


def body(rule: Rule = Rule.REPRESENTATIVES, eligible: int = 9, members: dict[Who, UUID] | None = None) -> Body:
    return Body(
        id=uuid4(),
        area="339999100200",
        name="示例",
        rule=rule,
        quorum=PRESETS[rule].quorum,
        eligible=eligible,
        since=date(2026, 1, 1),
        members=members or {},
    )


def came(subject: str, *, present: bool = True, instead_of: str | None = None) -> Attendee:
    proxy = None if instead_of is None else Who(subject=instead_of)
    return Attendee(who=Who(subject=subject), kind=AttendeeKind.REPRESENTATIVE, present=present, proxy_for=proxy)


@pytest.mark.parametrize(
    ("rule", "eligible", "needed"),
    [
        (Rule.ASSEMBLY, 100, 51),
        (Rule.ASSEMBLY, 101, 51),
        (Rule.ASSEMBLY, 1, 1),
        (Rule.HOUSEHOLDS, 99, 66),
        (Rule.HOUSEHOLDS, 100, 67),
        (Rule.REPRESENTATIVES, 30, 20),
        (Rule.REPRESENTATIVES, 31, 21),
        (Rule.REPRESENTATIVES, 7, 5),
        (Rule.ASSEMBLY, 8, 5),
    ],
)
def test_the_laws_quorum(rule: Rule, eligible: int, needed: int) -> None:
    for present in (needed - 1, needed):
        people = {AttendeeKind.VILLAGER: 200}
        found = standing(body(rule, eligible), people, (), present)
        assert (found.needed, found.quorate) == (needed, present >= needed)
        assert str(needed) in found.explanation
        assert "组织法" in found.explanation


@settings(max_examples=200)
@given(share=SHARES, of=st.integers(0, 3000))
def test_the_least_number_is_the_smallest_that_is_enough(share: Share, of: int) -> None:
    part, least = Fraction(share.numerator, share.denominator) * of, share.least(of)

    def enough(number: int) -> bool:
        return number > 0 and (number > part if share.above else number >= part)

    assert enough(least)
    assert not enough(least - 1)


@settings(max_examples=200)
@given(one=SHARES, other=SHARES)
def test_a_stricter_share_never_needs_fewer(one: Share, other: Share) -> None:
    assert one.covers(one)
    if one.covers(other):
        assert all(one.least(of) >= other.least(of) for of in range(60))
    else:
        assert other.covers(one)


@pytest.mark.parametrize(
    ("given_", "rule"),
    [(Share(1, 2, above=False), "quorum.law"), (Share(3, 2, above=False), "range"), (Share(1, 1, above=True), "range")],
)
def test_a_quorum_below_the_law_is_refused(given_: Share, rule: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        quorum_of(Rule.ASSEMBLY, given_)
    assert refused.value.extra["rule"] == rule


def test_a_stricter_quorum_stands_and_a_consultation_may_have_any() -> None:
    stricter = Share(3, 4, above=False)
    assert quorum_of(Rule.REPRESENTATIVES, stricter) == stricter
    assert quorum_of(Rule.REPRESENTATIVES, None) == TWO_THIRDS
    assert quorum_of(Rule.CONSULTATION, None) is None
    assert quorum_of(Rule.CONSULTATION, Share(1, 10, above=False)) == Share(1, 10, above=False)


@settings(max_examples=300)
@given(
    eligible=st.integers(0, 400),
    data=st.data(),
    rule=st.sampled_from([rule for rule in Rule if rule is not Rule.CONSULTATION]),
)
def test_the_result_is_what_the_law_says(eligible: int, data: st.DataObject, rule: Rule) -> None:
    present = data.draw(st.integers(0, eligible))
    in_favour = data.draw(st.integers(0, present))
    against = data.draw(st.integers(0, present - in_favour))
    tally = Tally(in_favour, against, data.draw(st.integers(0, present - in_favour - against)))
    now = standing(body(rule, eligible), {AttendeeKind.VILLAGER: eligible + 1}, (), present)
    found = decide(PRESETS[rule], now, tally)
    there = 2 * present > eligible if rule is Rule.ASSEMBLY else 3 * present >= 2 * eligible and present > 0
    expected = State.NOT_QUORATE if not there else State.ADOPTED if 2 * in_favour > present else State.REJECTED
    assert found.state is expected
    assert f"同意 {in_favour} 票" in found.explanation


def test_half_of_those_present_is_not_enough_however_few_were_against() -> None:
    now = Standing(30, 20, 20, True, "示例")
    assert decide(PRESETS[Rule.REPRESENTATIVES], now, Tally(10, 0, 2)).state is State.REJECTED
    assert decide(PRESETS[Rule.REPRESENTATIVES], now, Tally(11, 9, 0)).state is State.ADOPTED


def test_more_votes_than_people_are_refused() -> None:
    with pytest.raises(Conflict, match="note attendance"):
        decide(PRESETS[Rule.REPRESENTATIVES], Standing(30, 20, 20, True, "示例"), Tally(19, 1, 1))


@pytest.mark.parametrize(
    ("tally", "field"), [(Tally(-1, 2, 0), "votesFor"), (Tally(1, 0, -1), "votesAbstain"), (Tally(), "votesFor")]
)
def test_a_count_that_cannot_be(tally: Tally, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_counted(tally)
    assert refused.value.extra["field"] == field


def test_ballots_are_counted() -> None:
    assert tally_of([Choice.FOR, Choice.ABSTAIN, Choice.FOR, Choice.AGAINST]) == Tally(2, 1, 1)


def test_what_a_state_allows() -> None:
    assert set(allowed(State.OPEN)) == {"openVote", "recordVote", "withdrawProposal"}
    assert set(allowed(State.VOTING)) == {"castVote", "closeVote", "withdrawProposal"}
    assert {allowed(state) for state in State if state not in (State.OPEN, State.VOTING)} == {()}
    for deed, states in DEEDS.items():
        for state in set(State) - states:
            with pytest.raises(IllegalTransition):
                require(deed, state)
    with pytest.raises(IllegalTransition, match="closed"):
        require("castVote", State.ADOPTED)


def test_named_members_are_counted_once_and_guests_are_none() -> None:
    people = [came("example-1"), came("example-2", present=False), came("somebody"), came("example-3")]
    found = standing(body(members=MEMBERS), people_by_kind(people, {}), people, None)
    assert (found.eligible, found.present, found.needed, found.quorate) == (9, 2, 6, False)


def test_a_household_counts_by_whoever_comes_in_its_place() -> None:
    people = [came("example-1", instead_of="example-2"), came("somebody", instead_of="example-2")]
    found = standing(body(Rule.HOUSEHOLDS, members=MEMBERS), people_by_kind(people, {}), people, None)
    assert (found.present, "2 户" in found.explanation) == (2, True)


@pytest.mark.parametrize(
    ("rule", "people", "refused"),
    [
        (Rule.REPRESENTATIVES, [came("somebody", instead_of="example-2")], "proxy.allowed"),
        (Rule.HOUSEHOLDS, [came("somebody", instead_of="nobody")], "proxy.member"),
        (
            Rule.HOUSEHOLDS,
            [came("example-1"), came("somebody", present=False, instead_of="example-2")],
            "proxy.present",
        ),
        (Rule.HOUSEHOLDS, [came("example-1"), came("example-1", present=False)], "unique"),
    ],
)
def test_who_cannot_be_counted(rule: Rule, people: list[Attendee], refused: str) -> None:
    with pytest.raises(InvalidInput) as error:
        standing(body(rule, members=MEMBERS), people_by_kind(people, {}), people, None)
    assert error.value.extra["rule"] == refused


def test_numbers_alone_are_enough() -> None:
    people = people_by_kind((), {AttendeeKind.VILLAGER: 41, AttendeeKind.CADRE: 3, AttendeeKind.GUEST: 2})
    assert standing(None, people, (), None) == Standing(44, 44, 0, True, "实到 44 人；无法定人数要求")
    assert standing(body(Rule.ASSEMBLY, 60), people, (), None).present == 41
    assert standing(body(Rule.ASSEMBLY, 60), people, (), 43).present == 43


@pytest.mark.parametrize(
    ("entitled", "rule"), [(50, "attendance.entitled"), (31, "attendance.entitled"), (1, "attendance.named")]
)
def test_numbers_that_cannot_be(entitled: int, rule: str) -> None:
    people = [came("example-1"), came("example-2")]
    with pytest.raises(InvalidInput) as error:
        standing(body(members=MEMBERS, eligible=30), {AttendeeKind.REPRESENTATIVE: 40}, people, entitled)
    assert error.value.extra["rule"] == rule


@pytest.mark.parametrize(
    ("counted", "rule"), [({AttendeeKind.REPRESENTATIVE: 1}, "attendance.named"), ({}, "required")]
)
def test_counts_go_with_names(counted: dict[AttendeeKind, int], rule: str) -> None:
    people = [came("example-1"), came("example-2")] if counted else []
    with pytest.raises(InvalidInput) as error:
        people_by_kind(people, counted)
    assert error.value.extra["rule"] == rule


@settings(max_examples=100)
@given(
    record=st.dictionaries(
        st.text(st.characters(codec="ascii"), min_size=1),
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | st.lists(st.text(), max_size=3),
        max_size=6,
    )
)
def test_the_canonical_form_does_not_hang_on_order(record: dict[str, object]) -> None:
    turned = dict(reversed(record.items()))
    assert canonical(record) == canonical(turned)
    assert digest(canonical(record)) != digest(canonical({**record, "": "another"}))


def test_the_digest_is_sha256_of_utf8() -> None:
    assert canonical({"b": 1, "a": ["示例", None]}) == '{"a":["示例",null],"b":1}'
    assert digest("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_whose_signature_is_missing() -> None:
    assert missing([]) == list(NEEDED) == list(Signer)
    assert missing([Signer.HOST, Signer.HOST, Signer.RECORDER]) == [Signer.REPRESENTATIVE]
    assert missing(list(Signer)) == []


def test_shares_in_words() -> None:
    assert HALF.words == "过半数"
    assert TWO_THIRDS.words == "2/3 以上"
