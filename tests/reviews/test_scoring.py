from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews import scoring
from reviews.scoring import CommentRule, Criterion, Sheet

FORM = Sheet(
    (
        Criterion("c1", "指标先进性", 30),
        Criterion("c2", "技术路线", 20),
        Criterion("c3", "团队与基础", 20),
        Criterion("c4", "产业化前景", 20),
        Criterion("c5", "组织保障", 10),
    ),
    CommentRule(low=3, high=10, least=20),
)
REASON = "双背板差分结构新颖，检测报告第七页数据充分，可信度高。"


def full(score: int) -> dict[str, int]:
    return {criterion.key: score for criterion in FORM.criteria}


def test_the_total_of_the_drawn_page_is_what_the_page_says():
    assert scoring.total(FORM, {"c1": 8, "c2": 10, "c3": 7, "c4": 8}) == Decimal("74.00")


@pytest.mark.parametrize(("score", "total"), [(0, 0), (5, 50), (10, 100)])
def test_the_same_score_everywhere_gives_that_share_of_a_hundred(score, total):
    assert scoring.total(FORM, full(score)) == Decimal(total)


def test_weights_that_do_not_add_up_to_a_hundred_are_scaled():
    form = Sheet((Criterion("a", "甲", 2), Criterion("b", "乙", 1, highest=5)))
    assert scoring.total(form, {"a": 10, "b": 0}) == Decimal("66.67")
    assert scoring.total(form, {"a": 10, "b": 5}) == Decimal("100.00")


@given(st.permutations(FORM.criteria), st.lists(st.integers(0, 10), min_size=5, max_size=5))
def test_the_order_of_the_criteria_does_not_change_the_total(order, figures):
    scores = dict(zip(("c1", "c2", "c3", "c4", "c5"), figures, strict=True))
    assert scoring.total(Sheet(tuple(order)), scores) == scoring.total(FORM, scores)


def test_a_sheet_half_filled_names_what_is_missing_in_order():
    found = scoring.problems(FORM, {"c1": 8, "c3": 6}, {})
    assert [(one.key, one.message) for one in found] == [
        ("c2", "请为“技术路线”打分"),
        ("c4", "请为“产业化前景”打分"),
        ("c5", "请为“组织保障”打分"),
    ]


@pytest.mark.parametrize(
    ("score", "due"), [(0, True), (3, True), (4, False), (9, False), (10, True)]
)
def test_a_reason_is_due_at_the_extremes(score, due):
    scores = full(6) | {"c2": score}
    assert [one.key for one in scoring.problems(FORM, scores, {})] == (["c2"] if due else [])
    assert scoring.problems(FORM, scores, {"c2": REASON}) == []


def test_a_reason_of_spaces_is_no_reason():
    found = scoring.problems(FORM, full(6) | {"c1": 10}, {"c1": "好 " + " " * 60})
    assert found[0].message == "请写明“指标先进性”给 10 分的理由，不少于 20 字（现为 1 字）"


def test_the_rule_at_the_highest_can_be_switched_off():
    form = Sheet(FORM.criteria, CommentRule(low=1, least=5))
    assert scoring.problems(form, full(10), {}) == []


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (CommentRule(low=3, high=10), "给 0–3 分或 10 分时必填"),
        (CommentRule(low=0, high=9), "给 0 分或 9–10 分时必填"),
        (CommentRule(low=2), "给 0–2 分时必填"),
        (CommentRule(), ""),
    ],
)
def test_the_rule_can_be_said_in_words(rule, words):
    assert rule.words(10) == words


@pytest.mark.parametrize("score", [-1, 11, 7.5, "8", True])
def test_a_figure_off_the_scale_is_not_even_a_draft(score):
    found = scoring.malformed(FORM, {"c1": score}, {})
    assert [one.message for one in found] == ["“指标先进性”须为 0 至 10 的整数"]


def test_an_unknown_criterion_and_an_endless_comment_are_named():
    found = scoring.malformed(FORM, {"c9": 5}, {"c1": "长" * 501}, "长" * 501)
    assert [one.key for one in found] == ["c9", "c1", "overall"]


def test_a_form_survives_being_written_down():
    assert scoring.sheet(FORM.as_json()) == FORM


def test_a_form_without_criteria_or_with_twins_is_impossible():
    with pytest.raises(ValueError, match="at least one"):
        Sheet(())
    with pytest.raises(ValueError, match="differ"):
        Sheet((Criterion("a", "甲", 1), Criterion("a", "乙", 1)))
    with pytest.raises(ValueError, match="positive"):
        Sheet((Criterion("a", "甲", 0),))
