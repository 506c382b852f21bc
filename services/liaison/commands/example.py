"""What the marked example village and its township have: cadres, duty, meetings, who votes, a market. All of it is invented (示例)."""

from datetime import date, time, timedelta
from uuid import UUID

from services.chassis.clock import Clock, today
from services.chassis.db import Connection
from services.liaison.commands.market import keep
from services.liaison.commands.stall import settle
from services.liaison.domain import dialogue, market, roster
from services.liaison.domain.cadre import Cadre
from services.liaison.domain.series import Policy, Series
from services.liaison.domain.session import Kind
from services.liaison.domain.stall import Plan
from services.liaison.store import cadre, rule, series, stall, voting_body
from services.liaison.store import market as markets
from services.liaison.store.market import Market

TOWNSHIP = "339999100"
VILLAGE = "339999100200"
SINCE = date(2026, 1, 1)

CADRES = tuple(
    Cadre(subject=subject, name=name, area=VILLAGE, base=VILLAGE, since=SINCE)
    for subject, name in (("example-cadre", "示例村干部甲"), ("example-cadre-2", "示例村干部乙"))
)
RULE = roster.Rule(area=VILLAGE, starts=SINCE, pool=tuple(roster.Member(each.subject) for each in CADRES))

EXPERTS = tuple(
    Cadre(subject=f"example-expert-{code}", name=name, area=TOWNSHIP, base=TOWNSHIP, department=code, since=SINCE)
    for code, name in (("agriculture", "示例农技专家"), ("justice", "示例法律专家"))
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
    starts=SINCE,
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
    starts=SINCE,
)

REPRESENTATIVES = ("example-cadre", "example-cadre-2", "example-resident")
BODY = dialogue.Body(
    id=UUID("5a4d0000-0000-4000-8000-000000000003"),
    area=VILLAGE,
    name="示例村民代表会议",
    rule=dialogue.Rule.REPRESENTATIVES,
    quorum=dialogue.quorum_of(dialogue.Rule.REPRESENTATIVES, None),
    eligible=len(REPRESENTATIVES),
    since=SINCE,
)

MARKET = Market(
    id=UUID("00000000-0000-7000-8009-000000000001"),
    area=TOWNSHIP,
    name="示例墟",
    rule=market.Rule(market.RuleKind.LUNAR, (3, 8), SINCE),
    version=1,
)
STALLS = UUID("00000000-0000-7000-8009-000000000002")
STALL_DAYS = 92


async def add_example(connection: Connection) -> bool:
    """Adds the village's cadres and their rule of duty; False when the rule was there."""
    for each in CADRES:
        await cadre.keep(connection, each)
    return await rule.put(connection, RULE)


async def add_example_series(connection: Connection) -> None:
    """Adds the series, and experts whom departments send, unless they are there."""
    for each in EXPERTS:
        await cadre.keep(connection, each)
    for one in (GATHERING, DIALOGUE):
        await series.add(connection, one)


async def add_example_body(connection: Connection) -> None:
    """Adds the body that votes, with its members, unless it is there."""
    if await voting_body.add(connection, BODY):
        seats = {
            dialogue.Who(None, account): UUID(int=BODY.id.int + n) for n, account in enumerate(REPRESENTATIVES, start=1)
        }
        await voting_body.seat(connection, BODY, leave=(), join=seats, since=SINCE)


async def add_example_market(connection: Connection, clock: Clock) -> bool:
    """Adds the market, and for a quarter from today the stall that a team has on each of its days; False when it was there."""
    await markets.alone(connection, MARKET.id)
    if await markets.find(connection, MARKET.id) is not None:
        return False
    day = today(clock)
    await keep(connection, clock, MARKET, market.beginning(MARKET.rule, day))
    plan = Plan(
        id=STALLS,
        market=MARKET.id,
        area=MARKET.area,
        team="example-party-members",
        staff=tuple(each.subject for each in CADRES),
        topic="示例：党员民生服务队墟日摆摊，答疑解惑",
        begins=time(8, 30),
        ends=time(11, 30),
        first=day,
        last=day + timedelta(days=STALL_DAYS),
        every_nth=1,
    )
    await stall.add_plan(connection, plan, CADRES[0].subject)
    await settle(connection, clock, plan, MARKET, [])
    return True
