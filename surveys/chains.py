"""Which units check an answer, lowest level first. Pure: units are handed in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol, TypeVar

from accounts import regions
from surveys.spec import Level

KINDS = {
    Level.DISTRICT: ("district",),
    Level.CITY: ("separate_city", "city"),
    Level.PROVINCE: ("province", "corps"),
}
ENDS = "separate_city"
"""A 计划单列市 belongs to no province: the chain ends there."""


def level_of(kind: str) -> Level | None:
    """The level to which units of this kind belong."""
    return next((level for level, kinds in KINDS.items() if kind in kinds), None)


class Unit(Protocol):
    pk: int
    kind: str
    region: str


U = TypeVar("U", bound=Unit)


def chain(region: str, levels: Sequence[Level], units: Collection[U]) -> list[U]:
    """The units of these levels in whose area ``region`` lies.

    A level without a unit there is left out; the next one above takes its place.
    """
    found: list[U] = []
    for level in levels:
        for kind in KINDS[level]:
            fitting = [
                unit for unit in units if unit.kind == kind and regions.lies_in(region, unit.region)
            ]
            if fitting:
                found.append(min(fitting, key=lambda unit: unit.pk))
                break
        if found and found[-1].kind == ENDS:
            break
    return found
