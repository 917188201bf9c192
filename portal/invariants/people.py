"""Accounts: what is kept of their secrets, and which roles one person may not hold together."""

from collections.abc import Iterator

from django.db.models.functions import Length
from django_otp.plugins.otp_static.models import StaticToken

from accounts.models import RecoveryCode
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
