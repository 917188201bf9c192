"""What goes with a list on paper: the 报送函 with the unit's own fields, labels for parcels."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from core.errors import Refusal
from core.web import form_status, refused_into, told
from documents import services as documents
from documents.models import Document, Signing
from documents.web import file_response
from recommenders import access, coverletter, labels, queries, services, sheets
from recommenders.forms_paper import CoverLetterForm, LabelForm
from recommenders.models import ListVersion, RankedList
from recommenders.views.request import Request


@require_safe
@policy(*roles.RECOMMENDER)
def letter(request: Request, code: str) -> HttpResponse:
    """The letter as it reads now, and the fields the unit sets."""
    ranked = access.unit_list(request, code)
    text = coverletter.text_of(ranked)
    initial = {
        "number": text.number if text else "",
        "to": text.to if text else "",
        "contact_name": text.contact_name if text else request.user.name,  # type: ignore[union-attr]
        "contact_phone": text.contact_phone if text else request.user.phone,  # type: ignore[union-attr]
    }
    return _letter_page(request, ranked, CoverLetterForm(initial=initial))


def _letter_page(request: Request, ranked: RankedList, form: CoverLetterForm) -> HttpResponse:
    version = queries.version_in_force(ranked)
    found = list(documents.of(version, "cover_letter")) if version else []
    document = next((one for one in found if one.voided_at is None), None)
    return render(
        request,
        "recommenders/paper_letter.html",
        {
            "call": ranked.call,
            "ranked": ranked,
            "version": version,
            "text": coverletter.text_of(ranked),
            "organiser": ranked.call.programme.organiser,
            "shown": _shown(ranked, version),
            "document": document,
            "sealed": Signing.objects.filter(document=document).first() if document else None,
            "older": [one for one in found if one.voided_at is not None],
            "form": form,
        },
        status=form_status(form),
    )


@require_POST
@policy(*roles.RECOMMENDER)
def set_letter(request: Request, code: str) -> HttpResponse:
    ranked = access.unit_list(request, code)
    form = CoverLetterForm(request.POST)
    if form.is_valid():
        with refused_into(form), told(request, success="报送函已保存"):
            services.set_cover_letter(
                ranked, **form.cleaned_data, actor=Actor.of(request), at=request.arrived_at
            )
            return redirect("recommenders:letter", code)
    return _letter_page(request, ranked, form)


@require_safe
@policy(*roles.RECOMMENDER)
def letter_draft(request: Request, code: str) -> HttpResponse:
    """The letter drawn now, marked 草稿, before the list is confirmed."""
    ranked = access.unit_list(request, code)
    shown = _shown(ranked, queries.version_in_force(ranked))
    return pdf(documents.draft(kind="cover_letter", snapshot=shown), "cover-letter-draft.pdf")


def _shown(ranked: RankedList, version: ListVersion | None) -> dict[str, Any]:
    """The letter as it reads now, of the version in force or of the list as it stands."""
    if version is not None:
        return coverletter.snapshot(version)
    return coverletter.preview(ranked, sheets.rows(ranked))


@require_safe
@policy(*roles.RECOMMENDER)
def letter_sealed(request: Request, code: str) -> HttpResponse:
    """The letter with the unit's electronic seal, where it has one."""
    ranked = access.unit_list(request, code)
    version = queries.version_in_force(ranked)
    found = _letter_of(version) if version else None
    sealed = Signing.objects.filter(document=found).select_related("pdf").first() if found else None
    if sealed is None or sealed.pdf is None:
        raise Http404("报送函没有电子签章。")
    return file_response(sealed.pdf, sealed.file_name)


def _letter_of(version: ListVersion) -> Document | None:
    return documents.of(version, "cover_letter").filter(voided_at__isnull=True).first()


@require_safe
@policy(*roles.RECOMMENDER)
def label_page(request: Request, code: str) -> HttpResponse:
    """Which labels to print."""
    ranked = access.unit_list(request, code)
    return _label_page(request, ranked, LabelForm(initial=LabelForm.INITIAL))


def _label_page(request: Request, ranked: RankedList, form: LabelForm) -> HttpResponse:
    return render(
        request,
        "recommenders/paper_labels.html",
        {
            "call": ranked.call,
            "ranked": ranked,
            "version": queries.version_in_force(ranked),
            "form": form,
        },
        status=form_status(form),
    )


@require_safe
@policy(*roles.RECOMMENDER)
def label_sheets(request: Request, code: str) -> HttpResponse:
    """The sheets as a PDF, drawn now; nothing is kept."""
    ranked = access.unit_list(request, code)
    form = LabelForm(request.GET)
    if form.is_valid():
        with refused_into(form):
            return pdf(
                draw_labels(labels.of_list(_in_force(ranked)), form.cleaned_data), "labels.pdf"
            )
    return _label_page(request, ranked, form)


def _in_force(ranked: RankedList) -> ListVersion:
    version = queries.version_in_force(ranked)
    if version is None or version.document is None:
        raise Refusal(
            "no-sheet", "名单还没有确认，没有可以对应的汇总表。请先确认名单，再打印标签。"
        )
    return version


def draw_labels(sent: labels.Sent, chosen: dict[str, Any]) -> bytes:
    made = labels.parcels if chosen["what"] == "parcels" else labels.copies
    return labels.draw(
        made(sent, count=chosen["count"]),
        layout=labels.LAYOUTS[chosen["layout"]],
        start=chosen["start"],
    )


def pdf(data: bytes, name: str) -> HttpResponse:
    """A PDF that was drawn just now and is kept nowhere."""
    response = HttpResponse(data, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
