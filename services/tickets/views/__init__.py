"""The tickets' read model, a module a noun."""

from services.chassis.views import Views
from services.tickets.views import (
    assessment,
    call,
    catalogue,
    deadline,
    department,
    errand,
    figures,
    mediation,
    network,
    team,
    ticket,
    window,
)

_MODULES = (
    department,
    ticket,
    catalogue,
    deadline,
    call,
    errand,
    window,
    network,
    figures,
    assessment,
    team,
    mediation,
)

VIEWS = Views(
    [view for module in _MODULES for view in module.VIEWS],
    {name: root for module in _MODULES for name, root in module.ROOTS.items()},
)
