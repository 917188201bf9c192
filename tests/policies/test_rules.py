"""Amounts, themes, rewards and the words of the search, without a database."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies import amounts, rules, words


def said(text):
    return [(str(a.value), a.unit, a.qualifier) for a in amounts.find(text)]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("给予最高 500 万元奖励", [("500", "万元", "最高")]),
        ("不超过1亿元", [("1", "亿元", "不超过")]),
        ("最高不超过 3,000 万元", [("3000", "万元", "最高")]),
        ("按 20% 补助", [("20", "%", "")]),
        ("投资5000万元以上", [("5000", "万元", "以上")]),
        ("投资 5000 万元（含）以上", [("5000", "万元", "以上")]),
        ("投资不低于 200 万元", [("200", "万元", "不低于")]),
        ("最高1.5亿元", [("1.5", "亿元", "最高")]),
        ("300 万人次", []),
        ("2021 年 3 月", []),
        (
            "分别给予最高500万元、200万元和100万元",
            [("500", "万元", "最高"), ("200", "万元", "最高"), ("100", "万元", "最高")],
        ),
        (
            "给予最高500万元（国家级）、100万元（省级）",
            [("500", "万元", "最高"), ("100", "万元", "最高")],
        ),
        ("最高 50 万元，另给 10 万元", [("50", "万元", "最高"), ("10", "万元", "")]),
    ],
)
def test_amounts_with_unit_and_limit(text, expected):
    assert said(text) == expected


def test_a_span_keeps_both_ends():
    (found,) = amounts.find("每年给予 500—1000 万元补助")
    assert (found.low, found.value, found.per) == (Decimal(500), Decimal(1000), "每年")


def test_amounts_are_comparable_in_wan():
    (one, two) = amounts.find("1.2 亿元，30%")
    assert one.wan == Decimal(12000)
    assert two.wan is None


@pytest.mark.parametrize(
    "text, per",
    [("单个项目最高 50 万元", "单个项目"), ("每家 5 万元", "每家"), ("2 万元/人", "每人")],
)
def test_what_an_amount_is_for(text, per):
    assert amounts.find(text)[0].per == per


def test_themes_do_not_mind_spaces_and_width():
    assert rules.themes_of("推广首台 (套) 产品") == ["首台（套）"]
    assert rules.themes_of("建设超 算中心") == ["算力"]
    assert rules.themes_of("毫无关系") == []


@pytest.mark.parametrize(
    "key, text",
    [
        ("shortlisted", "对入围国家示例任务揭榜的企业，给予最高500万元奖励。"),
        ("national", "对承担国家重点研发计划项目的，按经费的50%给予最高200万元配套。"),
        ("demonstration", "对国家级示例试点示范企业，给予 100 万元支持。"),
        ("platform", "对新认定的国家级、省级重点实验室，分别给予 200 万元、100 万元。"),
        ("scenario", "对入围的应用场景，资助不超过 20%。"),
    ],
)
def test_a_sentence_that_names_the_result_the_gift_and_the_amount_matches(key, text):
    (found,) = rules.rewards(text, rules.result(key))
    assert found.sentence == "".join(text.split())


@pytest.mark.parametrize(
    "text",
    [
        "积极参加国家示例任务揭榜。给予最高500万元奖励。",  # not the same sentence
        "鼓励企业参加国家示例任务揭榜，并给予支持。",  # no amount
        "给予最高500万元，鼓励参加国家示例任务揭榜。",  # the amount is for something before
        "探索揭榜挂帅机制，投入 500 万元。",  # no national result
    ],
)
def test_a_mere_mention_is_no_match(text):
    assert rules.rewards(text, rules.result("shortlisted")) == []


def test_a_sentence_about_winners_is_none_about_the_shortlisted():
    winners = "对获评国家揭榜优胜单位的，给予最高300万元奖励。"
    both = "对国家揭榜任务的入围和优胜单位，分别给予最高100万元、300万元奖励。"
    either = "对承担国家揭榜任务的单位，给予最高80万元支持。"
    for text, wanted in ((winners, [False, True]), (both, [True] * 2), (either, [True] * 2)):
        found = [bool(rules.rewards(text, rules.result(key))) for key in ("shortlisted", "winner")]
        assert found == wanted, text


def test_every_rule_of_the_files_can_be_read():
    assert len({one.key for one in rules.results()}) == len(rules.results()) >= 6
    assert len({one.key for one in rules.themes()}) == len(rules.themes()) >= 10


def test_a_query_is_words_and_phrases():
    found = words.query("揭榜  “一事 一议” ＡＩ 榜")
    assert found.phrases == ("揭榜", "一事一议", "ai")
    assert found.short == ("榜",)
    assert not words.query("榜")


def test_hits_are_marked_where_they_stand_also_across_spaces_and_width():
    shown = words.pieces("推广首台 (套)产品", words.query("首台（套）").phrases)
    assert [(p.text, p.hit) for p in shown] == [
        ("推广", False),
        ("首台 (套)", True),
        ("产品", False),
    ]


@given(
    st.text(alphabet="揭榜算力 ab１\n", max_size=40),
    st.text(alphabet="揭榜算力ab", min_size=2, max_size=4),
)
def test_a_phrase_of_tokens_is_a_substring_and_nothing_else(text, phrase):
    tokens, wanted = words.tokens(text), words.tokens(phrase)
    runs = [tokens[i : i + len(wanted)] for i in range(len(tokens))]
    assert (wanted in runs) == (words.folded(phrase)[0] in words.folded(text)[0])
    assert "".join(p.text for p in words.pieces(text, (phrase,))) == text
