"""A client of one service's internal interface."""

from dataclasses import dataclass
from typing import Any

import aiohttp


@dataclass(frozen=True)
class Service:
    """Speaks to the service at `base_url` with one caller's token. Answers are (status, decoded JSON)."""

    session: aiohttp.ClientSession
    base_url: str
    token: str | None

    async def read(self, root: str, args: dict[str, Any], select: list[Any]) -> tuple[int, Any]:
        return await self.post("/read", {"root": root, "args": args, "select": select})

    async def command(self, name: str, given: dict[str, Any], select: list[Any]) -> tuple[int, Any]:
        return await self.post(f"/commands/{name}", {"input": given, "select": select})

    async def post(self, path: str, body: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        async with self.session.post(self.base_url + path, json=body, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None)
