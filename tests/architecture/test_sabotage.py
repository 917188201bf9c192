"""Without its guard each promise is broken, and some test says so."""

import random
from datetime import UTC, datetime

import pytest

from tests.architecture import sabotage, sabotage_doors

WEEK = f"{datetime.now(UTC):%G-%V}"
LEFT_OUT = set(sabotage_doors.GUARDS) - set(random.Random(WEEK).sample(sabotage_doors.GUARDS, 3))
"""Of the guards of the doors three are taken away each week, all by ``dev.py proof sabotage``."""
SAMPLE = [guard for guard in sabotage.GUARDS if guard not in LEFT_OUT]


def on(guard: sabotage.Guard):
    return pytest.param(
        guard, id=guard.name, marks=[pytest.mark.postgres] if guard.postgres else []
    )


@pytest.mark.slow
@pytest.mark.parametrize("guard", [on(guard) for guard in SAMPLE])
def test_some_test_turns_red_when_this_guard_is_gone(guard):
    outcome = sabotage.play(guard)
    assert outcome.caught_by, outcome.output[-3000:]


def test_each_guard_has_a_name_of_its_own_and_tests_that_exist():
    names = [guard.name for guard in sabotage.GUARDS]
    assert len(set(names)) == len(names)
    for guard in sabotage_doors.GUARDS:
        assert all((sabotage.ROOT / test.partition("::")[0]).exists() for test in guard.tests)


def test_there_are_at_least_ten_guards():
    assert len(sabotage.GUARDS) >= 25
