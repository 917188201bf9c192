"""Faults of a programme file in Chinese, with line, key and way out, for whoever edits it. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from calls.programme import lines
from calls.programme.parts import Problem
from calls.programme.wording import title_of

WHERE_FILE = "file"

# What is said in English in files and tests, and what a person reads.
SAID: tuple[tuple[str, str], ...] = (
    (r"unknown key '(.+)' beside include", "引用共用文件的条目里不能有“{0}”"),
    (r"unknown key '(.+)'", "没有“{0}”这个键"),
    (r"Field required", "缺少这个必填的键"),
    (r"Input should be '(.+)'", "取值不在规定的范围内，可以是 {0}"),
    (r"String should match pattern .*", "写法不符合要求"),
    (r"String should have at most (\d+) characters?", "最多 {0} 个字符"),
    (r"String should have at least (\d+) characters?", "不能为空"),
    (r"(?:Tuple|List) should have at least (\d+) items? .*", "至少要有 {0} 项"),
    (r"Input should be greater than or equal to (\S+)", "数值不能小于 {0}"),
    (r"Input should be greater than (\S+)", "数值必须大于 {0}"),
    (r"Input should be less than or equal to (\S+)", "数值不能大于 {0}"),
    (r"Input should be a valid integer.*", "应为整数，不加引号"),
    (r"Input should be a valid boolean.*", "应为 true 或 false，不加引号"),
    (r"Input should be a valid string.*", "应为文字，两端加引号"),
    (r"Input should be a valid (?:tuple|list).*", "应为数组，写在方括号里"),
    (r"Input should be a list", "应为数组，写在方括号里"),
    (r"Input should be a (?:table|valid dictionary).*", "应为表，写成 [名称] 或花括号"),
    (r"Input should be a valid dictionary or .*", "应为表，写成 [名称] 或花括号"),
    (r"Input should be a valid decimal.*", "应为数字，不加引号"),
    (r"Decimal input should be .*", "应为数字，不加引号"),
    (r"Input should be a finite number", "应为有限的数字"),
    (r"Input should be a valid date.*|.*zero time.*", "应为日期，如 2021-11-15，不加引号"),
    (r".*value of a number indicator is no number: '?(.+?)'?", "数值型指标的“{0}”不是数字"),
    (r"code '(.+)' is already used by .*", "代号“{0}”已被目录中的另一个文件使用"),
    (r"weights add up to (\d+), not 100", "权重之和为 {0}，应为 100"),
    (r".*lies before (\w+).*", "早于{0:title}，先后不对"),
    (r".*lies after (\w+).*", "晚于{0:title}"),
    (r"year (\d+) is out of range", "年份 {0} 不对，应在 2000 至 2100 之间"),
    (r"wrong order; the order is: (.+)", "步骤的次序不对，应为 {0}"),
    (r"without the step (\w+)(?: or (\w+))?", "steps 里没有对应的步骤 {0}"),
    (r"unknown (?:class|tier|sub-field) '(.+)'", "没有代号为“{0}”的项"),
    (r"number (\d+) is already (.+)", "序号 {0} 已在 {1} 用过"),
    (r"'(.+)' is already (.+)", "代号“{0}”已在 {1} 用过"),
    (r"(\w+) already has (\S+) in this pool", "{0} 在 {1} 已有名额"),
    (r"no field '(.+?)'(?: in section '(.+)')?", "没有“{0}”这个字段"),
    (r"'(.+)' is a (\w+) field", "“{0}”是 {1} 类字段，不适合这条规则"),
    (r"'(.+)' is not a number beside it", "公式引用的“{0}”不是同处的数字字段"),
    (r"'(.+)' cannot occur", "“{0}”是不会出现的取值"),
    (r"'(.+)' is not pdf, jpg or png", "“{0}”不是 pdf、jpg 或 png"),
    (r"unknown profile key '(.+?)'; known: (.+)", "单位资料里没有“{0}”，可以是 {1}"),
    (r"included file '(.+)' does not exist", "引用的文件“{0}”不存在"),
    (r"'(.+)' is not in the included file", "共用文件里没有“{0}”"),
    (r"is not TOML: .*\(at line (\d+), column (\d+)\)", "第 {0} 行第 {1} 列不是正确的 TOML"),
    (r"is not TOML: .*\(at end of document\)", "到文件末尾还没有写完，可能少了引号或括号"),
    (r"is not TOML: .*", "不是正确的 TOML"),
)
SYNTAX = re.compile(r"\(at line (\d+), column \d+\)")


@dataclass(frozen=True, slots=True)
class Told:
    """One fault for a person: the line (none for what stands in a shared file or nowhere), the
    key as written, its Chinese name, what is wrong, and what to do."""

    line: int | None
    key: str
    title: str
    words: str
    way_out: str


def told(problems: Iterable[Problem], text: str) -> list[Told]:
    """Every fault in the order of the lines."""
    found = lines.of_text(text)
    said = [_told(problem, text, found) for problem in problems]
    return sorted(said, key=lambda one: (one.line is None, one.line or 0))


def _told(problem: Problem, text: str, found: dict[lines.Place, int]) -> Told:
    file, _, where = problem.where.rpartition(" ")
    words, known = _words(problem.what)
    syntax = SYNTAX.search(problem.what)
    line = None
    if syntax:
        line = int(syntax.group(1))
    elif not file and where != WHERE_FILE:
        line = lines.line_of(where, found)
    way_out = problem.hint
    if not known:
        words, way_out = problem.hint or "这里的写法不对", ""
    if known and "请" not in way_out:
        way_out = ""
    key = "" if where == WHERE_FILE else where
    title = title_of(where) if key else "整个文件"
    return Told(line, f"{file} {key}".strip(), title, words, way_out or _way_out(problem.what))


def _words(what: str) -> tuple[str, bool]:
    for pattern, words in SAID:
        if match := re.fullmatch(pattern, what):
            groups = [_Word(group or "") for group in match.groups()]
            return words.format(*groups), True
    return "", False


class _Word(str):
    """A part of a message; ``{0:title}`` shows the Chinese name of a key."""

    def __format__(self, spec: str) -> str:
        text = str(self).replace("' or '", "、").replace("', '", "、").replace(", ", "、")
        return title_of(text) if spec == "title" else text


def _way_out(what: str) -> str:
    if what == "Field required":
        return "请补上这个键；来源没有说明的，查看方案文件说明中可以省略的键"
    return "请对照方案文件说明修改后再预览"
