"""When two filings stand in each other's way, over leads and partners. Pure.

A unit takes part in a filing as its lead or as a partner. Partners are the rows of the form's
tables that have a column of type ``uscc``. Units are compared by all codes they bear or bore
(``kin``). Every clash is said twice: ``words`` for the applicant, without title, number or unit
of a rival, and ``staff`` for the recommender and the office, who are told which filing it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from applications.content import answers as kept
from applications.content.answers import Answers
from applications.content.checking import Problem
from calls.programme import Column, Field, FieldType, Programme, Section

TITLES_ALIKE = 0.8
"""Share of two titles' character pairs in common from which they are one project's."""
TEXTS_ALIKE = 0.6
"""Share of the shorter filing's runs of eight characters found in the other one."""
RUN = 8

Kin = Mapping[str, Collection[str]]
"""Every code a unit bears or bore, by any one of them; a code that is missing stands alone."""


@dataclass(frozen=True, slots=True)
class Party:
    """A unit taking part. ``section`` and ``name_of_input`` lead to where it was typed."""

    code: str
    name: str
    lead: bool = False
    section: str = ""
    input: str = ""


@dataclass(frozen=True, slots=True)
class Filing:
    """What of a filing matters here. ``recommender`` is 0 where the programme has none."""

    id: int
    parties: tuple[Party, ...]
    title: str = ""
    number: str = ""
    public_id: str = ""
    status: str = ""
    direction: str = ""
    direction_title: str = ""
    recommender: int = 0
    recommender_name: str = ""
    text: str = ""

    @property
    def lead(self) -> Party:
        return next(party for party in self.parties if party.lead)

    @property
    def is_joint(self) -> bool:
        return len(self.parties) > 1


@dataclass(frozen=True, slots=True)
class Won:
    """A project of an earlier round. ``code`` may be unknown; then the unit's name counts.

    ``partners`` are the codes of the units that took part beside it: the project is excluded, so
    none of those who carried it may file it again.
    """

    title: str
    round_title: str
    code: str = ""
    name: str = ""
    partners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clash:
    """One thing that stands between this filing and another.

    ``hard``: the programme forbids it and submission is refused; otherwise it is only a note to
    staff. ``other`` is the id of the other filing, 0 where there is none (a winner, a count).
    """

    code: str
    words: str
    way_out: str
    staff: str
    rule: str = ""
    hard: bool = True
    party: Party | None = field(default=None, compare=False)
    other: int = 0
    other_public_id: str = ""

    def __str__(self) -> str:
        return f"{self.words}。{self.way_out}"


# Who takes part ------------------------------------------------------------------------------


def partner_tables(section: Section) -> Iterator[tuple[Field, Column]]:
    """The tables of a section that list partner units, each with its column of the code."""
    for asked in section.fields:
        if asked.type == FieldType.ROWS:
            column = next((one for one in asked.columns if one.type == FieldType.USCC), None)
            if column is not None:
                yield asked, column


def partners(programme: Programme, answers: Answers) -> list[Party]:
    """The partner units named in the answers that are asked; rows without a code are left out."""
    found: list[Party] = []
    for section in programme.sections:
        if not kept.holds(section.condition, section=section.key, answers=answers):
            continue
        shown = {asked.key for asked in kept.shown(section, answers)}
        for asked, column in partner_tables(section):
            if asked.key in shown:
                found += _rows(section, asked, column, answers.get(section.key, {}))
    return found


def _rows(section: Section, asked: Field, column: Column, data: kept.Data) -> Iterator[Party]:
    names = [one.key for one in asked.columns if one.type == FieldType.TEXT]
    for number, row in enumerate(kept.rows_of(asked, data)):
        code = row.get(column.key)
        if isinstance(code, str) and code:
            name = str(row.get(names[0]) or "") if names else ""
            yield Party(
                code,
                name or code,
                section=section.key,
                input=f"{asked.key}-{number}-{column.key}",
            )


def problems(
    section: Section, programme: Programme, answers: Answers, *, lead_code: str
) -> list[Problem]:
    """What is wrong with the partners of a section taken by themselves."""
    most = programme.applicants.max_partners
    named = [one for one in partners(programme, answers) if one.section == section.key]
    found: list[Problem] = []
    seen: set[str] = set()
    for position, one in enumerate(named):
        label = f"合作单位“{one.name}”"
        if one.code == lead_code:
            found.append(Problem(section.key, one.input, label, "就是申报单位自己，请删去这一行"))
        elif one.code in seen:
            found.append(Problem(section.key, one.input, label, "列了两次，请只留一行"))
        elif most is not None and position >= most:
            rule = programme.applicants.sources.get("max_partners", programme.notice)
            message = f"超出合作单位上限 {most} 家（{rule}），请删去"
            found.append(Problem(section.key, one.input, label, message))
        seen.add(one.code)
    return found


# The rules -----------------------------------------------------------------------------------


def clashes(
    programme: Programme,
    own: Filing,
    others: Collection[Filing],
    *,
    won: Iterable[Won] = (),
    kin: Kin | None = None,
) -> list[Clash]:
    """Everything that stands against this filing, the refusing ones first.

    ``others`` are the other filings of the call that were submitted and count.
    """
    kin = kin or {}
    found = [
        *_limit(programme, own, others, kin),
        *_direction(programme, own, others, kin),
        *_won(programme, own, won, kin),
        *_same_project(programme, own, others, kin),
    ]
    return sorted(found, key=lambda clash: not clash.hard)


def same_unit(a: str, b: str, kin: Kin) -> bool:
    return a == b or b in kin.get(a, ()) or a in kin.get(b, ())


def _of(party: Party, others: Iterable[Filing], kin: Kin) -> Iterator[tuple[Filing, Party]]:
    for other in others:
        for there in other.parties:
            if same_unit(party.code, there.code, kin):
                yield other, there
                break


def _limit(
    programme: Programme, own: Filing, others: Collection[Filing], kin: Kin
) -> Iterator[Clash]:
    rules = programme.applicants
    limit = rules.per_applicant
    if limit is None:
        return
    for party in own.parties if rules.count_partners else (own.lead,):
        taken = [
            (other, there)
            for other, there in _of(party, others, kin)
            if there.lead or rules.count_partners
        ]
        if len(taken) < limit:
            continue
        also = sum(1 for _, there in taken if not there.lead)
        partly = f"（其中 {also} 项为合作单位）" if also else ""
        counted = "，作为合作单位参与的一并计算" if rules.count_partners else ""
        who = "本单位" if party.lead else f"合作单位“{party.name}”"
        way = (
            "请先撤回其中一项，再提交本项"
            if party.lead
            else "请更换合作单位，或请该单位先退出其他申报"
        )
        yield Clash(
            "limit-reached",
            f"每个单位最多参与 {limit} 项{counted}，{who}已提交 {len(taken)} 项{partly}",
            f"{way}。",
            f"{party.name}已参与 {len(taken)} 项：{'、'.join(_named(other) for other, _ in taken)}",
            rule=_clause(programme, "per_applicant"),
            party=party,
        )


def _direction(
    programme: Programme, own: Filing, others: Collection[Filing], kin: Kin
) -> Iterator[Clash]:
    if not programme.applicants.exclusive_in_direction or not own.direction:
        return
    there = [other for other in others if other.direction == own.direction]
    for party in own.parties:
        for other, _ in _of(party, there, kin):
            if not (own.is_joint or other.is_joint):
                continue
            who = "本单位" if party.lead else f"“{party.name}”"
            where = own.direction_title or own.direction
            yield Clash(
                "same-direction",
                f"{who}已参与另一申报的同一方向{_own_title(own, other, kin)}，"
                "联合体的成员在同一方向不得另行申报",
                "请更换合作单位或改报其他方向；另一项撤回后也可以提交本项。",
                f"{party.name}同时参与{_named(other)}，同属“{where}”方向",
                rule=_clause(programme, "exclusive_in_direction"),
                party=party,
                other=other.id,
                other_public_id=other.public_id,
            )


def _won(programme: Programme, own: Filing, won: Iterable[Won], kin: Kin) -> Iterator[Clash]:
    if not programme.applicants.exclude_winners:
        return
    title = bare(own.title)
    for one in won:
        if bare(one.title) != title:
            continue
        for party in own.parties:
            by_code = any(
                same_unit(party.code, code, kin) for code in (one.code, *one.partners) if code
            )
            by_name = not one.code and bool(one.name) and bare(one.name) == bare(party.name)
            if not (by_code or by_name):
                continue
            whose = "" if party.lead else f"（合作单位“{party.name}”）"
            yield Clash(
                "won-before",
                f"《{one.title}》{whose}已列入{one.round_title}优胜项目，同一项目不得重复申报",
                "请改报其他项目。",
                f"《{one.title}》已由{one.name or party.name}列入{one.round_title}优胜项目",
                rule=_clause(programme, "exclude_winners"),
                party=party,
            )
            break


def _same_project(
    programme: Programme, own: Filing, others: Collection[Filing], kin: Kin
) -> Iterator[Clash]:
    hard = programme.applicants.once_per_project
    for other in others:
        if other.recommender == own.recommender:
            continue
        party = next((one for one in own.parties if next(_of(one, [other], kin), None)), None)
        if party is None:
            continue
        titles, texts = alike(own.title, other.title), contained(own.text, other.text)
        if titles < TITLES_ALIKE and texts < TEXTS_ALIKE:
            continue
        who = "本单位" if party.lead else f"合作单位“{party.name}”"
        yield Clash(
            "same-project",
            f"{who}已通过另一推荐单位提交内容基本相同的申报{_own_title(own, other, kin)}",
            "同一项目只能通过一个推荐单位申报，请只保留一项，撤回另一项。",
            f"与{_named(other)}内容基本相同（名称相同度 {titles:.0%}，正文相同度 {texts:.0%}），"
            f"两项都有{party.name}参与",
            rule=_clause(programme, "once_per_project"),
            hard=hard,
            party=party,
            other=other.id,
            other_public_id=other.public_id,
        )


def _clause(programme: Programme, name: str) -> str:
    return programme.applicants.sources.get(name, programme.notice)


def _named(other: Filing) -> str:
    through = f"，经{other.recommender_name}申报" if other.recommender_name else ""
    return f"{other.number or '未编号的申报'}（{other.lead.name}{through}，{other.status}）"


def _own_title(own: Filing, other: Filing, kin: Kin) -> str:
    """The other filing by name, where it is the same unit's own."""
    if same_unit(own.lead.code, other.lead.code, kin):
        return f"（《{other.title}》{other.number}）"
    return ""


# Likeness of titles and texts ----------------------------------------------------------------


def bare(text: str) -> str:
    """A text without spaces, punctuation and case."""
    return "".join(character for character in text.casefold() if character.isalnum())


def alike(a: str, b: str) -> float:
    """How far two titles share their pairs of characters, 0 to 1 (Dice)."""
    one, two = _runs(bare(a), 2), _runs(bare(b), 2)
    if not one or not two:
        return float(bool(bare(a)) and bare(a) == bare(b))
    return 2 * len(one & two) / (len(one) + len(two))


def contained(a: str, b: str) -> float:
    """Which share of the shorter text's runs of eight characters the other has, 0 to 1."""
    one, two = _runs(bare(a), RUN), _runs(bare(b), RUN)
    fewer = min(len(one), len(two))
    return len(one & two) / fewer if fewer >= 3 * RUN else 0.0


def _runs(text: str, length: int) -> set[str]:
    return {text[start : start + length] for start in range(len(text) - length + 1)}


def long_texts(programme: Programme, answers: Mapping[str, Mapping[str, Any]]) -> str:
    """The long answers of a filing as one text, by which projects are compared."""
    found = []
    for section, asked in programme.fields():
        if asked.type == FieldType.LONGTEXT:
            found.append(str(answers.get(section.key, {}).get(asked.key) or ""))
    return "\n".join(text for text in found if text)
