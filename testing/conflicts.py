"""Why an agency must not test a unit. Pure: who is who in, reasons out; one reason is enough.

An agency does not test itself, its parent, its child or what was merged with it; nor a project in
which one of these takes part or which one of these recommended; nor a unit to which a tie was
declared, by the agency or by the office. Units are told apart by their marks: codes and names,
today's and former ones.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

SELF = "self"
KIN = "kin"
PARTNER = "partner"
RECOMMENDED = "recommended"
DECLARED = "declared"

WORDS = {
    SELF: "测评机构就是承担单位",
    KIN: "与承担单位有上下级或合并关系",
    PARTNER: "参加了该项目（联合单位）",
    RECOMMENDED: "推荐了该项目",
    DECLARED: "已申报利益关系",
}


@dataclass(frozen=True, slots=True)
class Body:
    """A unit by its marks. ``kin``: marks of its parent and of its children."""

    own: frozenset[str]
    kin: frozenset[str] = frozenset()

    @property
    def all(self) -> frozenset[str]:
        return self.own | self.kin


@dataclass(frozen=True, slots=True)
class Bar:
    kind: str
    note: str = ""

    @property
    def words(self) -> str:
        return f"{WORDS[self.kind]}：{self.note}" if self.note else WORDS[self.kind]


@dataclass(frozen=True, slots=True)
class Tie:
    """A declared tie of the agency to a unit."""

    marks: frozenset[str]
    note: str = ""


def mark(text: str) -> str:
    """One spelling of a code or a name: width and white space do not tell units apart."""
    return "".join(unicodedata.normalize("NFKC", text or "").upper().split())


def marks(texts: Iterable[str | None]) -> frozenset[str]:
    return frozenset(found for one in texts if (found := mark(one or "")))


def bars(
    agency: Body,
    unit: Body,
    *,
    partners: frozenset[str] = frozenset(),
    recommenders: frozenset[str] = frozenset(),
    ties: Iterable[Tie] = (),
) -> list[Bar]:
    """Every reason why the agency must not test the unit; empty when it may."""
    found = []
    if agency.own & unit.own:
        found.append(Bar(SELF))
    elif agency.own & unit.kin or unit.own & agency.kin:
        found.append(Bar(KIN))
    if agency.all & partners:
        found.append(Bar(PARTNER))
    if agency.all & recommenders:
        found.append(Bar(RECOMMENDED))
    concerned = unit.all | partners
    found += [Bar(DECLARED, tie.note) for tie in ties if tie.marks & concerned]
    return found
