"""The archive's read model, a module a noun."""

from services.archive.views import area, household
from services.chassis.views import Views

_MODULES = (area, household)

VIEWS = Views(
    [view for module in _MODULES for view in module.VIEWS],
    {name: root for module in _MODULES for name, root in module.ROOTS.items()},
)
