"""The recommender's desk and the tree of units in Chromium: axe, narrow windows, keyboard.

With JIEBANG_TEST_PICTURES=folder each page's picture is kept, taken at 1440 and 390 px.
"""

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.models import Organisation
from accounts.roles import Role
from applications import services as applications
from calls.programme import Step
from recommenders import services
from recommenders.models import Allotment, RankedList, Tagging
from recommenders.services.selections import Result
from tests import world
from tests.browser.watching import faults, look_at
from tests.recommenders import scene
from tests.recommenders.test_selection import PDF
from tests.world import AT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

K = Organisation.Kind
TITLES = (
    "面向工业听诊的低噪声声学传感器",
    "云端大模型训练芯片",
    "端侧多模态推断框架及工具链",
    "民族语言与汉语互译系统",
    "城市治理多源训练资源库",
    "低功耗视觉终端芯片",
    "高精度压力传感器阵列",
    "车规级存算一体终端芯片",
    "医学影像标注与训练资源库",
    "会议场景同声传译系统",
    "磁场成像传感模组",
    "轻量推断编译器",
    "光纤水听阵列",
    "多语种术语训练语料库",
    "云端推理加速卡",
    "示范应用数据平台",
)


@pytest.fixture
def desk(transactional_db):
    """A province with sixteen filings: twelve listed, two in reserve, tags, notes and scores."""
    spec = world.programme()
    steps = list(spec.steps)
    if Step.PRESELECTION not in steps:
        steps.insert(steps.index(Step.RECOMMENDATION), Step.PRESELECTION)
    cast = world.build(spec.model_copy(update={"steps": tuple(steps)}))
    cast.district = world.unit(
        K.DISTRICT, "示例区工业和信息化局", region="430102", parent=cast.city
    )
    cast.people["district"] = world.person(cast.district, Role.REC_OPERATOR, "区示例")
    directions = list(cast.call.directions.all())
    found = [
        scene.filing(
            cast,
            n,
            title=title,
            direction=directions[n % len(directions)],
            preselector=cast.district if n > 12 else None,
        )
        for n, title in enumerate(TITLES, start=1)
    ]
    cast.call = scene.move_dates(
        cast.call,
        filing_from=AT - timedelta(days=20),
        filing_until=AT - timedelta(days=1),
        recommendation_until=AT + timedelta(days=4, hours=8),
    )
    operator = cast.actor("operator")
    for n, one in enumerate(found[:12]):
        services.recommend(one, condition="补交检测报告" if n == 6 else "", actor=operator, at=AT)
    for one in found[12:14]:
        services.forward(one, rank=1, note="区内优选", actor=cast.actor("district"), at=AT)
        services.forward(one, rank=2, actor=cast.actor("city"), at=AT)
        services.reserve(one, actor=operator, at=AT)
    services.enter_paper_selection(
        cast.call,
        organisation=cast.province,
        held_on=AT.date() - timedelta(days=1),
        participants="示例专家五人",
        note="",
        minutes=PDF,
        minutes_name="评审会纪要.pdf",
        results=[
            Result(one.pk, Decimal("91.4") - Decimal("0.7") * n, n + 1)
            for n, one in enumerate(found[:14])
        ],
        actor=operator,
        at=AT,
    )
    for name, tone, some in (("重点", "red", found[:4]), ("省内首台套", "teal", found[2:7])):
        tag = services.make_tag(name=name, tone=tone, actor=operator, at=AT)
        services.tag_filings(tag, [one.pk for one in some], put=True, actor=operator, at=AT)
    services.add_note(found[3], text="评审会上补充了测试数据", actor=operator, at=AT)
    services.set_rank(found[4], number=4, actor=operator, at=AT)
    services.set_level_quota(cast.call, organisation=cast.city, limit=5, actor=operator, at=AT)
    cast.found = found
    for key, user in cast.people.items():
        type(user).objects.filter(pk=user.pk).update(email=f"{key}@example.org")
    return cast


def test_every_page_of_the_desk_is_accessible_and_fits(desk, enter):
    code = desk.call.code
    operator = enter("operator")
    look_at(operator, f"/recommend/calls/{code}/", "list")
    look_at(operator, f"/recommend/calls/{code}/filings/?sort=score", "filings")
    look_at(operator, f"/recommend/calls/{code}/filings/?q=没有这样的", "filings-empty")
    look_at(operator, f"/recommend/calls/{code}/selection/", "selection")
    look_at(operator, f"/recommend/calls/{code}/history/", "history")
    look_at(operator, f"/recommend/calls/{code}/confirm/", "confirm")
    look_at(operator, "/recommend/levels/", "levels")
    look_at(operator, f"/recommend/filings/{desk.found[6].public_id}/", "filing")
    gone = desk.found[1]
    applications.withdraw(gone, actor=world.actor(gone.created_by), at=AT, reason="企业放弃申报")
    look_at(operator, f"/recommend/calls/{code}/", "list-dropped")
    assert operator.get_by_role("button", name="递补备 1").is_visible()
    city = enter("city")
    look_at(city, f"/recommend/calls/{code}/area/", "area")
    look_at(city, "/recommend/levels/", "levels-city")


def test_every_page_of_the_office_on_quota_and_levels_is_accessible_and_fits(desk, enter):
    code, pk = desk.call.code, RankedList.objects.get(organisation=desk.province).pk
    asked = services.propose_transfer(
        desk.district,
        parent=desk.province,
        day=AT.date() + timedelta(days=30),
        reason="区划调整文件",
        today=AT.date(),
        actor=desk.actor("office"),
        at=AT,
    )
    services.revoke_unit(
        desk.other_province, reason="账号疑似泄露", actor=desk.actor("office"), at=AT
    )
    chief = enter("chief")
    look_at(chief, f"/recommend/office/calls/{code}/levels/", "office-levels")
    look_at(
        chief, f"/recommend/office/calls/{code}/levels/?under={desk.province.pk}", "office-under"
    )
    look_at(chief, f"/recommend/office/calls/{code}/allotments/", "office-allotments")
    look_at(chief, f"/recommend/office/lists/{pk}/history/", "office-history")
    allotment = Allotment.objects.get(call=desk.call, organisation=desk.province)
    look_at(chief, f"/recommend/office/allotments/{allotment.pk}/", "office-allotment")
    look_at(chief, "/office/units/tree/", "units-tree")
    look_at(chief, f"/office/units/{asked.organisation_id}/", "unit")
    look_at(chief, f"/office/units/{desk.other_province.pk}/", "unit-stopped")


def test_the_desk_is_worked_with_the_keyboard_and_a_bulk_tag_taken_back(desk, enter):
    page = enter("operator")
    page.goto(f"/recommend/calls/{desk.call.code}/filings/?sort=title")
    before = Tagging.objects.count()
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.locator("[data-bulk-count]").inner_text() == "已选 2 项"
    page.keyboard.press("?")
    page.get_by_role("dialog", name="快捷键").wait_for()
    assert faults(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    page.select_option("#bulk-tag", label="重点")
    with page.expect_navigation():
        page.get_by_role("button", name="加标签").click()
    added = Tagging.objects.count() - before
    assert added > 0
    with page.expect_navigation():
        page.get_by_role("button", name="撤销", exact=True).click()
    assert Tagging.objects.count() == before
    page.goto(f"/recommend/calls/{desk.call.code}/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("n")
    page.keyboard.type("1")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert scene.order(desk)[0] == "云端大模型训练芯片"
    with page.expect_navigation():
        page.get_by_role("button", name="撤销", exact=True).click()
    assert scene.order(desk)[1] == "云端大模型训练芯片"
