"""Directions of a call from a sheet: all of them before it opens, further ones afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from audit.services import Actor
from calls import changes, directionrows, editions, standing, versions
from calls import programme as programmes
from calls.models import Call, CallChange, RulesVersion
from calls.programme import Choice, Direction, Programme, ProgrammeError
from calls.programme.telling import told
from calls.programme.writing import to_toml
from core.errors import Refusal
from documents.fingerprints import fingerprint


def basis(call: Call) -> str:
    """The fingerprint of the directions as they stand: a preview is not applied to others."""
    found = [one.model_dump(mode="json") for one in standing.directions(call)]
    return fingerprint({"directions": found, "state": call.state})


def with_directions(
    call: Call, directions: Sequence[Direction], *, classes: Sequence[Choice], complete: bool
) -> Programme:
    """The call's rules with other directions. Raises ``Refusal`` ``bad-directions`` (422)."""
    changed = call.programme.model_copy(
        update={
            "directions": tuple(directions),
            "classes": tuple(classes),
            "directions_complete": complete,
        }
    )
    try:
        return programmes.from_rules(programmes.to_rules(changed))
    except ProgrammeError as error:
        faults = "；".join(one.words for one in told(error.problems, "")[:10])
        raise Refusal("bad-directions", f"与方案的其余部分不合：{faults}。", status=422) from error


@transaction.atomic
def replace(
    call: Call, programme: Programme, *, sha256: str, name: str, actor: Actor, at: datetime
) -> RulesVersion:
    """All directions of a call in preparation by those of a sheet: a new version of its rules.

    Raises ``Refusal`` as ``editions.change_rules`` does.
    """
    source = versions.Source(
        versions.Origin.SHEET, name, to_toml(programme), note="方向与指标由表格导入", sha256=sha256
    )
    made = editions.change_rules(call, programme, source=source, actor=actor, at=at)
    directionrows.forget_added(made.call)
    return made


def added(call: Call, directions: Sequence[Direction]) -> list[Direction]:
    """Those that an open call has not yet; what is not in the sheet stays as it is.

    Raises ``Refusal`` (422): ``stand`` for those it has otherwise, ``no-change`` for none.
    """
    known = {one.key: one for one in standing.directions(call)}
    other = [
        one.title for one in directions if one.key in known and _seen(one) != _seen(known[one.key])
    ]
    if other:
        raise Refusal(
            "stand",
            f"批次已开放，已有的方向不能改动：{'、'.join(other)}。请恢复原样，只添加新方向。",
            status=422,
        )
    new = [one for one in directions if one.key not in known]
    if not new:
        raise Refusal("no-change", "表格中没有新的方向。", status=422)
    return new


def _seen(one: Direction) -> object:
    """What filings refer to."""
    return (one.title, one.class_key, one.subfields, one.indicators)


@transaction.atomic
def propose(
    call: Call,
    directions: Sequence[Direction],
    *,
    classes: Sequence[Choice],
    reason: str,
    actor: Actor,
    at: datetime,
) -> CallChange:
    """Ask for further directions of an open call; a second person approves them.

    Raises ``Refusal`` as ``added`` does, and those of ``changes``.
    """
    new = added(call, directions)
    titles = {one.key: one.title for one in classes}
    lines = [
        {
            "words": words(one),
            "direction": one.model_dump(mode="json"),
            "class_title": titles.get(one.class_key or "", ""),
        }
        for one in new
    ]
    return changes.propose_directions(call, lines=lines, reason=reason, actor=actor, at=at)


def words(one: Direction) -> str:
    """新增方向“机器翻译系统”，细分 2 个，指标 3 项。"""
    parts = [f"新增方向“{one.title}”"]
    if one.subfields:
        parts.append(f"细分 {len(one.subfields)} 个")
    parts.append(f"指标 {len(one.indicators)} 项" if one.indicators else "没有参考指标")
    return "，".join(parts)
