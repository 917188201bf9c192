"""Recommending in a rehearsal: levels forward, units recommend, confirm, seal and deliver."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import Membership, Organisation
from accounts.roles import Role
from applications.models import Application
from applications.workflow import Status
from calls.models import Call
from core.errors import Refusal
from documents import services as documents
from office.demo import season
from office.rehearsal.people import House
from office.rehearsal.report import Report, StepDone
from outcomes import words
from recommenders import queries, ranking, sheets
from recommenders import services as recommenders
from recommenders.models import RankedList
from recommenders.services import scans


def _of(call: Call) -> list[Application]:
    return list(
        Application.objects.filter(call=call, status=Status.SUBMITTED)
        .select_related("preselector", "recommender", "call")
        .order_by("pk")
    )


def forward_all(call: Call, report: Report, done: StepDone, *, at: datetime) -> bool:
    """Every level below, from the lowest up, forwards what it has."""
    forwarded = 0
    for application in _of(call):
        unit, rank = application.preselector, 1
        while unit is not None and unit.pk != application.recommender_id:
            if not Membership.objects.filter(organisation=unit, role=Role.REC_OPERATOR).exists():
                break
            try:
                actor = season.staff(unit, Role.REC_OPERATOR)
                recommenders.forward(application, rank=rank, actor=actor, at=at)
                forwarded += 1
            except Refusal as refusal:
                if refusal.code == "preselection-over":
                    report.dead_end(done.key, refusal.message, "推迟下级的期限，或提早申报截止")
                else:
                    report.warn(done.key, f"{unit.name}：{refusal.message}")
                break
            unit = unit.parent
    done.words.append(f"下级上报 {forwarded} 次")
    if not forwarded:
        report.warn(done.key, "没有一项试填的申报经过下级初审", "核对下级单位和地区")
    return True


def recommend_all(
    call: Call, house: House, report: Report, done: StepDone, *, at: datetime
) -> bool:
    """Each kind of recommender recommends up to its quota, confirms, seals and delivers."""
    total = 0
    for kind, unit in house.recommenders.items():
        waiting = [one for one in _of(call) if one.recommender_id == unit.pk]
        if not waiting:
            report.warn(done.key, f"{words.RECOMMENDERS[kind]}没有收到试填的申报")  # type: ignore[index]
            continue
        total += _one(call, unit, waiting, report, done, at=at)
    if not total:
        report.dead_end(done.key, "没有一项申报得到推荐", "核对名额和推荐规则")
    done.words.append(f"{len(house.recommenders)} 家推荐单位，推荐 {total} 项")
    return total > 0


def _one(
    call: Call,
    unit: Organisation,
    waiting: list[Application],
    report: Report,
    done: StepDone,
    *,
    at: datetime,
) -> int:
    operator, approver = (season.staff(unit, r) for r in (Role.REC_OPERATOR, Role.REC_APPROVER))
    chosen = 0
    for application in waiting:
        allotment = queries.allotment_for(application)
        if allotment is None:
            report.dead_end(done.key, f"{unit.name}没有名额，什么也不能推荐", "在 quota 里写明")
            return 0
        if queries.ledger_of(allotment).free == 0:
            continue
        try:
            _visit(application, operator, at=at)
            recommenders.recommend(
                application, clash_reason="演练中的重复情况说明", actor=operator, at=at
            )
            chosen += 1
        except Refusal as refusal:
            report.dead_end(
                done.key, f"{unit.name}不能推荐：{refusal.message}", "核对推荐、初审和核查的规则"
            )
    if chosen:
        _deliver(call, unit, operator, approver, report, done, at=at)
    return chosen


def _visit(application: Application, operator: object, *, at: datetime) -> None:
    rules = application.call.programme.recommendation
    if rules is None or not rules.visit:
        return
    recommenders.record_visit(
        application,
        day=application.call.time(at).date(),
        people="演练核查组",
        finding="现场与申报内容一致。",
        passed=True,
        actor=operator,  # type: ignore[arg-type]
        at=at,
    )


def _deliver(
    call: Call,
    unit: Organisation,
    operator: object,
    approver: object,
    report: Report,
    done: StepDone,
    *,
    at: datetime,
) -> None:
    """The list is confirmed, its sheet printed, the print taken as the scan, the list delivered."""
    ranked = RankedList.objects.get(call=call, organisation=unit)
    try:
        shown = ranking.list_hash(sheets.rows(ranked))
        version = recommenders.submit_list(ranked, shown=shown, actor=approver, at=at)  # type: ignore[arg-type]
        if version.document is not None:
            _draw_now(version.document.pk, at=at)
            version.document.refresh_from_db()
            if version.document.pdf is None:
                report.dead_end(
                    done.key,
                    f"汇总表不能生成：{version.document.last_error[:200]}",
                    "请与技术支持联系",
                )
                return
            ranked.refresh_from_db()
            if queries.needs_scan(ranked):
                paper = documents.read(version.document.pdf)
                scan = scans.read_upload(paper, "演练盖章件.pdf")
                recommenders.receive_scan(ranked, [scan], actor=operator, at=at)  # type: ignore[arg-type]
        ranked.refresh_from_db()
        recommenders.deliver(ranked, actor=approver, at=at)  # type: ignore[arg-type]
    except Refusal as refusal:
        report.dead_end(done.key, f"{unit.name}报送不成：{refusal.message}", "核对推荐与扫描的期限")


def _draw_now(key: int, *, at: datetime) -> None:
    from documents.models import Document

    later = at + timedelta(days=3650)
    others = Document.objects.filter(state=Document.State.WAITING).exclude(pk=key)
    keys = list(others.values_list("pk", flat=True))
    others.update(not_before=later)
    documents.render_waiting(at=at + timedelta(hours=1), limit=1)
    Document.objects.filter(pk__in=keys).update(not_before=at)
