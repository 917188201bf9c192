"""Every programme on file, and one unlike any of them, from registration to the public list."""

from pathlib import Path

import pytest

from calls import programme as programmes
from calls.models import Winner
from fulfilment.models import Recognition, Task
from tests.journeys.journey import Journey

UNLIKE = Path(__file__).parents[1] / "data" / "programmes" / "unlike.toml"
CATALOGUE = {**programmes.catalogue(), "unlike": UNLIKE}
pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def catalogue(monkeypatch):
    """The catalogue with the programme of the tests beside the shipped ones."""
    monkeypatch.setattr(programmes, "catalogue", lambda: CATALOGUE)


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_from_registration_to_the_public_list(code, catalogue):
    Journey(code).play()


def test_a_programme_with_an_acceptance_ends_without_recognition_when_it_is_not_passed(catalogue):
    """长沙: 不合格 ends the project; nothing is recognised, nothing awarded."""
    journey = Journey(next(code for code in CATALOGUE if "acceptance" in _steps(code)))
    journey.passes = False
    journey.play()
    task = Task.objects.get(application__public_id=journey.first.public_id)
    assert task.state == "failed"
    assert not Recognition.objects.exists() and not Winner.objects.exists()


def _steps(code: str) -> tuple[str, ...]:
    return programmes.read(CATALOGUE[code]).steps
