"""Meetings are looked at on their day."""

import pytest

from tests.world import AT


@pytest.fixture
def at_the_meeting():
    import time_machine

    with time_machine.travel(AT, tick=False):
        yield
