"""The marked example village's cadres and rule of duty. All of it is invented (示例)."""

from datetime import date

from services.chassis.db import Connection
from services.liaison.domain.cadre import Cadre
from services.liaison.domain.roster import Member, Rule
from services.liaison.store import cadre, rule

VILLAGE = "339999100200"
CADRES = tuple(
    Cadre(subject=subject, name=name, area=VILLAGE, base=VILLAGE, since=date(2026, 1, 1))
    for subject, name in (("example-cadre", "示例村干部甲"), ("example-cadre-2", "示例村干部乙"))
)
EXAMPLE = Rule(area=VILLAGE, starts=date(2026, 1, 1), pool=tuple(Member(each.subject) for each in CADRES))


async def add_example(connection: Connection) -> bool:
    """Adds cadres and rule; False when the rule was there."""
    for each in CADRES:
        await cadre.keep(connection, each)
    return await rule.put(connection, EXAMPLE)
