"""What a file may say in the right words and still be wrong: every rule between its parts."""

import datetime as dt
from collections.abc import Iterator

from calls.programme.directions import ALL_SUBFIELDS, Direction, Indicator, IndicatorKind
from calls.programme.form_checks import attachment_problems, form_problems, once
from calls.programme.parts import (
    CapScope,
    Dates,
    Problem,
    QuotaScope,
    Step,
    TierStage,
    VisitItemKind,
)
from calls.programme.shape import Programme

DAY_ORDER = (
    "filing_from",
    "filing_until",
    "recommendation_until",
    "scan_until",
    "paper_until",
    "review_until",
    "announcement_by",
)

YEARS = range(2000, 2101)
"""Years a call may lie in; everything else is a slip of the pen."""


def problems_of(programme: Programme) -> list[Problem]:
    """Everything wrong between the parts of a programme; empty when it can be used."""
    return [
        *_steps(programme),
        *_dates(programme),
        *_applicants(programme),
        *_directions(programme),
        *_quota(programme),
        *_caps(programme),
        *_review(programme),
        *_task(programme),
        *_site_visit(programme),
        *form_problems(programme),
        *attachment_problems(programme),
    ]


def _steps(programme: Programme) -> Iterator[Problem]:
    order = list(Step)
    steps = programme.steps
    if len(set(steps)) != len(steps):
        yield Problem("steps", "a step stands twice", "同一步骤重复")
    elif list(steps) != [step for step in order if step in steps]:
        right = ", ".join(step for step in order if step in steps)
        yield Problem("steps", f"wrong order; the order is: {right}", "步骤顺序固定，不能调换")
    if Step.FILING not in steps:
        yield Problem("steps", "filing is missing", "任何项目都从申报开始")
    if Step.PRESELECTION in steps and Step.RECOMMENDATION not in steps:
        yield Problem("steps", "preselection without recommendation", "没有推荐就没有初审")
    if Step.PANEL in steps and Step.REVIEW not in steps:
        yield Problem("steps", "panel without review", "会议评审之前要有专家评审")
    chosen = {Step.APPROVAL, Step.ANNOUNCEMENT} & set(steps)
    if not chosen:
        yield Problem("steps", "neither approval nor announcement", "要有审定或公布名单")
    for step in programme.step_titles:
        if step not in steps:
            yield Problem(f"step_titles.{step}", "is not one of the steps", "没有这个步骤")
    for part, step in (
        ("recommendation", Step.RECOMMENDATION),
        ("approval", Step.APPROVAL),
        ("dispatch", Step.ANNOUNCEMENT),
        ("publicity", Step.PUBLICITY),
        ("review", Step.REVIEW),
        ("testing", Step.TESTING),
        ("award", Step.AWARD),
    ):
        if getattr(programme, part) is not None and step not in steps:
            yield Problem(part, f"without the step {step}", "steps 里没有对应的步骤")
    if programme.dispatch is not None:
        known = programme.approval.cosigners if programme.approval else ()
        for name in programme.dispatch.jointly:
            if name not in known:
                what = f"{name!r} is no cosigner of [approval]"
                yield Problem("dispatch.jointly", what, "联合行文的单位须在审定会签单位之中")
    if Step.PUBLICITY in steps and programme.publicity is None:
        yield Problem("publicity", "the step publicity has no [publicity]", "公示要写明工作日天数")
    if programme.task is not None and not {Step.TASK, Step.CONTRACT} & set(steps):
        yield Problem("task", "without the step task or contract", "steps 里没有对应的步骤")
    if programme.levels and Step.RECOMMENDATION not in steps:
        yield Problem("levels", "without the step recommendation", "没有推荐就没有下级")


def _task(programme: Programme) -> Iterator[Problem]:
    task = programme.task
    if task is None:
        return
    if task.longest_months is not None and task.longest_months < (task.months or 1):
        yield Problem("task.longest_months", "shorter than months", "最长期限短于规定期限")
    fields = {f"{section.key}.{field.key}": field for section, field in programme.fields()}
    if task.lead_field and task.lead_field not in fields:
        yield Problem("task.lead_field", f"unknown field {task.lead_field!r}", "没有这个栏目")
    if task.goals is not None:
        asked = fields.get(task.goals.field)
        columns = {column.key for column in asked.columns} if asked else set()
        if not columns:
            what = f"{task.goals.field!r} is no table of rows"
            yield Problem("task.goals.field", what, "应为带列的表格栏目")
            return
        for name in ("name", "target", "method"):
            key = getattr(task.goals, name)
            if key is not None and key not in columns:
                yield Problem(f"task.goals.{name}", f"unknown column {key!r}", "表格没有这一列")


def _dates(programme: Programme) -> Iterator[Problem]:
    dates = programme.dates
    known = [(name, getattr(dates, name)) for name in DAY_ORDER if getattr(dates, name)]
    first = {"filing_from": 0, "filing_until": 1, "recommendation_until": 2}
    rank = {**first, "scan_until": 3, "paper_until": 3, "review_until": 4, "announcement_by": 5}
    for index, (later, day) in enumerate(known):
        for earlier, before in known[:index]:
            if rank[earlier] < rank[later] and before > day:
                what = f"{day} lies before {earlier} {before}"
                yield Problem(f"dates.{later}", what, "日期先后不可能")
    for name in ("recommendation_until", "scan_until", "paper_until"):
        if getattr(dates, name) and Step.RECOMMENDATION not in programme.steps:
            yield Problem(f"dates.{name}", "without the step recommendation", "没有推荐步骤")
    if dates.review_until and Step.REVIEW not in programme.steps:
        yield Problem("dates.review_until", "without the step review", "没有评审步骤")
    for name in dates.sources:
        if name not in Dates.model_fields:
            yield Problem(f"dates.sources.{name}", "names no date", "没有这个日期")
    for name in DAY_ORDER:
        yield from _possible_year(f"dates.{name}", getattr(dates, name))
    for index, level in enumerate(programme.levels):
        yield from _possible_year(f"levels.{index}.until", level.until)
        if level.until and dates.recommendation_until and level.until > dates.recommendation_until:
            what = f"{level.until} lies after recommendation_until {dates.recommendation_until}"
            yield Problem(f"levels.{index}.until", what, "下级的期限不能晚于推荐截止日")


def _possible_year(where: str, day: dt.date | None) -> Iterator[Problem]:
    if day is not None and day.year not in YEARS:
        yield Problem(where, f"year {day.year} is out of range", "年份应在 2000 至 2100 之间")


def _applicants(programme: Programme) -> Iterator[Problem]:
    applicants = programme.applicants
    for name in applicants.sources:
        if name not in type(applicants).model_fields:
            yield Problem(f"applicants.sources.{name}", "names no rule", "没有这条规则")
    for index, region in enumerate(applicants.regions):
        if not (len(region) == 6 and region.isdigit()):
            where = f"applicants.regions.{index}"
            yield Problem(where, "is not a 6-digit code", "应为 6 位行政区划代码")
    if applicants.count_partners and applicants.per_applicant is None:
        what = "without per_applicant there is nothing to count"
        yield Problem("applicants.count_partners", what, "未限制项目数")


def _directions(programme: Programme) -> Iterator[Problem]:
    yield from once("classes", programme.classes)
    yield from once("directions", programme.directions)
    classes = {choice.key for choice in programme.classes}
    numbers: dict[int, int] = {}
    for index, direction in enumerate(programme.directions):
        where = f"directions.{index}"
        if direction.class_key is not None and direction.class_key not in classes:
            what = f"unknown class {direction.class_key!r}"
            yield Problem(f"{where}.class_key", what, "没有这个类别")
        if direction.number is not None:
            if direction.number in numbers:
                what = (
                    f"number {direction.number} is already directions.{numbers[direction.number]}"
                )
                yield Problem(f"{where}.number", what, "方向序号重复")
            numbers[direction.number] = index
        yield from once(f"{where}.subfields", direction.subfields)
        yield from once(f"{where}.indicators", direction.indicators)
        for position, subfield in enumerate(direction.subfields):
            if subfield.key == ALL_SUBFIELDS:
                name = f"{where}.subfields.{position}.key"
                yield Problem(name, "'all' is the implicit sub-field", "all 已表示整个方向")
        for position, indicator in enumerate(direction.indicators):
            yield from _indicator(f"{where}.indicators.{position}", direction, indicator)


def _indicator(where: str, direction: Direction, indicator: Indicator) -> Iterator[Problem]:
    subfields = {subfield.key for subfield in direction.all_subfields}
    if indicator.subfield not in subfields:
        what = f"unknown sub-field {indicator.subfield!r}"
        yield Problem(f"{where}.subfield", what, "该方向没有这个细分领域")
    kind = indicator.kind
    if kind is IndicatorKind.TEXT:
        if indicator.operator is not None:
            yield Problem(f"{where}.operator", "a text indicator has none", "文字指标不比较大小")
        return
    if (indicator.operator is None) != (indicator.value is None):
        yield Problem(where, "operator and value belong together", "比较符号和数值要么都有要么都无")
    if kind is IndicatorKind.BOOLEAN and indicator.value not in (None, "true", "false"):
        yield Problem(f"{where}.value", "must be true or false", "应为 true 或 false")
    if kind is IndicatorKind.BOOLEAN and indicator.operator not in (None, "eq"):
        yield Problem(f"{where}.operator", "a boolean indicator is compared with eq", "应为 eq")
    if kind in (IndicatorKind.LEVEL, IndicatorKind.MATURITY):
        if not indicator.levels:
            yield Problem(f"{where}.levels", "the ordered levels are missing", "要列出等级")
        elif indicator.value is not None and indicator.value not in indicator.levels:
            yield Problem(f"{where}.value", "is not one of the levels", "不在等级之中")
        if len(set(indicator.levels)) != len(indicator.levels):
            yield Problem(f"{where}.levels", "a level stands twice", "等级重复")
    elif indicator.levels:
        yield Problem(f"{where}.levels", f"a {kind} indicator has no levels", "该类指标没有等级")


def _quota(programme: Programme) -> Iterator[Problem]:
    recommends = Step.RECOMMENDATION in programme.steps
    if programme.quota and not recommends:
        yield Problem("quota", "quota without the step recommendation", "没有推荐步骤，不能有限额")
    if recommends and not programme.quota:
        what = "the step recommendation has no quota rows; write one without limit for unlimited"
        yield Problem("quota", what, "要写明哪些单位可以推荐；不限数量就不写 limit")
    seen: dict[tuple[str, str], int] = {}
    scopes: dict[tuple[str, str], QuotaScope] = {}
    for index, quota in enumerate(programme.quota):
        if quota.scope is QuotaScope.DIRECTION and not programme.directions:
            yield Problem(f"quota.{index}.scope", "the programme has no directions", "没有方向")
        if quota.soft and quota.limit is None:
            yield Problem(f"quota.{index}.soft", "nothing to exceed without a limit", "未写限额")
        for kind in quota.kinds:
            key = (kind, quota.pool)
            if key in seen and scopes[key] is quota.scope:
                what = f"{kind} already has quota.{seen[key]} in this pool"
                yield Problem(f"quota.{index}.kinds", what, "同一类单位重复")
            seen[key], scopes[key] = index, quota.scope


def _caps(programme: Programme) -> Iterator[Problem]:
    yield from once("decision.tiers", programme.tiers)
    tiers = {tier.key for tier in programme.tiers}
    for index, tier in enumerate(programme.tiers):
        if tier.stage is TierStage.AWARD and Step.AWARD not in programme.steps:
            yield Problem(f"decision.tiers.{index}.stage", "without the step award", "没有优胜步骤")
    if not programme.tiers_of(TierStage.SELECTION):
        what = "at least one tier of the stage selection is needed"
        yield Problem("decision.tiers", what, "要写明遴选的结果叫什么")
    if Step.AWARD in programme.steps and not programme.tiers_of(TierStage.AWARD):
        what = "the step award has no tier of that stage"
        yield Problem("decision.tiers", what, "要写明优胜的结果叫什么")
    if programme.award and programme.award.publicity and programme.publicity is None:
        yield Problem("award.publicity", "there is no [publicity]", "要写明公示的工作日天数")
    for index, document in enumerate(programme.documents):
        for key in document.tiers:
            if key not in tiers:
                yield Problem(f"documents.{index}.tiers", f"unknown tier {key!r}", "没有这一等次")
    seen: set[tuple[str, str]] = set()
    for index, cap in enumerate(programme.caps):
        if cap.tier not in tiers:
            yield Problem(f"caps.{index}.tier", f"unknown tier {cap.tier!r}", "没有这一等次")
        if cap.scope is not CapScope.CALL and not programme.directions:
            yield Problem(f"caps.{index}.scope", "the programme has no directions", "没有方向")
        if (cap.tier, cap.scope) in seen:
            yield Problem(f"caps.{index}", "this cap stands twice", "同一上限重复")
        seen.add((cap.tier, cap.scope))


def _review(programme: Programme) -> Iterator[Problem]:
    review = programme.review
    if Step.REVIEW in programme.steps and (review is None or not review.criteria):
        yield Problem("review.criteria", "the step review has no criteria", "评审要有评分指标")
    for where, part in (("review", review), ("award", programme.award)):
        if part is None or not part.criteria:
            continue
        yield from once(f"{where}.criteria", part.criteria)
        total = sum(criterion.weight for criterion in part.criteria)
        if total != 100:
            what = f"weights add up to {total}, not 100"
            yield Problem(f"{where}.criteria", what, "权重之和应为 100")
    if review is None:
        return
    if review.min_reviews > review.experts_per_application:
        what = f"more than experts_per_application {review.experts_per_application}"
        yield Problem("review.min_reviews", what, "有效评审数不能多于专家数")
    if review.trim and review.min_reviews < 3:
        yield Problem("review.trim", "needs min_reviews of 3 or more", "去掉最高最低分至少要 3 份")
    low, high = review.comment_low, review.comment_high
    if low is not None and high is not None and low >= high:
        yield Problem("review.comment_low", "is not below comment_high", "低分线应低于高分线")


def _site_visit(programme: Programme) -> Iterator[Problem]:
    rules, below = programme.site_visit, programme.recommendation
    if rules is None:
        return
    if Step.SITE_VISIT not in programme.steps and not (below and below.visit):
        what = "without the step site_visit and without recommendation.visit"
        yield Problem("site_visit", what, "没有现场评估的步骤，推荐单位也不核查")
    yield from once("site_visit.items", rules.items)
    for index, item in enumerate(rules.items):
        where = f"site_visit.items.{index}"
        if item.unit and item.kind is not VisitItemKind.NUMBER:
            yield Problem(f"{where}.unit", "only a number has a unit", "只有数值有单位")
        if item.grades and item.kind is not VisitItemKind.GRADE:
            yield Problem(f"{where}.grades", "only a grade has grades", "只有等级有档次")
        if item.kind is VisitItemKind.GRADE and len(set(item.grades)) < 2:
            yield Problem(f"{where}.grades", "a grade needs two or more", "等级至少两档")
