"""What a report holds: its parts, what is missing, and its frozen contents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from calls import measures
from calls.programme import IndicatorKind
from fulfilment.models import Milestone, Report, Target, TaskFile

TEXTS = {"progress": "进展情况", "problems": "存在的问题", "next": "下一步安排"}
LONGEST = {"progress": 3000, "problems": 1500, "next": 1500}
MONEY = "money"
VALUE, NOTE, REACHED = "value-", "note-", "reached-"
FILES = "files"

Data = Mapping[str, Any]


def parts(targets: Sequence[Target]) -> dict[str, str]:
    """Every part that a return can name, with its title."""
    return {
        **TEXTS,
        **{f"{VALUE}{one.key}": f"指标：{one.name}" for one in targets},
        "milestones": "节点完成情况",
        MONEY: "经费使用",
        FILES: "证明材料",
    }


def read(
    posted: Mapping[str, str], targets: Sequence[Target], milestones: Sequence[Milestone]
) -> dict[str, Any]:
    """The draft as typed; what is too long is cut, nothing is judged."""
    found: dict[str, Any] = {
        key: str(posted.get(key, "")).replace("\r\n", "\n").strip()[: LONGEST[key]] for key in TEXTS
    }
    found[MONEY] = str(posted.get(MONEY, "")).strip()[:20]
    found["values"] = {
        one.key: str(posted.get(f"{VALUE}{one.key}", "")).strip()[:60] for one in targets
    }
    found["notes"] = {
        one.key: str(posted.get(f"{NOTE}{one.key}", "")).strip()[:200] for one in targets
    }
    found["reached"] = [one.pk for one in milestones if posted.get(f"{REACHED}{one.pk}")]
    return found


def only_named(
    data: dict[str, Any], before: Data, named: Sequence[Mapping[str, str]]
) -> dict[str, Any]:
    """After a return only the named parts change; an empty list opens everything."""
    open_parts = {one["part"] for one in named}
    if not open_parts:
        return data
    kept = dict(before)
    for key in (*TEXTS, MONEY):
        if key in open_parts:
            kept[key] = data[key]
    for inner in ("values", "notes"):
        kept[inner] = {
            key: data[inner].get(key, "") if f"{VALUE}{key}" in open_parts else held
            for key, held in {**data[inner], **dict(before.get(inner) or {})}.items()
        }
    if "milestones" in open_parts:
        kept["reached"] = data["reached"]
    return kept


def money_of(text: str) -> Decimal | None:
    """万元 with at most two places; None for nothing. Raises ``ValueError``."""
    plain = text.replace(",", "").replace("，", "").strip()
    if not plain:
        return None
    try:
        number = Decimal(plain)
    except InvalidOperation:
        raise ValueError("不是数字") from None
    if (
        not number.is_finite()
        or number < 0
        or number >= Decimal(10) ** 10
        or number != round(number, 2)
    ):
        raise ValueError("须为不小于 0、最多两位小数的数字")
    return number


def problems(
    report: Report, data: Data, targets: Sequence[Target], files: Sequence[TaskFile]
) -> list[tuple[str, str]]:
    """(part, words) of everything that stands in the way of submitting."""
    found: list[tuple[str, str]] = []
    needed = ("progress", "next") if report.kind != Report.Kind.FINAL else ("progress",)
    found += [(key, f"请填写{TEXTS[key]}") for key in needed if not data.get(key)]
    values = data.get("values") or {}
    for one in targets:
        typed = str(values.get(one.key) or "")
        if not typed:
            if report.kind == Report.Kind.FINAL:
                found.append((f"{VALUE}{one.key}", f"请填写指标“{one.name}”的完成值"))
            continue
        found += [(f"{VALUE}{one.key}", words) for words in wrong_value(one, typed)]
    try:
        money_of(str(data.get(MONEY) or ""))
    except ValueError as error:
        found.append((MONEY, f"经费使用{error}"))
    if report.kind == Report.Kind.FINAL and not files:
        found.append((FILES, "请上传证明材料"))
    return found


def wrong_value(target: Target, typed: str) -> list[str]:
    """What is wrong with a value of this indicator, in words."""
    spec = target.spec
    if target.kind == IndicatorKind.NUMBER and (spec is not None or target.operator):
        try:
            measures.read(typed, target.unit)
        except measures.Unmeasurable as error:
            return [f"指标“{target.name}”：{error}"]
    ordered = target.kind in (IndicatorKind.LEVEL, IndicatorKind.MATURITY)
    if ordered and spec is not None and typed not in spec.levels:
        return [f"指标“{target.name}”：请选择 {'、'.join(spec.levels)} 之一"]
    if target.kind == IndicatorKind.BOOLEAN and typed not in ("是", "否"):
        return [f"指标“{target.name}”：请填“是”或“否”"]
    return []


def lines(data: Data, targets: Sequence[Target]) -> list[dict[str, Any]]:
    """Each indicator with its value and how that stands, for pages and for freezing."""
    values, notes = data.get("values") or {}, data.get("notes") or {}
    found = []
    for one in targets:
        value = str(values.get(one.key) or "")
        to_target, to_reference = one.to_target(value), one.to_reference(value)
        found.append(
            {
                "key": one.key,
                "name": one.name,
                "unit": one.unit,
                "basis": one.basis,
                "reference": one.reference,
                "current": one.current,
                "target": one.target,
                "first_target": one.first_target,
                "lowered": one.lowered,
                "value": value,
                "note": str(notes.get(one.key) or ""),
                "to_target": str(to_target.standing),
                "to_target_words": to_target.text,
                "to_reference": str(to_reference.standing),
                "to_reference_words": to_reference.text,
            }
        )
    return found


def frozen(
    report: Report,
    data: Data,
    targets: Sequence[Target],
    milestones: Sequence[Milestone],
    files: Sequence[TaskFile],
) -> dict[str, Any]:
    """What a submission freezes, as canonical JSON without number or instant."""
    task = report.task
    reached = set(data.get("reached") or ())
    return {
        "schema": 1,
        "title": report.title,
        "task": task.title,
        "call": task.application.call.title,
        "unit": task.application.organisation.name,
        "number": task.application.number,
        "lead": task.lead,
        "covers": [str(report.covers_from or ""), str(report.covers_to or "")],
        "due_on": str(report.due_on or ""),
        "texts": {key: str(data.get(key) or "") for key in TEXTS},
        "money": str(data.get(MONEY) or ""),
        "indicators": lines(data, targets),
        "milestones": [
            {
                "id": one.pk,
                "title": one.title,
                "due_on": one.due_on.isoformat(),
                "deliverable": one.deliverable,
                "reached": one.pk in reached or one.done_on is not None,
            }
            for one in milestones
        ],
        "files": [
            {
                "id": one.public_id,
                "name": one.name,
                "pages": one.pages,
                "size": one.blob.size,
                "sha256": one.blob.sha256,
            }
            for one in files
        ],
    }
