"""A member of a household, and what must be true of one."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from services.archive.domain import id_number as gb11643
from services.archive.domain.codes import CODES, STANDARDS
from services.archive.domain.invariants import require_member
from services.archive.domain.relation import RELATIONS, SELF
from services.archive.domain.sex import UNKNOWN, agree
from services.archive.domain.text import NAME, REASON
from services.chassis import phone as phones
from services.chassis.errors import InvalidInput

LONGEST_NUMBER = 30
"""Of an ID number that stands as it is although it breaks a rule."""


@dataclass(frozen=True)
class Member:
    """Numbers are in clear, here in memory only. `since` is the first day of the membership. What it is made of, codes.py says."""

    id: UUID
    name: str
    relation: str
    sex: str = UNKNOWN
    birth_date: date | None = None
    since: date | None = None
    id_number: str | None = field(default=None, repr=False)
    id_number_override: str | None = None
    phone: str | None = field(default=None, repr=False)
    ethnicity: str | None = None
    marital: str | None = None
    education: str | None = None
    health: str | None = field(default=None, repr=False)
    politics: str | None = None
    died_on: date | None = None


@dataclass(frozen=True)
class MemberInput:
    """A member as they shall be. Without id a new one. None leaves a fact as it is; an empty number takes it away."""

    name: str
    relation: str
    id: UUID | None = None
    sex: str | None = None
    birth_date: date | None = None
    id_number: str | None = field(default=None, repr=False)
    id_number_override: str | None = None
    phone: str | None = field(default=None, repr=False)
    ethnicity: str | None = None
    marital: str | None = None
    education: str | None = None
    health: str | None = field(default=None, repr=False)
    politics: str | None = None


def added(given: MemberInput, where: str, today: date, new_id: Callable[[], UUID]) -> Member:
    """A new member, since today. `where` names the input in errors, such as `members[0]`."""
    member = Member(id=new_id(), name=given.name, relation=given.relation, since=today)
    return revised(member, given, where, today)


def revised(member: Member, given: MemberInput, where: str, today: date) -> Member:
    """The member with what is given; raises InvalidInput for the first rule that would be broken."""
    codes: dict[str, Any] = {
        name: _coded(name, value, where) for name in CODES if (value := getattr(given, name)) is not None
    }
    result = replace(
        member,
        name=NAME.check(given.name, f"{where}.name"),
        relation=known_relation(given.relation, f"{where}.relation"),
        sex=member.sex if given.sex is None else given.sex,
        birth_date=member.birth_date if given.birth_date is None else given.birth_date,
        phone=member.phone if given.phone is None else _phone(given.phone, where),
        **codes,
    )
    if given.id_number is not None:
        result = replace(result, id_number=gb11643.compact(given.id_number) or None, id_number_override=None)
    if given.id_number_override is not None and result.id_number is not None:
        reason = REASON.check(given.id_number_override, f"{where}.idNumberOverride")
        result = replace(result, id_number_override=reason)
    result = _with_number(result, where)
    _check(result, where, today)
    return result


def known_relation(code: str, field: str) -> str:
    """The code of a relation to a head; raises InvalidInput that names the field."""
    if code not in RELATIONS or code == SELF:
        raise InvalidInput(f"{field} must be a code of GB/T 4761-2008 other than 01", field=field, rule="gbt4761.known")
    return code


def _coded(name: str, code: str, where: str) -> str | None:
    if not code:
        return None
    if code not in CODES[name]:
        raise InvalidInput(
            f"{where}.{name} must be a code of {STANDARDS[name]}", field=f"{where}.{name}", rule=f"{name}.known"
        )
    return code


def _phone(text: str, where: str) -> str | None:
    if not text.strip():
        return None
    if (number := phones.parse(text)) is None:
        raise InvalidInput(
            f"{where}.phone must be a phone number, with +<country code> if it is not Chinese",
            field=f"{where}.phone",
            rule="phone",
        )
    return number


def _with_number(member: Member, where: str) -> Member:
    """Fills sex and birth date from the ID number where they agree with it. An override that nothing needs is dropped."""
    if member.id_number is None:
        return replace(member, id_number_override=None)
    if len(member.id_number) > LONGEST_NUMBER:
        raise InvalidInput(f"{where}.idNumber is too long", field=f"{where}.idNumber", rule="gb11643.form")
    try:
        facts = gb11643.facts_of(member.id_number)
    except gb11643.RuleBroken:
        return member
    if member.birth_date not in (None, facts.birth_date) or not agree(member.sex, facts.sex):
        return member
    return replace(member, birth_date=facts.birth_date, sex=facts.sex, id_number_override=None)


def _check(member: Member, where: str, today: date) -> None:
    if member.birth_date is not None and member.birth_date > today:
        raise InvalidInput(f"{where}.birthDate lies ahead", field=f"{where}.birthDate", rule="birth.future")
    require_member(member, where, today)
