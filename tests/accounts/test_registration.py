"""A unit registers through one form and verifies its address before it can sign in."""

import pytest
from django.core import mail
from django.core.cache import cache
from django.urls import reverse

from accounts.models import Link, Membership, Organisation, User
from accounts.roles import Role
from audit.models import Entry
from notifications import services as notifications
from tests import world

pytestmark = pytest.mark.django_db
CODE = world.uscc(11)
EMAIL = "wang@example.com"
PASSWORD = "山高水长-九月十七日"


def typed(**changes):
    return {
        "unit_name": "示例科技（甲）有限公司",
        "code": CODE,
        "kind": "enterprise",
        "region": "430100",
        "name": "王示例",
        "email": EMAIL,
        "phone": "000-12345678",
        "password": PASSWORD,
        "password_again": PASSWORD,
        "consent": "on",
        **changes,
    }


def register(client, **changes):
    return client.post(reverse("accounts:register"), typed(**changes))


def test_the_form_makes_the_unit_and_its_administrator(client):
    answer = register(client)
    assert answer.status_code == 302
    unit = Organisation.objects.get(code=CODE)
    person = User.objects.get(email=EMAIL)
    assert unit.name == "示例科技（甲）有限公司"
    assert unit.region == "430100"
    membership = Membership.objects.get(user=person, organisation=unit)
    assert membership.role == Role.UNIT_ADMIN
    assert membership.may_submit
    assert person.email_verified_at is None
    assert person.check_password(PASSWORD)
    assert Entry.objects.filter(action="accounts.register").count() == 1


def test_signing_in_waits_for_the_verified_address(client, letter):
    register(client)
    entry = {"email": EMAIL, "password": PASSWORD}
    early = client.post(reverse("accounts:login"), entry)
    assert early.status_code == 422
    assert "还没有验证" in early.content.decode()
    shown = client.get(letter(EMAIL, Link.Purpose.VERIFY))
    assert shown.status_code == 200
    assert User.objects.get(email=EMAIL).email_verified_at is None
    taken = client.post(letter(EMAIL, Link.Purpose.VERIFY))
    assert taken.status_code == 302
    assert client.post(reverse("accounts:login"), entry).status_code == 302
    assert client.get(reverse("accounts:security")).status_code == 200


def test_the_letter_carries_the_link_and_no_password(client, letter):
    register(client)
    notifications.send_waiting(at=Link.objects.get(email=EMAIL).created_at)
    (sent,) = mail.outbox
    assert sent.to == [EMAIL]
    assert letter(EMAIL, Link.Purpose.VERIFY) in sent.body
    assert PASSWORD not in sent.body


def test_a_verification_link_works_once(client, letter):
    register(client)
    path = letter(EMAIL, Link.Purpose.VERIFY)
    client.post(path)
    again = client.get(path)
    assert again.status_code == 410
    assert "已经用过" in again.content.decode()
    assert client.post(path).status_code == 410


def test_a_new_verification_letter_voids_the_earlier_link(client, letter):
    register(client)
    first = letter(EMAIL, Link.Purpose.VERIFY)
    client.post(reverse("accounts:resend"), {"email": EMAIL})
    assert client.get(first).status_code == 410
    assert client.get(letter(EMAIL, Link.Purpose.VERIFY)).status_code == 200


def test_asking_for_another_letter_does_not_tell_whether_the_address_is_known(client):
    register(client)
    known = client.post(reverse("accounts:resend"), {"email": EMAIL}, follow=True)
    unknown = client.post(reverse("accounts:resend"), {"email": "nobody@example.com"}, follow=True)
    a, b = (r.content.decode() for r in (known, unknown))
    assert "验证邮件已发出" in a
    assert "验证邮件已发出" in b
    assert Link.objects.filter(email="nobody@example.com").count() == 0


def test_full_width_small_letters_and_spaces_in_the_code_are_folded(client):
    wide = "".join(chr(ord(char) + 0xFEE0) for char in CODE.lower())
    assert register(client, code=f" {wide[:9]} {wide[9:]}").status_code == 302
    assert Organisation.objects.filter(code=CODE).exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"code": CODE[:-1]}, "应为 18 位，您填了 17 位"),
        ({"code": CODE[:-1] + ("0" if CODE[-1] != "0" else "1")}, "校验位不对"),
        ({"code": CODE[:9] + "O" + CODE[10:]}, "“O”"),
        ({"code": ""}, "请填写"),
        ({"unit_name": "长" * 61}, "不超过 60 个字符，您填了 61 个"),
        ({"kind": "province"}, "请从列表中选择"),
        ({"region": "999999"}, "没有找到这个地区"),
        ({"region": "430000"}, "请选到市或区县"),
        ({"region": "香港特别行政区"}, "没有受理"),
        ({"industry": "9999"}, "没有找到这个行业"),
        ({"email": "不是邮箱"}, "邮箱格式不对"),
        ({"phone": "不是电话"}, "请填写手机号"),
        ({"password": "short", "password_again": "short"}, "密码"),
        ({"password": "1234567890123", "password_again": "1234567890123"}, "密码"),
        ({"password_again": "另外一个密码-1234"}, "两次输入的密码不一样"),
        ({"consent": ""}, "请阅读并勾选后再注册"),
    ],
)
def test_bad_input_is_named_at_its_field_and_nothing_is_lost(client, changes, words):
    answer = register(client, **changes)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert words in html
    assert "处需要修改" in html
    assert "<title>错误：" in html
    if "name" not in changes:
        assert 'value="王示例"' in html
    assert PASSWORD not in html
    assert not Organisation.objects.exists()
    assert not User.objects.exists()


def test_a_code_that_is_registered_already_leads_to_its_administrator(client):
    register(client)
    answer = register(client, email="second@example.com")
    assert answer.status_code == 422
    assert "已经注册。请联系本单位的管理员" in answer.content.decode()
    assert User.objects.count() == 1


def test_an_address_in_use_is_said_at_its_field(client):
    register(client)
    answer = register(client, code=world.uscc(12))
    assert answer.status_code == 422
    assert "这个邮箱已经注册" in answer.content.decode()
    assert Organisation.objects.count() == 1


def test_a_region_other_than_the_codes_is_a_warning_only(client):
    answer = client.post(reverse("accounts:register"), typed(region="420100"), follow=True)
    assert answer.status_code == 200
    assert "不在同一省份" in answer.content.decode()
    assert Organisation.objects.get(code=CODE).region == "420100"


def test_fields_nobody_asked_for_change_nothing(client):
    register(client, may_submit="1", role="office_approver", is_active="", id="99", key="430000")
    unit = Organisation.objects.get(code=CODE)
    assert unit.key == ""
    assert unit.pk != 99
    assert Membership.objects.get().role == Role.UNIT_ADMIN


@pytest.fixture
def two_a_day(settings):
    cache.clear()
    settings.JIEBANG_REGISTRATIONS_PER_DAY = 2
    yield
    cache.clear()


def another(client, n, address="192.0.2.1", **more):
    changes = {"code": world.uscc(20 + n), "email": f"wang{n}@example.com"}
    return client.post(reverse("accounts:register"), typed(**changes), REMOTE_ADDR=address, **more)


def test_one_address_registers_so_many_units_in_a_day_and_is_told_the_way_out(client, two_a_day):
    assert [another(client, n).status_code for n in (1, 2)] == [302, 302]
    answer = another(client, 3)
    html = answer.content.decode()
    assert answer.status_code == 429
    assert "今天不再受理，明天可以再来" in html
    assert "请直接登录" in html
    assert 'value="wang3@example.com"' in html, "nothing typed is lost"
    assert Organisation.objects.count() == 2
    assert another(client, 3, address="192.0.2.2").status_code == 302


def test_tries_that_tell_what_is_taken_count_and_mistakes_in_the_form_do_not(client, two_a_day):
    for _ in range(4):
        assert register(client, email="不是邮箱").status_code == 422
    assert register(client).status_code == 302
    assert register(client).status_code == 422
    assert register(client).status_code == 429


def test_what_a_client_says_of_its_address_is_not_believed(client, two_a_day):
    for n in (1, 2):
        another(client, n, headers={"x-forwarded-for": f"203.0.113.{n}"})
    assert another(client, 3, headers={"x-forwarded-for": "203.0.113.3"}).status_code == 429


def test_one_connections_whole_ipv6_network_counts_as_one(client, two_a_day):
    for n in (1, 2):
        another(client, n, address=f"2001:db8:1:1::{n}")
    assert another(client, 3, address="2001:db8:1:1:ffff::3").status_code == 429
    assert another(client, 3, address="2001:db8:1:2::3").status_code == 302


def test_without_the_cache_registration_goes_on(client, two_a_day, monkeypatch):
    def away(*args, **kwargs):
        raise ConnectionError

    monkeypatch.setattr("core.counting.cache.add", away)
    assert [another(client, n).status_code for n in (1, 2, 3)] == [302, 302, 302]


def test_the_demo_shows_the_letter_on_its_own_machine_only(client, settings):
    settings.JIEBANG_DEMO = True
    register(client)
    here = client.get(reverse("accounts:registered"))
    elsewhere = client.get(reverse("accounts:registered"), REMOTE_ADDR="192.0.2.7")
    assert "打开验证链接" in here.content.decode()
    assert "打开验证链接" not in elsewhere.content.decode()


def test_reading_the_pages_writes_nothing(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get(reverse("accounts:register")).status_code == 200
