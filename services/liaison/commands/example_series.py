"""The marked example township's series of meetings, and experts whom departments send to them. All of it is invented (示例)."""

from datetime import date, time
from uuid import UUID

from services.chassis.db import Connection
from services.liaison.domain.cadre import Cadre
from services.liaison.domain.series import Policy, Series
from services.liaison.domain.session import Kind
from services.liaison.store import cadre, series

TOWNSHIP = "339999100"
EXPERTS = tuple(
    Cadre(
        subject=f"example-expert-{department}",
        name=name,
        area=TOWNSHIP,
        base=TOWNSHIP,
        department=department,
        since=date(2026, 1, 1),
    )
    for department, name in (("agriculture", "示例农技专家"), ("justice", "示例法律专家"))
)
GATHERING = Series(
    id=UUID("5a4d0000-0000-4000-8000-000000000001"),
    kind=Kind.GATHERING,
    area=TOWNSHIP,
    title="示例周二集中",
    weekday=2,
    policy=Policy.NEXT_WORKDAY,
    opens=time(9),
    minutes=180,
    departments=("agriculture", "justice"),
    starts=date(2026, 1, 1),
)
DIALOGUE = Series(
    id=UUID("5a4d0000-0000-4000-8000-000000000002"),
    kind=Kind.DIALOGUE,
    area=TOWNSHIP,
    title="示例民情沟通日",
    day=15,
    policy=Policy.NEXT_WORKDAY,
    opens=time(14),
    minutes=150,
    starts=date(2026, 1, 1),
)


async def add_example_series(connection: Connection) -> None:
    """Adds what is not there."""
    for each in EXPERTS:
        await cadre.keep(connection, each)
    for one in (GATHERING, DIALOGUE):
        await series.add(connection, one)
