"""形式审查: one or many filings pass or do not."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from applications import services as applications
from applications.models import Application
from audit.services import Actor
from calls.models import Call
from core.errors import Refusal
from outcomes import rules
from outcomes.services import ground


@transaction.atomic
def check(
    call: Call,
    public_ids: Sequence[str],
    *,
    passed: bool,
    reason: str = "",
    actor: Actor,
    at: datetime,
) -> list[Application]:
    """Accept these filings, or do not, with one reason: all of them, or a refusal and none."""
    ground.must_be_office(actor)
    asked = list(dict.fromkeys(public_ids))
    if not asked:
        raise Refusal("nothing-chosen", "请先选择申报项目。", status=422)
    if not passed:
        reason = rules.reason_of(reason, shortest=5, what="不通过的理由，理由将告知申报单位")
    found = list(
        Application.objects.filter(call=call, public_id__in=asked, version_number__gt=0).order_by(
            "pk"
        )
    )
    if len(found) != len(asked):
        raise Refusal("unknown", "所选项目有的不在本批次，请刷新页面后重新选择。")
    if passed:
        return [applications.accept(one, actor=actor, at=at, note=reason.strip()) for one in found]
    return [applications.not_accept(one, reason=reason, actor=actor, at=at) for one in found]
