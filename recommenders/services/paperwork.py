"""The register of paper, written: what arrived, by scan or by hand, and its correction.

Only this module writes the state of a receipt. Nothing is ever deleted: a wrong entry is marked
as corrected, with a reason, and another row takes its place.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from accounts import roles
from accounts.models import Organisation
from audit import services as audit
from audit.services import Actor
from calls.models import Call
from core.errors import Refusal
from core.lengths import characters
from documents import scans, uploads
from recommenders import recognition, register
from recommenders.models import PaperReceipt
from recommenders.register import Item

CHINA = ZoneInfo("Asia/Shanghai")
State = PaperReceipt.State
Verdict = PaperReceipt.Verdict
How = PaperReceipt.How


def receive_scanned(
    call: Call,
    receiver: Organisation,
    *,
    text: str,
    token: str,
    copies: int,
    received_on: date,
    courier: str = "",
    remark: str = "",
    how: str = How.SCANNED,
    actor: Actor,
    at: datetime,
) -> tuple[PaperReceipt, str]:
    """Register the paper whose code was read, and say in one sentence how it compares.

    A paper of the version in force counts; a former or void one is kept as set aside. ``token``
    names the occasion: the same one again registers nothing. Raises ``Refusal``: the codes of
    ``recognition.recognise``, ``too-many-copies``, ``odd-day`` (422), ``not-yours`` (403).
    """
    must_receive(actor, receiver)
    _must_be_day(call, received_on, at=at)
    with transaction.atomic():
        items = _locked(call, receiver)
        if same := PaperReceipt.objects.filter(token=token).first():
            return same, f"已登记：{same}"
        seen = recognition.recognise(call, receiver, text, items)
        matched = seen.verdict == Verdict.MATCHED
        if matched and seen.item is not None:
            _must_fit(seen.item, copies)
        receipt = _write(
            call,
            receiver,
            kind=seen.kind,
            about=seen.about,
            sender=seen.item.sender if seen.item else None,
            document_id=seen.document.pk,
            verdict=seen.verdict,
            state=State.COUNTED if matched else State.SET_ASIDE,
            how=how,
            token=token,
            copies=copies,
            received_on=received_on,
            courier=courier,
            remark=remark,
            actor=actor,
            at=at,
        )
    return receipt, _sentence(seen, copies)


def code_of_photo(data: bytes, name: str) -> str:
    """The one code on a photo or scan of a cover. Raises ``Refusal`` (422): ``no-code``,
    ``several-codes``, or what is wrong with the file. Call it before any lock."""
    checked = uploads.check_upload(data, name)
    pages = scans.read_codes(data, checked.media_type, name=checked.name)
    found = {code for page in pages for code, _ in page.found}
    if not found:
        raise Refusal(
            "no-code",
            "照片中没有识别出二维码。请对准封面二维码、避免反光重新拍照，或手工输入核验码。",
            status=422,
        )
    if len(found) > 1:
        raise Refusal(
            "several-codes", "照片中有几份不同文件的二维码，请一次只拍一份的封面。", status=422
        )
    return found.pop()


def _sentence(seen: recognition.Recognised, copies: int) -> str:
    item = seen.item
    if item is None:
        return f"{seen.words}。已记录，不计入。"
    what = f"{item.sender.name} {item.kind_words}《{item.title}》"
    if seen.verdict != Verdict.MATCHED:
        return f"{seen.words}（{what}）。已记录，不计入。"
    return f"{seen.words}。{what}登记 {copies} 份，累计 {item.arrived + copies}／{item.copies}。"


def receive_by_hand(
    call: Call,
    receiver: Organisation,
    *,
    kind: str,
    about: int,
    token: str,
    copies: int,
    received_on: date,
    courier: str = "",
    remark: str = "",
    actor: Actor,
    at: datetime,
) -> PaperReceipt:
    """Register copies whose fingerprint a person compared with the version in force."""
    must_receive(actor, receiver)
    _must_be_day(call, received_on, at=at)
    with transaction.atomic():
        items = _locked(call, receiver)
        if same := PaperReceipt.objects.filter(token=token).first():
            return same
        item = _item(items, kind, about)
        _must_fit(item, copies)
        return _count(
            call,
            receiver,
            item,
            how=How.BY_HAND,
            token=token,
            copies=copies,
            received_on=received_on,
            courier=courier,
            remark=remark,
            actor=actor,
            at=at,
        )


def receive_rest(
    call: Call,
    receiver: Organisation,
    *,
    sender: Organisation,
    token: str,
    received_on: date,
    courier: str = "",
    remark: str = "",
    actor: Actor,
    at: datetime,
) -> int:
    """Register every copy that one sender still owes, compared by hand; how many papers."""
    must_receive(actor, receiver)
    _must_be_day(call, received_on, at=at)
    with transaction.atomic():
        owed = [
            item
            for item in _locked(call, receiver, sender=sender.pk)
            if item.missing and item.document is not None
        ]
        if PaperReceipt.objects.filter(token=f"{token}-1").exists():
            return 0
        if not owed:
            raise Refusal("nothing-missing", f"{sender.name}应交的材料已经收齐，不需要登记。")
        for number, item in enumerate(owed, start=1):
            _count(
                call,
                receiver,
                item,
                how=How.BY_HAND,
                token=f"{token}-{number}",
                copies=item.missing,
                received_on=received_on,
                courier=courier,
                remark=remark,
                actor=actor,
                at=at,
            )
    return len(owed)


@transaction.atomic
def correct_paper(
    receipt: PaperReceipt,
    *,
    copies: int,
    received_on: date,
    courier: str = "",
    remark: str = "",
    reason: str,
    actor: Actor,
    at: datetime,
) -> PaperReceipt | None:
    """Put an entry right: it stays as corrected, and a new one takes its place.

    ``copies`` 0: it was entered by mistake and nothing takes its place. Raises ``Refusal``:
    ``reason-short`` (422), ``corrected-already``, ``too-many-copies``.
    """
    must_receive(actor, receipt.receiver)
    _must_be_day(receipt.call, received_on, at=at)
    if characters(reason) < 4:
        raise Refusal("reason-short", "请写明更正原因（不少于 4 字）。", status=422)
    items = _locked(receipt.call, receipt.receiver)
    old = PaperReceipt.objects.select_for_update(of=("self",)).get(pk=receipt.pk)
    if old.state == State.CORRECTED:
        raise Refusal("corrected-already", "这条登记已经更正过，请刷新页面，更正新的一条。")
    was = old.state
    old.state, old.corrected_by_id, old.corrected_at = State.CORRECTED, actor.person, at
    old.correction_reason = reason.strip()[:200]
    old.save(update_fields=["state", "corrected_by", "corrected_at", "correction_reason"])
    audit.record(
        actor=actor,
        action="recommenders.correct_paper",
        subject=old,
        at=at,
        copies=copies,
        was=old.copies,
        reason=old.correction_reason,
    )
    if not copies:
        return None
    about = (old.application_id if old.kind == PaperReceipt.Kind.FORM else old.list_id) or 0
    item = next((one for one in items if one.key == (old.kind, about)), None)
    if was == State.COUNTED and item is not None and item.counts(_as(old, was)):
        _must_fit(item, copies - old.copies)
    return _write(
        old.call,
        old.receiver,
        kind=old.kind,
        about=about,
        sender=old.sender,
        document_id=old.document_id,
        verdict=old.verdict,
        state=was,
        how=old.how,
        token=f"{old.token[:24]}-{old.pk}",
        copies=copies,
        received_on=received_on,
        courier=courier,
        remark=remark,
        corrects=old,
        actor=actor,
        at=at,
    )


def _as(receipt: PaperReceipt, state: str) -> PaperReceipt:
    """The same receipt as it was before its correction, for asking whether it counted."""
    return PaperReceipt(
        pk=receipt.pk, state=state, document_id=receipt.document_id, copies=receipt.copies
    )


# ── ground ───────────────────────────────────────────────────────────────────────────────────


def must_receive(actor: Actor, receiver: Organisation) -> None:
    if (
        actor.role not in (*roles.RECOMMENDER, *roles.OFFICE)
        or actor.organisation_id != receiver.pk
    ):
        raise Refusal(
            "not-yours", "只有接收单位可以登记收到的纸质材料，请切换到相应的身份。", status=403
        )


def _must_be_day(call: Call, day: date, *, at: datetime) -> None:
    today = call.time(at).astimezone(CHINA).date()
    first = call.filing_from.astimezone(CHINA).date() if call.filing_from else day
    if not first <= day <= today:
        raise Refusal(
            "odd-day", "收到日期应在申报开始之后、今天或今天以前，请核对日期。", status=422
        )


def _locked(call: Call, receiver: Organisation, *, sender: int | None = None) -> list[Item]:
    """What is expected, while nobody else registers at this level."""
    Organisation.objects.select_for_update().get(pk=receiver.pk)
    return register.expected(call, receiver, sender=sender)


def _item(items: list[Item], kind: str, about: int) -> Item:
    found = next((one for one in items if one.key == (kind, about)), None)
    if found is None:
        raise Refusal(
            "not-expected", "这份材料现在不在应收之列，名单可能有变动。请刷新页面后再登记。"
        )
    if found.document is None:
        raise Refusal("not-drawn", "这份材料的电子件还没有生成，没有可以核对的版本。请稍后再登记。")
    return found


def _must_fit(item: Item, copies: int) -> None:
    if copies > item.missing:
        raise Refusal(
            "too-many-copies",
            f"{item.kind_words}《{item.title}》应收 {item.copies} 份，已收 {item.arrived} 份，"
            f"不能再登记 {copies} 份。份数有误的请更正原登记；多余的请退回或另行保管。",
        )


def _count(
    call: Call, receiver: Organisation, item: Item, *, how: str, **more: Any
) -> PaperReceipt:
    return _write(
        call,
        receiver,
        kind=item.kind,
        about=item.about,
        sender=item.sender,
        document_id=item.document.pk if item.document else None,
        verdict=Verdict.MATCHED,
        state=State.COUNTED,
        how=how,
        **more,
    )


def _write(
    call: Call,
    receiver: Organisation,
    *,
    kind: str,
    about: int,
    sender: Organisation | None,
    document_id: int | None,
    actor: Actor,
    at: datetime,
    **columns: Any,
) -> PaperReceipt:
    is_form = kind == PaperReceipt.Kind.FORM
    columns["courier"] = str(columns.get("courier", "")).strip()[:40]
    columns["remark"] = str(columns.get("remark", "")).strip()[:200]
    try:
        with transaction.atomic():
            receipt = PaperReceipt.objects.create(
                call=call,
                receiver=receiver,
                sender=sender,
                kind=kind,
                application_id=about if is_form else None,
                list_id=None if is_form else about,
                document_id=document_id,
                recorded_by_id=actor.person,
                recorded_at=at,
                **columns,
            )
    except IntegrityError as error:
        same = PaperReceipt.objects.filter(token=columns["token"]).first()
        if same is None:
            raise
        raise Refusal("registered-already", "这次登记已经保存，不需要重复提交。") from error
    audit.record(
        actor=actor,
        action="recommenders.receive_paper",
        subject=receipt,
        at=at,
        kind=kind,
        about=about,
        verdict=receipt.verdict,
        counted=receipt.state == State.COUNTED,
        copies=receipt.copies,
        received_on=receipt.received_on.isoformat(),
        courier=receipt.courier,
    )
    return receipt
