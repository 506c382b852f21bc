"""What is checked of reads about teams, missions, activities and mediations."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.chassis.clock import SystemClock
from services.chassis.db import transaction
from services.chassis.errors import InvalidInput, UnknownCode, none_such
from services.chassis.place import point
from services.chassis.service import Asking, Preparation
from services.tickets.domain import mediation, team
from services.tickets.domain.access import reach
from services.tickets.store import area as areas
from services.tickets.store import mediation as mediations
from services.tickets.store import team as store

BY = {"AREA": "by_area", "TEAM": "by_team", "KIND": "by_kind", "SKILL": "by_skill", "MONTH": "by_month"}
LONGEST_SPAN_DAYS = 1100
_PAGE = ("first", "after")


async def prepare_teams(asking: Asking) -> dict[str, Any]:
    return await given(asking, "area", "kind", "skill", "active", *_PAGE)


async def prepare_proposals(asking: Asking) -> dict[str, Any]:
    """For a ticket, whose area is the place unless a point is given, or for an area. Raises NotFound, InvalidInput or UnknownCode."""
    args = await given(asking, "ticket", "skill", "level", "area", "longitude", "latitude", "begins", "ends")
    ticket = args.pop("ticket", None)
    if (ticket is None) == ("area" not in args):
        raise InvalidInput("give ticket or area, not both", field="ticket", rule="required")
    place = point(_number(args, "longitude"), _number(args, "latitude"))
    level = team.checked_level(args.get("level", 1), "level")
    begins, ends = (_instant(args, name) for name in ("begins", "ends"))
    async with transaction(asking.pool, reach(asking.principal)) as connection:
        if ticket is not None:
            behind = await mediations.behind(connection, _uuid(ticket, "ticket"))
            if behind is None:
                raise none_such("ticket")
            args |= {"refuser": ticket, "area": behind.area}
        skill = args.get("skill")
        if not isinstance(skill, str) or not await store.known_skills(connection, [skill]):
            raise UnknownCode("skill", field="skill")
        usual = await store.usual_time(connection)
    first, last = team.window(begins, ends, usual, SystemClock().now())
    if place is not None:
        args |= {"longitude": str(place.longitude), "latitude": str(place.latitude)}
    return args | {"level": level, "begins": first.isoformat(), "ends": last.isoformat()}


async def prepare_missions(asking: Asking) -> dict[str, Any]:
    """`mine` are those that the caller is sent on."""
    args = await given(asking, "area", "team", "member", "state", "mine", *_PAGE)
    if args.pop("mine", False):
        args["member"] = asking.principal.subject
    return _stated(args, team.State.__members__, "mission")


async def prepare_activities(asking: Asking) -> dict[str, Any]:
    args = await given(asking, "area", "since", "until", "team", "kind", "skill", "state", *_PAGE)
    return _stated(args, team.Held.__members__, "activity")


async def prepare_figures(asking: Asking) -> dict[str, Any]:
    """`by` AREA (one level down), TEAM, KIND, SKILL or MONTH; since and until are days, both included."""
    args = await given(asking, "area", "since", "until", "by")
    by = BY.get(args.pop("by", "AREA"))
    if by is None:
        raise InvalidInput(f"by must be one of {', '.join(BY)}", field="by", rule="figure.by")
    try:
        days = (date.fromisoformat(args["until"]) - date.fromisoformat(args["since"])).days
    except (KeyError, TypeError, ValueError):
        raise InvalidInput("since and until must be days", field="since", rule="form") from None
    if not 0 <= days <= LONGEST_SPAN_DAYS:
        raise InvalidInput(f"until: at most {LONGEST_SPAN_DAYS} days after since", field="until", rule="figure.span")
    return {**args, by: True}


async def prepare_mediations(asking: Asking) -> dict[str, Any]:
    args = await given(asking, "area", "state", "mediator", *_PAGE)
    return _stated(args, mediation.State.__members__, "mediation")


async def prepare_obligations(asking: Asking) -> dict[str, Any]:
    return await given(asking, "area", "until", *_PAGE)


async def prepare_mediators(asking: Asking) -> dict[str, Any]:
    return await given(asking, "area")


async def given(asking: Asking, *names: str) -> dict[str, Any]:
    """The arguments that are given; raises InvalidInput for another name, and UnknownCode for an area that is not known."""
    args = {name: value for name, value in asking.args.items() if value is not None}
    for name in args.keys() - set(names):
        raise InvalidInput(f"{name} is no argument here", field=name, rule="known.argument")
    area = args.get("area")
    if area is not None and (not isinstance(area, str) or await areas.find(asking.pool, area) is None):
        raise UnknownCode("area", field="area")
    return args


def _stated(args: dict[str, Any], states: Mapping[str, Any], noun: str) -> dict[str, Any]:
    if args.get("state") is not None and args["state"] not in states:
        raise InvalidInput(f"state must be one of {', '.join(states)}", field="state", rule=f"known.{noun}")
    return args


def _uuid(value: Any, name: str) -> UUID:
    try:
        return UUID(value)
    except (TypeError, ValueError, AttributeError):
        raise InvalidInput(f"{name} must be a UUID", field=name, rule="form") from None


def _number(args: Mapping[str, Any], name: str) -> float | None:
    value = args.get(name)
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    raise InvalidInput(f"{name} must be a number", field=name, rule="form")


def _instant(args: Mapping[str, Any], name: str) -> datetime | None:
    try:
        return None if args.get(name) is None else datetime.fromisoformat(args[name])
    except (TypeError, ValueError):
        raise InvalidInput(f"{name} must be an instant by RFC 3339", field=name, rule="form") from None


PREPARE: Mapping[str, Preparation] = {
    "teams": prepare_teams,
    "proposeTeams": prepare_proposals,
    "missions": prepare_missions,
    "activities": prepare_activities,
    "activityFigures": prepare_figures,
    "mediations": prepare_mediations,
    "obligationsDue": prepare_obligations,
    "mediators": prepare_mediators,
}
