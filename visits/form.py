"""The form filled in at a site: what it asks, what was typed, what is still missing. Pure.

``Form.of`` freezes the programme's items and the visited version's indicators into JSON, so that
nothing changes under the team.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from calls import comparison, measures
from calls.comparison import Comparison, Standing
from calls.programme import (
    Better,
    Indicator,
    IndicatorKind,
    IndicatorScope,
    Operator,
    Programme,
    VisitItem,
    VisitItemKind,
)

TEXT_AT_MOST, NOTE_AT_MOST, OVERALL_AT_MOST = 1000, 300, 2000
"""Characters (字) of a text item, of a note at a line, of the whole opinion."""
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Problem:
    """A field of the form and what is wrong there; ``key`` is the name of the input."""

    key: str
    message: str


@dataclass(frozen=True, slots=True)
class Stated:
    """An indicator as the visited version states it. ``spec`` is the programme's, or of its own."""

    key: str
    name: str
    unit: str
    basis: str
    reference: str
    current: str
    target: str
    method: str
    spec: Indicator | None

    def seen_compares(self, seen: str) -> tuple[Comparison, Comparison]:
        """What was seen beside the stated present value, and beside the reference."""
        stated = self._against_stated()
        beside_stated = (
            comparison.compare(stated, seen)
            if stated is not None
            else Comparison(Standing.NONE, "无法比较")
        )
        beside_reference = (
            comparison.compare(self.spec, seen)
            if self.spec is not None
            else Comparison(Standing.NONE, "无参考值")
        )
        return beside_stated, beside_reference

    def _against_stated(self) -> Indicator | None:
        """The stated present value as a reference, in the direction in which better lies."""
        spec = self.spec
        if spec is None or not self.current or spec.kind is IndicatorKind.TEXT:
            return None  # of a custom indicator nobody said which way is better
        value: Decimal | str = self.current
        if spec.kind is IndicatorKind.NUMBER:
            try:
                value = measures.read(self.current, spec.unit).value
            except measures.Unmeasurable:
                return None
        operator = Operator.EQ
        if spec.kind is not IndicatorKind.BOOLEAN and spec.better is not Better.NONE:
            operator = Operator.LE if spec.better is Better.LOWER else Operator.GE
        return spec.model_copy(update={"value": value, "operator": operator})


@dataclass(frozen=True, slots=True)
class Form:
    """The frozen form of one visit."""

    items: tuple[VisitItem, ...]
    stated: tuple[Stated, ...]
    verified: bool
    source: str

    @classmethod
    def of(cls, programme: Programme, snapshot: Mapping[str, Any], direction: str) -> Form:
        rules = programme.site_visit
        found = programme.direction(direction) if direction else None
        specs = {one.key: one for one in found.indicators} if found else {}
        return cls(
            items=rules.items if rules else (),
            stated=tuple(_stated(snapshot, specs)),
            verified=bool(rules and rules.verified),
            source=rules.source if rules else "",
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "items": [one.model_dump(mode="json") for one in self.items],
            "stated": [
                {
                    "key": one.key,
                    "name": one.name,
                    "unit": one.unit,
                    "basis": one.basis,
                    "reference": one.reference,
                    "current": one.current,
                    "target": one.target,
                    "method": one.method,
                    "spec": one.spec.model_dump(mode="json") if one.spec else None,
                }
                for one in self.stated
            ],
            "verified": self.verified,
            "source": self.source,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Form:
        return cls(
            items=tuple(VisitItem.model_validate(one) for one in data.get("items", ())),
            stated=tuple(
                Stated(
                    **{
                        **one,
                        "spec": Indicator.model_validate(one["spec"]) if one["spec"] else None,
                    }
                )
                for one in data.get("stated", ())
            ),
            verified=bool(data.get("verified")),
            source=str(data.get("source", "")),
        )


def _spec(data: Mapping[str, Any] | None) -> Indicator | None:
    return Indicator.model_validate(data) if data else None


def _stated(snapshot: Mapping[str, Any], specs: Mapping[str, Indicator]) -> Iterator[Stated]:
    """The rows of the version that say something; national goals are nobody's to be seen."""
    for number, row in enumerate(snapshot.get("indicators", ())):
        if not (row.get("current") or row.get("target")):
            continue
        spec = specs.get(str(row.get("key") or ""))
        if spec is not None and spec.scope is IndicatorScope.NATIONAL:
            continue
        yield Stated(
            key=str(number),
            name=str(row.get("name", "")),
            unit=str(row.get("unit") or ""),
            basis=str(row.get("basis") or ""),
            reference=str(row.get("reference") or ""),
            current=str(row.get("current") or ""),
            target=str(row.get("target") or ""),
            method=str(row.get("method") or ""),
            spec=spec,
        )


# What was typed --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Typed:
    """Answers by item, notes by item, seen values and notes by stated row, the whole opinion."""

    answers: Mapping[str, str]
    notes: Mapping[str, str]
    seen: Mapping[str, str]
    seen_notes: Mapping[str, str]
    overall: str

    @classmethod
    def of(cls, form: Form, posted: Mapping[str, str]) -> Typed:
        def plain(name: str) -> str:
            text = str(posted.get(name, "")).replace("\r\n", "\n").replace("\r", "\n")
            return "".join(c for c in text if c == "\n" or c.isprintable()).strip()

        items = [one.key for one in form.items]
        rows = [one.key for one in form.stated]
        return cls(
            answers={key: said for key in items if (said := plain(f"item-{key}"))},
            notes={key: said for key in items if (said := plain(f"note-{key}"))},
            seen={key: said for key in rows if (said := plain(f"seen-{key}"))},
            seen_notes={key: said for key in rows if (said := plain(f"seennote-{key}"))},
            overall=plain("overall"),
        )


def malformed(form: Form, typed: Typed) -> list[Problem]:
    """What cannot even be kept as a draft: too long, or no answer that the page offers."""
    found = []
    for item in form.items:
        said = typed.answers.get(item.key, "")
        if said and (wrong := _unfit(item, said)):
            found.append(Problem(f"item-{item.key}", f"“{item.title}”{wrong}"))
        if len(typed.notes.get(item.key, "")) > NOTE_AT_MOST:
            words = f"“{item.title}”的说明超过 {NOTE_AT_MOST} 字，请删减"
            found.append(Problem(f"note-{item.key}", words))
    for row in form.stated:
        for name, kept in (("seen", typed.seen), ("seennote", typed.seen_notes)):
            if len(kept.get(row.key, "")) > NOTE_AT_MOST:
                words = f"“{row.name}”超过 {NOTE_AT_MOST} 字，请删减"
                found.append(Problem(f"{name}-{row.key}", words))
    if len(typed.overall) > OVERALL_AT_MOST:
        found.append(Problem("overall", f"总体意见超过 {OVERALL_AT_MOST} 字，请删减"))
    return found


def _unfit(item: VisitItem, said: str) -> str:
    if item.kind is VisitItemKind.YES_NO and said not in (YES, NO):
        return "请选择“是”或“否”"
    if item.kind is VisitItemKind.GRADE and said not in item.grades:
        return f"请选择{'、'.join(item.grades)}之一"
    if len(said) > TEXT_AT_MOST:
        return f"超过 {TEXT_AT_MOST} 字，请删减"
    return ""


def _no_figure(item: VisitItem, said: str) -> str:
    if item.kind is not VisitItemKind.NUMBER:
        return ""
    try:
        measures.read(said, item.unit)
    except measures.Unmeasurable as wrong:
        return str(wrong)
    return ""


def problems(form: Form, typed: Typed) -> list[Problem]:
    """What stands against handing in: malformed values, and required lines without an answer."""
    found = malformed(form, typed)
    wrong = {one.key for one in found}
    for item in form.items:
        name, said = f"item-{item.key}", typed.answers.get(item.key, "")
        if name in wrong:
            continue
        if item.required and not said:
            found.append(Problem(name, f"请填写“{item.title}”"))
        elif said and (words := _no_figure(item, said)):
            found.append(Problem(name, f"“{item.title}”：{words}"))
    if len(typed.overall) < 2 and "overall" not in wrong:
        found.append(Problem("overall", "请填写总体意见"))
    return found


def in_words(item: VisitItem, said: str) -> str:
    """An answer as people read it."""
    if not said:
        return ""
    if item.kind is VisitItemKind.YES_NO:
        return {YES: "是", NO: "否"}.get(said, said)
    if item.kind is VisitItemKind.NUMBER and item.unit and said[-1:].isdigit():
        return f"{said} {item.unit}"
    return said
