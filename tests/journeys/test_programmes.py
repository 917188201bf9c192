"""Every programme on file, and one unlike any of them, from registration to the public list."""

from pathlib import Path

import pytest

from calls import programme as programmes
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
