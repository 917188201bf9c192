"""A sample of the proof (``python3 dev.py proof eyes`` is the whole of it)."""

import pytest

from tests.architecture import expanding
from tests.proof import eyes as proof
from tests.proof.frame import Report, Watch

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
READ = [
    ("office", "office:applications"),
    ("admin", "applications:version"),
    ("operator", "recommenders:workspace"),
]


@pytest.fixture(scope="module")
def served(django_db_setup, django_db_blocker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("eyes")
    with django_db_blocker.unblock(), proof.served(folder, "review") as found:
        yield found


@pytest.fixture
def eyes(chromium, served, transactional_db):
    kept, world, host = served
    with kept.use():
        found = proof.Eyes(chromium, host, world)
        yield found
        found.close()


def test_no_stored_text_does_anything_before_eyes(eyes):
    report = Report("eyes")
    for person, route in READ:
        seen = eyes.open(person, expanding.address(route, eyes.world))
        assert seen is not None, route
        proof.judge(report, seen, f"{route} as {person}")
    assert report.figures["payloads read on them"] > 0
    proof.everybody(report, eyes, "review", watch=Watch(2), most=1)
    assert report.holds, report.words()


def test_a_text_that_comes_alive_is_seen(eyes):
    """Without this, eyes that see nothing would pass."""
    report = Report("eyes")
    proof.controls(report, eyes, "review")
    assert report.holds, report.words()
