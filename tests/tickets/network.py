"""Open311 and the status page as somebody outside calls them."""

from dataclasses import dataclass
from typing import Any

from services.chassis.db import transaction
from services.tickets.commands.open311 import add_client
from services.tickets.domain.open311 import Client
from tests.tickets.matters import SERVICE, TOWNSHIP, Tickets

FORM = {"service_code": "road", "lat": "28.7424", "long": "118.6269", "description": "示例：村口路面塌陷"}
V2 = "/open/open311/v2"


@dataclass(frozen=True)
class Outside:
    """Somebody without a token. Answers are (status, decoded JSON, headers)."""

    tickets: Tickets

    async def get(self, path: str, **args: str) -> tuple[int, Any, Any]:
        return await self.ask("GET", path, params=args)

    async def send(self, key: str | None, *more: tuple[str, str], **changed: str | None) -> tuple[int, Any, Any]:
        """POSTs a request to Open311."""
        form = {"api_key": key, **FORM, **changed}
        fields = [(name, value) for name, value in form.items() if value is not None] + list(more)
        return await self.ask("POST", f"{V2}/requests.json", data=fields)

    async def ask(self, method: str, path: str, **options: Any) -> tuple[int, Any, Any]:
        session = self.tickets.as_("resident").session
        async with session.request(method, self.tickets.url + path, **options) as answer:
            body = await (answer.json(content_type=None) if "json" in answer.content_type else answer.text())
            return answer.status, body, answer.headers


async def api_key(
    tickets: Tickets, code: str = "example-app", areas: tuple[str, ...] = (TOWNSHIP,), rate: int = 60
) -> str:
    """A new key of a client."""
    async with transaction(tickets.pool, SERVICE) as connection:
        return await add_client(connection, tickets.clock, Client(code, f"示例应用 {code}", areas, rate))
