"""Foreign workbooks are read in a process of their own, within bounds, or refused by name."""

import io
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from core.errors import Refusal
from documents import sheets
from documents.sheets import Cell, Kind


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(data: bytes, **more: int) -> dict:
    return sheets.read(data, "表.xlsx", **({"most_rows": 50, "most_columns": 12} | more))


def refused(data: bytes, **more: int) -> str:
    with pytest.raises(Refusal) as refusal:
        read(data, **more)
    assert refusal.value.status == 422
    return refusal.value.code


def rewritten(data: bytes, name: str, change) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            new.writestr(entry.filename, change(content) if entry.filename == name else content)
    return out.getvalue()


def test_every_kind_of_cell_is_read_as_what_it_is():
    book = Workbook()
    page = book.active
    page.title = "页"
    values = [
        "甲",
        12,
        12.5,
        0.1 + 0.2,
        date(2021, 11, 15),
        datetime(2021, 1, 2, 3, 4),  # noqa: DTZ001 - cells have no zone
        True,
        "  ",
    ]
    for column, value in enumerate(values, start=1):
        page.cell(3, column).value = value
    page.cell(3, 9).value = 0.35
    page.cell(3, 9).number_format = "0.0%"
    page.cell(3, 10).value = "=1+1"
    page.cell(3, 11).value = "#REF!"
    page.cell(3, 12).value = 1234567890123456789
    ((number, cells),) = read(saved(book))["页"]
    assert number == 3
    assert [cell and cell.text for cell in cells[:8]] == [
        "甲", "12", "12.5", "0.3", "2021-11-15", "2021-01-02", "是", None,
    ]  # fmt: skip
    assert cells[8] == Cell(Kind.NUMBER, "0.35", percent=True)
    assert (cells[9].kind, cells[10].kind) == (Kind.FORMULA, Kind.ERROR)
    assert cells[11].text.startswith("12345678901234") and "e" not in cells[11].text


def test_what_is_too_much_or_no_workbook_is_refused():
    book = Workbook()
    book.active.cell(60, 1).value = "太低"
    assert refused(saved(book)) == "too-many-rows"
    assert read(saved(book), most_rows=60)
    assert refused(b"PK\x03\x04" + b"x" * 100) == "damaged-file"
    assert refused(b"") == "empty-file"
    assert refused(b"x" * 10) == "type-mismatch"
    assert refused(saved(Workbook()), most_bytes=100) == "too-large"


def test_cells_far_to_the_right_are_not_read():
    book = Workbook()
    book.active.cell(1, 1).value = "左"
    book.active.cell(1, 900).value = "右"
    ((_, cells),) = read(saved(book))["Sheet"]
    assert len(cells) <= 12 and cells[0].text == "左"


def test_entities_and_broken_parts_are_refused():
    data = saved(Workbook())
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    name = "xl/worksheets/sheet1.xml"
    assert refused(rewritten(data, name, lambda old: bomb + old)) == "damaged-file"
    assert refused(rewritten(data, name, lambda old: old[: len(old) // 2])) == "damaged-file"
    assert refused(rewritten(data, "xl/workbook.xml", lambda old: b"")) == "damaged-file"
