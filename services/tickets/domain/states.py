"""The state machine written out for people: STATES.md is made from DEEDS, and a test holds it to them. Pure."""

from collections.abc import Iterable

from services.tickets.domain.ticket import DEEDS, ENDS, OPEN, WITH_DEPARTMENT, Code, Deed, Status


def document() -> str:
    """The text of STATES.md."""
    return "\n".join(
        [
            "# The way of a matter (事情单流转)",
            "",
            "Made from `domain/ticket.py` by `python -m services.tickets states`; do not edit.",
            "",
            "## States",
            "",
            *_table(("state", "中文", "whose move it is"), (_state(status) for status in Status)),
            "",
            "```mermaid",
            *_diagram(),
            "```",
            "",
            "Not drawn: deeds that leave the state as it is, and those that lead from every state before RESOLVED to an end.",
            "",
            "## Deeds",
            "",
            *_table(("deed", "中文", "from → to", "who", "asks for", "only if", "event"), map(_deed, DEEDS)),
            "",
            "Who: officers act for the department that has it, in their areas; village cadres, township clerks, hotline agents and city admins",
            "where their areas hold the station, the area whose unit is in charge; others where they hold the matter's area.",
            "",
            "## Reasons",
            "",
            *_table(("deed", "codes"), ((deed.name, _codes(deed.reasons)) for deed in DEEDS if deed.reasons)),
            "",
        ]
    )


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows)]


def _state(status: Status) -> tuple[str, ...]:
    owner = "the department" if status in WITH_DEPARTMENT else "the unit in charge"
    return status, status.words, "nobody's: it has ended" if status in ENDS else owner


def _diagram() -> list[str]:
    arrows = {
        (before, after): [deed.words for deed in DEEDS if deed.moves.get(before) is after]
        for before in Status
        for after in Status
        if before is not after and after not in ENDS[1:]
    }
    drawn = [f"    {before} --> {after}: {'、'.join(words)}" for (before, after), words in arrows.items() if words]
    return ["stateDiagram-v2", f"    [*] --> {Status.DRAFTED}: 上报", *drawn, f"    {Status.CLOSED} --> [*]"]


def _deed(deed: Deed) -> tuple[str, ...]:
    asked = ["a reason"] * (deed.reasons is not None) + ["a note"] * deed.needs_note
    own = [f"whose own matter it is ({', '.join(deed.own)})"] if deed.own else []
    where = ["above the station"] * deed.above + ["of those whose move it is"] * deed.owner
    return (
        f"`{deed.name}`",
        deed.words,
        _moves(deed),
        "; ".join([", ".join(deed.roles), *where, *own]),
        ", ".join(asked),
        "; ".join(condition.words for condition in deed.conditions),
        f"`tickets.ticket.{deed.past}.v1`",
    )


def _moves(deed: Deed) -> str:
    if not deed.moves:
        return f"→ {Status.DRAFTED}"
    if all(before is after for before, after in deed.moves.items()):
        return "stays: " + ("every open state" if set(deed.moves) == set(OPEN) else ", ".join(deed.moves))
    (after,) = set(deed.moves.values())
    return f"{', '.join(deed.moves)} → {after}"


def _codes(reasons: type[Code] | None) -> str:
    return "" if reasons is None else " · ".join(f"{code} {code.words}" for code in reasons)
