"""The caller, as their token says it (owner: the gateway). Edges to archive: areas, household."""

import strawberry

from gateway.types.archive import Area, Household
from gateway.types.declare import filled


@strawberry.type(description="The caller (当前用户)")
class Me:
    subject: str = filled("subject of the account (账号)")
    name: str | None = filled("name (姓名)")
    roles: list[str] = filled("roles (角色)")
    areas: list[Area] | None = filled("the areas they work in; null while the archive is away (负责区划)")
    department: str | None = filled("code of their department (部门代码)")
    household: Household | None = filled("their own household (本户)")
