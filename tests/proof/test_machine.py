"""A sample of the proof (``python3 dev.py proof machine`` is the whole of it)."""

from datetime import UTC, datetime

import pytest

from tests import kept
from tests.proof import machine
from tests.proof.frame import Report

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]
scene = kept.fixture(machine.build)
SEED = int(f"{datetime.now(UTC):%G%V}")


def test_random_lives_go_as_the_model_says(scene):
    report = Report("machine")
    machine.live(scene, report, lives=12, steps=25, seed=SEED)
    assert report.holds, report.words()
    assert report.figures["of them legal"] > 2, report.figures


def test_a_house_that_does_otherwise_than_the_model_is_found(scene, monkeypatch):
    """Without this, a model that agrees to everything would pass."""
    monkeypatch.setattr(machine.Model, "submit", lambda self, n, who, key: False)
    report = Report("machine")
    machine.live(scene, report, lives=20, steps=25, seed=1, shrink=False)
    assert not report.holds
    assert "the model says False" in report.words()
