"""How a ranking would stand otherwise. Pure."""

import random
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews import sensitivity
from reviews.aggregation import Method, Rule, Score, standings


def score(application, expert, total):
    return Score(application, expert, Decimal(total))


def ranked(scores, method, *, least=1):
    rule = Rule(method=method, least=least, draws=1)
    found = standings({one.application for one in scores}, scores, rule=rule, seed="x")
    return {one.application: one.rank for one in found if one.rank}


def sways(scores, method=Method.MEAN, *, line=None, least=1):
    ranks = ranked(scores, method, least=least)
    return sensitivity.sways(ranks, scores, method=method, line=line)


DECIDED = [
    score(1, 10, "90"), score(1, 11, "60"), score(1, 12, "60"),
    score(2, 10, "70"), score(2, 11, "69"), score(2, 12, "69"),
]  # fmt: skip


def test_an_expert_without_whom_another_would_be_taken_is_named():
    first, second = sways(DECIDED, line=1)
    assert (first.application, first.rank, first.low, first.high) == (1, 1, 1, 2)
    assert first.deciding == second.deciding == (10,)
    assert not first.steady


def test_without_a_line_nobody_decides():
    assert all(one.deciding == () for one in sways(DECIDED))


def test_other_methods_say_their_own_rank():
    first = sways(DECIDED)[0]
    assert first.methods[Method.MEAN] == 1
    assert first.methods[Method.MEDIAN] == first.methods[Method.TRIMMED] == 2


def test_a_clear_order_is_steady():
    scores = [score(a, e, 90 - 20 * a) for a in (1, 2, 3) for e in (10, 11, 12)]
    assert all(one.steady for one in sways(scores, line=1))


def test_who_is_not_ranked_is_left_out():
    scores = [*DECIDED, score(3, 10, "99")]
    assert {one.application for one in sways(scores, least=3)} == {1, 2}


def test_an_application_with_one_expert_keeps_its_score():
    (one,) = sways([score(1, 10, "50")], line=1)
    assert (one.low, one.high, one.deciding) == (1, 1, ())


TOTALS = st.decimals("0", "100", places=2)
SCORES = st.lists(
    st.tuples(st.integers(1, 6), st.integers(10, 14), TOTALS),
    min_size=1,
    max_size=25,
    unique_by=lambda one: one[:2],
)


@given(rows=SCORES, seed=st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_the_order_of_the_scores_changes_nothing(rows, seed):
    scores = [Score(*row) for row in rows]
    mixed = scores[:]
    random.Random(seed).shuffle(mixed)
    for method in Method:
        assert sways(scores, method, line=2) == sways(mixed, method, line=2)


@given(rows=SCORES)
@settings(max_examples=60, deadline=None)
@pytest.mark.parametrize("method", [Method.MEAN, Method.TRIMMED, Method.MEDIAN])
def test_the_rank_by_a_method_is_the_rank_a_round_of_that_method_gives(method, rows):
    scores = [Score(*row) for row in rows]
    for other in Method:
        if other is not method:
            found = {one.application: one.methods[method] for one in sways(scores, other)}
            assert found == ranked(scores, method)
