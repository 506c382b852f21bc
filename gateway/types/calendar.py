"""The working calendar (owner: liaison)."""

from typing import Annotated

import strawberry

from gateway.types.declare import Date, DateTime, filled
from gateway.types.liaison import DayKind


@strawberry.type(description="A day of the working calendar (工作日历)")
class CalendarDay:
    date: Date = filled("the day (日期)")
    kind: DayKind = filled("what kind of day it is (日期性质)")
    works: bool = filled("whether people work, make-up workdays included (是否上班)")
    festival: str | None = filled("what it is off or worked for, in Chinese; null on other days (节日)")
    explanation: str = filled("why it is that kind of day (说明)")
    provisional: bool = filled("whether the calendar of that year is not published yet (暂定)")
    lunar: str | None = filled("month and day of the lunar calendar, such as 八月初三 (农历)")


@strawberry.type(description="A year of the working calendar, and where it comes from (年度日历)")
class CalendarYear:
    year: int = filled("the year (年份)")
    published: bool = filled("whether the State Council has published it (已公布)")
    provisional: bool = filled("whether it goes by weekdays alone until then (暂定)")
    source: str | None = filled(
        "the document that published it, or the library that knows it; null while provisional (依据)"
    )
    loaded_at: DateTime = filled("when it was taken in (载入时间)")
    workdays: int = filled("its workdays, make-up workdays included (工作日天数)")


Day = Annotated[Date, strawberry.argument(description="the day, in China (日期)")]
From = Annotated[Date, strawberry.argument(name="from", description="first day, in China (起始日期)")]
To = Annotated[Date, strawberry.argument(description="last day, 400 days in all at most (截止日期)")]
