"""The second factor: a time-based code (TOTP) and ten recovery codes, each good once."""

import logging
from datetime import datetime

import django_otp
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from accounts import recovery
from accounts.models import Authenticator, Membership, RecoveryCode, RecoverySet, User
from accounts.roles import SECOND_FACTOR
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal

RECOVERY = "恢复码"
LOCKED = (
    "本系统打不开您的身份验证器密钥：多半是从备份恢复后没有配置原来的密钥，不是您的验证码不对。"
    "请用一个没有用过的恢复码登录，或请安全管理员重置两步验证，并告知系统管理员。"
)
log = logging.getLogger(__name__)


def asked_of(user: User, *, at: datetime) -> bool:
    """Whether a person who has just given their password must give a second factor too."""
    held = Membership.objects.active(at).filter(user=user, role__in=SECOND_FACTOR)
    return settings.JIEBANG_SECOND_FACTOR and held.exists()


def device_of(user: User) -> Authenticator | None:
    """The person's device in use."""
    return Authenticator.objects.filter(user=user, confirmed=True).first()


def waiting_device(user: User) -> Authenticator | None:
    """A device that was begun and not yet confirmed by its first code."""
    found = Authenticator.objects.filter(user=user, confirmed=False).order_by("-pk").first()
    return found if found is not None and found.is_readable else None


@transaction.atomic
def begin(user: User) -> Authenticator:
    """Make a new secret; it counts only after its first code. An earlier beginning is dropped."""
    Authenticator.objects.filter(user=user, confirmed=False).delete()
    return Authenticator.of(user)


def confirm(request: HttpRequest, user: User, token: str, *, at: datetime) -> list[str]:
    """Take the first code of a new device: it replaces the earlier one. Returns recovery codes.

    A wrong code is counted even though it is refused, so the check stands outside the
    transaction of what follows.
    """
    device = waiting_device(user)
    if device is None:
        raise Refusal("no-device", "请先点“开始设置”，再扫描二维码。", status=409)
    if not device.verify_token(token):
        raise Refusal(
            "wrong-token", "验证码不对。请核对手机时间是否自动校准，用最新的 6 位数字。", status=422
        )
    with transaction.atomic():
        Authenticator.objects.filter(user=user, confirmed=True).delete()
        device.confirmed = True
        device.save(update_fields=["confirmed"])
        codes = _new_codes(user)
        audit.record(
            actor=Actor(user.name, user.pk),
            action="accounts.second_factor_set",
            subject=user,
            at=at,
        )
    django_otp.login(request, device)
    return codes


def verify(request: HttpRequest, user: User, token: str, *, at: datetime) -> None:
    """Take a code (or a recovery code) for this session. Raises ``Refusal`` ``wrong-token``.

    Each wrong code makes the next try wait longer; that count is kept when we refuse. Raises
    ``factor-locked`` (422) where no key of the settings opens the person's secret: recovery codes
    go on working then.
    """
    device = django_otp.match_token(user, token.strip())
    if device is None:
        own = device_of(user)
        if own is not None and not own.is_readable:
            log.error("no key in JIEBANG_SEAL_KEY opens the second factor of person %s", user.pk)
            raise Refusal("factor-locked", LOCKED, status=422)
        raise Refusal(
            "wrong-token",
            "验证码不对，或输错次数过多需稍候。请用最新的 6 位数字，或一个没有用过的恢复码。",
            status=422,
        )
    audit.record(
        actor=Actor(user.name, user.pk),
        action="accounts.second_factor",
        subject=user,
        at=at,
        device=device.name,
    )
    django_otp.login(request, device)


@transaction.atomic
def renew_codes(user: User, *, actor: Actor, at: datetime) -> list[str]:
    """New recovery codes; the earlier ones are void."""
    codes = _new_codes(user)
    audit.record(actor=actor, action="accounts.recovery_codes", subject=user, at=at)
    return codes


@transaction.atomic
def remove(user: User, *, reason: str, actor: Actor, at: datetime) -> None:
    """Take a lost device away, after the person's identity was checked outside the portal.

    They set up a new one at their next sign-in. Nobody removes their own this way.
    """
    if actor.user_id == user.pk:
        raise Refusal("not-ones-own", "不能为自己重置，请由另一名安全管理员办理。", status=403)
    removed = Authenticator.objects.filter(user=user).delete()[0]
    RecoverySet.objects.filter(user=user).delete()
    if not removed:
        raise Refusal("no-device", "此人没有设置两步验证，无须重置。", status=409)
    audit.record(
        actor=actor, action="accounts.second_factor_removed", subject=user, at=at, reason=reason
    )


def codes_left(user: User) -> int:
    return RecoveryCode.objects.filter(of__user=user).count()


def _new_codes(user: User) -> list[str]:
    """A set in the place of the earlier one. The codes themselves are known here and now only."""
    RecoverySet.objects.filter(user=user).delete()
    made = RecoverySet.objects.create(user=user, name=RECOVERY)
    codes = [recovery.drawn() for _ in range(recovery.CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(of=made, digest=recovery.digest(code, made.salt)) for code in codes
    )
    return codes
