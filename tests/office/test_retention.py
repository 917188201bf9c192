"""Personal data past its time: dry run, two people, cleared once; records stay verifiable."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import services as accounts
from accounts.models import Link, Membership, User
from accounts.roles import Role
from applications.models import Application, Section, SectionVersion, Version
from audit import services as audit
from audit.models import Entry
from core.errors import Refusal
from documents.fingerprints import fingerprint
from notifications import services as notifications
from notifications.models import Message
from office import retention
from office.models import Purge
from tests import world
from tests.office import bulk
from tests.office.test_cockpit import browser
from tests.recommenders import scene
from tests.world import AT

pytestmark = pytest.mark.django_db
OLD = AT - timedelta(days=401)
INSTANT = timedelta(microseconds=1)


@pytest.fixture
def admins(cast, settings):
    """Two administrators, and a period of 400 days for every kind."""
    settings.JIEBANG_RETENTION = dict.fromkeys(("letters", "links", "phones", "drafts"), 400)
    cast.people["security"] = world.person(cast.office, Role.SECURITY_ADMIN, "陈示例安全")
    cast.people["sysadmin"] = world.person(cast.office, Role.SYSTEM_ADMIN, "褚示例系统")
    return cast


def letter(n, *, at=OLD, state="sent"):
    return Message.objects.create(
        key=f"occasion:{n}:person{n}@example.org",
        email=f"person{n}@example.org",
        kind="test",
        subject=f"给张三{n}",
        body="张三的正文",
        state=state,
        created_at=at,
        not_before=at,
        sent_at=at if state == "sent" else None,
    )


def purge(cast):
    made = retention.propose(actor=cast.actor("security"), at=AT)
    retention.decide(made, approve=True, actor=cast.actor("sysadmin"), at=AT)
    return retention.run_approved(at=AT)


def test_switched_off_nothing_is_due(cast):
    letter(1)
    assert [line.count for line in retention.dry_run(AT)] == [0, 0, 0, 0]
    with pytest.raises(Refusal) as refusal:
        retention.propose(actor=cast.actor("office"), at=AT)
    assert refusal.value.code == "nothing-due"


def test_letters_lose_words_and_addresses_at_the_instant_and_not_before(admins):
    edge = AT - timedelta(days=400)
    old, young = letter(1, at=edge - INSTANT), letter(2, at=edge)
    waiting = letter(3, state="waiting")
    assert retention.dry_run(AT)[0].count == 1
    done = purge(admins)
    assert done.cleared == {"letters": 1}
    old.refresh_from_db()
    everything = f"{old.key}{old.email}{old.subject}{old.body}"
    assert "person1" not in everything and "张三" not in everything
    assert old.key.startswith("occasion:1:")
    for kept in (young, waiting):
        before = kept.body
        kept.refresh_from_db()
        assert kept.body == before and "person" in kept.email


def test_links_phones_and_lapsed_drafts_are_cleared_and_others_stay(admins):
    accounts.invite(
        organisation=admins.company,
        role=Role.VIEWER,
        email="gone@example.org",
        name="旧人",
        actor=admins.actor("admin"),
        at=OLD - timedelta(days=10),
    )
    gone = admins.people["viewer"]
    Membership.objects.filter(user=gone).update(valid_from=OLD, valid_until=OLD)
    User.objects.filter(pk=gone.pk).update(created_at=OLD)
    lapsed = admins.application
    bulk.saved(lapsed, 2)
    Section.objects.filter(application=lapsed).update(data={"name": "李四"})
    Application.objects.filter(pk=lapsed.pk).update(status="lapsed", changed_at=OLD)
    done = purge(admins)
    assert done.cleared["links"] == 1 and done.cleared["phones"] == 1
    assert done.cleared["drafts"] == Section.objects.filter(application=lapsed).count()
    assert not Link.objects.filter(email="gone@example.org").exists()
    gone.refresh_from_db()
    assert gone.phone == ""
    assert User.objects.get(pk=admins.people["admin"].pk).phone != ""
    assert not SectionVersion.objects.filter(section__application=lapsed).exists()
    assert set(Section.objects.filter(application=lapsed).values_list("version", flat=True))
    assert not Section.objects.filter(application=lapsed).exclude(data={}).exists()


def test_frozen_versions_and_the_trail_stay_verifiable(admins):
    filed = scene.filing(admins, 1)
    Application.objects.filter(pk=filed.pk).update(changed_at=OLD)
    letter(1)
    while audit.chain():
        pass
    purge(admins)
    while audit.chain():
        pass
    version = Version.objects.get(application=filed)
    assert fingerprint(version.snapshot) == version.fingerprint
    assert audit.verify().problems == ()
    said = [one.data for one in Entry.objects.filter(action__contains="purge")]
    assert len(said) == 3
    assert "person1" not in str(said) and "张三" not in str(said)


def test_one_administrator_does_not_approve_what_they_asked_for(admins):
    letter(1)
    made = retention.propose(actor=admins.actor("security"), at=AT)
    with pytest.raises(Refusal) as refusal:
        retention.decide(made, approve=True, actor=admins.actor("security"), at=AT)
    assert refusal.value.code == "two-people"
    assert retention.run_approved(at=AT) is None
    with pytest.raises(IntegrityError), transaction.atomic():
        Purge.objects.filter(pk=made.pk).update(
            state="approved", approved_by=made.proposed_by, approved_at=AT
        )
    with pytest.raises(Refusal) as refusal:
        retention.propose(actor=admins.actor("sysadmin"), at=AT)
    assert refusal.value.code == "purge-open"


def test_a_worker_that_dies_half_way_leaves_a_true_count_and_is_taken_up(admins, monkeypatch):
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    for n in range(5):
        letter(n)
    made = retention.propose(actor=admins.actor("security"), at=AT)
    retention.decide(made, approve=True, actor=admins.actor("sysadmin"), at=AT)
    calls = []
    real = retention._clear_letters

    def dying(rows):
        calls.append(len(rows))
        real(rows)
        if len(calls) == 2:
            raise RuntimeError("killed")

    kinds = (
        retention.Kind("letters", "消息", "", retention._letters, dying),
        *retention.KINDS[1:],
    )
    monkeypatch.setattr(retention, "KINDS", kinds)
    with pytest.raises(RuntimeError):
        retention.run_approved(at=AT)
    made.refresh_from_db()
    assert (made.state, made.cleared) == ("approved", {"letters": 2})
    assert Message.objects.filter(body=retention.CLEARED).count() == 2
    assert retention.run_approved(at=AT).cleared == {"letters": 5}
    assert retention.run_approved(at=AT) is None
    assert Entry.objects.filter(action="office.purge").count() == 1


def test_a_letter_asked_for_again_on_the_same_occasion_after_clearing_is_no_error(admins):
    letter(1)
    purge(admins)
    notifications.enqueue_each(
        key="occasion:1",
        letters=[notifications.Letter(None, "person1@example.org", "再次", "正文")],
        kind="test",
        about=admins.call,
        at=AT,
    )
    assert Message.objects.filter(key__startswith="occasion:1:").count() == 2


def test_it_is_looked_at_asked_for_and_let_go_over_the_pages(admins):
    letter(1)
    security, sysadmin = browser(admins, "security"), browser(admins, "sysadmin")
    address = reverse("office:retention")
    page = security.get(address).content.decode()
    assert "提出清除 1 条" in page and "张三" not in page and "person1" not in page
    security.post(address)
    made = Purge.objects.get()
    assert "批准清除" not in security.get(address).content.decode()
    assert "批准清除" in sysadmin.get(address).content.decode()
    sysadmin.post(reverse("office:purge_decide", args=[made.pk]), {"approve": "yes"})
    retention.run_approved(at=AT)
    auditor = browser(admins, "auditor")
    assert "消息 1 条" in auditor.get(address).content.decode()
    assert auditor.post(address).status_code == 403
    assert browser(admins, "office").get(address).status_code == 403
