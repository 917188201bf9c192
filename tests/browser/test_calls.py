"""The office prepares a call: clone, sheet, preview, rehearsal; narrow windows and axe."""

import pytest
from playwright.sync_api import expect

from calls import directionbook, standing
from calls import programme as programmes
from calls import services as calls
from calls.models import Call
from calls.programme import Direction
from office.models import Rehearsal
from office.rehearsal import keeping, sandbox
from office.rehearsal.judging import judge
from office.rehearsal.report import Report, StepDone
from tests.browser.watching import inspect, picture
from tests.world import AT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def report(call):
    """What a play of 2018 finds: its dates, judged by the real rule, and a few steps."""
    full = {"units": 3, "one": 3, "two": 3}
    house = {
        "recommenders": {str(kind): full for kind in call.programme.recommender_kinds},
        "experts": 9,
        "office": {"office_operator": 1, "office_approver": 1},
    }
    found = Report()
    for key, title, words in (
        ("opening", "开放", "开放成功，9 个方向"),
        ("filing", "申报", "9 个单位试填，9 项提交"),
        ("deadline", "申报截止", "截止后提交被拒绝"),
        ("recommendation", "推荐", "4 家推荐单位，推荐 9 项"),
    ):
        found.steps.append(StepDone(key, title, words=[words], at="2018-05-31T17:00:00+00:00"))
    dates = {name: getattr(call, name) for name in calls.DATES}
    judge(call.programme, dates, calls.NAMES, house, found, overrides={})
    found.letters, found.counts = {"已收到申报": 9, "已获推荐": 9}, {"filings": 9}
    return found.as_json()


@pytest.fixture
def call(season):
    programme = programmes.read(programmes.catalogue()["2018-ronghe"])
    return calls.create(programme, code="ronghe", actor=season.cast.actor("office"), at=AT)


def test_the_office_prepares_a_call(season, call, enter, monkeypatch, tmp_path):
    page = enter("office")
    # Rehearsal: asked for, followed, read.
    page.goto("/office/calls/ronghe/")
    picture(page, "call")
    page.get_by_role("link", name="演练本批次").click()
    page.get_by_role("button", name="开始演练").click()
    expect(page.get_by_text("已排队，很快开始。")).to_be_visible()
    picture(page, "rehearsal-waiting")
    monkeypatch.setattr(sandbox, "run", lambda payload, tell: report(call))
    keeping.run_waiting(at=AT)
    expect(page.get_by_role("heading", name="走不通的地方")).to_be_visible(timeout=15000)
    words = "推荐截止与纸质材料截止之间没有一个工作日，推荐单位没有时间寄送纸质材料"
    expect(page.get_by_text(words)).to_be_visible()
    picture(page, "rehearsal")
    # A sheet with another direction, its preview, its import.
    new = Direction.model_validate({"key": "added", "title": "机器翻译系统", "verified": False})
    sheet = tmp_path / "方向.xlsx"
    data = directionbook.workbook([*standing.directions(call), new], classes=call.programme.classes)
    sheet.write_bytes(data)
    page.goto("/office/calls/ronghe/directions/import/")
    page.set_input_files("[name=sheet]", sheet)
    page.get_by_role("button", name="预览导入").click()
    expect(page.get_by_role("heading", name="与现行规则的差别")).to_be_visible()
    picture(page, "directions")
    page.get_by_role("button", name="导入 10 个方向").click()
    page.wait_for_url("**/office/calls/ronghe/")
    expect(page.get_by_text("演练之后规则或期限又有改动")).to_be_visible()
    # Clone: the dates of the next year, then the call.
    page.get_by_role("link", name="复制为新批次").click()
    expect(page.get_by_text("2019年6月30日 星期日").first).to_be_visible()
    picture(page, "clone")
    page.fill("[name=code]", "ronghe-2019")
    page.fill("[name=days]", "2")
    page.get_by_role("button", name="复制批次").click()
    page.wait_for_url("**/office/calls/ronghe-2019/")
    assert Call.objects.get(code="ronghe-2019").state == Call.State.PREPARING
    # The form as an applicant will see it.
    page.get_by_role("link", name="按申报主体的样子预览").click()
    expect(page.get_by_text("预览：申报主体看到的样子")).to_be_visible()
    picture(page, "trial")
    page.locator(".jb-task-name a").first.click()
    expect(page.get_by_text("不会保存任何内容")).to_be_visible()
    picture(page, "trial-part")


def test_pages_of_a_call_hold_in_narrow_windows_and_before_axe(season, call, enter):
    Rehearsal.objects.create(
        call=call,
        state="blocked",
        asked_by=season.cast.people["office"],
        asked_by_name="吴示例",
        asked_at=AT,
        ended_at=AT,
        basis=keeping.standing(call),
        report=report(call),
    )
    page = enter("office")
    first = call.programme.sections[0].key
    found = []
    for address in (
        "",
        "rehearsal/",
        "clone/",
        "directions/import/",
        "preview/",
        f"preview/{first}/",
    ):
        found += inspect(page, f"/office/calls/ronghe/{address}")
    assert found == []
