"""Search on either database; the index against a plain scan of the file."""

from decimal import Decimal

import pytest

from policies import matching, queries, rules, verification, words
from policies.models import Node, Zone
from policies.parsing import parse
from policies.queries import Wanted

pytestmark = pytest.mark.usefixtures("either_database")


def paths(**wanted):
    if "q" in wanted:
        wanted["query"] = words.query(wanted.pop("q"))
    keys = queries.search(Wanted(**wanted))
    held = Node.objects.in_bulk(keys)
    return [f"{held[key].policy.order}:{held[key].path}" for key in keys]


@pytest.mark.parametrize(
    "word",
    ["揭榜", "算力", "场景", "首台（套）", "一事一议", "企业", "5G", "AI", "2025", "%给予", "单之"],
)
def test_a_word_is_found_in_exactly_the_articles_that_contain_it(library, text, word):
    keys = queries.search(Wanted(query=words.query(word)))
    found = set(Node.objects.filter(pk__in=keys).values_list("policy__key", "path"))
    assert found == verification.scan(text, parse(text), word)


def test_several_words_must_all_be_there_and_a_phrase_in_one_piece(library):
    assert set(paths(q="揭榜 奖励")) == {"1:b1-k1"}
    assert paths(q="揭榜企业") == []
    assert paths(q="“最高 300 万元”") == ["1:b1-k1"]


def test_hits_in_headings_come_first(library):
    assert paths(q="算力")[0] in {"1:b2", "1:b2-k1", "1:b2-k1-l1", "3:b2-k2"}
    found = paths(q="揭榜")
    assert found[0] == "1:b1"
    assert set(found) == {"1:b1", "1:b1-k1", "3:b2-k2"}


def test_no_word_is_found_across_two_paragraphs_or_cells(library):
    assert paths(q="产业核心") == []


def test_filters_by_zone_theme_and_amount(library):
    hangzhou = Zone.objects.get(short="杭州").pk
    assert paths(q="揭榜", zone=hangzhou) == ["3:b2-k2"]
    assert paths(theme="算力", zone=hangzhou) == ["3:b2-k2"]
    assert set(paths(least=Decimal(300), most=Decimal(600))) == {"1:b1-k1"}
    assert set(paths(least=Decimal(5000), most=Decimal(5000))) == {"1:b1-k2-x1-j2"}
    assert paths(theme="揭榜", least=Decimal(600)) == ["1:b1-k1"]


def test_a_gone_article_is_not_found(library, load, text):
    load(text.replace("建设通用算力平台。", "建设通用平台。"))
    assert "1:b2-k1-l1-x1" in paths(q="通用平台")
    Node.objects.filter(path="b2-k1-l1-x1").update(gone=True)
    assert "1:b2-k1-l1-x1" not in paths(q="通用平台")


def test_an_old_text_is_not_found_any_more(library, load, text):
    load(text.replace("通用算力", "通用电力"))
    assert paths(q="通用算力") == []
    assert "1:b2-k1-l1-x1" in paths(q="通用电力")


@pytest.mark.parametrize(
    "q", ["", "榜", "“", "\"'", "NOT OR", "a*", "); --", "揭榜 OR", "%%", "��"]
)
def test_no_input_breaks_the_search(library, q):
    assert isinstance(paths(q=q), list)


def test_a_result_is_matched_to_the_articles_that_reward_it_in_the_region(library):
    tianjin = matching.zones_for("120101")
    assert [zone.short for zone in tianjin] == ["天津"]
    (found,) = matching.matches(rules.result("shortlisted"), tianjin)
    assert found.node.path == "b1-k1"
    assert found.given == ["最高 500 万元"]
    assert found.reward.name == "入围国家示例任务揭榜"
    assert matching.matches(rules.result("shortlisted"), matching.zones_for("330106")) == []
    assert matching.zones_for("650100") == []


def test_zones_stand_side_by_side_on_a_theme(library):
    chosen = list(Zone.objects.values_list("pk", flat=True))
    columns = queries.compare("算力", chosen, most=2)
    assert [(zone.short, len(hits), count) for zone, hits, count in columns] == [
        ("天津", 2, 5),
        ("杭州", 1, 1),
    ]
