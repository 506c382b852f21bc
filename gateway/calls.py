"""Plans carried out: each becomes one call of a service, on behalf of one caller, and its answer stays bytes."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from gateway.auth import Caller
from gateway.clients import Services
from gateway.planner.plan import Deed, Fetch, Own, Part
from gateway.planner.select import Selector
from services.chassis.errors import Forbidden, InvalidInput

VILLAGE = b'[["area","area",null,[["code","code"]]]]'


class Calls:
    """The calls of one request."""

    def __init__(self, services: Services, caller: Caller) -> None:
        self._services = services
        self._caller = caller

    async def fetch(self, plan: Fetch, selector: Selector) -> bytes:
        """The JSON of a read; raises Problem."""
        args = msgspec.json.encode(plan.args(selector))
        return await self._services.read(plan.read.service, plan.read.root, args, plan.select, self._caller.token)

    async def each(self, service: str, root: str, keys: list[str], select: bytes) -> list[Any]:
        """What belongs to each key, in step with the keys; raises Problem."""
        args = msgspec.json.encode({"keys": keys})
        found: list[Any] = msgspec.json.decode(
            await self._services.read(service, root, args, select, self._caller.token)
        )
        return found

    async def perform(self, plan: Deed, selector: Selector) -> list[tuple[str, bytes]]:
        """Carries out a command; the payload as pairs of response key and JSON. Raises Problem."""
        given = plan.input(selector)
        asked = await self._reported(given) if plan.name == "reportTicket" else given
        answer = await self._services.command(
            plan.service, plan.name, msgspec.json.encode(asked), plan.select, self._caller.token
        )
        objects = [part for part in plan.parts if part.select is not None]
        values = [answer] if plan.direct else _parted(answer, objects)
        by_key = dict(zip((part.key for part in objects), values, strict=True)) | _secrets(answer, plan.parts)
        typename = msgspec.json.encode(f"{plan.name[0].upper()}{plan.name[1:]}Payload")
        client_key = msgspec.json.encode(given["clientKey"])
        return [
            (part.key, by_key.get(part.key) or (typename if part.name == "__typename" else client_key))
            for part in plan.parts
        ]

    def own(self, plan: Own) -> dict[str, Any]:
        """What the token says of the caller, by response key; areas and household as raw keys."""
        principal = self._caller.principal
        values = {
            "__typename": "Me",
            "subject": principal.subject,
            "name": principal.name,
            "roles": sorted(principal.roles),
            "areas": list(principal.areas),
            "department": principal.department,
            "household": principal.household,
            "_": None,
        }
        return {node[0]: values[node[1]] for node in plan.select}

    async def _reported(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """A report with its area: by default the village of the household, or of the resident's own.

        Reading the household with the caller's token proves that it exists and that the caller may see it; a resident's own needs no proof.
        """
        own, household, area = self._caller.principal.household, given.get("householdId"), given.get("areaCode")
        resident = self._caller.principal.roles == {"resident"}
        if resident and household not in (None, own):
            raise Forbidden("householdId: residents report for their own household")
        if area is not None and (resident or household is None):
            return dict(given)
        if (read := household or own) is None:
            raise InvalidInput("areaCode is needed where no household is given", field="areaCode", rule="required")
        village = await self._village(read)
        return {**given, "areaCode": area or village}

    async def _village(self, household: str) -> str:
        args = msgspec.json.encode({"id": household})
        read = await self._services.read("archive", "household", args, VILLAGE, self._caller.token)
        return str(msgspec.json.decode(read)["area"]["code"])


def _secrets(answer: bytes, parts: Sequence[Part]) -> dict[str, bytes]:
    """What the answer tells beside the objects, by response key."""
    if not (beside := [part for part in parts if part.beside]):
        return {}
    joined = msgspec.json.decode(answer, type=dict[str, msgspec.Raw])
    return {part.key: bytes(joined[f"_{part.name}_{part.key}"]) for part in beside}


def _parted(answer: bytes, objects: list[Part]) -> list[bytes]:
    """The objects of a payload out of the joined answer."""
    joined = msgspec.json.decode(answer, type=dict[str, msgspec.Raw])
    parted = []
    for position, part in enumerate(objects):
        if part.edge is not None:
            parted.append(bytes(joined[f"_{position}"]))
        else:
            prefix = f"_{position}_"
            own = {key.removeprefix(prefix): raw for key, raw in joined.items() if key.startswith(prefix)}
            parted.append(msgspec.json.encode(own))
    return parted
