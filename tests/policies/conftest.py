from pathlib import Path

import pytest

from audit.services import Actor
from policies import services
from tests import world

SAMPLE = Path(__file__).parent / "data/sample.txt"


@pytest.fixture
def text():
    return SAMPLE.read_text("utf-8")


@pytest.fixture
def load(db, at):
    """Imports a text and gives the run."""

    def imported(content):
        actor = Actor("system")
        run = services.preview(content.encode(), name="sample.txt", actor=actor, at=at)
        return services.apply(run, actor=actor, at=at)

    return imported


@pytest.fixture
def library(load, text):
    """The sample in the library."""
    return load(text)


@pytest.fixture
def at():
    return world.AT
