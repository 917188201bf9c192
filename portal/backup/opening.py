"""Unsealing: from then on this place sends and its clock moves."""

from datetime import datetime

from django.db import transaction

from audit import restoring
from notifications import services as letters

SEND, HOLD, CANCEL = "send", "hold", "cancel"
WAYS = {
    HOLD: "留待放行：到发件箱逐封查看后放行",
    CANCEL: "取消：备份之后的原系统已经发出",
    SEND: "照常发出：备份之后没有系统在运行",
}


@transaction.atomic
def unseal(*, by: str, reason: str, old_letters: str, at: datetime) -> int:
    """``old_letters`` says what becomes of letters that were waiting in the backup, which the lost
    system may have sent since. Returns how many were held or cancelled."""
    found = restoring.must_be_sealed()
    count = 0
    if old_letters != SEND:
        count = letters.settle_old(
            written_by=found.backup_at, due_by=found.restored_at, hold=old_letters == HOLD
        )
    restoring.unseal(by=by, reason=reason, at=at, letters=old_letters, count=count)
    return count
