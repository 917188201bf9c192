"""The pure rules: who must not test whom, what a test says, the order for the award."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testing import conclusions, conflicts, measured, standing
from testing.conflicts import Body, Tie
from testing.standing import Criterion, Entry

A = Body(conflicts.marks(["91A", "甲测评"]))
B = Body(conflicts.marks(["91B", "乙公司"]))


def kinds(*args, **more):
    return [one.kind for one in conflicts.bars(*args, **more)]


def test_strangers_may():
    assert kinds(A, B) == []


@pytest.mark.parametrize(
    ("agency", "unit", "more", "kind"),
    [
        (A, A, {}, "self"),
        (A, Body(B.own, conflicts.marks(["甲测评"])), {}, "kin"),
        (Body(A.own, conflicts.marks(["91b"])), B, {}, "kin"),
        (A, B, {"partners": conflicts.marks([" 甲 测评 "])}, "partner"),
        (A, B, {"recommenders": conflicts.marks(["91A"])}, "recommended"),
        (A, B, {"ties": [Tie(conflicts.marks(["乙公司"]), "参股")]}, "declared"),
        (
            A,
            B,
            {"partners": conflicts.marks(["丙"]), "ties": [Tie(conflicts.marks(["丙"]))]},
            "declared",
        ),
    ],
)
def test_each_reason_bars(agency, unit, more, kind):
    assert kinds(agency, unit, **more) == [kind]


def test_two_units_with_the_same_parent_are_not_barred_by_that_alone():
    parent = conflicts.marks(["91P"])
    assert kinds(Body(A.own, parent), Body(B.own, parent)) == []


def test_a_mark_of_nothing_bars_nobody():
    empty = Body(conflicts.marks(["", None]))
    assert kinds(empty, empty) == []


@pytest.mark.parametrize(
    ("standings", "overall", "share"),
    [
        (["met", "over"], "all", "100.0"),
        (["met", "under", "none"], "part", "50.0"),
        (["under", "untested"], "nothing", "0.0"),
        (["met", "untested", "over"], "part", "66.7"),
        (["none"], "undecided", None),
        ([], "undecided", None),
    ],
)
def test_overall_and_completion(standings, overall, share):
    counts = conclusions.count(standings)
    assert counts.overall == overall
    assert conclusions.completion(counts) == (Decimal(share) if share else None)


def test_a_value_beside_a_reason_for_not_testing_has_no_conclusion():
    found = measured.judge("95", "坏了", kind="number", unit="%", comparison=None)
    assert found.standing == "open" and "保留其中一项" in found.problem


def test_a_figure_in_another_unit_is_converted_and_said():
    assert measured.in_unit("0.2 s", kind="number", unit="ms")[:2] == ("200", "0.2s＝200 ms")


CRITERIA = [Criterion("completion", "指标完成度", 60, 10), Criterion("benefit", "效益", 40, 10)]


def entry(key, completion, benefit):
    scores = {} if benefit is None else {"benefit": Decimal(benefit)}
    return Entry(key, None if completion is None else Decimal(completion), scores)


def test_ties_share_a_rank_and_leave_the_next_one_out():
    found = standing.order(
        [entry(1, 50, 5), entry(2, 100, 10), entry(3, 50, 5), entry(4, 0, 0)], CRITERIA
    )
    assert [(one.key, one.rank, one.tied) for one in found] == [
        (2, 1, False),
        (1, 2, True),
        (3, 2, True),
        (4, 4, False),
    ]
    assert [one.gap for one in found] == [None, Decimal(50), Decimal(0), Decimal(50)]


def test_a_line_without_a_part_stands_last_and_says_which():
    found = standing.order([entry(1, None, 10), entry(2, 10, None), entry(3, 1, 1)], CRITERIA)
    assert [(one.key, one.rank) for one in found] == [(3, 1), (1, None), (2, None)]
    assert [one.missing for one in found] == [(), ("指标完成度",), ("效益",)]


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 10)), max_size=8), st.randoms())
def test_the_order_does_not_depend_on_the_order_of_coming(pairs, random):
    entries = [entry(n, *pair) for n, pair in enumerate(pairs)]
    first = {one.key: (one.rank, one.total) for one in standing.order(entries, CRITERIA)}
    random.shuffle(entries)
    assert {one.key: (one.rank, one.total) for one in standing.order(entries, CRITERIA)} == first
    assert all(0 <= total <= 100 for _, total in first.values())
