"""The network (owner: tickets): units with their business staff, where exactly a matter is, and codes to ask about one without an account."""

from typing import Any

import strawberry

from gateway.types.declare import Node, PageInfo, filled, first
from gateway.types.window import ServiceLevel


def _asked(description: str) -> Any:
    return strawberry.field(description=description)


def _optional(description: str, default: Any = strawberry.UNSET) -> Any:
    return strawberry.field(description=description, default=default)


_KEY = "UUID chosen by the client for this deed (幂等键)"
_ITEMS = "codes of categories, each with all below it, and of service items (事项代码)"


@strawberry.type(description="Who does which items at a unit (业务人员)")
class UnitStaff:
    subject: str = filled("subject of their account (账号)")
    name: str = filled("the name that is shown (姓名)")
    items: list[str] = filled(_ITEMS)
    deputy: str | None = filled("subject of who does them in their absence (替岗人账号)")
    deputy_name: str | None = filled("the deputy's name, where they are on this unit's staff (替岗人)")


@strawberry.type(description="A unit of the network: the service centre or point of an area (便民服务中心、代办点)")
class Unit(Node):
    id: strawberry.ID = filled("global id")
    code: str = filled("code of its area; area/<code> owns the matters that lie with it (区划代码)")
    level: ServiceLevel = filled("its level (层级)")
    name: str = filled("name (名称)")
    phone: str | None = filled("phone for everybody (服务电话)")
    hours: str | None = filled("when it is open (服务时间)")
    items: list[str] = filled(_ITEMS)
    active: bool = filled("whether it works (是否启用)")
    staff: list[UnitStaff] = filled(
        "its business staff; where the unit is told for an item, those who do it (业务人员)", **first(100)
    )


@strawberry.type(description="A unit and where it stands in the list")
class UnitEdge:
    node: Unit = filled("the unit")
    cursor: str = filled("its place in the list")


@strawberry.type(description="A page of units (服务网络列表)")
class UnitConnection:
    edges: list[UnitEdge] = filled("the page's units")
    page_info: PageInfo = filled("where the page stands")


@strawberry.type(description="Where exactly a matter is, as who reported it said (事发位置)")
class TicketPlace:
    lat: float | None = filled("latitude in degrees, WGS 84 (纬度)")
    long: float | None = filled("longitude in degrees, WGS 84 (经度)")
    address: str | None = filled("in words (地址描述)")
    media_url: str | None = filled("address of a picture elsewhere, which nobody has looked at (图片链接)")


@strawberry.input(description="A unit as it is from now on (修订服务单位)")
class ReviseUnitInput:
    client_key: strawberry.ID = _asked(_KEY)
    code: str = _asked("code of its area: a county, township or village (区划代码)")
    name: str = _asked("name (名称)")
    phone: str | None = _optional("phone for everybody (服务电话)")
    hours: str | None = _optional("when it is open (服务时间)")
    items: list[str] = _asked(_ITEMS)
    active: bool = _optional("whether it works (是否启用)", True)


@strawberry.input(description="Who does which items at a unit from now on (修订业务人员)")
class ReviseUnitStaffInput:
    client_key: strawberry.ID = _asked(_KEY)
    unit_code: str = _asked("code of the unit (单位代码)")
    subject: str = _asked("subject of their account (账号)")
    name: str = _asked("the name that is shown (姓名)")
    items: list[str] = _asked(_ITEMS)
    deputy: str | None = _optional("subject of who does them in their absence (替岗人账号)")
    active: bool = _optional("whether they are on the staff (是否在岗)", True)


@strawberry.input(description="Another secret code for a matter; the one before is void (重新生成查询码)")
class NewStatusCodeInput:
    client_key: strawberry.ID = _asked(_KEY)
    ticket_id: strawberry.ID = _asked("the ticket (事项)")


@strawberry.type(description="The unit (服务单位修订结果)")
class ReviseUnitPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    unit: Unit = filled("the unit after it (服务单位)")


@strawberry.type(description="The unit with its staff (业务人员修订结果)")
class ReviseUnitStaffPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    unit: Unit = filled("the unit after it (服务单位)")


@strawberry.type(description="The new secret code (查询码)")
class NewStatusCodePayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    status_code: str = filled("with it and the number anybody may ask where the matter stands; told only now (查询码)")
