"""A sample of the proof (``python3 dev.py proof crash`` is the whole of it)."""

import random
from collections import Counter
from datetime import UTC, datetime

import pytest

from audit import services as audit
from core import failpoints
from documents.models import Blob
from tests.proof import acts, crash, snapshots
from tests.proof.frame import Report
from tests.world import AT, SYSTEM

pytestmark = pytest.mark.django_db
SEED = f"{datetime.now(UTC):%G-%V}"
"""Other places each week."""


@pytest.fixture(scope="module")
def season(django_db_setup, django_db_blocker, tmp_path_factory):
    with (
        django_db_blocker.unblock(),
        pytest.MonkeyPatch.context() as patch,
        snapshots.made(tmp_path_factory.mktemp("crash")) as kept,
    ):
        patch.setattr("celery.app.task.Task.apply_async", lambda *args, **kwargs: None)
        patch.setattr("celery.app.base.Celery.send_task", lambda *args, **kwargs: None)
        with kept.use():
            found = acts.played(kept)
        yield found


@pytest.fixture
def play(season, db):
    """The season, and its own database in the place of the tests'."""
    with season.kept.use():
        yield season


@pytest.fixture
def report():
    return Report("crash")


def of(play, name: str) -> acts.Operation:
    return next(one for one in acts.OPERATIONS if one.name == name)


def test_every_failpoint_is_reached_by_some_act(play, report):
    crash.complete(report, play)
    assert report.holds, report.words()
    assert report.figures["failpoints"] == len(failpoints.POINTS) >= 25


def test_outside_the_tests_nothing_can_be_armed(settings):
    settings.TESTING = False
    with pytest.raises(RuntimeError):
        failpoints.arm(print)
    assert failpoints._strike is None


@pytest.mark.parametrize("mode", crash.MODES)
def test_an_act_that_is_struck_stands_whole_or_not_at_all_and_can_be_done_again(play, report, mode):
    found = [cell for cell in crash.cells(play) if cell[3] == mode and not cell[0].papers]
    crash.strike(report, play, of(play, "submit"), "filing.written", 1, mode)
    crash.strike(report, play, *random.Random(f"{SEED} {mode}").choice(found))
    assert report.holds, report.words()
    assert report.figures[f"of them {mode}"] == 2


def test_who_was_told_nothing_after_the_commit_finds_it_done_once(play, report):
    crash.strike(report, play, of(play, "submit"), "web.answering", 2, "kill")
    assert report.holds, report.words()
    assert report.figures["of them after the COMMIT"] == 1


def careless(play, at):
    """Two transactions where there should be one, and anew each time."""
    audit.record(actor=SYSTEM, action="test.begun", subject=Blob(pk=1), at=at)
    failpoints.failpoint("filing.written")
    audit.record(actor=SYSTEM, action="test.ended", subject=Blob(pk=1), at=at)


@pytest.mark.parametrize("mode", crash.MODES)
def test_an_act_of_which_half_stands_is_found(play, report, mode):
    play.kept.set_back("submit")
    before = snapshots.census()
    careless(play, AT)
    operation = acts.Operation("submit", careless)
    known = acts.Known(Counter(), before, snapshots.census())
    crash.strike(report, _with(play, known), operation, "filing.written", 1, mode)
    assert any("half of it stands" in one for one in report.wrong), report.words()


def _with(play, known: acts.Known) -> acts.Play:
    return acts.Play(play.kept, play.season, known={"submit": known})


def test_one_who_is_told_too_early_is_found(play, report):
    """Says that it is done, and does it never."""
    known = play.known["submit"]
    operation = acts.Operation("submit", lambda play, at: failpoints.failpoint("filing.written"))
    crash.strike(report, _with(play, known), operation, "filing.written", 1, "stall")
    assert any("told that it is done" in one for one in report.wrong), report.words()
