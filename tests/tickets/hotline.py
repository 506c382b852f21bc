"""A telephone system as the tests know it: what its adapter sends, and how it signs."""

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp
import msgspec
from standardwebhooks import Webhook

from tests.tickets.matters import COUNTY

SECRET = "whsec_" + base64.b64encode(b"example telephone secret of 32 b").decode()
TRUNK = f'area = "{COUNTY}"\nsecrets = ["{SECRET}"]\n'
PHONE, MASKED = "13800005678", "138****5678"


@dataclass
class Telephone:
    """Posts signed events to the hook of the api at `url`, as an adapter of any telephone system does."""

    url: str
    secret: str = SECRET
    sent: int = 0

    async def tell(self, kind: str, at: datetime, *, now: datetime | None = None, **data: Any) -> tuple[int, Any]:
        """One event of a call that happened at a time; signed then unless `now` says when. Returns status and answer."""
        self.sent += 1
        signed, message = now or at, f"msg_{self.sent}"
        body = msgspec.json.encode({"type": f"call.{kind}", "timestamp": at.isoformat(), "data": data})
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message,
            "webhook-timestamp": str(int(signed.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(message, signed, body.decode()),
        }
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.url}/calls", data=body, headers=headers) as answer,
        ):
            return answer.status, await answer.json(content_type=None)
