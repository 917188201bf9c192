"""The snapshots of a task's papers (``documents.snapshots``): 任务书, report, letters."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from fulfilment.models import Plan, ReportVersion, Target, Task
from fulfilment.planform import OPERATORS
from fulfilment.terms import words
from outcomes.rules import day_of


def report(version: ReportVersion, task: Task) -> dict[str, Any]:
    """A submitted report as a document."""
    held = version.snapshot
    covers = "至".join(words(one) for one in held["covers"] if one)
    paragraphs = [
        f"项目：{held['task']}（申报编号 {held['number']}）",
        f"承担单位：{held['unit']}　　项目负责人：{held['lead'] or '未注明'}",
    ]
    if covers:
        paragraphs.append(f"报告期间：{covers}")
    for key, label in (
        ("progress", "进展情况"),
        ("problems", "存在的问题"),
        ("next", "下一步安排"),
    ):
        if held["texts"].get(key):
            paragraphs.append(f"{label}：")
            paragraphs += [line for line in held["texts"][key].split("\n") if line.strip()]
    if held["money"]:
        paragraphs.append(f"经费使用：{held['money']}万元")
    annexes = []
    if held["indicators"]:
        annexes.append(
            {
                "title": "指标完成情况",
                "note": "与目标、参考值的比较由系统计算",
                "columns": [
                    {"label": "指标", "width_mm": 38},
                    {"label": "单位", "width_mm": 14},
                    {"label": "参考值", "width_mm": 22},
                    {"label": "目标", "width_mm": 22},
                    {"label": "现值", "width_mm": 20},
                    {"label": "与目标", "width_mm": 20},
                    {"label": "与参考值"},
                ],
                "rows": [
                    [
                        row["name"],
                        row["unit"],
                        row["reference"] or "—",
                        _target_words(row),
                        row["value"] or "—",
                        row["to_target_words"],
                        row["to_reference_words"],
                    ]
                    for row in held["indicators"]
                ],
            }
        )
    if held["milestones"]:
        annexes.append(
            {
                "title": "节点完成情况",
                "columns": [
                    {"label": "节点", "width_mm": 50},
                    {"label": "完成日", "width_mm": 32},
                    {"label": "交付物"},
                    {"label": "情况", "width_mm": 20},
                ],
                "rows": [
                    [
                        row["title"],
                        words(row["due_on"]),
                        row["deliverable"],
                        "已完成" if row["reached"] else "未完成",
                    ]
                    for row in held["milestones"]
                ],
            }
        )
    if held["files"]:
        annexes.append(
            {
                "title": "证明材料清单",
                "columns": [
                    {"label": "序号", "align": "center", "width_mm": 12},
                    {"label": "文件"},
                    {"label": "页数", "align": "right", "width_mm": 16},
                    {"label": "SHA-256", "width_mm": 60},
                ],
                "rows": [
                    [str(n), row["name"], str(row["pages"]), row["sha256"][:24]]
                    for n, row in enumerate(held["files"], 1)
                ],
            }
        )
    return {
        "title": f"{task.application.call.programme.short_title}\n{held['title']}",
        "number": f"第{version.number}版" + ("（逾期提交）" if version.late else ""),
        "paragraphs": paragraphs,
        "contacts": [],
        "signed_by": held["unit"],
        "date": day_of(version.arrived_at).isoformat(),
        "annexes": annexes,
        "seal": None,
        "version": version.number,
        "content_fingerprint": version.fingerprint,
    }


def _target_words(row: dict[str, Any]) -> str:
    if row["lowered"]:
        return f"{row['target']}（已调低，原 {row['first_target']}）"
    return str(row["target"] or "—")


def book(task: Task, plan: Plan, *, number: str, at: datetime) -> dict[str, Any]:
    """任务书: who undertakes what until when, the indicators and the milestones."""
    call = task.application.call
    programme = call.programme
    title = programme.step_title("contract") if "contract" in call.steps else "任务书"
    return {
        "title": f"{programme.short_title}\n{_book_title(title)}",
        "number": number,
        "paragraphs": [
            f"甲方：{programme.organiser}",
            f"乙方：{task.application.organisation.name}",
            f"一、项目：{task.title}（申报编号 {task.application.number}），"
            f"依据《{task.publication.title}》"
            + (f"（{task.publication.number}）" if task.publication.number else "")
            + "。",
            f"二、期限：自{words(task.starts_on)}至{words(task.due_on)}。",
            f"三、项目负责人：{task.lead or '未注明'}。" + _partners(task),
            "四、指标与节点见附件。乙方按期完成附件所列指标与节点，按时报告进展；重大事项变更须事先"
            "申请，经甲方批准后执行。",
            *[line for line in plan.approach.split("\n") if line.strip()],
            "五、甲方依据本任务书检查、验收。双方在平台分别签署后生效。",
        ],
        "contacts": [],
        "signed_by": programme.organiser,
        "date": day_of(call.time(at)).isoformat(),
        "annexes": [_indicators(list(task.targets.all()), plan), _milestones(task, plan)],
        "seal": None,
    }


def _book_title(step: str) -> str:
    """签订建设任务书 -> 建设任务书."""
    return step.removeprefix("签订") or "任务书"


def _partners(task: Task) -> str:
    names = "、".join(one["name"] for one in task.partners)
    return f"参与单位：{names}。" if names else ""


def _indicators(targets: list[Target], plan: Plan) -> dict[str, Any]:
    return {
        "title": "指标",
        "columns": [
            {"label": "指标", "width_mm": 50},
            {"label": "单位", "width_mm": 18},
            {"label": "参考值", "width_mm": 26},
            {"label": "目标", "width_mm": 30},
            {"label": "测试或考核方式"},
        ],
        "rows": [
            [
                one.name + (f"（{one.basis}）" if one.basis else ""),
                one.unit,
                one.reference or "—",
                one.target
                + (
                    f"（{OPERATORS[plan.operators[one.key]]}）"
                    if plan.operators.get(one.key) in OPERATORS
                    else ""
                ),
                one.method,
            ]
            for one in targets
        ],
    }


def _milestones(task: Task, plan: Plan) -> dict[str, Any]:
    return {
        "title": "节点",
        "columns": [
            {"label": "序号", "align": "center", "width_mm": 12},
            {"label": "节点", "width_mm": 52},
            {"label": "完成日", "width_mm": 34},
            {"label": "交付物"},
        ],
        "rows": [
            [str(n), row["title"], words(row["due_on"]), row["deliverable"]]
            for n, row in enumerate(plan.milestones, 1)
        ],
    }


def letter(
    task: Task, *, title: str, number: str, paragraphs: list[str], day: date, enclosures: list[str]
) -> dict[str, Any]:
    """An official letter in 信函格式 to the unit."""
    organiser = task.application.call.programme.organiser
    return {
        "letterhead": organiser,
        "number": number,
        "title": title,
        "to": task.application.organisation.name,
        "paragraphs": paragraphs,
        "enclosures": enclosures,
        "signed_by": organiser,
        "date": day.isoformat(),
        "seal": None,
    }
