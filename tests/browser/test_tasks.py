"""A unit's task before the eyes: plan, report per indicator, change; then the office's letter."""

import pytest
from django.test import Client

from accounts.models import Organisation, User
from fulfilment import services
from fulfilment.models import Change, Plan, Report, ReportVersion
from tests.browser.watching import inspect, picture, until
from tests.fulfilment import helpers, test_dispatch
from tests.fulfilment.helpers import task
from tests.world import AT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def named(played) -> None:
    """Everybody of the cast, and whoever files the first filing, can type an address."""
    for key, user in played.cast.people.items():
        User.objects.filter(pk=user.pk).update(email=f"{key}@example.org")
    unit = User.objects.filter(pk=helpers.person(played).person)
    unit.update(email="unit@example.org")
    Client().get("/account/login/")  # imports and templates, before a browser waits for them


@pytest.fixture
def played(transactional_db):
    found = helpers.years("甲一")
    named(found)
    return found


def test_a_unit_plans_its_task_reports_each_indicator_and_asks_for_a_change(played, enter):
    one = task(played)
    here = f"/fulfilment/tasks/{one.public_id}/"
    page = enter("unit")
    assert inspect(page, "/applications/") == []
    page.get_by_role("link", name="填报实施计划").click()
    page.wait_for_url(f"**{here}plan/")

    # The plan: saved as it stands, refused with what is missing, then submitted.
    page.fill("[name=finish_on]", one.due_on.isoformat())
    page.fill("[name=title-0]", "完成样机")
    page.get_by_role("button", name="提交计划").click()
    page.wait_for_selector(".jb-errors")
    assert inspect(page) == []
    picture(page, "plan")
    page.fill("[name=due-0]", one.due_on.isoformat())
    page.fill("[name=deliverable-0]", "样机和检测报告")
    for select in page.locator("select[name^='op-']").all():
        select.select_option("ge")
    page.get_by_role("button", name="提交计划").click()
    page.wait_for_selector("text=实施计划已提交")
    plan = Plan.objects.get(task=one)
    assert (plan.state, plan.milestones[0]["title"]) == ("submitted", "完成样机")
    services.decide_plan(plan, accept=True, comment="", actor=played.actor("office"), at=AT)
    assert inspect(page, here) == []
    picture(page, "task")

    # The report: a value is compared by the server while it is typed.
    report = Report.objects.filter(task=one, kind="periodic").order_by("number")[0]
    page.goto(f"/fulfilment/reports/{report.public_id}/")
    row = one.targets.filter(kind="number").exclude(operator="").first()
    assert row is not None
    page.fill(f"[name='value-{row.key}']", "999999")
    page.keyboard.press("Tab")
    page.wait_for_selector('[data-save-state] [data-s="done"]')
    cell = f"document.querySelector('[data-compared=\"{row.key}-target\"]')"
    until(page, f"['over', 'under', 'met'].includes({cell}.dataset.c)")
    assert inspect(page) == []
    picture(page, "report")
    page.fill("#id_progress", "样机完成，正在测试。")
    page.fill("#id_next", "小批量试制。")
    for box in page.locator("input[name^='value-']").all():
        if not box.input_value():
            box.fill("9")
    for select in page.locator("select[name^='value-']").all():
        select.select_option(index=1)
    page.get_by_role("button", name=f"提交{report.title}").click()
    page.wait_for_selector("text=已提交")
    assert ReportVersion.objects.filter(report=report).count() == 1

    # A change: what stands now is shown beside what shall stand.
    page.goto(f"{here}changes/new/")
    page.locator("[name=kind][value=lead]").check()
    assert not page.locator("[name=milestone]").is_visible(), "asked only where a node changes"
    page.fill("[name=after]", "新负责示例")
    page.fill("[name=reason]", "原负责人退休，由副职接任。")
    assert inspect(page) == []
    picture(page, "change-form")
    page.get_by_role("button", name="申请变更").click()
    page.wait_for_selector("text=待审核")
    assert Change.objects.get(task=one).after == "新负责示例"
    assert inspect(page) == []
    picture(page, "change")


def test_the_office_drafts_the_letter_of_a_list_and_another_issues_it(transactional_db, enter):
    played = test_dispatch.build()
    named(played)
    second = Organisation.objects.get(name=test_dispatch.SECOND)
    User.objects.filter(memberships__organisation=second).update(email="second@example.org")
    clerk = enter("office")
    here = f"/fulfilment/calls/{played.call.code}/dispatch/"
    assert inspect(clerk, here) == []
    picture(clerk, "dispatches")
    clerk.fill("[name=mark]", "示科发")
    clerk.fill("[name=text]", "请于十日内办理签订手续。")
    clerk.get_by_role("button", name="提交签发").click()
    clerk.wait_for_selector("text=待签发")
    assert inspect(clerk) == []
    url = clerk.url
    for name in ("second", "chief"):
        page = enter(name)
        page.goto(url)
        page.get_by_role("button", name="签发", exact=True).click()
        page.wait_for_selector("text=已签发。")
    assert page.get_by_text("示科发〔").first.is_visible()
    assert inspect(page) == []
    picture(page, "dispatch")
