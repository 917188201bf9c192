"""Regions by their GB/T 2260 code, and the local recommender of each. Pure, read once.

The data and its sources: ``accounts/data/README.md``.
"""

import csv
import datetime as dt
import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from accounts import lookup
from accounts.lookup import Entry

DATA = Path(__file__).resolve().parent / "data"


@dataclass(frozen=True, slots=True)
class Region:
    code: str
    name: str
    parent: str


@dataclass(frozen=True, slots=True)
class EarlierName:
    name: str
    valid_from: dt.date | None
    valid_until: dt.date | None


@dataclass(frozen=True, slots=True)
class Recommender:
    """A local recommender. ``kind`` is province, separate_city or corps."""

    key: str
    name: str
    kind: str
    region: str
    valid_from: dt.date | None = None
    earlier: tuple[EarlierName, ...] = ()


@cache
def regions() -> MappingProxyType[str, Region]:
    """All regions by code, in the order of their codes."""
    with (DATA / "regions.csv").open(encoding="utf-8", newline="") as file:
        rows = [Region(row["code"], row["name"], row["parent"]) for row in csv.DictReader(file)]
    return MappingProxyType({region.code: region for region in rows})


@cache
def recommenders() -> MappingProxyType[str, Recommender]:
    """The local recommenders by key, provinces first."""
    content = tomllib.loads((DATA / "recommenders.toml").read_text("utf-8"))
    return MappingProxyType({row["key"]: _recommender(row) for row in content["recommenders"]})


def _recommender(row: dict[str, Any]) -> Recommender:
    earlier = tuple(
        EarlierName(past["name"], past.get("valid_from"), past.get("valid_until"))
        for past in row.get("earlier", ())
    )
    return Recommender(
        row["key"], row["name"], row["kind"], row["region"], row.get("valid_from"), earlier
    )


def name_of(code: str) -> str:
    """The full name, such as 湖南省长沙市岳麓区; empty for a code that does not exist."""
    parts: list[str] = []
    region = regions().get(code)
    while region:
        parts.append(region.name)
        region = regions().get(region.parent)
    return "".join(reversed(parts))


def path_of(code: str) -> tuple[str, ...]:
    """The names above the region: 湖南省, 长沙市 for 岳麓区."""
    names: list[str] = []
    region = regions().get(code)
    while region is not None and (region := regions().get(region.parent)) is not None:
        names.append(region.name)
    return tuple(reversed(names))


def label_of(code: str) -> str:
    """How a chosen region stands in an input: its full name, or the code that is unknown."""
    return name_of(code) or code


def exists(code: str) -> bool:
    return code in regions()


def find(text: str) -> str | None:
    """The code that was typed: a code, alone or before a name, or a name that only one bears."""
    typed = lookup.folded(text)
    head = re.match(r"\d+", typed)
    if head is not None:
        return head[0] if exists(head[0]) else None
    found = _by_name().get(typed, ())
    return found[0] if len(found) == 1 else None


@cache
def _by_name() -> dict[str, tuple[str, ...]]:
    """Codes by full name and by own name."""
    found: dict[str, tuple[str, ...]] = {}
    for code, region in regions().items():
        for name in {region.name, name_of(code)}:
            found[name] = (*found.get(name, ()), code)
    return found


@cache
def entries() -> tuple[Entry, ...]:
    return tuple(
        lookup.entry(region.code, region.name, path_of(region.code))
        for region in regions().values()
    )


@lru_cache(maxsize=1024)
def search(query: str) -> tuple[Entry, ...]:
    """What fits the query, one more than ``lookup.LIMIT`` when there are more; nothing is the
    provinces."""
    if not lookup.folded(query):
        return tuple(one for one in entries() if not one.path)
    return tuple(lookup.search(entries(), query))


def provinces() -> tuple[Region, ...]:
    return children("")


def cities(province: str) -> tuple[Region, ...]:
    """The prefecture level below a province; in a municipality its districts."""
    return children(province)


@cache
def children(code: str) -> tuple[Region, ...]:
    """The regions directly below one; the provinces below nothing."""
    return tuple(region for region in regions().values() if region.parent == code)


def lies_in(code: str, region: str) -> bool:
    """Whether ``code`` is ``region`` or below it."""
    return bool(region) and code.startswith(region.rstrip("0").ljust(_depth(region), "0"))


def _depth(region: str) -> int:
    """How many digits of a code are significant: 2, 4 or 6."""
    if region.endswith("0000"):
        return 2
    return 4 if region.endswith("00") else 6


def recommender_key_for(region: str) -> str | None:
    """The local recommender an applicant of this region belongs to.

    A unit in a separately planned city (计划单列市) belongs to that city's recommender, not the
    province's. None where there is none (710000, 810000, 820000).
    The corps is never found by region: a unit of the corps chooses it.
    """
    for code in (f"{region[:4]}00", f"{region[:2]}0000"):
        if code in recommenders():
            return code
    return None
