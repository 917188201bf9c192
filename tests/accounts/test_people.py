"""The people of a unit: who invites whom, ending roles, handing over, switching identity."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts import services
from accounts.models import Link, Membership, Organisation
from accounts.roles import Role
from audit.models import Entry
from audit.services import Actor
from tests import world

pytestmark = pytest.mark.django_db


def membership_of(user, role=None):
    return user.memberships.filter(**({"role": role} if role else {})).latest("pk")


def invite(client, **changes):
    data = {"name": "孙示例", "email": "sun@example.com", "role": "editor", **changes}
    return client.post(reverse("accounts:invite"), data)


def test_the_administrator_invites_and_the_letter_is_queued(house, signed_in):
    client = signed_in(house.admin)
    assert invite(client, may_submit="on").status_code == 302
    link = Link.objects.get(email="sun@example.com")
    assert (link.organisation, link.role, link.may_submit) == (house.company, Role.EDITOR, True)
    assert "sun@example.com" in client.get(reverse("accounts:people")).content.decode()


@pytest.mark.parametrize("role", ["office_approver", "rec_approver", "system_admin", "expert", ""])
def test_nobody_gives_a_role_that_is_not_theirs_to_give(house, signed_in, role):
    client = signed_in(house.admin)
    assert invite(client, role=role).status_code == 422
    assert not Link.objects.exists()


@pytest.mark.parametrize("who", ["editor", "viewer", "operator"])
def test_only_those_in_charge_invite(house, signed_in, who):
    client = signed_in(getattr(house, who))
    assert client.get(reverse("accounts:invite")).status_code == 403
    assert invite(client).status_code == 403
    assert not Link.objects.exists()


def test_a_recommenders_approver_invites_its_own_people(house, signed_in):
    client = signed_in(house.approver)
    assert invite(client, role="rec_operator").status_code == 302
    assert Link.objects.get().organisation == house.province


def test_who_has_the_role_already_is_not_invited_again(house, signed_in):
    client = signed_in(house.admin)
    answer = invite(client, email=house.editor.email)
    assert answer.status_code == 422
    assert "已有这个角色" in answer.content.decode()


def test_an_invitation_can_be_revoked(house, signed_in):
    client = signed_in(house.admin)
    invite(client)
    link = Link.objects.get()
    assert client.post(reverse("accounts:revoke", args=[link.pk])).status_code == 302
    link.refresh_from_db()
    assert link.revoked_at is not None


def test_an_expired_invitation_is_shown_as_such_and_sent_again(house, signed_in):
    client = signed_in(house.admin)
    invite(client, may_submit="on")
    old = Link.objects.get()
    Link.objects.update(expires_at=world.AT - timedelta(days=3))
    page = client.get(reverse("accounts:people")).content.decode()
    assert "已过期" in page and "待激活" not in page
    assert client.post(reverse("accounts:resend_invitation", args=[old.pk])).status_code == 302
    old.refresh_from_db()
    new = Link.objects.latest("pk")
    assert old.revoked_at is not None and new.pk != old.pk
    assert (new.email, new.role, new.may_submit) == (old.email, old.role, True)
    page = client.get(reverse("accounts:people")).content.decode()
    assert "待激活" in page and "已过期" not in page
    again = client.post(reverse("accounts:resend_invitation", args=[old.pk]))
    assert again.status_code == 404


def test_an_invitation_that_expired_long_ago_is_gone(house, signed_in):
    client = signed_in(house.admin)
    invite(client)
    client.get(reverse("accounts:people"))  # the message that it was sent is read
    Link.objects.update(expires_at=world.AT - timedelta(days=40))
    assert "sun@example.com" not in client.get(reverse("accounts:people")).content.decode()


def test_a_colleague_becomes_viewer_and_editor_again_without_the_right_to_submit(house, signed_in):
    client = signed_in(house.admin)
    held = membership_of(house.editor)
    Membership.objects.filter(pk=held.pk).update(may_submit=True)
    url = reverse("accounts:change_role", args=[held.pk])
    assert client.post(url, {"role": "viewer"}).status_code == 302
    now = membership_of(house.editor)
    assert (now.role, now.may_submit, now.pk != held.pk) == (Role.VIEWER, False, True)
    held.refresh_from_db()
    assert held.valid_until is not None  # what was, stays written
    back = reverse("accounts:change_role", args=[now.pk])
    assert client.post(back, {"role": "editor"}).status_code == 302
    assert membership_of(house.editor).role == Role.EDITOR


@pytest.mark.parametrize("role", ["unit_admin", "rec_approver", "office_approver", "", "viewer"])
def test_a_role_is_changed_between_editor_and_viewer_only(house, signed_in, role):
    client = signed_in(house.admin)
    held = membership_of(house.viewer)
    answer = client.post(reverse("accounts:change_role", args=[held.pk]), {"role": role})
    assert answer.status_code == 422
    assert membership_of(house.viewer).role == Role.VIEWER
    own = membership_of(house.admin)
    answer = client.post(reverse("accounts:change_role", args=[own.pk]), {"role": "viewer"})
    assert answer.status_code == 422


def test_one_leaves_a_unit_oneself_at_once(house, signed_in):
    client = signed_in(house.viewer)
    held = membership_of(house.viewer)
    assert client.post(reverse("accounts:leave", args=[held.pk])).status_code == 302
    assert client.get(reverse("accounts:people")).status_code == 403
    foreign = membership_of(house.editor)
    assert client.post(reverse("accounts:leave", args=[foreign.pk])).status_code == 404


def test_the_last_administrator_cannot_leave_without_handing_over(house, signed_in):
    client = signed_in(house.admin)
    held = membership_of(house.admin)
    answer = client.post(reverse("accounts:leave", args=[held.pk]))
    assert answer.status_code == 409
    assert "至少要有一名管理员" in answer.content.decode()
    held.refresh_from_db()
    assert held.valid_until is None


def test_anothers_invitation_and_people_do_not_exist(house, signed_in):
    invite(signed_in(house.admin))
    link = Link.objects.get()
    client = signed_in(house.rival_admin)
    foreign = membership_of(house.editor)
    for name, pk in (
        ("revoke", link.pk),
        ("end_membership", foreign.pk),
        ("may_submit", foreign.pk),
    ):
        hidden = client.post(reverse(f"accounts:{name}", args=[pk]))
        absent = client.post(reverse(f"accounts:{name}", args=[999999]))
        assert hidden.status_code == absent.status_code == 404
    page = client.get(reverse("accounts:people")).content.decode()
    assert house.editor.email not in page
    assert "sun@example.com" not in page
    foreign.refresh_from_db()
    assert foreign.valid_until is None


def test_an_ended_role_is_gone_at_the_next_request(house, signed_in, client):
    other = signed_in(house.editor)
    assert other.get(reverse("accounts:people")).status_code == 200
    services.end_membership(
        membership_of(house.editor), actor=Actor.of(_as(house.admin)), at=world.AT
    )
    assert other.get(reverse("accounts:people")).status_code == 403


def _as(user):
    from types import SimpleNamespace

    return SimpleNamespace(user=user, acting=membership_of(user))


def test_the_administrator_ends_a_role_through_the_page(house, signed_in):
    client = signed_in(house.admin)
    held = membership_of(house.editor)
    assert client.post(reverse("accounts:end_membership", args=[held.pk])).status_code == 302
    held.refresh_from_db()
    assert held.valid_until is not None
    assert Entry.objects.filter(action="accounts.end_membership").count() == 1


def test_the_last_administrator_cannot_go(house, signed_in):
    client = signed_in(house.admin)
    held = membership_of(house.admin)
    answer = client.post(reverse("accounts:end_membership", args=[held.pk]))
    assert answer.status_code == 409
    assert "至少要有一名管理员" in answer.content.decode()
    held.refresh_from_db()
    assert held.valid_until is None


def test_handing_over_makes_the_other_administrator_and_ends_ones_own(house, signed_in):
    client = signed_in(house.admin)
    answer = client.post(
        reverse("accounts:hand_over"),
        {"to": membership_of(house.editor).pk, "stay_as_editor": "on"},
    )
    assert answer.status_code == 302
    roles = {
        (m.user.name, m.role)
        for m in Membership.objects.filter(organisation=house.company, valid_until=None)
    }
    assert ("李示例", Role.UNIT_ADMIN) in roles
    assert ("王示例", Role.UNIT_ADMIN) not in roles
    assert ("王示例", Role.EDITOR) in roles
    assert client.get(reverse("accounts:invite")).status_code == 403


def test_the_administration_goes_to_nobody_outside_the_unit(house, signed_in):
    client = signed_in(house.admin)
    answer = client.post(reverse("accounts:hand_over"), {"to": membership_of(house.rival_admin).pk})
    assert answer.status_code == 422
    assert membership_of(house.admin).valid_until is None


def test_when_the_trail_cannot_be_written_nothing_is_handed_over(house, signed_in, monkeypatch):
    client = signed_in(house.admin)
    client.raise_request_exception = False
    real = services.audit.record

    def fails_late(**data):
        if data["action"] == "accounts.end_membership":
            raise RuntimeError("no trail")
        return real(**data)

    monkeypatch.setattr(services.audit, "record", fails_late)
    answer = client.post(reverse("accounts:hand_over"), {"to": membership_of(house.editor).pk})
    assert answer.status_code == 500
    assert membership_of(house.admin).valid_until is None
    assert not house.editor.memberships.filter(role=Role.UNIT_ADMIN).exists()


def test_the_right_to_submit_is_given_and_taken(house, signed_in):
    client = signed_in(house.admin)
    held = membership_of(house.editor)
    for may, expected in (("1", True), ("0", False)):
        client.post(reverse("accounts:may_submit", args=[held.pk]), {"may": may})
        held.refresh_from_db()
        assert held.may_submit is expected
    assert Entry.objects.filter(action="accounts.may_submit").count() == 2


def test_a_viewer_cannot_be_given_the_right_to_submit(house, signed_in):
    client = signed_in(house.admin)
    held = membership_of(house.viewer)
    answer = client.post(reverse("accounts:may_submit", args=[held.pk]), {"may": "1"})
    assert answer.status_code == 409
    held.refresh_from_db()
    assert held.may_submit is False


def test_a_person_with_two_identities_switches_between_them(house, signed_in):
    services.appoint(
        house.admin,
        organisation=house.province,
        role=Role.REC_OPERATOR,
        actor=Actor("system"),
        at=world.AT,
    )
    client = signed_in(house.admin)
    first = client.get(reverse("accounts:people")).content.decode()
    assert '<p class="jb-over">示例科技（甲）有限公司</p>' in first
    other = membership_of(house.admin, Role.REC_OPERATOR)
    assert client.post(reverse("accounts:switch"), {"membership": other.pk}).status_code == 302
    second = client.get(reverse("accounts:people")).content.decode()
    assert '<p class="jb-over">示例省工业和信息化厅</p>' in second


@pytest.mark.parametrize("asked", ["999999", "", "x"])
def test_an_identity_that_is_not_ones_own_does_not_exist(house, signed_in, asked):
    client = signed_in(house.admin)
    assert client.post(reverse("accounts:switch"), {"membership": asked}).status_code == 404
    foreign = membership_of(house.rival_admin).pk
    assert client.post(reverse("accounts:switch"), {"membership": foreign}).status_code == 404


def test_phones_are_masked_in_the_list(house, signed_in):
    house.editor.phone = "00012345678"
    house.editor.save()
    page = signed_in(house.viewer).get(reverse("accounts:people")).content.decode()
    assert "000****5678" in page
    assert "00012345678" not in page


def test_the_list_costs_the_same_for_one_and_for_thirty_people(
    house, signed_in, django_assert_max_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = signed_in(house.admin)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(reverse("accounts:people"))
    for n in range(30):
        world.person(house.company, Role.EDITOR, f"示例{n}")
    with django_assert_max_num_queries(len(few)):
        page = client.get(reverse("accounts:people")).content.decode()
    assert "示例29" in page


PROFILE = {
    "address": "示例路 1 号",
    "founded": "2015-06-30",
    "capital": "１２，４８０.５",
    "legal_person": "王示例",
    "scale": "medium",
    "industry": "3562",
    "contact_name": "李示例",
    "contact_phone": "000-12345678",
    "contact_email": "li@example.com",
    "introduction": "做传感器。",
}


def test_the_units_particulars_are_kept_folded(house, signed_in):
    client = signed_in(house.editor)
    assert client.post(reverse("accounts:organisation"), PROFILE).status_code == 302
    unit = Organisation.objects.get(pk=house.company.pk)
    assert unit.address == "示例路 1 号"
    assert unit.profile["capital"] == "12480.5"
    assert unit.profile["founded"] == "2015-06-30"
    assert 'value="12480.5"' in client.get(reverse("accounts:organisation")).content.decode()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"capital": "很多"}, "只能填数字"),
        ({"capital": "-1"}, "不能小于 0"),
        ({"founded": "去年"}, "日期格式不对"),
        ({"industry": "制造"}, "没有找到这个行业"),
        ({"contact_email": "x"}, "邮箱格式不对"),
        ({"introduction": "字" * 812}, "超出 12 字"),
    ],
)
def test_wrong_particulars_are_named_and_nothing_typed_is_lost(house, signed_in, changes, words):
    client = signed_in(house.editor)
    answer = client.post(reverse("accounts:organisation"), {**PROFILE, **changes})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert words in html
    assert "示例路 1 号" in html
    assert Organisation.objects.get(pk=house.company.pk).profile == {}


def test_a_viewer_reads_the_particulars_and_changes_nothing(house, signed_in):
    client = signed_in(house.viewer)
    assert client.get(reverse("accounts:organisation")).status_code == 200
    assert client.post(reverse("accounts:organisation"), PROFILE).status_code == 403
    assert Organisation.objects.get(pk=house.company.pk).address == ""


def test_name_code_and_region_do_not_change_with_the_particulars(house, signed_in):
    client = signed_in(house.admin)
    client.post(
        reverse("accounts:organisation"),
        {**PROFILE, "name": "别的名称", "code": "x", "region": "110000", "kind": "office"},
    )
    unit = Organisation.objects.get(pk=house.company.pk)
    assert (unit.name, unit.code, unit.region, unit.kind) == (
        house.company.name,
        house.company.code,
        house.company.region,
        house.company.kind,
    )


def test_ones_own_name_and_phone_are_kept(house, signed_in):
    client = signed_in(house.admin)
    answer = client.post(reverse("accounts:security"), {"name": "王示例二", "phone": "000-7654321"})
    assert answer.status_code == 302
    house.admin.refresh_from_db()
    assert (house.admin.name, house.admin.phone) == ("王示例二", "000-7654321")
    bad = client.post(reverse("accounts:security"), {"name": "", "phone": "x"})
    assert bad.status_code == 422
