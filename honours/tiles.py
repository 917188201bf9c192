"""A schematic map of the provinces: one square each, placed by rough direction. Pure.

The places are our own and say nothing about boundaries or sizes; no map was copied. ``PLACES``
gives the column and row of each province's square, by its code of GB/T 2260.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from accounts import regions

PLACES: dict[str, tuple[int, int]] = {
    "230000": (8, 0), "150000": (5, 1), "110000": (6, 1), "210000": (7, 1), "220000": (8, 1),
    "650000": (1, 1), "620000": (3, 2), "640000": (4, 2), "140000": (5, 2), "130000": (6, 2),
    "120000": (7, 2), "630000": (2, 3), "610000": (4, 3), "410000": (5, 3), "370000": (6, 3),
    "540000": (2, 4), "510000": (3, 4), "500000": (4, 4), "420000": (5, 4), "340000": (6, 4),
    "320000": (7, 4), "310000": (8, 4), "530000": (3, 5), "520000": (4, 5), "430000": (5, 5),
    "360000": (6, 5), "330000": (7, 5), "450000": (5, 6), "440000": (6, 6), "350000": (7, 6),
    "710000": (8, 6), "460000": (5, 7), "820000": (6, 7), "810000": (7, 7),
}  # fmt: skip
SHADES = 4
SHORT = ("壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "特别行政区", "省", "市")


@dataclass(frozen=True, slots=True)
class Tile:
    """One province: where its square is (``x``, ``y``), how many, and how dark (0 to 4)."""

    code: str
    name: str
    short: str
    x: int
    y: int
    count: int
    shade: int


def province_of(code: str) -> str:
    """The province of a region's code; empty where it is no code of a known province."""
    province = f"{code[:2]}0000" if code else ""
    return province if province in PLACES else ""


def short_name(name: str) -> str:
    """湖南 for 湖南省, 内蒙古 for 内蒙古自治区."""
    return next((name.removesuffix(end) for end in SHORT if name.endswith(end)), name)


def tiles(counts: Mapping[str, int]) -> list[Tile]:
    """All 34 squares, from left to right and top to bottom, with these counts by province."""
    most = max(counts.values(), default=0)
    found = []
    for code, (x, y) in PLACES.items():
        count = counts.get(code, 0)
        shade = -(-count * SHADES // most) if count else 0
        name = regions.name_of(code)
        found.append(Tile(code, name, short_name(name), x - 1, y, count, shade))
    return sorted(found, key=lambda tile: (tile.y, tile.x))
