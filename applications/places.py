"""What of a filing can be named one by one: fields, kinds of 证明材料, the basics. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from calls.programme import FieldType, Programme, Step

BASICS, FILES = "basics", "attachments"


@dataclass(frozen=True, slots=True)
class Place:
    """One place with the words people know it by; an empty ``field`` is the whole section."""

    section: str
    field: str
    group: str
    label: str

    @property
    def name(self) -> str:
        return f"{self.section}.{self.field}"

    @property
    def title(self) -> str:
        return f"{self.group}：{self.label}" if self.label else self.group


def places(programme: Programme) -> list[Place]:
    """Every place that a return can open, in the order of the form."""
    found = [Place(BASICS, "title", "基本信息", programme.title_label)]
    if programme.directions:
        found.append(Place(BASICS, "direction", "基本信息", "类别、方向、细分领域"))
    if programme.has(Step.RECOMMENDATION):
        found.append(Place(BASICS, "recommender", "基本信息", "推荐单位"))
    found += [
        Place(section.key, field.key, section.title, field.label)
        for section, field in programme.fields()
        if field.type != FieldType.COMPUTED
    ]
    found += [Place(FILES, kind.key, "证明材料", kind.title) for kind in programme.attachments]
    return found


def place(programme: Programme, section: str, field: str) -> Place | None:
    """The named place, or the whole section where no field is named; None where there is none."""
    if field:
        return next(
            (one for one in places(programme) if (one.section, one.field) == (section, field)),
            None,
        )
    known = {BASICS: "基本信息", FILES: "证明材料"}
    spec = programme.section(section)
    title = known.get(section) or (spec.title if spec else "")
    return Place(section, "", title, "") if title else None
