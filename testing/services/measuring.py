"""The agency writes down what it measured: saved as it is typed, files beside the figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction

from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from documents import services as documents
from documents import uploads, viruses
from testing import conclusions, measured
from testing.models import Evidence, Result, ResultRow
from testing.services import ground

MOST_FILES = 60
HEAD = {"basis": 500, "environment": 500, "remarks": 1000}
DAYS = ("tested_from", "tested_until")


@dataclass(frozen=True, slots=True)
class Typed:
    """What a page sent: ``head`` of the result, ``rows`` by their key, each field as text."""

    head: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[int, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something typed that cannot be taken as it stands. ``row`` None: of the head."""

    row: int | None
    name: str
    message: str


@transaction.atomic
def save(
    result: Result, typed: Typed, *, version: int, actor: Actor, at: datetime
) -> tuple[Result, list[Problem]]:
    """Keep what stands on the page, and compute every conclusion anew.

    A draft may lack anything; what cannot be read as a figure is kept as typed and said, without
    a conclusion. Raises ``Refusal``: ``not-yours`` (403), ``not-open``, ``stale`` (409) when
    somebody else saved since the page was made, ``too-long`` (422).
    """
    result = ground.lock_result(result)
    ground.must_be_agency(actor, result.commission)
    must_be_open(result)
    if version != result.version:
        who = result.saved_by.name if result.saved_by else "同事"
        raise Refusal(
            "stale",
            f"{who}在您打开本页之后保存过（第 {result.version} 次）。您的修改已存在本机，"
            "没有覆盖对方的内容；请刷新本页，核对后恢复您的修改。",
        )
    problems = _head(result, typed.head)
    rows = {row.pk: row for row in rows_of(result)}
    files = {one.public_id: one for one in result.evidence.filter(removed_at=None)}
    for key, said in typed.rows.items():
        if key in rows:
            problems += _row(rows[key], said, files)
    recompute(result, list(rows.values()), problems)
    result.version += 1
    result.saved_by_id, result.saved_at = actor.person, at
    result.save()
    audit.record(actor=actor, action="testing.save", subject=result, at=at, version=result.version)
    return result, problems


def must_be_open(result: Result) -> None:
    """Raises ``Refusal`` ``not-open``."""
    if result.state != Result.State.DRAFT:
        raise Refusal("not-open", f"测评结果现在是“{result.get_state_display()}”，不能再修改。")


def rows_of(result: Result) -> list[ResultRow]:
    return list(result.rows.select_related("target", "evidence").order_by("order", "pk"))


def _head(result: Result, said: Mapping[str, str]) -> list[Problem]:
    problems = []
    for name, most in HEAD.items():
        if name in said:
            text = said[name].strip()
            if len(text) > most:
                raise Refusal("too-long", f"“{text[:10]}…”超过 {most} 字，请精简。", status=422)
            setattr(result, name, text)
    for name in DAYS:
        if name not in said:
            continue
        text = said[name].strip()
        try:
            setattr(result, name, date.fromisoformat(text) if text else None)
        except ValueError:
            problems.append(Problem(None, name, "请写成 2023-06-30 的样子"))
    return problems


def _row(row: ResultRow, said: Mapping[str, str], files: Mapping[str, Evidence]) -> list[Problem]:
    for name, most in measured.LONGEST.items():
        if name in said:
            text = said[name].strip()
            if len(text) > most:
                raise Refusal(
                    "too-long",
                    f"“{row.target.name}”的{measured.NAMES[name]}超过 {most} 字，请精简。",
                    status=422,
                )
            setattr(row, name, text)
    if "evidence" in said:
        row.evidence = files.get(said["evidence"])
    problems = []
    if "page" in said:
        text = said["page"].strip()
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
        row.page = number or None
        if text and not number:
            problems.append(Problem(row.pk, "page", "请填页码，如 3"))
    if row.page and row.evidence and row.page > row.evidence.pages:
        last = row.evidence.pages
        problems.append(Problem(row.pk, "page", f"该文件共 {last} 页，请填 1 至 {last}"))
        row.page = None
    return problems


def recompute(result: Result, rows: list[ResultRow], problems: list[Problem] | None = None) -> None:
    """The conclusion of every row from its value and the target in force, and their counts."""
    for row in rows:
        found = judged(row)
        row.standing, row.value = found.standing, found.value[:60]
        row.told, row.difference = found.told[:120], found.difference[:60]
        if found.problem and problems is not None:
            problems.append(Problem(row.pk, "measured", found.problem))
    ResultRow.objects.bulk_update(
        rows,
        [*measured.TYPED, "evidence", "page", "standing", "value", "told", "difference"],
    )
    result.counts = conclusions.count(row.standing for row in rows).as_dict()


def judged(row: ResultRow) -> measured.Judged:
    """What the value of a row comes to, held to the target in force."""
    target = row.target
    value, _, problem = (
        measured.in_unit(row.measured, kind=target.kind, unit=target.unit)
        if row.measured
        else ("", "", "")
    )
    return measured.judge(
        row.measured,
        row.untested,
        kind=target.kind,
        unit=target.unit,
        comparison=target.to_target(value) if value and not problem else None,
    )


# Files -------------------------------------------------------------------------------------------


def attach(result: Result, *, data: bytes, name: str, actor: Actor, at: datetime) -> Evidence:
    """Keep a file behind the figures. Raises the refusals of ``uploads.check_upload``,
    ``not-open``, ``too-many-files``."""
    checked = uploads.check_upload(data, name)
    infected = viruses.check_upload(data, checked.name)
    blob = documents.store(data, media_type=checked.media_type, at=at, name=checked.name)
    if infected is not None:
        viruses.note(blob, infected, at=at)
    with transaction.atomic():
        result = ground.lock_result(result)
        ground.must_be_agency(actor, result.commission)
        must_be_open(result)
        if result.evidence.filter(removed_at=None).count() >= MOST_FILES:
            raise Refusal("too-many-files", f"最多上传 {MOST_FILES} 个文件。", status=422)
        made = Evidence.objects.create(
            result=result,
            blob=blob,
            name=checked.name,
            pages=checked.pages,
            uploaded_by_id=actor.person,
            uploaded_at=at,
        )
        audit.record(
            actor=actor,
            action="testing.attach",
            subject=result,
            at=at,
            name=checked.name,
            sha256=blob.sha256,
        )
    return made


@transaction.atomic
def remove(evidence: Evidence, *, actor: Actor, at: datetime) -> None:
    """Take a file out; rows that pointed at it lose their pin. The bytes stay in the record.

    Raises ``Refusal`` ``not-open``, ``removed``.
    """
    result = ground.lock_result(evidence.result)
    ground.must_be_agency(actor, result.commission)
    must_be_open(result)
    done = Evidence.objects.filter(pk=evidence.pk, removed_at=None).update(removed_at=at)
    if not done:
        raise Refusal("removed", "这个文件已经移除。")
    ResultRow.objects.filter(result=result, evidence=evidence).update(evidence=None, page=None)
    Result.objects.filter(pk=result.pk).update(version=result.version + 1)
    audit.record(actor=actor, action="testing.remove", subject=result, at=at, name=evidence.name)


def plain_row(row: ResultRow) -> dict[str, Any]:
    """A row as ``measured.missing`` reads it."""
    return {
        "measured": row.measured,
        "method": row.method,
        "sample_size": row.sample_size,
        "untested": row.untested,
        "evidence": row.evidence_id,
        "page": row.page,
        "kind": row.target.kind,
    }
