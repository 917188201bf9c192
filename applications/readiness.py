"""What blocks submission, over the whole filing, and where each part stands. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from applications import overlaps
from applications.content import answers as kept
from applications.content import checking, indicators
from applications.content.checking import Problem
from applications.material import Material
from calls.programme import Attachment, FieldType, Section, Step
from core.lengths import characters

BASICS, FILES, DECLARATION = "basics", "attachments", "declaration"
"""Keys of the parts that are no sections of the file, as a return names them too."""

TITLE_CHARS = 30
GROUP = "附件与承诺"


@dataclass(frozen=True, slots=True)
class Part:
    """One line of the task list. ``status`` is todo, doing, done, locked or fix."""

    key: str
    number: int
    title: str
    group: str
    status: str
    count: str
    problems: list[Problem] = field(default_factory=list)
    note: str = ""
    optional: bool = False


def problems(material: Material) -> list[Problem]:
    """Everything that stands against submission, in the order of the form; empty = ready."""
    found = list(_basics(material))
    for section in material.programme.sections:
        found += section_problems(section, material)
    found += _files(material)
    return found


def section_problems(section: Section, material: Material) -> list[Problem]:
    """What blocks submission in one section, its indicator rows included."""
    if not is_asked(section, material):
        return []
    data = material.sections.get(section.key, {})
    found = checking.check(section, data, answers=material.sections)
    if any(overlaps.partner_tables(section)):
        found += overlaps.problems(
            section, material.programme, material.sections, lead_code=material.organisation.code
        )
    for asked in kept.shown(section, material.sections):
        if asked.type == FieldType.INDICATORS:
            found += indicators.problems(section, asked, material.rows, data.get(asked.key))
    return found


def is_asked(section: Section, material: Material) -> bool:
    return kept.holds(section.condition, section=section.key, answers=material.sections)


def wanted_files(material: Material) -> list[Attachment]:
    """The kinds of 证明材料 that are asked, given the answers so far."""
    return [
        kind
        for kind in material.programme.attachments
        if kept.holds(kind.condition, section="", answers=material.sections)
    ]


# The task list -------------------------------------------------------------------------------


def parts(material: Material, *, returned: Iterable[Mapping[str, str]] = ()) -> list[Part]:
    """Where each part stands. ``returned`` are the entries of a return that is open."""
    named = {str(item.get("section", "")) for item in returned}
    found: list[Part] = []
    for section in material.programme.sections:
        if is_asked(section, material):
            found.append(_section_part(section, material, len(found) + 1, section.key in named))
    if material.programme.attachments:
        found.append(_files_part(material, len(found) + 1, FILES in named))
    if material.programme.declaration:
        locked = any(part.problems for part in found) or bool(list(_basics(material)))
        note = "其余部分完成后，由有提交权限的人在核对页勾选" if locked else "请到核对页勾选并提交"
        number, status = len(found) + 1, "locked" if locked else "todo"
        found.append(
            Part(DECLARATION, number, "承诺书", GROUP, status, "", note=note, optional=True)
        )
    return found


def tally(found: Iterable[Part]) -> tuple[int, int]:
    """How many parts are done, of how many that must be (untouched optional ones left out)."""
    must = [part for part in found if not part.optional]
    return sum(part.status == "done" for part in must), len(must)


def _section_part(section: Section, material: Material, number: int, named: bool) -> Part:
    data = material.sections.get(section.key, {})
    tally = checking.tally(section, data, answers=material.sections)
    wrong = section_problems(section, material)
    shown = kept.shown(section, material.sections)
    ledger = any(asked.type == FieldType.INDICATORS for asked in shown)
    rows = [row for row in material.rows if indicators.is_used(row)] if ledger else []
    touched = tally.touched or bool(rows)
    optional = not touched and not any(problem.missing for problem in wrong)
    if ledger:
        count = f"{len(rows)} 行" + (f"，{len(wrong)} 处待改" if wrong and rows else "")
    elif tally.asked:
        count = f"{tally.done}/{tally.asked} 项"
    else:
        tables = [asked for asked in shown if asked.type == FieldType.ROWS]
        lines = sum(len(kept.rows_of(asked, data)) for asked in tables)
        count = f"{lines} 行" if lines else "选填" if optional else ""
    status = _status(wrong, touched=touched, named=named)
    return Part(
        section.key,
        number,
        section.title,
        section.group,
        status,
        count,
        wrong,
        optional=optional,
    )


def _status(wrong: list[Problem], *, touched: bool, named: bool) -> str:
    if named or any(not problem.missing for problem in wrong):
        return "fix"
    if not touched:
        return "todo"
    return "doing" if wrong else "done"


def _files_part(material: Material, number: int, named: bool) -> Part:
    required = [kind for kind in wanted_files(material) if kind.required]
    wrong = list(_files(material))
    there = {file.key for file in material.files}
    missing = [kind.title for kind in required if kind.key not in there]
    done = len(required) - len(missing)
    count = f"{done}/{len(required)} 份" if required else f"{len(material.files)} 份"
    return Part(
        FILES,
        number,
        "证明材料",
        GROUP,
        _status(wrong, touched=bool(there), named=named),
        count,
        wrong,
        note=f"缺{'、'.join(f'“{title}”' for title in missing)}" if missing else "",
        optional=not required and not there,
    )


# What is no section --------------------------------------------------------------------------


def _basics(material: Material) -> Iterator[Problem]:
    length = characters(material.title)
    if not length:
        yield Problem(BASICS, "title", "项目名称", "请填写", missing=True)
    elif length > TITLE_CHARS:
        message = f"超出 {length - TITLE_CHARS} 字，最多 {TITLE_CHARS} 字"
        yield Problem(BASICS, "title", "项目名称", message)
    if material.programme.directions and not material.direction_key:
        yield Problem(BASICS, "direction", "申报方向", "请选择", missing=True)
    if material.programme.has(Step.RECOMMENDATION) and material.recommender is None:
        yield Problem(BASICS, "recommender", "推荐单位", "请选择", missing=True)


def _files(material: Material) -> Iterator[Problem]:
    for kind in wanted_files(material):
        there = [file for file in material.files if file.key == kind.key]
        if kind.required and not there:
            yield Problem(FILES, f"file-{kind.key}", kind.title, "缺这份材料，请上传", missing=True)
        if len(there) > kind.max_files:
            over = len(there) - kind.max_files
            message = f"最多 {kind.max_files} 份，现有 {len(there)} 份，请移除 {over} 份"
            yield Problem(FILES, f"file-{kind.key}", kind.title, message)
        for file in there:
            if file.infected:
                message = f"“{file.name}”未通过病毒检查，请移除后另传一份"
                yield Problem(FILES, f"file-{kind.key}", kind.title, message)
