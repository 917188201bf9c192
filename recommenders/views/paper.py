"""The register of paper at one level: expected, arrived, missing, corrected, reminded."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from accounts import roles
from accounts.models import Organisation
from accounts.policy import policy
from audit.services import Actor
from calls.models import Call
from core.errors import Refusal
from core.web import form_status, refused_into, told
from documents import workbook
from documents.codes import new_public_id
from recommenders import access, paperstates, register, services
from recommenders.forms_paper import ArrivalForm, ByHandForm, CorrectionForm, ScanTextForm
from recommenders.models import PaperReceipt, PaperReminder
from recommenders.register import Item, Sender
from recommenders.views.request import Request

CHINA = ZoneInfo("Asia/Shanghai")
WHO = (*roles.RECOMMENDER, *roles.OFFICE)
BEHIND = "behind"
TABS = (
    ("", "全部"),
    (paperstates.MISSING, "未收到"),
    (paperstates.PARTIAL, "未收齐"),
    (paperstates.WRONG, "只收到旧版"),
    (paperstates.COMPLETE, "已收齐"),
    (BEHIND, "还缺材料"),
)
COLUMNS = (
    ("报送单位", 32),
    ("材料", 16),
    ("名称", 40),
    ("编号", 20),
    ("现行版本", 8),
    ("应收份数", 8),
    ("已收份数", 8),
    ("缺", 6),
    ("旧版或不计入", 12),
    ("状态", 12),
    ("截止", 22),
    ("最近收到", 12),
    ("快递单号", 20),
    ("备注", 30),
)


def _today(request: Request, call: Call) -> date:
    return call.time(request.arrived_at).astimezone(CHINA).date()


def _arrival(request: Request, call: Call) -> dict[str, Any]:
    """What the last entry said stays for the next: a parcel is registered paper by paper."""
    return {
        "received_on": request.GET.get("on") or _today(request, call),
        "courier": request.GET.get("courier", "")[:40],
        "token": new_public_id(),
        "copies": 1,
    }


@require_safe
@policy(*WHO)
def index(request: Request, code: str) -> HttpResponse:
    """Everybody who sends paper to this level, and how much of it has come."""
    call = access.paper_call(request, code)
    return _page(request, call, ScanTextForm(initial=_arrival(request, call)))


def _stands(one: register.Sender, state: str) -> bool:
    """Whether a unit belongs under this tab; ``behind`` is whoever has anything missing."""
    return bool(one.missing) if state == BEHIND else not state or one.state == state


def _page(request: Request, call: Call, form: ScanTextForm) -> HttpResponse:
    receiver = request.acting.organisation
    found = register.senders(call, receiver, register.expected(call, receiver))
    state = request.GET.get("state", "")
    base, earlier = register.dates(call, receiver)
    return render(
        request,
        "recommenders/paper_register.html",
        {
            "call": call,
            "receiver": receiver,
            "is_office": request.acting.role in roles.OFFICE,
            "rows": [one for one in found if _stands(one, state)],
            "tabs": [
                (key, label, sum(_stands(one, key) for one in found), key == state)
                for key, label in TABS
            ],
            "copies": sum(one.copies for one in found),
            "arrived": sum(one.arrived for one in found),
            "units": len(found),
            "behind": sum(bool(one.missing) for one in found),
            "until": min([*earlier, *([base] if base else [])], default=None),
            "now": call.time(request.arrived_at),
            "form": form,
            "reminded": PaperReminder.objects.filter(call=call, receiver=receiver)
            .order_by("-at")
            .first(),
            "aside": _aside(call, receiver),
            "up": _upwards(call, receiver) if request.acting.role in roles.RECOMMENDER else None,
        },
        status=form_status(form),
    )


def _aside(call: Call, receiver: Organisation) -> list[tuple[PaperReceipt, CorrectionForm]]:
    """Papers that came and belong to nothing that is expected now."""
    found = PaperReceipt.objects.filter(call=call, receiver=receiver, sender__isnull=True)
    found = found.exclude(state=PaperReceipt.State.CORRECTED)
    return [(one, _correction(one)) for one in found.select_related("document", "recorded_by")[:20]]


def _upwards(call: Call, unit: Organisation) -> Sender | None:
    """What the ministry has registered of this unit's own paper."""
    office = Organisation.objects.filter(kind=Organisation.Kind.OFFICE).order_by("pk").first()
    if office is None:
        return None
    items = register.expected(call, office, sender=unit.pk)
    return next(iter(register.senders(call, office, items)), None)


@require_POST
@policy(*WHO)
def scan(request: Request, code: str) -> HttpResponse:
    """A code was read: compare, register, say it in one sentence, be ready for the next."""
    call = access.paper_call(request, code)
    form = ScanTextForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, call, form)
    data = form.cleaned_data
    photo = data.pop("photo")
    try:
        if photo:
            data["text"] = services.code_of_photo(photo.read(), photo.name or "")
            data["how"] = PaperReceipt.How.PHOTO
        receipt, words = services.receive_scanned(
            call,
            request.acting.organisation,
            **data,
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    except Refusal as refusal:
        form.add_error("photo" if photo else "text", str(refusal))
        again = request.POST.copy()
        again["text"] = ""
        form.data = again
        return _page(request, call, form)
    counted = receipt.state == PaperReceipt.State.COUNTED
    messages.add_message(request, messages.SUCCESS if counted else messages.WARNING, words)
    response = redirect("recommenders:paper", code)
    kept = {"on": data["received_on"].isoformat(), "courier": data["courier"]}
    response["Location"] += f"?{urlencode({key: value for key, value in kept.items() if value})}"
    return response


def _sender(request: Request, call: Call, pk: int) -> Sender:
    receiver = request.acting.organisation
    items = register.expected(call, receiver, sender=pk)
    found = next(iter(register.senders(call, receiver, items)), None)
    if found is None:
        raise Http404("没有这个报送单位。")
    return found


@require_safe
@policy(*WHO)
def sender(request: Request, code: str, pk: int) -> HttpResponse:
    """One sender: each paper, what came of it and when, entries by hand."""
    call = access.paper_call(request, code)
    return _sender_page(request, call, _sender(request, call, pk))


def _sender_page(
    request: Request,
    call: Call,
    found: Sender,
    *,
    form: ByHandForm | None = None,
    wrong: tuple[PaperReceipt, CorrectionForm] | None = None,
) -> HttpResponse:
    owed = [item for item in found.missing if item.document is not None]
    form = form or ByHandForm(choices=_choices(owed), initial=_arrival(request, call))
    receipts = sorted(
        (one for item in found.items for one in item.receipts),
        key=lambda one: (one.recorded_at, one.pk),
        reverse=True,
    )
    titles = {item.key: item for item in found.items}
    return render(
        request,
        "recommenders/paper_sender.html",
        {
            "call": call,
            "receiver": request.acting.organisation,
            "is_office": request.acting.role in roles.OFFICE,
            "sender": found,
            "owed": owed,
            "form": form,
            "history": [
                {
                    "receipt": one,
                    "item": titles[register.key_of(one)],
                    "counts": titles[register.key_of(one)].counts(one),
                    "form": wrong[1] if wrong and wrong[0].pk == one.pk else _correction(one),
                    "open": bool(wrong and wrong[0].pk == one.pk),
                }
                for one in receipts
            ],
            "now": call.time(request.arrived_at),
        },
        status=422 if wrong else form_status(form),
    )


def _choices(items: list[Item]) -> list[tuple[str, str]]:
    return [
        (
            f"{one.kind}-{one.about}",
            f"{one.kind_words} {one.title} {one.number}（缺 {one.missing}）",
        )
        for one in items
    ]


def _correction(receipt: PaperReceipt) -> CorrectionForm:
    return CorrectionForm(
        prefix=receipt.public_id,
        initial={
            "copies": receipt.copies,
            "received_on": receipt.received_on,
            "courier": receipt.courier,
            "remark": receipt.remark,
        },
    )


@require_POST
@policy(*WHO)
def receive(request: Request, code: str, pk: int) -> HttpResponse:
    """Copies of one paper, compared by hand."""
    call = access.paper_call(request, code)
    found = _sender(request, call, pk)
    form = ByHandForm(request.POST, choices=_choices(found.items))
    if form.is_valid():
        kind, about = form.key()
        data = {key: value for key, value in form.cleaned_data.items() if key != "item"}
        with refused_into(form), told(request, success="已登记"):
            services.receive_by_hand(
                call,
                request.acting.organisation,
                kind=kind,
                about=about,
                **data,
                actor=Actor.of(request),
                at=request.arrived_at,
            )
            return redirect("recommenders:paper_sender", code, pk)
    return _sender_page(request, call, found, form=form)


@require_POST
@policy(*WHO)
def receive_rest(request: Request, code: str, pk: int) -> HttpResponse:
    """Everything that is still missing of one sender has come."""
    call = access.paper_call(request, code)
    found = _sender(request, call, pk)
    form = ArrivalForm(request.POST)
    if not form.is_valid():
        raise Refusal("odd-entry", "请填写收到日期后再登记全部收齐。", status=422)
    with told(request, success="已登记全部收齐"):
        services.receive_rest(
            call,
            request.acting.organisation,
            sender=found.organisation,
            **form.cleaned_data,
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("recommenders:paper_sender", code, pk)


@require_POST
@policy(*WHO)
def correct(request: Request, public_id: str) -> HttpResponse:
    receipt = access.paper_receipt(request, public_id)
    form = CorrectionForm(request.POST, prefix=public_id)
    if form.is_valid():
        with refused_into(form), told(request, success="登记已更正，原登记保留在记录中"):
            services.correct_paper(
                receipt, **form.cleaned_data, actor=Actor.of(request), at=request.arrived_at
            )
            if receipt.sender_id is None:
                return redirect("recommenders:paper", receipt.call.code)
            return redirect("recommenders:paper_sender", receipt.call.code, receipt.sender_id)
    if receipt.sender_id is None:
        raise Refusal("odd-entry", "请填写份数、收到日期和更正原因。", status=422)
    found = _sender(request, receipt.call, receipt.sender_id)
    return _sender_page(request, receipt.call, found, wrong=(receipt, form))


@require_POST
@policy(*WHO)
def remind(request: Request, code: str) -> HttpResponse:
    call = access.paper_call(request, code)
    letters = services.remind_paper(
        call, request.acting.organisation, actor=Actor.of(request), at=request.arrived_at
    )
    with told(request, success=f"已催交，发出 {letters} 封"):
        return redirect("recommenders:paper", code)


@require_safe
@policy(*WHO)
def export(request: Request, code: str) -> HttpResponse:
    """What is missing, or with ?show=all everything, as a workbook."""
    call = access.paper_call(request, code)
    receiver = request.acting.organisation
    every = request.GET.get("show") == "all"
    rows: list[list[str | int]] = [
        _line(one, item)
        for one in register.senders(call, receiver, register.expected(call, receiver))
        for item in one.items
        if every or item.missing
    ]
    what = "纸质材料登记表" if every else "未收齐纸质材料清单"
    day = _today(request, call)
    title = f"{call.title}{what}（{receiver.name}，{day:%Y-%m-%d}，导出人{request.user.name}）"  # type: ignore[union-attr]
    response = HttpResponse(
        workbook.workbook(title, COLUMNS, rows, page=what), content_type=workbook.MEDIA_TYPE
    )
    name = "paper" if every else "paper-missing"
    response["Content-Disposition"] = f'attachment; filename="{name}-{call.code}.xlsx"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _line(one: Sender, item: Item) -> list[str | int]:
    last = max(item.live, key=lambda receipt: (receipt.recorded_at, receipt.pk), default=None)
    return [
        one.organisation.name,
        item.kind_words,
        item.title,
        item.number,
        item.version,
        item.copies,
        item.arrived,
        item.missing,
        item.others,
        item.word,
        f"{one.due.astimezone(CHINA):%Y-%m-%d %H:%M} 前" if one.due else "",
        last.received_on.isoformat() if last else "",
        last.courier if last else "",
        last.remark if last else "",
    ]
