"""Who may bring whom into a unit, and handing its administration over."""

from datetime import datetime

from django.db import transaction

from accounts import services
from accounts.models import APPLICANT_KINDS, Membership, Organisation
from accounts.roles import Role
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal

K = Organisation.Kind

#: Role of whoever invites -> roles they may give within their own unit.
GIVES: dict[str, tuple[Role, ...]] = {
    Role.UNIT_ADMIN: (Role.EDITOR, Role.VIEWER, Role.UNIT_ADMIN),
    Role.REC_APPROVER: (Role.REC_OPERATOR, Role.REC_APPROVER),
    Role.SYSTEM_ADMIN: (
        Role.OFFICE_OPERATOR,
        Role.OFFICE_APPROVER,
        Role.SYSTEM_ADMIN,
        Role.SECURITY_ADMIN,
        Role.AUDITOR,
    ),
}
#: Units that recommend and may file themselves (中央企业, 部属单位): both sets of roles fit.
BOTH = (K.CENTRAL_GROUP, K.MINISTRY_BODY)


def roles_to_give(membership: Membership) -> tuple[Role, ...]:
    """The roles that the holder of ``membership`` may give in that unit."""
    roles = GIVES.get(membership.role, ())
    if membership.role == Role.REC_APPROVER and membership.organisation.kind in BOTH:
        roles = (*roles, Role.UNIT_ADMIN, Role.EDITOR)
    return roles


def check_may_give(membership: Membership, role: str) -> None:
    if role not in roles_to_give(membership):
        raise Refusal(
            "role-not-yours",
            f"以“{membership.get_role_display()}”身份不能在本单位指定这个角色。",
            status=403,
        )


def may_end(actor: Membership, other: Membership) -> bool:
    """Whether ``actor`` may end ``other``: a role they could have given, in the same unit."""
    return actor.organisation_id == other.organisation_id and other.role in roles_to_give(actor)


@transaction.atomic
def hand_over(
    membership: Membership, *, to: Membership, stay_as_editor: bool, actor: Actor, at: datetime
) -> None:
    """Make another person of the unit its 单位管理员, and stop being it oneself."""
    if membership.role != Role.UNIT_ADMIN or to.organisation_id != membership.organisation_id:
        raise Refusal("not-admin", "只有单位管理员可以移交，且只能移交给本单位的人。", status=403)
    if to.user_id == membership.user_id:
        raise Refusal("same-person", "您已是管理员，请选择另一个人。", status=422)
    unit = membership.organisation
    services.appoint(
        to.user,
        organisation=unit,
        role=Role.UNIT_ADMIN,
        may_submit=True,
        actor=actor,
        at=at,
    )
    services.end_membership(membership, actor=actor, at=at)
    if stay_as_editor and unit.kind in APPLICANT_KINDS:
        services.appoint(membership.user, organisation=unit, role=Role.EDITOR, actor=actor, at=at)


@transaction.atomic
def set_may_submit(membership: Membership, *, may: bool, actor: Actor, at: datetime) -> None:
    """Give or take the right to submit the unit's filings."""
    membership = Membership.objects.select_for_update().get(pk=membership.pk)
    if membership.role not in (Role.EDITOR, Role.UNIT_ADMIN):
        raise Refusal("role-cannot-submit", "“查看”角色不能提交申报书，请先改为填报人。")
    if membership.may_submit != may:
        membership.may_submit = may
        membership.save(update_fields=["may_submit"])
        audit.record(actor=actor, action="accounts.may_submit", subject=membership, at=at, may=may)


@transaction.atomic
def change_role(membership: Membership, *, role: str, actor: Actor, at: datetime) -> Membership:
    """Make an editor a viewer or a viewer an editor: the old role ends, the new one begins.

    The right to submit is not taken along. Raises ``role-not-changed`` for any other change:
    administrators are made by handing over or inviting.
    """
    between = (Role.EDITOR, Role.VIEWER)
    if membership.role not in between or role not in between or membership.role == role:
        raise Refusal(
            "role-not-changed", "只能在“填报人”和“查看”之间调整；管理员请用移交或邀请。", status=422
        )
    services.end_membership(membership, actor=actor, at=at)
    return services.appoint(
        membership.user, organisation=membership.organisation, role=role, actor=actor, at=at
    )
