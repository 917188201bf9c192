"""A result is the office's alone until a list publishes it: what else could tell it, and who acts.

Which pages stay the same to the byte, tests/honours/test_second.py says.
"""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import User
from applications import services as applications
from applications import timeline
from applications.models import Application
from applications.workflow import Status
from audit.models import Entry
from core.errors import Refusal
from notifications.models import Message
from notifications.services import inbox
from outcomes import services
from outcomes.models import Award, Decision, Publication, Slot, Stage
from outcomes.services import publishing
from portal import invariants
from reviews import services as reviews
from reviews.models import Feedback, Round
from tests import world
from tests.honours import helpers as awards
from tests.outcomes import helpers
from tests.world import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("either_database")]


@pytest.fixture
def made():
    """2021: the first is selected, two are not; all has taken effect and nothing is published."""
    found = helpers.stage("2021-jiebang")
    found.stage_all(1)
    found.apply()
    return found


def now(made, n) -> Application:
    return Application.objects.select_related("call", "organisation").get(
        pk=made.applications[n].pk
    )


def unit(made, n):
    person = User.objects.get(memberships__organisation=made.applications[n].organisation)
    return world.actor(person)


def release(made, *, shown=None):
    held = list(services.held_letters(made.call))
    return services.release_letters(
        made.call, shown=shown or services.letters_hash(held), actor=made.boss, at=AT
    )


def problems() -> list[str]:
    found = invariants.CHECKS["R7.results_are_hidden_until_a_list_tells_them"]()
    return [str(one) for one in found]


def test_the_office_knows_the_result_and_everybody_else_the_status_before(made):
    for n, status in enumerate((Status.FINALIST, Status.NOT_SELECTED, Status.NOT_SELECTED)):
        one = now(made, n)
        assert one.status == status and one.shown_status == Status.IN_REVIEW
        assert one.changed_at == made.applications[n].changed_at, "the order of a desk would tell"
    before = timeline.steps(made.applications[0], Status.IN_REVIEW)
    assert timeline.steps(now(made, 0), now(made, 0).shown_status) == before
    assert problems() == []


def test_a_published_list_tells_of_all_and_when(made):
    made.publicise(kind="announcement")
    assert [now(made, n).shown_status for n in range(3)] == [
        Status.FINALIST,
        Status.NOT_SELECTED,
        Status.NOT_SELECTED,
    ]
    shown = Entry.objects.filter(action="applications.show_result").order_by("pk")
    assert [one.data["result"] for one in shown] == ["finalist", "not_selected", "not_selected"]
    assert not Application.objects.exclude(shown_as="").exists()
    words = timeline.steps(now(made, 1), Status.NOT_SELECTED)[-1]
    assert words["label"] == "未入围" and words["when"]
    assert problems() == []


def test_the_publicity_tells_where_there_is_one_and_an_upheld_objection_after_it_shows():
    made = helpers.stage("changsha-platform")
    helpers.passed(made, "site_visit", "approval")
    made.stage_all(2)
    made.apply()
    assert now(made, 0).shown_as and now(made, 2).shown_as
    publication = made.publicise()
    assert not now(made, 0).shown_as and not now(made, 2).shown_as
    objection = services.raise_objection(
        publication,
        kind="person",
        name="异议示例",
        contact="000-11112222",
        text="该项目与往年项目重复，请核查。",
        row=1,
        at=AT + (publication.until - made.call.time(AT)) / 2,
    )
    services.handle(objection, finding="经核查属实。", actor=made.op, at=AT)
    services.close(objection, upheld=True, answer="异议成立。", actor=made.boss, at=AT)
    listed = Application.objects.get(pk=publication.rows[0]["application"])
    assert listed.shown_status == Status.NOT_SELECTED


def test_letters_about_results_wait_for_the_list_whoever_lets_them_go(made, client):
    assert services.awaits_list(made.call)
    with pytest.raises(Refusal) as refused:
        release(made)
    assert refused.value.code == "unpublished"
    letter = services.held_letters(made.call)[0]
    client.force_login(made.operator)
    answer = client.post(reverse("office:letter_act", args=[letter.pk]), {"act": "release"})
    assert answer.status_code == 409
    client.post(reverse("office:letters_bulk"), {"act": "release", "pick": [letter.pk]})
    assert not Message.objects.filter(kind__in=["select", "decline"]).exclude(state="held").exists()
    assert all(not inbox(one.user).exists() for one in services.held_letters(made.call))
    made.publicise(kind="announcement")
    assert release(made) == 3


def test_where_nobody_was_selected_letting_the_letters_go_is_what_tells():
    made = helpers.stage("2021-jiebang", n=2)
    made.stage_all(0)
    made.apply()
    assert now(made, 0).shown_as == "in_review"
    assert release(made) == 2
    assert not Application.objects.exclude(shown_as="").exists()


def test_a_programme_that_publishes_no_list_tells_at_once():
    text = helpers.UNLIKE.replace('"site_visit", "publicity", "announcement"', '"approval"')
    head, _, rest = text.partition("[publicity]")
    spec = helpers.unlike(head + rest[rest.index("[[sections]]") :])
    made = helpers.stage(spec=spec, n=1)
    made.stage_all(0)
    made.apply()
    assert now(made, 0).shown_status == Status.NOT_SELECTED


def test_a_unit_may_withdraw_until_the_list_and_no_refusal_tells_it_why_not(made):
    held = Slot.objects.filter(held_as_direction_slot__isnull=False).count()
    for n in (0, 1):
        applications.withdraw(now(made, n), reason="另有安排", actor=unit(made, n), at=AT)
        assert now(made, n).status == Status.WITHDRAWN and not now(made, n).shown_as
    assert not Decision.objects.filter(application__in=made.applications[:2]).exists()
    assert Slot.objects.filter(held_as_direction_slot__isnull=False).count() == held - 1
    waiting = services.held_letters(made.call).values_list("user", flat=True)
    assert list(waiting) == [unit(made, 2).user_id], "the letters went with the decisions"
    assert list(invariants.CHECKS["R3.statuses_follow_from_decisions"]()) == problems() == []
    with pytest.raises(Refusal) as refused:
        applications.must_be_writable(now(made, 2), at=AT)
    assert "评审中" in str(refused.value) and "入围" not in str(refused.value)


def test_who_withdraws_between_preview_and_publication_is_on_no_list(made):
    draft = services.draft(
        made.call, kind="announcement", title="名单", basis="依据", actor=made.op, at=AT
    )
    shown = publishing.preview_hash(draft)
    applications.withdraw(now(made, 0), reason="另有安排", actor=unit(made, 0), at=AT)
    with pytest.raises(Refusal) as refused:
        services.announce(draft, shown=shown, actor=made.boss, at=AT)
    assert refused.value.code == "changed"


def test_after_the_list_a_finalist_cannot_withdraw_and_is_told_its_status(made):
    made.publicise(kind="announcement")
    with pytest.raises(Refusal) as refused:
        applications.withdraw(now(made, 0), reason="另有安排", actor=unit(made, 0), at=AT)
    assert "入围" in str(refused.value)


def test_comments_of_the_review_wait_for_the_list(made):
    review = Round.objects.get()
    Feedback.objects.create(
        round=review,
        application=made.applications[0],
        text="技术路线清楚，建议补充检测数据。",
        written_by=made.operator,
        written_at=AT,
    )
    with pytest.raises(Refusal) as refused:
        reviews.release_feedback(review, actor=made.boss, at=AT)
    assert refused.value.code == "nothing-to-release"
    made.publicise(kind="announcement")
    assert reviews.release_feedback(review, actor=made.boss, at=AT) == 1


def test_an_award_taken_back_before_any_list_is_told_to_nobody():
    made = awards.finalists()
    awards.select(made, 0)
    awards.pass_over(made, [1, 2])
    awards.apply(made)
    award = Award.objects.get(outcome="win")
    services.awarding.revoke(award, reason="材料有误，取消。", actor=made.other, at=AT)
    assert not Message.objects.filter(kind="award_revoked").exists()


def test_an_award_taken_back_after_its_list_was_before_the_public_is_told():
    made = awards.finalists()
    awards.select(made, 0)
    awards.pass_over(made, [1, 2])
    awards.apply(made)
    published = made.publicise(kind="announcement", stage=Stage.AWARD)
    services.withdraw(published, reason="文号有误，撤下更正。", actor=made.boss, at=AT)
    award = Award.objects.get(outcome="win")
    services.awarding.revoke(award, reason="材料有误，取消。", actor=made.other, at=AT)
    assert Message.objects.filter(kind="award_revoked").count() == 1


def test_a_mailing_to_the_selected_finds_nobody_before_the_list(made):
    from office import mailing

    chosen = {"status": Status.FINALIST.value}
    assert mailing.recipients(made.call, mailing.A.APPLICANTS, chosen) == []
    made.publicise(kind="announcement")
    assert len(mailing.recipients(made.call, mailing.A.APPLICANTS, chosen)) == 1


def test_the_database_hides_results_and_nothing_else(made):
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=made.applications[0].pk).update(status="withdrawn")


def test_a_letter_let_go_by_hand_and_a_list_without_its_result_are_found(made):
    Message.objects.filter(kind="select").update(state="waiting")
    assert any("通知却已放行" in one for one in problems())
    Decision.objects.filter(application=made.applications[1]).delete()
    assert any("没有生效的决定" in one for one in problems())
    assert not Publication.objects.exists()
