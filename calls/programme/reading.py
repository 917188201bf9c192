"""From a file to a programme and back to JSON. Nothing is guessed: a doubt is an error."""

import json
import tomllib
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import pydantic

from calls.programme.checks import problems_of
from calls.programme.parts import Problem
from calls.programme.shape import Programme

CATALOGUE = Path(__file__).resolve().parent.parent / "catalogue"
COMMON = "common"
INCLUDABLE = ("sections", "attachments")
MOST_CHARS = 400_000
"""Of a text that people send; the longest file that is shipped has a tenth of it."""
Origins = dict[str, list[tuple[Path, int]]]
"""Where each entry of a list that may include came from: the file, and its place there."""

HINTS = {
    "extra_forbidden": "没有这个键，请检查拼写",
    "missing": "缺少必填的键",
    "enum": "取值不在规定的范围内",
    "literal_error": "取值不在规定的范围内",
    "string_pattern_mismatch": "写法不符合要求",
    "string_too_short": "不能为空",
    "string_too_long": "太长",
    "too_short": "至少要有一项",
    "int_parsing": "应为整数",
    "int_type": "应为整数",
    "int_from_float": "应为整数",
    "bool_parsing": "应为 true 或 false",
    "bool_type": "应为 true 或 false",
    "string_type": "应为文字，请加引号",
    "tuple_type": "应为数组",
    "dict_type": "应为表",
    "model_type": "应为表",
    "decimal_parsing": "应为数字",
    "decimal_type": "应为数字",
    "date_type": "应为日期，如 2021-11-15，不加引号",
    "date_parsing": "应为日期，如 2021-11-15，不加引号",
    "date_from_datetime_parsing": "应为日期，如 2021-11-15，不加引号",
    "date_from_datetime_inexact": "只写日期，不写时刻",
    "greater_than": "数值太小",
    "greater_than_equal": "数值太小",
    "less_than_equal": "数值太大",
}


class ProgrammeError(ValueError):
    """A programme file that cannot be used. ``problems`` names every place found wrong."""

    def __init__(self, path: Path | str, problems: Iterable[Problem]) -> None:
        self.path = Path(path)
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{self.path}: {problem}" for problem in self.problems))


def read(path: Path | str) -> Programme:
    """The programme in a file, its includes resolved, or ``ProgrammeError`` naming each fault."""
    path = Path(path)
    data = load(path)
    origins = {name: _expand(path, data, name) for name in INCLUDABLE}
    _fill_years(data)
    return _validated(data, path, origins)


def read_text(text: str, *, name: str) -> Programme:
    """The programme in a text that somebody sent; it may include the catalogue's shared blocks.

    ``ProgrammeError`` names every fault, whatever the text is.
    """
    path = CATALOGUE / Path(name or "programme.toml").name
    if len(text) > MOST_CHARS:
        raise ProgrammeError(path, [Problem("file", "is too long", "文件太长，不是方案文件")])
    try:
        data = _parsed(text.removeprefix("\ufeff"), path)
        _must_be_tables(path, data)
        origins = {name: _expand(path, data, name) for name in INCLUDABLE}
        _fill_years(data)
        return _validated(data, path, origins)
    except ProgrammeError:
        raise
    except (RecursionError, ValueError, TypeError, AttributeError, ArithmeticError) as error:
        hint = "文件的结构不像方案文件，请对照说明检查"
        raise ProgrammeError(path, [Problem("file", "has another shape", hint)]) from error


def _must_be_tables(path: Path, data: dict[str, Any]) -> None:
    """The lists that are looked into before the rest is checked are lists of tables."""
    found = []
    for name in INCLUDABLE:
        entries = data.get(name, [])
        if not isinstance(entries, list):
            found.append(Problem(name, "Input should be a list", "应为数组"))
            continue
        for index, entry in enumerate(entries):
            where = f"{name}.{index}"
            if not isinstance(entry, dict):
                found.append(Problem(where, "Input should be a table", "应为表"))
                continue
            for inner in ("fields", "rules", "only", "without"):
                if not isinstance(entry.get(inner, []), list):
                    found.append(Problem(f"{where}.{inner}", "Input should be a list", "应为数组"))
    if found:
        raise ProgrammeError(path, found)


def catalogue(folder: Path = CATALOGUE) -> dict[str, Path]:
    """Code to path of every programme file below ``folder``; shared blocks are left out."""
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*.toml")):
        if COMMON in path.relative_to(folder).parts[:-1]:
            continue
        code = load(path).get("code")
        if not isinstance(code, str):
            raise ProgrammeError(path, [Problem("code", "missing", HINTS["missing"])])
        if code in found:
            what = f"code {code!r} is already used by {found[code]}"
            raise ProgrammeError(path, [Problem("code", what, "代号重复")])
        found[code] = path
    return found


def to_rules(programme: Programme) -> dict[str, Any]:
    """What is copied into a call: JSON-safe, decimals as text, days as ISO dates."""
    return programme.model_dump(mode="json")


def from_rules(rules: Mapping[str, Any]) -> Programme:
    """The programme copied into a call; ``ProgrammeError`` when the copy was damaged."""
    return _validated(rules, Path("rules"), {})


KEPT_AT_MOST = 64
"""Programmes that one process holds, by their rules."""


def kept(rules: Mapping[str, Any]) -> Programme:
    """As ``from_rules``; rules that this process has read before are not read again.

    Nearly every request asks for the programme of a call. A programme cannot be changed, so all
    may hold the same one, and the rules' own text is its name: changed rules are other rules.
    """
    return kept_text(json.dumps(rules, ensure_ascii=False))


@lru_cache(maxsize=KEPT_AT_MOST)
def kept_text(rules: str) -> Programme:
    """As ``kept``, of rules that are still JSON."""
    return from_rules(json.loads(rules))


_by_digest: dict[str, Programme] = {}


def kept_by(digest: str, rules: Callable[[], Mapping[str, Any]]) -> Programme:
    """As ``kept``, where only a digest of the rules is at hand; ``rules`` reads them at need."""
    found = _by_digest.get(digest)
    if found is None:
        found = kept(rules())
        if len(_by_digest) >= KEPT_AT_MOST:
            _by_digest.clear()
        _by_digest[digest] = found
    return found


def load(path: Path) -> dict[str, Any]:
    """The contents of a file; ``ProgrammeError`` when it is no TOML."""
    try:
        return _parsed(path.read_text("utf-8"), path)
    except FileNotFoundError as error:
        raise ProgrammeError(path, [Problem("file", "does not exist", "文件不存在")]) from error
    except UnicodeDecodeError as error:
        raise ProgrammeError(path, [Problem("file", "is not UTF-8", "请存为 UTF-8")]) from error


def _decimal(text: str) -> Decimal:
    """A decimal of a size that can be written out. Raises ``ValueError`` for any other."""
    value = Decimal(text)
    if value.is_finite() and (abs(value.adjusted()) > 30 or len(value.as_tuple().digits) > 40):
        raise ValueError(f"the number {text[:20]} is out of range")
    return value


def _parsed(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text, parse_float=_decimal)
    except tomllib.TOMLDecodeError as error:
        hint = "不是正确的 TOML，请看所指的行"
        raise ProgrammeError(path, [Problem("file", f"is not TOML: {error}", hint)]) from error


def _expand(path: Path, data: dict[str, Any], name: str) -> list[tuple[Path, int]]:
    """Replace ``include`` entries of one list by the blocks of the named file.

    Returns where each entry of the new list came from, so that a fault is named at its source.
    """
    entries = data.get(name)
    if not isinstance(entries, list):
        return []
    expanded: list[Any] = []
    origins: list[tuple[Path, int]] = []
    for index, entry in enumerate(entries):
        if not isinstance(entry, dict) or "include" not in entry:
            expanded.append(entry)
            origins.append((path, index))
            continue
        source, blocks = _included(path, f"{name}.{index}", entry, name)
        expanded.extend(block for _, block in blocks)
        origins.extend((source, position) for position, _ in blocks)
    data[name] = expanded
    return origins


def _included(
    path: Path, where: str, entry: dict[str, Any], name: str
) -> tuple[Path, list[tuple[int, Any]]]:
    """The blocks of an included file that are wanted, each with its place in that file."""
    unknown = sorted(set(entry) - {"include", "only", "without"})
    if unknown:
        what = f"unknown key {unknown[0]!r} beside include"
        raise ProgrammeError(path, [Problem(f"{where}.{unknown[0]}", what, "没有这个键")])
    source = _find(path, where, str(entry["include"]))
    content = load(source)
    stray = sorted(set(content) - set(INCLUDABLE))
    if stray:
        what = "an included file holds only sections and attachments"
        raise ProgrammeError(source, [Problem(stray[0], what, "共用文件只能有表单章节和附件")])
    blocks = list(enumerate(content.get(name, [])))
    nested = next((index for index, block in blocks if "include" in block), None)
    if nested is not None:
        what = "an included file cannot include"
        raise ProgrammeError(source, [Problem(f"{name}.{nested}", what, "共用文件不能再引用")])
    only, without = entry.get("only", []), entry.get("without", [])
    _check_wanted(path, where, [*only, *without], [block for _, block in blocks])
    if only:
        blocks = [(index, block) for index, block in blocks if block.get("key") in only]
    blocks = [(index, _without(block, without)) for index, block in blocks]
    return source, [(index, block) for index, block in blocks if block is not None]


def _find(path: Path, where: str, include: str) -> Path:
    """An included file lies beside the including one or in the catalogue, nowhere else."""
    for folder in (path.resolve().parent, CATALOGUE):
        candidate = (folder / include).resolve()
        if candidate.is_relative_to(folder) and candidate.is_file():
            return candidate
    what = f"included file {include!r} does not exist"
    raise ProgrammeError(path, [Problem(f"{where}.include", what, "引用的文件不存在")])


def _check_wanted(path: Path, where: str, names: list[str], blocks: list[Any]) -> None:
    known = {block.get("key") for block in blocks}
    for block in blocks:
        fields = [*block.get("fields", []), *block.get("rules", [])]
        known |= {f"{block.get('key')}.{field.get('key')}" for field in fields}
    for name in names:
        if name not in known:
            what = f"{name!r} is not in the included file"
            raise ProgrammeError(path, [Problem(where, what, "共用文件里没有这一项")])


def _without(block: dict[str, Any], names: list[str]) -> dict[str, Any] | None:
    """A block less what is not wanted; rules that speak of a dropped field go with it."""
    key = block.get("key")
    if key in names:
        return None
    dropped = {name.split(".", 1)[1] for name in names if name.startswith(f"{key}.")}
    if not dropped:
        return block
    fields = [field for field in block.get("fields", []) if field.get("key") not in dropped]
    rules = [rule for rule in block.get("rules", []) if not dropped & _mentioned(rule)]
    return {**block, "fields": fields, "rules": rules}


def _mentioned(rule: dict[str, Any]) -> set[str]:
    names = [rule.get("left"), rule.get("right"), rule.get("total"), *rule.get("parts", [])]
    names.append((rule.get("when") or {}).get("field"))
    return {str(name).split(".")[0] for name in names if name}


def _fill_years(data: dict[str, Any]) -> None:
    """A table of years without years of its own takes the programme's."""
    years = data.get("years", [])
    for section in data.get("sections", []):
        fields = section.get("fields", []) if isinstance(section, dict) else []
        for field in fields:
            if isinstance(field, dict) and field.get("type") == "year_table":
                field.setdefault("years", years)


def _validated(data: Mapping[str, Any], path: Path, origins: Origins) -> Programme:
    try:
        programme = Programme.model_validate(data)
    except pydantic.ValidationError as error:
        raise ProgrammeError(path, faults(error, path, origins)) from error
    problems = problems_of(programme)
    if problems:
        raise ProgrammeError(path, [_at_its_source(one, path, origins) for one in problems])
    return programme


def _at_its_source(problem: Problem, path: Path, origins: Origins) -> Problem:
    """The same problem, named by the place in the file it was written in."""
    name, position, *rest = [*problem.where.split("."), "", ""]
    if name not in origins or not position.isdigit():
        return problem
    source, index = origins[name][int(position)]
    file = "" if source == path else f"{source.name} "
    where = ".".join(part for part in (name, str(index), *rest) if part)
    return Problem(f"{file}{where}", problem.what, problem.hint)


def faults(error: pydantic.ValidationError, path: Path, origins: Origins) -> list[Problem]:
    """What pydantic found, each fault named at its place."""
    found: list[Problem] = []
    for fault in error.errors():
        where = list(fault["loc"])
        file = ""
        if len(where) > 1 and where[0] in origins and isinstance(where[1], int):
            source, where[1] = origins[str(where[0])][where[1]]
            file = "" if source == path else f"{source.name} "
        what = fault["msg"]
        if fault["type"] == "extra_forbidden":
            what = f"unknown key {str(where[-1])!r}"
        name = file + (".".join(str(part) for part in where) or "file")
        problem = Problem(name, what, HINTS.get(fault["type"], ""))
        if problem not in found:
            found.append(problem)
    return found
