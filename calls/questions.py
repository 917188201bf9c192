"""Asking about a call. Answering and publishing are the office's (``office.answering``)."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Organisation
from audit import services as audit
from audit.services import Actor
from calls.models import Call, Question
from core.errors import Refusal

LEAST, MOST = 5, 1000
MOST_PER_DAY = 20
"""Questions of one person in a day; generous, only against floods."""


@transaction.atomic
def ask(
    call: Call, *, text: str, organisation: Organisation | None, actor: Actor, at: datetime
) -> Question:
    """Ask the office privately. Only the asker and the office read it.

    Raises ``Refusal``: ``call-closed``, ``question-length`` (422), ``too-many-questions``.
    """
    if call.state != Call.State.OPEN:
        raise Refusal("call-closed", f"“{call.title}”已结束，不再受理提问。")
    words = text.strip()
    if not LEAST <= len(words) <= MOST:
        raise Refusal("question-length", f"请用 {LEAST} 至 {MOST} 字写明问题。", status=422)
    day = at - timedelta(days=1)
    if Question.objects.filter(asked_by=actor.person, asked_at__gt=day).count() >= MOST_PER_DAY:
        raise Refusal(
            "too-many-questions",
            f"一天之内最多提 {MOST_PER_DAY} 个问题，请明天再提，或合并提问。",
        )
    made = Question.objects.create(
        call=call, asked_by_id=actor.person, organisation=organisation, text=words, asked_at=at
    )
    audit.record(actor=actor, action="calls.ask", subject=made, at=at, call=call.code)
    return made
