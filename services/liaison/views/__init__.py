"""Liaison's read model, a module a noun."""

from services.chassis.views import Views
from services.liaison.views import cadre, calendar, dialogue, duty, feed, figures, market, session, suggestion

_MODULES = (cadre, duty, calendar, market, feed, dialogue, session, suggestion, figures)

VIEWS = Views(
    [view for module in _MODULES for view in module.VIEWS],
    {name: root for module in _MODULES for name, root in module.ROOTS.items()},
)
