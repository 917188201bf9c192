"""A programme's rules in words, each with its clause, for the public page of a call. Pure."""

from dataclasses import dataclass
from datetime import datetime

from calls.programme import (
    ApplicantKind,
    Cap,
    CapScope,
    Quota,
    QuotaScope,
    RecommenderKind,
)
from calls.programme.shape import Programme

APPLICANTS = {
    ApplicantKind.ENTERPRISE: "企业",
    ApplicantKind.UNIVERSITY: "高等院校",
    ApplicantKind.INSTITUTE: "科研院所",
    ApplicantKind.OTHER: "其他法人单位",
}
RECOMMENDERS = {
    RecommenderKind.PROVINCE: "省级主管部门",
    RecommenderKind.SEPARATE_CITY: "计划单列市主管部门",
    RecommenderKind.CORPS: "新疆生产建设兵团主管部门",
    RecommenderKind.CENTRAL_GROUP: "中央企业集团",
    RecommenderKind.MINISTRY_BODY: "部属单位",
    RecommenderKind.INDUSTRY_BODY: "行业组织",
    RecommenderKind.CITY: "市级主管部门",
    RecommenderKind.DISTRICT: "区县主管部门",
}
QUOTA_SCOPES = {QuotaScope.CALL: "整个批次", QuotaScope.DIRECTION: "每个方向"}
CAP_SCOPES = {
    CapScope.CALL: "整个批次",
    CapScope.DIRECTION: "每个方向",
    CapScope.SUBFIELD: "每个细分领域",
}


@dataclass(frozen=True, slots=True)
class Clause:
    """One rule in words, and where it stands."""

    text: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """One line of the table of quotas or caps."""

    who: str
    scope: str
    limit: str
    note: str
    source: str


def applicants(programme: Programme) -> list[Clause]:
    """Who may file, and how often."""
    rule = programme.applicants
    sources = rule.sources
    kinds = "、".join(APPLICANTS[kind] for kind in rule.kinds)
    legal = "，须具有独立法人资格" if rule.legal_person else ""
    found = [Clause(f"{kinds}{legal}。", sources.get("kinds", ""))]
    found += [Clause(f"{one.text}。", one.source) for one in rule.conditions]
    if rule.per_applicant is not None:
        partners = "，牵头和参与合并计算" if rule.count_partners else ""
        found.append(
            Clause(
                f"每个单位申报不超过 {rule.per_applicant} 项{partners}。",
                sources.get("per_applicant", ""),
            )
        )
    if rule.max_partners is not None:
        found.append(
            Clause(
                f"联合申报的，参与单位不超过 {rule.max_partners} 家。",
                sources.get("max_partners", ""),
            )
        )
    if rule.exclude_winners:
        found.append(
            Clause("此前各批已列为优胜的项目不得重复申报。", sources.get("exclude_winners", ""))
        )
    if rule.exclusive_in_direction:
        found.append(
            Clause(
                "同一方向内已参与联合申报的单位不得再单独申报。",
                sources.get("exclusive_in_direction", ""),
            )
        )
    return found


def quota(programme: Programme) -> list[Limit]:
    return [_quota(one) for one in programme.quota]


def _quota(one: Quota) -> Limit:
    notes = [one.note, f"名额池：{one.pool}" if one.pool else ""]
    if not one.counts_in_region:
        notes.append("不占属地指标")
    return Limit(
        who="、".join(RECOMMENDERS[kind] for kind in one.kinds),
        scope=QUOTA_SCOPES[one.scope],
        limit=_most(one.limit, one.soft, "项"),
        note="；".join(note for note in notes if note),
        source=one.source,
    )


def caps(programme: Programme) -> list[Limit]:
    return [_cap(programme, one) for one in programme.caps]


def _cap(programme: Programme, one: Cap) -> Limit:
    tier = programme.tier(one.tier)
    return Limit(
        who=tier.title if tier else one.tier,
        scope=CAP_SCOPES[one.scope],
        limit=_most(one.limit, one.soft, "个"),
        note="可以空缺",
        source=one.source,
    )


def _most(limit: int | None, soft: bool, unit: str) -> str:
    if limit is None:
        return "未规定限额"
    return f"{'原则上' if soft else ''}不超过 {limit} {unit}"


def steps(programme: Programme) -> list[str]:
    return [programme.step_title(step) for step in programme.steps]


def publicity(programme: Programme) -> Clause | None:
    rule = programme.publicity
    if rule is None:
        return None
    if rule.working_days is None:
        return Clause("结果须公示，公示天数依据文件未写明，由主管部门确定。", rule.source)
    word = "不少于" if rule.at_least else ""
    return Clause(f"结果公示{word} {rule.working_days} 个工作日。", rule.source)


def days_left(until: datetime, now: datetime) -> str:
    """What is left until an exclusive end: ``2 天``, in the last day ``5 小时``."""
    seconds = (until - now).total_seconds()
    if seconds >= 86400:
        return f"{int(seconds // 86400)} 天"
    if seconds >= 3600:
        return f"{int(seconds // 3600)} 小时"
    return f"{max(int(seconds // 60), 0)} 分钟"
