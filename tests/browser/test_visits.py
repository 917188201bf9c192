"""A visit: planned at a desk, filled in with a telephone at the site, concluded and signed."""

from datetime import timedelta

import pytest

from accounts.models import User
from tests.browser.watching import inspect, picture
from tests.visits import scene
from tests.world import AT
from visits import queries, services
from visits.models import Finding, Photo, Visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def made(transactional_db):
    found = scene.build()
    for key, user in found.season.cast.people.items():
        User.objects.filter(pk=user.pk).update(email=f"{key}@example.org")
    for n, expert in enumerate(found.experts):
        User.objects.filter(pk=expert.user_id).update(email=f"expert{n}@example.org")
    User.objects.filter(pk=found.people(0).pk).update(email="applicant@example.org")
    return found


def until(page, holds, *, seconds: float = 20) -> None:
    """Wait without evaluating a text in the page, which its policy forbids."""
    for _ in range(int(seconds * 10)):
        if holds():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not come to pass")


def test_the_office_plans_two_visits_and_sees_them_in_the_week(made, enter):
    page = enter("office")
    page.goto(f"/visits/plan/{made.call.code}/")
    for n in (0, 1):
        page.get_by_label(f"选择《{made.application(n).title}》").check()
    page.get_by_label("组长 必填").select_option(f"e{made.experts[0].pk}")
    page.locator(f'[name=members][value="e{made.experts[1].pk}"]').check()
    page.fill("[name=first]", f"{scene.working_day(5):%Y-%m-%d}")
    found = inspect(page)
    picture(page, "plan")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("button", name="预览安排").click()
    page.get_by_role("heading", name="核对安排").wait_for()
    found += inspect(page)
    for n in (0, 1):
        page.fill(f"#w-{made.application(n).public_id}", f"示例路 {n} 号")
    picture(page, "preview")
    agreed = page.locator("#agreed")
    if agreed.count():
        agreed.check()
    page.get_by_role("button", name="确认安排 2 次").click()
    page.get_by_text("已安排 2 次").wait_for()
    found += inspect(page)
    picture(page, "board")
    found += inspect(page, f"/visits/week/?week={scene.working_day(5):%Y-%m-%d}")
    assert page.locator(".jb-week").get_by_text(made.application(0).title).is_visible()
    picture(page, "week")
    found += inspect(page, Visit.objects.first().get_absolute_url())
    assert not found, "\n".join(found)
    assert Visit.objects.count() == 2


def test_a_member_fills_in_and_photographs_with_a_telephone(made, enter, tmp_path):
    visit = made.at_the_site(made.plan(0)[0])
    seat = made.seats(visit)[0]
    files = []
    for n, colour in enumerate(("navy", "darkgreen", "maroon")):
        files.append(tmp_path / f"现场{n}.jpg")
        files[-1].write_bytes(scene.picture(colour))
    wrong = tmp_path / "说明.gif"
    wrong.write_bytes(b"GIF89a")
    page = enter("expert0@example.org", width=390, height=844, has_touch=True)
    found = inspect(page, "/visits/desk/")
    picture(page, "desk")
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("link", name="申明回避情形").first.click()
    page.get_by_label("无回避情形").check()
    found += inspect(page)
    page.get_by_role("button", name="提交回避申明").click()
    page.get_by_role("heading", name=made.application(0).title).wait_for()
    found += inspect(page)
    low = page.evaluate(
        """[...document.querySelectorAll(
            ".jb-pickrow label, .jb-visit .btn, #record input.form-control, #record textarea")]
        .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 44)
        .map(e => e.outerHTML.slice(0, 80))"""
    )
    assert low == []
    page.locator("label:has([name=item-match][value=yes])").click()
    page.locator("label:has([name=item-site][value=yes])").click()
    page.fill("[name=item-people]", "36")
    page.get_by_text("已保存").first.wait_for()
    until(page, lambda: page.input_value("#record [name=version]") != "0")
    row = next(one for one in visit.sheet.stated if one.spec and one.current)
    page.fill(f"[name=seen-{row.key}]", row.current)
    page.locator(f"[data-compared=seen-{row.key}]").get_by_text("与申报值比：达到").wait_for()
    page.context.set_offline(True)
    page.locator("label:has([name=item-running][value=良])").click()
    page.get_by_text("存在本机").first.wait_for()
    page.context.set_offline(False)
    until(page, lambda: "已保存" in page.inner_text("#record [data-save-state]"))
    page.set_input_files("#photo-file", [str(one) for one in [*files, wrong]])
    page.locator(".jb-file .invalid-feedback").wait_for(timeout=90000)
    page.locator(".jb-photos > li").nth(2).wait_for(timeout=60000)
    assert Photo.objects.count() == 3
    page.locator(".jb-photos input[name=caption]").first.fill("测试间全景")
    page.get_by_role("button", name="保存说明").first.click()
    page.get_by_text("照片说明已保存").wait_for()
    page.locator(".jb-photos > li").nth(1).get_by_role("button", name="移除").click()
    page.get_by_text("已移除 1 份").click()
    page.get_by_role("button", name="恢复").click()
    page.get_by_text("照片已恢复").wait_for()
    page.fill("#overall", "样机可以现场运行。")
    found += inspect(page)
    picture(page, "form")
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="提交现场记录").click()
    page.get_by_text("现场记录已提交").wait_for()
    finding = Finding.objects.get(seat=seat)
    assert finding.state == "submitted" and finding.answers["running"] == "良"
    assert finding.seen == {row.key: row.current}
    found += inspect(page)
    assert not found, "\n".join(found)


def test_the_lead_concludes_members_sign_and_the_applicant_reads_it(made, enter):
    visit = made.at_the_site(made.plan(0)[0])
    made.found(visit)
    lead, other = made.seats(visit)
    page = enter("expert0@example.org", width=390, height=844)
    found = inspect(page, f"/visits/desk/{lead.public_id}/conclude/")
    page.get_by_label("整改后复查").check()
    page.fill("[name=opinion]", "可靠性数据应补齐后复查。")
    page.fill("[name=due]", f"{visit.starts_at + timedelta(days=30):%Y-%m-%d}")
    picture(page, "conclude")
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="形成结论，请成员签署").click()
    page.get_by_role("button", name="确认以上内容并签署").wait_for()
    found += inspect(page)
    picture(page, "sign")
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="确认以上内容并签署").click()
    page.get_by_text("已签署").first.wait_for()
    report = queries.report_in_force(visit)
    services.sign(other, shown=report.fingerprint, actor=scene.actor(other), at=AT)
    office = enter("office")
    found += inspect(office, visit.get_absolute_url())
    picture(office, "visit")
    office.set_viewport_size({"width": 1440, "height": 900})
    office.get_by_role("button", name="告知申报单位").click()
    office.get_by_role("dialog").get_by_role("button", name="告知申报单位").click()
    office.get_by_text("结果已告知申报单位").wait_for()
    applicant = enter("applicant@example.org")
    found += inspect(applicant, "/visits/mine/")
    found += inspect(applicant, f"/visits/mine/{visit.public_id}/")
    assert applicant.get_by_text("可靠性数据应补齐后复查").is_visible()
    picture(applicant, "invitation")
    assert not found, "\n".join(found)
