"""More time asked for, and what justifies it, as the office writes them down in tests."""

from datetime import timedelta

from office import postponing
from tests.world import AT


def ask(
    cast,
    *,
    scope="call",
    value="",
    key="filing_until",
    days=3,
    who="office",
    cascade=True,
    reason="平台故障，影响申报",
    incident=None,
):
    """So many days more, proposed by one person."""
    return postponing.propose(
        cast.call,
        scope=scope,
        value=value,
        key=key,
        until=getattr(cast.call, key) + timedelta(days=days),
        cascade=cascade,
        reason=reason,
        incident=incident,
        actor=cast.actor(who),
        at=AT,
    )


def record(cast, title="平台无法登录", **more):
    """An incident of two hours, recorded by one person."""
    return postponing.record_incident(
        **{
            "title": title,
            "text": "数据库主机故障",
            "affected": "全部申报单位",
            "since": AT - timedelta(hours=3),
            "until": AT - timedelta(hours=1),
            "actor": cast.actor("office"),
            "at": AT,
            **more,
        }
    )
