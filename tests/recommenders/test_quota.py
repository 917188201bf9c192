"""The quota rule by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommenders import quota
from recommenders.quota import Ledger, next_place

CLAUSE = "某通知 三（二）"


@pytest.mark.parametrize(
    ("limit", "taken", "expected"),
    [
        (3, (), 1),
        (3, (1, 2), 3),
        (3, (1, 3), 2),
        (3, (1, 2, 3), None),
        (0, (), None),
        (None, (), 1),
        (None, (1, 2), 3),
        (None, (2, 3), 1),
    ],
)
def test_the_lowest_free_place_is_given(limit, taken, expected):
    assert next_place(limit, taken) == expected


@given(limit=st.integers(0, 40), taken=st.sets(st.integers(1, 60)))
def test_a_given_place_is_free_and_within_the_limit(limit, taken):
    place = next_place(limit, taken)
    if place is None:
        assert set(range(1, limit + 1)) <= taken
    else:
        assert place not in taken and 1 <= place <= limit


@pytest.mark.parametrize(
    ("ledger", "state", "free", "over"),
    [
        (Ledger(15), quota.OPEN, 15, 0),
        (Ledger(15, used=14), quota.LAST, 1, 0),
        (Ledger(15, used=15), quota.FULL, 0, 0),
        (Ledger(15, used=16, granted=1), quota.OVER, 0, 1),
        (Ledger(15, used=15, granted=1), quota.LAST, 1, 0),
        (Ledger(None, used=80), quota.UNLIMITED, None, 0),
    ],
)
def test_a_ledger_says_how_it_stands(ledger, state, free, over):
    assert (ledger.state, ledger.free, ledger.over) == (state, free, over)


def test_the_refusal_names_the_limit_and_under_a_soft_one_the_way_out():
    said = Ledger(15, used=15, soft=True, source=CLAUSE).refusal()
    assert "15 项" in said and "超额申请" in said and "备选" in said


def test_the_refusal_of_a_hard_limit_offers_no_request():
    ledger = Ledger(3, used=3, source=CLAUSE)
    assert "不接受超额申请" in ledger.refusal()
    assert "刚性要求" in ledger.hard_refusal()
    assert CLAUSE in ledger.rule


def test_a_limit_below_what_is_held_is_refused_and_says_how_many_must_go():
    said = quota.lowering_refused(used_within=12, new_limit=10)
    assert "12 项" in said and "撤下 2 项" in said
    assert quota.lowering_refused(used_within=12, new_limit=12) == ""
    assert quota.lowering_refused(used_within=12, new_limit=None) == ""


def test_several_scopes_add_up_and_one_without_limit_makes_the_sum_unlimited():
    assert quota.combine([Ledger(15, used=3), Ledger(3, used=1, pending=1)]) == Ledger(
        18, used=4, pending=1
    )
    assert quota.combine([Ledger(15), Ledger(None, used=2)]).limit is None
