"""``manage.py rescue``: when no security administrator is left, one is called before witnesses."""

from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts import links, services
from accounts.models import Link, Membership, Organisation, User
from accounts.roles import Role
from audit.models import Entry
from notifications import services as notifications
from notifications.models import Message
from office import rescuing
from tests import halfway, world
from tests.world import AT, SYSTEM

pytestmark = pytest.mark.django_db
GIVEN = {
    "email": "new@example.com",
    "name": "新示例",
    "reason": "两名安全管理员均已离职，无人可以办理",
    "witness": ["甲示例", "乙示例"],
}


@pytest.fixture
def office(db):
    """An office with an auditor and a system administrator; nobody keeps security."""
    made = world.unit(Organisation.Kind.OFFICE, "示例主管部门", region="110000")
    world.person(made, Role.AUDITOR, "冯示例")
    world.person(made, Role.SYSTEM_ADMIN, "褚示例")
    return made


def rescue(**changes):
    out = StringIO()
    call_command("rescue", stdout=out, **{**GIVEN, **changes})
    return out.getvalue()


def everything():
    return halfway.rows_of([Link, Entry, Message, Membership, User])


def refused(words, **changes):
    before = everything()
    with pytest.raises(CommandError, match=words):
        rescue(**changes)
    assert everything() == before


def test_the_one_called_gets_a_letter_chooses_a_password_and_is_security_administrator(
    office, client
):
    said = rescue()
    link = Link.objects.get()
    assert (link.role, link.organisation) == (Role.SECURITY_ADMIN, office)
    assert links.token(link) not in said, "the link goes by letter only"
    notifications.send_waiting(at=link.created_at)
    (letter,) = [one for one in mail.outbox if one.to == ["new@example.com"]]
    assert links.path(link) in letter.body
    assert not User.objects.filter(email="new@example.com").exists()
    typed = {"name": "新示例", "password": world.PASSWORD, "password_again": world.PASSWORD}
    client.post(links.path(link), typed)
    held = Membership.objects.get(user__email="new@example.com")
    assert (held.role, held.organisation) == (Role.SECURITY_ADMIN, office)
    assert client.get(reverse("accounts:rescue")).status_code == 200


def test_reason_and_witnesses_stand_in_the_trail_and_those_who_watch_are_told(office):
    rescue()
    entry = Entry.objects.get(action="office.rescue")
    assert entry.data["reason"] == GIVEN["reason"]
    assert entry.data["witnesses"] == GIVEN["witness"]
    assert entry.data["although"] == []
    assert Entry.objects.filter(action="accounts.invite").count() == 1
    told = Message.objects.filter(key__startswith="rescue:")
    assert {one.user.name for one in told} == {"冯示例", "褚示例"}
    assert "甲示例、乙示例" in told[0].body
    token = links.token(Link.objects.get())
    assert token not in str(list(Entry.objects.values())) + str(list(told.values()))


def test_a_system_administrator_is_called_the_same_way(office):
    refused("褚示例 can sign in", role="system_admin")
    User.objects.filter(memberships__role=Role.SYSTEM_ADMIN).update(is_active=False)
    rescue(role="system_admin")
    assert Link.objects.get().role == Role.SYSTEM_ADMIN
    assert Entry.objects.get(action="office.rescue").data["role"] == "system_admin"
    assert "担任示例主管部门系统管理员" in Message.objects.get(key__startswith="rescue:").body


@pytest.mark.parametrize("role", ["auditor", "office_approver"])
def test_no_other_role_is_given_this_way(office, role):
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("rescue", "--role", role, "--email", "new@example.com")
    assert not Link.objects.exists()


def test_nothing_is_done_while_a_security_administrator_can_sign_in(office):
    guard = world.person(office, Role.SECURITY_ADMIN, "卫示例")
    refused("卫示例 can sign in")
    rescue(although_one_is_there=True)
    assert Entry.objects.get(action="office.rescue").data["although"] == [guard.pk]


@pytest.mark.parametrize("gone", ["switched off", "role ended"])
def test_one_who_cannot_sign_in_does_not_count(office, gone):
    guard = world.person(office, Role.SECURITY_ADMIN, "卫示例")
    if gone == "switched off":
        User.objects.filter(pk=guard.pk).update(is_active=False)
    else:
        services.end_membership(Membership.objects.get(user=guard), actor=SYSTEM, at=AT)
    rescue()
    assert Link.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reason": "没人了"}, "不少于 10 字"),
        ({"witness": ["甲示例", "甲示例"]}, "两名在场见证人"),
        ({"witness": ["甲示例", "新示例"]}, "两名在场见证人"),
        ({"witness": ["甲示例", " "]}, "两名在场见证人"),
        ({"witness": ["甲示例"]}, "not given: Name of witness 2"),
        ({"reason": ""}, "not given: Reason"),
    ],
)
def test_what_is_missing_stops_it_and_nothing_is_done(office, changes, words):
    refused(words, **changes)


def test_before_a_terminal_what_was_not_given_is_asked_for(office, monkeypatch):
    answers = iter(["new@example.com", "新示例", GIVEN["reason"], "甲示例", "乙示例"])
    questions = []

    def typed(question):
        questions.append(question)
        return next(answers)

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", typed)
    rescue(email="", name="", reason="", witness=[])
    assert [one.partition(" ")[0] for one in questions] == [
        *("E-mail", "Their", "Reason,", "Name", "Name")
    ]
    assert Entry.objects.get(action="office.rescue").data["witnesses"] == ["甲示例", "乙示例"]


def test_an_auditor_is_not_made_security_administrator_this_way_either(office):
    auditor = User.objects.get(memberships__role=Role.AUDITOR)
    refused("一人只能任一个", email=auditor.email, name=auditor.name)


def test_before_there_is_an_office_there_is_nobody_to_rescue(db):
    refused("bootstrap_office")


@pytest.mark.parametrize("breaks", [halfway.AUDIT, halfway.LETTER])
def test_when_entry_or_letter_cannot_be_written_nobody_is_called(office, breaks, monkeypatch):
    halfway.leaves_nothing(
        lambda: rescuing.call_in(
            email="new@example.com",
            name="新示例",
            reason=GIVEN["reason"],
            witnesses=("甲示例", "乙示例"),
            actor=SYSTEM,
            at=AT,
        ),
        breaks,
        everything,
        monkeypatch,
    )
