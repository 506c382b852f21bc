"""The archive's read model, a module a noun."""

from services.archive.views import (
    area,
    area_change,
    attachment,
    audit,
    correction,
    finding,
    freshness,
    household,
    imports,
    plot,
    register,
    sheet,
    unattached,
    village,
)
from services.chassis.views import Views

_MODULES = (
    area,
    area_change,
    attachment,
    audit,
    correction,
    finding,
    household,
    imports,
    plot,
    register,
    freshness,
    sheet,
    unattached,
    village,
)

VIEWS = Views(
    [view for module in _MODULES for view in module.VIEWS],
    {name: root for module in _MODULES for name, root in module.ROOTS.items()},
    audit.NOTED,
)
