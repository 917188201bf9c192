"""A filing by keyboard alone, from its task list to the receipt; its pages in every state."""

from datetime import timedelta

import pytest
from django.utils import timezone

from applications import services as applications
from applications.models import Application, Section
from calls.models import Call
from tests import season as seasons
from tests.browser.watching import inspect
from tests.world import AT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FOCUS = """() => { const a = document.activeElement;
    const label = a.labels && a.labels[0] ? a.labels[0].textContent : "";
    const words = a.getAttribute("aria-label") || a.textContent || label;
    return [a.tagName, a.name || "", words.trim(),
        a.type || "", a.getAttribute("href") || ""]; }"""


def tab_to(page, wanted, *, most=160, back=False):
    """Press Tab until the focus is on what is wanted: its name, words or address."""
    for _ in range(most):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        found = page.evaluate(FOCUS)
        if wanted in (found[1], found[2]) or (found[4] and found[4].endswith(wanted)):
            return found
    raise AssertionError(f"{wanted} cannot be reached; the focus is on {page.evaluate(FOCUS)}")


def go(page, wanted, address, *, back=False):
    """Reach a link or button by Tab, press Enter, and wait for where it leads."""
    tab_to(page, wanted, back=back)
    page.keyboard.press("Enter")
    page.wait_for_url(address)


@pytest.fixture
def filled(season):
    """Everything is answered except the sections of benefits and of the consortium."""
    application, actor = season.cast.application, season.actor("admin")
    seasons.fill(application, seed=7, name="own", actor=actor)
    for key in ("benefit", "consortium"):
        version = Section.objects.get(application=application, key=key).version
        applications.save_section(application, key, data={}, version=version, actor=actor, at=AT)
    return application


def test_a_filing_is_written_checked_and_submitted_by_keyboard_alone(season, filled, enter):
    page = enter("admin")
    page.goto(filled.get_absolute_url())
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUS)[2] == "跳到主要内容"
    page.keyboard.press("Enter")
    go(page, "经济社会效益", "**/sections/benefit/")
    tab_to(page, "economic")
    page.keyboard.insert_text("达产后年新增销售收入 3 亿元，带动就业 200 人。")
    tab_to(page, "social", most=3)
    page.keyboard.insert_text("减少设备非计划停机，节约能源和材料。")
    go(page, "标记本部分完成", filled.get_absolute_url())
    go(page, "联合体", "**/sections/consortium/")
    tab_to(page, "joint")
    page.keyboard.press("ArrowDown")
    assert page.locator("[name=joint][value=false]").is_checked()
    page.keyboard.press("ArrowUp")
    assert page.locator("[name=joint][value=true]").is_checked()
    page.keyboard.press("ArrowDown")
    go(page, "标记本部分完成", filled.get_absolute_url())
    go(page, "提交前核对", "**/check/")
    go(page, "修改经济社会效益", "**/sections/benefit/?back=check")
    tab_to(page, "social")
    page.keyboard.press("Control+End")
    page.keyboard.insert_text("每年减排 500 吨。")
    go(page, "标记本部分完成", "**/check/")
    assert "每年减排 500 吨。" in page.inner_text("main")
    tab_to(page, "agree")
    page.keyboard.press("Space")
    go(page, "提交申报书", "**/receipt/")
    submitted = Application.objects.get(pk=filled.pk)
    assert submitted.number and submitted.number in page.inner_text("main")
    assert inspect(page) == []


def test_the_filing_pages_pass_axe_and_fit_a_phone_in_every_state(season, filled, enter):
    page, wrong = enter("admin"), []
    here = filled.get_absolute_url()
    for path in (
        "",
        "check/",
        "files/",
        "sections/unit/",
        "sections/team/",
        "sections/indicators/",
    ):
        wrong += inspect(page, here + path)
    page.goto(f"{here}sections/benefit/")
    page.get_by_role("button", name="标记本部分完成").click()
    page.wait_for_selector(".jb-errors:focus")
    assert page.title().startswith("错误：")
    wrong += inspect(page)
    actor = season.actor("admin")
    filled_benefit = {"economic": "示例经济效益", "social": "示例社会效益"}
    version = Section.objects.get(application=filled, key="benefit").version
    applications.save_section(
        filled, "benefit", data=filled_benefit, version=version, actor=actor, at=AT
    )
    joint = Section.objects.get(application=filled, key="consortium").version
    applications.save_section(
        filled, "consortium", data={"joint": False}, version=joint, actor=actor, at=AT
    )
    seasons.submit(Application.objects.get(pk=filled.pk))
    wrong += inspect(page, here)
    applications.return_for_correction(
        Application.objects.get(pk=filled.pk),
        fields=[{"section": "benefit", "field": "economic", "comment": "写明依据"}],
        note="请补充依据",
        until=AT + timedelta(days=5),
        actor=season.actor("operator"),
        at=AT,
    )
    wrong += inspect(page, here)
    assert page.get_by_text("退回意见没有点名，只能查看").count() >= 5
    wrong += inspect(page, f"{here}sections/benefit/")
    assert page.get_attribute("[name=social]", "readonly") is not None
    assert page.get_attribute("[name=economic]", "readonly") is None
    assert "写明依据" in page.inner_text("#div_id_economic")
    wrong += inspect(page, f"{here}sections/team/")
    Call.objects.filter(pk=season.call.pk).update(filing_until=timezone.now())
    Application.objects.filter(pk=filled.pk).update(correction_until=timezone.now())
    for path in ("", "sections/benefit/", "check/"):
        wrong += inspect(page, here + path)
        assert "服务器时间" in page.inner_text("main")
    assert wrong == []
