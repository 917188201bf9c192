"""Workbooks from people: reading their cells in a process of its own. ``workbook`` writes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from documents import foreign, uploads

MOST_BYTES = 2 * 1024 * 1024
SECONDS = 60


class Kind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    TRUTH = "truth"
    FORMULA = "formula"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as read. ``text`` is what stands in it: digits without separators, a day as
    ``2021-11-15``, 是 or 否; empty for a formula that was never computed and for an error.
    ``percent``: the number is shown as percent, so that 0.35 means 35 %."""

    kind: Kind
    text: str
    percent: bool = False


Row = tuple[int, list[Cell | None]]


def read(
    data: bytes, name: str, *, most_rows: int, most_columns: int, most_bytes: int = MOST_BYTES
) -> dict[str, list[Row]]:
    """The cells of every sheet, with the row numbers that people see; empty rows are left out.

    Raises ``Refusal`` (422): those of ``check_upload``, ``damaged-file``, ``too-many-rows``.
    """
    checked = uploads.check_upload(data, name, allow=(uploads.XLSX,), most_bytes=most_bytes)
    answer = foreign.ask(
        "sheet",
        data,
        media_type=checked.media_type,
        name=checked.name,
        most_pages=most_rows,
        seconds=SECONDS,
        more=(str(most_columns),),
    )
    return {
        title: [(int(number), [_cell(cell) for cell in cells]) for number, cells in rows]
        for title, rows in answer["sheets"].items()
    }


def _cell(said: Any) -> Cell | None:
    if said is None:
        return None
    if isinstance(said, str):
        return Cell(Kind.TEXT, said)
    if "n" in said:
        return Cell(Kind.NUMBER, str(said["n"]), bool(said.get("p")))
    if "d" in said:
        return Cell(Kind.DATE, str(said["d"]))
    if "b" in said:
        return Cell(Kind.TRUTH, "是" if said["b"] else "否")
    return Cell(Kind.FORMULA if said["e"] == "formula" else Kind.ERROR, "")
