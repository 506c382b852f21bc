"""A stall that liaison planned for a team on a market's day is an activity of that team: made, moved and cancelled as liaison tells."""

from dataclasses import dataclass, replace
from datetime import date, time
from uuid import UUID

from services.chassis.clock import Clock
from services.chassis.db import Connection
from services.chassis.errors import InvalidInput, UnknownCode
from services.chassis.outbox import record
from services.chassis.principal import itself
from services.tickets.domain.team import Activity, Held, ended
from services.tickets.events import activity_event
from services.tickets.store import area as areas
from services.tickets.store import team as store

TOPIC = "墟日摆摊服务"
REASONS = {"MARKET": "当日无墟（市）日", "PLAN": "摆摊计划已取消"}


@dataclass(frozen=True)
class Stall:
    """As liaison tells of it; times are China's."""

    id: UUID
    team: str
    area: str
    day: date
    begins: time
    ends: time
    version: int


async def follow_stall(connection: Connection, clock: Clock, stall: Stall) -> Activity:
    """The activity as it stands then. One that was held or cancelled here stays as it is, and so does one of which something later was told.

    Raises UnknownCode or InvalidInput, so that the event waits for its team, and is set aside where none comes. It does not wait for its area.
    """
    activity = await store.lock_activity(connection, stall.id)
    if activity is None:
        activity = await _planned(connection, clock, stall)
        await store.add_activity(connection, activity)
        await _tell(connection, clock, activity)
    elif activity.state is Held.PLANNED and stall.version > (activity.stall_version or 0):
        moved = (activity.day, activity.begins, activity.ends) != (stall.day, stall.begins, stall.ends)
        activity = replace(
            activity,
            day=stall.day,
            begins=stall.begins,
            ends=stall.ends,
            version=activity.version + moved,
            stall_version=stall.version,
        )
        await store.move_activity(connection, activity)
        if moved:
            await _tell(connection, clock, activity)
    return activity


async def drop_stall(connection: Connection, clock: Clock, stall: Stall, cause: str) -> None:
    """Also a stall that was not heard of before is put down, so that its planning, told later, plans nothing."""
    activity = await follow_stall(connection, clock, stall)
    if activity.state is not Held.PLANNED:
        return
    reason = REASONS.get(cause, REASONS["PLAN"])
    after = ended(activity, Held.CANCELLED, itself("tickets").subject, clock.now(), reason=reason)
    await store.end_activity(connection, after, activity.version, {}, [])
    await _tell(connection, clock, after)


async def _planned(connection: Connection, clock: Clock, stall: Stall) -> Activity:
    team, area = await store.find(connection, stall.team), await areas.find(connection, stall.area)
    if team is None:
        raise UnknownCode("team", field="team")
    if not any(stall.area.startswith(code) for code in team.areas):
        raise InvalidInput("area: the team does not serve this area", field="area", rule="team.area")
    return Activity(
        id=stall.id,
        team=team.code,
        area=stall.area,
        place=f"{'' if area is None else area.name}墟（市）场",
        topic=TOPIC,
        day=stall.day,
        begins=stall.begins,
        ends=stall.ends,
        planned_by=itself("tickets").subject,
        planned_at=clock.now(),
        stall_version=stall.version,
    )


async def _tell(connection: Connection, clock: Clock, activity: Activity) -> None:
    event = activity_event(activity, clock.now())
    await record(connection, clock, event, subject=str(activity.id), area=activity.area)
