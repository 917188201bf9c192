import random
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews import aggregation
from reviews.aggregation import Method, Rule, Score

totals = st.decimals(0, 100, places=2)
scores = st.lists(
    st.tuples(st.integers(1, 6), st.integers(1, 5), totals),
    unique_by=lambda row: row[:2],
    max_size=25,
).map(lambda rows: [Score(*row) for row in rows])
QUICK = {"draws": 20}


def decimals(*figures: str) -> list[Decimal]:
    return [Decimal(figure) for figure in figures]


def test_the_plain_figures():
    five = decimals("60", "70", "75.5", "80", "99")
    assert aggregation.mean(five) == Decimal("76.90")
    assert aggregation.trimmed_mean(five) == Decimal("75.17")
    assert aggregation.median(five) == Decimal("75.50")
    assert aggregation.median(five[:4]) == Decimal("72.75")


def test_of_two_scores_none_is_trimmed():
    assert aggregation.trimmed_mean(decimals("60", "80")) == Decimal("70.00")


def test_trimming_takes_only_one_of_several_highest():
    assert aggregation.trimmed_mean(decimals("50", "90", "90", "90")) == Decimal("90.00")


def test_a_lenient_and_a_strict_expert_agree_once_standardised():
    strict = [Score(1, 1, Decimal(30)), Score(2, 1, Decimal(40)), Score(3, 1, Decimal(50))]
    lenient = [Score(1, 2, Decimal(80)), Score(2, 2, Decimal(85)), Score(3, 2, Decimal(90))]
    moved = {
        (one.application, one.expert): one.total
        for one in aggregation.standardise(strict + lenient)
    }
    assert all(moved[key, 1] == moved[key, 2] for key in (1, 2, 3))
    assert moved[1, 1] < moved[2, 1] < moved[3, 1]


def test_an_expert_who_scores_all_alike_takes_no_side():
    flat = [Score(1, 1, Decimal(70)), Score(2, 1, Decimal(70))]
    other = [Score(1, 2, Decimal(60)), Score(2, 2, Decimal(90))]
    moved = {
        (one.application, one.expert): one.total for one in aggregation.standardise(flat + other)
    }
    assert moved[1, 1] == moved[2, 1] == aggregation.mean(decimals("70", "70", "60", "90"))


@pytest.mark.parametrize("method", list(Method))
@given(rows=scores, shuffle=st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_standing_is_the_same_whatever_the_order(method, rows, shuffle):
    rule = Rule(method=method, least=2, **QUICK)
    keys = [1, 2, 3, 4, 5, 6]
    before = aggregation.standings(keys, rows, rule=rule, seed="种子")
    shuffle.shuffle(rows)
    shuffle.shuffle(keys)
    assert aggregation.standings(keys, rows, rule=rule, seed="种子") == before


@given(st.dictionaries(st.integers(), totals, max_size=12))
def test_a_rank_is_one_more_than_the_number_of_better_figures(figures):
    for key, rank in aggregation.ranks(figures).items():
        assert rank == 1 + sum(1 for other in figures.values() if other > figures[key])


def test_equal_figures_share_a_rank_and_the_next_is_skipped():
    figures = {1: Decimal(90), 2: Decimal(80), 3: Decimal(80), 4: Decimal(70)}
    assert aggregation.ranks(figures) == {1: 1, 2: 2, 3: 2, 4: 4}


def table(*rows: tuple[str, ...]) -> list[Score]:
    return [
        Score(application, expert, Decimal(total))
        for application, row in enumerate(rows, start=1)
        for expert, total in enumerate(row, start=1)
    ]


def test_too_few_reviews_give_a_figure_but_no_rank():
    standing = aggregation.standings(
        [1, 2, 3], table(("80", "82", "84"), ("95", "95")), rule=Rule(**QUICK), seed="s"
    )
    by_key = {one.application: one for one in standing}
    assert by_key[1].rank == 1
    assert (by_key[2].rank, by_key[2].score, by_key[2].flags) == (
        None,
        Decimal("95.00"),
        ("too_few",),
    )
    assert (by_key[3].rank, by_key[3].score, by_key[3].reviews) == (None, None, 0)
    assert [one.application for one in standing] == [1, 2, 3]


def test_experts_far_apart_and_ties_are_flagged():
    standing = aggregation.standings(
        [1, 2, 3],
        table(("50", "80", "80"), ("70", "70", "70"), ("60", "60", "60")),
        rule=Rule(**QUICK),
        seed="s",
    )
    flags = {one.application: one.flags for one in standing}
    assert flags == {1: ("disagreement", "tie"), 2: ("tie",), 3: ()}
    assert [one.rank for one in standing] == [1, 1, 3]


def test_the_interval_holds_the_rank_and_narrows_when_experts_agree():
    agreed = aggregation.standings(
        [1, 2], table(("90", "90", "90"), ("50", "50", "50")), rule=Rule(**QUICK), seed="s"
    )
    assert [(one.low, one.high) for one in agreed] == [(1, 1), (2, 2)]
    torn = aggregation.standings(
        [1, 2], table(("90", "40", "72"), ("85", "50", "66")), rule=Rule(), seed="s"
    )
    assert [(one.low, one.rank, one.high) for one in torn] == [(1, 1, 2), (1, 2, 2)]


def test_the_same_seed_draws_the_same_interval():
    generator = random.Random(4)
    rows = [
        Score(application, expert, Decimal(generator.randrange(4000, 9900)) / 100)
        for application in range(12)
        for expert in range(5)
    ]
    rule = Rule(method=Method.TRIMMED)
    first = aggregation.standings(range(12), rows, rule=rule, seed="一")
    assert aggregation.standings(range(12), rows, rule=rule, seed="一") == first
    assert all(one.low <= one.rank <= one.high for one in first)
