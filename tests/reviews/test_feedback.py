"""Comments for applicants: by whom written, by whom released, by whom read, and when."""

import pytest
from django.test import Client
from django.urls import reverse

from applications.models import Application
from applications.workflow import Status
from core.errors import Refusal
from notifications.models import Message
from reviews import queries, results, services
from reviews.models import Feedback
from tests.reviews import scene
from tests.world import AT

TEXT = "指标论证充分，产业化路径需要进一步说明。"


@pytest.fixture
def closed(db):
    made = scene.declared(scene.deployed(scene.build()))
    tasks = made.round.assignments.filter(state="deployed").order_by("pk")
    for task in tasks.select_related("round", "expert__user"):
        scene.submit(task, 7)
    services.close_round(made.round, actor=made.office, at=AT)
    made.round.refresh_from_db()
    return made


def entry(made, n=0):
    return made.round.entries.get(application=made.applications[n])


def write(made, n=0, text=TEXT):
    return services.write_feedback(entry(made, n), text, actor=made.office, at=AT)


def release(made, who="chief"):
    return services.release_feedback(made.round, actor=made.cast.actor(who), at=AT)


def decide(made, n=0, status=Status.FINALIST):
    Application.objects.filter(pk=made.applications[n].pk).update(status=status)


def applicant_of(made, n=0):
    return made.applications[n].organisation.memberships.get().user


def page(user, name, *args, data=None):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse(f"reviews:{name}", args=args)
    return client.get(address) if data is None else client.post(address, data)


def test_a_comment_is_read_by_its_applicant_alone_and_only_once_released(closed):
    write(closed)
    decide(closed)
    application = closed.applications[0]
    before = page(applicant_of(closed), "my_feedback", application.public_id)
    assert TEXT not in before.content.decode()
    assert release(closed) == 1
    after = page(applicant_of(closed), "my_feedback", application.public_id)
    assert TEXT in after.content.decode()
    other = page(applicant_of(closed, 1), "my_feedback", application.public_id)
    assert other.status_code == 404


def test_its_people_are_told_once_without_the_comment(closed):
    write(closed)
    decide(closed)
    release(closed)
    (letter,) = Message.objects.filter(kind="feedback")
    assert letter.user == applicant_of(closed)
    assert TEXT not in letter.body and closed.applications[0].title in letter.subject
    with pytest.raises(Refusal, match="没有可以反馈"):
        release(closed)
    assert Message.objects.filter(kind="feedback").count() == 1


def test_nobody_releases_what_they_wrote(closed):
    write(closed)
    decide(closed)
    with pytest.raises(Refusal, match="不是本人撰写"):
        services.release_feedback(closed.round, actor=closed.office, at=AT)
    assert not Feedback.objects.filter(released_at__isnull=False).exists()


def test_what_is_not_decided_waits(closed):
    write(closed, 0)
    write(closed, 1)
    decide(closed, 1, Status.NOT_SELECTED)
    assert release(closed) == 1
    assert Feedback.objects.get(released_at=None).application == closed.applications[0]


def test_after_the_release_nothing_changes(closed):
    write(closed)
    decide(closed)
    release(closed)
    with pytest.raises(Refusal, match="不能再改"):
        write(closed, text="换一段评审意见，写得更长一些。")
    assert Feedback.objects.get().text == TEXT


def test_an_expert_or_their_employer_is_never_named(closed):
    for name in (closed.experts[0].name, closed.experts[0].employer_name):
        with pytest.raises(Refusal, match="不得写明专家"):
            write(closed, text=f"{TEXT}（{name}）")
    assert not Feedback.objects.exists()


@pytest.mark.parametrize("text", ["", "太短", "长" * 2001])
def test_a_comment_has_a_length(closed, text):
    with pytest.raises(Refusal, match="应为 10 至 2000 字"):
        write(closed, text=text)


def test_before_the_end_of_the_round_there_is_no_comment(db):
    made = scene.declared(scene.deployed(scene.build()))
    with pytest.raises(Refusal, match="评审结束后"):
        write(made)


def test_the_experts_words_are_the_first_draft_under_their_numbers(closed):
    task = closed.round.assignments.filter(
        state="deployed", application=closed.applications[0]
    ).first()
    task.review.overall = "总体可行。"
    task.review.save()
    names = results.pseudonyms(closed.round)
    said = queries.gathered(closed.round, closed.applications[0], names)
    assert said == f"{names[task.expert_id]}：总体可行。"
    shown = page(
        closed.cast.people["office"],
        "write_feedback",
        closed.round.public_id,
        entry(closed).number,
    )
    assert said in shown.content.decode()


def test_the_office_writes_on_the_page_and_another_person_releases(closed):
    number = entry(closed).number
    sent = page(
        closed.cast.people["office"],
        "write_feedback",
        closed.round.public_id,
        number,
        data={"text": TEXT},
    )
    assert sent.status_code == 302
    wrong = page(
        closed.cast.people["office"],
        "write_feedback",
        closed.round.public_id,
        number,
        data={"text": "短"},
    )
    assert wrong.status_code == 422 and "短" in wrong.content.decode()
    decide(closed)
    done = page(closed.cast.people["chief"], "release_feedback", closed.round.public_id, data={})
    assert done.status_code == 302
    assert Feedback.objects.get().released_by == closed.cast.people["chief"]


def test_a_decided_filing_leads_to_its_comment_and_a_finalist_to_rewards(closed):
    application = closed.applications[0]
    client = Client()
    client.force_login(applicant_of(closed), backend="django.contrib.auth.backends.ModelBackend")
    detail = reverse("applications:detail", args=[application.public_id])
    comment = reverse("reviews:my_feedback", args=[application.public_id])
    assert comment not in client.get(detail).content.decode()
    decide(closed)
    shown = client.get(detail).content.decode()
    assert comment in shown and "result=shortlisted" in shown
    decide(closed, status=Status.NOT_SELECTED)
    shown = client.get(detail).content.decode()
    assert comment in shown and "result=shortlisted" not in shown
