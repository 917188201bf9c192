"""The pages of testing: an agency writes a result down, hands it on; the office and the unit."""

import pytest

from accounts.models import User
from testing.models import Result
from tests.browser.watching import inspect, picture, until
from tests.testing import scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def played(transactional_db):
    found = scene.build("甲一", "乙二", "丙三")
    for key, user in found.season.cast.people.items():
        User.objects.filter(pk=user.pk).update(email=f"{key}@example.org")
    return found


def test_an_agency_writes_a_result_down_and_a_colleague_approves_it(played, enter):
    result = scene.accepted(played)
    url = f"/testing/items/{result.commission.public_id}/"
    page = enter("tester0")
    assert inspect(page, "/testing/") == []
    picture(page, "desk")
    assert inspect(page, url) == []
    row = result.rows.select_related("target").order_by("order").first()
    measured = page.locator(f"#id_r{row.pk}-measured")
    measured.fill(scene.value_for(row, "over"))
    page.keyboard.press("Tab")
    page.wait_for_selector('[data-save-state] [data-s="done"]')
    until(
        page,
        f"document.querySelector('[data-compared=\"r{row.pk}-compared\"]').dataset.c === 'over'",
    )
    assert Result.objects.get(pk=result.pk).version == 1
    row.refresh_from_db()
    assert row.standing == "over"
    page.get_by_role("button", name="提交批准").click()
    page.wait_for_selector(".jb-errors")
    assert page.locator(".jb-errors li").count() > 3
    picture(page, "item-errors")
    page.fill("#id_basis", "示例规程")
    page.fill("#id_environment", "实验室 23 °C")
    page.fill("#id_tested_from", played.now.date().isoformat())
    page.fill("#id_tested_until", played.now.date().isoformat())
    for one in result.rows.select_related("target"):
        page.fill(f"#id_r{one.pk}-measured", scene.value_for(one, "over"))
        page.fill(f"#id_r{one.pk}-method", "按规程测量")
        page.fill(f"#id_r{one.pk}-sample_size", "3")
    page.get_by_role("button", name="提交批准").click()
    page.wait_for_selector("text=另一位测评人员批准")
    other = enter("tester0b")
    assert inspect(other, url) == []
    picture(other, "item-approve")
    other.get_by_role("button", name="批准并生成报告").click()
    other.wait_for_selector("text=下载测评报告")
    assert Result.objects.get(pk=result.pk).state == "approved"


def test_two_people_on_one_result_never_overwrite_each_other(played, enter):
    result = scene.accepted(played)
    url = f"/testing/items/{result.commission.public_id}/"
    first, second = enter("tester0"), enter("tester0b")
    first.goto(url)
    second.goto(url)
    first.fill("#id_basis", "甲的依据")
    first.keyboard.press("Tab")
    first.wait_for_selector('[data-save-state] [data-s="done"]')
    second.fill("#id_basis", "乙的依据")
    second.keyboard.press("Tab")
    second.wait_for_selector("[data-save-note]")
    assert "没有覆盖" in second.locator("[data-save-note]").inner_text()
    assert Result.objects.get(pk=result.pk).basis == "甲的依据"


def test_pages_of_the_office_and_of_the_unit(played, enter):
    done = scene.released(played, 0, how="over")
    dispute = scene.disputed(played, done)
    scene.sealed(played, scene.accepted(played, 1, 1), 1, how="under")
    code = played.season.call.code
    page, found = enter("chief"), []
    for name, url in (
        ("calls", "/testing/office/"),
        ("board", f"/testing/office/calls/{code}/"),
        ("propose", f"/testing/office/calls/{code}/propose/"),
        ("commission", f"/testing/office/commissions/{done.commission.public_id}/"),
        ("dispute", f"/testing/office/disputes/{dispute.public_id}/"),
        ("disputes", f"/testing/office/calls/{code}/disputes/"),
        ("ranking", f"/testing/office/calls/{code}/ranking/"),
        ("agencies", "/testing/office/agencies/"),
        ("agency", f"/testing/office/agencies/{played.agencies[0].pk}/"),
        ("add", "/testing/office/agencies/add/"),
        ("import", "/testing/office/agencies/import/"),
    ):
        found += inspect(page, url)
        picture(page, name)
    assert found == []


def test_the_unit_reads_and_disputes(played, enter):
    done = scene.released(played, 0, how="under")
    person = scene.unit_person(played)
    User.objects.filter(pk=person.pk).update(email="unit@example.org")
    page = enter("unit")
    found = inspect(page, "/testing/results/")
    found += inspect(page, f"/testing/tasks/{done.commission.task.public_id}/")
    picture(page, "my-task")
    found += inspect(page, f"/testing/results/{done.public_id}/")
    picture(page, "my-result")
    assert found == []
    page.locator("[name=keys]").first.check()
    page.fill("[name=reason]", "测试所用固件不是申报的版本，结果偏低。")
    page.get_by_role("button", name="提出异议").click()
    page.wait_for_selector("text=已提出异议")
    assert page.get_by_role("button", name="提出异议").count() == 0
