"""An uploaded sheet of units, read in a process of its own."""

from accounts.masterdata import COLUMNS, ROWS_AT_MOST, Line
from core.errors import Refusal
from documents import sheets

MOST_BYTES = 5 * 1024 * 1024
NO_WORKBOOK = ("empty-file", "type-mismatch", "damaged-file")


def read(data: bytes) -> list[Line]:
    """The rows of an xlsx with the columns of ``COLUMNS``.

    Raises ``Refusal`` (422) ``not-a-workbook``, ``wrong-columns``, and those of ``sheets.read``.
    """
    wide = len(COLUMNS)
    try:
        pages = sheets.read(
            data,
            "单位.xlsx",
            most_rows=ROWS_AT_MOST + 1,
            most_columns=wide,
            most_bytes=MOST_BYTES,
        )
    except Refusal as refusal:
        if refusal.code not in NO_WORKBOOK:
            raise
        raise Refusal(
            "not-a-workbook", "打不开这个文件，请上传 xlsx 格式的表格。", status=422
        ) from None
    rows = {number: _texts(row, wide) for number, row in next(iter(pages.values()), [])}
    if tuple(rows.pop(1, [])) != COLUMNS:
        raise Refusal(
            "wrong-columns", f"表头应依次为：{'、'.join(COLUMNS)}。请下载模板填写。", status=422
        )
    return [Line(number, *texts) for number, texts in rows.items()]


def _texts(row: list[sheets.Cell | None], wide: int) -> list[str]:
    texts = [cell.text.strip() if cell else "" for cell in row[:wide]]
    return texts + [""] * (wide - len(texts))
