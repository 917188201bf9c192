"""Every workbook that can be taken out, opened by a real table program and saved again.

The worlds of ``texts`` with texts that begin like formulas: each export goes through LibreOffice,
once to a workbook and once to plain text. Every text must come back character by character, in the
same cell and as text: nothing worked out, no code shortened, no zero lost, nobody rung at. A
workbook of our own writer holds what no title has room for. The control, written without care, must
be seen.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.proof import forms, ground, texts
from tests.proof.frame import Report, Watch
from tests.proof.strace import Listening

WORLDS = ("review", "decision", "testing", "years")
AT_ONCE = 25
"""Workbooks that the program opens in one call; it takes some seconds to begin."""
PLAIN = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
"""Commas, UTF-8, as shown, every sheet into a file of its own."""
BEGINS = re.compile(r"\s*[=+\-@＝＋－＠]")
CODES = (
    "91430100MA00001XX2",
    "123456789012345678",
    "000123",
    "0",
    "1E10",
    "2021-11-30",
    "11/30",
    "1-2",
    "12:30",
    "50%",
    "TRUE",
    "真",
    "#N/A",
    "NaN",
    "0x10",
    " 1",
    "'1",
    "''=1+1",
    "1,234",
    "￥12",
)
"""Texts that a table program likes to read as something else."""


def prove(report: Report, *, seconds: float) -> None:
    watch = Watch(seconds)
    if program() is None:
        report.fail("soffice is not installed")
        return
    with tempfile.TemporaryDirectory(prefix="jiebang-office-") as folder:
        own(report, Path(folder))
        control(report, Path(folder))
        for name in WORLDS:
            if watch.is_up:
                break
            with ground.world(lambda name=name: texts.hostile(name, texts.FORMULAS)) as made:
                read(report, exported(made, name), Path(folder))
            report.count("worlds")


def program() -> str | None:
    return shutil.which("soffice")


def exported(made: Any, name: str) -> dict[str, bytes]:
    """Every different workbook of the world that one of the first two who may takes out."""
    found: dict[str, bytes] = {}
    for route, person, url in forms.pages(made, name, everybody=False):
        body = forms.get(made, person, url).body
        if body[:2] == b"PK":
            for number, book in enumerate(texts.books(body)):
                found[f"world {name}: {route} as {person}, {number}"] = book
    return found


# Through the program -----------------------------------------------------------------------------


def read(report: Report, books: Mapping[str, bytes], folder: Path) -> None:
    """All of them, some at a time."""
    names = list(books)
    for start in range(0, len(names), AT_ONCE):
        part = {name: books[name] for name in names[start : start + AT_ONCE]}
        for name, wrong in compared(part, folder, report).items():
            report.count("workbooks")
            for one in wrong:
                report.fail(f"{name}: {one}")


def compared(books: Mapping[str, bytes], folder: Path, report: Report) -> dict[str, list[str]]:
    """What is not as it was, by workbook, once the program has opened and saved them."""
    work = Path(tempfile.mkdtemp(dir=folder))
    files = {}
    for name, data in books.items():
        files[name] = work / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.xlsx"
        files[name].write_bytes(data)
    saved, plain = work / "saved", work / "plain"
    for to, out in (("xlsx", saved), (PLAIN, plain)):
        call = [str(program()), "--headless", "--norestore", "--nolockcheck"]
        call += [f"-env:UserInstallation={(folder / 'profile').as_uri()}"]
        call += ["--convert-to", to, "--outdir", str(out), *map(str, files.values())]
        subprocess.run(call, check=True, capture_output=True, timeout=600)
    found = {name: _differences(path, saved, plain, report) for name, path in files.items()}
    shutil.rmtree(work)
    return found


def _differences(path: Path, saved: Path, plain: Path, report: Report) -> list[str]:
    import openpyxl

    wrong = []
    again = saved / path.name
    with zipfile.ZipFile(again) as packed:
        for name in packed.namelist():
            if "externalLink" in name or (
                name.startswith("xl/worksheets/") and re.search(rb"<f[ >]", packed.read(name))
            ):
                wrong.append(f"{name} holds a formula or a link outside")
    ours = openpyxl.load_workbook(path)
    theirs = openpyxl.load_workbook(again)
    for sheet in ours:
        other = theirs[sheet.title]
        shown = _shown(plain, path, sheet.title, alone=len(ours.sheetnames) == 1)
        for row in sheet.iter_rows():
            for cell in row:
                if not isinstance(cell.value, str) or not cell.value:
                    continue
                report.count("texts read back")
                report.count(
                    "of them beginning like a formula",
                    cell.value.strip()[:1] in "=+-@＝＋－＠" and bool(cell.value.strip()),
                )
                where = f"{sheet.title}!{cell.coordinate}"
                back = other[cell.coordinate]
                if back.value != cell.value or back.data_type != "s":
                    wrong.append(f"{where}: {cell.value[:60]!r} came back as {back.value!r}")
                said = shown.get((cell.row, cell.column), "")
                if said.split() != cell.value.split():
                    wrong.append(f"{where}: {cell.value[:60]!r} is shown as {said[:60]!r}")
    return wrong


def _shown(plain: Path, path: Path, title: str, *, alone: bool) -> dict[tuple[int, int], str]:
    """What the program shows of a sheet, by row and column."""
    file = plain / f"{path.stem}-{title}.csv"
    if alone and not file.exists():
        file = plain / f"{path.stem}.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        return {
            (r, c): text
            for r, line in enumerate(csv.reader(lines), start=1)
            for c, text in enumerate(line, start=1)
        }


# Our own, and the careless one -------------------------------------------------------------------


def hostile(port: int) -> list[str]:
    """What stands in the cells of the two."""
    there = f"http://127.0.0.1:{port}/"
    return [
        *texts.LONG,
        *texts.FORMULAS,
        *CODES,
        "=1+1",
        f'=WEBSERVICE("{there}web")',
        f'=HYPERLINK("{there}link","x")',
        "='file:///etc/passwd'#$Sheet1.A1",
        '=DDE("soffice";"/etc/passwd";"a1")',
        f'=IMAGE("{there}image")',
    ]


def own(report: Report, folder: Path) -> None:
    """Each hostile text and each code through our one writer."""
    from documents import workbook

    waiting = Listening(folder / "secret")
    try:
        rows = [(text, text) for text in hostile(waiting.port)]
        book = workbook.workbook("=1+1", [("=2+2", 20), ("代码", 0)], rows)
        read(report, {"our own writer": book}, folder)
    finally:
        waiting.close()
    report.count("rings at the port", waiting.rang)
    report.expect(not waiting.rang, f"the port was rung at {waiting.rang} times")


def control(report: Report, folder: Path) -> None:
    """The same without care, and a code as a number: the program works them out, which is seen."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    for n, text in enumerate(("=1+1", "=2*3"), start=1):
        sheet.cell(n, 1).value = text
    out = io.BytesIO()
    book.save(out)
    wrong = compared({"careless": out.getvalue()}, folder, Report("control"))["careless"]
    report.figures["control: finds in a workbook without care"] = len(wrong)
    report.expect(
        any("holds a formula" in one for one in wrong), f"a formula was not seen: {wrong}"
    )
    report.expect(any("is shown as" in one for one in wrong), f"a result was not seen: {wrong}")
