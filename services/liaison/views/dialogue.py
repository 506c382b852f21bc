"""The monthly dialogue: agenda, who came in numbers, what was studied, proposals and votes, minutes; and who may vote.

`householdKey` is a raw key, by which the gateway joins a household to what archive owns.
"""

import json
from collections.abc import Mapping

from services.chassis.views import Edge, Root, View
from services.liaison.domain.ballot import PROPOSERS, STATES, State, allowed
from services.liaison.domain.dialogue import AGENDA_KINDS, ATTENDEE_KINDS, HALF, MOST_ATTENDEES, MOST_MEMBERS, PRESETS
from services.liaison.domain.minutes import NEEDED, SIGNERS


def _named(names: Mapping[str, str], code: str) -> str:
    """SQL that turns a code into its name."""
    literal = json.dumps(names, ensure_ascii=False).replace("'", "''").replace("{", "{{").replace("}", "}}")
    return f"'{literal}'::jsonb ->> {code}"


def _preset(of: Mapping[str, str]) -> str:
    return _named(of, "{t}.rule")


_ALLOWED = (
    "CASE {t}.state "
    + " ".join(f"WHEN '{state.value}' THEN '{json.dumps(allowed(state))}'" for state in State)
    + " END::json"
)
_MINE = "EXISTS (SELECT FROM body_member m WHERE m.id = b.member AND caller_is_member(m))"
_NEEDED = ", ".join(f"('{role.value}', {number}, {place})" for place, (role, number) in enumerate(NEEDED.items()))

_ROLES = ", ".join(f"'{role.value}'" for role in NEEDED)

DIALOGUE = View(
    "Dialogue",
    "dialogue_sheet",
    {
        "id": "global_id('Dialogue', {t}.id::text)",
        "areaCode": "{t}.area",
        "date": "{t}.date",
        "sessionId": "global_id('Session', {t}.id::text)",
        "version": "{t}.version",
        "publishedAt": "rfc3339({t}.published_at)",
    },
    {
        "body": Edge("VotingBody", "{t}.id = {p}.body"),
        "agenda": Edge("AgendaItem", "{t}.session = {p}.id", many=True, order="{t}.place"),
        "attendance": Edge("DialogueAttendance", "{t}.id = {p}.id AND {t}.noted_at IS NOT NULL"),
        "study": Edge("StudyRecord", "{t}.session = {p}.id", many=True, order="{t}.item, {t}.id"),
        "proposals": Edge("Proposal", "{t}.session = {p}.id", many=True, order="{t}.place"),
        "minutes": Edge(
            "DialogueMinutes",
            "{t}.version = coalesce({p}.published, (SELECT max(m.version) FROM minutes m WHERE m.session = {p}.id)) AND {t}.session = {p}.id",
        ),
    },
)
ITEM = View(
    "AgendaItem",
    "agenda_item",
    {
        "place": "{t}.place",
        "kind": "{t}.kind",
        "kindName": _named({kind.value: name for kind, name in AGENDA_KINDS.items()}, "{t}.kind"),
        "title": "{t}.title",
        "minutes": "{t}.minutes",
        "presenter": "{t}.presenter",
    },
)
ATTENDANCE = View(
    "DialogueAttendance",
    "dialogue_sheet",
    {
        "people": "(SELECT sum(a.people) FROM attendance a WHERE a.session = {t}.id)",
        "eligible": "{t}.eligible",
        "present": "{t}.present",
        "needed": "{t}.needed",
        "quorate": "{t}.quorate",
        "explanation": "{t}.explanation",
        "notedAt": "rfc3339({t}.noted_at)",
    },
    {
        "counts": Edge("AttendanceCount", "{t}.session = {p}.id", many=True, order="{t}.kind"),
        "named": Edge("Attendee", "{t}.session = {p}.id", many=True, order="{t}.place", most=MOST_ATTENDEES),
    },
)
COUNT = View(
    "AttendanceCount",
    "attendance",
    {
        "kind": "{t}.kind",
        "kindName": _named({kind.value: name for kind, name in ATTENDEE_KINDS.items()}, "{t}.kind"),
        "people": "{t}.people",
    },
)
ATTENDEE = View(
    "Attendee",
    "attendee",
    {
        "kind": "{t}.kind",
        "subject": "{t}.subject",
        "householdKey": "{t}.household",
        "present": "{t}.present",
        "proxyForSubject": "{t}.proxy_subject",
        "proxyForHouseholdId": "global_id('Household', {t}.proxy_household::text)",
    },
)
STUDY = View(
    "StudyRecord",
    "study",
    {
        "item": "{t}.item",
        "title": "{t}.title",
        "material": "{t}.material",
        "minutes": "{t}.minutes",
        "presenter": "{t}.presenter",
        "people": "{t}.people",
        "notedAt": "rfc3339({t}.noted_at)",
    },
)
PROPOSAL = View(
    "Proposal",
    "proposal",
    {
        "id": "global_id('Proposal', {t}.id::text)",
        "areaCode": "{t}.area",
        "number": "{t}.place",
        "title": "{t}.title",
        "text": "{t}.text",
        "proposedBy": "{t}.proposed_by",
        "proposedByName": _named({each.value: name for each, name in PROPOSERS.items()}, "{t}.proposed_by"),
        "state": "{t}.state",
        "stateName": _named({state.value: name for state, name in STATES.items()}, "{t}.state"),
        "secret": "{t}.secret",
        "eligible": "{t}.eligible",
        "present": "{t}.present",
        "needed": "{t}.needed",
        "cast": "CASE WHEN {t}.state = 'VOTING' THEN ballots_cast({t}.id) END",
        "votesFor": "{t}.votes_for",
        "votesAgainst": "{t}.votes_against",
        "votesAbstain": "{t}.votes_abstain",
        "explanation": "{t}.explanation",
        "voted": (
            f"(EXISTS (SELECT FROM ballot b WHERE b.proposal = {{t}}.id AND {_MINE}) "
            f"OR EXISTS (SELECT FROM secret_voter b WHERE b.proposal = {{t}}.id AND {_MINE}))"
        ),
        "myChoice": f"(SELECT b.choice FROM ballot b WHERE b.proposal = {{t}}.id AND {_MINE} LIMIT 1)",
        "endedAt": "rfc3339({t}.ended_at)",
        "version": "{t}.version",
        "allowed": _ALLOWED,
    },
    {"dialogue": Edge("Dialogue", "{t}.id = {p}.session"), "body": Edge("VotingBody", "{t}.id = {p}.body")},
)
MINUTES = View(
    "DialogueMinutes",
    "minutes",
    {
        "version": "{t}.version",
        "text": "{t}.record::jsonb ->> 'text'",
        "record": "{t}.record",
        "digest": "{t}.digest",
        "draftedAt": "rfc3339({t}.drafted_at)",
        "published": "EXISTS (SELECT FROM dialogue d WHERE d.session = {t}.session AND d.published = {t}.version)",
        "missing": (
            "(SELECT coalesce(json_agg(n.role ORDER BY n.place), '[]') "
            f"FROM (VALUES {_NEEDED}) n(role, number, place) "
            "WHERE n.number > (SELECT count(*) FROM minutes_signature g "
            "WHERE g.session = {t}.session AND g.version = {t}.version AND g.role = n.role))"
        ),
        "url": "'/files/liaison/dialogues/' || {t}.session || '/minutes.html'",
    },
    {
        "signatures": Edge(
            "MinutesSignature",
            "{t}.session = {p}.session AND {t}.version = {p}.version",
            many=True,
            order=f"array_position(ARRAY[{_ROLES}], {{t}}.role::text), {{t}}.signed_at, {{t}}.signer",
        )
    },
)
SIGNATURE = View(
    "MinutesSignature",
    "minutes_signature",
    {
        "role": "{t}.role",
        "roleName": _named({role.value: name for role, name in SIGNERS.items()}, "{t}.role"),
        "name": "{t}.name",
        "signedAt": "rfc3339({t}.signed_at)",
    },
)
BODY = View(
    "VotingBody",
    "voting_body",
    {
        "id": "global_id('VotingBody', {t}.id::text)",
        "areaCode": "{t}.area",
        "name": "{t}.name",
        "rule": "{t}.rule",
        "ruleName": _preset({rule.value: preset.name for rule, preset in PRESETS.items()}),
        "source": _preset({rule.value: preset.source for rule, preset in PRESETS.items()}),
        "quorum": (
            f"CASE WHEN {{t}}.quorum_above AND 2 * {{t}}.quorum_numerator = {{t}}.quorum_denominator THEN '{HALF.words}' "
            "WHEN {t}.quorum_above THEN '超过 ' || {t}.quorum_numerator || '/' || {t}.quorum_denominator "
            "ELSE {t}.quorum_numerator || '/' || {t}.quorum_denominator || ' 以上' END"
        ),
        "passing": _preset({rule.value: preset.passing.words for rule, preset in PRESETS.items()}),
        "eligible": "{t}.eligible",
        "since": "{t}.since",
        "version": "{t}.version",
    },
    {"members": Edge("BodyMember", "{t}.body = {p}.id", many=True, order="{t}.since, {t}.id", most=MOST_MEMBERS)},
)
MEMBER = View(
    "BodyMember",
    "body_member",
    {
        "id": "global_id('BodyMember', {t}.id::text)",
        "subject": "{t}.subject",
        "householdKey": "{t}.household",
        "since": "{t}.since",
        "until": "{t}.until",
    },
)

VIEWS = (DIALOGUE, ITEM, ATTENDANCE, COUNT, ATTENDEE, STUDY, PROPOSAL, MINUTES, SIGNATURE, BODY, MEMBER)
ROOTS: Mapping[str, Root] = {
    "dialogue": Root("Dialogue", "one", {"id": "uuid"}, always="{t}.id = :id"),
    "dialogueOf": Root("Dialogue", "one", {"session": "uuid"}, always="{t}.id = :session"),
    "proposal": Root("Proposal", "one", {"id": "uuid"}, always="{t}.id = :id"),
    "proposals": Root(
        "Proposal",
        "page",
        {"area": "text", "state": "text", "since": "date", "until": "date"},
        {
            "area": "{t}.area ^@ :area",
            "state": "{t}.state = :state",
            "since": "{t}.noted_at >= in_china(:since, '00:00')",
            "until": "{t}.noted_at < in_china(:until + 1, '00:00')",
        },
        order=(("{t}.noted_at", "timestamptz"), ("{t}.id", "uuid")),
        descending=True,
    ),
    "votingBody": Root("VotingBody", "one", {"id": "uuid"}, always="{t}.id = :id"),
    "votingBodies": Root(
        "VotingBody",
        "page",
        {"area": "text"},
        {"area": "{t}.area ^@ :area"},
        order=(("{t}.area", "text"), ("{t}.id", "uuid")),
    ),
}
