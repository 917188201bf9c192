"""Which paper is in the hand: a scanned or typed code against what a level expects. Reads only."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from accounts.models import Organisation
from applications.models import Application, Version
from calls.models import Call
from core.errors import Refusal
from documents.access import by_code
from documents.codes import normalise, parse_payload
from documents.models import Document
from recommenders.models import LevelReport, ListVersion, PaperReceipt
from recommenders.register import Item

Kind = PaperReceipt.Kind
Verdict = PaperReceipt.Verdict


@dataclass(frozen=True, slots=True)
class Recognised:
    """A paper in the hand: what it is, and how it compares with the version in force."""

    document: Document
    kind: str
    about: int
    verdict: str
    item: Item | None
    words: str


KINDS = {"summary_sheet": Kind.SHEET, "cover_letter": Kind.LETTER, "application_form": Kind.FORM}


def recognise(call: Call, receiver: Organisation, text: str, items: Sequence[Item]) -> Recognised:
    """What a scanned or typed code belongs to. Reads only; nothing is registered.

    Raises ``Refusal``: ``not-a-code`` (422), ``unknown-code``, ``not-this-register`` (非本单位:
    a paper that this level does not expect from anybody).
    """
    text = unicodedata.normalize("NFKC", text)  # a scanner may type through a Chinese keyboard
    parsed = parse_payload(text)
    code = parsed[0] if parsed else normalise(text)
    if code is None:
        raise Refusal(
            "not-a-code",
            "这不是本平台文件的二维码或核验码。核验码为 10 位，印在文件每页页首或二维码旁。",
            status=422,
        )
    document = by_code(code)
    if document is None:
        raise Refusal("unknown-code", "没有查到这个核验码，请对照纸面重新输入或扫描。")
    _must_not_be_report(document, call, receiver)
    kind = KINDS.get(document.kind)
    about = _about(document, kind) if kind else None
    item = next((one for one in items if about and one.key == (kind, about)), None)
    if (
        kind is None
        or about is None
        or (item is None and not _of_here(call, receiver, kind, about))
    ):
        raise Refusal(
            "not-this-register",
            "非本单位：这份文件不在本批次、本单位应收的材料之内，没有登记。请核对是否寄错。",
        )
    if item is None:
        return Recognised(document, kind, about, Verdict.VOID, None, _void_words(document))
    if item.document is not None and document.pk == item.document.pk:
        return Recognised(document, kind, about, Verdict.MATCHED, item, "相符：与现行版本一致")
    words = f"旧版：这是第 {document.version} 版，现行为第 {item.version} 版，请对方换交"
    return Recognised(document, kind, about, Verdict.STALE, item, words)


def _must_not_be_report(document: Document, call: Call, receiver: Organisation) -> None:
    """The 上报函 and 汇总表 of a level below go with its forms; only those are registered.

    Raises ``Refusal`` ``level-report``, saying whether the paper in hand still holds.
    """
    what, _, pk = document.subject.rpartition(":")
    if what != LevelReport._meta.label_lower:
        return
    report = LevelReport.objects.filter(pk=pk, call=call, to=receiver).first()
    if report is None:
        return
    holds = (
        f"这一份是第 {report.number} 版，现行有效"
        if report.voided_at is None
        else f"这一份已作废（{report.void_reason}），请对方换交"
    )
    raise Refusal(
        "level-report",
        f"这是{report.organisation.name}的上报材料，{holds}。本级只登记申报书，请扫描申报书上的二维码。",
    )


def _void_words(document: Document) -> str:
    reason = f"（{document.void_reason}）" if document.void_reason else ""
    return f"作废：这份文件已不在应收之列{reason}，请退回或封存"


def _about(document: Document, kind: str) -> int | None:
    """The application or list that a document is about; None for one about something else."""
    what, _, pk = document.subject.rpartition(":")
    if kind == Kind.FORM and what == Version._meta.label_lower:
        return Version.objects.filter(pk=pk).values_list("application", flat=True).first()
    if kind != Kind.FORM and what == ListVersion._meta.label_lower:
        return ListVersion.objects.filter(pk=pk).values_list("list", flat=True).first()
    return None


def _of_here(call: Call, receiver: Organisation, kind: str, about: int) -> bool:
    """Whether a paper that is not expected now is at least one of this call and level."""
    if kind == Kind.FORM:
        found = Application.objects.filter(pk=about, call=call)
        if receiver.kind != Organisation.Kind.OFFICE:
            found = found.filter(
                Q(recommender=receiver) | Q(preselector=receiver) | Q(preselector__parent=receiver)
            )
        return found.exists()
    lists = ListVersion.objects.filter(list=about, list__call=call)
    return receiver.kind == Organisation.Kind.OFFICE and lists.exists()
