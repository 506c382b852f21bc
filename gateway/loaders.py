"""Edges between services, batched: all rows of one answer that ask the same of a service share one call."""

from collections.abc import Awaitable
from typing import Any

from strawberry.dataloader import DataLoader

from gateway.calls import Calls
from gateway.planner.owners import Crossing
from services.chassis.errors import Problem


class Loaders:
    """The loaders of one answer, by root and selection. A key is asked for once."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._loaders: dict[tuple[str, str, bytes], DataLoader[str, Any]] = {}

    def load(self, crossing: Crossing, select: bytes, key: str) -> Awaitable[Any]:
        return self._loader(crossing, select).load(key)

    def load_many(self, crossing: Crossing, select: bytes, keys: list[str]) -> Awaitable[list[Any]]:
        return self._loader(crossing, select).load_many(keys)

    def _loader(self, crossing: Crossing, select: bytes) -> DataLoader[str, Any]:
        where = (crossing.service, crossing.root, select)
        if (loader := self._loaders.get(where)) is None:

            async def batch(keys: list[str]) -> list[Any]:
                try:
                    return await self._calls.each(*where[:2], keys, select)
                except Problem as problem:
                    return [problem] * len(keys)

            loader = self._loaders[where] = DataLoader(batch)
        return loader
