"""Who holds whose papers (证件保管): each document has one holder at any time and a chain of hand-overs that is only ever added to.

A hand-over has two steps: whoever holds the document offers it, whoever it is for accepts it. Until then the holder stays.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.chassis.errors import Conflict, Forbidden, InvalidInput
from services.chassis.principal import Principal
from services.chassis.text import Text
from services.tickets.domain.errand import Errand, Part, parts_of
from services.tickets.domain.role import Role

KINDS: Mapping[str, str] = {
    "ID_CARD": "居民身份证",
    "HOUSEHOLD_REGISTER": "户口簿",
    "LAND_CERTIFICATE": "土地承包经营权证",
    "HOMESTEAD_CERTIFICATE": "宅基地使用权证",
    "PROPERTY_CERTIFICATE": "不动产权证书",
    "MARRIAGE_CERTIFICATE": "结婚证",
    "BIRTH_CERTIFICATE": "出生医学证明",
    "DISABILITY_CERTIFICATE": "残疾人证",
    "SOCIAL_SECURITY_CARD": "社会保障卡",
    "BANK_CARD": "银行卡",
    "DRIVING_LICENCE": "机动车驾驶证",
    "BUSINESS_LICENCE": "营业执照",
    "SEAL": "印章",
    "CONTRACT": "合同、协议",
    "PERMIT": "许可证、批准文件",
    "CERTIFICATE": "证明",
    "OTHER": "其他材料",
}
"""Kind of a document → its name."""
DESCRIPTION = Text(100)
MOST_DOCUMENTS = 50
PERSON = "person"
HOLDERS = {"agent": "代办员", "department": "部门"}
_LAST4 = re.compile(r"[0-9A-Z]{4}")
_NUMBER = re.compile(r"\d(?:[\s\-·.．、/]*[\dXx]){4,}")
"""Five digits or more, however they are parted."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """An original, or what the errand obtained.

    `origin`, `holder` and `offered_to` are `person`, `agent/<subject>` or `department/<code>`; `seq` counts the chain, whose last entry happened
    `handed_at`. While it is out, neither with the person nor where it was issued, it is so since `out_since` and should be back by `due_on`.
    """

    id: UUID
    errand: UUID
    area: str
    kind: str
    description: str | None = None
    last4: str | None = None
    origin: str
    holder: str
    offered_to: str | None = None
    offer_until: datetime | None = None
    handed_at: datetime
    out_since: datetime | None = None
    due_on: date | None = None
    seq: int = 1

    @property
    def out(self) -> bool:
        return self.holder not in (PERSON, self.origin)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry of a chain. `before` is the holder before it, `holder` the one after it."""

    document: UUID
    seq: int
    deed: str
    before: str | None
    holder: str
    offered_to: str | None
    at: datetime
    recorded_at: datetime
    place: str | None = None
    attachment: UUID | None = None
    actor: str
    actor_role: str
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class Hand:
    """What every entry of a deed shares: when it was done and told, where, by whom, and the picture of a signature."""

    at: datetime
    recorded_at: datetime
    actor: str
    role: str
    place: str | None = None
    attachment: UUID | None = None
    note: str | None = None


def agent(subject: str) -> str:
    return f"agent/{subject}"


def department(code: str) -> str:
    return f"department/{code}"


def named(holder: str, names: Mapping[str, str]) -> str:
    """A holder as a receipt calls it; `names` are those of agents and departments, by holder."""
    return "本人" if holder == PERSON else names.get(holder, holder.partition("/")[2])


def check(kind: str, description: str | None, last4: str | None, field: str) -> tuple[str | None, str | None]:
    """The description and the last four characters as they are kept; raises InvalidInput where a whole number shows."""
    if kind not in KINDS:
        raise InvalidInput(
            f"{field}.kind must be one of {', '.join(KINDS)}", field=f"{field}.kind", rule="document.kind"
        )
    if description is not None:
        description = DESCRIPTION.check(description, f"{field}.description")
        if _NUMBER.search(unicodedata.normalize("NFKC", description)):
            raise InvalidInput(
                f"{field}.description must hold no number: give its last four characters as last4",
                field=f"{field}.description",
                rule="document.number",
            )
    if last4 is not None:
        last4 = unicodedata.normalize("NFKC", last4).strip().upper()
        if not _LAST4.fullmatch(last4):
            raise InvalidInput(
                f"{field}.last4 must be four digits or letters", field=f"{field}.last4", rule="document.last4"
            )
    return description, last4


def registered(document: Document, hand: Hand) -> Entry:
    """The first entry of a document's chain."""
    return _entry(document, hand, "REGISTERED", before=None)


def offered(document: Document, to: str, hand: Hand, *, until: datetime) -> tuple[Document, Entry]:
    """The holder holds it out to somebody, who should accept by `until`."""
    _in_order(document, hand)
    if document.offered_to is not None:
        raise Conflict("the document is offered already: decline or accept that first", rule="custody.offered")
    if to == document.holder:
        raise Conflict("the document is there already", rule="custody.holder")
    after = replace(document, offered_to=to, offer_until=until, handed_at=hand.at, seq=document.seq + 1)
    return after, _entry(after, hand, "OFFERED", before=document.holder)


def accepted(document: Document, to: str, hand: Hand, *, due_on: date) -> tuple[Document, Entry]:
    """It changes hands: it was offered to `to`, or is claimed by it. `due_on` is when it should be back, if it goes out only now."""
    _in_order(document, hand)
    if document.holder == to:
        raise Conflict("the document was accepted already", rule="custody.accepted")
    if document.offered_to not in (None, to):
        raise Conflict("the document is offered to somebody else", rule="custody.offered")
    after = replace(document, holder=to, offered_to=None, offer_until=None, handed_at=hand.at, seq=document.seq + 1)
    if after.out:
        since, due = document.out_since or hand.at, document.due_on or due_on
        after = replace(after, out_since=since, due_on=due)
    else:
        after = replace(after, out_since=None, due_on=None)
    return after, _entry(after, hand, "ACCEPTED", before=document.holder)


def declined(document: Document, hand: Hand, *, by_holder: bool) -> tuple[Document, Entry]:
    """An offer ends without a hand-over: the receiver declined, or the holder took it back."""
    _in_order(document, hand)
    if document.offered_to is None:
        raise Conflict("the document is not offered to anybody", rule="custody.not_offered")
    after = replace(document, offered_to=None, offer_until=None, handed_at=hand.at, seq=document.seq + 1)
    return after, _entry(after, hand, "WITHDRAWN" if by_holder else "DECLINED", before=document.holder)


def _entry(after: Document, hand: Hand, deed: str, *, before: str | None) -> Entry:
    return Entry(
        document=after.id,
        seq=after.seq,
        deed=deed,
        before=before,
        holder=after.holder,
        offered_to=after.offered_to,
        at=hand.at,
        recorded_at=hand.recorded_at,
        place=hand.place,
        attachment=hand.attachment,
        actor=hand.actor,
        actor_role=hand.role,
        note=hand.note,
    )


def _in_order(document: Document, hand: Hand) -> None:
    if hand.at < document.handed_at:
        raise InvalidInput(
            "occurredAt lies before the document's previous hand-over", field="occurredAt", rule="occurred.order"
        )


_AGENTS: tuple[Role, ...] = (
    Role.ERRAND_AGENT,
    Role.VILLAGE_CADRE,
    Role.TOWNSHIP_CLERK,
    Role.GRID_WORKER,
    Role.WINDOW_CLERK,
)
_RECEIVERS: tuple[Role, ...] = (Role.DEPARTMENT_OFFICER, Role.WINDOW_CLERK)


def acts_for(principal: Principal, errand: Errand, holder: str) -> Role | None:
    """The role under which the caller acts for a holder; None where they do not."""
    kind, _, key = holder.partition("/")
    if kind == PERSON:
        return parts_of(principal, errand).get(Part.PERSON)
    if kind == "agent":
        acts, roles = key == principal.subject, _AGENTS
    else:
        acts, roles = key == principal.department and principal.covers(errand.area), _RECEIVERS
    return next((role for role in roles if role in principal.roles), None) if acts else None


def require_acting(principal: Principal, errand: Errand, holder: str, doing: str) -> Role:
    """Raises Forbidden where the caller does not act for the holder."""
    role = acts_for(principal, errand, holder)
    if role is None:
        raise Forbidden(
            f"{doing} is for whoever {'holds the document' if doing.startswith('offer') else 'it is offered to'}"
        )
    return role


def listed(documents: Sequence[Document]) -> list[dict[str, Any]]:
    """The documents as an error names them: codes and ids, no values."""
    return [{"kind": document.kind, "document": str(document.id), "holder": document.holder} for document in documents]


def require_in(documents: Sequence[Document], doing: str) -> None:
    """Raises Conflict with the list of what is out."""
    out = [document for document in documents if document.out]
    if out:
        kinds = "、".join(f"{KINDS[document.kind]}（{document.kind}）" for document in out)
        raise Conflict(
            f"{doing} is not possible while documents are out ({len(out)}): {kinds}; hand them back first",
            rule="custody.out",
            documents=listed(out),
        )
