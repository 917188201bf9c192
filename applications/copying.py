"""A new filing that begins from an earlier one of the same unit, of this programme or another.

Answers go over where section, field and type are the same; what the unit's register fills in is
taken from the register, and from the earlier filing where the register has nothing. Files are
used again, not stored again. Not taken: the declaration, the
evidence of indicators (it must be pinned anew), choices and columns that the new form does not
know, and computed figures, which are computed. ``plan`` says all of it, section by section.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Organisation, User
from applications import attachments, filing, ledger, prefill, services
from applications.content import answers, indicators
from applications.models import Application, Copy
from audit import services as audit
from audit.services import Actor
from calls.models import Call, Direction, SubField
from calls.programme import Column, Field, FieldType, Programme, Section
from core.errors import Refusal

Data = Mapping[str, Any]
FROM_REGISTER = "由单位资料带入，以登记的为准"
OTHER_KIND = "新旧表格的填写方式不同"
NOT_ASKED = "新表格没有这一栏"
NO_CHOICE = "新表格没有这个选项"
EVIDENCE = "证据须在新的申报中重新指定"
ANOTHER_DIRECTION = "新的方向没有这项参考指标"


@dataclass(frozen=True, slots=True)
class Taken:
    """What of one section goes over, by its labels, and what does not, each with the reason."""

    key: str
    title: str
    taken: tuple[str, ...]
    left: tuple[tuple[str, str], ...]


# What would go over ----------------------------------------------------------------------------


def plan(source: Application, programme: Programme, *, known: Data) -> list[Taken]:
    """Section by section what a filing in this programme would take from ``source``.

    ``known`` is what the unit's register fills in (``filing.known_of``).
    """
    return [taken for _, taken in _sections(source, programme, known)]


def _sections(
    source: Application, programme: Programme, known: Data
) -> list[tuple[dict[str, Any], Taken]]:
    held = {row.key: row.data for row in source.sections.all()}
    registered = prefill.sections(programme, known)
    found = []
    for section in programme.sections:
        old = source.call.programme.section(section.key)
        data, taken = _section(
            section, old, held.get(section.key, {}), registered.get(section.key, {})
        )
        if taken.taken or taken.left:
            found.append((data, taken))
    keys = {section.key for section in programme.sections}
    for old in source.call.programme.sections:
        labels = [
            (field.label, NOT_ASKED)
            for field in old.fields
            if not answers.is_empty(held.get(old.key, {}).get(field.key))
        ]
        if old.key not in keys and labels:
            found.append(({}, Taken(old.key, old.title, (), tuple(labels))))
    return found


def _section(
    section: Section, old: Section | None, held: Data, registered: Data
) -> tuple[dict[str, Any], Taken]:
    data: dict[str, Any] = {}
    taken: list[str] = []
    left: list[tuple[str, str]] = []
    for field in section.fields:
        value = held.get(field.key)
        before = old.field(field.key) if old else None
        if before is None or answers.is_empty(value) or field.type == FieldType.COMPUTED:
            continue
        if not answers.is_empty(registered.get(field.key)):
            left.append((field.label, FROM_REGISTER))
            continue
        if before.type != field.type:
            left.append((field.label, OTHER_KIND))
            continue
        value, why = _value(field, before, value)
        if not answers.is_empty(value):
            data[field.key] = value
            taken.append(field.label)
        if why:
            left.append((field.label, why))
    for before in old.fields if old else ():
        gone = section.field(before.key) is None and before.type != FieldType.COMPUTED
        if gone and not answers.is_empty(held.get(before.key)):
            left.append((before.label, NOT_ASKED))
    return data, Taken(section.key, section.title, tuple(taken), tuple(left))


def _value(field: Field, before: Field, value: Any) -> tuple[Any, str]:
    """What of a kept value the new field can hold, and why not all of it."""
    if field.type == FieldType.INDICATORS:
        return (value, EVIDENCE) if isinstance(value, dict) else (None, "")
    if field.type == FieldType.ROWS:
        columns = _columns(field, before)
        rows = [_row(columns, row) for row in value if isinstance(row, dict)]
        return [row for row in rows if row], _less(field, before, columns)
    if field.type == FieldType.YEAR_TABLE:
        columns = _columns(field, before)
        table = {
            str(year): _row(columns, value[str(year)])
            for year in field.years
            if isinstance(value, dict) and isinstance(value.get(str(year)), dict)
        }
        gone = sorted(set(value) - {str(year) for year in field.years})
        why = f"新表格不问 {'、'.join(gone)} 年" if gone else _less(field, before, columns)
        return {year: row for year, row in table.items() if row}, why
    return _simple(field, value)


def _simple(asked: Field | Column, value: Any) -> tuple[Any, str]:
    keys = {choice.key for choice in asked.choices}
    if asked.type == FieldType.CHOICE and value not in keys:
        return None, NO_CHOICE
    if asked.type == FieldType.MULTICHOICE and isinstance(value, list):
        kept = [one for one in value if one in keys]
        return kept, "" if len(kept) == len(value) else NO_CHOICE
    return value, ""


def _columns(field: Field, before: Field) -> list[Column]:
    return [
        column
        for column in field.columns
        if (old := before.column(column.key)) is not None
        and old.type == column.type
        and column.type != FieldType.COMPUTED
    ]


def _row(columns: list[Column], row: Data) -> dict[str, Any]:
    found = {}
    for column in columns:
        value, _ = _simple(column, row.get(column.key))
        if not answers.is_empty(value):
            found[column.key] = value
    return found


def _less(field: Field, before: Field, columns: list[Column]) -> str:
    known = {column.key for column in columns}
    gone = [
        column.label
        for column in before.columns
        if column.key not in known and column.type != FieldType.COMPUTED
    ]
    return f"新表格没有“{'、'.join(gone)}”列" if gone else ""


# Beginning ---------------------------------------------------------------------------------------


@transaction.atomic
def start(
    source: Application,
    *,
    call: Call,
    organisation: Organisation,
    title: str,
    direction: Direction | None,
    subfield: SubField | None,
    recommender: Organisation | None,
    user: User,
    actor: Actor,
    at: datetime,
) -> Application:
    """A new draft with what goes over from ``source``; the report of it is kept.

    Raises ``Refusal`` ``another-unit`` (403) and those of ``services.create``: limits and former
    winners are judged as for any new filing.
    """
    if source.organisation_id != organisation.pk:
        raise Refusal("another-unit", "只能以本单位的申报为底稿。", status=403)
    made = filing.start(
        call=call,
        organisation=organisation,
        title=title,
        direction=direction,
        subfield=subfield,
        recommender=recommender,
        user=user,
        actor=actor,
        at=at,
    )
    report = [
        _copy(made, data, taken, source, actor=actor, at=at)
        for data, taken in _sections(source, call.programme, filing.known_of(organisation, user))
    ]
    files = _files(made, source, actor=actor, at=at)
    kept = [asdict(taken) for taken in (*report, *files)]
    Copy.objects.create(application=made, source=source, report=kept, at=at, by_id=actor.person)
    audit.record(
        actor=actor,
        action="applications.copy",
        subject=made,
        at=at,
        source=source.public_id,
        taken=sum(len(taken["taken"]) for taken in kept),
    )
    return made


def _copy(
    made: Application,
    data: dict[str, Any],
    taken: Taken,
    source: Application,
    *,
    actor: Actor,
    at: datetime,
) -> Taken:
    """Save what goes over into one section; the report as it came out."""
    if not data:
        return taken
    section = made.call.programme.section(taken.key)
    assert section is not None
    row = made.sections.get(key=taken.key)
    whole = answers.with_computed(section, {**row.data, **data})
    more: dict[str, Any] = {"version": row.version, "actor": actor, "at": at}
    asked = next((one for one in section.fields if one.type == FieldType.INDICATORS), None)
    if asked is None or asked.key not in data:
        services.save_section(made, taken.key, data=whole, fields=list(data), **more)
        return taken
    table, gone = _table(made, source, data[asked.key])
    ledger.save(made, taken.key, asked=asked, data=whole, table=table, fields=list(data), **more)
    left = (*taken.left, *((name, ANOTHER_DIRECTION) for name in gone))
    return Taken(taken.key, taken.title, taken.taken, left)


def _table(
    made: Application, source: Application, table: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """The indicator table without its evidence; reference rows where name and unit are the same."""
    old = {
        row.indicator.spec.key: row.indicator.spec
        for row in source.indicator_rows.select_related("indicator")
        if row.indicator
    }
    new = {
        row.indicator.spec.key: row.indicator.spec
        for row in made.indicator_rows.select_related("indicator")
        if row.indicator
    }
    references, gone = {}, []
    for key, cells in dict(table.get("ref") or {}).items():
        spec, before = new.get(key), old.get(key)
        if not isinstance(cells, dict) or not any(cells.values()):
            continue
        if spec and before and (spec.name, spec.unit) == (before.name, before.unit):
            references[key] = _bare(cells)
        else:
            gone.append(before.name if before else key)
    own = [
        _bare(cells)
        for cells in table.get("own") or []
        if isinstance(cells, dict) and any(cells.values())
    ]
    return {"ref": references, "own": own}, gone


def _bare(cells: Mapping[str, Any]) -> dict[str, str]:
    found = {column: str(cells.get(column) or "") for column in indicators.COLUMNS}
    return {**found, "evidence": "", "page": ""}


def _files(made: Application, source: Application, *, actor: Actor, at: datetime) -> list[Taken]:
    """Use the files of ``source`` again, as far as this form asks for their kind and takes them."""
    wanted = {kind.key: kind for kind in made.call.programme.attachments}
    old = {kind.key: kind.title for kind in source.call.programme.attachments}
    taken, left = [], []
    for item in source.attachments.filter(removed_at=None).select_related("blob"):
        name = f"{old.get(item.key, item.key)}：{item.name}"
        if item.key not in wanted:
            left.append((name, "本次申报不需要这类材料"))
            continue
        try:
            with transaction.atomic():
                attachments.reuse(made, key=item.key, source=item.public_id, actor=actor, at=at)
        except Refusal as refusal:
            left.append((name, refusal.message))
        else:
            taken.append(name)
    if not taken and not left:
        return []
    return [Taken("attachments", "证明材料", tuple(taken), tuple(left))]
