"""Where a commission, a result and a dispute can stand, as tables. Pure but for the words."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import TextChoices


class AgencyState(TextChoices):
    ACTIVE = "active", "正常"
    SUSPENDED = "suspended", "已暂停"
    ENDED = "ended", "已停止"


class Commissioned(TextChoices):
    PROPOSED = "proposed", "待批准"
    OFFERED = "offered", "待机构确认"
    ACCEPTED = "accepted", "测评中"
    DONE = "done", "已完成"
    REFUSED = "refused", "机构未接受"
    REJECTED = "rejected", "未批准"
    WITHDRAWN = "withdrawn", "已撤换"


class Reported(TextChoices):
    DRAFT = "draft", "填写中"
    SUBMITTED = "submitted", "待复核"
    APPROVED = "approved", "待盖章"
    SEALED = "sealed", "待发布"
    RELEASED = "released", "已发布"
    CLOSED = "closed", "已停止"


class Ruled(TextChoices):
    OPEN = "open", "待处理"
    PROPOSED = "proposed", "待批准"
    UPHELD = "upheld", "维持原结果"
    RETEST = "retest", "复测"


_C, _R, _D = Commissioned, Reported, Ruled
LIVE = (_C.PROPOSED, _C.OFFERED, _C.ACCEPTED)
"""A task has at most one of these at a time."""
SHOWN_TO_AGENCY = (_C.OFFERED, _C.ACCEPTED, _C.DONE)
TOLD_TO_UNIT = (_C.OFFERED, _C.ACCEPTED, _C.DONE)

COMMISSION_MOVES: dict[str, tuple[tuple[Commissioned, ...], Commissioned]] = {
    "approve": ((_C.PROPOSED,), _C.OFFERED),
    "reject": ((_C.PROPOSED,), _C.REJECTED),
    "accept": ((_C.OFFERED,), _C.ACCEPTED),
    "refuse": ((_C.OFFERED,), _C.REFUSED),
    "withdraw": ((_C.PROPOSED, _C.OFFERED, _C.ACCEPTED), _C.WITHDRAWN),
    "finish": ((_C.ACCEPTED,), _C.DONE),
}
RESULT_MOVES: dict[str, tuple[tuple[Reported, ...], Reported]] = {
    "submit": ((_R.DRAFT,), _R.SUBMITTED),
    "approve": ((_R.SUBMITTED,), _R.APPROVED),
    "send_back": ((_R.SUBMITTED, _R.APPROVED, _R.SEALED), _R.DRAFT),
    "seal": ((_R.APPROVED,), _R.SEALED),
    "release": ((_R.SEALED,), _R.RELEASED),
    "close": ((_R.DRAFT, _R.SUBMITTED, _R.APPROVED, _R.SEALED), _R.CLOSED),
}
DISPUTE_MOVES: dict[str, tuple[tuple[Ruled, ...], Ruled]] = {
    "propose": ((_D.OPEN,), _D.PROPOSED),
    "return": ((_D.PROPOSED,), _D.OPEN),
    "uphold": ((_D.PROPOSED,), _D.UPHELD),
    "retest": ((_D.PROPOSED,), _D.RETEST),
}


def target(
    moves: Mapping[str, tuple[tuple[TextChoices, ...], TextChoices]], name: str, state: str
) -> str | None:
    """Where the move leads from this state; None where it does not start there."""
    sources, end = moves[name]
    return str(end) if state in sources else None
