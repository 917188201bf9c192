"""A call is played before it opens: every shipped programme goes through to its public list."""

from pathlib import Path

import pytest

from calls import programme as programmes
from calls import services as calls
from office.rehearsal.judging import judge
from office.rehearsal.playing import Player
from office.rehearsal.report import Report
from tests.world import AT, SYSTEM

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parents[1] / "data" / "programmes"
FULL = {"units": 3, "one": 3, "two": 3}


def play(programme, **dates):
    """The report of the play and of the judgement, with a house in which everybody is there."""
    report = Report()
    known = {**calls.dates_of(programme), **dates}
    for year in {at.year for at in known.values() if at is not None and at.year > AT.year}:
        calls.enter_year(year, rest=[], work=[], note="示例", actor=SYSTEM, at=AT)
    kinds = {str(kind): FULL for kind in programme.recommender_kinds}
    office = {"office_operator": 2, "office_approver": 2}
    facts = {"recommenders": kinds, "experts": 30, "office": office}
    judge(programme, known, calls.NAMES, facts, report, overrides=calls.overrides())
    return Player(programme, known, report, at=AT, tell=lambda *said: None).play()


CODES = {**programmes.catalogue(), "unlike": DATA / "unlike.toml"}


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_programme_is_played_to_its_public_list(code):
    report = play(programmes.read(CODES[code]))
    dead = [one for one in report.dead_ends if one.step not in ("dates", "people")]
    assert dead == [], dead
    results = {one.key: one.result for one in report.steps}
    assert results["filing"] == "done" and results["decision"] == "done"
    assert report.letters
