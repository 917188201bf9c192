"""What can be told from the rules, the dates and the house, before anybody plays. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from calls import calendar
from calls.programme import CHINA, FieldType, Programme, Step, TierStage
from core.errors import Refusal
from office.rehearsal.report import APPLICANT, DATES, OFFICE, PEOPLE, RULES, Report
from outcomes import words

Dates = Mapping[str, datetime | None]
SHORT_FILING = 5
"""Days of filing below which the office is warned."""


def judge(
    programme: Programme,
    dates: Dates,
    names: Mapping[str, str],
    facts: Mapping[str, Any],
    report: Report,
    *,
    overrides: Mapping[date, bool],
) -> None:
    """Everything that stands against the call as it is.

    ``facts`` count the house as it is now: ``recommenders`` by kind with ``units`` and those with
    ``one`` or ``two`` people, ``experts``, ``office`` (people of both roles).
    """
    _dates(programme, dates, names, report, overrides)
    _people(programme, facts, report)
    _rules(programme, report)


def _day(at: datetime, name: str) -> date:
    if name == "filing_from":
        return at.astimezone(CHINA).date()
    return (at - timedelta(microseconds=1)).astimezone(CHINA).date()


def _dates(
    programme: Programme,
    dates: Dates,
    names: Mapping[str, str],
    report: Report,
    overrides: Mapping[date, bool],
) -> None:
    needed = ["filing_until"]
    if programme.has(Step.RECOMMENDATION):
        needed.append("recommendation_until")
    for name in needed:
        if dates.get(name) is None:
            report.dead_end(DATES, f"没有填{names[name]}", "在批次页面“期限”里填写")
    known = {name: _day(at, name) for name, at in dates.items() if at is not None}
    for name, day in known.items():
        try:
            note = calendar.weekend_or_holiday(day, overrides=overrides)
        except Refusal:
            report.dead_end(
                DATES,
                f"{names[name]}在 {day.year} 年，那一年的放假安排尚未录入",
                "在“工作日历”里录入这一年的安排",
            )
            continue
        if note:
            report.warn(DATES, f"{names[name]}（{day}）是{note}", "确有必要的，可以改到工作日")
    _gaps(known, names, report, overrides)
    start, end = known.get("filing_from"), known.get("filing_until")
    if start and end and (end - start).days < SHORT_FILING:
        report.warn(DATES, f"申报只有 {(end - start).days + 1} 天", "确认时间是否足够")
    for level in programme.levels:
        if level.until and end and level.until < end:
            title = level.title
            report.warn(DATES, f"{title}的期限（{level.until}）早于申报截止", "确认下级来得及初审")
        if level.until and end and level.until == end:
            report.dead_end(
                DATES,
                f"{level.title}的期限与申报截止同日，下级没有时间初审",
                "把其中一个日期错开",
                who=level.title,
            )


def _gaps(
    known: Mapping[str, date],
    names: Mapping[str, str],
    report: Report,
    overrides: Mapping[date, bool],
) -> None:
    """Between these dates somebody has to work: at least one working day lies between."""
    for first, second, who, act in (
        ("filing_until", "recommendation_until", "推荐单位", "推荐"),
        ("recommendation_until", "scan_until", "推荐单位", "打印、盖章、扫描"),
        ("recommendation_until", "paper_until", "推荐单位", "寄送纸质材料"),
        ("recommendation_until", "review_until", "评审专家", "评审"),
        ("review_until", "announcement_by", OFFICE, "审定"),
    ):
        if first not in known or second not in known:
            continue
        day, last = known[first] + timedelta(days=1), known[second]
        try:
            free = any(
                calendar.is_working_day(day + timedelta(days=n), overrides=overrides)
                for n in range(max(0, min((last - day).days + 1, 60)))
            )
        except Refusal:
            continue
        if not free:
            report.dead_end(
                DATES,
                f"{names[first]}与{names[second]}之间没有一个工作日，{who}没有时间{act}",
                f"推迟{names[second]}",
                who=who,
            )


def _people(programme: Programme, facts: Mapping[str, Any], report: Report) -> None:
    for kind in programme.recommender_kinds:
        found = facts.get("recommenders", {}).get(str(kind), {})
        title = words.RECOMMENDERS[kind]
        if not found.get("units"):
            report.warn(PEOPLE, f"还没有登记{title}", "在“推荐单位”里导入")
        elif not found.get("one"):
            way = "在“推荐单位”里发激活链接"
            said = f"{title}共 {found['units']} 家，没有一家有人可以办理"
            report.dead_end(PEOPLE, said, way, who=title)
        elif found["two"] < found["units"]:
            few = found["units"] - found["two"]
            report.warn(PEOPLE, f"{title}有 {few} 家没有经办和审批两个人", "在“推荐单位”里邀请")
    if programme.has(Step.RECOMMENDATION) and not any(
        facts.get("recommenders", {}).get(str(kind), {}).get("one")
        for kind in programme.recommender_kinds
    ):
        way = "导入推荐单位并邀请人员"
        report.dead_end(PEOPLE, "没有任何推荐单位有人可以办理推荐", way, who="推荐单位")
    if programme.review and programme.has(Step.REVIEW):
        wanted, have = programme.review.experts_per_application, facts.get("experts", 0)
        if have < wanted:
            report.dead_end(
                PEOPLE, f"每项要 {wanted} 位专家，专家库里只有 {have} 位", "在“专家”里添加或导入"
            )
    for role, title in (("office_operator", "经办"), ("office_approver", "审批")):
        if not facts.get("office", {}).get(role):
            report.dead_end(PEOPLE, f"主管部门没有人担任{title}", "请系统管理员邀请")


def _rules(programme: Programme, report: Report) -> None:
    for section in programme.sections:
        if section.condition is not None and _never(programme, section.key, set()):
            said = f"“{section.title}”的出现条件互相依赖，永远不会出现"
            report.dead_end(RULES, said, "改出现条件", who=APPLICANT)
    ledger = any(field.type is FieldType.INDICATORS for _, field in programme.fields())
    if not ledger and any(direction.indicators for direction in programme.directions):
        report.warn(RULES, "方向有参考指标，申报书里没有指标表", "在一个章节里加 indicators 字段")
    if not programme.directions_complete and not programme.directions:
        report.dead_end(RULES, "方向没有列全，也没有一个方向", "用表格导入方向")
    for attachment in programme.attachments:
        if attachment.required and not attachment.types:
            said = f"“{attachment.title}”必交，却没有可交的文件类型"
            report.dead_end(RULES, said, "写明 types", who=APPLICANT)
    if programme.has(Step.AWARD) and not programme.tiers_of(TierStage.AWARD):
        report.dead_end(RULES, "有优胜步骤，没有优胜等次", "在 decision.tiers 里写明")


def _never(programme: Programme, key: str, seen: set[str]) -> bool:
    """Whether a section waits, over others, for itself."""
    if key in seen:
        return True
    section = programme.section(key)
    if section is None or section.condition is None:
        return False
    home = section.condition.field.rpartition(".")[0]
    return bool(home) and _never(programme, home, seen | {key})
