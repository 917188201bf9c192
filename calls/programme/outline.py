"""A programme as an overview for people: what is where, and what nobody has verified. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from calls.programme.form import FieldType
from calls.programme.parts import Step
from calls.programme.shape import Programme


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the form in figures."""

    title: str
    fields: int
    required: int
    rules: int
    conditional: bool
    verified: bool
    labels: tuple[str, ...]


def parts(programme: Programme) -> list[Part]:
    return [
        Part(
            section.title,
            len(section.fields),
            sum(field.required for field in section.fields),
            len(section.rules),
            section.condition is not None,
            section.verified,
            tuple(
                f"{field.label}（必填）" if field.required else field.label
                for field in section.fields
            ),
        )
        for section in programme.sections
    ]


def unverified(programme: Programme) -> list[str]:
    """Everything that no source was seen for, or that the file leaves open, each in a sentence."""
    return list(_unverified(programme))


def _unverified(programme: Programme) -> Iterator[str]:
    if not programme.notice:
        yield "没有写明通知文号"
    if not programme.applicants.verified:
        yield "申报主体的条件未核实"
    if not programme.directions_complete:
        yield "方向没有列全，可由表格补录"
    for direction in programme.directions:
        if not direction.verified:
            yield f"方向“{direction.title}”未核实"
        if programme.classes and direction.class_key is None:
            yield f"方向“{direction.title}”的类别未注明"
        yield from (
            f"方向“{direction.title}”的细分领域“{one.title}”未核实"
            for one in direction.subfields
            if not one.verified
        )
        yield from (
            f"方向“{direction.title}”的指标“{one.name}”未核实"
            for one in direction.indicators
            if not one.verified
        )
    for quota in programme.quota:
        if not quota.source:
            yield f"推荐名额（{'、'.join(quota.kinds)}）没有写明依据"
    for section in programme.sections:
        if not section.verified:
            yield f"表单章节“{section.title}”未核实"
    for attachment in programme.attachments:
        if not attachment.verified:
            yield f"证明材料“{attachment.title}”未核实"
    if programme.review and not programme.review.verified:
        yield "评分指标和权重未核实"
    if programme.award and not programme.award.verified:
        yield "优胜的评价指标未核实"
    if not programme.templates_verified:
        yield "申报书、汇总表等文书样式未核实"
    if programme.publicity and programme.publicity.working_days is None:
        yield "公示天数来源未说明，由主管部门设定"
    if Step.TASK in programme.steps and (programme.task is None or programme.task.months is None):
        yield "任务期限来源未说明，由主管部门设定"


def indicator_tables(programme: Programme) -> int:
    """How many tables of indicators the form asks for: none or one."""
    return sum(field.type is FieldType.INDICATORS for _, field in programme.fields())
