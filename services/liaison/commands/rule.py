"""By which rule a village's duties come about, and where its station is."""

from collections.abc import Sequence
from datetime import date

from services.chassis.clock import clock_time, today
from services.chassis.commands import Command, Doing, Input, Part
from services.chassis.errors import Conflict, InvalidInput, NotFound, StaleVersion, UnknownCode
from services.chassis.place import point
from services.chassis.text import Text
from services.liaison.commands.area import known_station
from services.liaison.domain.cadre import require_arranger
from services.liaison.domain.duty import RADII
from services.liaison.domain.role import ARRANGERS
from services.liaison.domain.roster import Member, Pattern, Rule
from services.liaison.store import cadre, duty
from services.liaison.store import rule as store

NAME = Text(60)
ADDRESS = Text(200)


class MemberGiven(Part, frozen=True, kw_only=True):
    """Weekdays by ISO: 1 is Monday."""

    subject: str
    weekdays: Sequence[int] = ()


class SetDutyRule(Input, frozen=True, kw_only=True):
    """A new rule has no version. It holds from `starts` until the village's next one starts. `opens` is China's time, 08:30."""

    area_code: str
    starts: date
    version: int | None = None
    pool: Sequence[MemberGiven]
    pattern: Pattern = Pattern.ROTATION
    eve_weight: float = 1.5
    opens: str = "08:30"
    late_minutes: int = 15
    alarm_days: int = 3


class SetStation(Input, frozen=True, kw_only=True):
    """A station that is not on record has no version. WGS 84; `radius` in metres."""

    area_code: str
    version: int | None = None
    name: str
    address: str | None = None
    longitude: float
    latitude: float
    radius: int = 200


async def set_duty_rule(doing: Doing, given: SetDutyRule) -> str:
    """Past and signed days stay as they were, today's while the one who has it is free.

    Raises InvalidInput, UnknownCode, Forbidden, NotFound, Conflict or StaleVersion.
    """
    connection = doing.connection
    area = await known_station(connection, given.area_code, "areaCode")
    require_arranger(doing.principal, area)
    rule = Rule(
        area=area,
        starts=given.starts,
        pool=tuple(Member(member.subject, tuple(member.weekdays)) for member in given.pool),
        pattern=given.pattern,
        eve_weight=given.eve_weight,
        opens=clock_time(given.opens, "opens"),
        late_minutes=given.late_minutes,
        alarm_days=given.alarm_days,
        version=1 if given.version is None else given.version + 1,
    )
    known = await cadre.find(connection, [member.subject for member in rule.pool])
    for n, member in enumerate(rule.pool):
        if member.subject not in known:
            raise UnknownCode("cadre", field=f"pool[{n}].subject")
        if not known[member.subject].may_serve(area):
            name = f"pool[{n}].subject"
            raise InvalidInput(f"{name} does not serve in this village or its township", field=name, rule="serves")
    version = await store.version(connection, area, rule.starts)
    if given.version is None and given.starts < today(doing.clock) and version is None:
        raise InvalidInput("starts is past: a new rule begins today or later", field="starts", rule="not.past")
    if given.version is not None and version is None:
        raise NotFound("no rule of this village starts on that day")
    if not await store.put(connection, rule):
        if given.version is None:
            raise Conflict("a rule starts on that day already: give its version", field="starts", rule="rule.new")
        raise StaleVersion("rule", current=version or 0)
    return f"{area}/{rule.starts.isoformat()}"


async def set_station(doing: Doing, given: SetStation) -> str:
    """Raises InvalidInput, UnknownCode, Forbidden, Conflict or StaleVersion; returns the village's code."""
    connection = doing.connection
    area = await known_station(connection, given.area_code, "areaCode")
    require_arranger(doing.principal, area)
    at = point(given.longitude, given.latitude)
    assert at is not None  # noqa: S101  both are given
    if not RADII[0] <= given.radius <= RADII[1]:
        detail = f"radius must be from {RADII[0]} to {RADII[1]} metres"
        raise InvalidInput(detail, field="radius", rule="range")
    name = NAME.check(given.name, "name")
    address = None if given.address is None else ADDRESS.check(given.address, "address")
    version = await duty.station_version(connection, area)
    if given.version is not None and given.version != version:
        raise StaleVersion("station", current=version or 0)
    if not await duty.put_station(connection, area, name, address, at, given.radius, (given.version or 0) + 1):
        raise Conflict("the station is on record already: give its version", field="areaCode", rule="station.new")
    return area


COMMANDS = (
    Command("setDutyRule", SetDutyRule, ARRANGERS, set_duty_rule, "dutyRule"),
    Command("setStation", SetStation, ARRANGERS, set_station, "station"),
)
