"""What applicants are told of filings that stand in the way, and the way back to 提交前核对."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from redis.exceptions import RedisError

from applications import services, timeline
from applications.models import Application, Version
from applications.workflow import Status
from tests import season, world
from tests.applications import consortium
from tests.applications.consortium import company, draft, submit, with_partners
from tests.applications.filling import url
from tests.world import AT

pytestmark = pytest.mark.django_db
SECRET = "对手的秘密项目"


@pytest.fixture
def played(db):
    return season.begin(consortium.programme(exclusive_in_direction=True, once_per_project=True))


@pytest.fixture
def partner(played):
    """A partner that has filed alone in the direction."""
    unit = company(731, "示例伙伴有限公司")
    user = world.person(unit, "unit_admin", "独示例")
    submit(draft(played, "独报", unit=unit, user=user, title=SECRET))
    return unit


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def joint(played, partner) -> Application:
    return draft(played, "联报", partner)


def test_the_task_list_and_the_check_page_say_what_stands_in_the_way(joint):
    client = signed_in(joint.created_by)
    for page in ("detail", "check"):
        answer = client.get(url(page, joint))
        text = answer.content.decode()
        assert "示例伙伴有限公司”已参与另一申报的同一方向" in text
        assert "示例规则 二（一）" in text and "请更换合作单位" in text
        assert "sections/consortium/#id_partners-0-code" in text
        assert SECRET not in text
    assert 'type="submit">提交申报书' not in text
    assert "没有阻止提交的问题" not in client.get(url("detail", joint)).content.decode()


def test_pressing_submit_all_the_same_is_refused_and_comes_back_with_the_reason(joint):
    client = signed_in(joint.created_by)
    page = client.get(url("check", joint))
    posted = {"key": page.context["key"], "seen": page.context["seen"], "agree": "1"}
    answer = client.post(url("submit", joint), posted)
    assert answer.status_code == 409
    assert "没有提交" in answer.content.decode() and SECRET not in answer.content.decode()
    assert Version.objects.filter(application=joint).count() == 0


def test_a_partner_that_is_typed_is_answered_at_once_without_the_rivals_secrets(played, partner):
    made = draft(played, "单独")
    client = signed_in(made.created_by)
    asked = client.get(url("partner", made), {"code": partner.code, "name": "示例伙伴"}).json()
    (hint,) = asked["hints"]
    assert "示例伙伴" in hint["words"] and hint["rule"] == "示例规则 二（一）"
    assert SECRET not in str(asked) and "JB-" not in str(asked)
    for code in (world.uscc(732), partner.code[:17], "", "<b>"):
        assert client.get(url("partner", made), {"code": code}).json() == {"hints": []}


def test_asking_about_code_after_code_is_no_typing_and_ends(played, partner, monkeypatch):
    cache.clear()
    monkeypatch.setattr("applications.views.partners.MOST_PER_HOUR", 2)
    made = draft(played, "单独")
    client = signed_in(made.created_by)
    asked = [
        client.get(url("partner", made), {"code": world.uscc(800 + n)}).status_code
        for n in range(3)
    ]
    assert asked == [200, 200, 429]
    cache.clear()


def test_the_hint_does_without_the_cache(played, partner, monkeypatch):
    def away(*args, **kwargs):
        raise RedisError("away")

    monkeypatch.setattr(cache, "add", away)
    made = draft(played, "单独")
    client = signed_in(made.created_by)
    asked = client.get(url("partner", made), {"code": partner.code, "name": "示例伙伴"})
    assert len(asked.json()["hints"]) == 1


def test_a_partner_is_not_judged_by_a_row_it_already_has(played, partner, joint):
    client = signed_in(joint.created_by)
    asked = client.get(url("partner", joint), {"code": partner.code, "name": "示例伙伴"}).json()
    assert len(asked["hints"]) == 1


def test_the_section_page_carries_the_check_of_partners_where_partners_are_asked(joint):
    client = signed_in(joint.created_by)
    text = client.get(url("section", joint, "consortium")).content.decode()
    assert f'data-partner-check="{url("partner", joint)}"' in text
    assert 'data-inputs="partners.code"' in text
    assert "data-partner-check" not in client.get(url("section", joint, "team")).content.decode()


# The way back --------------------------------------------------------------------------------


def test_saving_what_was_reached_from_the_check_page_leads_back_to_it(joint):
    client = signed_in(joint.created_by)
    check = url("check", joint)
    text = client.get(check).content.decode()
    here = url("section", joint, "benefit") + "?back=check"
    assert f'href="{here}"' in text
    assert f'href="{check}"' in client.get(here).content.decode()
    version = joint.sections.get(key="benefit").version
    posted = {"economic": "新的", "social": "新的", "version": version, "action": "save"}
    assert client.post(here, posted).url == check
    posted |= {"version": version + 1, "action": "done", "economic": "再改"}
    assert client.post(here, posted).url == check
    posted |= {"version": version + 2, "action": "done"}
    assert client.post(url("section", joint, "benefit"), posted).url == url("detail", joint)
    basics = url("basics", joint) + "?back=check"
    posted = {
        "title": "换个名称",
        "subfield": joint.subfield_id,
        "recommender": joint.recommender_id,
    }
    assert client.post(basics, posted).url == check


# The timeline --------------------------------------------------------------------------------


def stands(application: Application) -> list[tuple[str, str]]:
    return [
        (one["label"], one["state"])
        for one in timeline.steps(application, Status(application.status))
    ]


def test_the_timeline_names_unit_and_date_of_what_is_done_and_what_follows(played):
    made = draft(played, "照常")
    assert stands(made)[0] == ("提交", "now")
    with_partners(made)
    submit(made)
    made = Application.objects.get(pk=made.pk)
    found = timeline.steps(made, Status(made.status))
    assert (found[0]["label"], found[0]["state"]) == ("提交", "done")
    assert found[0]["who"] == made.organisation.name and "年" in found[0]["when"]
    assert found[1]["state"] == "now" and found[1]["who"] == played.cast.province.name
    assert "前" in found[1]["when"]
    assert all(one["who"] for one in found)


def test_a_returned_and_a_withdrawn_filing_say_so_in_their_timeline(played):
    made = draft(played, "退回")
    submit(made)
    services.return_for_correction(
        Application.objects.get(pk=made.pk),
        fields=[{"section": "benefit", "field": "economic", "comment": "请补充"}],
        note="请补充",
        until=AT + world.timedelta(days=1),
        actor=played.actor("operator"),
        at=AT,
    )
    made = Application.objects.get(pk=made.pk)
    assert ("退回修改", "now") in stands(made)
    assert [state for _, state in stands(made)].count("now") == 1
    services.withdraw(made, reason="不报了", actor=world.actor(made.created_by), at=AT)
    made = Application.objects.get(pk=made.pk)
    assert stands(made)[-1] == ("已撤回", "now")
    assert stands(made)[0] == ("提交", "done")
    page = signed_in(made.created_by).get(reverse("applications:detail", args=[made.public_id]))
    assert "已撤回" in page.content.decode()
