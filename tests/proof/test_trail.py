"""A sample of the proof (``python3 dev.py proof trail`` is the whole of it)."""

import pytest

from tests.proof import trail
from tests.proof.frame import Report

pytestmark = pytest.mark.django_db


def test_every_random_tampering_is_found():
    report = Report("trail")
    trail.tamper(report, times=40)
    assert report.holds, report.words()
    assert report.figures["of them found"] == 40


def test_a_long_chain_is_verified_in_its_time():
    report = Report("trail")
    trail.lengthen(report, length=3_000, seconds=60)
    assert report.holds, report.words()
    assert report.figures["entries verified at once"] == 3_000


def test_a_verification_that_looks_at_nothing_is_found(monkeypatch):
    """Without this, a chain of nothing would pass."""
    monkeypatch.setattr("audit.services.digest", lambda previous, seq, contents: "0" * 64)
    monkeypatch.setattr(trail, "_found", lambda kept: bool(trail.audit.verify().problems))
    report = Report("trail")
    trail.tamper(report, times=30)
    assert not report.holds
