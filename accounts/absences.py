"""Leave: a colleague of the same unit holds the role for a time, under their own name.

Acts that need two people compare persons, so that a deputy never counts twice. The roles of
administration and audit are not deputised: they are kept apart (等保三级).
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from accounts import roles
from accounts.models import Absence, Membership
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal

LONGEST = timedelta(days=180)
DEPUTISED = (*roles.FILING, *roles.RECOMMENDER, *roles.OFFICE)


@transaction.atomic
def begin(
    membership: Membership,
    *,
    deputy: Membership,
    since: datetime,
    until: datetime,
    reason: str,
    actor: Actor,
    at: datetime,
) -> Absence:
    """Let ``deputy`` stand in from ``since`` until ``until`` (exclusive).

    Raises ``Refusal`` (422): ``not-deputised``, ``odd-span``, ``odd-deputy``, ``holds-it-already``
    and ``away-already``.
    """
    membership = Membership.objects.select_for_update().get(pk=membership.pk)
    if membership.role not in DEPUTISED:
        raise Refusal("not-deputised", "管理和审计角色不能由他人代办，请另行任命。", status=422)
    if not since < until or until <= at or until - since > LONGEST:
        raise Refusal(
            "odd-span", "结束时间须晚于开始时间和现在，最长 180 天。请改正日期。", status=422
        )
    same_unit = deputy.organisation_id == membership.organisation_id
    if deputy.user_id == membership.user_id or not same_unit or not deputy.user.is_active:
        raise Refusal("odd-deputy", "代办人须是本单位的另一个人。", status=422)
    held = Membership.objects.filter(
        user=deputy.user_id,
        organisation=membership.organisation_id,
        role=membership.role,
        valid_from__lt=until,
    ).filter(Q(valid_until__isnull=True) | Q(valid_until__gt=since))
    if held.exists():
        raise Refusal("holds-it-already", "代办人在这段时间已有同样的角色，不必代办。", status=422)
    if _open(membership).filter(since__lt=until, until__gt=since).exists():
        raise Refusal("away-already", "这段时间已登记请假。请先结束原来的。", status=422)
    cover = Membership.objects.create(
        user=deputy.user,
        organisation=membership.organisation,
        role=membership.role,
        may_submit=membership.may_submit,
        valid_from=since,
        valid_until=until,
    )
    made = Absence.objects.create(
        membership=membership,
        cover=cover,
        since=since,
        until=until,
        reason=reason.strip()[:100],
        made_by_id=actor.person,
        made_at=at,
    )
    audit.record(
        actor=actor,
        action="accounts.begin_absence",
        subject=made,
        at=at,
        membership=membership.pk,
        deputy=deputy.user_id,
        role=membership.role,
        since=since,
        until=until,
    )
    return made


def _open(membership: Membership):  # type: ignore[no-untyped-def]
    return Absence.objects.filter(membership=membership, ended_at=None)


@transaction.atomic
def end(absence: Absence, *, actor: Actor, at: datetime) -> Absence:
    """Back earlier, or not away at all: the deputy's role is gone at their next request."""
    absence = Absence.objects.select_for_update().select_related("cover").get(pk=absence.pk)
    if absence.ended_at is not None or absence.until <= at:
        raise Refusal("over", "这次请假已经结束。")
    absence.ended_at = at
    absence.save(update_fields=["ended_at"])
    absence.cover.valid_until = max(at, absence.cover.valid_from)
    absence.cover.save(update_fields=["valid_until"])
    audit.record(actor=actor, action="accounts.end_absence", subject=absence, at=at)
    return absence
