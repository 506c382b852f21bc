"""Documents and photos that belong to a matter."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.chassis.documents import file_name


@dataclass(frozen=True)
class Attachment:
    """`size` is in bytes, `sha256` that of what is kept."""

    id: UUID
    ticket: UUID
    title: str
    content_type: str
    size: int
    sha256: bytes
    object_key: str
    added_by: str
    added_at: datetime

    @property
    def file_name(self) -> str:
        """What a download is called."""
        return file_name(self.title, self.content_type)
