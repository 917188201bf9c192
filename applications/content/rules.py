"""The rules between fields that a programme's file declares, held against kept answers. Pure.

A rule about columns of one table holds in each row, a rule about fields once. A side that is
empty is not judged, except by the rules that ask for something to be there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from applications.content import answers as kept
from applications.content import values
from applications.content.answers import Answers, Data
from applications.content.problems import Problem
from calls.programme import Condition, Field, FieldType, Rule, RuleKind, Section


@dataclass(frozen=True, slots=True)
class Case:
    """One row of a table, or the section itself where ``row`` is empty."""

    look: Callable[[str], Any]
    row: str = ""


def broken(section: Section, rule: Rule, data: Data, *, answers: Answers) -> Iterator[Problem]:
    """Every place where a rule is broken, in the order of the rows."""
    if rule.rule == RuleKind.UNIQUE:
        yield from _repeated(section, rule, data, answers)
        return
    judge = _JUDGES[rule.rule]
    whole = rule.rule in (RuleKind.SUM_IS, RuleKind.ROWS_SUM)
    for case in _cases(section, data, () if whole else rule.references()):
        if not _applies(rule.when, section, data, case, answers):
            continue
        if name := judge(section, rule, data, case):
            yield _problem(section, rule, name, data, case.row)


def visible(section: Section, rule: Rule, shown: Sequence[Field]) -> bool:
    """Whether everything the rule speaks of is asked now. A sum goes on without a hidden part."""
    tables = {name.partition(".")[0] for name in rule.references()}
    return tables <= {field.key for field in shown}


# Each answers the name of the place where the rule is broken, or nothing --------------------------


def _not_greater(section: Section, rule: Rule, data: Data, case: Case) -> str:
    left, right = values.number(case.look(rule.left)), values.number(case.look(rule.right))
    if left is None or right is None:
        return ""
    most = right if rule.percent is None else right * rule.percent / 100
    return rule.left if left > most else ""


def _date_order(section: Section, rule: Rule, data: Data, case: Case) -> str:
    left, right = case.look(rule.left), case.look(rule.right)
    if not isinstance(left, str) or not isinstance(right, str) or not left or not right:
        return ""
    length = min(len(left), len(right))
    return rule.left if left[:length] > right[:length] else ""


def _equals_sum(section: Section, rule: Rule, data: Data, case: Case) -> str:
    total = values.number(case.look(rule.total))
    parts = [_figure(section, data, case, name) for name in rule.parts]
    found = [part for part in parts if part is not None]
    return rule.total if total is not None and found and total != sum(found) else ""


def _sum_is(section: Section, rule: Rule, data: Data, case: Case) -> str:
    parts = [_figure(section, data, case, name) for name in rule.parts]
    if rule.value is None or any(part is None for part in parts):
        return ""
    return rule.parts[0] if sum(part for part in parts if part is not None) != rule.value else ""


def _rows_sum(section: Section, rule: Rule, data: Data, case: Case) -> str:
    total = kept.total_of(section, data, rule.left)
    return rule.left if total is not None and total != rule.value else ""


def _required_when(section: Section, rule: Rule, data: Data, case: Case) -> str:
    return rule.left if kept.is_empty(case.look(rule.left)) else ""


def _one_of(section: Section, rule: Rule, data: Data, case: Case) -> str:
    empty = all(kept.is_empty(case.look(name)) for name in rule.parts)
    return rule.parts[0] if empty else ""


_JUDGES: dict[RuleKind, Callable[[Section, Rule, Data, Case], str]] = {
    RuleKind.NOT_GREATER: _not_greater,
    RuleKind.DATE_ORDER: _date_order,
    RuleKind.EQUALS_SUM: _equals_sum,
    RuleKind.SUM_IS: _sum_is,
    RuleKind.ROWS_SUM: _rows_sum,
    RuleKind.REQUIRED_WHEN: _required_when,
    RuleKind.ONE_OF: _one_of,
}


def _repeated(section: Section, rule: Rule, data: Data, answers: Answers) -> Iterator[Problem]:
    """Every row whose value stands in an earlier row already."""
    seen: set[str] = set()
    for case in _cases(section, data, (rule.left,)):
        value = case.look(rule.left)
        if kept.is_empty(value) or not _applies(rule.when, section, data, case, answers):
            continue
        text = values.fold(str(value)).casefold()
        if text in seen:
            yield _problem(section, rule, rule.left, data, case.row)
        seen.add(text)


# Looking up --------------------------------------------------------------------------------------


def _figure(section: Section, data: Data, case: Case, name: str) -> Decimal | None:
    """A figure of the row where the rule is about rows; a column is added up elsewhere."""
    if "." in name and not case.row:
        return kept.total_of(section, data, name)
    return values.number(case.look(name))


def _cases(section: Section, data: Data, names: Sequence[str]) -> Iterator[Case]:
    tables = {name.partition(".")[0] for name in names if "." in name}
    alone = all("." in name for name in names)
    field = section.field(next(iter(tables))) if len(tables) == 1 and alone else None
    if field is None:
        yield Case(lambda name: data.get(name))
        return
    for row, cells in _rows(field, data):
        if kept.row_is_blank(field, int(row) if field.type == FieldType.ROWS else row, data):
            continue

        def look(name: str, cells: Mapping[str, Any] = cells) -> Any:
            return cells.get(name.partition(".")[2])

        yield Case(look, row)


def _rows(field: Field, data: Data) -> list[tuple[str, Mapping[str, Any]]]:
    if field.type == FieldType.ROWS:
        return [(str(n), row) for n, row in enumerate(kept.rows_of(field, data))]
    return [(str(year), kept.year_row(field, data, year)) for year in field.years]


def _applies(
    condition: Condition | None, section: Section, data: Data, case: Case, answers: Answers
) -> bool:
    """Whether the rule is to be judged here; a condition may look at a column of the same row."""
    if condition is None:
        return True
    table, _, column = condition.field.rpartition(".")
    if table and section.field(table) is not None:
        value = case.look(condition.field) if case.row else None
        return kept.holds(
            Condition(field=column, equals=condition.equals),
            section="row",
            answers={"row": {column: value}},
        )
    return kept.holds(condition, section=section.key, answers={**answers, section.key: data})


def _problem(section: Section, rule: Rule, name: str, data: Data, row: str) -> Problem:
    table, _, column = name.partition(".")
    field = section.field(table)
    label = field.label if field else ""
    message = f"{rule.message}（{rule.source}）" if rule.source else rule.message
    missing = rule.rule in (RuleKind.REQUIRED_WHEN, RuleKind.ONE_OF)
    if not column or field is None:
        return Problem(section.key, table, label, message, missing, joint=True)
    if not row:
        years = [str(year) for year in field.years]
        row = years[0] if field.type == FieldType.YEAR_TABLE and years else "0"
    elif field.type == FieldType.ROWS:
        label = f"{label} 第 {int(row) + 1} 行"
    else:
        label = f"{label} {row} 年"
    asked = field.column(column)
    if asked:
        label = f"{label} {asked.label}"
    return Problem(section.key, f"{table}-{row}-{column}", label, message, missing, joint=True)
