"""The 报送函: issued with the version of a list, issued again when the unit changes its fields."""

import re
from datetime import datetime

from django.db import transaction

from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from documents import services as documents
from documents import typography
from documents.models import Document
from recommenders import coverletter, queries, sheets
from recommenders.models import CoverLetterText, ListVersion, RankedList, Seal
from recommenders.services import ground, seals

YEAR = re.compile(r"[\[【〔（(]\s*(\d{4})\s*[\]】〕）)]")


def wanted(ranked: RankedList) -> bool:
    """Whether a letter goes with this list: the programme asks for one, or the unit wrote one."""
    settings = ranked.call.programme.recommendation
    return bool(settings and settings.letter) or coverletter.text_of(ranked) is not None


def issue(version: ListVersion, *, seal: Seal | None, actor: Actor, at: datetime) -> Document:
    """Ask for the letter of a version, with the fields as they are now."""
    unit = version.list.organisation
    return documents.request_document(
        kind="cover_letter",
        subject=version,
        snapshot=sheets.cover_letter(version, seal=seal),
        title=f"报送函：{unit.name}",
        organisation=unit,
        at=at,
        number=version.letter_number,
        version=version.number,
        actor=actor,
    )


@transaction.atomic
def set_cover_letter(
    ranked: RankedList,
    *,
    number: str,
    to: str,
    contact_name: str,
    contact_phone: str,
    actor: Actor,
    at: datetime,
) -> Document | None:
    """The unit's own fields. With a version in force the letter is made anew, the old one void.

    Empty ``to``: the organiser of the programme. Returns the letter in force, if there is one.
    Raises ``Refusal`` (422) for characters that cannot be printed.
    """
    ground.must_belong(actor, ranked.organisation_id)
    said = {
        "number": YEAR.sub(r"〔\1〕", number.strip()),
        "to": to.strip().rstrip("：:"),
        "contact_name": contact_name.strip(),
        "contact_phone": contact_phone.strip(),
    }
    if missing := typography.unprintable(said):
        raise Refusal("unprintable", documents.unprintable_words(missing), status=422)
    ranked = ground.lock_list(ranked.call, ranked.organisation_id)
    CoverLetterText.objects.update_or_create(
        list=ranked, defaults={**said, "changed_by_id": actor.person, "changed_at": at}
    )
    audit.record(actor=actor, action="recommenders.set_cover_letter", subject=ranked, at=at, **said)
    version = queries.version_in_force(ranked)
    return _issue_again(version, actor=actor, at=at) if version else None


def _issue_again(version: ListVersion, *, actor: Actor, at: datetime) -> Document:
    before = list(documents.of(version, "cover_letter").filter(voided_at__isnull=True))
    day = version.frozen_at.astimezone(sheets.CHINA).date()
    seal = sheets.seal_of(version.list.organisation, day=day, at=at)
    letter = issue(version, seal=seal, actor=actor, at=at)
    for old in before:
        if old.pk != letter.pk:
            documents.void(
                old,
                reason="报送函的发文字号等内容已修改，以新生成的为准",
                at=at,
                replaced_by=letter,
                actor=actor,
            )
    if seal is not None and letter.pk not in {old.pk for old in before}:
        seals.ask(letter, seal, actor=actor, at=at)
    return letter
