"""Long lists of experts: asked for by a person, taken in by a worker, a few in each transaction.

Only this module writes the state of an intake. How far it is and who was taken in are written
together: a killed worker's is gone on with where it stood, nobody is taken in twice, and no other
writer waits for long. Short lists go in at once (``pool.import_experts``).
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet

from accounts.models import Membership, Organisation
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from reviews import letters
from reviews.models import Expert, Intake
from reviews.poolfile import Entry, RowError
from reviews.services.pool import add_expert, pool_of

AT_ONCE = 50
"""Lists of so many lines go in within the request; about 6 ms a person."""
PIECE = 25
"""Lines in one transaction."""
LEASE = timedelta(minutes=2)
PATIENCE = timedelta(seconds=30)
ATTEMPTS = 3
KEPT = timedelta(days=7)
"""How long an interrupted list waits for somebody to go on with it; then it is let go."""

State = Intake.State
log = logging.getLogger(__name__)


def in_pool(organisation: Organisation | None, entries: Sequence[Entry]) -> list[RowError]:
    """Which lines name somebody who is in the pool already. One query."""
    key = f"pool-{organisation.pk}" if organisation else "pool"
    known = set(Expert.objects.filter(pool__key=key).values_list("email", flat=True))
    return [
        RowError(one.row, "邮箱", f"{one.email} 已在专家库中，请勿重复添加")
        for one in entries
        if one.email.strip().lower() in known
    ]


@transaction.atomic
def ask_intake(
    *,
    organisation: Organisation | None,
    entries: Sequence[Entry],
    name: str,
    acting: Membership,
    actor: Actor,
    at: datetime,
) -> Intake:
    """Put a list into the queue. Raises ``Refusal`` ``intake-open`` while one is under way."""
    try:
        with transaction.atomic():
            made = Intake.objects.create(
                organisation=organisation,
                pool=pool_of(organisation, at=at),
                acting=acting,
                name=name[:200],
                asked_at=at,
                not_before=at,
                lines=json.dumps([asdict(one) for one in entries], ensure_ascii=False),
                total=len(entries),
            )
    except IntegrityError:
        raise Refusal(
            "intake-open", "本专家库已有一份名单正在导入，请等它完成或先停止。", status=422
        ) from None
    audit.record(actor=actor, action="reviews.ask_intake", subject=made, at=at, lines=made.total)
    transaction.on_commit(_nudge, robust=True)
    return made


@transaction.atomic
def cancel_intake(one: Intake, *, actor: Actor, at: datetime) -> None:
    """Stop it: who is in stays in, the rest of the list is let go. Raises ``Refusal`` ``ended``."""
    stopped = Intake.objects.filter(pk=one.pk, state__in=[*Intake.OPEN, State.FAILED]).update(
        state=State.CANCELLED, claimed_until=None, ended_at=at, lines=""
    )
    if not stopped:
        raise Refusal("ended", "这次导入已经结束，不需要停止。请刷新页面。")
    audit.record(actor=actor, action="reviews.cancel_intake", subject=one, at=at)


@transaction.atomic
def resume_intake(one: Intake, *, actor: Actor, at: datetime) -> None:
    """Go on with an interrupted list where it stopped. Raises ``Refusal`` ``not-interrupted``,
    ``intake-open``."""
    try:
        with transaction.atomic():
            going = Intake.objects.filter(pk=one.pk, state=State.FAILED).update(
                state=State.WAITING, attempts=0, not_before=at, error="", fault="", ended_at=None
            )
    except IntegrityError:
        raise Refusal("intake-open", "本专家库已有另一份名单正在导入，请等它完成。") from None
    if not going:
        raise Refusal("not-interrupted", "这次导入没有中断，不需要继续。请刷新页面。")
    audit.record(actor=actor, action="reviews.resume_intake", subject=one, at=at)
    transaction.on_commit(_nudge, robust=True)


def _nudge() -> None:
    """Tell a worker that there is work. Only a hint: the pulse finds the row anyway."""
    try:
        current_app.send_task("reviews.tasks.take_in_experts", expires=55, retry=False)
    except Exception as error:  # the broker may be away in any way it likes
        log.info("no nudge to take in experts: %s", error)


# The worker's part -----------------------------------------------------------------------------


def take_in_waiting(*, at: datetime) -> int:
    """Take in what waits, list after list; how many lists were finished. Any number may run."""
    started, finished = time.monotonic(), 0

    def clock() -> datetime:
        return at + timedelta(seconds=time.monotonic() - started)

    _let_go(at=at)
    while (one := _claim(at=clock())) is not None:
        finished += _work(one, clock=clock)
    return finished


def _due(at: datetime) -> QuerySet[Intake]:
    waiting = Q(state=State.WAITING, not_before__lte=at)
    abandoned = Q(state=State.WORKING, claimed_until__lt=at)
    return Intake.objects.filter(waiting | abandoned)


def _claim(*, at: datetime) -> Intake | None:
    for pk in _due(at).order_by("not_before", "pk").values_list("pk", flat=True):
        taken = (
            _due(at)
            .filter(pk=pk)
            .update(state=State.WORKING, claimed_until=at + LEASE, attempts=F("attempts") + 1)
        )
        if not taken:
            continue
        one: Intake = Intake.objects.select_related(
            "organisation", "pool", "acting__user", "acting__organisation"
        ).get(pk=pk)
        if one.attempts <= ATTEMPTS:
            return one
        _interrupt(one, words=_gave_up(), fault=f"the worker died {ATTEMPTS} times", at=at)
    return None


def _work(one: Intake, *, clock: Callable[[], datetime]) -> bool:
    """Go through the rest of a list; whether it was finished. What happens stands in its row."""
    if not _may(one, at=clock()):
        words = "提出导入的人已不再任职，其余没有导入。请由现任人员重新导入。"
        _interrupt(one, words=words, fault="", at=clock())
        return False
    entries = [_entry(said) for said in json.loads(one.lines)]
    try:
        while one.left:
            if not _piece(one, entries[one.done : one.done + PIECE], at=clock()):
                return False
    except Exception as error:
        log.exception("list of experts %s could not be taken in", one.pk)
        fault = f"{type(error).__name__}: {error}"[:2000]
        if one.attempts >= ATTEMPTS:
            _interrupt(one, words=_gave_up(), fault=fault, at=clock())
        else:
            _held(one).update(
                state=State.WAITING, claimed_until=None, not_before=clock() + PATIENCE, fault=fault
            )
        return False
    return _finish(one, at=clock())


def _may(one: Intake, *, at: datetime) -> bool:
    return Membership.objects.active(at).filter(pk=one.acting_id, user__is_active=True).exists()


def _gave_up() -> str:
    return f"尝试 {ATTEMPTS} 次没有成功。可以继续导入；仍不成功的，请与技术支持联系。"


def _entry(said: dict[str, Any]) -> Entry:
    lists = {key: tuple(said[key]) for key in ("fields", "past_employers")}
    return Entry(**{**said, **lists})


def _held(one: Intake) -> QuerySet[Intake]:
    return Intake.objects.filter(pk=one.pk, state=State.WORKING, claimed_until=one.claimed_until)


@transaction.atomic
def _piece(one: Intake, entries: Sequence[Entry], *, at: datetime) -> bool:
    """Take in the next few, and say so in the same transaction. False when it was stopped.

    Somebody who came into the pool since the list was checked is passed over by name of the row.
    """
    until = at + LEASE
    passed = list(one.passed)
    held = _held(one).update(claimed_until=until)
    if not held:
        return False
    acting = one.acting
    actor = Actor(acting.user.name, acting.user_id, acting.organisation_id, acting.role)
    for entry in entries:
        try:
            add_expert(organisation=one.organisation, entry=entry, actor=actor, at=at)
        except Refusal as refusal:
            passed.append({"row": entry.row, "words": refusal.message})
    done, row = one.done + len(entries), entries[-1].row
    Intake.objects.filter(pk=one.pk).update(done=done, row=row, passed=passed, attempts=1)
    one.claimed_until, one.done, one.row, one.passed, one.attempts = until, done, row, passed, 1
    return True


@transaction.atomic
def _finish(one: Intake, *, at: datetime) -> bool:
    held = _held(one).update(state=State.DONE, claimed_until=None, ended_at=at, lines="", fault="")
    if held:
        _tell(one, "reviews.end_intake", at=at, passed=len(one.passed))
    return bool(held)


@transaction.atomic
def _interrupt(one: Intake, *, words: str, fault: str, at: datetime) -> None:
    held = _held(one).update(
        state=State.FAILED, claimed_until=None, ended_at=at, error=words, fault=fault
    )
    if held:
        _tell(one, "reviews.interrupt_intake", at=at, error=words)


def _tell(one: Intake, action: str, *, at: datetime, **data: Any) -> None:
    audit.record(actor=Actor("intake"), action=action, subject=one, at=at, taken=one.taken, **data)
    one.refresh_from_db(fields=["state", "error", "ended_at"])
    letters.intake_ended(one, at=at)


def _let_go(*, at: datetime) -> None:
    """No list of people lies here for ever because nobody came back to it."""
    for one in Intake.objects.filter(state=State.FAILED, ended_at__lt=at - KEPT):
        cancel_intake(one, actor=Actor("intake"), at=at)


def words_of(one: Intake) -> str:
    """Where it stands, in one sentence or two; what was done is always said exactly."""
    through = f"已导入 {one.taken} 人"
    if one.passed:
        through += f"，另有 {len(one.passed)} 行没有导入"
    rest = f"{through}；其余 {one.left} 人" + (f"（第 {one.row} 行之后）" if one.row else "")
    match one.state:
        case State.WAITING:
            return f"已排队，很快开始。{rest}待导入。" if one.done else "已排队，很快开始。"
        case State.WORKING:
            return f"正在导入：第 {one.done} 人，共 {one.total} 人。"
        case State.DONE:
            return f"{through}，激活链接已列入发件箱。"
        case State.CANCELLED:
            return f"{rest}没有导入。"
        case _:
            return f"{one.error}{rest}没有导入。"
