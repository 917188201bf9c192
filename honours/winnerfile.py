"""The sheet of winners of earlier rounds: the template, and what an uploaded one says."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from stdnum.cn import uscc

from core.errors import Refusal
from documents import sheets
from documents.workbook import workbook

COLUMNS = ("批次", "项目名称", "单位名称", "统一社会信用代码", "方向", "公布日期", "依据")
LIMITS = (120, 120, 100, 18, 120, 10, 200)
MOST_ROWS = 2000
MOST_BYTES = 2 * 1024 * 1024


@dataclass(slots=True)
class Line:
    """One row of the sheet. ``known``: stands in the register already."""

    number: int
    round_title: str
    title: str
    organisation_name: str
    code: str = ""
    direction: str = ""
    announced_on: dt.date | None = None
    source: str = ""
    known: bool = False
    faults: list[str] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str, str]:
        return (bare(self.round_title), bare(self.title), self.code or bare(self.organisation_name))


def bare(text: str) -> str:
    """A text without spaces, punctuation and case, as titles are compared."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if c.isalnum())


def template() -> bytes:
    """An empty sheet with the columns."""
    return workbook("", [(head, 24) for head in COLUMNS], [], page="优胜项目")


def read(data: bytes, name: str, *, known: Iterable[tuple[str, str, str]] = ()) -> list[Line]:
    """The rows of an uploaded sheet with their faults; ``known`` are keys already in the register.

    Raises ``Refusal`` (422): those of ``documents.sheets``, ``wrong-columns``, ``empty-sheet``.
    """
    pages = sheets.read(
        data, name, most_rows=MOST_ROWS + 1, most_columns=len(COLUMNS), most_bytes=MOST_BYTES
    )
    rows = next(iter(pages.values()), [])
    if not rows or [_text(cell) for cell in _full(rows[0][1])] != list(COLUMNS):
        raise Refusal(
            "wrong-columns", f"表头应依次为：{'、'.join(COLUMNS)}。请下载模板填写。", status=422
        )
    lines = [line(number, [_text(cell) for cell in _full(cells)]) for number, cells in rows[1:]]
    if not lines:
        raise Refusal("empty-sheet", "表中没有项目，请填写后再上传。", status=422)
    seen = set(known)
    for one in lines:
        one.known = one.key in seen
        seen.add(one.key)
    return lines


def _full(cells: Sequence[sheets.Cell | None]) -> list[sheets.Cell | None]:
    return [*cells[: len(COLUMNS)], *[None] * (len(COLUMNS) - len(cells))]


def _text(cell: sheets.Cell | None) -> str:
    return cell.text.strip() if cell else ""


def line(number: int, texts: Sequence[str]) -> Line:
    """A row of seven texts, with its faults."""
    round_title, title, organisation, code, direction, day, source = texts
    code = unicodedata.normalize("NFKC", code).replace(" ", "").upper()
    found = Line(number, round_title, title, organisation, code, direction, source=source)
    for head, text in zip(COLUMNS[:3], texts, strict=False):
        if not text:
            found.faults.append(f"缺少{head}")
    for head, text, most in zip(COLUMNS, texts, LIMITS, strict=True):
        if len(text) > most:
            found.faults.append(f"{head}超过 {most} 字")
    if code and not uscc.is_valid(code):
        found.faults.append("统一社会信用代码有误")
    if day:
        try:
            found.announced_on = dt.date.fromisoformat(day.replace("/", "-"))
        except ValueError:
            found.faults.append("公布日期应如 2019-03-20")
    return found
