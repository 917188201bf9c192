"""Binding PDFs and pictures from outside into one PDF for printing, by a child process.

``sheets`` puts each page of a file onto an A4 sheet with room for a stamp in the foot; ``bind``
puts sheets and papers of ours one after the other, with bookmarks. What cannot be read is a
``Refusal`` as in ``documents.foreign``; the caller says so in the booklet and goes on.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from documents import foreign

SANDBOX = Path(__file__).with_name("bindsandbox.py")
SECONDS, BINDING_SECONDS = 120, 600
MOST_PAGES = 1500
REASONS = {3: "encrypted", 4: "damaged", 5: "pages", 6: "pixels"}
PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Part:
    """One PDF of the booklet. ``title`` is its bookmark, empty for none; ``stamped`` parts get the
    next pages of the stamps laid over theirs."""

    data: bytes
    title: str = ""
    stamped: bool = False


def sheets(data: bytes, media_type: str, *, name: str) -> tuple[bytes, int]:
    """The pages of a file on A4 sheets, and how many. Raises the refusals of ``foreign.ask``."""
    command = [sys.executable, "-I", str(SANDBOX), "sheets", media_type, str(MOST_PAGES)]
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=SECONDS, check=False, env={}
        )
    except subprocess.TimeoutExpired:
        raise foreign.refusal("slow", name, MOST_PAGES) from None
    if done.returncode:
        reason = REASONS.get(done.returncode, "damaged")
        raise foreign.refusal(reason, name, MOST_PAGES)
    found = re.search(rb"pages=(\d+)", done.stderr)
    return done.stdout, int(found.group(1)) if found else 0


def bind(parts: Sequence[Part], *, title: str, stamps: bytes, out: IO[bytes]) -> None:
    """Write one PDF of these parts. Everything given is ours or went through ``sheets``; a child
    that fails is a defect (``RuntimeError``)."""
    about = {
        "title": title,
        "stamps": len(stamps),
        "parts": [
            {"size": len(part.data), "title": part.title, "stamped": part.stamped} for part in parts
        ],
    }
    with tempfile.TemporaryFile(prefix="jiebang-bind-") as given:
        given.write(json.dumps(about).encode() + b"\n" + stamps)
        for part in parts:
            given.write(part.data)
        given.seek(0)
        child = subprocess.Popen(
            [sys.executable, "-I", str(SANDBOX), "bind"],
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
        )
        assert child.stdout is not None
        try:
            while piece := child.stdout.read(PIECE):
                out.write(piece)
            child.wait(timeout=BINDING_SECONDS)
        finally:
            child.stdout.close()
            if child.poll() is None:
                child.kill()
                child.wait()
    if child.returncode:
        raise RuntimeError(f"binding ended with {child.returncode}")
