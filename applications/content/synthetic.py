"""Made-up answers that fit a programme's form, for rehearsals, the demo and tests. Pure.

``inputs`` gives what a person would type, by the names of the page's inputs, so that the same
answers can be posted to a form or read by ``answers.read``. The same seed gives the same text.
"""

import random
from collections.abc import Mapping, Sequence
from decimal import Decimal

from stdnum.cn import uscc

from applications.content.answers import Leaf, holds, leaves
from calls.programme import (
    Condition,
    Field,
    FieldType,
    Indicator,
    IndicatorKind,
    Operator,
    Rule,
    RuleKind,
    Section,
)

Typed = dict[str, list[str]]

SENTENCES = (
    "围绕关键环节开展系统攻关，形成可复制的技术路线。",
    "在示例场景完成小批量验证，主要指标达到设计要求。",
    "建立覆盖设计、制造、测试的完整流程，数据可追溯。",
    "与示例单位联合开展应用试点，取得阶段性成效。",
    "关键部件实现自主设计，降低综合成本。",
    "面向行业需求优化算法与硬件协同，提高稳定性。",
    "制定分年度推进计划，明确责任分工与考核节点。",
    "开放标定数据与评测工具，便于第三方复核。",
)
NAMES = ("赵一例", "钱二例", "孙三例", "李四例", "周五例", "吴六例", "郑七例", "王八例")


def inputs(section: Section, *, seed: int, indicators: Sequence[Indicator] = ()) -> Typed:
    """Typed values for every input of a section that is asked, all of its rules kept."""
    rng = random.Random(f"{section.key}:{seed}")
    typed: Typed = {}
    for field in section.fields:
        if not _asked(field.show_if, section, typed):
            continue
        if field.type == FieldType.INDICATORS:
            typed |= _indicators(field, indicators, rng)
            continue
        rows = max(field.min_rows, 1) if field.type == FieldType.ROWS else 0
        for leaf in leaves(field, rows=rows):
            value = _value(leaf, rng)
            if value:
                typed[leaf.name] = value
    for field in section.fields:
        if field.formula and field.formula.ratio and field.maximum is not None:
            typed[field.formula.ratio[0]] = ["1"]  # a small share keeps within any limit
    for rule in section.rules:
        _keep(rule, section, typed)
    return typed


def _asked(condition: Condition | None, section: Section, typed: Typed) -> bool:
    if condition is None:
        return True
    where, _, key = condition.field.rpartition(".")
    if where and where != section.key:
        return False
    found: Mapping[str, object] = {key: typed[key][0] if typed.get(key) else None}
    return holds(condition, section=section.key, answers={section.key: found})


def _value(leaf: Leaf, rng: random.Random) -> list[str]:
    asked = leaf.asked
    match asked.type:
        case FieldType.TEXT:
            return [_short(leaf, rng)]
        case FieldType.LONGTEXT:
            return [_long(asked.min_chars or 0, asked.max_chars or 400, rng)]
        case FieldType.INTEGER | FieldType.DECIMAL | FieldType.MONEY | FieldType.PERCENT:
            return [_number(asked, rng)]
        case FieldType.DATE:
            return [f"20{rng.randint(10, 17)}-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}"]
        case FieldType.MONTH:
            return ["2021-12"]
        case FieldType.CHOICE:
            return [asked.choices[rng.randrange(len(asked.choices))].key]
        case FieldType.MULTICHOICE:
            return [asked.choices[0].key]
        case FieldType.BOOLEAN:
            return ["true"] if asked.required else []
        case FieldType.REGION:
            return ["430100"]
        case FieldType.INDUSTRY:
            return ["3983"]
        case FieldType.USCC:
            return [code(rng.randint(1, 99999))]
        case FieldType.PHONE:
            return [f"000-{rng.randint(0, 99_999_999):08d}"]
        case FieldType.EMAIL:
            return [f"contact{rng.randint(1, 999)}@example.com"]
    return []


def _short(leaf: Leaf, rng: random.Random) -> str:
    asked = leaf.asked
    if asked.personal:
        text = rng.choice(NAMES)
    else:
        text = f"示例{asked.label}{rng.randint(1, 99)}"
    while asked.min_chars and len(text) < asked.min_chars:
        text += "示例内容"
    return text[: asked.max_chars or 60]


def _long(least: int, most: int, rng: random.Random) -> str:
    target = max(least, min(most // 2, 260))
    text = ""
    while len(text) < target:
        text += rng.choice(SENTENCES)
    return text[:most]


def _number(asked: object, rng: random.Random) -> str:
    low = getattr(asked, "minimum", None)
    high = getattr(asked, "maximum", None)
    start = Decimal(10) if low is None else Decimal(low) + 1
    value = start + rng.randint(0, 80)
    if high is not None and value > high:
        value = Decimal(high)
    return f"{value:f}"


def _indicators(field: Field, indicators: Sequence[Indicator], rng: random.Random) -> Typed:
    typed: Typed = {}
    for spec in indicators:
        current, target = _levels(spec, rng)
        typed[f"ref-{spec.key}-current"] = [current]
        typed[f"ref-{spec.key}-target"] = [target]
        typed[f"ref-{spec.key}-method"] = ["第三方检测"]
    if not indicators and field.custom_rows:
        for n in range(max(field.min_rows, 1)):
            typed |= {
                f"own-{n}-name": [f"示例指标{n + 1}"],
                f"own-{n}-unit": ["%"],
                f"own-{n}-current": [str(80 + n)],
                f"own-{n}-target": [str(90 + n)],
                f"own-{n}-method": ["示例检测规范第 4.2 条"],
            }
    return typed


def _levels(spec: Indicator, rng: random.Random) -> tuple[str, str]:
    """A present level short of the reference, and a target that meets or passes it."""
    if spec.kind == IndicatorKind.BOOLEAN:
        return "false", "true"
    if spec.kind in (IndicatorKind.LEVEL, IndicatorKind.MATURITY) and spec.levels:
        return spec.levels[0], spec.levels[-1]
    if spec.kind == IndicatorKind.NUMBER and isinstance(spec.value, Decimal):
        step = abs(spec.value) * Decimal("0.05") or Decimal(1)
        if spec.operator in (Operator.LT, Operator.LE):
            return _plain(spec.value + step), _plain(spec.value - step * rng.randint(1, 2))
        if spec.operator == Operator.EQ:
            return _plain(spec.value - step), _plain(spec.value)
        target = spec.value + step * rng.randint(1, 2)
        if spec.unit == "%":
            target = min(target, (spec.value + 100) / 2)
        return _plain(spec.value - step), _plain(target)
    return "有样品", "规模应用"


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def code(n: int) -> str:
    """A valid 统一社会信用代码 of no real unit (region 990100 does not exist)."""
    body = f"91990100MA{n:05d}XX"[:17]
    return body + str(uscc.calc_check_digit(body))


# Rules -----------------------------------------------------------------------------------------


def _cases(section: Section, typed: Typed, names: Sequence[str]) -> list[dict[str, str]]:
    """The inputs a rule speaks of: one map, or one for each row when all are of one table."""
    tables = {name.partition(".")[0] for name in names if "." in name}
    if not tables:
        return [{name: name for name in names}]
    table = tables.pop()
    field = section.field(table)
    if field is None:
        return []
    if field.type == FieldType.YEAR_TABLE:
        rows = [str(year) for year in field.years]
    else:
        rows = sorted({name.split("-")[1] for name in typed if name.startswith(f"{table}-")})
    return [
        {name: f"{table}-{row}-{name.partition('.')[2]}" if "." in name else name for name in names}
        for row in rows
    ]


def _keep(rule: Rule, section: Section, typed: Typed) -> None:
    names = rule.references()
    for case in _cases(section, typed, names):
        if rule.rule == RuleKind.EQUALS_SUM:
            parts = [typed[case[name]][0] for name in rule.parts if case[name] in typed]
            if parts and case[rule.total] in typed:
                typed[case[rule.total]] = [f"{sum(map(Decimal, parts)):f}"]
        elif rule.rule == RuleKind.NOT_GREATER:
            left, right = case[rule.left], case[rule.right]
            if left in typed and right in typed:
                typed[right] = [f"{Decimal(typed[left][0]) * 4:f}"]
        elif rule.rule == RuleKind.DATE_ORDER:
            right = case[rule.right]
            if right in typed:
                typed[right] = ["2023-11" if len(typed[right][0]) == 7 else "2023-11-30"]
        elif rule.rule == RuleKind.ROWS_SUM and rule.value is not None:
            typed[case[rule.left]] = [f"{rule.value:f}"]
