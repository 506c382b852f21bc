"""Plots (地块): code, category, area in mu, and four sides in words."""

import re
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

CODE = re.compile(r"[0-9]{19}")
"""14 digits of who gives it out (village 12 and group 2), 5 of a serial."""
CATEGORIES = {"10": "承包地块", "21": "自留地", "22": "机动地", "23": "开荒地", "99": "其他集体土地"}
M2_PER_MU = Decimal("666.67")
SIDES = ("east", "south", "west", "north")


@dataclass(frozen=True)
class Plot:
    """A plot as a sheet shows it. Areas are in mu; `shape` is the polygon as hexadecimal EWKB in CGCS2000 (EPSG:4490)."""

    id: UUID
    code: str
    name: str
    category: str
    contract_mu: Decimal
    east: str
    south: str
    west: str
    north: str
    measured_mu: Decimal | None = None
    witness: str | None = None
    disputed: bool = False
    shape: str | None = None
