"""Every event that the archive publishes: ids, codes, dates and names of fields; nobody's name, number or words."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from msgspec import Meta

from services.chassis.envelope import EventData, PersonalData

Household = Annotated[UUID, Meta(description="The household's id; who may see its sheet asks the gateway with it.")]
Grid = Annotated[str, Meta(description="The code of the household's grid (16 digits).")]
Version = Annotated[int, Meta(description="The sheet's version after the change, one on with each.")]
Changed = Annotated[Sequence[str], Meta(description="Names of the fields that have changed, never their values.")]
Person = Annotated[UUID, Meta(description="The person's id; who may see them asks the gateway with it.")]
EffectiveOn = Annotated[date, Meta(description="The first day on which it holds; it may have been told later.")]


class AreaPublished(EventData, frozen=True, kw_only=True):
    """A division or grid is new, or what the archive says of it has changed. The subject is its code."""

    type: ClassVar[str] = "archive.area.published.v1"
    personal_data: ClassVar[PersonalData] = "none"

    code: Annotated[
        str, Meta(description="2 to 12 digits, a grid's 16. An area holds all areas whose code begins with its own.")
    ]
    name: str
    kind: Annotated[str, Meta(description="COUNTY, TOWNSHIP, VILLAGE, GRID and the like.")]
    valid_from: Annotated[date, Meta(description="The first day.")]
    valid_to: Annotated[date | None, Meta(description="The last day; null while no end is known.")]


AreaCodes = Annotated[Sequence[str], Meta(description="Codes of areas, villages before grids.")]


class AreaChanged(EventData, frozen=True, kw_only=True):
    """Villages or grids were merged, split, moved under another code or renamed, or such a change was undone.

    Households went with their areas: of them no event tells. Each area is told of by archive.area.published.v1 before this.
    """

    type: ClassVar[str] = "archive.area.changed.v1"
    personal_data: ClassVar[PersonalData] = "none"

    change: Annotated[UUID, Meta(description="The change's id; who may see it asks the gateway what went where.")]
    kind: Annotated[str, Meta(description="MERGE, SPLIT, MOVE or RENAME.")]
    undone: Annotated[
        bool, Meta(description="Whether the change was undone: what had begun has ended, and the other way round.")
    ]
    ended: AreaCodes
    begun: AreaCodes
    renamed: AreaCodes
    changed_on: Annotated[date, Meta(description="The first day on which it holds, of an undone change held.")]


class HouseholdOpened(EventData, frozen=True, kw_only=True):
    """A household has got a sheet. `area` is its grid."""

    type: ClassVar[str] = "archive.household.opened.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    household: Household
    area: Grid
    version: Version
    changed: Changed
    reason: Annotated[str, Meta(description="REGISTERED, or SPLIT: from another household.")]


class HouseholdRevised(EventData, frozen=True, kw_only=True):
    """A sheet has changed; `changed` names fields, such as `address` or `members.phone`."""

    type: ClassVar[str] = "archive.household.revised.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    household: Household
    area: Grid
    version: Version
    changed: Changed


class HouseholdClosed(EventData, frozen=True, kw_only=True):
    """A household is none any more; its sheet stays, to be read."""

    type: ClassVar[str] = "archive.household.closed.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    household: Household
    area: Grid
    version: Version
    reason: Annotated[str, Meta(description="DIED_OUT, MOVED_OUT, MERGED or MISTAKE.")]
    closed_on: Annotated[date, Meta(description="The first day on which it was none.")]


class HouseholdSplit(EventData, frozen=True, kw_only=True):
    """Some of a household have founded another (分户)."""

    type: ClassVar[str] = "archive.household.split.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    household: Household
    founded: Annotated[UUID, Meta(description="The id of the household that they founded.")]
    area: Annotated[str, Meta(description="The code of the founded household's grid (16 digits).")]
    effective_on: EffectiveOn


class HouseholdMerged(EventData, frozen=True, kw_only=True):
    """A household has gone up in another (并户): all its members, items and plots are on the other's sheet."""

    type: ClassVar[str] = "archive.household.merged.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    household: Household
    into: Annotated[UUID, Meta(description="The id of the household that took it up.")]
    area: Grid
    effective_on: EffectiveOn


class MemberJoined(EventData, frozen=True, kw_only=True):
    """Somebody has become a member of a household. The subject is the person."""

    type: ClassVar[str] = "archive.member.joined.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    person: Person
    household: Household
    area: Grid
    reason: Annotated[
        str,
        Meta(description="REGISTERED, BIRTH, MARRIAGE, SPLIT, MERGE, MOVE, or ARMY or SCHOOL: came back from there."),
    ]
    effective_on: EffectiveOn


class MemberLeft(EventData, frozen=True, kw_only=True):
    """Somebody is a member of a household no more. The subject is the person."""

    type: ClassVar[str] = "archive.member.left.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    person: Person
    household: Household
    area: Grid
    reason: Annotated[
        str, Meta(description="DEATH, MARRIAGE, SPLIT, MERGE, MOVE, ARMY, SCHOOL, or MISTAKE: never was one.")
    ]
    effective_on: EffectiveOn


class HouseholdConfirmed(EventData, frozen=True, kw_only=True):
    """A visit found facts of a sheet to be as they are written; no value has changed, and the version stays."""

    type: ClassVar[str] = "archive.household.confirmed.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    household: Household
    area: Grid
    version: Annotated[int, Meta(description="The sheet's version, the same as before.")]
    visited_on: Annotated[date, Meta(description="The day of the visit.")]
    confirmed: Annotated[
        Sequence[str], Meta(description="Names of the facts that were found to be so, never their values.")
    ]


class VisitNoted(EventData, frozen=True, kw_only=True):
    """A visit has been written down; `promise` is the category of what was promised, if anything was."""

    type: ClassVar[str] = "archive.visit.noted.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    visit: Annotated[UUID, Meta(description="The visit note's id.")]
    household: Household
    area: Grid
    visited_on: Annotated[date, Meta(description="The day of the visit.")]
    promise: Annotated[str | None, Meta(description="The category of what was promised; null when nothing was.")]


Village = Annotated[str, Meta(description="The code of the village (12 digits).")]


class VillageRevised(EventData, frozen=True, kw_only=True):
    """A village's sheet has changed; `changed` names parts, such as `facts.roads`, `figures.POPULATION`, `ledger` or `terms`."""

    type: ClassVar[str] = "archive.village.revised.v1"
    personal_data: ClassVar[PersonalData] = "none"

    village: Village
    version: Version
    changed: Changed


class FigureConfirmed(EventData, frozen=True, kw_only=True):
    """A figure of a village's year was confirmed by somebody else than who entered it: from now on residents see it."""

    type: ClassVar[str] = "archive.figure.confirmed.v1"
    personal_data: ClassVar[PersonalData] = "none"

    village: Village
    year: Annotated[int, Meta(description="The year that the figure is of.")]
    figure: Annotated[str, Meta(description="POPULATION, COLLECTIVE_INCOME and the like.")]


Plot = Annotated[UUID, Meta(description="The plot's id; who may see it asks the gateway with it.")]
PlotHolder = Annotated[UUID | None, Meta(description="The household that holds the plot; null where its village does.")]
PlotArea = Annotated[str, Meta(description="The code of the household's grid (16 digits), or of the village (12).")]


class PlotRecorded(EventData, frozen=True, kw_only=True):
    """A plot is on record that was not. The subject of each event of a plot is its id."""

    type: ClassVar[str] = "archive.plot.recorded.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    plot: Plot
    household: PlotHolder
    area: PlotArea


class PlotRevised(EventData, frozen=True, kw_only=True):
    """Facts of a plot have changed; `changed` names them, such as `contractMu` or `shape`."""

    type: ClassVar[str] = "archive.plot.revised.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    plot: Plot
    household: PlotHolder
    area: PlotArea
    changed: Changed


class PlotTransferred(EventData, frozen=True, kw_only=True):
    """A plot has gone from one holder to another of the village; in an exchange there are two such events."""

    type: ClassVar[str] = "archive.plot.transferred.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    plot: Plot
    from_household: Annotated[UUID | None, Meta(description="Who held it before; null where its village did.")]
    household: PlotHolder
    area: PlotArea


class PlotRemoved(EventData, frozen=True, kw_only=True):
    """A plot is on record no more."""

    type: ClassVar[str] = "archive.plot.removed.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    plot: Plot
    household: PlotHolder
    area: PlotArea


class PlotDisputed(EventData, frozen=True, kw_only=True):
    """Somebody disputes a plot, or its boundary."""

    type: ClassVar[str] = "archive.plot.disputed.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    plot: Plot
    household: PlotHolder
    area: PlotArea


class PlotSettled(EventData, frozen=True, kw_only=True):
    """The dispute about a plot is settled."""

    type: ClassVar[str] = "archive.plot.settled.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    plot: Plot
    household: PlotHolder
    area: PlotArea


class AreaOutlined(EventData, frozen=True, kw_only=True):
    """An area has got an outline, or another one. The subject is its code."""

    type: ClassVar[str] = "archive.area.outlined.v1"
    personal_data: ClassVar[PersonalData] = "none"

    code: Annotated[str, Meta(description="The area's code.")]


class CorrectionRequested(EventData, frozen=True, kw_only=True):
    """A household says that something on its sheet is wrong. The subject is the request."""

    type: ClassVar[str] = "archive.correction.requested.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    correction: Annotated[UUID, Meta(description="The request's id.")]
    household: Household
    area: Grid
    field: Annotated[str, Meta(description="The name of the field that is said to be wrong.")]
    due_on: Annotated[date, Meta(description="The last day for an answer.")]


class CorrectionDecided(EventData, frozen=True, kw_only=True):
    """A request for correction has its answer. The subject is the request."""

    type: ClassVar[str] = "archive.correction.decided.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    correction: Annotated[UUID, Meta(description="The request's id.")]
    household: Household
    area: Grid
    field: Annotated[str, Meta(description="The name of the field that was said to be wrong.")]
    state: Annotated[str, Meta(description="ACCEPTED or REFUSED.")]


class ImportFinished(EventData, frozen=True, kw_only=True):
    """A file of sheets has been taken in, or tried out. It stands for the events of all sheets that it opened or changed. The subject is the job."""

    type: ClassVar[str] = "archive.import.finished.v1"
    personal_data: ClassVar[PersonalData] = "none"

    job: Annotated[UUID, Meta(description="The import's id.")]
    kind: Annotated[str, Meta(description="HOUSEHOLDS, MEMBERS or PLOTS.")]
    area: Annotated[str, Meta(description="The code of the area that all of it lies in.")]
    dry_run: Annotated[bool, Meta(description="Whether it was only tried out: then nothing has changed.")]
    failed: Annotated[
        str | None, Meta(description="The rule for which the whole file was refused; null when it was read.")
    ]
    good: Annotated[int, Meta(description="Rows that were taken in.")]
    bad: Annotated[int, Meta(description="Rows that were not.")]
    opened: Annotated[int, Meta(description="Sheets that were opened.")]
    changed: Annotated[int, Meta(description="Sheets that were changed.")]


class PersonMerged(EventData, frozen=True, kw_only=True):
    """Two persons on record turned out to be one: `dropped` leads to `kept` from now on. The subject is the kept person."""

    type: ClassVar[str] = "archive.person.merged.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    kept: Annotated[UUID, Meta(description="The id of the person who stays.")]
    dropped: Annotated[UUID, Meta(description="The id that leads to the kept person.")]
    households: Annotated[Sequence[UUID], Meta(description="The households whose sheets the merge changed.")]
    area: Annotated[str, Meta(description="The code of the grid, or area, where the kept person is.")]
    effective_on: Annotated[date, Meta(description="The first day on which the sheets say so.")]


class PersonUnmerged(EventData, frozen=True, kw_only=True):
    """A merge of persons was wrong and has been undone: both are persons of their own again. The subject is the person who had been kept."""

    type: ClassVar[str] = "archive.person.unmerged.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    kept: Annotated[UUID, Meta(description="The id of the person who had been kept.")]
    dropped: Annotated[UUID, Meta(description="The id of the person who is one of their own again.")]
    households: Annotated[Sequence[UUID], Meta(description="The households whose sheets were changed back.")]
    area: Annotated[str, Meta(description="The code of the grid, or area, where the person who had been kept is.")]
    effective_on: Annotated[date, Meta(description="The first day on which the sheets say so.")]


class AttachmentAdded(EventData, frozen=True, kw_only=True):
    """A document or photo has been added to a sheet. The subject is the household."""

    type: ClassVar[str] = "archive.attachment.added.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    attachment: Annotated[UUID, Meta(description="The attachment's id.")]
    household: Household
    area: Grid
    subject: Annotated[str, Meta(description="What of the sheet it shows: HOUSEHOLD, MEMBER, PLOT or VISIT_NOTE.")]
    subject_id: Annotated[UUID, Meta(description="The id of what it shows.")]
    content_type: Annotated[str, Meta(description="The media type, such as image/jpeg.")]


class AttachmentRemoved(EventData, frozen=True, kw_only=True):
    """A document or photo has been taken off a sheet. The subject is the household."""

    type: ClassVar[str] = "archive.attachment.removed.v1"
    personal_data: ClassVar[PersonalData] = "reference"

    attachment: Annotated[UUID, Meta(description="The attachment's id.")]
    household: Household
    area: Grid


EVENTS: tuple[type[EventData], ...] = (
    AreaPublished,
    AreaChanged,
    HouseholdOpened,
    HouseholdRevised,
    HouseholdClosed,
    HouseholdSplit,
    HouseholdMerged,
    MemberJoined,
    MemberLeft,
    HouseholdConfirmed,
    VisitNoted,
    ImportFinished,
    CorrectionRequested,
    CorrectionDecided,
    VillageRevised,
    FigureConfirmed,
    PlotRecorded,
    PlotRevised,
    PlotTransferred,
    PlotRemoved,
    PlotDisputed,
    PlotSettled,
    AreaOutlined,
    PersonMerged,
    PersonUnmerged,
    AttachmentAdded,
    AttachmentRemoved,
)
