"""Documents and photos that belong to a sheet: what may be one, and of what."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args
from uuid import UUID

from services.archive.domain.photo import CLEANERS
from services.archive.domain.text import TITLE
from services.chassis.errors import InvalidInput

Subject = Literal["HOUSEHOLD", "MEMBER", "PLOT", "VISIT_NOTE"]
SUBJECTS: tuple[Subject, ...] = get_args(Subject)

SNIFFED = 16
"""First bytes that tell the type."""
_PREFIXES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"%PDF-": "application/pdf"}
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1"})
EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/heic": "heic",
    "application/pdf": "pdf",
}
MOST_BYTES = 50_000_000
"""Of a document as it is sent."""
_FORBIDDEN_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


@dataclass(frozen=True)
class Attachment:
    """`subject_id` names what of the household's sheet it shows; `sha256` is that of what is kept."""

    id: UUID
    household: UUID
    area: str
    subject: str
    subject_id: UUID
    title: str
    taken_on: date | None
    content_type: str
    size: int
    sha256: bytes
    object_key: str
    added_by: str
    added_at: datetime

    @property
    def file_name(self) -> str:
        """What a download is called."""
        return f"{_FORBIDDEN_IN_NAMES.sub('_', self.title)}.{EXTENSIONS[self.content_type]}"


def content_type_of(first: bytes) -> str:
    """The type that the first bytes tell, whatever the sender says; raises InvalidInput for any but those that are kept."""
    for prefix, content_type in _PREFIXES.items():
        if first.startswith(prefix):
            return content_type
    if first[:4] == b"RIFF" and first[8:12] == b"WEBP":
        return "image/webp"
    if first[4:8] == b"ftyp" and first[8:12] in _HEIC:
        return "image/heic"
    raise InvalidInput(
        "the document must be a JPEG, PNG, WebP or HEIC picture, or a PDF", field="body", rule="attachment.type"
    )


def is_cleaned(content_type: str) -> bool:
    """Whether place and time that the camera wrote are taken out."""
    return content_type in CLEANERS


def subject_of(of: str | None, household: UUID) -> tuple[Subject, UUID]:
    """What `of` names: `member:<UUID>`, `plot:<UUID>` or `visit_note:<UUID>`; the household itself without it. Raises InvalidInput."""
    if of is None:
        return "HOUSEHOLD", household
    kind, _, key = of.partition(":")
    for subject in SUBJECTS[1:]:
        if subject.lower() == kind:
            try:
                return subject, UUID(key)
            except ValueError:
                break
    raise InvalidInput(
        "of must be member:, plot: or visit_note: and a UUID, or absent for the household",
        field="of",
        rule="attachment.of",
    )


def checked_title(title: str) -> str:
    return TITLE.check(title, "title")


def checked_taken_on(day: date | None, today: date) -> date | None:
    if day is not None and day > today:
        raise InvalidInput("takenOn lies ahead", field="takenOn", rule="attachment.future")
    return day
