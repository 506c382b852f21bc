"""Documents and photos that belong to a sheet: what may be one, and of what."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args
from uuid import UUID

from services.archive.domain.text import TITLE
from services.chassis.documents import file_name
from services.chassis.errors import InvalidInput

Subject = Literal["HOUSEHOLD", "MEMBER", "PLOT", "VISIT_NOTE"]
SUBJECTS: tuple[Subject, ...] = get_args(Subject)


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
        return file_name(self.title, self.content_type)


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
