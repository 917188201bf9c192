"""A sample of the proof (``python3 dev.py proof uploads`` is the whole of it)."""

import random
from datetime import UTC, datetime

import pytest

from tests.proof import corpus, uploads
from tests.proof.frame import Report

SEED = f"{datetime.now(UTC):%G-%V}"
"""Other files each week; a failure names the file by family and number."""


@pytest.fixture
def report():
    return Report("uploads")


def test_good_files_are_taken(report):
    uploads.good(report)
    assert report.figures["good files taken"] == 4, report.words()


@pytest.mark.parametrize("family", corpus.FAMILIES)
def test_a_hostile_file_is_refused_or_does_nothing(family, report):
    files = corpus.FAMILIES[family](random.Random(SEED + family))
    with uploads.watched_children() as children:
        uploads.judge(report, family, next(files))
    assert report.holds, report.words()
    assert not children.killed


def test_a_house_that_takes_a_script_is_found(report, monkeypatch):
    """Without this, a proof that looks at nothing would pass."""
    monkeypatch.setattr("documents.foreign.ask", lambda *given, **more: {"pages": 1, "sheets": {}})
    uploads.judge(
        report, "pdf-javascript", next(corpus.FAMILIES["pdf-javascript"](random.Random(1)))
    )
    assert report.figures["wrong accepts"] == 1
    assert not report.holds


@pytest.mark.parametrize(
    "name", ["../a.pdf", "a\u202e.pdf", "a\n.pdf", ".a.pdf", "a.exe", "a" * 101]
)
def test_an_unclean_name_is_noticed(name):
    assert uploads.unclean(name)
