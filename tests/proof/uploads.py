"""Hostile files at every door for files: none taken that should not be, none that ends a worker.

Each file goes the way of an upload (``documents.uploads``, for workbooks on through
``documents.sheets``); what was taken is drawn as the preview would. Good files of each kind go the
same way and must be taken: a house that refuses everything proves nothing.
"""

from __future__ import annotations

import random
import resource
import subprocess
import time
import unicodedata
from contextlib import contextmanager
from typing import Any
from unittest import mock

from core.errors import Refusal
from documents import foreign, sheets, uploads
from tests.proof import corpus
from tests.proof.frame import Report, Watch

GOAL = ("files", 2_000)
EACH = 80
"""Files of each family in the long run."""
LONGEST = 60.0
"""Seconds for one file; the house gives up a child after so many."""
MOST_MEMORY = 2100
"""MB that a child may hold; the limit of documents/sandbox.py, and the interpreter's own."""
MOST_GROWTH = 600
"""MB by which our own process may grow over all files."""


class Children:
    """Counts how the processes that read foreign files ended."""

    def __init__(self) -> None:
        self.asked = 0
        self.killed = 0
        self.run = subprocess.run

    def __call__(self, *given: Any, **more: Any) -> Any:
        self.asked += 1
        done = self.run(*given, **more)
        self.killed += done.returncode < 0
        return done


@contextmanager
def watched_children() -> Any:
    children = Children()
    with mock.patch.object(foreign.subprocess, "run", children):
        yield children


def prove(report: Report, *, seconds: float) -> None:
    """Goes round the families until each has had its files, or the time is up."""
    watch = Watch(seconds)
    ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with watched_children() as children:
        good(report)
        makers = {
            name: make(random.Random(f"{report.name} {name}"))
            for name, make in corpus.FAMILIES.items()
        }
        for _ in range(EACH):
            if watch.is_up:
                break
            for name, files in makers.items():
                judge(report, name, next(files))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - ours) // 1024
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    report.figures |= {
        "families": len(corpus.FAMILIES),
        "children asked": children.asked,
        "children ended by a limit": children.killed,
        "most memory of a child, MB": most,
        "growth of our own process, MB": grown,
        "worker deaths": 0,  # this line is not reached by a dead one
    }
    report.expect(most <= MOST_MEMORY, f"a child held {most} MB")
    report.expect(grown <= MOST_GROWTH, f"our process grew by {grown} MB")


def good(report: Report) -> None:
    """The control: what the hostile files are made of is taken."""
    for data, name in (
        (corpus.good_pdf(3), "好.pdf"),
        (corpus.good_picture("PNG"), "好.png"),
        (corpus.good_picture("JPEG"), "好.jpg"),
        (corpus.good_workbook(), "好.xlsx"),
    ):
        answer = sent(data, name)
        report.expect(answer == "taken", f"a good file was refused: {name} {answer}")
        report.count("good files taken", answer == "taken")


def judge(report: Report, family: str, file: corpus.Hostile) -> None:
    """One file: the answer, and how it was come by."""
    said = f"{family}: {file.name[:60]!r} ({len(file.data)} bytes)"
    begun = time.monotonic()
    try:
        answer = sent(file.data, file.name)
    except Exception as error:
        report.fail(f"{said}: {type(error).__name__}: {error}")
        return
    took = time.monotonic() - begun
    report.count("files")
    report.count("taken" if answer == "taken" else "refused")
    if took > float(report.figures.get("longest, s", 0)):
        report.figures["longest, s"] = round(took, 1)
    report.expect(took <= LONGEST + 5, f"{said}: took {took:.0f} s")
    wrong = file.verdict == "refused" and answer == "taken"
    report.count("wrong accepts", wrong)
    if wrong:
        report.fail(f"{said}: was taken")


def sent(data: bytes, name: str) -> str:
    """``taken``, or the code of the refusal. Raises what is neither."""
    try:
        if name.lower().rstrip("\x00").endswith(".xlsx"):
            for rows in sheets.read(
                data, name, most_rows=3000, most_columns=50, most_bytes=uploads.MOST_BYTES
            ).values():
                for _, cells in rows:
                    for cell in cells:
                        assert cell is None or not cell.text.startswith("="), cell
            return "taken"
        checked = uploads.check_upload(data, name)
    except Refusal as refusal:
        assert refusal.status == 422, refusal
        return refusal.code
    assert not unclean(checked.name), f"kept as {checked.name!r}"
    draw(data, checked)
    return "taken"


def unclean(name: str) -> list[str]:
    """What must not stand in the name of a file that was taken."""
    wrong = [c for c in name if c in '\\/:*?"<>|' or unicodedata.category(c)[0] in "C"]
    wrong += [c for c in name if unicodedata.category(c) in ("Zl", "Zp")]
    if len(name) > uploads.NAME_LENGTH or name.startswith(".") or name != name.strip():
        wrong.append(name)
    if not name.lower().endswith((".pdf", ".png", ".jpg", ".jpeg")):
        wrong.append(name)
    return wrong


def draw(data: bytes, checked: uploads.Checked) -> None:
    """As the preview does; a file that cannot be drawn is refused there, and nobody dies."""
    try:
        foreign.ask(
            "draw",
            data,
            media_type=checked.media_type,
            name=checked.name,
            most_pages=1,
            seconds=30,
            more=("1", "800"),
        )
    except Refusal:
        return
