"""How what came back is compared; ``python3 dev.py proof office`` asks LibreOffice itself."""

import csv
import io

import openpyxl
import pytest

from documents import workbook
from tests.proof import office
from tests.proof.frame import Report


def compared(folder, *, saved=None, shown=None) -> list[str]:
    """Our workbook beside what a program would have made of it: another cell, another text."""
    rows = [(text, text) for text in ("=1+1", "91430100MA00001XX2", "000123", "123456789012345678")]
    data = workbook.workbook("标题", [("文字", 0), ("再次", 0)], rows)
    for name in ("saved", "plain"):
        (folder / name).mkdir()
    path = folder / "book.xlsx"
    path.write_bytes(data)
    book = openpyxl.load_workbook(io.BytesIO(data))
    for where, value in (saved or {}).items():
        book.active[where] = value
    book.save(folder / "saved" / "book.xlsx")
    with (folder / "plain" / "book-清单.csv").open("w", encoding="utf-8", newline="") as out:
        for row in openpyxl.load_workbook(path).active.iter_rows():
            csv.writer(out).writerow((shown or {}).get(c.coordinate, c.value or "") for c in row)
    return office._differences(path, folder / "saved", folder / "plain", Report("office"))


def test_what_came_back_as_it_was_is_nothing_to_wonder_at(tmp_path):
    assert not compared(tmp_path)


@pytest.mark.parametrize(
    ("more", "finds"),
    [
        ({"saved": {"A3": "=1+1"}}, 2),
        ({"saved": {"A6": 123456789012345678}}, 1),
        ({"saved": {"B5": "123"}}, 1),
        ({"shown": {"A3": "2"}}, 1),
        ({"shown": {"B6": "1.23457E+17"}}, 1),
        ({"shown": {"A5": "123"}}, 1),
    ],
)
def test_what_was_worked_out_or_shortened_is_found(tmp_path, more, finds):
    assert len(compared(tmp_path, **more)) == finds
