"""Leave: the deputy holds the role from its first instant to its last, and is still one person."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts import absences
from accounts.models import Absence, Membership, User
from accounts.roles import Role
from audit.models import Entry
from calls import services as calls
from core.errors import Refusal
from tests import world
from tests.office.test_cockpit import browser
from tests.world import AT

pytestmark = pytest.mark.django_db
INSTANT = timedelta(microseconds=1)
SINCE, UNTIL = AT + timedelta(days=1), AT + timedelta(days=8)


def held(cast, name) -> Membership:
    return Membership.objects.filter(user=cast.people[name]).order_by("pk")[0]


def away(cast, who="chief", deputy="office", **more):
    return absences.begin(
        held(cast, who),
        deputy=held(cast, deputy),
        **{
            "since": SINCE,
            "until": UNTIL,
            "reason": "年休假",
            "actor": cast.actor(who),
            "at": AT,
            **more,
        },
    )


def holds(user, role, at) -> bool:
    return Membership.objects.active(at).filter(user=user, role=role).exists()


def test_the_deputy_holds_the_role_from_the_first_instant_to_the_last(cast):
    away(cast)
    deputy = cast.people["office"]
    assert [
        holds(deputy, Role.OFFICE_APPROVER, at)
        for at in (SINCE - INSTANT, SINCE, UNTIL - INSTANT, UNTIL)
    ] == [False, True, True, False]
    assert holds(cast.people["chief"], Role.OFFICE_APPROVER, SINCE)
    assert Entry.objects.filter(action="accounts.begin_absence").count() == 1


def test_back_earlier_the_deputy_has_it_no_more(cast):
    made = away(cast)
    absences.end(made, actor=cast.actor("chief"), at=SINCE + timedelta(days=1))
    assert not holds(cast.people["office"], Role.OFFICE_APPROVER, SINCE + timedelta(days=1))
    with pytest.raises(Refusal) as refusal:
        absences.end(made, actor=cast.actor("chief"), at=SINCE + timedelta(days=2))
    assert refusal.value.code == "over"


def test_taken_back_before_it_began_it_never_was(cast):
    made = away(cast)
    absences.end(made, actor=cast.actor("chief"), at=AT)
    assert not holds(cast.people["office"], Role.OFFICE_APPROVER, SINCE)


def test_a_deputy_does_not_approve_what_they_asked_for(cast):
    away(cast, since=AT - timedelta(days=1))
    person = cast.people["office"]
    asked = calls.propose_extension(
        cast.call,
        organisation=cast.company,
        key="filing",
        until=cast.call.filing_until + timedelta(days=1),
        reason="当地停电停网",
        actor=cast.actor("office"),
        at=AT,
    )
    as_deputy = world.actor(person, Role.OFFICE_APPROVER)
    with pytest.raises(Refusal) as refusal:
        calls.decide_extension(asked, approve=True, actor=as_deputy, at=AT)
    assert refusal.value.code == "two-people"


@pytest.mark.parametrize(
    ("who", "deputy", "more", "code"),
    [
        ("auditor", "office", {}, "not-deputised"),
        ("chief", "operator", {}, "odd-deputy"),
        ("chief", "chief", {}, "odd-deputy"),
        ("chief", "office", {"until": SINCE}, "odd-span"),
        ("chief", "office", {"since": AT - timedelta(days=9), "until": AT}, "odd-span"),
        ("chief", "office", {"until": SINCE + timedelta(days=181)}, "odd-span"),
    ],
)
def test_what_is_no_leave_is_refused_and_leaves_nothing(cast, who, deputy, more, code):
    before = Membership.objects.count()
    with pytest.raises(Refusal) as refusal:
        away(cast, who, deputy, **more)
    assert refusal.value.code == code
    assert Membership.objects.count() == before and not Absence.objects.exists()


def test_a_second_leave_or_a_role_held_already_is_refused(cast):
    away(cast)
    with pytest.raises(Refusal) as refusal:
        away(cast)
    assert refusal.value.code == "holds-it-already"
    with pytest.raises(Refusal) as refusal:
        away(cast, deputy="auditor")
    assert refusal.value.code == "away-already"


def test_when_the_trail_cannot_be_written_there_is_no_deputy(cast, monkeypatch):
    before = Membership.objects.count()

    def broken(**data):
        raise RuntimeError("the trail is gone")

    monkeypatch.setattr("accounts.absences.audit.record", broken)
    with pytest.raises(RuntimeError):
        away(cast)
    assert Membership.objects.count() == before


def test_it_is_entered_and_ended_over_the_page_by_oneself_only(cast):
    chief, office = browser(cast, "chief"), browser(cast, "office")
    address = reverse("accounts:absences")
    chief.post(
        address,
        {
            "membership": held(cast, "chief").pk,
            "deputy": held(cast, "office").pk,
            "since": f"{SINCE:%Y-%m-%d}",
            "until": f"{UNTIL:%Y-%m-%d}",
            "reason": "出差",
        },
    )
    made = Absence.objects.get()
    assert "出差" in office.get(address).content.decode()
    end = reverse("accounts:absence_end", args=[made.pk])
    assert office.post(end).status_code == 403
    assert browser(cast, "operator").post(end).status_code == 404
    assert chief.post(end).status_code == 302
    made.refresh_from_db()
    assert made.ended_at is not None


def test_somebody_else_s_role_is_not_offered(cast):
    office = browser(cast, "office")
    answer = office.post(
        reverse("accounts:absences"),
        {
            "membership": held(cast, "chief").pk,
            "deputy": held(cast, "office").pk,
            "since": f"{SINCE:%Y-%m-%d}",
            "until": f"{UNTIL:%Y-%m-%d}",
        },
    )
    assert answer.status_code == 422 and not Absence.objects.exists()


def test_accounts_not_used_for_long_are_listed_and_others_are_not(cast, django_assert_num_queries):
    users = User.objects.all()
    users.update(last_login=AT - timedelta(days=1))
    users.filter(pk=cast.people["rival"].pk).update(last_login=AT - timedelta(days=91))
    users.filter(pk=cast.people["city"].pk).update(
        last_login=None, created_at=AT - timedelta(days=200)
    )
    auditor = browser(cast, "auditor")
    page = auditor.get(reverse("office:stale_accounts")).context["page"]
    assert {one.name for one in page} == {"周示例", "刘示例"}
    everybody = auditor.get(reverse("office:stale_accounts"), {"days": "300"}).context["page"]
    assert list(everybody) == []
    assert auditor.get(reverse("office:stale_accounts"), {"days": "²"}).status_code == 200
    assert browser(cast, "office").get(reverse("office:stale_accounts")).status_code == 403
