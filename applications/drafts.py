"""Keeping what somebody typed into a section, whatever is missing or wrong in it.

Nobody's typing is overwritten: a page says which save it shows, and what others saved since is
joined with it (``applications.content.merging``) from the history of saves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from applications import ledger, queries, services
from applications.content import answers, merging, shapes, wording
from applications.content.answers import Data, Posted
from applications.content.merging import belongs, differing
from applications.models import Application, SectionVersion
from applications.models import Section as Row
from applications.workflow import Status
from audit.services import Actor
from calls.programme import Field, FieldType, Section
from core.errors import Refusal

__all__ = ["Clash", "Kept", "Taken", "comments", "differing", "keep", "ledger_field", "open_fields"]

TRIES = 4
"""How often a save is joined anew when somebody else's arrives at the same moment."""
LOOKED_BACK = 60
"""Saves looked through for who changed a field last."""
INDICATOR_WORDS = (("current", "当前"), ("target", "目标"), ("method", ""), ("page", "证据页"))


@dataclass(frozen=True, slots=True)
class Taken:
    """A field whose value came from somebody else. ``by`` is empty for one's own other page."""

    key: str
    label: str
    by: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Clash(Taken):
    """A field that two people changed differently since the page was opened.

    ``both`` is the section with the new rows of both, where that is possible.
    """

    mine: str
    theirs: str
    both: dict[str, Any] | None = None


@dataclass(slots=True)
class Kept:
    """What a save came to.

    ``data`` is the section as it now stands for this page: after an explicit save with
    ``clashes`` nothing was written and it holds one's own values in them; an autosave writes
    everything else and leaves the other person's values there. ``answers`` are all sections of
    the filing, this one as it stands now.
    """

    data: dict[str, Any]
    version: int
    answers: dict[str, dict[str, Any]]
    saved_at: datetime | None = None
    saved: bool = False
    clashes: list[Clash] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)


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
    held: Mapping[str, int] | None = None,
) -> Kept:
    """Save what was posted for a section, joined with what others saved meanwhile.

    ``version`` is the save that the open page shows; ``held`` names fields in which it still
    shows an earlier one. Fields that only one side changed are joined. Where both changed the
    same field, an explicit save (``compact``) writes nothing and tells the clashes; an autosave
    writes the other fields and leaves the clashing ones as they are stored.
    Raises as ``services.save_section``.
    """
    for left in reversed(range(TRIES)):
        try:
            return _keep(
                application,
                section,
                posted=posted,
                version=version,
                actor=actor,
                at=at,
                compact=compact,
                held=held or {},
            )
        except Refusal as refusal:
            if refusal.code != "stale" or not left:
                raise
    raise AssertionError("unreachable")


def _keep(
    application: Application,
    section: Section,
    *,
    posted: Posted,
    version: int,
    actor: Actor,
    at: datetime,
    compact: bool,
    held: Mapping[str, int],
) -> Kept:
    rows = queries.sections(application)
    row = next((one for one in rows if one.key == section.key), None)
    if row is None:
        raise Row.DoesNotExist(f"{application.pk} has no section {section.key}")
    whole = queries.sound_answers(application, rows)
    stored = whole[section.key]
    shown = {asked.key: min(held.get(asked.key, version), version) for asked in section.fields}
    bases = _bases(row, stored, section, shown)
    mine = _posted(application, section, posted, bases=bases, compact=compact)
    overtaken = any(number != row.version for number in shown.values())
    data, clashes, taken = mine, [], []
    if overtaken:
        joined = merging.join(
            section,
            bases=bases,
            mine=mine,
            theirs=stored,
            whole=_with_removed_rows(section, posted),
        )
        data = joined.data
        told = [asked.key for asked in joined.clashes]
        whose = _whose(row, section, shown, actor)
        clashes = [_clash(asked, joined, mine, stored, whose) for asked in joined.clashes]
        taken = [
            Taken(key, _label(section, key), *whose.get(key, ("", None)))
            for key in differing(section, mine, data)
            if key not in told
        ]
        if clashes and compact:
            return Kept(data, row.version, whole, clashes=clashes, taken=taken)
        for asked in joined.clashes:
            merging.put(asked, merging.part(asked, stored), data)
        if clashes:
            data = answers.with_computed(section, data)
    changed = differing(section, stored, data)
    kept = Kept(data, row.version, whole, row.saved_at, clashes=clashes, taken=taken)
    if not changed:
        services.must_be_writable(application, at=at)
        kept.data = stored
        return kept
    kept.version = _write(application, section, row, data=data, changed=changed, actor=actor, at=at)
    kept.saved, kept.saved_at = True, at
    whole[section.key] = shapes.sound(section, data)
    return kept


def _write(
    application: Application,
    section: Section,
    row: Row,
    *,
    data: dict[str, Any],
    changed: Sequence[str],
    actor: Actor,
    at: datetime,
) -> int:
    more: dict[str, Any] = {
        "data": data,
        "version": row.version,
        "fields": changed,
        "actor": actor,
        "at": at,
    }
    asked = ledger_field(section)
    table = data.get(asked.key) if asked and asked.key in changed else None
    if asked is not None and table is not None:
        return ledger.save(application, section.key, asked=asked, table=table, **more)
    return services.save_section(application, section.key, **more)


# Reading the request ---------------------------------------------------------------------------


def _posted(
    application: Application,
    section: Section,
    posted: Posted,
    *,
    bases: Mapping[str, Data],
    compact: bool,
) -> dict[str, Any]:
    """What was posted; a field that the request says nothing of stands as the page showed it."""
    read = answers.read(section, posted, compact=compact)
    names = list(posted)
    opened = open_fields(application, section)
    for asked in section.fields:
        base = bases[asked.key]
        if asked.type == FieldType.INDICATORS:
            rows = list(application.indicator_rows.select_related("indicator"))
            table = ledger.read(posted, rows, compact=compact)
            value = table if table is not None else base.get(asked.key)
            if value is not None:
                read[asked.key] = value
        elif not _is_posted(asked, names, opened):
            merging.put(asked, (base.get(asked.key), merging.part(asked, base)[1]), read)
    return answers.with_computed(section, read)


def _is_posted(asked: Field, names: Sequence[str], opened: set[str] | None) -> bool:
    """Whether the request speaks of the field. Boxes that are all unticked send nothing."""
    if asked.type == FieldType.COMPUTED:
        return True
    if asked.type == FieldType.MULTICHOICE and (opened is None or asked.key in opened):
        return True
    return any(belongs(asked, name) for name in names)


def _with_removed_rows(section: Section, posted: Posted) -> set[str]:
    """Tables in which the page has a row marked for removal: its rows count differently."""
    found = set()
    for name in posted:
        match = re.fullmatch(r"([a-z][a-z0-9_]*)-\d{1,4}-delete", name)
        if match and posted.getlist(name):
            asked = ledger_field(section) if match[1] == "own" else None
            found.add(asked.key if asked else match[1])
    return found


# What others saved -----------------------------------------------------------------------------


def _bases(row: Row, stored: Data, section: Section, shown: Mapping[str, int]) -> dict[str, Data]:
    """By field, the section as the page shows it; empty before the first save. ``stored`` is what
    the row holds."""
    wanted = set(shown.values()) - {row.version}
    sound: dict[int, Data] = {row.version: stored}
    if wanted:
        found = SectionVersion.objects.filter(section=row, version__in=wanted)
        for number, data in found.values_list("version", "data"):
            sound[number] = shapes.sound(section, data)
    return {key: sound.get(number, {}) for key, number in shown.items()}


def _whose(
    row: Row, section: Section, shown: Mapping[str, int], actor: Actor
) -> dict[str, tuple[str, datetime | None]]:
    """Who changed each field last since the page was opened, and when."""
    first = min(shown.values())
    saves = list(
        SectionVersion.objects.filter(section=row, version__gte=first)
        .select_related("saved_by")
        .order_by("-version")[:LOOKED_BACK]
    )
    found: dict[str, tuple[str, datetime | None]] = {}
    before: Data = {}
    if saves and saves[-1].version <= first:
        before = shapes.sound(section, saves[-1].data)
    for save in reversed(saves):
        data = shapes.sound(section, save.data)
        if save.version > first:
            who = "" if save.saved_by_id == actor.user_id else save.saved_by.name
            for key in differing(section, before, data):
                found[key] = (who, save.saved_at)
        before = data
    return found


def _clash(
    asked: Field,
    joined: merging.Joined,
    mine: Data,
    theirs: Data,
    whose: Mapping[str, tuple[str, datetime | None]],
) -> Clash:
    both = None
    if asked.key in joined.both:
        both = dict(theirs)
        merging.put(asked, joined.both[asked.key], both)
    by, at = whose.get(asked.key, ("", None))
    return Clash(
        asked.key,
        asked.label,
        by,
        at,
        mine=words(asked, mine),
        theirs=words(asked, theirs),
        both=both,
    )


def words(asked: Field, data: Data) -> str:
    """A field in words, a line for each row of a table."""
    if asked.type == FieldType.INDICATORS:
        return _table_words(data.get(asked.key)) or "（空）"
    lines = wording.lines(asked, data)
    if asked.type in merging.TABLES:
        raw = [f"{text}（填写有误）" for text in merging.part(asked, data)[1].values()]
        found = [f"{label}：{text}" for label, text in lines if text] + raw
        return "\n".join(found) or "（空）"
    return "；".join(text for _, text in lines if text) or "（空）"


def _table_words(table: Any) -> str:
    if not isinstance(table, dict):
        return ""
    named = list((table.get("ref") or {}).items())
    rows = named + [(str(n), row) for n, row in enumerate(table.get("own") or [], start=1)]
    found = []
    for name, row in rows:
        cells = [f"{word}{row[key]}" for key, word in INDICATOR_WORDS if row.get(key)]
        title = f"{row.get('name') or name} {row.get('unit') or ''}".strip()
        if cells or row.get("name"):
            found.append(f"{title}：{'，'.join(cells)}")
    return "\n".join(found)


def _label(section: Section, key: str) -> str:
    asked = section.field(key)
    return asked.label if asked else key


# Returned filings ------------------------------------------------------------------------------


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
