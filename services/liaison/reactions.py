"""Every event that liaison consumes, as little of it as is needed here."""

from collections.abc import Mapping
from datetime import date

import msgspec

from services.chassis.inbox import Reacting, Reaction
from services.liaison.commands.area import note_area


class AreaPublished(msgspec.Struct, frozen=True, rename="camel"):
    code: str
    valid_to: date | None = None


async def on_area_published(reacting: Reacting, data: AreaPublished) -> None:
    await note_area(reacting.connection, data.code, data.valid_to)


REACTIONS: Mapping[str, Reaction] = {"archive.area.published.v1": Reaction(AreaPublished, on_area_published)}
