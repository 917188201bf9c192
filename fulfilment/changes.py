"""What each kind of change reads, demands and does. ``services.changing`` decides when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from accounts import codes
from core.errors import Refusal
from fulfilment import targets, terms
from fulfilment.models import Change, Milestone, Target, Task

Kind = Change.Kind
SUBJECTS = (Kind.TARGET, Kind.MILESTONE)
FREE = (Kind.CONTENT, Kind.BUDGET)
"""Kinds whose present state is no column here: the unit writes both sides."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A change that may be asked for. ``before`` and ``after`` are as kept and as shown."""

    subject: str
    title: str
    before: str
    after: str
    lowers: bool = False


def asked(task: Task, kind: str, *, subject: str, before: str, after: str) -> Asked:
    """The change as it would be kept, or a ``Refusal`` (422, or 409 with the clause) that says
    what is wrong with it."""
    after = "\n".join(line.strip() for line in after.strip().splitlines() if line.strip())
    if kind == Kind.TERMINATION:
        return Asked("", "", task.get_state_display(), "终止")
    if not after:
        raise _wrong("after-missing", "请填写变更后的内容。")
    if kind in FREE:
        if not before.strip():
            raise _wrong("before-missing", "请写明现在的安排。")
        return Asked("", "", before.strip()[:1000], after[:1000])
    if kind == Kind.TARGET:
        return _target(task, subject, after)
    if kind == Kind.MILESTONE:
        return _milestone(task, subject, after)
    if kind == Kind.TERM:
        return _term(task, after)
    now = current(task, kind, subject)
    longest = {Kind.LEAD: 60, Kind.NAME: task.application.call.programme.title_max_chars}
    if kind in longest and len(after) > longest[Kind(kind)]:
        raise _wrong("too-long", f"不超过 {longest[Kind(kind)]} 字。")
    if kind == Kind.PARTNER:
        after = "\n".join(f"{one['name']}（{one['code']}）" for one in partners(after))
    if after == now:
        raise _wrong("nothing-new", "变更后与现在相同，不需要申请。")
    return Asked("", "", now, after)


def _wrong(code: str, message: str) -> Refusal:
    return Refusal(code, message, status=422)


def target_of(task: Task, key: str) -> Target:
    found = task.targets.filter(key=key).first()
    if found is None:
        raise _wrong("no-such-target", "任务没有这个指标，请重新选择。")
    return found


def milestone_of(task: Task, key: str) -> Milestone:
    found = task.milestones.filter(pk=int(key)).first() if key.isdecimal() else None
    if found is None:
        raise _wrong("no-such-milestone", "计划没有这个节点，请重新选择。")
    return found


def _target(task: Task, key: str, after: str) -> Asked:
    one = target_of(task, key)
    if after == one.target:
        raise _wrong("nothing-new", "变更后与现在相同，不需要申请。")
    if len(after) > 60:
        raise _wrong("too-long", "目标不超过 60 字。")
    if (
        one.operator
        and targets.to_target(
            one.spec, operator=one.operator, unit=one.unit, target=after, value=one.target
        ).label
        == "无法比较"
    ):
        raise _wrong("no-figure", f"“{after[:12]}”不能作为目标，请按单位{one.unit or '要求'}填写。")
    lowers = targets.lower(
        one.spec, operator=one.operator, unit=one.unit, first=one.target, now=after
    )
    return Asked(key, one.name, one.target, after, lowers)


def _milestone(task: Task, key: str, after: str) -> Asked:
    one = milestone_of(task, key)
    day = _day(after)
    if day == one.due_on:
        raise _wrong("nothing-new", "变更后与现在相同，不需要申请。")
    if day < task.starts_on or (task.due_on is not None and day > task.due_on):
        raise _wrong("outside-term", "节点的完成日须在任务期限之内；期限不够的，请先申请延期。")
    return Asked(key, one.title, one.due_on.isoformat(), day.isoformat())


def _term(task: Task, after: str) -> Asked:
    if task.due_on is None:
        raise _wrong("term-unknown", "任务期限尚未确定，不能申请延期。")
    day = _day(after)
    if day <= task.due_on:
        raise _wrong("no-extension", f"延期须晚于现在的到期日 {terms.words(task.due_on)}。")
    within_limit(task, day)
    return Asked("", "", task.due_on.isoformat(), day.isoformat())


def within_limit(task: Task, day: date) -> None:
    """Raises ``Refusal`` ``beyond-limit`` with the clause."""
    if task.limit_on is not None and day > task.limit_on:
        rule = task.application.call.programme.task
        raise Refusal(
            "beyond-limit",
            f"任务期限最长到 {terms.words(task.limit_on)}（自名单公布之日起计算），不能延到 "
            f"{terms.words(day)}。",
            rule=rule.source if rule else "",
        )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise _wrong("no-day", "请填写日期，如 2022-08-05。") from None


def partners(text: str) -> list[dict[str, str]]:
    """Lines of name and code. Raises ``Refusal`` ``no-code`` or ``twice`` (422)."""
    found: list[dict[str, str]] = []
    if text.strip() == "无":
        return found
    for line in text.splitlines():
        plain = line.replace("（", " ").replace("）", " ").replace("(", " ").replace(")", " ")
        name, _, code = plain.strip().rpartition(" ")
        known = codes.folded(code)
        if wrong := codes.problem(known):
            raise _wrong("no-code", f"“{line[:20]}”：每行写单位全称和统一社会信用代码（{wrong}）。")
        if any(one["code"] == known for one in found):
            raise _wrong("twice", f"“{line[:20]}”写了两次。")
        found.append({"name": name.strip()[:100], "code": known})
    return found


def current(task: Task, kind: str, subject: str) -> str:
    """What stands now of what the change is about, as kept in ``before``."""
    if kind == Kind.TARGET:
        return target_of(task, subject).target
    if kind == Kind.MILESTONE:
        return milestone_of(task, subject).due_on.isoformat()
    if kind == Kind.TERM:
        return task.due_on.isoformat() if task.due_on else ""
    if kind == Kind.LEAD:
        return task.lead
    if kind == Kind.NAME:
        return task.title
    if kind == Kind.PARTNER:
        return "\n".join(f"{one['name']}（{one['code']}）" for one in task.partners) or "无"
    return task.get_state_display()


def apply(task: Task, change: Change, *, now: datetime) -> None:
    """Put an approved change in force. The caller holds the task; a termination is a step of
    the way and done by ``services.changing``."""
    if change.kind == Kind.TARGET:
        one = target_of(task, change.subject)
        one.target = change.after
        one.lowered = targets.lower(
            one.spec,
            operator=one.operator,
            unit=one.unit,
            first=one.first_target,
            now=change.after,
        )
        one.save(update_fields=["target", "lowered"])
    elif change.kind == Kind.MILESTONE:
        node = milestone_of(task, change.subject)
        node.due_on = _day(change.after)
        node.save(update_fields=["due_on"])
    elif change.kind == Kind.TERM:
        day = _day(change.after)
        within_limit(task, day)
        task.due_on = day
        task.save(update_fields=["due_on"])
    elif change.kind == Kind.LEAD:
        task.lead = change.after
        task.save(update_fields=["lead"])
    elif change.kind == Kind.NAME:
        task.title = change.after
        task.save(update_fields=["title"])
    elif change.kind == Kind.PARTNER:
        task.partners = partners(change.after)
        task.save(update_fields=["partners"])
