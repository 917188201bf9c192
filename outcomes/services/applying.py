"""Everything staged takes effect together, or none of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from applications import services as applications
from applications.models import Application
from audit import services as audit
from audit.services import Actor, label
from calls.models import Call
from calls.programme import Step
from core.errors import Refusal
from core.failpoints import failpoint
from documents.fingerprints import fingerprint
from notifications import services as notifications
from notifications.models import Message
from outcomes import board, queries
from outcomes.models import Decision
from outcomes.services import ground


@dataclass(frozen=True, slots=True)
class Applied:
    selected: int
    declined: int


@transaction.atomic
def apply_together(
    call: Call, *, shown: str, vacancies_confirmed: bool, actor: Actor, at: datetime
) -> Applied:
    """Apply every staged decision of the call in one transaction.

    ``shown`` is the fingerprint of the list the approver was shown (``queries.standing``). Raises
    ``Refusal``: ``approver-only``, ``nothing-staged``, ``changed`` (409), ``two-people``,
    ``requests-open``, ``undecided``, ``vacant`` when slots stay empty and that was not said, and
    whatever the workflow says. Letters are written by the moves, in this transaction, and held in
    the outbox until ``release_letters``. What became of an application stays with the office until
    a list is published (``publishing``); where the programme publishes none, it shows at once.
    """
    ground.must_approve(actor)
    call = ground.lock(call)
    staged = _staged(call)
    ground.review_is_over(call, [one.application for one in staged])
    if not staged:
        raise Refusal("nothing-staged", "没有待生效的决定，请先拟定。")
    if queries.standing(call, staged) != shown:
        raise Refusal(
            "changed",
            "名单在您查看之后有变动，没有生效。请重新核对最新的名单再办理。",
        )
    ground.two_people(actor, {one.proposed_by_id for one in staged}, what="拟定名单")
    if queries.open_requests(call).exists():
        raise Refusal("requests-open", "还有超出上限的申请没有处理，请先批准或不予批准。")
    left = queries.undecided(call).count()
    if left:
        raise Refusal(
            "undecided", f"还有 {left} 项没有拟定结果。每一项都须拟定入选或不入选，才能一并生效。"
        )
    empty = board.vacancies(call)
    if empty and not vacancies_confirmed:
        words = "、".join(f"{one.title}空缺 {one.free} 个" for one in empty[:6])
        more = "等" if len(empty) > 6 else ""
        raise Refusal(
            "vacant", f"{words}{more}。空缺是允许的结果，请勾选确认后再办理。", status=422
        )
    ground.selectable(call, [one.application for one in staged if one.is_select])
    with notifications.held_back(call):
        for decision in staged:
            _apply(decision, actor=actor, at=at)
            failpoint("decision.applied")
    if not {Step.PUBLICITY, Step.ANNOUNCEMENT} & set(call.steps):
        applications.show_results(queries.unpublished(call), actor=actor, at=at)
    selected = sum(1 for decision in staged if decision.is_select)
    audit.record(
        actor=actor,
        action="outcomes.apply",
        subject=call,
        at=at,
        list=shown,
        selected=selected,
        declined=len(staged) - selected,
        vacancies=[{"scope": one.title, "tier": one.tier, "free": one.free} for one in empty],
    )
    return Applied(selected, len(staged) - selected)


LETTERS = ("select", "decline")
"""Kinds of the letters about a decision, which are held until somebody has looked at them."""


def held_letters(call: Call) -> QuerySet[Message]:
    """The letters about the call's decisions that nobody has let go yet."""
    return notifications.held(call, kinds=LETTERS)


@transaction.atomic
def release_letters(call: Call, *, shown: str, actor: Actor, at: datetime) -> int:
    """Let the letters about the decisions go, once somebody has looked at them.

    ``shown`` is ``letters_hash`` of what was shown. Raises ``Refusal`` ``approver-only``,
    ``unpublished``, ``nothing-held``, ``changed`` (409). Where nothing was selected that a list
    could name, letting the letters go is what tells the others.
    """
    ground.must_approve(actor)
    call = ground.lock(call)
    if awaits_list(call):
        raise Refusal(
            "unpublished", "名单还没有公示或公布，结果通知不能先于名单发出。请发布名单后再放行。"
        )
    held = list(held_letters(call))
    if not held:
        raise Refusal("nothing-held", "没有待放行的通知，请刷新页面。")
    if letters_hash(held) != shown:
        raise Refusal("changed", "通知在您查看之后有变动，没有放行。请重新核对后再办理。")
    applications.show_results(queries.unpublished(call), actor=actor, at=at)
    count = notifications.release_all(call, kinds=LETTERS, at=at)
    audit.record(actor=actor, action="outcomes.release_letters", subject=call, at=at, letters=count)
    return count


def awaits_list(call: Call) -> bool:
    """Whether there are selections that no list has published."""
    return queries.unpublished(call).filter(decision__outcome=Decision.Outcome.SELECT).exists()


def must_be_published(message: Message) -> None:
    """Raises ``Refusal`` ``unpublished`` for a letter about decisions that are not public yet."""
    if message.kind not in LETTERS:
        return
    for call in Call.objects.filter(pk__in=Application.objects.exclude(shown_as="").values("call")):
        if message.about == label(call):
            raise Refusal(
                "unpublished",
                "本批次有结果还没有公布，结果通知不能先于名单发出。"
                "请发布名单后，在“遴选”的“核对通知并放行”中办理。",
            )


def letters_hash(held: Iterable[Message]) -> str:
    """The fingerprint of held letters: to whom, and what they say."""
    return fingerprint({"letters": [[one.email, one.subject, one.body] for one in held]})


def _staged(call: Call) -> list[Decision]:
    """The staged decisions, their applications locked first, in the order of their keys."""
    list(
        Application.objects.select_for_update(of=("self",))
        .filter(call=call, decision__state=Decision.State.PENDING)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    staged = queries.pending(call)
    for decision in staged:
        decision.application.call = call
    return staged


def _apply(decision: Decision, *, actor: Actor, at: datetime) -> None:
    application = applications.move(
        decision.application, decision.outcome, actor=actor, at=at, note=decision.reason
    )
    decision.state = Decision.State.APPLIED
    now = application.call.time(at)
    decision.approved_by_id, decision.approved_at, decision.applied_at = actor.user_id, now, now
    decision.save(update_fields=["state", "approved_by", "approved_at", "applied_at"])
    audit.record(
        actor=actor,
        action="outcomes.decide",
        subject=application,
        at=at,
        outcome=decision.outcome,
        tier=decision.tier,
        amount=decision.amount,
        proposed_by=decision.proposed_by_id,
    )
