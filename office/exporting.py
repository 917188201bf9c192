"""Exports of many people's data: asked for with a purpose, agreed to by another, taken once.

A kind says what is written; who asked is the only one who may take it, one time, within a day of
the approval. Smaller exports (counts, masked lists) do not come through here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model

from accounts.models import Membership
from audit import services as audit
from audit.services import Actor
from calls.models import Call
from core import labels
from core.errors import Refusal
from core.labels import Label
from documents.models import Package
from documents.packages import services as packages
from office import packing, peoplesheets
from office.models import ExportRequest
from outcomes import rules
from outcomes.services import ground

State = ExportRequest.State
VALID = timedelta(hours=24)
"""How long an approval may be used."""
SHORTEST = 5


@dataclass(frozen=True, slots=True)
class File:
    """What was taken: a workbook to send at once, or a package that a worker builds."""

    name: str = ""
    data: bytes = b""
    package: Package | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """``count`` says how many rows or filings it would hold now; ``needs_call``: it is of one."""

    title: str
    holds: str
    needs_call: bool
    count: Callable[[ExportRequest], int]
    write: Callable[[ExportRequest, Membership, Actor, datetime], File]


def _filings(asked: ExportRequest) -> Any:
    assert asked.call is not None
    return packing.filings_of(asked.call, asked.options)


def _contacts(asked: ExportRequest, acting: Membership, actor: Actor, at: datetime) -> File:
    assert asked.call is not None
    title = labels.marked(f"{asked.call.title}申报联系表", Label.PERSONAL)
    if _filings(asked).count() > peoplesheets.AT_ONCE:
        return _later(asked, peoplesheets.CONTACTS.kind, asked.call, title, acting, actor, at)
    foot = _foot(asked, acting, actor, at)
    return File(
        labels.marked("申报联系表.xlsx", Label.PERSONAL),
        peoplesheets.contacts(asked.call, asked.options, foot=foot),
    )


def _forms(asked: ExportRequest, acting: Membership, actor: Actor, at: datetime) -> File:
    assert asked.call is not None
    title = f"{asked.call.title}申报书{'（筛选）' if asked.options.get('filtered') else ''}"
    return _later(asked, packing.KIND, asked.call, title, acting, actor, at)


def _later(
    asked: ExportRequest,
    kind: str,
    subject: Model,
    title: str,
    acting: Membership,
    actor: Actor,
    at: datetime,
) -> File:
    """A worker builds it, under this approval alone; its page tells how far it is."""
    package = packages.request(
        kind=kind,
        subject=subject,
        title=title,
        options={**asked.options, "export": asked.pk},
        acting=acting,
        actor=actor,
        at=at,
    )
    return File(package=package)


def _experts(asked: ExportRequest, acting: Membership, actor: Actor, at: datetime) -> File:
    if peoplesheets.pool().count() > peoplesheets.AT_ONCE:
        kind = peoplesheets.EXPERTS.kind
        return _later(
            asked, kind, asked, labels.marked("评审专家名单", Label.PERSONAL), acting, actor, at
        )
    return File(
        labels.marked("评审专家名单.xlsx", Label.PERSONAL),
        peoplesheets.experts(foot=_foot(asked, acting, actor, at)),
    )


def _foot(asked: ExportRequest, acting: Membership, actor: Actor, at: datetime) -> list[str]:
    return peoplesheets.foot_of(
        name=actor.name, unit=acting.organisation.name, at=at, reason=asked.reason
    )


KINDS: Mapping[str, Kind] = {
    ExportRequest.Kind.FORMS: Kind(
        "申报书合集", "所选申报书全文，可含证明材料", True, lambda a: _filings(a).count(), _forms
    ),
    ExportRequest.Kind.CONTACTS: Kind(
        "申报联系表", "联系人姓名和完整电话", True, lambda a: _filings(a).count(), _contacts
    ),
    ExportRequest.Kind.EXPERTS: Kind(
        "评审专家名单",
        "姓名、邮箱、完整手机号和任职单位",
        False,
        lambda a: peoplesheets.pool().count(),
        _experts,
    ),
}


@transaction.atomic
def propose(
    kind: str,
    *,
    call: Call | None,
    options: Mapping[str, Any],
    reason: str,
    actor: Actor,
    at: datetime,
) -> ExportRequest:
    """Ask for an export. Raises ``Refusal`` ``no-such-kind``, ``no-call``, ``reason-short``,
    ``nothing-to-export`` (all 422), ``pending``."""
    ground.must_be_office(actor)
    if kind not in KINDS:
        raise Refusal("no-such-kind", "请选择要导出的内容。", status=422)
    spec = KINDS[kind]
    if spec.needs_call and call is None:
        raise Refusal("no-call", f"{spec.title}按批次导出，请选择批次。", status=422)
    reason = rules.reason_of(reason, shortest=SHORTEST, what="导出的用途")
    asked = ExportRequest(
        kind=kind,
        call=call if spec.needs_call else None,
        about=call.code if call and spec.needs_call else "",
        options={key: value for key, value in options.items() if value},
        reason=reason[:300],
        proposed_by_id=actor.person,
        proposed_at=at,
    )
    asked.count = spec.count(asked)
    if not asked.count:
        raise Refusal("nothing-to-export", "没有符合条件的内容可以导出。请换一个条件。", status=422)
    try:
        with transaction.atomic():
            asked.save(force_insert=True)
    except IntegrityError:
        raise Refusal("pending", "您已有一份同样内容的导出申请待批准。") from None
    _record("office.propose_export", asked, actor=actor, at=at, reason=reason)
    return asked


@transaction.atomic
def decide(asked: ExportRequest, *, approve: bool, actor: Actor, at: datetime) -> ExportRequest:
    """Agree or not. Raises ``Refusal`` ``approver-only``, ``two-people`` (403), ``decided``."""
    ground.must_approve(actor)
    asked = ExportRequest.objects.select_for_update(of=("self",)).get(pk=asked.pk)
    if asked.state != State.PROPOSED:
        raise Refusal("decided", "这份申请已经处理过，请刷新页面。")
    if approve:
        ground.two_people(actor, {asked.proposed_by_id}, what="提出申请")
    asked.state = State.APPROVED if approve else State.REFUSED
    asked.approved_by_id, asked.approved_at = actor.user_id, at
    asked.until = at + VALID if approve else None
    asked.save(update_fields=["state", "approved_by", "approved_at", "until"])
    _record("office.decide_export", asked, actor=actor, at=at, approve=approve)
    return asked


@transaction.atomic
def take(asked: ExportRequest, *, acting: Membership, actor: Actor, at: datetime) -> File:
    """Write it, once, for whoever asked, while the approval holds.

    Raises ``Refusal`` ``not-yours`` (403), ``not-approved``, ``taken``, ``too-late`` (410).
    """
    ground.must_be_office(actor)
    asked = (
        ExportRequest.objects.select_for_update(of=("self",))
        .select_related("call")
        .get(pk=asked.pk)
    )
    if actor.user_id != asked.proposed_by_id:
        raise Refusal("not-yours", "导出的文件只由提出申请的人取走。", status=403)
    if asked.state == State.TAKEN:
        raise Refusal("taken", "这份导出已经取走过一次。再次需要的，请重新申请。")
    if asked.state != State.APPROVED or asked.until is None:
        raise Refusal("not-approved", "这份导出还没有批准。")
    if at >= asked.until:
        raise Refusal("too-late", "批准的时间已过，没有导出。请重新申请。", status=410)
    asked.state, asked.taken_at = State.TAKEN, at
    asked.save(update_fields=["state", "taken_at"])
    count = KINDS[asked.kind].count(asked)
    file = KINDS[asked.kind].write(asked, acting, actor, at)
    _record("office.take_export", asked, actor=actor, at=at, rows=count)
    return file


def _record(action: str, asked: ExportRequest, *, actor: Actor, at: datetime, **more: Any) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject=asked,
        at=at,
        kind=asked.kind,
        call=asked.about,
        options=asked.options,
        **more,
    )
