"""Industries by their GB/T 4754-2017 code. Pure, read once.

门类 have a letter, 大类 two digits, 中类 three, 小类 four. What the table holds and where it is
from: ``accounts/data/README.md``.
"""

import csv
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType

from accounts import lookup
from accounts.lookup import Entry
from accounts.regions import DATA


@dataclass(frozen=True, slots=True)
class Industry:
    code: str
    name: str
    parent: str


@cache
def industries() -> MappingProxyType[str, Industry]:
    """All entries by code, each below its parent, in the order of the standard."""
    with (DATA / "industries.csv").open(encoding="utf-8", newline="") as file:
        rows = [Industry(row["code"], row["name"], row["parent"]) for row in csv.DictReader(file)]
    return MappingProxyType({one.code: one for one in rows})


def name_of(code: str) -> str:
    """The entry's own name, such as 敏感元件及传感器制造; empty where the table has none."""
    found = industries().get(code)
    return found.name if found else ""


def path_of(code: str) -> tuple[str, ...]:
    """The names from the 门类 down to the level above the entry."""
    names: list[str] = []
    one = industries().get(code)
    while one is not None and (one := industries().get(one.parent)) is not None:
        names.append(one.name)
    return tuple(reversed(names))


def label_of(code: str) -> str:
    """How a chosen code stands in an input: with its name where there is one."""
    return f"{code} {name_of(code)}".strip()


def accepts(code: str) -> bool:
    """Whether this is a code that can be chosen: a 大类, 中类 or 小类 of the standard."""
    return len(code) > 1 and code in industries()


def find(text: str) -> str | None:
    """The code that was typed: with or without its letter, alone or before its name, or the name.

    A name that several entries bear (中类 and its only 小类) is the most exact of them.
    """
    typed = lookup.folded(text)
    head = re.match(r"[a-t]?(\d{2,4})(?!\d)", typed)
    if head is not None:
        return head[1] if accepts(head[1]) else None
    return _by_name().get(typed)


@cache
def _by_name() -> dict[str, str]:
    return {lookup.folded(one.name): one.code for one in industries().values() if len(one.code) > 1}


def lies_in(code: str, industry: str) -> bool:
    """Whether ``code`` is ``industry`` or below it; ``industry`` may be the letter of a 门类."""
    if len(industry) == 1:
        division = industries().get(code[:2])
        return code == industry or (division is not None and division.parent == industry)
    return bool(industry) and code.startswith(industry)


@cache
def entries() -> tuple[Entry, ...]:
    """Everything that can be chosen: no 门类, which have no number."""
    return tuple(
        lookup.entry(one.code, one.name, path_of(one.code))
        for one in industries().values()
        if len(one.code) > 1
    )


@lru_cache(maxsize=1024)
def search(query: str) -> tuple[Entry, ...]:
    """What fits the query, one more than ``lookup.LIMIT`` when there are more; a letter alone is a
    门类, nothing is the 大类."""
    typed = lookup.folded(query)
    if not typed or (len(typed) == 1 and typed.upper() in industries()):
        return tuple(
            one
            for one in entries()
            if len(one.code) == 2 and (not typed or lies_in(one.code, typed.upper()))
        )
    return tuple(lookup.search(entries(), query))
