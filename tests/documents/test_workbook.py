"""What the portal writes into a workbook is text or a figure, never a formula."""

import io
from datetime import UTC, datetime
from decimal import Decimal

from openpyxl import Workbook, load_workbook

from documents import workbook
from documents.workbook import Figure, Page


def opened(data: bytes) -> Workbook:
    return load_workbook(io.BytesIO(data))


def test_written_text_is_never_a_formula_and_holds_what_a_workbook_can():
    book = Workbook()
    page = book.active
    texts = ("=1+1", "+8600", "@x", "007", "a\x00b\x0bc\ud800\uffff\r\nd", "长" * 40000)
    for row, text in enumerate(texts, 1):
        workbook.put_text(page.cell(row, 1), text)
    out = io.BytesIO()
    book.save(out)
    again = opened(out.getvalue()).active
    assert [again.cell(row, 1).data_type for row in range(1, 7)] == ["s"] * 6
    assert [again.cell(row, 1).value for row in (1, 4, 5)] == ["=1+1", "007", "abc\nd"]
    assert len(again.cell(6, 1).value) == workbook.CELL_AT_MOST


def test_a_table_keeps_figures_as_figures_and_all_else_as_text():
    at = datetime(2021, 11, 15, 13, 31, 7, tzinfo=UTC)
    rows = [["=1+1", "007", 7, Decimal("9.50"), Figure(Decimal("1234.5")), at, None, "x\x00"]]
    heads = [(f"=列{n}", 12 if n < 3 else 0) for n in range(8)]
    foot = workbook.taken(name="=吴示例", unit="示例厅", at=at, shown="全部")
    page = opened(workbook.workbook("=题", heads, rows, page="数据", foot=foot))["数据"]
    assert [cell.value for cell in page[3]] == [
        "=1+1", "007", 7, 9.5, 1234.5, "2021-11-15 21:31:07", None, "x",
    ]  # fmt: skip
    assert page["E3"].number_format == "#,##0.00" and page["B3"].number_format == "@"
    texts = [cell for row in page.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert {cell.data_type for cell in texts} == {"s"}
    assert all(cell.quotePrefix for cell in texts)
    assert page["A1"].font.bold and page["H2"].font.bold and not page["A3"].font.bold
    assert page["A4"].value == "导出：示例厅 =吴示例，2021-11-15 21:31:07"
    assert page["A5"].value == "筛选：全部"
    assert page.column_dimensions["A"].width == 12 and "H" not in page.column_dimensions


def test_pages_stand_in_their_order_and_lines_that_are_empty_are_left_out():
    book = opened(
        workbook.of_pages(
            [
                Page("名单", "", [("姓名", 10)], [["示例"]], wrap=True),
                Page("说明", "", [], [["一句"], ["又一句"]]),
            ]
        )
    )
    assert book.sheetnames == ["名单", "说明"]
    assert list(book["名单"].values) == [("姓名",), ("示例",)]
    assert list(book["说明"].values) == [("一句",), ("又一句",)]
    assert book["名单"]["A2"].alignment.wrap_text and not book["说明"]["A1"].alignment.wrap_text
