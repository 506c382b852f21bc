"""Documents and photos of sheets. `url` is where the gateway has the content; one that was removed shows nowhere."""

from services.chassis.views import Edge, Root, View

ATTACHMENT = View(
    type="Attachment",
    source="(SELECT a.* FROM attachment a WHERE a.removed_at IS NULL)",
    fields={
        "id": "global_id('Attachment', {t}.id::text)",
        "key": "{t}.id",
        "subject": "{t}.subject",
        "title": "{t}.title",
        "takenOn": "{t}.taken_on",
        "contentType": "{t}.content_type",
        "bytes": "{t}.bytes",
        "sha256": "encode({t}.sha256, 'hex')",
        "addedBy": "{t}.added_by",
        "addedAt": "rfc3339({t}.added_at)",
        "url": "'/files/archive/attachments/' || {t}.id",
    },
    edges={"household": Edge("Household", on="{t}.id = {p}.household_id")},
)


def attachments(on: str) -> Edge:
    return Edge("Attachment", on=on, many=True, order="{t}.added_at DESC, {t}.id", first=50)


OF_HOUSEHOLD = attachments("{t}.household_id = {p}.id")
OF_MEMBER = attachments("{t}.subject = 'MEMBER' AND {t}.subject_id IN (SELECT person_names({p}.id))")
OF_PLOT = attachments("{t}.subject = 'PLOT' AND {t}.subject_id = {p}.id")
OF_VISIT_NOTE = attachments("{t}.subject = 'VISIT_NOTE' AND {t}.subject_id = {p}.id")


def upload_url(of: str = "", household: str = "{t}.household_id") -> str:
    """SQL of the path that takes one more (PUT, with `title`)."""
    part = f" || '&of={of}:' || {{t}}.id" if of else ""
    return f"'/files/archive/attachments?household=' || {household}{part}"


VIEWS = [ATTACHMENT]
ROOTS = {"attachment": Root("Attachment", "one", args={"id": "uuid"}, always="{t}.id = :id")}
