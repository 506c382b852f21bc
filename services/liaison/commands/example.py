"""The marked example village's rule of duty. All of it is invented (示例)."""

from datetime import date

from services.chassis.db import Connection
from services.liaison.domain.roster import Cadre, Rule
from services.liaison.store import rule

EXAMPLE = Rule(
    area="339999100200",
    starts=date(2026, 1, 1),
    pool=(Cadre("example-cadre", "示例村干部甲"), Cadre("example-cadre-2", "示例村干部乙")),
)


async def add_example(connection: Connection) -> bool:
    """Adds the rule; False when it was there."""
    return await rule.put(connection, EXAMPLE)
