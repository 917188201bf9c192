"""Keeping what somebody typed into a section, whatever is missing or wrong in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from applications import ledger, services
from applications.content import answers, wording
from applications.content.answers import RAW, Posted
from applications.models import Application, SectionVersion
from applications.models import Section as Row
from applications.workflow import Status
from audit.services import Actor
from calls.programme import Field, FieldType, Section
from core.errors import Refusal


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that two people changed differently since the page was opened."""

    key: str
    label: str
    mine: str
    theirs: str


@dataclass(slots=True)
class Kept:
    """What a save came to. With ``clashes`` nothing was written: ``data`` holds one's own values
    where both changed the same field, and the other person's everywhere else."""

    data: dict[str, Any]
    version: int
    saved_at: datetime | None = None
    saved: bool = False
    clashes: list[Clash] = field(default_factory=list)


def ledger_field(section: Section) -> Field | None:
    """The field of the indicator table, where the section holds it."""
    return next((f for f in section.fields if f.type == FieldType.INDICATORS), None)


def keep(
    application: Application,
    section: Section,
    *,
    posted: Posted,
    version: int,
    actor: Actor,
    at: datetime,
    compact: bool,
) -> Kept:
    """Save what was posted for a section.

    ``version`` is the save that the open page shows. When somebody saved meanwhile, an explicit
    save (``compact``) joins both where they changed different fields; where they changed the same
    one nothing is written and the clashes are told. An autosave is refused (``stale``): the page
    does not know the other person's values. Raises as ``services.save_section``.
    """
    row = Row.objects.select_related("saved_by").get(application=application, key=section.key)
    stored = dict(row.data)
    mine = _posted(
        application, section, posted, stored=stored, version=version, row=row, compact=compact
    )
    if version != row.version:
        if not compact:
            raise Refusal("stale", _stale(row))
        mine, clashes = _join(section, base=_base(row, version), mine=mine, theirs=stored)
        if clashes:
            return Kept(mine, row.version, clashes=clashes)
    changed = differing(section, stored, mine)
    if not changed:
        services.must_be_writable(application, at=at)
        return Kept(stored, row.version, row.saved_at)
    asked = ledger_field(section)
    table = mine.get(asked.key) if asked and asked.key in changed else None
    if asked is not None and table is not None:
        number = ledger.save(
            application,
            section.key,
            asked=asked,
            data=mine,
            table=table,
            version=row.version,
            fields=changed,
            actor=actor,
            at=at,
        )
    else:
        number = services.save_section(
            application,
            section.key,
            data=mine,
            version=row.version,
            fields=changed,
            actor=actor,
            at=at,
        )
    return Kept(mine, number, at, saved=True)


def _stale(row: Row) -> str:
    who = row.saved_by.name if row.saved_by else "他人"
    return (
        f"这一部分刚被{who}保存过（第 {row.version} 次），您的内容没有覆盖它，已存在本机。"
        "请点“保存”，逐项核对后再保留。"
    )


def _posted(
    application: Application,
    section: Section,
    posted: Posted,
    *,
    stored: Mapping[str, Any],
    version: int,
    row: Row,
    compact: bool,
) -> dict[str, Any]:
    """What was posted, with the stored value of every field that the request says nothing of."""
    read = answers.read(section, posted, compact=compact)
    kept_before = stored if version == row.version else _base(row, version)
    names = list(posted)
    for asked in section.fields:
        if asked.type == FieldType.INDICATORS:
            rows = list(application.indicator_rows.select_related("indicator"))
            table = ledger.read(posted, rows, compact=compact)
            value = table if table is not None else kept_before.get(asked.key)
            if value is not None:
                read[asked.key] = value
        elif not _is_posted(asked, names, open_fields(application, section)):
            _carry(asked, kept_before, read)
    return answers.with_computed(section, read)


def _is_posted(asked: Field, names: Sequence[str], opened: set[str] | None) -> bool:
    """Whether the request speaks of the field. Boxes that are all unticked send nothing."""
    if asked.type == FieldType.COMPUTED:
        return True
    if asked.type == FieldType.MULTICHOICE and (opened is None or asked.key in opened):
        return True
    return any(_belongs(asked, name) for name in names)


def _carry(asked: Field, source: Mapping[str, Any], target: dict[str, Any]) -> None:
    """Put one field of ``source``, unreadable text included, into ``target``."""
    target.pop(asked.key, None)
    if asked.key in source:
        target[asked.key] = source[asked.key]
    raw = {k: v for k, v in answers.raw_of(target).items() if not _belongs(asked, k)}
    raw.update({k: v for k, v in answers.raw_of(source).items() if _belongs(asked, k)})
    target.pop(RAW, None)
    if raw:
        target[RAW] = raw


def _belongs(asked: Field, name: str) -> bool:
    return name == asked.key or name.startswith(f"{asked.key}-")


def _part(asked: Field, data: Mapping[str, Any]) -> tuple[Any, dict[str, str]]:
    raw = {k: v for k, v in answers.raw_of(data).items() if _belongs(asked, k)}
    value = data.get(asked.key)
    return (None if answers.is_empty(value) else value), raw


def differing(section: Section, a: Mapping[str, Any], b: Mapping[str, Any]) -> list[str]:
    """The keys of the fields in which two versions of a section differ; computed ones follow."""
    return [
        asked.key
        for asked in section.fields
        if asked.type != FieldType.COMPUTED and _part(asked, a) != _part(asked, b)
    ]


def _base(row: Row, version: int) -> dict[str, Any]:
    """What the section held at that save; nothing before the first."""
    found = SectionVersion.objects.filter(section=row, version=version).first()
    return dict(found.data) if found else {}


def _join(
    section: Section,
    *,
    base: Mapping[str, Any],
    mine: Mapping[str, Any],
    theirs: Mapping[str, Any],
) -> tuple[dict[str, Any], list[Clash]]:
    """Field by field: who changed it since ``base`` wins; both changed differently = a clash."""
    joined: dict[str, Any] = dict(mine)
    clashes = []
    for asked in section.fields:
        was, own, other = (_part(asked, data) for data in (base, mine, theirs))
        if own == other or other == was:
            continue
        if own == was:
            _carry(asked, theirs, joined)
        else:
            words = (
                ["本页的表格", "对方保存的表格"]
                if asked.type == FieldType.INDICATORS
                else [
                    "；".join(text for _, text in wording.lines(asked, data) if text) or "（空）"
                    for data in (mine, theirs)
                ]
            )
            clashes.append(Clash(asked.key, asked.label, *words))
    return answers.with_computed(section, joined), clashes


def open_fields(application: Application, section: Section) -> set[str] | None:
    """The fields a return has opened in this section; None where all are open."""
    if application.status != Status.RETURNED:
        return None
    named = [item for item in application.returned_fields if item["section"] == section.key]
    if any(not item.get("field") for item in named):
        return None
    return {item["field"] for item in named}


def comments(application: Application, section: str) -> dict[str, str]:
    """The comments of an open return, by field ("" for the whole section)."""
    if application.status != Status.RETURNED:
        return {}
    return {
        item.get("field", ""): item.get("comment", "")
        for item in application.returned_fields
        if item["section"] == section
    }
