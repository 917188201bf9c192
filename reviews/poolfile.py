"""The pool as a sheet: columns, reading with errors by row, writing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from stdnum.cn import uscc

from core.errors import Refusal
from core.figures import whole_or
from documents import sheets
from documents.workbook import Page, of_pages

COLUMNS = (
    "姓名",
    "邮箱",
    "手机号",
    "职称职务",
    "专业领域",
    "现任职单位",
    "单位统一社会信用代码",
    "曾任职单位",
    "所在地区",
    "评审量上限",
)
REQUIRED = ("姓名", "邮箱", "专业领域", "现任职单位")
MOST_ROWS = 2000
MOST_COLUMNS = 60
MOST_BYTES = 2 * 1024 * 1024
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
SEPARATORS = re.compile(r"[;；、,，\n]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a pool knows of a person. ``past_employers``: ``{"name", "code"}`` each; ``row`` is the
    number in the sheet it came from, 0 for one that was typed in."""

    name: str
    email: str
    phone: str = ""
    title: str = ""
    fields: tuple[str, ...] = ()
    employer_name: str = ""
    employer_code: str = ""
    past_employers: tuple[dict[str, str], ...] = field(default=())
    region: str = ""
    capacity: int = 20
    row: int = 0

    def values(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "email": self.email,
            "phone": self.phone,
            "title": self.title,
            "fields": list(self.fields),
            "employer_name": self.employer_name,
            "employer_code": self.employer_code,
            "past_employers": list(self.past_employers),
            "region": self.region,
            "capacity": self.capacity,
        }


@dataclass(frozen=True, slots=True)
class RowError:
    row: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"第 {self.row} 行“{self.column}”：{self.message}"


def text(value: Any) -> str:
    """A cell as text: whole numbers without a point, full-width folded, no outer spaces."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    plain = unicodedata.normalize("NFKC", str(value))
    return "".join(c for c in plain if c.isprintable() or c == "\n").strip()


def terms(value: str) -> tuple[str, ...]:
    """「智能传感器；机器翻译」 as separate terms, each once."""
    return tuple(dict.fromkeys(one.strip() for one in SEPARATORS.split(value) if one.strip()))


def units(value: str) -> tuple[dict[str, str], ...]:
    """「示例大学 9144030071526726XG；示例院」: name, with the code behind it where known."""
    found = []
    for one in terms(value):
        words = one.split()
        code = words[-1].upper() if len(words) > 1 and len(words[-1]) == 18 else ""
        found.append({"name": " ".join(words[:-1]) if code else one, "code": code})
    return tuple(found)


def row_of(expert: Any, *, phone: str) -> tuple[str, ...]:
    """One expert in the order of ``COLUMNS``; the telephone number as it may be shown."""
    return (
        expert.name,
        expert.email,
        phone,
        expert.title,
        "；".join(expert.fields),
        expert.employer_name,
        expert.employer_code,
        words_of(expert.past_employers),
        expert.region,
        str(expert.capacity),
    )


def words_of(employers: Iterable[dict[str, str]]) -> str:
    return "；".join(f"{one.get('name', '')} {one.get('code', '')}".strip() for one in employers)


def code_problem(code: str) -> str:
    if not code or uscc.is_valid(code):
        return ""
    return "统一社会信用代码应为 18 位且校验正确，请核对"


def entry(cells: dict[str, str], row: int) -> tuple[Entry | None, list[RowError]]:
    """One row of the sheet, or what is wrong with it."""
    errors = [RowError(row, column, "必填") for column in REQUIRED if not cells.get(column, "")]
    email = cells.get("邮箱", "").lower()
    if email and not EMAIL.fullmatch(email):
        errors.append(RowError(row, "邮箱", "不是有效的邮箱地址"))
    code = cells.get("单位统一社会信用代码", "").upper().replace(" ", "")
    if problem := code_problem(code):
        errors.append(RowError(row, "单位统一社会信用代码", problem))
    past = units(cells.get("曾任职单位", ""))
    errors += [
        RowError(row, "曾任职单位", f"{one['name']}：{problem}")
        for one in past
        if (problem := code_problem(one["code"]))
    ]
    region = cells.get("所在地区", "")
    if region and not re.fullmatch(r"[1-9]\d{5}", region):
        errors.append(RowError(row, "所在地区", "应为 6 位行政区划代码"))
    phone = cells.get("手机号", "")
    if phone and not re.fullmatch(r"[0-9+\- ]{5,20}", phone):
        errors.append(RowError(row, "手机号", "只能含数字、空格和连字符"))
    limit = cells.get("评审量上限", "") or "20"
    if not 1 <= whole_or(limit, 0) <= 200:
        errors.append(RowError(row, "评审量上限", "应为 1 至 200 的整数"))
    for column, most in (("姓名", 50), ("职称职务", 60), ("现任职单位", 100)):
        if len(cells.get(column, "")) > most:
            errors.append(RowError(row, column, f"超过 {most} 字"))
    if errors:
        return None, errors
    return (
        Entry(
            name=cells["姓名"],
            email=email,
            phone=phone,
            title=cells.get("职称职务", ""),
            fields=terms(cells["专业领域"]),
            employer_name=cells["现任职单位"],
            employer_code=code,
            past_employers=past,
            region=region,
            capacity=int(limit),
            row=row,
        ),
        [],
    )


def read(data: bytes, name: str) -> tuple[list[Entry], list[RowError]]:
    """Entries of an xlsx, and every error with its row. Errors mean: take nothing.

    Raises ``Refusal`` (422) ``not-xlsx``, ``too-large``, ``wrong-template``, ``empty-sheet``, and
    those of ``sheets.read`` about passwords, macros and workbooks too intricate to read.
    """
    rows = _rows(data, name)
    head = [_text_of(cell) for cell in rows.pop(1, [])]
    missing = [column for column in COLUMNS if column not in head]
    if missing:
        raise Refusal(
            "wrong-template",
            f"表头缺少“{'”“'.join(missing)}”，请使用本页提供的模板。",
            status=422,
        )
    entries: list[Entry] = []
    errors: list[RowError] = []
    seen: dict[str, int] = {}
    for number, row in rows.items():
        cells = {title: _text_of(cell) for title, cell in zip(head, row, strict=False) if title}
        if not any(cells.values()):
            continue
        one, wrong = entry(cells, number)
        errors += wrong
        if one is None:
            continue
        if one.email in seen:
            errors.append(RowError(number, "邮箱", f"与第 {seen[one.email]} 行重复"))
        seen[one.email] = number
        entries.append(one)
    if not entries and not errors:
        raise Refusal("empty-sheet", "表中没有数据行，请填写后再导入。", status=422)
    return entries, errors


def _text_of(cell: sheets.Cell | None) -> str:
    return text(cell.text if cell else None)


def _rows(data: bytes, name: str) -> dict[int, list[sheets.Cell | None]]:
    """The rows of the first sheet by the numbers that people see."""
    if len(data) > MOST_BYTES:
        raise Refusal("too-large", "文件超过 2 MB，请分批导入。", status=422)
    try:
        pages = sheets.read(data, name, most_rows=MOST_ROWS + 1, most_columns=MOST_COLUMNS)
    except Refusal as refusal:
        raise _in_our_words(refusal) from None
    return dict(next(iter(pages.values()), []))


def _in_our_words(refusal: Refusal) -> Refusal:
    words = {
        "too-many-rows": ("too-large", f"一次最多导入 {MOST_ROWS} 行，请分批导入。"),
        "too-large": ("too-large", "文件解压后过大，请分批导入。"),
    }
    not_xlsx = ("not-xlsx", "文件不是有效的 xlsx 工作簿，请另存为 .xlsx 后再上传。")
    for code in ("empty-file", "wrong-type", "type-mismatch", "damaged-file"):
        words[code] = not_xlsx
    if refusal.code not in words:
        return refusal
    code, message = words[refusal.code]
    return Refusal(code, message, status=422)


def write(rows: Sequence[Sequence[str]], *, title: str = "专家库", note: str = "") -> bytes:
    """A workbook of text cells with our columns; nothing in it is ever a formula."""
    pages = [Page(title, "", [(column, 18) for column in COLUMNS], rows)]
    if note:
        pages.append(Page("说明", "", [], [[line] for line in note.splitlines()]))
    return of_pages(pages)
