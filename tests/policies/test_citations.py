"""From a rule to the article it stands on, and back."""

import re

import pytest
from django.urls import reverse

from calls.models import Call
from core.errors import Refusal
from policies import citations, linking
from policies.models import ImportRun, Node, Policy, Rule
from tests import world

TITLE = "示例市支持智能产品的若干措施"


@pytest.mark.parametrize(
    ("text", "document", "clauses"),
    [
        ("示例文〔2021〕231号 三（二）", "示例文〔2021〕231号", ("b3-k2",)),
        ("示例办法 第四条（一）", "示例办法", ("t4-k1",)),
        ("示例细则 三（十）2（2）", "示例细则", ("b3-k10-x2-j2",)),
        ("示例细则 一（二）、二（二）", "示例细则", ("b1-k2", "b2-k2")),
        ("示例文〔2018〕118号 附件 四（一）", "示例文〔2018〕118号 附件", ("b4-k1",)),
        ("示例文〔2018〕118号 工作说明", "示例文〔2018〕118号 工作说明", ()),
        ("示例文〔1999〕25号", "示例文〔1999〕25号", ()),
        ("第三条", "第三条", ()),
        ("", "", ()),
    ],
)
def test_a_citation_is_read_into_its_document_and_clauses(text, document, clauses):
    assert citations.read(text) == citations.Citation(document, clauses)


def test_a_document_is_known_by_its_title_a_longer_and_a_short_name():
    titles = [TITLE, "示例市支持智能产品的若干措施实施细则", "示例城规划"]
    assert citations.named(TITLE, titles) == TITLE
    assert citations.named("示例市支持智能产品若干措施", titles) == TITLE
    assert citations.named("示例市智能产品措施实施细则", titles) == titles[1]
    assert citations.named(f"{TITLE}（试行）", titles) == TITLE


def test_another_or_too_short_a_name_is_no_document():
    assert citations.named("示例市支持智能企业的若干措施", [TITLE]) == ""
    assert citations.named("若干措施", [TITLE]) == ""


def test_every_source_of_every_shipped_programme_is_a_rule():
    from calls import programme as programmes

    for path in programmes.catalogue().values():
        content = programmes.read(path).model_dump(mode="json")
        rules = citations.rules_of(content)
        assert len({rule.place for rule in rules}) == len(rules)
        assert {rule.text for rule in rules} == set(_sources(content))
        assert not any(re.search("[a-z]+_[a-z]+", rule.words) for rule in rules)


def _sources(node):
    if isinstance(node, list):
        for one in node:
            yield from _sources(one)
    elif isinstance(node, dict):
        for key, one in node.items():
            if key == "source" and one:
                yield one
            elif key == "sources":
                yield from (text for text in one.values() if text)
            else:
                yield from _sources(one)


@pytest.fixture
def cited(cast, at):
    """An opened call whose limit cites the sample's 一（一）, whose kinds cite another document."""
    call = world.open_call(world.programme(), code="cited")
    rules = {
        **call.rules,
        "applicants": {
            **call.rules["applicants"],
            "sources": {
                "per_applicant": f"{TITLE} 一（一）",
                "kinds": "没有收入的文件〔2020〕9号 二",
            },
        },
    }
    Call.objects.filter(pk=call.pk).update(rules=rules)
    call = Call.objects.get(pk=call.pk)
    linking.link([call])
    return call


def test_a_rule_leads_to_its_article_and_the_article_names_the_rule(client, library, cited):
    node = Node.objects.get(policy__title=TITLE, path="b1-k1")
    rule = Rule.objects.get(call=cited, node=node)
    assert rule.place == "applicants.per_applicant"
    page = client.get(reverse("policies:cite"), {"text": rule.citation}).content.decode()
    assert reverse("policies:article", args=[node.policy.key, "b1-k1"]) in page
    page = client.get(reverse("policies:article", args=[node.policy.key, "b1-k1"]))
    assert "引用本条的规则" in page.content.decode()
    assert cited.title in page.content.decode()


def test_a_document_that_is_not_held_is_said_so_with_the_rules(client, library, cited):
    page = client.get(reverse("policies:cite"), {"text": "没有收入的文件〔2020〕9号 二"})
    assert "政策库没有收入这份文件" in page.content.decode()
    assert "申报条件" in page.content.decode()


def test_without_a_citation_one_can_be_entered(client, db):
    page = client.get(reverse("policies:cite"))
    assert page.status_code == 200
    assert 'name="text"' in page.content.decode()


def test_a_clause_that_is_not_there_leads_to_the_nearest_above(library):
    assert [node.path for node in linking.articles(f"{TITLE} 一（一）9")] == ["b1-k1"]
    assert [node.path for node in linking.articles(f"{TITLE} 九")] == ["0"]
    assert [node.path for node in linking.articles(f"{TITLE} 一（一）、一（二）")] == [
        "b1-k1",
        "b1-k2",
    ]


def test_opening_a_call_links_its_rules(library, cast, at):
    call = world.open_call(world.programme(), code="cited")
    assert Rule.objects.filter(call=call).count() == len(citations.rules_of(call.rules)) > 0


def test_an_import_that_changes_a_cited_article_names_the_rules(client, library, cited, load, text):
    changed = text.replace("最高500万元奖励", "最高600万元奖励")
    run = load(changed)
    assert run.report["cited"] == [
        f"{cited.title}：申报条件 · 每个主体的申报数量（{TITLE} 一（一））"
    ]
    policy = Policy.objects.get(title=TITLE)
    page = client.get(reverse("policies:article", args=[policy.key, "b1-k1"])).content.decode()
    assert "1 条申报规则引用这一条" in page


def test_an_import_without_a_cited_policy_still_lists_its_rules(client, library, cited, load, text):
    left_out = text.replace(TITLE, "示例市另一项措施")
    run = load(left_out)
    assert len(run.report["cited"]) == 1
    policy = Policy.objects.get(title=TITLE)
    assert policy.gone
    page = client.get(reverse("policies:policy", args=[policy.key])).content.decode()
    assert "仍在引用这项政策的规则" in page
    assert Rule.objects.get(call=cited, place="applicants.per_applicant").node.policy == policy


def test_an_unchanged_import_names_no_rule(library, cited, load, text):
    assert load(text).report["cited"] == []
    assert ImportRun.objects.count() == 2


def test_a_refusal_links_the_clause_it_enforces(rf, db):
    from portal.middleware import RefusalMiddleware

    request = rf.post("/x/")
    refusal = Refusal("limit-reached", "最多 1 项。", rule="示例文〔2021〕1号 二（三）")
    page = RefusalMiddleware(lambda r: None).process_exception(request, refusal)
    assert f"{reverse('policies:cite')}?text=" in page.content.decode()
