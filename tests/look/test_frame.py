"""The frame of every page: title, navigation of the role, server time, identity, footer."""

import re

import pytest
from django.urls import reverse

from accounts.roles import Role
from portal import context

LABEL = re.compile(r'<nav class="jb-nav".*?</nav>', re.S)


@pytest.fixture
def front(client, db):
    return client.get(reverse("accounts:login"))


def test_a_page_is_named_before_the_site(front):
    assert "<title>登录 — 揭榜申报与推荐平台</title>" in front.content.decode()


def test_the_time_shown_is_the_servers(client, db):
    answer = client.get(reverse("accounts:login"))
    at = answer.wsgi_request.arrived_at
    html = answer.content.decode()
    shown = re.search(r'data-now="([^"]+)"', html)[1]
    assert context.datetime.fromisoformat(shown) == at


def test_what_the_configuration_leaves_open_is_said_so(front):
    assert front.content.decode().count("（由配置给出）") == 4


def test_what_the_configuration_gives_stands_in_the_footer(client, db, settings):
    settings.JIEBANG_SITE = {"organiser": "示例主管部门", "help_phone": "000-1234"}
    html = client.get(reverse("accounts:login")).content.decode()
    assert "主办单位：示例主管部门" in html
    assert "咨询电话：000-1234" in html


def test_scripts_and_styles_come_from_here_in_their_order(front):
    html = front.content.decode()
    order = [html.index(name) for name in ("bootstrap.min.css", "tokens.css", "jiebang.css")]
    assert order == sorted(order)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', html)


def test_htmx_neither_evaluates_nor_writes_styles(front):
    html = front.content.decode()
    for setting in (
        '"includeIndicatorStyles":false',
        '"allowEval":false',
        '"selfRequestsOnly":true',
    ):
        assert setting in html


@pytest.mark.parametrize("role", Role.values)
def test_every_role_has_a_navigation_that_leads_only_where_it_may_go(role):
    from django.urls import resolve

    entries = context.navigation(role, "/")
    assert entries
    for entry in entries:
        rule = resolve(entry.url).func.policy
        assert rule.kind != "roles" or role in rule.roles


def test_the_nearest_entry_is_the_current_one():
    url = reverse("accounts:people")
    current = [e.label for e in context.navigation(Role.UNIT_ADMIN, f"{url}invite/") if e.current]
    assert current == ["单位"]


def test_a_missing_page_is_answered_in_the_frame(client, db):
    answer = client.get("/没有这一页/")
    html = answer.content.decode()
    assert answer.status_code == 404
    assert "没有这个页面" in html
    assert "服务器时间" in html


def test_a_defect_is_answered_without_any_context(rf):
    from portal import views

    html = views.broken(rf.get("/")).content.decode()
    assert "服务器出错了" in html
    assert "<style" not in html


def test_a_refusal_names_rule_and_way_and_gives_back_what_was_typed(rf, db):
    from django.contrib.auth.models import AnonymousUser

    from core.errors import Refusal
    from portal.middleware import RefusalMiddleware

    request = rf.post("/x/", {"title": "写了很久的题目", "password": "秘密秘密"})
    request.user, request.session, request.acting = AnonymousUser(), {}, None
    answer = RefusalMiddleware(lambda r: None).process_exception(
        request, Refusal("over-quota", "名额已用完。请提出超额申请。", rule="三（二）")
    )
    html = answer.content.decode()
    assert answer.status_code == 409
    for words in ("名额已用完", "三（二）", "写了很久的题目", "没有改变"):
        assert words in html
    assert "秘密秘密" not in html
