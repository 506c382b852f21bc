"""What must be true of a sheet."""

from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.archive.domain.household import Household, Revision, revise
from services.archive.domain.member import Member, MemberInput
from services.archive.domain.relation import HEAD, RELATIONS, SEX_OF
from services.archive.domain.sex import FEMALE, MALE
from services.chassis.errors import InvalidInput, NotFound, Problem

TODAY = date(2026, 1, 5)
HEAD_ID, WIFE_ID = UUID(int=1), UUID(int=2)
SHEET = Household(
    id=UUID(int=9),
    area="3399991002000001",
    number="0001",
    address="示例路1号",
    house="砖混",
    version=3,
    members=(
        Member(HEAD_ID, "示例甲一", HEAD, MALE, date(1962, 3, 12), id_number="339999196203121033"),
        Member(WIFE_ID, "示例甲二", "12", FEMALE, date(1965, 7, 4)),
    ),
)
HEAD_INPUT = MemberInput("示例甲一", HEAD, id=HEAD_ID)
NEW = MemberInput("示例甲三", "21")


def refused(*members: MemberInput, sheet: Household = SHEET, **revision: str) -> tuple[str | None, str | None]:
    """(field, rule) of the refusal."""
    with pytest.raises(Problem) as error:
        revise(sheet, Revision(members=members, **revision), TODAY, uuid4)
    return error.value.extra.get("field"), error.value.extra.get("rule")


def test_nothing_given_nothing_changed() -> None:
    result = revise(SHEET, Revision(), TODAY, uuid4)
    assert (result.household, result.changed, result.positions) == (SHEET, (), {})
    same = Revision(address=SHEET.address, members=[HEAD_INPUT])
    assert revise(SHEET, same, TODAY, uuid4).household == SHEET


def test_changed_fields_are_named_and_the_version_rises_by_one() -> None:
    revision = Revision("示例路2号", "", "3399991002000002", [replace(HEAD_INPUT, phone="13800001234")])
    result = revise(SHEET, revision, TODAY, uuid4)
    assert result.changed == ("address", "area", "house", "members.phone")
    assert (result.household.version, result.household.house) == (4, None)
    assert result.household.members[0].phone == "+8613800001234"
    assert result.household.members[1] is SHEET.members[1]


def test_a_member_without_an_id_joins_today() -> None:
    new_id = uuid4()
    result = revise(SHEET, Revision(members=[NEW]), TODAY, lambda: new_id)
    assert result.changed == ("members",)
    assert result.household.members[-1] == Member(new_id, "示例甲三", "21", since=TODAY)


def test_the_head_may_pass_on() -> None:
    swap = [replace(HEAD_INPUT, id=WIFE_ID, name="示例甲二"), replace(HEAD_INPUT, relation="11")]
    result = revise(SHEET, Revision(members=swap), TODAY, uuid4)
    assert result.positions == {WIFE_ID: 0, HEAD_ID: 1}
    assert [member.relation for member in result.household.members] == ["11", HEAD]


def test_a_number_fills_in_sex_and_birth_date() -> None:
    given_number = replace(NEW, id_number="339999198811231075")
    member = revise(SHEET, Revision(members=[given_number]), TODAY, uuid4).household.members[-1]
    assert (member.sex, member.birth_date) == (MALE, date(1988, 11, 23))


def test_an_empty_number_is_taken_away_and_a_null_one_stays() -> None:
    without = revise(SHEET, Revision(members=[replace(HEAD_INPUT, id_number="")]), TODAY, uuid4)
    assert without.household.members[0].id_number is None
    assert without.changed == ("members.idNumber",)


@pytest.mark.parametrize(
    ("member", "field", "rule"),
    [
        (replace(NEW, relation=HEAD), "members", "household.one_head"),
        (replace(HEAD_INPUT, relation="11"), "members", "household.one_head"),
        (replace(NEW, sex=FEMALE), "members[0].relation", "relation.sex"),
        (replace(NEW, relation="28", sex=FEMALE), "members[0].relation", "relation.sex"),
        (replace(NEW, relation="38", sex=MALE), "members[0].relation", "relation.sex"),
        (replace(NEW, relation="03"), "members[0].relation", "gbt4761.known"),
        (replace(NEW, relation="01"), "members[0].relation", "gbt4761.known"),
        (replace(NEW, birth_date=date(2026, 1, 6)), "members[0].birthDate", "birth.future"),
        (replace(NEW, id_number="339999198811231074"), "members[0].idNumber", "gb11643.check_digit"),
        (replace(NEW, id_number="33999919881123"), "members[0].idNumber", "gb11643.form"),
        (replace(NEW, id_number="339999198811231075", sex=FEMALE), "members[0].idNumber", "gb11643.sex"),
        (
            replace(NEW, id_number="339999198811231075", birth_date=date(1988, 11, 24)),
            "members[0].idNumber",
            "gb11643.birth_date",
        ),
        (replace(HEAD_INPUT, birth_date=date(1962, 3, 13)), "members[0].idNumber", "gb11643.birth_date"),
        (replace(NEW, phone="123"), "members[0].phone", "phone"),
        (replace(NEW, name=" "), "members[0].name", "required"),
        (replace(NEW, name="示例\n甲"), "members[0].name", "characters"),
    ],
)
def test_what_a_sheet_refuses(member: MemberInput, field: str, rule: str) -> None:
    assert refused(member) == (field, rule)


def test_what_else_a_sheet_refuses() -> None:
    assert refused(address=" ") == ("address", "required")
    assert refused(house="长" * 201) == ("house", "length")
    assert refused(grid="3399991002010001") == ("gridCode", "grid.same_village")
    changed = replace(HEAD_INPUT, phone="13800001234")
    assert refused(changed, changed) == ("members[1].id", "unique")
    with pytest.raises(NotFound):
        revise(SHEET, Revision(members=[replace(NEW, id=UUID(int=77))]), TODAY, uuid4)


def test_a_membership_starts_no_earlier_than_birth() -> None:
    sheet = replace(SHEET, members=(*SHEET.members, Member(UUID(int=3), "示例甲三", "21", since=date(2000, 1, 1))))
    late = MemberInput("示例甲三", "21", id=UUID(int=3), birth_date=date(2000, 1, 2))
    assert refused(late, sheet=sheet) == ("members[0].birthDate", "membership.before_birth")


def test_an_override_is_kept_with_its_reason_only_where_a_rule_is_broken() -> None:
    wrong = replace(NEW, id_number="339999198811231074", id_number_override="证件如此，待派出所更正", sex=MALE)
    member = revise(SHEET, Revision(members=[wrong]), TODAY, uuid4).household.members[-1]
    assert (member.id_number, member.id_number_override) == ("339999198811231074", "证件如此，待派出所更正")
    right = replace(wrong, id_number="339999198811231075")
    member = revise(SHEET, Revision(members=[right]), TODAY, uuid4).household.members[-1]
    assert member.id_number_override is None
    assert refused(replace(wrong, id_number_override=" ")) == ("members[0].idNumberOverride", "required")


def test_numbers_do_not_show_in_a_repr_or_an_error() -> None:
    assert "3399" not in repr(SHEET).replace(SHEET.area, "")
    with pytest.raises(InvalidInput) as error:
        revise(SHEET, Revision(members=[replace(NEW, id_number="339999198811231074")]), TODAY, uuid4)
    assert "339999198811231074" not in str(error.value.document(None))


RELATED = st.sampled_from([code for code in RELATIONS if code not in ("01", HEAD)])


@given(st.lists(st.tuples(RELATED, st.sampled_from([None, "0", "1", "2", "9"])), max_size=8))
def test_a_revision_keeps_every_member_has_one_head_and_no_relation_of_the_other_sex(
    joining: list[tuple[str, str | None]],
) -> None:
    revision = Revision(members=[MemberInput("示例新人", relation, sex=sex) for relation, sex in joining])
    contradicts = any(sex in "12" and SEX_OF.get(code, sex) != sex for code, sex in joining if sex is not None)
    if contradicts:
        with pytest.raises(InvalidInput) as refusal:
            revise(SHEET, revision, TODAY, uuid4)
        assert refusal.value.extra["rule"] == "relation.sex"
        return
    members = (result := revise(SHEET, revision, TODAY, uuid4).household).members
    assert len(members) == 2 + len(joining)
    assert len({member.id for member in members}) == len(members)
    assert sum(member.relation == HEAD for member in members) == 1
    assert result.version == 3 + bool(joining)
