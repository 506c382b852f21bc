"""Documents and photos of sheets (owner: archive). What they hold goes over /files."""

from enum import Enum

import strawberry

from gateway.types.archive import Household
from gateway.types.declare import Date, DateTime, Node, filled
from gateway.types.inputs import asked


@strawberry.enum(description="What of a sheet an attachment shows (附件对象)")
class AttachmentSubject(Enum):
    HOUSEHOLD = "HOUSEHOLD"
    MEMBER = "MEMBER"
    PLOT = "PLOT"
    VISIT_NOTE = "VISIT_NOTE"


@strawberry.type(description="A document or photo of a sheet (附件)")
class Attachment(Node):
    id: strawberry.ID = filled("global id")
    subject: AttachmentSubject = filled("what of the sheet it shows (对象)")
    title: str = filled("title (标题)")
    taken_on: Date | None = filled("day of the document or photo (拍摄或出具日期)")
    content_type: str = filled("media type, such as image/jpeg (文件类型)")
    bytes: int = filled("size in bytes (大小)")
    sha256: str = filled("SHA-256 of what is kept, in hexadecimal; photos are kept without place and time (校验值)")
    url: str = filled("path of the content at the gateway: GET, with the access token (下载路径)")
    added_by: str = filled("who added it: subject of their account (上传人)")
    added_at: DateTime = filled("when (上传时间)")
    household: Household = filled("the household (所属农户)")


@strawberry.input(description="Take a document or photo off a sheet (移除附件)")
class RemoveAttachmentInput:
    client_key: strawberry.ID = asked("UUID chosen by the client for this deed (幂等键)")
    id: strawberry.ID = asked("the attachment (附件)")


@strawberry.type(description="The sheet without it (移除结果)")
class RemoveAttachmentPayload:
    client_key: strawberry.ID = filled("the input's client key (幂等键)")
    household: Household = filled("the household after it (农户)")
