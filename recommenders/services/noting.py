"""What a unit's people write for themselves: notes and tags on the filings of their area."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts import roles
from applications.models import Application
from audit import services as audit
from audit.models import Entry
from audit.services import Actor
from core.errors import Refusal
from recommenders import filings
from recommenders.models import FilingNote, Tag, Tagging

MOST_TAGS = 40
TAGGED = "recommenders.tag"


def _unit(actor: Actor) -> int:
    if actor.role not in roles.RECOMMENDER or actor.organisation_id is None:
        raise Refusal("not-yours", "只有推荐单位的人员可以办理，请切换到相应的身份。", status=403)
    return actor.organisation_id


def _of_area(found: Sequence[int], unit: int) -> list[Application]:
    """Of these filings those of the unit's area; anything else is refused."""
    mine = list(Application.objects.filter(filings.area(unit), pk__in=found).order_by("pk"))
    if len(mine) != len(set(found)):
        raise Refusal("not-yours", "所选申报中有不属于本地区的，没有改动。请刷新页面。", status=403)
    return mine


@transaction.atomic
def add_note(application: Application, *, text: str, actor: Actor, at: datetime) -> FilingNote:
    """Keep a remark on a filing, seen by the unit's own people alone (500 字 at most)."""
    unit = _unit(actor)
    _of_area([application.pk], unit)
    text = text.strip()
    if not text:
        raise Refusal("note-empty", "请填写备注内容。", status=422)
    if len(text) > 500:
        raise Refusal("note-long", "内部备注不超过 500 字，请精简。", status=422)
    made = FilingNote.objects.create(
        application=application, organisation_id=unit, text=text, by_id=actor.person, at=at
    )
    audit.record(
        actor=actor, action="recommenders.add_note", subject=application, at=at, note=made.pk
    )
    return made


@transaction.atomic
def remove_note(note: FilingNote, *, actor: Actor, at: datetime) -> None:
    """Hide a note; who wrote it and who hid it stay on record."""
    if note.organisation_id != _unit(actor):
        raise Refusal("not-yours", "只能删除本单位的备注。", status=403)
    note = FilingNote.objects.select_for_update(of=("self",)).get(pk=note.pk)
    if note.removed_at is not None:
        raise Refusal("note-gone", "这条备注已经删除，请刷新页面。")
    note.removed_at, note.removed_by_id = at, actor.person
    note.save(update_fields=["removed_at", "removed_by"])
    audit.record(
        actor=actor,
        action="recommenders.remove_note",
        subject=note.application,
        at=at,
        note=note.pk,
    )


@transaction.atomic
def make_tag(*, name: str, tone: str, actor: Actor, at: datetime) -> Tag:
    """A tag of the unit's own; making one that exists changes how it looks."""
    unit, name = _unit(actor), name.strip()
    if not name or len(name) > 12:
        raise Refusal("tag-name", "标签名称须为 1 至 12 字。", status=422)
    if tone not in Tag.Tone.values:
        raise Refusal("tag-tone", "请从列表中选择标签样式。", status=422)
    known = Tag.objects.filter(organisation=unit)
    tag = known.filter(name=name).first()
    if tag is None and known.count() >= MOST_TAGS:
        raise Refusal("tags-many", f"标签不超过 {MOST_TAGS} 个，请先删除不用的。", status=422)
    try:
        with transaction.atomic():
            tag = tag or Tag.objects.create(organisation_id=unit, name=name, tone=tone)
    except IntegrityError:
        raise Refusal("tag-there", "同名标签刚刚建立，请刷新页面。") from None
    if tag.tone != tone:
        tag.tone = tone
        tag.save(update_fields=["tone"])
    audit.record(
        actor=actor, action="recommenders.make_tag", subject=tag, at=at, name=name, tone=tone
    )
    return tag


@transaction.atomic
def drop_tag(tag: Tag, *, actor: Actor, at: datetime) -> int:
    """Remove a tag and take it off every filing. Returns how many carried it."""
    if tag.organisation_id != _unit(actor):
        raise Refusal("not-yours", "只能删除本单位的标签。", status=403)
    carried = list(tag.taggings.values_list("application", flat=True))
    audit.record(
        actor=actor,
        action="recommenders.drop_tag",
        subject=tag,
        at=at,
        name=tag.name,
        applications=carried,
    )
    tag.delete()
    return len(carried)


@transaction.atomic
def tag_filings(
    tag: Tag, found: Sequence[int], *, put: bool, actor: Actor, at: datetime
) -> Entry | None:
    """Put a tag on these filings, or take it off. Returns the entry that undoes it, None where
    nothing changed. Filings that already are as asked are left out of it."""
    unit = _unit(actor)
    if tag.organisation_id != unit:
        raise Refusal("not-yours", "只能使用本单位的标签。", status=403)
    mine = [one.pk for one in _of_area(found, unit)]
    there = set(tag.taggings.filter(application__in=mine).values_list("application", flat=True))
    changed = [pk for pk in mine if (pk in there) != put]
    if not changed:
        return None
    _write(tag, changed, put=put, actor=actor, at=at)
    return audit.record(
        actor=actor,
        action=TAGGED,
        subject=tag,
        at=at,
        put=put,
        name=tag.name,
        applications=changed,
    )


@transaction.atomic
def undo_tagging(entry: Entry, *, actor: Actor, at: datetime) -> int:
    """Take back one step of bulk tagging of the own unit. Returns how many filings changed."""
    unit = _unit(actor)
    if entry.action != TAGGED or entry.organisation != unit:
        raise Refusal("not-yours", "只能撤销本单位的标注。", status=403)
    tag = Tag.objects.filter(organisation=unit, pk=int(entry.subject.rpartition(":")[2])).first()
    if tag is None:
        raise Refusal("tag-gone", "这个标签已经删除，不能撤销。")
    back = tag_filings(
        tag, entry.data["applications"], put=not entry.data["put"], actor=actor, at=at
    )
    return len(back.data["applications"]) if back else 0


def _write(tag: Tag, changed: list[int], *, put: bool, actor: Actor, at: datetime) -> None:
    if put:
        Tagging.objects.bulk_create(
            [Tagging(tag=tag, application_id=pk, by_id=actor.person, at=at) for pk in changed],
            ignore_conflicts=True,
        )
    else:
        tag.taggings.filter(application__in=changed).delete()
