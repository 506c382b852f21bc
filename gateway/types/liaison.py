"""Who is on duty (owner: liaison)."""

from enum import Enum

import strawberry

from gateway.types.declare import Date, DateTime, Node, filled


@strawberry.enum(description="What a day is by the State Council's calendar (日期性质)")
class DayKind(Enum):
    WORKDAY = "WORKDAY"
    WEEKEND = "WEEKEND"
    HOLIDAY = "HOLIDAY"
    MAKEUP_WORKDAY = "MAKEUP_WORKDAY"


@strawberry.type(description="A village cadre (村干部)")
class Cadre:
    name: str = filled("name (姓名)")
    subject: str = filled("subject of their account (账号)")


@strawberry.type(description="Who is on duty in a village on a day (值班)")
class Duty(Node):
    id: strawberry.ID = filled("global id")
    area: str = filled("code of the village (村代码)")
    date: Date = filled("the day (日期)")
    day_kind: DayKind = filled("what kind of day it is (日期性质)")
    explanation: str = filled("why it is that kind of day, and so who is on duty (说明)")
    provisional: bool = filled("whether the calendar of that year is not published yet (暂定)")
    cadre: Cadre | None = filled("who is on duty; null on days off (值班干部)")
    signed_in_at: DateTime | None = filled("when they signed in (签到时间)")


@strawberry.type(description="The roster of an area (区域值班情况)")
class AreaDuties:
    ahead: int = filled("duties from today on, in its villages (待值班数)")
