"""What a filing and its unit's profile say differently, and taking over what a person chose.

Nothing is taken over by itself: each line is named, and each way is an act of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import figures
from accounts import services as accounts
from accounts.models import Organisation
from applications import prefill, queries, services
from applications.content import answers as kept
from applications.content import wording
from applications.content.answers import RAW, Asked, Leaf
from applications.models import Application, Section
from audit.services import Actor
from calls.programme import FieldType
from core.errors import Refusal
from documents.fingerprints import fingerprint

REGISTER = ("name", "code", "kind", "region")
"""Changed by the office only: a filing takes them over, the profile does not."""


@dataclass(frozen=True, slots=True)
class Line:
    """One answer of the filing beside the entry of the profile it belongs to."""

    name: str
    section: str
    leaf: Leaf
    title: str
    entry: str
    year: int | None
    ours: Any
    theirs: Any
    ours_words: str
    theirs_words: str

    @property
    def may_go_out(self) -> bool:
        """Whether the profile may take the filing's answer over."""
        return self.entry not in REGISTER and self.ours_words != "" and self.ours is not None


def known(organisation: Organisation) -> dict[str, Any]:
    """The profile with what the register holds."""
    return {
        **organisation.profile,
        **{key: getattr(organisation, key) for key in (*REGISTER, "address")},
    }


def lines(application: Application) -> list[Line]:
    """Where the two differ, in the order of the form. What neither has is left out."""
    programme = application.call.programme
    stored = queries.answers(application)
    profile = prefill.sections(programme, known(application.organisation))
    year = prefill.last_year(programme)
    found = []
    for section, field in programme.fields():
        if not field.prefill or field.type in (FieldType.ROWS, FieldType.COMPUTED):
            continue
        mine, other = stored.get(section.key, {}), profile.get(section.key, {})
        for leaf in kept.leaves(field, rows=0):
            in_table = field.type == FieldType.YEAR_TABLE
            entry = leaf.asked.key if in_table else field.prefill
            if in_table and entry not in {one.key for one in figures.FIGURES}:
                continue
            when = int(str(leaf.row)) if in_table else year if entry in prefill.BY_YEAR else None
            line = Line(
                name=f"{section.key}.{leaf.name}",
                section=section.key,
                leaf=leaf,
                title=section.title,
                entry=entry,
                year=when,
                ours=kept.value_of(leaf, mine),
                theirs=kept.value_of(leaf, other),
                ours_words=_words(leaf, mine),
                theirs_words=_words(leaf, other),
            )
            if line.ours_words != line.theirs_words:
                found.append(line)
    return found


def _words(leaf: Leaf, data: Mapping[str, Any]) -> str:
    """The value as people read it; what could not be read as it was typed."""
    typed = kept.raw_of(data).get(leaf.name)
    return typed or wording.in_words(leaf.asked, kept.value_of(leaf, data))


def seen(application: Application, found: Collection[Line]) -> str:
    """What the person was shown, so that a change meanwhile is noticed."""
    return fingerprint(
        {
            "application": application.public_id,
            "lines": [[one.name, one.ours_words, one.theirs_words] for one in found],
        }
    )


def _chosen(application: Application, names: Collection[str], shown: str) -> list[Line]:
    """The lines that were ticked, while the page still says the truth.

    Raises ``Refusal``: ``nothing-chosen`` (422), ``changed-since-shown``.
    """
    found = lines(application)
    if not names:
        raise Refusal("nothing-chosen", "请先勾选要处理的栏目，再按下面的按钮。", status=422)
    if shown != seen(application, found):
        raise Refusal(
            "changed-since-shown",
            "打开本页之后，申报书或单位资料又有改动，什么都没有带入。请核对现在的内容后再选。",
        )
    return [one for one in found if one.name in names]


@transaction.atomic
def take_in(
    application: Application, names: Collection[str], *, shown: str, actor: Actor, at: datetime
) -> int:
    """Write the profile's entries into the chosen answers of the filing; returns how many.

    Raises as ``_chosen`` and ``services.save_section``.
    """
    chosen = [one for one in _chosen(application, names, shown) if one.theirs_words]
    for row in Section.objects.select_for_update().filter(application=application):
        mine = [one for one in chosen if one.section == row.key]
        if not mine:
            continue
        data = {**row.data}
        for one in mine:
            _put(data, one)
        services.save_section(
            application,
            row.key,
            data=data,
            version=row.version,
            actor=actor,
            at=at,
            fields=sorted({_field(one) for one in mine}),
        )
    return len(chosen)


def _field(line: Line) -> str:
    return line.leaf.table.key if line.leaf.table else line.leaf.asked.key


def _put(data: dict[str, Any], line: Line) -> None:
    """The profile's value in place of the filing's, in this copy of the section's data."""
    raw = {name: text for name, text in kept.raw_of(data).items() if name != line.leaf.name}
    if line.theirs is None:
        raw[line.leaf.name] = line.theirs_words
    data.pop(RAW, None)
    if raw:
        data[RAW] = raw
    if line.leaf.table is None:
        _set(data, line.leaf.asked, line.theirs)
        return
    table = dict(data.get(line.leaf.table.key) or {})
    row = dict(kept.year_row(line.leaf.table, data, str(line.leaf.row)))
    _set(row, line.leaf.asked, line.theirs)
    data[line.leaf.table.key] = {**table, str(line.leaf.row): row}


def _set(target: dict[str, Any], asked: Asked, value: Any) -> None:
    if value is None:
        target.pop(asked.key, None)
    else:
        target[asked.key] = value


@transaction.atomic
def give_out(
    application: Application, names: Collection[str], *, shown: str, actor: Actor, at: datetime
) -> int:
    """Write the chosen answers of the filing into the unit's profile; returns how many.

    Name, code, kind and region stay: they are the register's. Raises as ``_chosen``.
    """
    chosen = [one for one in _chosen(application, names, shown) if one.may_go_out]
    profile: dict[str, Any] = {}
    years: dict[str, dict[str, str]] = {}
    address = None
    for one in chosen:
        text = str(one.ours)
        if one.year is not None:
            years.setdefault(str(one.year), {})[one.entry] = text
        elif one.entry == "address":
            address = text
        elif one.entry not in prefill.BY_YEAR:
            profile[one.entry] = text
    if chosen:
        accounts.update_profile(
            application.organisation,
            profile=profile,
            address=address,
            years=years,
            actor=actor,
            at=at,
        )
    return len(chosen)
