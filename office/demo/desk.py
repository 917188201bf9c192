"""The office's desk in the demonstration: views, an incident, what waits for a second person."""

from datetime import datetime, timedelta

from accounts import savedviews
from accounts.roles import Role
from calls.models import Call
from office import mailing, postponing
from office.demo.cast import Cast
from office.models import Mailing

VIEWS = (
    ("office:applications", "退回修改的", "status=returned&col=region&col=status&col=submitted"),
    ("office:applications", "湖南的", "region=430000"),
    ("office:outbox", "没有发出的", "state=failed"),
    ("office:cockpit", "可能到期未报送", "state=may_miss"),
)


def make(cast: Cast, call: Call, *, at: datetime) -> None:
    """Of a call whose filing runs: kept views, a confirmed incident and one that lasts, a
    postponement and a mailing that wait for the second person."""
    operator = cast.actor(cast.operator, Role.OFFICE_OPERATOR)
    approver = cast.actor(cast.approver, Role.OFFICE_APPROVER)
    for page, name, query in VIEWS:
        savedviews.save(cast.operator, page=page, name=name, query=query, actor=operator, at=at)
    incident = postponing.record_incident(
        title="（演示）平台短时无法登录",
        text="机房网络中断，约四十分钟后恢复。",
        affected="全部申报单位",
        since=at - timedelta(hours=5),
        until=at - timedelta(hours=4, minutes=20),
        actor=operator,
        at=at,
    )
    incident = postponing.confirm_incident(incident, actor=approver, at=at)
    postponing.record_incident(
        title="（演示）短信发送缓慢",
        text="短信网关排队，验证邮件和站内消息不受影响。",
        affected="以短信接收提醒的单位",
        since=at - timedelta(minutes=50),
        until=None,
        actor=operator,
        at=at,
    )
    if call.filing_until is not None and call.time(at) < call.filing_until:
        postponing.propose(
            call,
            scope="call",
            value="",
            key="filing_until",
            until=call.filing_until + timedelta(days=1),
            cascade=False,
            reason="（演示）平台短时无法登录，补足时间",
            incident=incident,
            actor=operator,
            at=at,
        )
    audience = Mailing.Audience.RECOMMENDERS
    if mailing.recipients(call, audience, {}):
        mailing.propose(
            call,
            audience=audience,
            chosen={},
            subject="（演示）请核对本地区申报",
            body="〔姓名〕：请登录平台核对〔单位〕本批次的申报与名额。",
            by_sms=False,
            actor=operator,
            at=at,
        )
