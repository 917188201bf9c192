"""What can be wrong in a form: sections, fields, conditions, formulas, rules, attachments."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from calls.programme.base import Spec
from calls.programme.form import (
    CHOICES,
    DATES,
    NUMBERS,
    PREFILL,
    TABLES,
    Column,
    Condition,
    Field,
    FieldType,
    Formula,
    Rule,
    RuleKind,
    Section,
)
from calls.programme.parts import Problem
from calls.programme.shape import Programme


class Form(Protocol):
    """What has sections of questions: a programme, and whatever else asks."""

    @property
    def sections(self) -> tuple[Section, ...]: ...
    def section(self, key: str) -> Section | None: ...


def form_problems(programme: Form) -> Iterator[Problem]:
    yield from once("sections", programme.sections)
    ledgers = 0
    for index, section in enumerate(programme.sections):
        where = f"sections.{index}"
        yield from once(f"{where}.fields", section.fields)
        if section.condition:
            yield from _condition(f"{where}.condition", programme, section, section.condition)
        for position, field in enumerate(section.fields):
            name = f"{where}.fields.{position}"
            ledgers += field.type is FieldType.INDICATORS
            yield from _field(name, section, field)
            if field.show_if:
                yield from _condition(f"{name}.show_if", programme, section, field.show_if, field)
        for position, rule in enumerate(section.rules):
            yield from _rule(f"{where}.rules.{position}", programme, section, rule)
    if ledgers > 1:
        yield Problem("sections", "more than one field of type indicators", "指标表只能有一个")


def _field(where: str, section: Section, field: Field) -> Iterator[Problem]:
    beside = {other.key for other in section.fields if _is_number(other)}
    beside |= {
        f"{table.key}.{c.key}" for table in section.fields for c in table.columns if _is_number(c)
    }
    yield from _asked(where, field, beside)
    table = field.type in TABLES
    if table and not field.columns:
        yield Problem(f"{where}.columns", "a table needs columns", "表格要有列")
    if field.columns and not table:
        yield Problem(f"{where}.columns", f"a {field.type} field has no columns", "该类字段没有列")
    if field.type is FieldType.YEAR_TABLE and not field.years:
        what = "neither the field nor the programme names years"
        yield Problem(f"{where}.years", what, "要写明年份")
    if field.years and field.type is not FieldType.YEAR_TABLE:
        yield Problem(f"{where}.years", f"a {field.type} field has no years", "该类字段没有年份")
    if field.max_rows is not None and field.min_rows > field.max_rows:
        yield Problem(f"{where}.min_rows", "greater than max_rows", "最少行数大于最多行数")
    if field.prefill and field.prefill not in PREFILL:
        what = f"unknown profile key {field.prefill!r}; known: {', '.join(sorted(PREFILL))}"
        yield Problem(f"{where}.prefill", what, "单位资料里没有这一项")
    if field.prefill == "figures" and field.type is not FieldType.YEAR_TABLE:
        what = "figures by year fill a year_table only"
        yield Problem(f"{where}.prefill", what, "各年数据只能带入年份表")
    yield from once(f"{where}.columns", field.columns)
    numbers = {column.key for column in field.columns if _is_number(column)}
    for index, column in enumerate(field.columns):
        name = f"{where}.columns.{index}"
        if column.type in TABLES or column.type is FieldType.INDICATORS:
            yield Problem(f"{name}.type", "a column is a simple field", "表格里不能再有表格")
        yield from _asked(name, column, numbers)
        if column.total and not (_is_number(column) and field.type is FieldType.ROWS):
            what = "only a number in a table of rows has a total"
            yield Problem(f"{name}.total", what, "只有 rows 表格的数字列可以合计")


def _asked(where: str, asked: Field | Column, numbers: set[str]) -> Iterator[Problem]:
    if asked.type in CHOICES and not asked.choices:
        yield Problem(f"{where}.choices", "nothing to choose from", "选择题要有选项")
    if asked.choices and asked.type not in CHOICES:
        yield Problem(f"{where}.choices", f"a {asked.type} field has no choices", "该类没有选项")
    yield from once(f"{where}.choices", asked.choices)
    if asked.max_chars and asked.min_chars and asked.min_chars > asked.max_chars:
        yield Problem(f"{where}.min_chars", "greater than max_chars", "最少字数大于最多字数")
    if asked.minimum is not None and asked.maximum is not None and asked.minimum > asked.maximum:
        yield Problem(f"{where}.minimum", "greater than maximum", "最小值大于最大值")
    if (asked.type is FieldType.COMPUTED) != (asked.formula is not None):
        what = "a computed field, and no other, has a formula"
        yield Problem(f"{where}.formula", what, "computed 字段要有公式，其他字段不能有")
    if asked.formula:
        yield from _formula(f"{where}.formula", asked, asked.formula, numbers)


def _formula(
    where: str, asked: Field | Column, formula: Formula, numbers: set[str]
) -> Iterator[Problem]:
    if bool(formula.sum) == bool(formula.ratio):
        yield Problem(where, "exactly one of sum and ratio", "sum 和 ratio 只写一个")
    if formula.ratio and len(formula.ratio) != 2:
        yield Problem(f"{where}.ratio", "needs two parts", "比例要有两项")
    for part in formula.parts:
        if part not in numbers or part == asked.key:
            yield Problem(where, f"{part!r} is not a number beside it", "公式引用的数字字段不存在")


def _condition(
    where: str,
    programme: Form,
    section: Section | None,
    condition: Condition,
    own: Field | None = None,
) -> Iterator[Problem]:
    home, _, key = condition.field.rpartition(".")
    target = programme.section(home) if home else section
    field = target.field(key) if target else None
    if field is None or field is own:
        yield Problem(f"{where}.field", f"no field {condition.field!r}", "引用了不存在的字段")
        return
    yield from _possible(where, field, condition)


def _possible(where: str, field: Field | Column, condition: Condition) -> Iterator[Problem]:
    """The condition waits for something that can be answered."""
    if field.type is FieldType.BOOLEAN:
        allowed = {"true", "false"}
    elif field.type in CHOICES:
        allowed = {choice.key for choice in field.choices}
    else:
        yield Problem(f"{where}.field", "must be a boolean or a choice", "只能取决于是否题或选择题")
        return
    if condition.equals not in allowed:
        yield Problem(f"{where}.equals", f"{condition.equals!r} cannot occur", "不会出现的取值")


NEEDS = {
    RuleKind.NOT_GREATER: ("left", "right"),
    RuleKind.DATE_ORDER: ("left", "right"),
    RuleKind.EQUALS_SUM: ("total", "parts"),
    RuleKind.SUM_IS: ("parts", "value"),
    RuleKind.ROWS_SUM: ("left", "value"),
    RuleKind.REQUIRED_WHEN: ("left", "when"),
    RuleKind.ONE_OF: ("parts",),
    RuleKind.UNIQUE: ("left",),
}
ANY_TYPE = (RuleKind.REQUIRED_WHEN, RuleKind.ONE_OF, RuleKind.UNIQUE)


def _rule(where: str, programme: Form, section: Section, rule: Rule) -> Iterator[Problem]:
    needs = NEEDS[rule.rule]
    for name in ("left", "right", "total", "parts", "value", "percent", "when"):
        given = getattr(rule, name) not in ("", (), None)
        may = name in needs or name == "when"
        may = may or (name == "percent" and rule.rule is RuleKind.NOT_GREATER)
        if given and not may:
            what = f"does not belong to {rule.rule}"
            yield Problem(f"{where}.{name}", what, f"{rule.rule} 需要 {' 和 '.join(needs)}")
        elif name in needs and not given:
            yield Problem(f"{where}.{name}", "is missing", f"{rule.rule} 需要 {' 和 '.join(needs)}")
    tables = set()
    for reference in rule.references():
        found = _referred(section, reference)
        if found is None:
            what = f"no field {reference!r} in section {section.key!r}"
            yield Problem(where, what, "规则引用了不存在的字段")
            continue
        tables.add(reference.rpartition(".")[0])
        wanted = DATES if rule.rule is RuleKind.DATE_ORDER else NUMBERS
        if rule.rule not in ANY_TYPE and found.type not in wanted:
            yield Problem(where, f"{reference!r} is a {found.type} field", "字段类型不适合这条规则")
    sums = rule.rule is RuleKind.SUM_IS or (
        rule.rule is RuleKind.EQUALS_SUM and "." not in rule.total
    )
    if len(tables) > 1 and not sums:
        yield Problem(where, "fields of different tables", "规则只能比较同一层的字段")
    if rule.rule in (RuleKind.ROWS_SUM, RuleKind.UNIQUE) and tables == {""}:
        yield Problem(f"{where}.left", "must be table.column", "应写成 表格.列")
    if rule.when is not None:
        yield from _when(f"{where}.when", programme, section, rule, rule.when)


def _when(
    where: str, programme: Form, section: Section, rule: Rule, when: Condition
) -> Iterator[Problem]:
    """A condition of a rule may look at a column of the rows that the rule is about."""
    table, _, key = when.field.rpartition(".")
    home = section.field(table) if table else None
    column = home.column(key) if home else None
    if home is None or column is None:
        yield from _condition(where, programme, section, when)
        return
    if any(not name.startswith(f"{table}.") for name in rule.references()):
        yield Problem(f"{where}.field", "fields of different tables", "条件只能看同一行的列")
    yield from _possible(where, column, when)


def _referred(section: Section, reference: str) -> Field | Column | None:
    table, _, key = reference.rpartition(".")
    if not table:
        return section.field(key)
    field = section.field(table)
    return field.column(key) if field else None


def attachment_problems(programme: Programme) -> Iterator[Problem]:
    yield from once("attachments", programme.attachments)
    for index, attachment in enumerate(programme.attachments):
        for name in attachment.types:
            if name not in ("pdf", "jpg", "png"):
                where = f"attachments.{index}.types"
                yield Problem(where, f"{name!r} is not pdf, jpg or png", "只接受 pdf、jpg、png")
        if attachment.condition:
            where = f"attachments.{index}.condition"
            yield from _condition(where, programme, None, attachment.condition)
    seen: set[str] = set()
    for index, document in enumerate(programme.documents):
        if document.kind in seen:
            yield Problem(f"documents.{index}.kind", "stands twice", "同一种文书重复")
        seen.add(document.kind)


def _is_number(asked: Field | Column) -> bool:
    return asked.type in NUMBERS


def once(where: str, items: Iterable[Spec]) -> Iterator[Problem]:
    """Keys stand once in a list."""
    seen: dict[str, int] = {}
    for index, item in enumerate(items):
        key = str(getattr(item, "key", ""))
        if key in seen:
            what = f"{key!r} is already {where}.{seen[key]}"
            yield Problem(f"{where}.{index}.key", what, "代号重复")
        seen.setdefault(key, index)
