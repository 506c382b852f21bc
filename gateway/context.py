"""What resolvers work with: the plans of the operation, the calls of the request and the loaders of one answer."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
from graphql import GraphQLResolveInfo

from gateway.calls import Calls
from gateway.feed import Feed
from gateway.loaders import Loaders
from gateway.planner.documents import Bound
from gateway.planner.owners import CROSSINGS, Crossing
from gateway.planner.plan import Deed, Fetch, Own
from gateway.planner.select import Edge
from services.chassis.errors import InvalidInput, Problem

NODE_TYPE = "__type"
MOST = 200


class Context:
    """The context of one operation."""

    def __init__(self, bound: Bound, calls: Calls, feed: Feed) -> None:
        self.bound = bound
        self.calls = calls
        self.feed = feed
        self._loaders = Loaders(calls)
        self._roots = {root.key: root for root in bound.roots}

    async def root(self, info: GraphQLResolveInfo[Any]) -> Any:
        """A root field's value: dicts by response key, as services answer. Raises Problem."""
        match self._roots[str(info.path.key)].plan:
            case Problem() as problem:
                raise problem.with_traceback(None)
            case Own() as plan:
                return self.calls.own(plan)
            case Fetch() as plan:
                value = msgspec.json.decode(await self.calls.fetch(plan, self.bound.selector))
                return value if plan.type is None else {**value, NODE_TYPE: plan.type}
            case Deed() as plan:
                pairs = await self.calls.perform(plan, self.bound.selector)
                return {key: msgspec.json.decode(value) for key, value in pairs}
        raise LookupError(f"{info.field_name} has no plan")

    def edge(self, source: dict[str, Any], info: GraphQLResolveInfo[Any]) -> Any:
        """The far side of an edge between services; its key, or keys, stand in the source under the edge's own response key."""
        crossing = CROSSINGS[info.parent_type.name, info.field_name]
        held = source[str(info.path.key)]
        if held is None:
            return None
        edge = self.bound.selector.edge(info.parent_type, info.field_name, info.field_nodes)
        if crossing.spread:
            return self._spread(crossing, edge, held)
        value = self._loaders.load(crossing, edge.select, crossing.key(held, edge.args))
        return self._cut(value, edge.args.get("first")) if crossing.many else value

    async def _spread(self, crossing: Crossing, edge: Edge, keys: list[str]) -> list[Any]:
        return [value for value in await self._loaders.load_many(crossing, edge.select, keys) if value is not None]

    @staticmethod
    async def _cut(value: Any, first: int | None) -> Any:
        if first is not None and not 1 <= first <= MOST:
            raise InvalidInput(f"first must be a whole number from 1 to {MOST}", field="first", rule="range")
        return (await value)[:first]

    async def changes(self, info: GraphQLResolveInfo[Any]) -> AsyncIterator[Any]:
        """The present state at once, then whenever it has moved. Raises Problem, above all when the token has expired."""
        root = self._roots[str(info.path.key)]
        if isinstance(root.plan, Problem):
            raise root.plan
        if not isinstance(root.plan, Fetch):
            raise LookupError(f"{info.field_name} cannot be subscribed to")
        async for state in self.feed.states(root.plan, self.bound.selector, self.calls):
            self._loaders = Loaders(self.calls)
            yield state
