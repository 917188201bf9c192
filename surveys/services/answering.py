"""Filling in: saved with a version, submitted when nothing is missing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from notifications import services as notifications
from surveys import queries
from surveys.models import Answer, Check, Request, Submission, Survey


def must_be_writable(request: Request, *, at: datetime) -> None:
    """Raises ``survey-not-open``, ``survey-answered`` or ``survey-late``."""
    if request.survey.state != Survey.State.OPEN:
        raise Refusal("survey-not-open", "这项调查已经结束，不能再填写。")
    if request.state not in queries.OPEN_STATES:
        raise Refusal(
            "survey-answered",
            "已经提交，内容不能再改。需要修改的，请联系核对单位退回。",
        )
    if at >= request.until:
        raise Refusal(
            "survey-late",
            "填报已经截止，不能再填写。确需补报的，请联系核对单位。",
            rule=request.survey.spec.notice,
        )


def locked(request: Request) -> Request:
    return (
        Request.objects.select_for_update(of=("self",)).select_related("survey").get(pk=request.pk)
    )


@transaction.atomic
def save(
    request: Request, *, data: dict[str, Any], version: int, actor: Actor, at: datetime
) -> Answer:
    """Keep what was typed, whatever is missing. ``version`` is the save the open page shows.

    Raises ``stale`` when somebody saved meanwhile, and as ``must_be_writable``. The version is
    the trail of autosave; only the first save writes an audit entry.
    """
    request = locked(request)
    must_be_writable(request, at=at)
    answer = Answer.objects.filter(request=request).first() or Answer(request=request)
    if answer.version != version:
        raise Refusal(
            "stale",
            f"这份调查表刚被{answer.saved_by or '他人'}保存过（第 {answer.version} 次），"
            "您的内容没有覆盖它，已存在本机。请点“保存草稿”，逐项核对后再保留。",
        )
    if answer.pk and answer.data == data:
        return answer
    answer.data, answer.version = data, version + 1
    answer.saved_at, answer.saved_by = at, actor.name[:120]
    answer.save()
    if request.state == Request.State.ASKED:
        request.state = Request.State.STARTED
        request.save(update_fields=["state"])
        audit.record(actor=actor, action="surveys.start", subject=request, at=at)
    return answer


@transaction.atomic
def submit(request: Request, *, version: int, actor: Actor, at: datetime) -> Submission:
    """Hand the saved answer to the first level. Reminders end.

    Raises ``stale``, ``survey-incomplete`` (422), and as ``must_be_writable``.
    """
    request = locked(request)
    must_be_writable(request, at=at)
    answer = Answer.objects.filter(request=request).first()
    if answer is None or answer.version != version:
        raise Refusal("stale", "内容刚有新的保存，请核对后再提交。")
    wrong = queries.problems(request.survey, answer.data)
    files = list(request.files.filter(removed_at=None))
    if wrong or queries.missing_files(request.survey, files):
        raise Refusal(
            "survey-incomplete", f"还有 {len(wrong)} 处需要修改，请改好后再提交。", status=422
        )
    number = answer.submissions.count() + 1
    made = Submission.objects.create(
        answer=answer,
        number=number,
        data=answer.data,
        files=[one.public_id for one in files],
        submitted_at=at,
        submitted_by=actor.name[:120],
    )
    answer.submitted_at, answer.return_note = at, ""
    answer.save(update_fields=["submitted_at", "return_note"])
    Check.objects.filter(request=request).update(checked_at=None, checked_by=None)
    request.state, request.place = Request.State.ANSWERED, 0
    request.save(update_fields=["state", "place"])
    stop_reminders(request)
    audit.record(
        actor=actor,
        action="surveys.submit",
        subject=request,
        at=at,
        number=number,
        version=version,
    )
    return made


def stop_reminders(request: Request) -> None:
    """Letters that would ask for what is done are taken back."""
    key = f"survey-remind:{request.survey_id}:{request.pk}:"
    notifications.cancel(kind="survey_remind", key_prefix=key)
