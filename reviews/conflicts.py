"""Who may not review what, from business data alone. Pure: facts in, reasons out.

A reason is a sentence for the office. Deny wins: one reason is enough, and what an
expert declares or the office pins comes on top of these (FEATURES C).
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Rule(StrEnum):
    EMPLOYER = "employer"
    PARTNER = "partner"
    PAST_EMPLOYER = "past_employer"
    PERSON = "person"
    REGION = "region"


@dataclass(frozen=True, slots=True)
class Unit:
    """An organisation as far as conflicts go: its code where known, else its name.

    ``also`` are the other codes and names it bears or bore, units merged with it included.
    """

    name: str
    code: str = ""
    also: frozenset[str] = frozenset()

    def same(self, other: Unit) -> bool:
        mine, theirs = fold(self.code), fold(other.code)
        if mine and theirs:
            return mine == theirs or mine in other._folded() or theirs in self._folded()
        names = {fold(self.name), *self._folded()} & {fold(other.name), *other._folded()}
        return bool(names - {""})

    def _folded(self) -> frozenset[str]:
        return frozenset(map(fold, self.also))


@dataclass(frozen=True, slots=True)
class ExpertFacts:
    employer: Unit
    past_employers: tuple[Unit, ...] = ()
    person: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class ApplicationFacts:
    applicant: Unit
    partners: tuple[Unit, ...] = ()
    people: frozenset[str] = field(default_factory=frozenset)
    region: str = ""

    def with_marks(self, marks: Mapping[str, frozenset[str]]) -> ApplicationFacts:
        """The same with what else the units are called, by their code."""

        def marked(unit: Unit) -> Unit:
            return replace(unit, also=marks.get(unit.code, frozenset()))

        return replace(
            self, applicant=marked(self.applicant), partners=tuple(map(marked, self.partners))
        )


@dataclass(frozen=True, slots=True)
class Reason:
    rule: Rule
    message: str


def fold(text: str) -> str:
    """One spelling for names and codes: full width, case, spaces and brackets made alike."""
    plain = unicodedata.normalize("NFKC", text or "").casefold()
    return "".join(character for character in plain if character.isalnum())


def person_hash(name: str, phone: str) -> str:
    """A person without personal data: the hash of name and the phone's digits; '' if either lacks.

    Both are needed, because a name alone is shared by many people.
    """
    digits = "".join(character for character in fold(phone) if character.isdigit())
    if not fold(name) or not digits:
        return ""
    return hashlib.sha256(f"{fold(name)}|{digits}".encode()).hexdigest()


def province(region: str) -> str:
    """The first two digits of a region code (GB/T 2260); '' when there is none."""
    return region[:2] if len(region) == 6 and region.isdigit() else ""


def find(
    expert: ExpertFacts, application: ApplicationFacts, *, by_region: bool = False
) -> list[Reason]:
    """Every reason why this expert may not review this application; empty when there is none.

    ``by_region`` switches on the exclusion of experts from the applicant's province.
    """
    found = []
    if expert.employer.same(application.applicant):
        found.append(Reason(Rule.EMPLOYER, f"现任职于申报单位（{application.applicant.name}）"))
    found += [
        Reason(Rule.PARTNER, f"现任职于联合体成员单位（{partner.name}）")
        for partner in application.partners
        if expert.employer.same(partner)
    ]
    units = (application.applicant, *application.partners)
    found += [
        Reason(Rule.PAST_EMPLOYER, f"曾任职于申报或联合体成员单位（{unit.name}）")
        for unit in units
        if any(past.same(unit) for past in expert.past_employers)
    ]
    if expert.person and expert.person in application.people:
        found.append(Reason(Rule.PERSON, "与项目联系人或团队成员为同一人（姓名与电话均相同）"))
    if (
        by_region
        and province(expert.region)
        and province(expert.region) == province(application.region)
    ):
        found.append(Reason(Rule.REGION, "与申报单位同属一个省级地区（本轮实行地区回避）"))
    return found


def sentence(reasons: Iterable[Reason]) -> str:
    return "；".join(reason.message for reason in reasons)
