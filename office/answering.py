"""Answering questions about a call, and publishing answers for everybody.

What is published is written anew by the office: it passes the gate of notices, and it names
neither the asker nor its unit.
"""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Membership
from accounts.roles import OFFICE
from audit import services as audit
from audit.services import CLOCK, Actor
from calls.models import Question
from core import gate
from core.errors import Refusal
from notifications import services as notifications

FARTHEST = timedelta(days=90)
"""How far ahead a release may be set."""
PATIENCE = timedelta(days=1)
"""After how long the office is reminded of a question; once a day while there is one."""


def _locked(question: Question) -> Question:
    return (
        Question.objects.select_for_update(of=("self",))
        .select_related("call", "asked_by", "organisation")
        .get(pk=question.pk)
    )


@transaction.atomic
def answer(question: Question, *, text: str, actor: Actor, at: datetime) -> Question:
    """Answer the asker; a later answer replaces the earlier one and is sent again.

    Raises ``Refusal`` ``answer-empty`` (422), and ``publish-gate`` (422) for credentials.
    """
    words = text.strip()
    if not words:
        raise Refusal("answer-empty", "请填写答复。", status=422)
    gate.must_be_clean(words, act="发出")
    question = _locked(question)
    question.answer, question.state = words, Question.State.ANSWERED
    question.answered_at, question.answered_by_id = at, actor.person
    question.save(update_fields=["answer", "state", "answered_at", "answered_by"])
    entry = audit.record(actor=actor, action="office.answer", subject=question, at=at)
    notifications.enqueue(
        key=f"question.answered:{entry.pk}",
        to=question.asked_by,
        template="office/letters/answered.txt",
        context={"question": question, "call": question.call},
        at=at,
    )
    return question


@transaction.atomic
def publish(
    question: Question,
    *,
    title: str,
    text: str,
    category: str = Question.Category.OTHER,
    release: datetime | None = None,
    actor: Actor,
    at: datetime,
) -> Question:
    """Put a rewritten question and its answer before the public, at once or at ``release``.

    What is to come out later has passed the same gate now. Raises ``Refusal``: ``not-answered``,
    ``question-empty`` (422), ``publish-gate`` (422), ``names-inside`` (422) where the asker or its
    unit is named, ``release-wrong`` (422) for a moment that is past or too far ahead.
    """
    if release is not None and not at < release <= at + FARTHEST:
        raise Refusal(
            "release-wrong",
            f"定时公开的时间须晚于现在，且在 {FARTHEST.days} 天之内。",
            status=422,
        )
    question = _locked(question)
    if question.state != Question.State.ANSWERED:
        raise Refusal("not-answered", "请先答复提问人，再公开。")
    asked, answered = title.strip(), text.strip()
    if not asked or not answered:
        raise Refusal("question-empty", "公开的问题和答复都要填写。", status=422)
    gate.must_be_clean(f"{asked}\n{answered}", act="公开")
    unit = question.organisation
    names = [question.asked_by.name, unit.name if unit else "", (unit.code or "") if unit else ""]
    inside = [name for name in names if len(name) > 1 and name in f"{asked}\n{answered}"]
    if inside:
        raise Refusal(
            "names-inside",
            f"公开的文字中有提问人或其单位的名称（{'、'.join(inside)}），请改写后再公开。",
            status=422,
        )
    question.published_question, question.published_answer = asked, answered
    question.category = Question.Category(category)
    question.published_at, question.published_by_id = release or at, actor.person
    question.save(
        update_fields=[
            "category",
            "published_question",
            "published_answer",
            "published_at",
            "published_by",
        ]
    )
    audit.record(
        actor=actor,
        action="office.publish_answer",
        subject=question,
        at=at,
        question=asked,
        category=category,
        release=release or at,
    )
    return question


@transaction.atomic
def take_down(question: Question, *, actor: Actor, at: datetime) -> Question:
    """Take a published answer off the public page, or a release back before it comes; the private
    answer stays."""
    question = _locked(question)
    if question.published_at is None:
        raise Refusal("not-published", "这条问答没有公开。")
    question.published_at = None
    question.save(update_fields=["published_at"])
    audit.record(actor=actor, action="office.take_down_answer", subject=question, at=at)
    return question


@transaction.atomic
def remind_unanswered(*, at: datetime) -> int:
    """A letter a day to each of the office while questions wait longer than ``PATIENCE``.

    Returns the number of letters. Running it again the same day sends nothing.
    """
    waiting = Question.objects.select_for_update(of=("self",)).filter(
        state=Question.State.WAITING, asked_at__lte=at - PATIENCE
    )
    if not waiting.exclude(reminded_at__gt=at - PATIENCE).exists():
        return 0
    count = waiting.count()
    oldest = waiting.order_by("asked_at").first()
    people = {
        member.user_id: member.user
        for member in Membership.objects.active(at).filter(role__in=OFFICE).select_related("user")
    }
    waiting.update(reminded_at=at)
    for user in people.values():
        notifications.enqueue(
            key=f"questions.waiting:{at:%Y%m%d%H}",
            to=user,
            template="office/letters/questions_waiting.txt",
            context={"count": count, "oldest": oldest, "user": user},
            at=at,
        )
    assert oldest is not None
    audit.record(
        actor=CLOCK,
        action="office.remind_questions",
        subject=oldest,
        at=at,
        waiting=count,
        letters=len(people),
    )
    return len(people)
