"""Which letter goes to whom about testing. None says what was measured before it is released."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from accounts.models import Membership, User
from accounts.roles import FILING, OFFICE, Role
from core.templatetags.jiebang import day, deadline
from notifications import services as notifications
from testing.models import Agency, Commission, Dispute, Result, Tie

ABOUT = "testing/letters/about.txt"
DUE = "testing/letters/testing_due.txt"


def _people(at: datetime, *, roles: Iterable[str], unit: int | None = None) -> list[User]:
    held = Membership.objects.active(at).filter(role__in=list(roles), user__is_active=True)
    if unit is not None:
        held = held.filter(organisation=unit)
    return held.people()


def _send(
    key: str,
    people: list[User],
    *,
    subject: str,
    to: str,
    text: str,
    at: datetime,
    then: str = "",
    template: str = ABOUT,
) -> None:
    if people:
        notifications.enqueue(
            key=f"testing.{key}",
            to=people,
            template=template,
            context={"subject": subject, "to": to, "text": text, "then": then},
            at=at,
        )


def _to_agency(
    key: str, agency: Agency, *, subject: str, text: str, at: datetime, then: str = "", **more: str
) -> None:
    people = _people(at, roles=[Role.TESTER], unit=agency.organisation_id)
    _send(key, people, subject=subject, to=agency.name, text=text, then=then, at=at, **more)


def _to_unit(
    key: str, commission: Commission, *, subject: str, text: str, at: datetime, then: str = ""
) -> None:
    unit = commission.task.application.organisation
    people = _people(at, roles=FILING, unit=unit.pk)
    _send(key, people, subject=subject, to=unit.name, text=text, then=then, at=at)


def _to_office(
    key: str,
    *,
    subject: str,
    text: str,
    at: datetime,
    then: str = "",
    roles: Sequence[str] = OFFICE,
    **more: str,
) -> None:
    people = _people(at, roles=roles)
    _send(key, people, subject=subject, to="各位经办", text=text, then=then, at=at, **more)


def _title(commission: Commission) -> str:
    return f"《{commission.task.title}》"


# Commissions -------------------------------------------------------------------------------------


def proposed(commissions: Sequence[Commission], *, at: datetime) -> None:
    if not commissions:
        return
    call = commissions[0].task.application.call
    _to_office(
        f"proposed:{commissions[0].pk}",
        subject=f"测评委托待批准：{len(commissions)} 项",
        text=f"{call.title}有 {len(commissions)} 项测评委托待批准，须由提出人以外的审批人办理。",
        then="请登录平台，在“测评”中办理。",
        roles=[Role.OFFICE_APPROVER],
        at=at,
    )


def offered(commission: Commission, *, at: datetime) -> None:
    _to_agency(
        f"offered:{commission.pk}",
        commission.agency,
        subject=f"测评委托：{commission.task.title}",
        text=f"主管部门委托贵机构测评{_title(commission)}的指标，"
        f"请于 {deadline(commission.due)} 前完成。",
        then="请登录平台，先核对有无利益关系，再确认是否接受；不接受的请写明原因。",
        at=at,
    )


def unit_told(commission: Commission, *, at: datetime) -> None:
    again = "异议指标的复测" if commission.retest_of_id else "指标的第三方测评"
    _to_unit(
        f"unit:{commission.pk}",
        commission,
        subject=f"测评安排：{commission.task.title}",
        text=f"贵单位{_title(commission)}{again}由{commission.agency.name}承担，"
        f"完成期限 {deadline(commission.due)}。",
        then="请登录平台，在“测评”中申报样品名称、型号和版本，并与测评机构交接样品。",
        at=at,
    )


def rejected(commission: Commission, *, at: datetime) -> None:
    _to_office(
        f"rejected:{commission.pk}",
        subject=f"测评委托未批准：{commission.task.title}",
        text=f"{_title(commission)}委托{commission.agency.name}测评，审批人没有批准。"
        f"理由：{commission.end_reason}",
        at=at,
    )


def answered(commission: Commission, *, at: datetime) -> None:
    took = commission.state == Commission.State.ACCEPTED
    _to_office(
        f"answered:{commission.pk}",
        subject=f"测评机构{'已接受' if took else '未接受'}：{commission.task.title}",
        text=f"{commission.agency.name}{'已接受' if took else '没有接受'}"
        f"{_title(commission)}的测评委托。" + ("" if took else f"原因：{commission.end_reason}"),
        then="" if took else "请另行委托测评机构。",
        at=at,
    )


def withdrawn(commission: Commission, *, at: datetime) -> None:
    _to_agency(
        f"withdrawn:{commission.pk}",
        commission.agency,
        subject=f"测评委托已撤回：{commission.task.title}",
        text=f"{_title(commission)}的测评委托已由主管部门撤回。理由：{commission.end_reason}",
        then="请停止测评，并将样品交还承担单位。",
        at=at,
    )
    _to_unit(
        f"withdrawn-unit:{commission.pk}",
        commission,
        subject=f"测评安排有变：{commission.task.title}",
        text=f"{_title(commission)}不再由{commission.agency.name}测评，另行安排后再通知。",
        at=at,
    )


def due(commission: Commission, *, late: bool, at: datetime) -> None:
    """A reminder before or after the date: to the agency, and once it is late to the office."""
    end = f"{commission.due.isoformat()}:{commission.reminded}"
    what = "请尽快接受委托" if commission.state == Commission.State.OFFERED else "请及时提交结果"
    state = "已过期限" if late else "期限将到"
    _to_agency(
        f"due:{commission.pk}:{end}",
        commission.agency,
        subject=f"测评{state}：{commission.task.title}",
        text=f"{_title(commission)}的测评期限为 {deadline(commission.due)}，{what}。",
        at=at,
        template=DUE,
    )
    if late:
        _to_office(
            f"late:{commission.pk}:{end}",
            subject=f"测评逾期：{commission.task.title}",
            text=f"{commission.agency.name}承担的{_title(commission)}测评已过期限"
            f"（{deadline(commission.due)}），尚未完成。",
            then="请登录平台，在“测评”中催办或撤换。",
            at=at,
            template=DUE,
        )


# The sample --------------------------------------------------------------------------------------


def sample_declared(commission: Commission, *, at: datetime) -> None:
    _to_agency(
        f"sample:{commission.pk}:{at.isoformat()}",
        commission.agency,
        subject=f"样品已申报：{commission.task.title}",
        text=f"承担单位已申报样品：{commission.sample_name}，版本 {commission.sample_version}。"
        "收到实物后请登录平台登记接收。",
        at=at,
    )


def sample_received(commission: Commission, *, at: datetime) -> None:
    _to_unit(
        f"received:{commission.pk}:{at.isoformat()}",
        commission,
        subject=f"样品已接收：{commission.task.title}",
        text=f"{commission.agency.name}已于 {day(commission.received_on)} 接收样品。",
        at=at,
    )


def sample_returned(commission: Commission, *, reason: str, at: datetime) -> None:
    _to_unit(
        f"returned:{commission.pk}:{at.isoformat()}",
        commission,
        subject=f"样品已退回：{commission.task.title}",
        text=f"{commission.agency.name}退回了样品。原因：{reason}",
        then="请重新申报样品。",
        at=at,
    )


# Results -----------------------------------------------------------------------------------------


def submitted(result: Result, *, at: datetime) -> None:
    _to_agency(
        f"submitted:{result.pk}:{result.version}",
        result.commission.agency,
        subject=f"测评结果待复核：{result.commission.task.title}",
        text=f"{_title(result.commission)}的测评结果已编制完成，请另一位测评人员核对后批准。",
        at=at,
    )


def sent_back(result: Result, *, reason: str, at: datetime) -> None:
    _to_agency(
        f"sent-back:{result.pk}:{result.version}",
        result.commission.agency,
        subject=f"测评结果已退回：{result.commission.task.title}",
        text=f"{_title(result.commission)}的测评结果已退回修改。原因：{reason}",
        then="已打印的报告作废，修改批准后请重新打印盖章。",
        at=at,
    )


def sealed(result: Result, *, at: datetime) -> None:
    _to_office(
        f"sealed:{result.pk}:{result.version}",
        subject=f"测评报告待发布：{result.commission.task.title}",
        text=f"{result.commission.agency.name}提交了{_title(result.commission)}的盖章测评报告，"
        "逐页相符。",
        then="请登录平台，在“测评”中核对后发布。",
        at=at,
    )


def released(result: Result, *, at: datetime) -> None:
    _to_unit(
        f"released:{result.pk}",
        result.commission,
        subject=f"测评结果已发布：{result.commission.task.title}",
        text=f"贵单位{_title(result.commission)}的测评结果已经发布。",
        then="请登录平台，在“测评”中查看；有异议的可在规定期限内提出一次。",
        at=at,
    )


def disputed(dispute: Dispute, *, at: datetime) -> None:
    commission = dispute.result.commission
    _to_office(
        f"disputed:{dispute.pk}",
        subject=f"测评异议：{commission.task.title}",
        text=f"{commission.task.application.organisation.name}对{_title(commission)}的测评结果"
        f"提出异议，涉及 {len(dispute.keys)} 项指标。",
        then="请登录平台，在“测评”中办理。",
        at=at,
    )


def ruled(dispute: Dispute, *, at: datetime) -> None:
    commission = dispute.result.commission
    _to_unit(
        f"ruled:{dispute.pk}",
        commission,
        subject=f"测评异议已处理：{commission.task.title}",
        text=f"贵单位对{_title(commission)}测评结果的异议，处理为“{dispute.get_state_display()}”。"
        f"处理意见：{dispute.finding}",
        at=at,
    )


# Agencies ----------------------------------------------------------------------------------------


def agency_state(agency: Agency, *, reason: str, at: datetime) -> None:
    _to_agency(
        f"agency:{agency.pk}:{at.isoformat()}",
        agency,
        subject=f"测评机构状态变更：{agency.get_state_display()}",
        text=f"贵机构在平台的状态已改为“{agency.get_state_display()}”，即时生效。理由：{reason}",
        at=at,
    )


def tie_declared(tie: Tie, *, at: datetime) -> None:
    if not tie.by_agency:
        return
    _to_office(
        f"tie:{tie.pk}",
        subject=f"测评机构申报利益关系：{tie.agency.name}",
        text=f"{tie.agency.name}申报与{tie.name}有利益关系，已即时停止其对该单位项目的访问。",
        then="正在办理的委托须撤换，请登录平台，在“测评”中办理。",
        at=at,
    )
