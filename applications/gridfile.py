"""A table of a filing out as a workbook and in again: template, preview, all or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core import signing
from django.utils.datastructures import MultiValueDict

from applications import ledger, queries, readiness, services
from applications.content import (
    answers,
    checking,
    gridbook,
    gridchanges,
    gridlines,
    grids,
    indicators,
    shapes,
)
from applications.content.answers import RAW
from applications.content.checking import Problem
from applications.content.gridchanges import Change
from applications.content.gridlines import FIRST, PAGE, Fault, Ticket, Written
from applications.content.grids import Grid
from applications.material import Material, Row
from applications.models import Application
from applications.models import Section as Kept
from audit.services import Actor
from calls.programme import Field, FieldType, Section
from calls.programme.form import TABLES
from core.errors import Refusal
from documents import sheets

SALT = "applications.gridfile"
MINUTES = 60
"""How long a preview may be applied."""
KINDS = TABLES | {FieldType.INDICATORS}


@dataclass(slots=True)
class Preview:
    """What a returned workbook would do. With ``faults`` it is not done; ``notes`` do not stop it.

    ``version`` is the save of the section that it was compared with; ``since`` is set when the
    section was saved after the template was taken.
    """

    grid: Grid
    lines: list[Written]
    version: int
    faults: list[Fault] = field(default_factory=list)
    cell_faults: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    same: int = 0
    since: bool = False
    data: dict[str, Any] = field(default_factory=dict)

    def count(self, kind: str) -> int:
        return sum(change.kind == kind for change in self.changes)


@dataclass(frozen=True, slots=True)
class Place:
    """One table of one filing, with everything it is judged by."""

    application: Application
    section: Section
    field: Field
    row: Kept
    material: Material

    @property
    def data(self) -> dict[str, Any]:
        """The section's answers as they are kept."""
        return shapes.sound(self.section, self.row.data)

    @property
    def grid(self) -> Grid:
        return grids.of(self.field, self.data, rows=self.material.rows, files=self.material.files)

    @property
    def heading(self) -> str:
        title = self.application.title or "（未命名）"
        return f"{self.section.title} · {self.field.label} —— {title}"


def place(application: Application, section: Section, key: str) -> Place | None:
    """The table of a section with this key; None where there is none that is asked now."""
    asked = section.field(key)
    material = queries.material(application)
    if asked is None or asked.type not in KINDS or not readiness.is_asked(section, material):
        return None
    row = application.sections.get(key=section.key)
    return Place(application, section, asked, row, material)


def must_be_open(place: Place, *, at: datetime) -> None:
    """Raises ``Refusal`` as ``must_be_writable``."""
    services.must_be_writable(
        place.application, at=at, section=place.section.key, fields=[place.field.key]
    )


def template(place: Place) -> bytes:
    """The table as a workbook, its lines filled in."""
    return gridbook.write(
        place.grid, _ticket(place), heading=place.heading, notes=_notes(place.grid)
    )


def file_name(place: Place, *, faulty: bool = False) -> str:
    return f"{place.section.title}-{place.field.label}{'-需改正' if faulty else ''}.xlsx"


def _ticket(place: Place) -> Ticket:
    return Ticket(
        place.application.public_id, place.section.key, place.field.key, place.row.version
    )


def _notes(grid: Grid) -> str:
    if grid.blank is None:
        adding = "行数固定，请勿增删行。"
    else:
        adding = f"可增加、删除和调整行，最多 {grid.most} 行。"
    return (
        f"从第 {FIRST} 行起填写。{adding}请勿改动表头、灰色单元格和隐藏的行、列。"
        "单位见列名，不用填写。标 * 的为必填，可以先不填。导入时先预览，有错误则全部不导入。"
    )


# Reading and judging ---------------------------------------------------------------------------


def read(place: Place, data: bytes, name: str) -> Preview:
    """What a returned workbook would do.

    Raises ``Refusal`` (422): those of ``sheets.read``, and ``wrong-template`` for a workbook that
    is no template of ours, another filing's, or another table's.
    """
    grid = place.grid
    found = sheets.read(
        data,
        name,
        most_rows=max(grid.most, len(grid.lines)) + FIRST + 200,
        most_columns=len(grid.heads) + 10,
    )
    ticket = gridlines.ticket_of(found)
    _must_fit(place, ticket)
    lines, faults = gridlines.lines_of(grid, found[PAGE])
    return judge(place, lines, faults, taken=ticket.version)


def _must_fit(place: Place, ticket: Ticket) -> None:
    if ticket.application != place.application.public_id:
        raise Refusal(
            "wrong-template",
            "这份表格是从另一份申报下载的，不能导入到这里。请在本页下载模板，把内容复制过去后再导入。",
            status=422,
        )
    if (ticket.section, ticket.field) != (place.section.key, place.field.key):
        other = place.application.call.programme.section(ticket.section)
        asked = other.field(ticket.field) if other else None
        named = f"“{asked.label}”的模板" if asked else "另一张表的模板"
        raise Refusal(
            "wrong-template",
            f"这是{named}，现在要导入的是“{place.field.label}”。请选择对应的文件。",
            status=422,
        )


def judge(
    place: Place, lines: list[Written], faults: Sequence[Fault], *, taken: int | None = None
) -> Preview:
    """Hold the lines of a workbook against the table as it stands. ``taken`` is the save at which
    the template was taken."""
    grid = place.grid
    found = Preview(grid, lines, place.row.version, list(faults), list(faults))
    found.since = taken is not None and taken != place.row.version
    posted, names = _posted(grid, lines)
    found.faults += _absent(grid, lines)
    if grid.most and len(lines) > grid.most:
        over = len(lines) - grid.most
        message = f"最多 {grid.most} 行，文件有 {len(lines)} 行，请删去 {over} 行"
        found.faults.append(Fault(lines[grid.most].row, "", "", message))
    problems, found.data = _kept(place, posted)
    marked = {(fault.row, fault.column) for fault in found.faults}
    for problem in problems:
        where = names.get(problem.name)
        head = grid.head(where[1]) if where else None
        fault = Fault(
            where[0] if where else 0,
            where[1] if where else "",
            head.title if head else "",
            problem.message,
        )
        if problem.missing or problem.joint or where is None:
            found.notes.append(fault)
        elif where not in marked:
            found.faults.append(fault)
    found.faults.sort(key=lambda fault: fault.row)
    found.notes.sort(key=lambda fault: fault.row)
    found.changes, found.same = gridchanges.changes(grid, lines)
    return found


def _absent(grid: Grid, lines: Sequence[Written]) -> list[Fault]:
    """Lines that must be in the file and are not."""
    there = {line.id for line in lines}
    return [
        Fault(0, "", "", f"缺少“{line.title}”这一行，请用原模板填写，不要删除固定的行")
        for line in grid.lines
        if line.fixed and (grid.blank is None or line.id.startswith("ref-"))
        if line.id not in there
    ]


Names = dict[str, tuple[int, str]]


def _posted(grid: Grid, lines: Sequence[Written]) -> tuple[MultiValueDict[str, str], Names]:
    """The lines as a page would send them, and which cell each name stands for."""
    posted: MultiValueDict[str, str] = MultiValueDict()
    names: Names = {}
    position = 0
    for line in lines:
        asked = grid.slots_of(line.id) or grid.blank
        if asked is None:
            continue
        own = not (line.id.startswith("ref-") or grid.field.type == FieldType.YEAR_TABLE)
        for column in asked.slots:
            name = grids.input_name(grid, line.id, position, column)
            text = line.texts.get(column, "")
            posted.setlist(name, text if isinstance(text, list) else [text])
            names[name] = (line.row, column)
        position += own
    return posted, names


def _kept(place: Place, posted: MultiValueDict[str, str]) -> tuple[list[Problem], dict[str, Any]]:
    """The section with this table in it, and what is wrong in the table."""
    asked, section = place.field, place.section
    data = {key: value for key, value in place.data.items() if key not in (asked.key, RAW)}
    if asked.type == FieldType.INDICATORS:
        rows = list(place.application.indicator_rows.select_related("indicator"))
        table = ledger.read(posted, rows, compact=True) or {"ref": {}, "own": []}
        data[asked.key] = table
        if raw := answers.raw_of(place.data):
            data[RAW] = dict(raw)
        shown = _ledger_rows(place.material, table)
        return indicators.problems(section, asked, shown, table), data
    read = answers.read(section, posted)
    raw = {
        name: text
        for name, text in answers.raw_of(place.data).items()
        if not name.startswith(f"{asked.key}-")
    } | answers.raw_of(read)
    if asked.key in read:
        data[asked.key] = read[asked.key]
    if raw:
        data[RAW] = raw
    data = answers.with_computed(section, data)
    found = list(checking.table_problems(section, asked, data))
    told = {problem.name for problem in found}
    whole = checking.check(section, data, answers=place.material.sections)
    found += [p for p in whole if p.joint and p.name not in told and _own(asked, p.name)]
    return found, data


def _own(asked: Field, name: str) -> bool:
    return name.startswith(f"{asked.key}-")


def _ledger_rows(material: Material, table: Mapping[str, Any]) -> list[Row]:
    files = {file.id: file for file in material.files}
    references = [
        indicators.filled(row.spec, table["ref"].get(row.spec.key, {}), files)
        for row in material.rows
        if row.spec is not None
    ]
    return references + [indicators.filled(None, cells, files) for cells in table["own"]]


# Applying ---------------------------------------------------------------------------------------


def sealed(place: Place, found: Preview) -> str:
    """A preview as a signed text that the page sends back."""
    return signing.dumps(
        {
            "of": [place.application.public_id, place.section.key, place.field.key],
            "version": found.version,
            "lines": [[line.row, line.id, dict(line.texts)] for line in found.lines],
            "faults": [[f.row, f.column, f.head, f.message] for f in found.cell_faults],
        },
        salt=SALT,
        compress=True,
    )


def unsealed(place: Place, text: str) -> tuple[Preview, int]:
    """The preview again, judged anew, and the save of the section it was shown against.

    Raises ``Refusal`` (410) ``preview-over`` when it is too old or not of this table.
    """
    try:
        said = signing.loads(text, salt=SALT, max_age=MINUTES * 60)
    except signing.BadSignature:
        said = {}
    if said.get("of") != [place.application.public_id, place.section.key, place.field.key]:
        raise Refusal("preview-over", "预览已经失效，请重新选择文件导入。", status=410)
    lines = [Written(row, line_id, texts) for row, line_id, texts in said["lines"]]
    faults = [Fault(*one) for one in said["faults"]]
    return judge(place, lines, faults), int(said["version"])


def error_copy(place: Place, found: Preview) -> bytes:
    """The returned workbook again, each fault marked in its cell and listed on a page."""
    return gridbook.write(
        found.grid,
        _ticket(place),
        heading=place.heading,
        notes=_notes(found.grid),
        lines=found.lines,
        faults=found.faults,
    )


def apply(place: Place, found: Preview, *, version: int, actor: Actor, at: datetime) -> int:
    """Save the table as the workbook has it, all of it; returns the section's new version.

    Raises ``Refusal`` ``table-faults`` (422) where anything in it is wrong, and as
    ``services.save_section``: ``stale`` when the section was saved since the preview.
    """
    if found.faults:
        raise Refusal(
            "table-faults", "表格里还有错误，没有导入。请改正后重新选择文件。", status=422
        )
    asked = place.field
    if asked.type == FieldType.INDICATORS:
        return ledger.save(
            place.application,
            place.section.key,
            asked=asked,
            data=found.data,
            table=found.data[asked.key],
            version=version,
            fields=[asked.key],
            actor=actor,
            at=at,
        )
    return services.save_section(
        place.application,
        place.section.key,
        data=found.data,
        version=version,
        fields=[asked.key],
        actor=actor,
        at=at,
    )
