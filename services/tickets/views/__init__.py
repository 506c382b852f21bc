"""The tickets' read model, a module a noun."""

from services.chassis.views import Views
from services.tickets.views import department, ticket

_MODULES = (department, ticket)

VIEWS = Views(
    [view for module in _MODULES for view in module.VIEWS],
    {name: root for module in _MODULES for name, root in module.ROOTS.items()},
)
