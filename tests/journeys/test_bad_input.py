"""What people get wrong: told in clear Chinese, with the right status; nothing typed is lost."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from applications.content import synthetic
from applications.models import Application, Attachment, Section, Version
from calls.programme import FieldType
from tests.applications.filling import pdf
from tests.journeys.cast import upload
from tests.journeys.journey import Journey
from tests.journeys.player import PASSWORD, Person, mailed_link

pytestmark = [pytest.mark.journey, pytest.mark.django_db]

RIGHT = {
    "unit_name": "示例误填研究有限公司",
    "code": synthetic.code(9),
    "kind": "enterprise",
    "region": "430100",
    "name": "误填示例",
    "email": "wrong@example.org",
    "phone": "000-00000000",
    "password": PASSWORD,
    "password_again": PASSWORD,
    "consent": "on",
}


@pytest.fixture
def journey():
    """An open call, its office and recommender; one unit has registered and started a filing."""
    found = Journey("2021-jiebang")
    found.open_season()
    found.register(found.first)
    found.start(found.first)
    return found


def field_of(journey, *types, **needs):
    """The first plain field of these types with what is needed, and its section."""
    for section in journey.programme.sections:
        for one in section.fields:
            if one.type in types and not one.show_if and all(getattr(one, k) for k in needs):
                return section.key, one
    raise LookupError(types)


#: A code is shown by its name.
SHOWN = {"region": "湖南省长沙市"}


@pytest.mark.parametrize(
    ("name", "typed", "told"),
    [
        ("code", "91990100MA00009XX0", "校验"),
        ("code", "91990100MA0000", "18"),
        ("phone", "零零零", "只用数字"),
        ("email", "wrong.example.org", "邮箱格式不对"),
        ("password_again", "另一个密码-0000", "两次输入的密码不一样"),
        ("consent", [], "请阅读并勾选"),
        ("region", "", "请选择"),
    ],
)
def test_a_mistake_in_the_registration_is_told_at_its_field_and_the_rest_stays(name, typed, told):
    person = Person()
    person.open("/account/register/")
    page = person.press("注册单位", {**RIGHT, name: typed}, status=422)
    page.says(told, "处需要修改")
    assert page.title.startswith("错误：")
    form, _ = page.button("注册单位")
    for other in ("unit_name", "code", "kind", "region", "name", "email", "phone"):
        wanted = typed if other == name else SHOWN.get(other, RIGHT[other])
        assert form.value(other) == wanted, other
    assert not form.value("password"), "a password is never sent back"
    person.press("注册单位", {**RIGHT}, status=200)


def test_a_unit_that_is_registered_already_is_told_whom_to_ask(journey):
    person = Person()
    person.open("/account/register/")
    page = person.press("注册单位", {**RIGHT, "code": synthetic.code(1)}, status=422)
    page.says("管理员")
    form, _ = page.button("注册单位")
    assert form.value("unit_name") == RIGHT["unit_name"]


def test_too_long_a_text_is_kept_and_told_in_characters(journey):
    section, asked = field_of(journey, FieldType.LONGTEXT, max_chars=True)
    person, filing = journey.first.admin, journey.first
    text = "示例内容" * (asked.max_chars // 4 + 2)
    person.open(f"{filing.url}sections/{section}/")
    page = person.press("标记本部分完成", {asked.key: text}, status=422)
    page.says(asked.label, f"最多 {asked.max_chars} 字")
    assert page.title.startswith("错误：")
    form, _ = page.button("标记本部分完成")
    assert form.value(asked.key) == text
    again, _ = person.open(f"{filing.url}sections/{section}/").button("标记本部分完成")
    assert again.value(asked.key) == text
    person.open(f"{filing.url}check/").says("阻止提交", asked.label)


def test_letters_in_a_number_are_kept_and_told(journey):
    section, asked = field_of(journey, FieldType.MONEY, FieldType.INTEGER, FieldType.DECIMAL)
    person, filing = journey.first.admin, journey.first
    person.open(f"{filing.url}sections/{section}/")
    page = person.press("标记本部分完成", {asked.key: "一百 abc"}, status=422)
    page.says(asked.label, "只能填数字")
    form, _ = page.button("标记本部分完成")
    assert form.value(asked.key) == "一百 abc"
    again, _ = person.open(f"{filing.url}sections/{section}/").button("标记本部分完成")
    assert again.value(asked.key) == "一百 abc"


def test_full_width_digits_and_separators_are_no_mistake(journey):
    section, asked = field_of(journey, FieldType.MONEY)
    person, filing = journey.first.admin, journey.first
    person.open(f"{filing.url}sections/{section}/")
    person.press("保存草稿", {asked.key: "１，２３４．５ "}).says("草稿已保存")
    kept = Section.objects.get(application__public_id=filing.public_id, key=section)
    assert kept.data[asked.key].rstrip("0") == "1234.5"


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("程序.exe", b"MZ\x90\x00" * 50, "PDF"),
        ("改名.pdf", b"MZ\x90\x00" * 50, "PDF"),
        ("空.pdf", b"", "空"),
        ("加密.pdf", pdf(1, password="x"), "密码"),
    ],
)
def test_a_wrong_file_is_refused_at_its_kind_and_the_others_stay(journey, name, data, told):
    person, filing = journey.first.admin, journey.first
    first, *others = journey.programme.attachments
    person.open(f"{filing.url}files/")
    person.press("上传", {"file": upload("好.pdf", pdf(1))}, to=f"/add/{first.key}/")
    target = others[0].key if others else first.key
    page = person.press("上传", {"file": upload(name, data)}, to=f"/add/{target}/", status=422)
    page.says("没有办成", told, "好.pdf")
    assert page.title.startswith("错误：")
    assert [one.name for one in Attachment.objects.all()] == ["好.pdf"]


def test_a_link_that_has_expired_says_so_and_opens_nothing(journey):
    journey.clerk.open(f"/office/units/?q={journey.recommender}")
    journey.clerk.follow(journey.recommender)
    late = Person("迟到示例", "late@unit.example.org")
    journey.clerk.press(
        "发送激活链接", {"name": late.name, "email": late.email, "role": "rec_operator"}
    )
    link = mailed_link(late.email)
    late.open(link).says("激活您的个人账号")
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=72, seconds=1), tick=False):
        late.open(link, status=410).says("已过期", "重发")
        late.open("/account/login/")
        late.press("登录", {"email": late.email, "password": PASSWORD}, status=422)
    late.activate(link)  # in time it works, and once only
    Person().open(link, status=410).says("已经用过")


def test_a_link_that_never_was_says_so():
    Person().open(f"/account/activate/{'0' * 40}/", status=404).says("没有这个链接", "重发")


def test_somebody_elses_filing_is_answered_like_one_that_never_was(journey):
    filing = journey.first
    stranger = journey.filings[1]
    journey.register(stranger)
    pages = (
        "",
        "basics/",
        "files/",
        "check/",
        "withdraw/",
        "versions/",
        f"sections/{journey.programme.sections[0].key}/",
    )
    for part in pages:
        own = stranger.admin.open(filing.url + part, status=404)
        none = stranger.admin.open(f"/applications/zzzzzzzzzzzz/{part}", status=404)
        strip = journey.CLOCK.sub
        assert strip("", own.text) == strip("", none.text)
        assert filing.title not in own.text and filing.unit not in own.text
    # the same through the buttons of one's own page, sent to the other's address
    journey.start(stranger)
    before = list(Application.objects.order_by("pk").values())
    section = journey.programme.sections[0].key
    stranger.admin.open(f"{stranger.url}sections/{section}/")
    form, button = stranger.admin.page.button("保存草稿")
    form.action = f"{filing.url}sections/{section}/"
    stranger.admin._send(form, button, 404)
    assert list(Application.objects.order_by("pk").values()) == before


def test_a_unit_from_elsewhere_is_told_for_whom_the_call_is():
    journey = Journey("wuhan-claims")
    journey.open_season()
    stranger = journey.first
    stranger.region = "430100"
    journey.register(stranger)
    page = stranger.admin.open("/applications/")
    page.says("本批次只接受注册地在湖北省武汉市的单位申报")
    page = stranger.admin.open(f"/applications/new/{journey.code}/")
    page.says("本批次只接受注册地在湖北省武汉市的单位申报", "实施细则")
    page = stranger.admin.press("新建申报", {"title": "示例事项"}, status=422)
    page.says("本批次只接受注册地在湖北省武汉市的单位申报", "实施细则")
    form, _ = page.button("新建申报")
    assert form.value("title") == "示例事项"
    assert not Application.objects.exists()


def test_two_presses_of_submit_are_one_submission(journey):
    filing, person = journey.first, journey.first.admin
    journey.complete(filing)
    person.open(f"{filing.url}check/")
    form, button = person.page.button("提交申报书")
    form.fill("agree", "1")
    first = person._send(form, button, 200)
    first.says("已提交", "第 1 版")
    second = person._post(f"{filing.url}submit/", form.data(button), 200)
    assert second.url == first.url
    assert Version.objects.count() == 1


def test_an_unticked_promise_and_a_page_overtaken_by_a_colleague_submit_nothing(journey):
    filing, person = journey.first, journey.first.admin
    journey.complete(filing)
    person.open(f"{filing.url}check/")
    person.press("提交申报书", status=422).says("请先勾选承诺")
    person.open(f"{filing.url}check/")
    form, button = person.page.button("提交申报书")
    form.fill("agree", "1")
    journey.fill(filing, journey.programme.sections[0].key, seed=31)
    person._send(form, button, 409).says("没有提交", "请核对现在的内容")
    assert not Version.objects.exists()


def test_an_unfinished_filing_cannot_be_submitted_and_each_gap_is_a_link(journey):
    filing, person = journey.first, journey.first.admin
    page = person.open(f"{filing.url}check/")
    page.says("处阻止提交")
    assert not page.has_button("提交申报书")
    gaps = [href for _, href in page.links if "?check=1" in href and "#" in href]
    assert gaps
    person.open(gaps[0].partition("#")[0]).says("处需要修改")


def test_a_wrong_password_is_told_without_telling_who_exists(journey):
    told = []
    for email in (journey.first.admin.email, "nobody@example.org"):
        person = Person()
        person.open("/account/login/")
        page = person.press("登录", {"email": email, "password": "不对的密码-000"}, status=422)
        form, _ = page.button("登录")
        assert form.value("email") == email
        told.append(journey.CLOCK.sub("", page.says("邮箱或密码不对").text))
    assert told[0] == told[1]
