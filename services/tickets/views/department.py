"""The departments."""

from services.chassis.views import Root, View

VIEWS = [View("Department", "department", {"code": "{t}.code", "name": "{t}.name"})]
ROOTS = {"departments": Root("Department", "many", order=(("{t}.code", "text"),))}
