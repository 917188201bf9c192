"""Who may not review what, from business data alone. Pure: facts in, reasons out.

A reason is a sentence for the office. Deny wins: one reason is enough, and what an
expert declares or the office pins comes on top of these (FEATURES C).
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import defaultdict
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

    def marks(self) -> frozenset[str]:
        """Code and names in one spelling. Units that are the ``same`` share at least one of them;
        units that share one need not be the same."""
        return frozenset({fold(self.code), fold(self.name), *self._folded()} - {""})


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


REGIONAL = Reason(Rule.REGION, "与申报单位同属一个省级地区（本轮实行地区回避）")
PERSON = "#"
"""Before the hash of a person, so that it is no unit's mark: those hold letters and digits."""


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
        found.append(REGIONAL)
    return found


def find_all(
    experts: Mapping[int, ExpertFacts],
    applications: Mapping[int, ApplicationFacts],
    *,
    by_region: bool = False,
) -> dict[tuple[int, int], list[Reason]]:
    """By (expert, application) every reason that ``find`` gives, for all pairs that have one.

    Pairs are met through what they share (a code, a name, a person, a province), so that the time
    grows with what is found and not with experts times applications.
    """
    by_mark: dict[str, set[int]] = defaultdict(set)
    by_province: dict[str, list[int]] = defaultdict(list)
    for key, one in applications.items():
        for unit in (one.applicant, *one.partners):
            for mark in unit.marks():
                by_mark[mark].add(key)
        for person in one.people:
            by_mark[f"{PERSON}{person}"].add(key)
        by_province[province(one.region)].append(key)
    found: dict[tuple[int, int], list[Reason]] = {}
    for expert, facts in experts.items():
        sought = {mark for unit in (facts.employer, *facts.past_employers) for mark in unit.marks()}
        if facts.person:
            sought.add(f"{PERSON}{facts.person}")
        met = set().union(*(by_mark[mark] for mark in sought if mark in by_mark))
        for key in met:
            reasons = find(facts, applications[key], by_region=by_region)
            if reasons:
                found[expert, key] = reasons
        if by_region and province(facts.region):
            for key in by_province.get(province(facts.region), ()):
                found.setdefault((expert, key), [REGIONAL])
    return found


def sentence(reasons: Iterable[Reason]) -> str:
    return "；".join(reason.message for reason in reasons)
