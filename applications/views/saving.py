"""What an autosave answers, so that an open page can go on without being loaded again.

    version       the save that the page now shows
    saved_at      "14:08:00", empty when there was nothing to save
    problems      [{name, message}] of what is typed and wrong; None when they could not be judged
    computed, compared   figures by the place that shows them
    taken         [{key, label, by, at, html}] fields that others changed: the page puts them in
    clashes       [{key, label, by, at, kind, mine, theirs, html, both}] for the page to ask about

``html`` is the field as a page opened now would show it, ``both`` the table with both people's
new rows. ``by`` is empty where the same person saved on another page.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from accounts import entry
from applications import drafts, queries, readiness
from applications.content import engine, merging, wording
from applications.drafts import Clash, Kept, Taken
from applications.material import Material, Row
from applications.models import Application
from applications.snapshot import CHINA
from applications.views import tables
from calls.programme import Field, FieldType, Section
from core.errors import Refusal
from core.figures import whole

log = logging.getLogger(__name__)
HELD_AT_MOST = 300
OWN_CELLS = ("name", "unit", "current", "target", "method")
SHUT = ("deadline-passed", "wrong-status", "not-returned", "read-only")
"""Refusals after which this page cannot be written any more."""


def held(request: HttpRequest) -> dict[str, int]:
    """``held`` of a request: "field:3,other:5", the saves that some fields of the page show."""
    found = {}
    for item in request.POST.get("held", "").split(",")[:HELD_AT_MOST]:
        key, _, typed = item.partition(":")
        number = whole(typed)
        if key and number is not None:
            found[key] = number
    return found


def must_be_the_pages_person(request: HttpRequest) -> None:
    """Refuse what a page of one person sends after another signed in beside it."""
    said = request.POST.get("person", "")
    if said and said != entry.person_mark(request.user):
        raise Refusal(
            "other-person",
            f"现在登录的是{request.user.name}，本页由另一位用户打开。"  # type: ignore[union-attr]
            "内容没有保存到服务器；请由原用户重新登录后继续。",
        )


def refused(request: HttpRequest, application: Application, refusal: Refusal) -> dict[str, Any]:
    at: datetime = request.arrived_at  # type: ignore[attr-defined]
    return {
        "code": refusal.code,
        "message": str(refusal),
        "shut": refusal.code in SHUT,
        "server_time": _time(application, at),
    }


def told(
    request: HttpRequest, application: Application, spec: Section, kept: Kept
) -> dict[str, Any]:
    """The answer to a save that went through, as far as it could."""
    found: dict[str, Any] = {
        "version": kept.version,
        "saved_at": _time(application, kept.saved_at),
        "computed": wording.computed(spec, kept.data),
        "problems": None,
        "compared": {},
        "taken": [],
        "clashes": [],
    }
    try:
        material = queries.material(
            application,
            answers_only=drafts.ledger_field(spec) is None,
            basics=False,
            sections=kept.answers,
        )
        wrong = [p for p in readiness.section_problems(spec, material) if not p.missing]
        found["problems"] = [{"name": p.name, "message": p.message} for p in wrong]
        found["compared"] = tables.compared(material)
    except Exception:
        # The draft is kept; a fault in judging it must not look like a lost save.
        log.exception("judging %s of %s", spec.key, application.public_id)
        return found
    if kept.taken or kept.clashes:
        draw = _Drawer(request, application, spec, material)
        found["taken"] = [_taken(application, draw, one, kept.data) for one in kept.taken]
        found["clashes"] = [_clash(application, draw, one, kept.data) for one in kept.clashes]
        found["code"] = "clash" if kept.clashes else "joined"
    return found


def _time(application: Application, at: datetime | None) -> str:
    return f"{application.call.time(at).astimezone(CHINA):%H:%M:%S}" if at else ""


def _taken(
    application: Application, draw: _Drawer, one: Taken, data: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "key": one.key,
        "label": one.label,
        "by": one.by,
        "at": _time(application, one.at),
        "html": draw(one.key, data),
    }


def _clash(
    application: Application, draw: _Drawer, one: Clash, data: Mapping[str, Any]
) -> dict[str, Any]:
    asked = draw.spec.field(one.key)
    kind = "value"
    if asked is not None and asked.type in merging.TABLES:
        kind = "table"
    elif asked is not None and asked.type in (FieldType.TEXT, FieldType.LONGTEXT):
        kind = "text"
    return {
        **_taken(application, draw, one, data),
        "kind": kind,
        "mine": one.mine,
        "theirs": one.theirs,
        "both": draw(one.key, one.both) if one.both is not None else "",
    }


class _Drawer:
    """Draws one field of a section as its page does."""

    def __init__(
        self, request: HttpRequest, application: Application, spec: Section, material: Material
    ) -> None:
        self.request, self.application = request, application
        self.spec, self.material = spec, material
        opened = drafts.open_fields(application, spec)
        self.locked = {f.key for f in spec.fields if opened is not None and f.key not in opened}

    def __call__(self, key: str, data: Mapping[str, Any]) -> str:
        asked = self.spec.field(key)
        assert asked is not None
        if asked.type == FieldType.INDICATORS:
            return self._indicators(asked, data)
        form = engine.SectionForm(
            self.spec.model_copy(update={"fields": (asked,)}),
            data,
            answers={**self.material.sections, self.spec.key: data},
            locked=self.locked,
        )
        return self._render("applications/_one_field.html", form=form)

    def _indicators(self, asked: Field, data: Mapping[str, Any]) -> str:
        typed = data.get(asked.key) or {}
        own = [
            Row(spec=None, **{name: str(row.get(name, "")) for name in OWN_CELLS})  # type: ignore[arg-type]
            for row in typed.get("own") or []
            if any(row.values())
        ]
        rows = [row for row in self.material.rows if row.spec is not None]
        table = tables.table(
            self.application,
            replace(self.material, rows=[*rows, *own]),
            typed,
            [],
            asked.key in self.locked,
            self.request,
        )
        return self._render("applications/_indicators.html", asked=asked, table=table)

    def _render(self, name: str, **more: Any) -> str:
        context = {"application": self.application, "section": self.spec, "may_write": True, **more}
        return render_to_string(name, context, self.request)
