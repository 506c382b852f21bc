"""People's own calendars, to subscribe to (owner: liaison)."""

import strawberry

from gateway.types.declare import DateTime, Node, filled
from gateway.types.inputs import asked

_KEY = "UUID chosen by the client for this deed (幂等键)"


@strawberry.type(description="The caller's own calendar (日程订阅)")
class CalendarFeed(Node):
    id: strawberry.ID = filled("global id")
    opened_at: DateTime = filled("when it was opened (开通时间)")
    revoked_at: DateTime | None = filled("when its address was revoked; null while it holds (撤销时间)")


@strawberry.type(description="Where a calendar is to be had; whoever has the address may read it (订阅地址)")
class CalendarAddress:
    path: str = filled("the address behind this gateway's host, for programs of calendars (订阅路径)")
    opened_at: DateTime = filled("when it was opened (开通时间)")


@strawberry.input(description="Ask for the address of one's own calendar (开通日程订阅)")
class OpenFeedInput:
    client_key: strawberry.ID = asked(_KEY)


@strawberry.input(description="End the address of one's own calendar (撤销日程订阅)")
class RevokeFeedInput:
    client_key: strawberry.ID = asked(_KEY)


@strawberry.type(description="The address, which is kept nowhere (日程订阅结果)")
class OpenFeedPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    feed: CalendarAddress = filled("the address (订阅地址)")


@strawberry.type(description="The calendar after its address was revoked (撤销日程订阅结果)")
class RevokeFeedPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    feed: CalendarFeed = filled("the calendar (日程订阅)")
