"""Votes and figures as rules: counts in, a verdict out; the same figures whatever the order."""

import itertools
import random
from decimal import Decimal

import pytest

from panels import figures, voting
from panels.voting import How, Rule
from reviews import aggregation
from reviews.aggregation import Method, Score


@pytest.mark.parametrize(
    ("counts", "present", "rule", "how", "motion"),
    [
        ({"m1": 3, "m2": 1}, 5, Rule.MOST, How.VOTE, "m1"),
        ({"m1": 2, "m2": 2}, 5, Rule.MOST, How.TIE, ""),
        ({"m1": 0, "m2": 0}, 5, Rule.MOST, How.NONE, ""),
        ({"m1": 3, "m2": 2}, 6, Rule.HALF, How.SHORT, ""),
        ({"m1": 4, "m2": 2}, 6, Rule.HALF, How.VOTE, "m1"),
        ({"m1": 4, "m2": 2}, 6, Rule.TWO_THIRDS, How.VOTE, "m1"),
        ({"m1": 4, "m2": 3}, 7, Rule.TWO_THIRDS, How.SHORT, ""),
        ({"m1": 1, "m2": 2, "m3": 2}, 5, Rule.MOST, How.TIE, ""),
    ],
)
def test_a_verdict_follows_from_the_votes_of_those_in_the_room(counts, present, rule, how, motion):
    found = voting.verdict(counts, present=present, rule=rule)
    assert (found.how, found.motion) == (how, motion)


def test_the_order_in_which_votes_are_counted_changes_nothing():
    counts = {"m1": 2, "m2": 2, "m3": 1}
    said = {
        voting.verdict(dict(order), present=5, rule=Rule.MOST)
        for order in itertools.permutations(counts.items())
    }
    assert len(said) == 1


@pytest.mark.parametrize("method", list(Method))
def test_the_figures_after_the_meeting_are_the_same_whatever_the_order(method):
    generator = random.Random(7)
    scores = [
        Score(application, expert, Decimal(generator.randint(4000, 9500)) / 100)
        for application in range(1, 7)
        for expert in range(1, 6)
    ]
    changed = {(2, 3): Decimal("91.25"), (5, 1): Decimal("40.10"), (6, 5): Decimal("77.00")}
    groups = {1: [1, 2, 3], 2: [4, 5, 6]}
    rule = aggregation.Rule(method=method)
    seen = []
    for _ in range(6):
        generator.shuffle(scores)
        pairs = list(changed.items())
        generator.shuffle(pairs)
        found = figures.merged(scores, dict(pairs), barred={(1, 2)})
        shuffled = {key: generator.sample(held, len(held)) for key, held in groups.items()}
        seen.append(figures.standings(shuffled, found, rule=rule, seed="x"))
    assert all(one == seen[0] for one in seen)
    assert next(one for one in seen[0] if one.application == 1).reviews == 4


def test_a_changed_score_counts_in_place_of_the_original_and_nowhere_else():
    scores = [Score(1, 1, Decimal(60)), Score(1, 2, Decimal(80)), Score(2, 1, Decimal(50))]
    found = figures.merged(scores, {(1, 1): Decimal(70), (9, 9): Decimal(1)})
    assert [(one.application, one.expert, one.total) for one in found] == [
        (1, 1, Decimal(70)),
        (1, 2, Decimal(80)),
        (2, 1, Decimal(50)),
    ]
