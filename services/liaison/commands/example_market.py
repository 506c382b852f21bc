"""The example township's market, and the stalls of a team on its days. All of it is invented (示例)."""

from datetime import date, time, timedelta
from uuid import UUID

from services.chassis.clock import Clock, today
from services.chassis.db import Connection
from services.liaison.commands.market import keep
from services.liaison.commands.stall import settle
from services.liaison.domain.market import Rule, RuleKind, beginning
from services.liaison.domain.stall import Plan
from services.liaison.store import market, stall
from services.liaison.store.market import Market

MARKET = Market(
    id=UUID("00000000-0000-7000-8009-000000000001"),
    area="339999100",
    name="示例墟",
    rule=Rule(RuleKind.LUNAR, (3, 8), date(2026, 1, 1)),
    version=1,
)
STALLS = UUID("00000000-0000-7000-8009-000000000002")
STALL_DAYS = 92


async def add_example_market(connection: Connection, clock: Clock) -> bool:
    """Adds the market, and for a quarter from today the stall that a team has on each of its days; False when it was there."""
    await market.alone(connection, MARKET.id)
    if await market.find(connection, MARKET.id) is not None:
        return False
    day = today(clock)
    await keep(connection, clock, MARKET, beginning(MARKET.rule, day))
    plan = Plan(
        id=STALLS,
        market=MARKET.id,
        area=MARKET.area,
        team="example-party-members",
        staff=("example-cadre", "example-cadre-2"),
        topic="示例：党员民生服务队墟日摆摊，答疑解惑",
        begins=time(8, 30),
        ends=time(11, 30),
        first=day,
        last=day + timedelta(days=STALL_DAYS),
        every_nth=1,
    )
    await stall.add_plan(connection, plan, "example-cadre")
    await settle(connection, clock, plan, MARKET, [])
    return True
