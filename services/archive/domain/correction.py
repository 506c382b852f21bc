"""What a household asks to have corrected on its sheet (更正申请; Personal Information Protection Law, article 46)."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal

import chinese_calendar

from services.chassis.errors import InvalidInput
from services.chassis.text import Text, without_numbers

State = Literal["OPEN", "ACCEPTED", "REFUSED"]

FIELDS: Mapping[str, str] = {
    "address": "住址",
    "house": "房屋情况",
    "members": "家庭成员",
    "name": "姓名",
    "idNumber": "身份证号",
    "sex": "性别",
    "birthDate": "出生日期",
    "relation": "与户主关系",
    "phone": "电话",
    "ethnicity": "民族",
    "marital": "婚姻状况",
    "education": "学历",
    "health": "健康状况",
    "politics": "政治面貌",
    "income": "收入",
    "benefits": "享受待遇",
    "plots": "地块",
    "visitNotes": "走访记录",
    "other": "其他",
}
TEXT = Text(1000, lines=True)
REASON = Text(500)


def checked_field(name: str) -> str:
    if name not in FIELDS:
        raise InvalidInput(f"field must be one of {', '.join(FIELDS)}", field="field", rule="field.known")
    return name


def checked_text(text: str, field: str) -> str:
    """Raises InvalidInput also for numbers in clear: the right one is given at the counter, with its document."""
    return without_numbers(TEXT.check(text, field), field)


def due_on(day: date, working_days: int) -> date:
    """The last day for an answer: so many working days after the day. Of a year that is not published yet, Monday to Friday count."""
    while working_days:
        day += timedelta(days=1)
        working_days -= _is_workday(day)
    return day


def _is_workday(day: date) -> bool:
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5
