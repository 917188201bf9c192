"""Accounts: what is kept of their secrets, and which roles one person may not hold together."""

from collections.abc import Iterator
from itertools import groupby

from django.db.models.functions import Length
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import Authenticator, Membership, RecoveryCode
from accounts.roles import APART
from portal.invariants.base import check

Found = Iterator[tuple[str, str]]


@check("R7")
def no_recovery_code_is_kept_in_clear() -> Found:
    """R7: whoever reads the database gets no code to sign in with."""
    for pk in StaticToken.objects.order_by("pk").values_list("pk", flat=True):
        yield f"otp_static.statictoken:{pk}", "恢复码以明文保存"
    short = RecoveryCode.objects.annotate(long=Length("digest")).exclude(long=64)
    for pk in short.order_by("pk").values_list("pk", flat=True):
        yield f"accounts.recoverycode:{pk}", "恢复码不是以散列值保存"


@check("R7")
def no_second_factor_is_kept_in_clear() -> Found:
    """R7: the secret of an authenticator is locked, with its own person, under a key we have."""
    for pk in TOTPDevice.objects.order_by("pk").values_list("pk", flat=True):
        yield f"otp_totp.totpdevice:{pk}", "两步验证的密钥以明文保存"
    for one in Authenticator.objects.order_by("pk").iterator(500):
        if not one.is_readable:
            yield (
                f"accounts.authenticator:{one.pk}",
                "身份验证器的密钥打不开：缺少 JIEBANG_SEAL_KEY，或密钥属于他人",
            )


@check("R7")
def administrators_are_kept_apart() -> Found:
    """R7: nobody holds two of system, security and audit administration at the same time."""
    held = Membership.objects.filter(role__in=APART).order_by("user", "valid_from", "pk")
    for _, of_one in groupby(held, key=lambda one: one.user_id):
        spans = list(of_one)
        for number, one in enumerate(spans):
            for other in spans[number + 1 :]:
                ends = one.valid_until
                if ends is None or (
                    other.valid_from < ends and other.valid_until != other.valid_from
                ):
                    words = f"{one.get_role_display()}、{other.get_role_display()}由同一人兼任"
                    yield f"accounts.membership:{other.pk}", words
