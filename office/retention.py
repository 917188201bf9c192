"""Personal data past its time: what would go, two people, cleared in the background.

Each kind has a period in the settings (``JIEBANG_RETENTION``, days; 0 keeps everything). Rows stay,
their personal contents go, so that nothing that counts or refers to them breaks. Submitted
versions, documents and the audit trail are never touched: they are records, and stay verifiable.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Link, Membership, User
from applications.models import Section, SectionVersion
from applications.workflow import Status
from audit import services as audit
from audit.services import CLOCK, Actor
from core.errors import Refusal
from notifications.models import Attempt, Message
from office.models import Purge

CLEARED = "（已按保存期限清除）"
NOBODY = "cleared@cleared.invalid"
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of data: which rows are past a day, and how some of them are cleared."""

    key: str
    title: str
    words: str
    found: Callable[[datetime], QuerySet[Any]]
    clear: Callable[[list[Any]], None]

    @property
    def days(self) -> int:
        return int(settings.JIEBANG_RETENTION.get(self.key, 0))


def _letters(cutoff: datetime) -> QuerySet[Any]:
    ended = [Message.State.SENT, Message.State.FAILED, Message.State.CANCELLED]
    return Message.objects.filter(created_at__lt=cutoff, state__in=ended).exclude(body=CLEARED)


def _clear_letters(rows: list[Any]) -> None:
    for one in rows:
        # The key ends with the address; what stands before it names the occasion and stays.
        one.key = f"{one.key.rpartition(':')[0]}:{one.pk}"
        one.subject, one.body, one.last_error = "已清除", CLEARED, ""
        one.email = NOBODY if one.email else ""
        one.phone = "0" if one.phone else ""
    fields = ["key", "subject", "body", "last_error", "email", "phone"]
    Message.objects.bulk_update(rows, fields)
    Attempt.objects.filter(message__in=rows).update(error="", reference="")


def _links(cutoff: datetime) -> QuerySet[Any]:
    return Link.objects.filter(expires_at__lt=cutoff).exclude(email=NOBODY)


def _clear_links(rows: list[Any]) -> None:
    Link.objects.filter(pk__in=[one.pk for one in rows]).update(email=NOBODY, name="")


def _phones(cutoff: datetime) -> QuerySet[Any]:
    held = Membership.objects.filter(user=OuterRef("pk")).filter(
        Q(valid_until__isnull=True) | Q(valid_until__gte=cutoff)
    )
    known = Q(last_login__lt=cutoff) | Q(last_login__isnull=True, created_at__lt=cutoff)
    return User.objects.filter(known).exclude(phone="").exclude(Exists(held))


def _clear_phones(rows: list[Any]) -> None:
    User.objects.filter(pk__in=[one.pk for one in rows]).update(phone="")


def _drafts(cutoff: datetime) -> QuerySet[Any]:
    return Section.objects.filter(
        application__status=Status.LAPSED,
        application__version_number=0,
        application__changed_at__lt=cutoff,
    ).exclude(data={})


def _clear_drafts(rows: list[Any]) -> None:
    keys = [one.pk for one in rows]
    SectionVersion.objects.filter(section__in=keys).delete()
    Section.objects.filter(pk__in=keys).update(data={})


KINDS = (
    Kind("letters", "消息", "已发出、失败或取消的消息的标题、正文和地址", _letters, _clear_letters),
    Kind("links", "一次性链接", "已过期的激活、验证和重设链接的邮箱与姓名", _links, _clear_links),
    Kind("phones", "手机号", "已没有任职、期限内也没有登录的人的手机号", _phones, _clear_phones),
    Kind("drafts", "失效草稿", "从未提交、已失效的草稿各部分的填写内容", _drafts, _clear_drafts),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A kind as it stands: how many rows would be cleared now; none while it is switched off."""

    kind: Kind
    count: int
    oldest: int | None


def dry_run(at: datetime) -> list[Line]:
    """What would be cleared now. Changes nothing."""
    lines = []
    for kind in KINDS:
        if not kind.days:
            lines.append(Line(kind, 0, None))
            continue
        rows = kind.found(at - timedelta(days=kind.days)).order_by("pk")
        lines.append(Line(kind, rows.count(), rows.values_list("pk", flat=True).first()))
    return lines


@transaction.atomic
def propose(*, actor: Actor, at: datetime) -> Purge:
    """Ask for clearing what the dry run shows. Raises ``Refusal`` when there is nothing."""
    found = {
        line.kind.key: {"days": line.kind.days, "count": line.count}
        for line in dry_run(at)
        if line.count
    }
    if not found:
        raise Refusal("nothing-due", "没有到期的个人信息，不需要清除。", status=422)
    if Purge.objects.filter(state__in=[Purge.State.PROPOSED, Purge.State.APPROVED]).exists():
        raise Refusal("purge-open", "已有一次清除等待批准或执行，请先办完。")
    made = Purge.objects.create(kinds=found, proposed_by_id=actor.person, proposed_at=at)
    audit.record(actor=actor, action="office.propose_purge", subject=made, at=at, kinds=found)
    return made


@transaction.atomic
def decide(purge: Purge, *, approve: bool, actor: Actor, at: datetime) -> Purge:
    """A second administrator lets it go, or not; a worker does it."""
    purge = Purge.objects.select_for_update().get(pk=purge.pk)
    if purge.state != Purge.State.PROPOSED:
        raise Refusal("decided", "这次清除已经处理过。")
    if approve and purge.proposed_by_id == actor.person:
        raise Refusal("two-people", "提出人不能批准自己的清除，请由另一名管理员批准。")
    purge.state = Purge.State.APPROVED if approve else Purge.State.REFUSED
    purge.approved_by_id, purge.approved_at = actor.person, at
    purge.save(update_fields=["state", "approved_by", "approved_at"])
    audit.record(actor=actor, action="office.decide_purge", subject=purge, at=at, approve=approve)
    return purge


def run_approved(*, at: datetime) -> Purge | None:
    """Clear what was approved, in small steps. A killed worker's work is taken up where it was:
    what is cleared is not found again. The days are those that were approved, counted from the
    day of the proposal."""
    purge = Purge.objects.filter(state=Purge.State.APPROVED).order_by("pk").first()
    if purge is None:
        return None
    for kind in KINDS:
        if kind.key in purge.kinds:
            cutoff = purge.proposed_at - timedelta(days=purge.kinds[kind.key]["days"])
            while _step(purge, kind, cutoff):
                pass
    return _finish(purge, at=at)


@transaction.atomic
def _step(purge: Purge, kind: Kind, cutoff: datetime) -> int:
    """Some rows and how many they were, together; so that the count is true after a crash."""
    held = Purge.objects.select_for_update().get(pk=purge.pk)
    rows = list(kind.found(cutoff).order_by("pk")[:AT_ONCE])
    if rows:
        kind.clear(rows)
        held.cleared[kind.key] = held.cleared.get(kind.key, 0) + len(rows)
        held.save(update_fields=["cleared"])
    return len(rows)


@transaction.atomic
def _finish(purge: Purge, *, at: datetime) -> Purge:
    purge = Purge.objects.select_for_update().get(pk=purge.pk)
    if purge.state == Purge.State.APPROVED:
        purge.state, purge.done_at = Purge.State.DONE, at
        purge.save(update_fields=["state", "done_at"])
        audit.record(
            actor=CLOCK, action="office.purge", subject=purge, at=at, cleared=purge.cleared
        )
    return purge
