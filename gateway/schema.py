"""The public schema. Root fields hand over to their plan; everything below them is filled from services' answers by response key."""

# ruff: noqa: A002  arguments bear their public names

from collections.abc import AsyncGenerator, Callable
from typing import Annotated, Any, TypeVar, cast

import strawberry
from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema, print_schema
from strawberry.schema.config import StrawberryConfig

from gateway.context import NODE_TYPE, Context
from gateway.planner.owners import CROSSINGS
from gateway.types import inputs
from gateway.types.archive import Area, Household, HouseholdConnection, Member, VisitNote
from gateway.types.declare import SCALARS, Date, DateTime, Node
from gateway.types.liaison import Duty
from gateway.types.me import Me
from gateway.types.tickets import Ticket, TicketConnection, TicketStatus

Info = strawberry.Info[Context, None]

First = Annotated[int | None, strawberry.argument(description="at most so many, 1 to 200")]
After = Annotated[str | None, strawberry.argument(description="cursor after which the page begins")]
Code = Annotated[str, strawberry.argument(description="area code: all areas that begin with it (区划代码)")]
AsOf = Annotated[Date | None, strawberry.argument(description="as it was on that day; absent for today (时点)")]
KnownAt = Annotated[
    DateTime | None,
    strawberry.argument(description="as it was on record at that time; absent for all that is known (获知时点)"),
]
Id = Annotated[strawberry.ID, strawberry.argument(description="global id")]


F = TypeVar("F", bound=Callable[..., Any])


def query(description: str) -> Callable[[F], F]:
    return cast("Callable[[F], F]", strawberry.field(description=description))


def mutation(description: str) -> Callable[[F], F]:
    return cast("Callable[[F], F]", strawberry.mutation(description=description))


def subscription(description: str) -> Callable[[F], F]:
    return cast("Callable[[F], F]", strawberry.subscription(description=description))


async def planned(info: Info) -> Any:
    return await info.context.root(info._raw_info)


@strawberry.type(description="Reads (查询)")
class Query:
    @query("The caller (当前用户)")
    async def me(self, info: Info) -> Me:
        return cast("Me", await planned(info))

    @query("Whatever has this global id (节点)")
    async def node(self, info: Info, id: Id) -> Node | None:
        return cast("Node", await planned(info))

    @query("An area (区划)")
    async def area(
        self, info: Info, code: Annotated[str, strawberry.argument(description="its code (区划代码)")]
    ) -> Area | None:
        return cast("Area", await planned(info))

    @query("The areas right below one, or the topmost (下级区划)")
    async def areas(
        self,
        info: Info,
        parent: Annotated[
            str | None, strawberry.argument(description="code of the area above; absent for the topmost")
        ] = strawberry.UNSET,
    ) -> list[Area]:
        return cast("list[Area]", await planned(info))

    @query("A household (农户)")
    async def household(
        self, info: Info, id: Id, as_of: AsOf = strawberry.UNSET, known_at: KnownAt = strawberry.UNSET
    ) -> Household | None:
        return cast("Household", await planned(info))

    @query("The households of an area (农户列表)")
    async def households(
        self,
        info: Info,
        area: Code,
        search: Annotated[
            str | None, strawberry.argument(description="part of a name or of an address")
        ] = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> HouseholdConnection:
        return cast("HouseholdConnection", await planned(info))

    @query("Who is on duty in a village on a day (值班)")
    async def duty_on(
        self,
        info: Info,
        area: Annotated[str, strawberry.argument(description="code of the village (村代码)")],
        date: Annotated[Date, strawberry.argument(description="the day in China (日期)")],
    ) -> Duty | None:
        return cast("Duty", await planned(info))

    @query("A ticket (事项)")
    async def ticket(self, info: Info, id: Id) -> Ticket | None:
        return cast("Ticket", await planned(info))

    @query("The tickets that the caller may see, newest first (事项列表)")
    async def tickets(
        self,
        info: Info,
        area: Annotated[
            str | None, strawberry.argument(description="area code: all areas that begin with it (区划代码)")
        ] = strawberry.UNSET,
        status: Annotated[
            TicketStatus | None, strawberry.argument(description="where they stand (状态)")
        ] = strawberry.UNSET,
        first: First = 50,
        after: After = strawberry.UNSET,
    ) -> TicketConnection:
        return cast("TicketConnection", await planned(info))


@strawberry.type(description="Deeds (操作)")
class Mutation:
    @mutation("Report a matter (上报诉求)")
    async def report_ticket(self, info: Info, input: inputs.ReportTicketInput) -> inputs.ReportTicketPayload | None:
        return cast("inputs.ReportTicketPayload", await planned(info))

    @mutation("Take a matter on (受理)")
    async def accept_ticket(self, info: Info, input: inputs.AcceptTicketInput) -> inputs.AcceptTicketPayload | None:
        return cast("inputs.AcceptTicketPayload", await planned(info))

    @mutation("Give a matter to a department (分派)")
    async def dispatch_ticket(
        self, info: Info, input: inputs.DispatchTicketInput
    ) -> inputs.DispatchTicketPayload | None:
        return cast("inputs.DispatchTicketPayload", await planned(info))

    @mutation("Sign for a matter as its department (签收)")
    async def sign_ticket(self, info: Info, input: inputs.SignTicketInput) -> inputs.SignTicketPayload | None:
        return cast("inputs.SignTicketPayload", await planned(info))

    @mutation("Say that a matter is done, and how (办结)")
    async def resolve_ticket(self, info: Info, input: inputs.ResolveTicketInput) -> inputs.ResolveTicketPayload | None:
        return cast("inputs.ResolveTicketPayload", await planned(info))

    @mutation("Say that one looked and it is done (核实)")
    async def verify_ticket(self, info: Info, input: inputs.VerifyTicketInput) -> inputs.VerifyTicketPayload | None:
        return cast("inputs.VerifyTicketPayload", await planned(info))

    @mutation("Note what the person said of it (回访)")
    async def call_back_ticket(
        self, info: Info, input: inputs.CallBackTicketInput
    ) -> inputs.CallBackTicketPayload | None:
        return cast("inputs.CallBackTicketPayload", await planned(info))

    @mutation("End a matter (归档)")
    async def close_ticket(self, info: Info, input: inputs.CloseTicketInput) -> inputs.CloseTicketPayload | None:
        return cast("inputs.CloseTicketPayload", await planned(info))

    @mutation("Add a note of a visit; a promise in it opens a ticket (走访记录)")
    async def add_visit_note(self, info: Info, input: inputs.AddVisitNoteInput) -> inputs.AddVisitNotePayload | None:
        return cast("inputs.AddVisitNotePayload", await planned(info))

    @mutation("Revise a household's sheet (修订档案)")
    async def revise_household(
        self, info: Info, input: inputs.ReviseHouseholdInput
    ) -> inputs.ReviseHouseholdPayload | None:
        return cast("inputs.ReviseHouseholdPayload", await planned(info))

    @mutation("Sign in for duty (值班签到)")
    async def sign_in_for_duty(
        self, info: Info, input: inputs.SignInForDutyInput
    ) -> inputs.SignInForDutyPayload | None:
        return cast("inputs.SignInForDutyPayload", await planned(info))


@strawberry.type(description="What happens (订阅)")
class Subscription:
    @subscription("A ticket: its present state at once, then each change (事项变化)")
    async def ticket_changed(self, info: Info, id: Id) -> AsyncGenerator[Ticket, None]:
        async for state in info.context.changes(info._raw_info):
            yield state


def by_key(source: dict[str, Any], info: GraphQLResolveInfo[Context], **_: Any) -> Any:
    """What the service answered under the field's response key."""
    return source[info.path.key]  # type: ignore[index]


def across(source: dict[str, Any], info: GraphQLResolveInfo[Context], **_: Any) -> Any:
    """The far side of an edge to another service."""
    return info.context.edge(source, info)


def node_type(source: dict[str, Any], *_: Any) -> str:
    return str(source[NODE_TYPE])


def build_schema() -> GraphQLSchema:
    """The executable schema: Strawberry's types, filled from dicts by response key."""
    declared = strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[Member, VisitNote],
        config=StrawberryConfig(scalar_map=SCALARS),
    )
    schema = declared._schema
    roots = {schema.query_type, schema.mutation_type, schema.subscription_type}
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLInterfaceType):
            kind.resolve_type = node_type
        elif isinstance(kind, GraphQLObjectType) and kind not in roots and not kind.name.startswith("__"):
            kind.is_type_of = None
            for name, field in kind.fields.items():
                field.resolve = across if (kind.name, name) in CROSSINGS else by_key
    return schema


def sdl() -> str:
    """The schema as it is committed in schema.graphql."""
    return print_schema(build_schema()) + "\n"
