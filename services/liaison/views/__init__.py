"""Liaison's read model, a module a noun."""

from services.chassis.views import Views
from services.liaison.views import duty

_MODULES = (duty,)

VIEWS = Views(
    [view for module in _MODULES for view in module.VIEWS],
    {name: root for module in _MODULES for name, root in module.ROOTS.items()},
)
