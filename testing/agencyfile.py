"""The register of agencies as a sheet: columns, reading with errors by row, writing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from stdnum.cn import uscc

from core.errors import Refusal
from documents import sheets
from documents.workbook import Page, of_pages

COLUMNS = (
    "机构名称",
    "统一社会信用代码",
    "资质证书编号",
    "发证机构",
    "资质有效期至",
    "测评方向",
    "联系人",
    "联系电话",
    "联系人邮箱",
)
REQUIRED = ("机构名称",)
MOST_ROWS = 500
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
LONGEST = {"机构名称": 100, "资质证书编号": 120, "发证机构": 100, "联系人": 50, "联系电话": 20}


@dataclass(frozen=True, slots=True)
class Entry:
    """What the office says of an agency. ``email``: whom the first activation link goes to."""

    name: str
    code: str = ""
    accreditation: str = ""
    accredited_by: str = ""
    valid_until: date | None = None
    fields: tuple[str, ...] = ()
    contact: str = ""
    phone: str = ""
    email: str = ""

    def packed(self) -> dict[str, Any]:
        """Plain data for a signed hidden field between preview and taking in."""
        found = asdict(self)
        found["valid_until"] = self.valid_until.isoformat() if self.valid_until else ""
        found["fields"] = list(self.fields)
        return found


def unpacked(data: dict[str, Any]) -> Entry:
    until = data["valid_until"]
    return Entry(
        **{
            **data,
            "valid_until": date.fromisoformat(until) if until else None,
            "fields": tuple(data["fields"]),
        }
    )


@dataclass(frozen=True, slots=True)
class Wrong:
    row: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"第 {self.row} 行“{self.column}”：{self.message}"


def terms(text: str) -> tuple[str, ...]:
    """Directions written in one cell, each once."""
    return tuple(
        dict.fromkeys(one.strip() for one in re.split(r"[;；、,，\n]+", text) if one.strip())
    )


def read(data: bytes, name: str) -> tuple[list[Entry], list[Wrong]]:
    """The agencies of an xlsx and every error with its row; errors mean: take nothing.

    Raises the refusals of ``documents.sheets.read``, ``wrong-template`` and ``empty-sheet`` (422).
    """
    pages = sheets.read(data, name, most_rows=MOST_ROWS + 1, most_columns=30)
    rows = dict(next(iter(pages.values()), []))
    head = [_text(cell) for cell in rows.pop(1, [])]
    if missing := [column for column in COLUMNS if column not in head]:
        raise Refusal(
            "wrong-template", f"表头缺少“{'”“'.join(missing)}”，请使用本页提供的模板。", status=422
        )
    entries: list[Entry] = []
    wrong: list[Wrong] = []
    seen: dict[str, int] = {}
    for number, row in rows.items():
        cells = {title: _text(cell) for title, cell in zip(head, row, strict=False) if title}
        if not any(cells.values()):
            continue
        found, errors = entry({column: cells.get(column, "") for column in COLUMNS}, number)
        wrong += errors
        if found is None:
            continue
        for mark in filter(None, (found.name, found.code)):
            if mark in seen:
                wrong.append(Wrong(number, "机构名称", f"与第 {seen[mark]} 行重复"))
                break
            seen[mark] = number
        entries.append(found)
    if not entries and not wrong:
        raise Refusal("empty-sheet", "表中没有数据行，请填写后再导入。", status=422)
    return entries, wrong


def entry(cells: dict[str, str], row: int = 0) -> tuple[Entry | None, list[Wrong]]:
    """One line, or what is wrong with it."""
    wrong = [Wrong(row, column, "必填") for column in REQUIRED if not cells[column]]
    wrong += [
        Wrong(row, column, f"超过 {most} 字")
        for column, most in LONGEST.items()
        if len(cells[column]) > most
    ]
    code = cells["统一社会信用代码"].upper().replace(" ", "")
    if code and not uscc.is_valid(code):
        wrong.append(Wrong(row, "统一社会信用代码", "应为 18 位且校验正确，请核对"))
    email = cells["联系人邮箱"].lower()
    if email and not EMAIL.fullmatch(email):
        wrong.append(Wrong(row, "联系人邮箱", "不是有效的邮箱地址"))
    until = _date(cells["资质有效期至"])
    if cells["资质有效期至"] and until is None:
        wrong.append(Wrong(row, "资质有效期至", "请写成 2027-12-31 的样子"))
    if wrong:
        return None, wrong
    return (
        Entry(
            name=cells["机构名称"],
            code=code,
            accreditation=cells["资质证书编号"],
            accredited_by=cells["发证机构"],
            valid_until=until,
            fields=terms(cells["测评方向"]),
            contact=cells["联系人"],
            phone=cells["联系电话"],
            email=email,
        ),
        [],
    )


def _text(cell: sheets.Cell | None) -> str:
    return cell.text.strip() if cell else ""


def _date(text: str) -> date | None:
    found = re.match(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})", text)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def write(rows: Sequence[Sequence[str]], *, title: str = "测评机构", note: str = "") -> bytes:
    pages = [Page(title, "", [(column, 20) for column in COLUMNS], rows)]
    if note:
        pages.append(Page("说明", "", [], [[line] for line in note.splitlines()]))
    return of_pages(pages)
