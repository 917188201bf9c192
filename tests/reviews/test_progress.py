"""How far a round is: the lead's page, reminders to those behind, the telephone on request."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Membership
from accounts.roles import Role
from audit.models import Entry
from core.errors import Refusal
from notifications.models import Message
from reviews import services
from reviews.models import Review, Round
from tests.reviews import scene
from tests.world import AT

pytestmark = pytest.mark.django_db


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def running(**more):
    return scene.declared(scene.deployed(scene.build(**more)))


def lead_of(s, number: int = 0):
    services.name_lead(s.experts[number], lead=True, actor=s.office, at=AT)
    return signed_in(s.user(number))


def page_of(s) -> str:
    return reverse("reviews:lead_progress", args=[s.round.public_id])


def test_the_lead_sees_who_is_how_far_and_no_score_nor_filing():
    s = running(filed=2, experts=3, wanted=3)
    done = s.task(1, 0)
    scene.submit(done, 7)
    client = lead_of(s)
    page = client.get(page_of(s)).content.decode()
    assert all(one.name in page for one in s.experts)
    assert "1/6" in page
    review = Review.objects.get(assignment=done)
    assert str(review.total) not in page and f"{review.total:.1f}" not in page
    for filing in s.applications:
        assert filing.title not in page and filing.organisation.name not in page
    assert page_of(s) in client.get(reverse("reviews:desk")).content.decode()


def test_nothing_of_what_was_scored_changes_the_leads_page():
    s = running(filed=2, experts=3, wanted=3)
    scene.submit(s.task(1, 0), 7)
    client = lead_of(s)

    def seen() -> list[str]:
        lines = client.get(page_of(s)).content.decode().split("<main")[1].splitlines()
        return [
            one for one in lines if not any(word in one for word in ("csrf", "<time", "data-from"))
        ]

    before = seen()
    Review.objects.update(total=91, scores={})
    assert seen() == before


def test_only_the_lead_of_that_pool_gets_in_and_only_while_they_lead():
    s = running(filed=1, experts=3, wanted=2)
    assert signed_in(s.user(1)).get(page_of(s)).status_code == 403
    client = lead_of(s)
    assert client.get(page_of(s)).status_code == 200
    Round.objects.filter(pk=s.round.pk).update(pool=services.pool_of(s.cast.province, at=AT))
    assert client.get(page_of(s)).status_code == 404
    Round.objects.filter(pk=s.round.pk).update(pool=s.experts[0].pool)
    services.name_lead(s.experts[0], lead=False, actor=s.office, at=AT)
    assert client.get(page_of(s)).status_code == 403


def test_a_lead_keeps_reviewing_and_the_change_is_on_record():
    s = running(filed=1, experts=2, wanted=2)
    client = lead_of(s)
    task = s.task(0, 0)
    assert client.get(reverse("reviews:score", args=[task.public_id])).status_code == 200
    assert Entry.objects.filter(action="reviews.name_lead").count() == 1
    with pytest.raises(Refusal) as refused:
        services.name_lead(s.experts[0], lead=True, actor=s.office, at=AT)
    assert refused.value.code == "lead-unchanged"


def test_when_the_trail_cannot_be_written_nobody_becomes_lead(monkeypatch):
    s = running(filed=1, experts=2, wanted=2)
    monkeypatch.setattr("reviews.services.pool.audit.record", lambda **_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        services.name_lead(s.experts[0], lead=True, actor=s.office, at=AT)
    assert not Membership.objects.filter(role=Role.PANEL_LEAD).exists()


def letters():
    return Message.objects.filter(key__startswith="reviews.remind:")


def test_who_is_behind_is_reminded_once_before_the_end_and_who_is_done_is_not():
    s = running(filed=1, experts=2, wanted=2)
    scene.submit(s.task(0, 0), 7)
    end = s.round.closes_at
    assert services.remind_behind(at=end - timedelta(days=3, seconds=1)) == 0
    assert services.remind_behind(at=end - timedelta(days=3)) == 1
    assert services.remind_behind(at=end - timedelta(days=1)) == 0
    assert [one.user for one in letters()] == [s.user(1)]
    assert s.applications[0].title not in letters().get().body
    assert Entry.objects.filter(action="reviews.remind").count() == 1


def test_after_the_end_nobody_is_reminded_and_a_new_end_reminds_again():
    s = running(filed=1, experts=2, wanted=2)
    end = s.round.closes_at
    assert services.remind_behind(at=end) == 0
    assert services.remind_behind(at=end - timedelta(hours=1)) == 2
    Round.objects.filter(pk=s.round.pk).update(closes_at=end + timedelta(days=9))
    assert services.remind_behind(at=end) == 0
    assert services.remind_behind(at=end + timedelta(days=7)) == 2


def test_a_telephone_is_masked_until_somebody_asks_and_that_is_on_record():
    s = scene.build(filed=1, experts=1, made=False)
    expert, client = s.experts[0], signed_in(s.cast.people["office"])
    url = reverse("reviews:edit_expert", args=[expert.pk])
    assert expert.phone not in client.get(url).content.decode()
    shown = client.post(reverse("reviews:reveal_phone", args=[expert.pk])).content.decode()
    assert expert.phone in shown
    entry = Entry.objects.get(action="reviews.reveal_phone")
    assert entry.actor_id == s.cast.people["office"].pk
    assert client.get(reverse("reviews:reveal_phone", args=[expert.pk])).status_code == 405


def test_an_empty_telephone_in_the_form_keeps_the_one_that_is_known():
    s = scene.build(filed=1, experts=1, made=False)
    expert = s.experts[0]
    client = signed_in(s.cast.people["office"])
    typed = {
        "name": expert.name,
        "phone": "",
        "fields_text": "智能传感器",
        "employer_name": expert.employer_name,
        "capacity": "9",
        "available": "on",
    }
    assert client.post(reverse("reviews:edit_expert", args=[expert.pk]), typed).status_code == 302
    kept = expert.phone
    expert.refresh_from_db()
    assert (expert.phone, expert.capacity) == (kept, 9)
