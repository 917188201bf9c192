"""The pages of the library over HTTP."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from policies.models import ImportRun, Node, Policy
from tests.policies.conftest import SAMPLE


@pytest.fixture
def signed(client, settings):
    settings.JIEBANG_SECOND_FACTOR = False

    def sign_in(user):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


def page(client, name, *args, **query):
    return client.get(reverse(f"policies:{name}", args=args), query)


def text_of(response):
    return response.content.decode()


def test_an_empty_library_says_how_it_is_filled(client, db):
    for name in ("index", "compare", "rewards"):
        answer = page(client, name)
        assert answer.status_code == 200
        assert "政策库还没有内容" in text_of(answer)


def test_the_office_is_shown_the_way_to_the_import(cast, signed):
    answer = page(signed(cast.people["office"]), "index")
    assert reverse("policies:import") in text_of(answer)


def test_the_library_lists_policies_by_zone(client, library):
    said = text_of(page(client, "index"))
    assert "示例市支持智能产品的若干措施" in said
    assert "天津" in said and "杭州" in said


def test_a_search_marks_its_hits_and_links_each_article(client, library):
    policy = Policy.objects.get(order=1)
    said = text_of(page(client, "index", q="揭榜"))
    assert '<mark class="pl-hit">揭榜</mark>' in said
    assert reverse("policies:article", args=[policy.key, "b1-k1"]) in said
    assert "最高 500 万元" in said


def test_a_word_too_short_is_said_to_be(client, library):
    assert "只有一个字" in text_of(page(client, "index", q="榜"))


def test_a_search_without_hits_says_so(client, library):
    assert "没有符合条件的条款" in text_of(page(client, "index", q="不存在的词"))


@pytest.mark.parametrize(
    "query", [{"zone": "x"}, {"theme": "无"}, {"least": "-1"}, {"least": "abc"}, {"page": "999"}]
)
def test_wrong_filters_are_answered_in_words(client, library, query):
    assert page(client, "index", **query).status_code == 200


def test_words_of_a_visitor_are_not_markup(client, library):
    assert "<script>x" not in text_of(page(client, "index", q="<script>x"))


def test_a_policy_stands_whole_with_its_contents(client, library):
    policy = Policy.objects.get(order=2)
    said = text_of(page(client, "policy", policy.key))
    for path in ("z1", "t1", "t2", "t3", "t3-k1"):
        assert f'id="{path}"' in said
    assert 'href="#t3"' in said


def test_a_table_is_a_table(client, library):
    said = text_of(page(client, "policy", Policy.objects.get(order=3).key))
    assert "<td>核心产业产值</td>" in said


def test_an_article_stands_at_its_deep_link_with_what_is_under_it(client, library):
    policy = Policy.objects.get(order=1)
    said = text_of(page(client, "article", policy.key, "b1-k2"))
    assert "支持应用场景开放" in said
    assert "固定资产投资不低于" in said
    assert "奖励入围单位" not in said


def test_a_gone_article_still_answers_and_says_so(client, library, load, text):
    policy = Policy.objects.get(order=3)
    load(text.replace("（二）提升算力\n\n推进", "推进"))
    said = text_of(page(client, "article", policy.key, "b2-k2"))
    assert "这一条已被移出" in said
    assert "以前的文字" in said


def test_what_is_not_there_is_not_found(client, library):
    policy = Policy.objects.get(order=1)
    assert page(client, "policy", "nothing").status_code == 404
    assert page(client, "article", policy.key, "b99").status_code == 404


def test_zones_are_compared_and_too_many_are_refused_in_words(client, library):
    zones = list(Policy.objects.values_list("zone", flat=True).distinct())
    said = text_of(page(client, "compare", theme="算力", zone=zones))
    assert "算力 5 条" in said and "算力 1 条" in said
    assert "请减少选择" not in said


def test_the_matcher_says_why(client, library):
    said = text_of(page(client, "rewards", result="shortlisted"))
    assert "同一句话写明“入围国家示例任务揭榜”" in said
    assert "最高 500 万元" in said


def test_a_company_is_asked_for_its_own_region_first(cast, signed, library):
    cast.company.region = "120101"
    cast.company.save()
    answer = page(signed(cast.people["admin"]), "rewards")
    assert [zone.short for zone in answer.context["own"]] == ["天津"]
    assert len(answer.context["matches"]) == 1


def test_the_office_reads_a_file_looks_and_imports(cast, signed):
    client = signed(cast.people["office"])
    with SAMPLE.open("rb") as file:
        answer = client.post(reverse("policies:import"), {"file": file})
    run = ImportRun.objects.get()
    assert answer.url == reverse("policies:preview", args=[run.pk])
    said = text_of(client.get(answer.url))
    assert "政策库尚未改动" in said and "跨页断开" in said and "示例城没有正文的政策" in said
    assert not Node.objects.exists()
    answer = client.post(reverse("policies:apply", args=[run.pk]), follow=True)
    assert "政策汇编已导入" in text_of(answer)
    assert Policy.objects.count() == 3
    assert run.read_by == cast.people["office"]
    again = client.post(reverse("policies:apply", args=[run.pk]))
    assert again.status_code == 409


def test_a_wrong_file_comes_back_with_its_reason(cast, signed):
    client = signed(cast.people["office"])
    wrong = SimpleUploadedFile("x.txt", "没有目录".encode())
    answer = client.post(reverse("policies:import"), {"file": wrong})
    assert answer.status_code == 422
    assert "没有“目录”一行" in text_of(answer)
    assert client.post(reverse("policies:import")).status_code == 422


@pytest.mark.parametrize("who", ["admin", "operator"])
def test_others_may_not_import(cast, signed, who):
    client = signed(cast.people[who])
    assert client.get(reverse("policies:import")).status_code == 403
    assert client.post(reverse("policies:apply", args=[1])).status_code == 403


def test_importing_is_a_post_only(cast, signed):
    client = signed(cast.people["office"])
    assert client.get(reverse("policies:apply", args=[1])).status_code == 405


def asked(client, url):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_pages_ask_as_often_for_many_articles_as_for_few(client, library):
    short, long = (reverse("policies:policy", args=[p.key]) for p in Policy.objects.all()[1::-1])
    index, rewards = reverse("policies:index"), reverse("policies:rewards")
    assert asked(client, index + "?q=一事一议") == asked(client, index + "?q=示例") <= 9
    assert asked(client, short) == asked(client, long) <= 4
    assert asked(client, index) <= 5
    few, many = f"{rewards}?result=platform", f"{rewards}?result=shortlisted"
    assert asked(client, few) == asked(client, many) <= 5


def test_a_link_with_only_a_result_looks_in_the_units_own_zone(cast, signed, library):
    cast.company.region = "120101"
    cast.company.save()
    answer = page(signed(cast.people["admin"]), "rewards", result="shortlisted")
    assert answer.context["form"]["zone"].value() == str(answer.context["own"][0].pk)
    assert len(answer.context["matches"]) == 1
