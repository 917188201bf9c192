"""Order and hash of a list by themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommenders import ranking


@pytest.mark.parametrize(
    ("item", "number", "expected"),
    [("c", 1, "cabd"), ("a", 4, "bcda"), ("b", 3, "acbd"), ("b", 0, "bacd"), ("b", 99, "acdb")],
)
def test_a_row_goes_to_the_number_written(item, number, expected):
    assert ranking.move_to("abcd", item, number) == list(expected)


def test_up_and_down_move_one_line_and_stop_at_the_edge():
    assert ranking.step("abc", "b", "up") == list("bac")
    assert ranking.step("abc", "b", "down") == list("acb")
    assert ranking.step("abc", "a", "up") == list("abc")
    assert ranking.step("abc", "c", "down") == list("abc")


def test_an_unknown_row_or_direction_is_a_defect():
    with pytest.raises(ValueError):
        ranking.move_to("abc", "x", 1)
    with pytest.raises(ValueError):
        ranking.step("abc", "a", "sideways")


@given(st.lists(st.integers(), unique=True, min_size=1, max_size=30), st.data())
def test_moving_loses_nothing_and_ranks_stay_dense(order, data):
    item = data.draw(st.sampled_from(order))
    number = data.draw(st.integers(-3, 40))
    moved = ranking.move_to(order, item, number)
    assert sorted(moved) == sorted(order)
    assert sorted(ranking.dense(moved).values()) == list(range(1, len(order) + 1))
    assert [one for one in moved if one != item] == [one for one in order if one != item]


def test_the_hash_depends_on_order_and_content_but_not_on_key_order():
    one, two = {"a": 1, "题": "甲"}, {"a": 2, "题": "乙"}
    same = {"题": "甲", "a": 1}
    assert ranking.list_hash([one, two]) == ranking.list_hash([same, two])
    assert ranking.list_hash([one, two]) != ranking.list_hash([two, one])
    assert ranking.list_hash([one]) != ranking.list_hash([one | {"a": 3}])
    assert len(ranking.list_hash([])) == 64


def test_the_fingerprint_is_printed_in_groups_of_four():
    assert ranking.grouped("0123456789abcdef" * 4) == "0123 4567 89ab cdef 0123 4567 89ab cdef"
