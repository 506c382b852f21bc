"""Why somebody asks for personal data. Who asks names one; it is recorded, and the household sees it."""

from collections.abc import Mapping

from services.chassis.errors import InvalidInput

PURPOSES: Mapping[str, str] = {
    "SERVICE": "办理事项",
    "VERIFICATION": "核实信息",
    "BENEFIT_REVIEW": "待遇审核",
    "EMERGENCY": "紧急救助",
    "MEDIATION": "调解",
    "STATISTICS": "统计",
    "SUBJECT_REQUEST": "本人申请",
}


def checked_purpose(code: object, field: str = "purpose") -> str:
    """The code; raises InvalidInput when there is none, or no such purpose."""
    if code is None:
        raise InvalidInput(f"{field} is needed", field=field, rule="required")
    if not isinstance(code, str) or code not in PURPOSES:
        raise InvalidInput(f"{field} must be one of {', '.join(PURPOSES)}", field=field, rule="purpose.known")
    return code
