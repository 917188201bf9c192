"""People and units: registering, inviting, activating, ending."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts import figures, links
from accounts.models import Link, Membership, Organisation, OrganisationName, User
from accounts.roles import APART, APART_RULE, Role
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal


@transaction.atomic
def register(
    *,
    unit_name: str,
    code: str,
    kind: str,
    region: str,
    name: str,
    email: str,
    phone: str,
    password: str,
    at: datetime,
    address: str = "",
    industry: str = "",
) -> User:
    """A new unit and its first person, its administrator once the address is verified.

    ``code`` is the checked, folded code of the unit. Raises ``Refusal`` ``code-taken`` when it
    is registered already, ``email-taken`` when the address is in use.
    """
    borne = OrganisationName.objects.filter(code=code).select_related("organisation").first()
    if borne is not None:
        raise Refusal(
            "code-taken",
            f"这个统一社会信用代码是{borne.organisation.name}更名前的代码。"
            "请联系该单位的管理员邀请您加入。",
            status=422,
        )
    if Organisation.objects.filter(code=code).exists():
        raise Refusal(
            "code-taken",
            "这个统一社会信用代码已经注册。请联系本单位的管理员邀请您加入。",
            status=422,
        )
    if User.objects.filter(email=email.lower()).exists():
        raise Refusal("email-taken", "这个邮箱已经注册。请直接登录，或用“忘记密码”。", status=422)
    try:
        with transaction.atomic():
            unit = Organisation.objects.create(
                name=unit_name,
                code=code,
                kind=kind,
                region=region,
                address=address,
                profile={"industry": industry} if industry else {},
                created_at=at,
            )
            user = User.objects.create_user(email, password, name=name, phone=phone, created_at=at)
    except IntegrityError:
        raise Refusal("taken", "这个单位或邮箱刚刚被注册。请刷新后重试。", status=422) from None
    Membership.objects.create(
        user=user, organisation=unit, role=Role.UNIT_ADMIN, may_submit=True, valid_from=at
    )
    links.make(Link.Purpose.VERIFY, email=user.email, name=name, user=user, at=at)
    audit.record(
        actor=Actor(name, user.pk, unit.pk, Role.UNIT_ADMIN),
        action="accounts.register",
        subject=unit,
        at=at,
        code=code,
        kind=kind,
    )
    return user


@transaction.atomic
def verify_email(token: str, *, at: datetime) -> User:
    """Take a verification link: the address is theirs. Raises ``Refusal`` as ``links.find``."""
    link = links.find(token, Link.Purpose.VERIFY, at=at, lock=True)
    user = link.user
    assert user is not None
    user.email_verified_at = at
    user.save(update_fields=["email_verified_at"])
    _use(link, at=at)
    audit.record(
        actor=Actor(user.name, user.pk), action="accounts.verify_email", subject=user, at=at
    )
    return user


def resend_verification(user: User, *, at: datetime) -> None:
    """A new verification link; the earlier ones end."""
    with transaction.atomic():
        Link.objects.filter(user=user, purpose=Link.Purpose.VERIFY, used_at=None).update(
            revoked_at=at
        )
        links.make(Link.Purpose.VERIFY, email=user.email, name=user.name, user=user, at=at)


@transaction.atomic
def invite(
    *,
    organisation: Organisation,
    role: str,
    email: str,
    name: str,
    actor: Actor,
    at: datetime,
    may_submit: bool = False,
) -> Link:
    """Send a one-use activation link for a role in a unit. Earlier open ones for it are revoked."""
    email = email.strip().lower()
    if (
        Membership.objects.active(at)
        .filter(user__email=email, organisation=organisation, role=role)
        .exists()
    ):
        raise Refusal("already-member", "此人在本单位已有这个角色。", status=422)
    known = User.objects.filter(email=email).first()
    if known is not None:
        _kept_apart(known, role, organisation=organisation, at=at)
    Link.objects.filter(
        purpose=Link.Purpose.ACTIVATE,
        email=email,
        organisation=organisation,
        role=role,
        used_at=None,
        revoked_at=None,
    ).update(revoked_at=at)
    link = links.make(
        Link.Purpose.ACTIVATE,
        email=email,
        name=name,
        organisation=organisation,
        role=role,
        may_submit=may_submit,
        made_by_id=actor.user_id,
        at=at,
    )
    audit.record(
        actor=actor,
        action="accounts.invite",
        subject=organisation,
        at=at,
        email=email,
        role=role,
        link=link.pk,
    )
    return link


def resend_invitation(link: Link, *, actor: Actor, at: datetime) -> Link:
    """A new link for an invitation that was not used, open or expired; the old one ends."""
    if link.used_at or link.revoked_at or link.organisation is None:
        raise Refusal("link-used", "这个邀请已经用过或撤销，不能重发。请重新邀请。")
    return invite(
        organisation=link.organisation,
        role=link.role,
        email=link.email,
        name=link.name,
        may_submit=link.may_submit,
        actor=actor,
        at=at,
    )


@transaction.atomic
def revoke_link(link: Link, *, actor: Actor, at: datetime) -> None:
    if link.used_at:
        raise Refusal("link-used", "这个链接已经用过，不能撤销。可在人员名单中停用此人。")
    link.revoked_at = at
    link.save(update_fields=["revoked_at"])
    audit.record(actor=actor, action="accounts.revoke_link", subject=link, at=at, email=link.email)


@transaction.atomic
def activate(
    token: str,
    *,
    at: datetime,
    name: str = "",
    phone: str = "",
    password: str | None = None,
    signed_in: User | None = None,
) -> User:
    """Take an activation link: the person gets the role; a new person chooses a password.

    Somebody who has an account with this address must be signed in to it (``signed_in``), so that
    whoever holds the letter alone cannot enter an existing account.
    """
    link = links.find(token, Link.Purpose.ACTIVATE, at=at, lock=True)
    user = User.objects.filter(email=link.email).first()
    if user is None:
        user = User.objects.create_user(
            link.email,
            password,
            name=name or link.name,
            phone=phone,
            created_at=at,
            email_verified_at=at,
        )
    elif signed_in is None or signed_in.pk != user.pk:
        raise Refusal(
            "sign-in-first",
            "这个邮箱已有账号。请先用该账号登录，再打开本链接接受邀请。",
            status=403,
        )
    assert link.organisation is not None
    _kept_apart(user, link.role, organisation=link.organisation, at=at)
    membership, _ = Membership.objects.get_or_create(
        user=user,
        organisation=link.organisation,
        role=link.role,
        valid_until=None,
        defaults={"valid_from": at, "may_submit": link.may_submit},
    )
    _use(link, at=at)
    audit.record(
        actor=Actor(user.name, user.pk, link.organisation.pk, link.role),
        action="accounts.activate",
        subject=membership,
        at=at,
        link=link.pk,
    )
    return user


def _use(link: Link, *, at: datetime) -> None:
    link.used_at = at
    link.save(update_fields=["used_at"])


@transaction.atomic
def appoint(
    user: User,
    *,
    organisation: Organisation,
    role: str,
    actor: Actor,
    at: datetime,
    may_submit: bool = False,
) -> Membership:
    """Give a person a role in a unit from ``at`` on.

    Raises ``Refusal`` ``administrators-apart``.
    """
    _kept_apart(user, role, organisation=organisation, at=at)
    membership, made = Membership.objects.get_or_create(
        user=user,
        organisation=organisation,
        role=role,
        valid_until=None,
        defaults={"valid_from": at, "may_submit": may_submit},
    )
    if made:
        audit.record(
            actor=actor,
            action="accounts.appoint",
            subject=membership,
            at=at,
            user=user.pk,
            role=role,
            organisation=organisation.pk,
        )
    return membership


def _kept_apart(user: User, role: str, *, organisation: Organisation, at: datetime) -> None:
    """System, security and audit administration are not in one hand: a person holds one of them.

    The person's row is locked, so that of two roles taken at once the second meets the first.
    """
    if role not in APART:
        return
    User.objects.select_for_update().get(pk=user.pk)
    held = (
        Membership.objects.filter(user=user, role__in=APART)
        .exclude(role=role, organisation=organisation)
        .exclude(valid_until__lte=at)
        .select_related("organisation")
        .first()
    )
    if held is not None:
        raise Refusal(
            "administrators-apart",
            f"{user.name}已任{held.organisation}的{held.get_role_display()}。系统管理员、安全管理员、"
            "审计三类角色一人只能任一个：请另选一人，或先停用原来的角色。",
            rule=APART_RULE,
        )


@transaction.atomic
def end_membership(membership: Membership, *, actor: Actor, at: datetime) -> None:
    """End a role; it is gone on the person's next request.

    The last 单位管理员 of a filing unit cannot go before another is appointed.
    """
    membership = Membership.objects.select_for_update().get(pk=membership.pk)
    if membership.valid_until is not None:
        raise Refusal("already-ended", "这个任职已经停用。")
    if membership.role == Role.UNIT_ADMIN:
        others = (
            Membership.objects.active(at)
            .filter(organisation=membership.organisation_id, role=Role.UNIT_ADMIN)
            .exclude(pk=membership.pk)
        )
        if not others.exists():
            raise Refusal("last-admin", "单位至少要有一名管理员。请先指定另一名，再停用此人。")
    membership.valid_until = at
    membership.save(update_fields=["valid_until"])
    audit.record(
        actor=actor,
        action="accounts.end_membership",
        subject=membership,
        at=at,
        user=membership.user_id,
        role=membership.role,
    )


@transaction.atomic
def update_profile(
    organisation: Organisation,
    *,
    profile: dict[str, Any],
    actor: Actor,
    at: datetime,
    address: str | None = None,
    years: figures.Years | None = None,
) -> Organisation:
    """Keep what each filing starts from. Name, code and region do not change here.

    ``years`` are cells of the figures by year; those that are not named stay.
    """
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    before = organisation.profile
    organisation.profile = {**before, **profile}
    if years:
        kept = figures.merged(figures.of(before), years)
        organisation.profile["figures"] = kept
    if address is not None:
        organisation.address = address
    organisation.save(update_fields=["profile", "address"])
    audit.record(
        actor=actor,
        action="accounts.update_profile",
        subject=organisation,
        at=at,
        fields=sorted(profile),
        years={year: sorted(row) for year, row in (years or {}).items()},
    )
    return organisation
