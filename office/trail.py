"""Reading the audit trail: found by who, where, what, when and words; told before and after."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from accounts.models import Organisation
from accounts.roles import Role
from audit import actions
from audit.models import Entry
from documents import workbook

CHINA = ZoneInfo("Asia/Shanghai")
KEYS = ("q", "actor", "unit", "action", "subject", "since", "until")
EXPORTED_AT_MOST = 20_000
LONG = 400
"""Characters of one value that are shown."""


def found(asked: Mapping[str, Any]) -> QuerySet[Entry]:
    """The entries that fit every part of the search, newest first."""
    rows = Entry.objects.all()
    if text := asked.get("q"):
        # One database keeps JSON with its characters, the other with their escapes.
        escaped = json.dumps(text)[1:-1]
        rows = rows.annotate(words=Cast("data", TextField())).filter(
            Q(words__icontains=text)
            | Q(words__icontains=escaped)
            | Q(action__icontains=text)
            | Q(action__in=actions.named(text))
            | Q(actor_name__icontains=text)
            | Q(subject__icontains=text)
        )
    if name := asked.get("actor"):
        rows = rows.filter(actor_name__icontains=name)
    if name := asked.get("unit"):
        units = Organisation.objects.filter(name__icontains=name).values("pk")
        rows = rows.filter(organisation__in=units)
    if action := asked.get("action"):
        exact = action in actions.NAMES
        rows = rows.filter(**{"action" if exact else "action__startswith": action})
    if subject := asked.get("subject"):
        rows = rows.filter(subject__startswith=subject)
    if day := asked.get("since"):
        rows = rows.filter(at__gte=datetime.combine(day, time(), CHINA))
    if day := asked.get("until"):
        rows = rows.filter(at__lt=datetime.combine(day, time(), CHINA) + timedelta(days=1))
    return rows.order_by("-pk")


def role(code: str) -> str:
    """What a role is called; the actor of a task has none."""
    return str(Role(code).label) if code in Role.values else code


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing an entry tells. ``before`` is None where there is only one value."""

    name: str
    before: str | None
    after: str


def facts(data: Mapping[str, Any]) -> list[Fact]:
    """What the entry tells: changes as before and after, the rest as it is."""
    before, after = data.get("before"), data.get("after")
    told: list[Fact] = []
    if isinstance(before, dict) and isinstance(after, dict):
        told = [
            Fact(key, _text(before.get(key)), _text(after.get(key)))
            for key in dict.fromkeys([*before, *after])
        ]
    elif before is not None and after is not None:
        told = [Fact("", _text(before), _text(after))]
    else:
        return [Fact(key, None, _text(value)) for key, value in data.items()]
    rest = {key: value for key, value in data.items() if key not in ("before", "after")}
    return told + [Fact(key, None, _text(value)) for key, value in rest.items()]


def _text(value: Any) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONG else f"{text[:LONG]}…"


def line(fact: Fact) -> str:
    name = f"{fact.name}：" if fact.name else ""
    return f"{name}{fact.after}" if fact.before is None else f"{name}{fact.before} → {fact.after}"


def sheet(rows: QuerySet[Entry], *, name: str, unit: str, at: datetime, shown: str) -> bytes:
    """What was found as a workbook, with who took it out and when; whole up to a limit."""
    kept = list(rows[:EXPORTED_AT_MOST])
    names = dict(
        Organisation.objects.filter(pk__in={one.organisation for one in kept}).values_list(
            "pk", "name"
        )
    )
    return workbook.workbook(
        "审计记录",
        [
            ("时间", 20),
            ("操作人", 14),
            ("身份", 16),
            ("单位", 28),
            ("动作", 22),
            ("代码", 30),
            ("对象", 32),
            ("内容", 80),
            ("链序", 10),
            ("链值", 66),
        ],
        [
            [
                one.at,
                one.actor_name,
                role(one.actor_role),
                names.get(one.organisation or 0, ""),
                actions.name(one.action),
                one.action,
                one.subject,
                "；".join(line(fact) for fact in facts(one.data)),
                one.seq,
                one.digest,
            ]
            for one in kept
        ],
        foot=workbook.taken(name=name, unit=unit, at=at, shown=shown),
    )
