"""Signing in, being locked out, forgotten passwords, sessions."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Link, User
from audit.models import Entry
from tests import world

pytestmark = pytest.mark.django_db
LOGIN = "/account/login/"


def attempt(client, email, password="错误的密码-0000", **extra):
    return client.post(reverse("accounts:login"), {"email": email, "password": password}, **extra)


def main_of(answer) -> str:
    """The page's main part without what changes from answer to answer."""
    html = answer.content.decode()
    html = html[html.index("<main") : html.index("</main>")]
    return "\n".join(line for line in html.splitlines() if "csrfmiddlewaretoken" not in line)


def test_address_and_password_lead_home(client, house):
    answer = attempt(client, house.admin.email, world.PASSWORD)
    assert answer.status_code == 302
    assert answer["Location"] == reverse("portal:home")
    assert Entry.objects.filter(action="accounts.sign_in", actor_id=house.admin.pk).count() == 1


def test_the_address_is_folded(client, house):
    assert attempt(client, f"  {house.admin.email.upper()} ", world.PASSWORD).status_code == 302


def test_a_wrong_password_and_an_absent_person_get_the_same_answer(client, house):
    wrong = attempt(client, house.admin.email)
    absent = attempt(client, "nobody@example.com")
    assert wrong.status_code == absent.status_code == 422
    assert main_of(wrong).replace(house.admin.email, "X") == main_of(absent).replace(
        "nobody@example.com", "X"
    )


def test_an_absent_person_costs_as_much_hashing_as_a_present_one(client, house, monkeypatch):
    from django.contrib.auth.hashers import MD5PasswordHasher

    runs = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda self, *a: runs.append(1) or encode(self, *a)
    )
    attempt(client, house.admin.email)
    present = len(runs)
    attempt(client, "nobody@example.com")
    assert len(runs) - present == present > 0


def test_five_wrong_passwords_lock_the_account_on_this_machine(client, house):
    for _ in range(5):
        last = attempt(client, house.admin.email)
    assert last.status_code == 429
    assert "暂时锁定" in last.content.decode()
    assert attempt(client, house.admin.email, world.PASSWORD).status_code == 429
    assert "_auth_user_id" not in client.session


def test_a_lock_out_of_one_person_does_not_reach_another_at_the_same_address(client, house):
    for _ in range(5):
        attempt(client, house.admin.email)
    assert attempt(client, house.editor.email, world.PASSWORD).status_code == 302


def test_a_lock_out_does_not_reach_the_owner_elsewhere(client, house):
    for _ in range(5):
        attempt(client, house.admin.email, REMOTE_ADDR="192.0.2.9")
    assert attempt(client, house.admin.email, world.PASSWORD).status_code == 302


def test_the_page_one_came_for_is_opened_afterwards(client, house):
    asked = reverse("accounts:people")
    sent = client.get(asked)
    assert sent.status_code == 302
    assert sent["Location"].startswith(LOGIN)
    answer = client.post(
        reverse("accounts:login"),
        {"email": house.admin.email, "password": world.PASSWORD, "next": asked},
    )
    assert answer["Location"] == asked


@pytest.mark.parametrize(
    "outside",
    ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"],
)
def test_nobody_is_led_to_another_site(client, house, outside):
    answer = client.post(
        reverse("accounts:login"),
        {"email": house.admin.email, "password": world.PASSWORD, "next": outside},
    )
    assert answer["Location"] == reverse("portal:home")


def test_with_https_one_signs_in_with_cookies_of_this_host_alone(house, settings):
    """As portal/settings.py sets them with ``JIEBANG_HTTPS`` (tests/tools/test_cluster.py)."""
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    client = Client(enforce_csrf_checks=True)
    login = reverse("accounts:login")
    client.get(login, secure=True)
    given = {"email": house.admin.email, "password": world.PASSWORD}
    more = {"secure": True, "headers": {"referer": f"https://testserver{login}"}}
    assert client.post(login, given, **more).status_code == 403
    token = client.cookies["__Host-csrftoken"].value
    answer = client.post(login, {**given, "csrfmiddlewaretoken": token}, **more)
    assert answer.status_code == 302
    cookie = answer.cookies["__Host-sessionid"]
    assert (cookie["path"], cookie["domain"]) == ("/", "")
    assert cookie["secure"] and cookie["httponly"]
    assert "sessionid" not in answer.cookies
    assert client.get(reverse("accounts:security"), secure=True).status_code == 200


def test_signing_out_is_a_post_and_ends_the_session(house, signed_in):
    client = signed_in(house.admin)
    assert client.get(reverse("accounts:logout")).status_code == 405
    assert client.post(reverse("accounts:logout")).status_code == 302
    assert client.get(reverse("accounts:security")).status_code == 302


def test_a_person_switched_off_is_out_at_once(house, signed_in):
    client = signed_in(house.admin)
    User.objects.filter(pk=house.admin.pk).update(is_active=False)
    assert client.get(reverse("accounts:security")).status_code == 302


def test_a_post_after_a_minute_lets_the_session_last_and_reading_does_not(house, signed_in):
    client = signed_in(house.admin)
    session = client.session
    before = session["until"] = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    session.save()
    client.get(reverse("accounts:security"))
    assert client.session["until"] == before
    answer = client.post(reverse("accounts:keep_alive"))
    assert answer.json() == {"seconds": 7200}
    assert client.session["until"] > before
    page = client.get(reverse("accounts:security")).content.decode()
    shown = datetime.fromisoformat(re.search(r'data-session-until="([^"]+)"', page)[1])
    assert shown == datetime.fromisoformat(client.session["until"])


def test_a_forgotten_password_is_chosen_anew_by_its_owner(client, house, letter):
    client.post(reverse("accounts:forgot"), {"email": house.admin.email})
    path = letter(house.admin.email, Link.Purpose.RESET)
    assert client.get(path).status_code == 200
    fresh = "全新的一个密码-77"
    answer = client.post(path, {"password": fresh, "password_again": fresh})
    assert answer.status_code == 302
    assert client.post(path, {"password": fresh, "password_again": fresh}).status_code == 410
    assert attempt(client, house.admin.email, world.PASSWORD).status_code == 422
    assert attempt(client, house.admin.email, fresh).status_code == 302


def test_a_reset_ends_the_sessions_of_the_person(client, house, signed_in, letter):
    signed_in(house.admin)
    client.post(reverse("accounts:forgot"), {"email": house.admin.email})
    fresh = "全新的一个密码-77"
    client.post(
        letter(house.admin.email, Link.Purpose.RESET), {"password": fresh, "password_again": fresh}
    )
    assert client.get(reverse("accounts:security")).status_code == 302


def test_a_weak_new_password_leaves_the_link_and_the_old_password(client, house, letter):
    client.post(reverse("accounts:forgot"), {"email": house.admin.email})
    path = letter(house.admin.email, Link.Purpose.RESET)
    answer = client.post(path, {"password": "12345", "password_again": "12345"})
    assert answer.status_code == 422
    assert "处需要修改" in answer.content.decode()
    assert client.get(path).status_code == 200
    assert attempt(client, house.admin.email, world.PASSWORD).status_code == 302


def test_asking_for_a_reset_does_not_tell_whether_the_address_is_known(client, house):
    known = client.post(reverse("accounts:forgot"), {"email": house.admin.email})
    unknown = client.post(reverse("accounts:forgot"), {"email": "nobody@example.com"})
    assert known.status_code == unknown.status_code == 302
    assert known["Location"] == unknown["Location"]
    assert Link.objects.filter(purpose=Link.Purpose.RESET).count() == 1


def test_an_unknown_link_is_not_found(client, db):
    for name in ("verify_email", "activate", "reset"):
        answer = client.get(reverse(f"accounts:{name}", args=["0" * 64]))
        assert answer.status_code == 404
        assert "没有这个链接" in answer.content.decode()


def test_changing_the_password_needs_the_old_one(house, signed_in):
    client = signed_in(house.admin)
    fresh = "全新的一个密码-77"
    wrong = client.post(
        reverse("accounts:password"),
        {"old_password": "不是它-1234567", "password": fresh, "password_again": fresh},
    )
    assert wrong.status_code == 422
    assert "现在的密码不对" in wrong.content.decode()
    right = client.post(
        reverse("accounts:password"),
        {"old_password": world.PASSWORD, "password": fresh, "password_again": fresh},
    )
    assert right.status_code == 302
    assert client.get(reverse("accounts:security")).status_code == 200


def test_large_text_is_kept_with_the_person(house, signed_in):
    client = signed_in(house.admin)
    assert 'class="jb-large"' not in client.get(reverse("accounts:security")).content.decode()
    client.post(reverse("accounts:large_text"), {"next": reverse("accounts:security")})
    assert 'class="jb-large"' in client.get(reverse("accounts:security")).content.decode()


def test_large_text_is_kept_with_a_visitor_by_a_cookie(client, db):
    client.post(reverse("accounts:large_text"))
    assert 'class="jb-large"' in client.get(reverse("accounts:login")).content.decode()
    client.post(reverse("accounts:large_text"))
    assert 'class="jb-large"' not in client.get(reverse("accounts:login")).content.decode()


def test_a_demo_link_works_once_in_the_demo_on_this_machine(client, house, settings):
    from accounts import links

    link = links.make(
        Link.Purpose.DEMO, email=house.admin.email, user=house.admin, at=world.AT, announce=False
    )
    path = links.path(link)
    assert client.get(path).status_code == 404
    settings.JIEBANG_DEMO = True
    assert client.get(path, REMOTE_ADDR="192.0.2.7").status_code == 404
    assert client.post(path, REMOTE_ADDR="192.0.2.7").status_code == 404
    assert client.get(path).status_code == 200
    assert "_auth_user_id" not in client.session
    assert client.post(path).status_code == 302
    assert client.session["_auth_user_id"] == str(house.admin.pk)
    assert client.post(path).status_code == 410


def test_no_page_of_the_accounts_has_anything_inline(client, house, signed_in):
    client = signed_in(house.admin)
    for name in ("security", "password", "people", "invite", "organisation", "hand_over"):
        answer = client.get(reverse(f"accounts:{name}"))
        assert answer.status_code == 200, name
        html = answer.content.decode()
        assert " style=" not in html
        assert "script-src 'self'" in answer["Content-Security-Policy"]


@pytest.mark.parametrize("asked", ["9999", "desk", "javascript:0", "//elsewhere.example/", "²"])
def test_a_next_that_is_no_path_of_this_site_leads_home(client, cast, asked):
    answer = client.get("/account/login/", {"next": asked})
    assert answer.status_code == 200
    client.force_login(cast.people["admin"], backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get("/account/login/", {"next": asked})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/home/")
