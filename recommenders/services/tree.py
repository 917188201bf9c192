"""The tree of units: a unit moves under another parent; access ends in an emergency and comes
back by two people; a person moves to another unit."""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from accounts import roles
from accounts import services as accounts
from accounts.models import Link, Membership, Organisation
from applications.models import Application
from applications.workflow import FINAL
from audit import services as audit
from audit.services import CLOCK, Actor
from calls.models import Call
from core.errors import Refusal
from core.lengths import characters
from recommenders import letters
from recommenders.models import UnitRevocation, UnitTransfer
from recommenders.services import ground

K = Organisation.Kind
MAY_STAND_UNDER = {
    K.CITY: (K.PROVINCE, K.CORPS),
    K.DISTRICT: (K.CITY, K.PROVINCE, K.SEPARATE_CITY, K.CORPS),
}
ROLES_IN = (*roles.RECOMMENDER,)


def _reason(text: str, what: str) -> str:
    if characters(text) < 5:
        raise Refusal("reason-short", f"请写明{what}（不少于 5 字）。", status=422)
    return text.strip()[:300]


# A unit under another parent ----------------------------------------------------------------------


@transaction.atomic
def propose_transfer(
    unit: Organisation,
    *,
    parent: Organisation,
    day: date,
    reason: str,
    today: date,
    actor: Actor,
    at: datetime,
) -> UnitTransfer:
    """Ask that a city or district stands under another parent from ``day`` on.

    Raises ``Refusal``: ``kind-odd``, ``same-parent``, ``in-a-circle``, ``day-past``, ``waiting``.
    """
    ground.must_be_office(actor)
    may = MAY_STAND_UNDER.get(K(unit.kind), ())
    if parent.kind not in may:
        raise Refusal(
            "kind-odd",
            f"{unit.get_kind_display()}不能隶属于{parent.get_kind_display()}，请重新选择上级单位。",
            status=422,
        )
    if parent.pk == unit.parent_id:
        raise Refusal("same-parent", "上级单位没有变化，请重新选择。", status=422)
    if parent.pk == unit.pk or parent.parent_id == unit.pk:
        raise Refusal("in-a-circle", "上级单位不能是本单位或其下级单位。", status=422)
    if day < today:
        raise Refusal("day-past", "生效日不能早于今天。", status=422)
    reason = _reason(reason, "调整依据")
    try:
        with transaction.atomic():
            made = UnitTransfer.objects.create(
                organisation=unit,
                old_parent_id=unit.parent_id,
                new_parent=parent,
                day=day,
                reason=reason,
                proposed_by_id=actor.person,
                proposed_at=at,
            )
    except IntegrityError:
        raise Refusal("waiting", "该单位已有一项待办的隶属调整，请先批准或取消。") from None
    audit.record(
        actor=actor,
        action="recommenders.propose_transfer",
        subject=unit,
        at=at,
        transfer=made.pk,
        old=unit.parent_id,
        new=parent.pk,
        day=day,
        reason=reason,
    )
    return made


def _lock_transfer(transfer: UnitTransfer) -> UnitTransfer:
    found = (
        UnitTransfer.objects.select_for_update(of=("self",))
        .select_related("organisation", "new_parent")
        .get(pk=transfer.pk)
    )
    if found.done_at or found.cancelled_at:
        raise Refusal("decided", "这项隶属调整已经处理，请刷新页面。")
    return found


@transaction.atomic
def approve_transfer(
    transfer: UnitTransfer, *, today: date, actor: Actor, at: datetime
) -> UnitTransfer:
    """A second person of the office approves; on its day, or at once, the unit moves."""
    ground.must_be_office_approver(actor)
    transfer = _lock_transfer(transfer)
    if actor.user_id == transfer.proposed_by_id:
        raise Refusal("two-people", "提出调整的人不能自己批准，请由另一人批准。", status=403)
    if transfer.approved_at:
        raise Refusal("decided", "这项隶属调整已经批准，请刷新页面。")
    transfer.approved_by_id, transfer.approved_at = actor.person, at
    transfer.save(update_fields=["approved_by", "approved_at"])
    audit.record(
        actor=actor,
        action="recommenders.approve_transfer",
        subject=transfer.organisation,
        at=at,
        transfer=transfer.pk,
    )
    if transfer.day <= today:
        _move(transfer, actor=actor, at=at)
    return transfer


@transaction.atomic
def cancel_transfer(transfer: UnitTransfer, *, actor: Actor, at: datetime) -> None:
    ground.must_be_office(actor)
    transfer = _lock_transfer(transfer)
    transfer.cancelled_at = at
    transfer.save(update_fields=["cancelled_at"])
    audit.record(
        actor=actor,
        action="recommenders.cancel_transfer",
        subject=transfer.organisation,
        at=at,
        transfer=transfer.pk,
    )


def unfinished_filings(unit: Organisation) -> list[tuple[Call, int]]:
    """Running calls in which filings go up through this unit or one below it, with their number.

    Their way is fixed by the tree they were filed under, so that the unit cannot move before.
    """
    below = Organisation.objects.filter(parent=unit).values("pk")
    found: list[tuple[Call, int]] = []
    for call in Call.objects.open().order_by("pk"):
        count = (
            Application.objects.filter(call=call)
            .filter(preselector__in=[unit.pk, *[row["pk"] for row in below]])
            .exclude(status__in=FINAL)
            .count()
        )
        if count:
            found.append((call, count))
    return found


def _move(transfer: UnitTransfer, *, actor: Actor, at: datetime) -> None:
    unit = Organisation.objects.select_for_update().get(pk=transfer.organisation_id)
    if busy := unfinished_filings(unit):
        said = "、".join(f"《{call.title}》{count} 项" for call, count in busy)
        raise Refusal(
            "filings-open",
            f"{unit.name}及其下级还有正在办理的申报：{said}。"
            "这些申报按原隶属关系上报，请待批次结束后调整，或另定生效日。",
        )
    unit.parent_id = transfer.new_parent_id
    unit.save(update_fields=["parent"])
    transfer.done_at = at
    transfer.save(update_fields=["done_at"])
    audit.record(
        actor=actor,
        action="recommenders.transfer",
        subject=unit,
        at=at,
        transfer=transfer.pk,
        old=transfer.old_parent_id,
        new=transfer.new_parent_id,
    )
    letters.unit_transferred(transfer, at=at)


def apply_due_transfers(*, today: date, at: datetime) -> int:
    """Move the units whose approved day has come. What still has filings waits. For the pulse."""
    done = 0
    for one in UnitTransfer.objects.filter(
        approved_at__isnull=False, done_at__isnull=True, cancelled_at__isnull=True, day__lte=today
    ).select_related("organisation"):
        if unfinished_filings(one.organisation):
            continue
        with transaction.atomic():
            _move(_lock_transfer(one), actor=CLOCK, at=at)
        done += 1
    return done


# Emergency --------------------------------------------------------------------------------------


@transaction.atomic
def revoke_unit(unit: Organisation, *, reason: str, actor: Actor, at: datetime) -> UnitRevocation:
    """End every role in a unit at once and make its open links void.

    Its people have no access from their next request on. One person of the office, or a security
    administrator, may do it alone; giving it back takes two.
    """
    if actor.role not in (*roles.OFFICE, roles.Role.SECURITY_ADMIN):
        raise Refusal("not-yours", "紧急停用由主管部门或安全管理员办理。", status=403)
    if unit.kind == K.OFFICE:
        raise Refusal("own-office", "不能停用主管部门本身，请逐人停用。", status=422)
    reason = _reason(reason, "停用原因")
    Organisation.objects.select_for_update().get(pk=unit.pk)
    if UnitRevocation.objects.filter(organisation=unit, restored_at__isnull=True).exists():
        raise Refusal("revoked", "该单位已经停用，请刷新页面。")
    memberships = Membership.objects.active(at).filter(organisation=unit, valid_until__isnull=True)
    ended = sorted(memberships.values_list("pk", flat=True))
    Membership.objects.filter(pk__in=ended).update(valid_until=at)
    links = Link.objects.filter(organisation=unit, used_at=None, revoked_at=None).update(
        revoked_at=at
    )
    made = UnitRevocation.objects.create(
        organisation=unit,
        reason=reason,
        revoked_by_id=actor.person,
        revoked_at=at,
        ended=ended,
        links=links,
    )
    audit.record(
        actor=actor,
        action="recommenders.revoke_unit",
        subject=unit,
        at=at,
        reason=reason,
        memberships=ended,
        links=links,
    )
    return made


@transaction.atomic
def ask_restore(
    revocation: UnitRevocation, *, reason: str, actor: Actor, at: datetime
) -> UnitRevocation:
    """The first of two people asks that a unit's access comes back."""
    ground.must_be_office(actor)
    reason = _reason(reason, "恢复理由")
    found = _lock_revocation(revocation)
    found.restore_by_id, found.restore_asked_at = actor.person, at
    found.restore_reason = reason
    found.save(update_fields=["restore_by", "restore_asked_at", "restore_reason"])
    audit.record(
        actor=actor,
        action="recommenders.ask_restore",
        subject=found.organisation,
        at=at,
        reason=reason,
    )
    return found


@transaction.atomic
def restore_unit(revocation: UnitRevocation, *, actor: Actor, at: datetime) -> int:
    """Another person approves: who was ended then gets the same role again. Links stay void.

    Returns how many roles came back; people who hold the role again already, and accounts that
    are switched off, are left out.
    """
    ground.must_be_office_approver(actor)
    found = _lock_revocation(revocation)
    if found.restore_asked_at is None:
        raise Refusal("not-asked", "请先由一人提出恢复并写明理由，再由另一人批准。")
    if actor.user_id == found.restore_by_id:
        raise Refusal("two-people", "提出恢复的人不能自己批准，请由另一人批准。", status=403)
    given = 0
    for ended in (
        Membership.objects.filter(pk__in=found.ended, user__is_active=True)
        .select_related("user", "organisation")
        .order_by("pk")
    ):
        accounts.appoint(
            ended.user,
            organisation=ended.organisation,
            role=ended.role,
            may_submit=ended.may_submit,
            actor=actor,
            at=at,
        )
        given += 1
    found.restored_by_id, found.restored_at = actor.person, at
    found.save(update_fields=["restored_by", "restored_at"])
    audit.record(
        actor=actor,
        action="recommenders.restore_unit",
        subject=found.organisation,
        at=at,
        roles=given,
    )
    return given


def _lock_revocation(revocation: UnitRevocation) -> UnitRevocation:
    found = (
        UnitRevocation.objects.select_for_update(of=("self",))
        .select_related("organisation")
        .get(pk=revocation.pk)
    )
    if found.restored_at is not None:
        raise Refusal("restored", "该单位已经恢复，请刷新页面。")
    return found


@transaction.atomic
def move_person(
    membership: Membership, *, to: Organisation, role: str, actor: Actor, at: datetime
) -> Membership:
    """A person goes from one recommending unit to another: the old role ends as the new begins."""
    ground.must_be_office(actor)
    if role not in ROLES_IN or membership.role not in ROLES_IN:
        raise Refusal("role-not-here", "只能调动推荐经办和推荐审批人员。", status=422)
    if to.pk == membership.organisation_id:
        raise Refusal("same-unit", "调入单位与现单位相同，请重新选择。", status=422)
    if UnitRevocation.objects.filter(organisation=to, restored_at__isnull=True).exists():
        raise Refusal("revoked", f"{to.name}已紧急停用，恢复后才能调入人员。", status=422)
    accounts.end_membership(membership, actor=actor, at=at)
    made = accounts.appoint(membership.user, organisation=to, role=role, actor=actor, at=at)
    audit.record(
        actor=actor,
        action="recommenders.move_person",
        subject=made,
        at=at,
        person=membership.user_id,
        old=membership.organisation_id,
        new=to.pk,
    )
    return made
