"""Without its guard each promise is broken, and some test says so."""

import pytest

from tests.architecture import sabotage


def on(guard: sabotage.Guard):
    return pytest.param(
        guard, id=guard.name, marks=[pytest.mark.postgres] if guard.postgres else []
    )


@pytest.mark.slow
@pytest.mark.parametrize("guard", [on(guard) for guard in sabotage.GUARDS])
def test_some_test_turns_red_when_this_guard_is_gone(guard):
    outcome = sabotage.play(guard)
    assert outcome.caught_by, outcome.output[-3000:]


def test_there_are_at_least_ten_guards():
    assert len(sabotage.GUARDS) >= 10
