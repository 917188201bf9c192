"""The unit's letters to its applicants, read: to whom, in which words, sent or not.

What a letter to one applicant says never names another applicant, a rank, a score or a reason.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts import roles
from accounts.models import Membership
from applications.models import Application
from applications.workflow import Status
from calls.programme import DocumentKind
from core import gate
from documents.fingerprints import fingerprint
from recommenders import coverletter, liststates, queries
from recommenders.models import RankedList, ResultLetter

SHORTEST, LONGEST = 30, 600
NOT_LISTED = (Status.SUBMITTED, Status.RETURNED, Status.NOT_SELECTED)


@dataclass(frozen=True, slots=True)
class Recipient:
    """One applicant: what the letter says (as edited, or as proposed) and who would read it."""

    application: Application
    recommended: bool
    text: str
    letter: ResultLetter | None
    people: int

    @property
    def sent(self) -> bool:
        return self.letter is not None and self.letter.sent_at is not None

    @property
    def edited(self) -> bool:
        return self.letter is not None and self.letter.changed_at is not None

    @property
    def problems(self) -> list[str]:
        """Why it may not go out in these words; nothing stands against one that has gone."""
        return [] if self.sent else gate.problems(self.text)


def recipients(ranked: RankedList) -> list[Recipient]:
    """Everybody the delivered list decides about: those on it in its order, then the others."""
    version = queries.version_in_force(ranked)
    if version is None or ranked.state != liststates.DELIVERED:
        return []
    rank = {row["application"]: row["rank"] for row in version.rows}
    found = Application.objects.filter(
        call=ranked.call_id, recommender=ranked.organisation_id, version_number__gt=0
    ).select_related("organisation")
    chosen = [one for one in found if one.public_id in rank or one.shown_status in NOT_LISTED]
    letters = {one.application_id: one for one in _letters(ranked)}
    people = _people([one.organisation_id for one in chosen])
    made = [
        Recipient(
            one,
            one.public_id in rank,
            letters[one.pk].text
            if one.pk in letters
            else proposed(ranked, one, recommended=one.public_id in rank),
            letters.get(one.pk),
            people.get(one.organisation_id, 0),
        )
        for one in chosen
        if one.shown_status != Status.WITHDRAWN
    ]
    return sorted(
        made, key=lambda one: (rank.get(one.application.public_id, 10**6), one.application.number)
    )


def _letters(ranked: RankedList) -> list[ResultLetter]:
    return list(
        ResultLetter.objects.filter(list=ranked).select_related("sent_by", "changed_by", "document")
    )


def _people(units: list[int]) -> dict[int, int]:
    found: dict[int, set[int]] = defaultdict(set)
    for unit, user in Membership.objects.filter(
        organisation__in=units, role__in=roles.FILING, valid_until=None, user__is_active=True
    ).values_list("organisation", "user"):
        found[unit].add(user)
    return {unit: len(users) for unit, users in found.items()}


def proposed(ranked: RankedList, application: Application, *, recommended: bool) -> str:
    """The words a letter starts from; a blank line parts paragraphs."""
    programme = ranked.call.programme
    what = f"贵单位申报的《{application.title}》（申报编号 {application.number}）"
    if not recommended:
        return (
            f"感谢贵单位对“{ranked.call.title}”的支持和参与。\n\n"
            f"{what}，经研究，未列入我单位本次推荐名单。本次推荐名额有限，这一结果不影响贵单位参加今后的申报。\n\n"
            "对办理程序有疑问的，可与我单位联系。"
        )
    form = programme.document(DocumentKind.FORM)
    copies = f" {form.copies} 份" if form and form.copies else ""
    return (
        f"{what}，已列入我单位推荐名单，并报送{programme.organiser}。\n\n"
        f"请登录平台下载已提交版本的申报书，打印{copies}并加盖公章，按我单位要求的时间报送。"
        "纸质件须与网上内容一致，每页印有指纹和二维码。\n\n"
        "后续审查和评审结果，由主管部门另行通知。"
    )


def shown(found: list[Recipient]) -> str:
    """The fingerprint of what is about to be sent, for the button that sends it."""
    return fingerprint(
        {"letters": [[one.application.public_id, one.recommended, one.text] for one in found]}
    )


def snapshot(ranked: RankedList, one: Recipient, *, day: date | None) -> dict[str, Any]:
    """The printed 通知 (``documents.snapshots.CoverLetter``)."""
    unit = ranked.organisation.name_on(day) if day else ranked.organisation.name
    made: dict[str, Any] = {
        "letterhead": unit,
        "number": "",
        "title": f"关于{ranked.call.programme.short_title}\n推荐结果的通知",
        "to": one.application.organisation.name,
        "paragraphs": [line.strip() for line in one.text.splitlines() if line.strip()],
        "enclosures": [],
        "signed_by": unit,
        "date": day.isoformat() if day else "",
        "seal": None,
    }
    text = coverletter.text_of(ranked)
    if text and text.contact_name:
        made["contact"] = {"name": text.contact_name, "phone": text.contact_phone}
    return made
