"""Who is on duty (owner: liaison)."""

from enum import Enum
from typing import Annotated

import strawberry

from gateway.types.declare import Date, DateTime, Node, filled, first


@strawberry.enum(description="What a day is by the State Council's calendar (日期性质)")
class DayKind(Enum):
    WORKDAY = "WORKDAY"
    WEEKEND = "WEEKEND"
    HOLIDAY = "HOLIDAY"
    MAKEUP_WORKDAY = "MAKEUP_WORKDAY"


@strawberry.enum(description="Where somebody signed in, against the station's place (签到位置)")
class DutyPlace(Enum):
    AT_STATION = "AT_STATION"
    AWAY = "AWAY"
    UNKNOWN = "UNKNOWN"


@strawberry.enum(description="Where an offer of a duty stands (换班状态)")
class DutyOfferState(Enum):
    OPEN = "OPEN"
    TAKEN = "TAKEN"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"
    LAPSED = "LAPSED"


@strawberry.type(description="Somebody who does duty or goes to gatherings (干部)")
class Cadre(Node):
    id: strawberry.ID = filled("global id")
    name: str = filled("name (姓名)")
    subject: str = filled("subject of their account (账号)")
    area_code: str = filled("code of the area within which they may be sent anywhere (服务区域代码)")
    base_code: str = filled("code of the area in it that they set out from (驻地区划代码)")
    department: str | None = filled("code of the department that they come for (部门代码)")
    since: Date = filled("their first day (任职日期)")
    until: Date | None = filled("their last day (离任日期)")
    away: bool = filled("whether they are on leave today (今日请假)")
    version: int = filled("version (版本)")


@strawberry.type(description="Where a village's station is (村服务站)")
class Station:
    area_code: str = filled("code of the village (村代码)")
    name: str = filled("name (名称)")
    address: str | None = filled("address (地址)")
    longitude: float = filled("longitude in WGS 84 (经度)")
    latitude: float = filled("latitude in WGS 84 (纬度)")
    radius: int = filled("within so many metres one is at it (范围米)")
    version: int = filled("version (版本)")


@strawberry.type(description="Who has a duty asks another, or anybody, to take it (换班申请)")
class DutyOffer(Node):
    id: strawberry.ID = filled("global id")
    area_code: str = filled("code of the village (村代码)")
    date: Date = filled("the day of the duty (日期)")
    exchange: Date | None = filled("the day of the other's duty that is taken in return (交换日期)")
    state: DutyOfferState = filled("where it stands; LAPSED: past, or the duty has left who offered it (状态)")
    by: Cadre = filled("who offers it (申请人)")
    to: Cadre | None = filled("who is asked; null for anybody (对象)")
    made_at: DateTime = filled("when (申请时间)")
    answered_by: Cadre | None = filled("who took, declined or withdrew it (答复人)")
    answered_at: DateTime | None = filled("when (答复时间)")
    duty: Annotated["Duty", strawberry.lazy("gateway.types.liaison")] = filled("the duty as it is now (值班)")


@strawberry.type(description="Who is on duty in a village on a day (值班)")
class Duty(Node):
    id: strawberry.ID = filled("global id")
    area: str = filled("code of the village (村代码)")
    date: Date = filled("the day (日期)")
    day_kind: DayKind = filled("what kind of day it is (日期性质)")
    explanation: str = filled("why it is that kind of day, and so who is on duty (说明)")
    provisional: bool = filled("whether the calendar of that year is not published yet (暂定)")
    gap: bool = filled("whether there should be somebody and nobody is free (缺岗)")
    cadre: Cadre | None = filled("who is on duty; null on days off (值班干部)")
    agreed: bool = filled("whether it was taken over or assigned (换班或指派)")
    turn: Cadre | None = filled("whose turn it was by the rule (原值班干部)")
    signed_in_at: DateTime | None = filled("when they signed in (签到时间)")
    received_at: DateTime | None = filled("when the sign-in arrived, which may be later (收到时间)")
    signed_out_at: DateTime | None = filled("when they signed out (签退时间)")
    late: bool | None = filled("whether they signed in later than the rule allows (迟到)")
    place: DutyPlace | None = filled("where they signed in (签到位置)")
    metres: int | None = filled("how far from the station (距离米)")
    offers: list[DutyOffer] = filled("offers to take it over (换班申请)", **first(100))
    station: Station | None = filled("where the station is (村服务站)")


@strawberry.type(description="The roster of an area (区域值班情况)")
class AreaDuties:
    ahead: int = filled("duties from today on, in its villages (待值班数)")
