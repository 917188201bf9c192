"""Filings in each other's way, corrections, comparisons, copies, questions: seen in a browser."""

from datetime import timedelta

import pytest

from applications import services
from applications.models import Application, Likeness
from applications.services import comparing
from calls import questions
from calls.models import Call, Question
from office import answering
from tests import season as seasons
from tests import world
from tests.applications import consortium
from tests.applications.test_similarity import prose, write
from tests.browser.watching import inspect
from tests.world import AT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def own_draft(season, name: str = "甲一") -> Application:
    return seasons.draft(season, name, unit=season.cast.company, user=season.cast.people["admin"])


def test_a_partner_that_stands_in_the_way_is_told_while_it_is_typed(season, enter):
    rules = dict(season.call.rules)
    rules["applicants"] = {
        **rules["applicants"],
        "exclusive_in_direction": True,
        "sources": {
            **rules["applicants"]["sources"],
            "exclusive_in_direction": "示例规则 二（一）",
        },
    }
    Call.objects.filter(pk=season.call.pk).update(rules=rules)
    partner = consortium.company(751, "示例伙伴有限公司")
    person = world.person(partner, "unit_admin", "独示例")
    consortium.submit(consortium.draft(season, "独报", unit=partner, user=person))
    made = own_draft(season)
    page = enter("admin")
    here = f"/applications/{made.public_id}/"
    page.goto(f"{here}sections/consortium/")
    page.locator("[name=joint][value=true]").check()
    if page.locator("[name=partners-0-code]").count() == 0:
        page.get_by_role("button", name="添加一行").first.click()
    page.fill("[name=partners-0-name]", "示例伙伴有限公司")
    page.fill("[name=partners-0-code]", partner.code)
    page.keyboard.press("Tab")
    hint = page.locator("[data-partner-check]")
    hint.get_by_text("已参与另一申报的同一方向").wait_for()
    assert "示例规则 二（一）" in hint.inner_text() and "独报" not in page.content()
    found = inspect(page)
    consortium.with_partners(Application.objects.get(pk=made.pk), partner)
    found += inspect(page, f"{here}check/")
    assert page.get_by_role("link", name="提交申报书").get_attribute("aria-disabled") == "true"
    found += inspect(page, here)
    assert found == []


def test_pages_of_comparing_copying_and_withdrawing(season, enter):
    made = own_draft(season)
    write(made, "第一版的方案。" + prose("x", 900), key="k1")
    write(made, "第二版的方案，补充数据。" + prose("x", 900), key="k2")
    page = enter("admin")
    here = f"/applications/{made.public_id}/"
    found = inspect(page, f"{here}versions/compare/?a=1&b=2")
    assert page.locator("ins").count() and page.locator("del").count()
    found += inspect(page, f"{here}withdraw/")
    world.open_call(code="next-year")
    found += inspect(page, f"{here}copy/?call=next-year")
    page.get_by_role("button", name="新建并带入").click()
    page.wait_for_url("**/copied/")
    found += inspect(page)
    assert found == []


def test_from_a_return_by_fields_to_the_accepted_changes(season, enter):
    made = own_draft(season)
    seasons.submit(made)
    season.filed.append(made)
    season.clock(3)
    operator = enter("operator")
    here = f"/applications/{made.public_id}/"
    operator.goto(f"{here}return/")
    operator.fill("[name=note]", "请按各栏意见修改")
    operator.fill("[name=until]", (AT + timedelta(days=6)).strftime("%Y-%m-%d"))
    operator.get_by_text("经济社会效益").first.click()
    operator.check("[name='open-benefit.economic']")
    operator.fill("[name='comment-benefit.economic']", "请写明测算依据")
    found = inspect(operator)
    operator.get_by_role("button", name="退回修改").click()
    operator.wait_for_url("**/versions/**")
    section = made.sections.get(key="benefit")
    services.save_section(
        season.again(0),
        "benefit",
        data={**section.data, "economic": section.data["economic"] + "依据见附表。"},
        version=section.version,
        fields=["economic"],
        actor=season.actor("admin"),
        at=AT,
    )
    seasons.submit(season.again(0), key="k2")
    found += inspect(operator, f"{here}corrections/")
    assert operator.get_by_text("依据见附表。").count() == 1
    operator.get_by_role("button", name="接受修改").click()
    operator.get_by_text("已接受修改。").wait_for()
    found += inspect(operator, f"{here}versions/2/")
    admin = enter("admin")
    found += inspect(admin, f"{here}corrections/")
    assert found == []


def test_pages_of_likeness(season, enter):
    text = prose("shared", 1500)
    for name in ("甲", "乙"):
        write(seasons.draft(season, name), text)
    comparing.compare_waiting(at=AT)
    office = enter("office")
    found = inspect(office, "/applications/similar/")
    office.get_by_role("link", name="并排查看").click()
    office.wait_for_url(f"**/similar/{Likeness.objects.get().pk}/")
    found += inspect(office)
    assert office.locator("mark").count() >= 2
    assert found == []


def test_pages_of_questions(season, enter, watched):
    page = enter("admin")
    page.goto("/open/test-call/ask/")
    page.fill("[name=text]", "外资控股的企业能否作为牵头单位？")
    page.get_by_role("button", name="提交问题").click()
    page.get_by_text("问题已送达主管部门").wait_for()
    found = inspect(page)
    office = enter("office")
    found += inspect(office, "/office/questions/")
    question = Question.objects.get()
    found += inspect(office, f"/office/questions/{question.public_id}/")
    office.fill("[name=answer]", "可以，须为境内注册的法人。")
    office.get_by_role("button", name="答复提问人").click()
    office.get_by_text("公开问答").first.wait_for()
    found += inspect(office)
    answering.publish(
        Question.objects.get(),
        title="外资企业能否牵头？",
        text="可以，须为境内注册的法人。",
        actor=season.actor("office"),
        at=AT,
    )
    questions.ask(
        season.call,
        text="第二个问题等待答复。",
        organisation=None,
        actor=season.actor("admin"),
        at=AT,
    )
    found += inspect(page, "/open/test-call/ask/")
    found += inspect(watched.page(), "/open/test-call/questions/")
    assert found == []
