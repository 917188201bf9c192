"""The public verification of paper: by the QR code of a page, or by a code typed in."""

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.policy import policy
from core.errors import Refusal
from documents import access, codes, comparing, throttle
from documents.models import Document, Signing

MOST_TYPED = 60


class CopyForm(forms.Form):
    """A copy to hold against what is kept."""

    copy = forms.FileField(
        label="要核对的文件",
        help_text="系统生成的 PDF，20 MB 以内；只比对，不保存",
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf"}),
        error_messages={"required": "请选择要核对的文件", "empty": "文件是空的"},
    )


@require_safe
@policy.public
def verify_form(request: HttpRequest) -> HttpResponse:
    """Enter a code by hand; spaces, dashes and lower case are forgiven.

    A number may be given beside it: a number that is not the document's answers like a code that
    does not exist.
    """
    typed = request.GET.get("code", "").strip()
    number = request.GET.get("number", "").strip()[:MOST_TYPED]
    if not typed:
        missing = {"code_missing": True, "has_errors": True} if number else {}
        return render(
            request,
            "documents/verify.html",
            {"number": number, **missing},
            status=422 if missing else 200,
        )
    code = codes.normalise(typed)
    if code is None:
        context = {"typed": typed[:40], "number": number, "malformed": True, "has_errors": True}
        return render(request, "documents/verify.html", context, status=422)
    if not number:
        return redirect("documents:verify_code", code=code)
    document = _found(request, code)
    if document is not None and not codes.same_number(document.number, number):
        throttle.missed(request)
        document = None
    return _answer(request, document, typed=code, number=number)


@require_safe
@policy.public
def verify(request: HttpRequest, code: str, page: str = "") -> HttpResponse:
    """Valid, void or unknown. Shows what the paper is, never what a list holds."""
    return _answer(request, _found(request, code), typed=code, page=page)


@require_POST
@policy.public
def compare(request: HttpRequest, code: str) -> HttpResponse:
    """Hold an uploaded copy against the file we keep. The copy is not stored."""
    document = _found(request, code)
    if document is None:
        return _answer(request, None, typed=code)
    form = CopyForm(request.POST, request.FILES)
    if not form.is_valid():
        return _answer(request, document, typed=code, form=form)
    throttle.may_compare(request)
    file: UploadedFile = form.cleaned_data["copy"]
    try:
        compared = comparing.compare(
            document,
            file.read(comparing.MOST_BYTES + 1),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    except Refusal as refusal:
        if refusal.status != 422:
            raise
        form.add_error("copy", str(refusal))
        return _answer(request, document, typed=code, form=form)
    return _answer(request, document, typed=code, compared=compared)


def _found(request: HttpRequest, code: str) -> Document | None:
    throttle.must_not_guess(request)
    document = access.by_code(code)
    if document is None:
        throttle.missed(request)
    return document


def _answer(
    request: HttpRequest,
    document: Document | None,
    *,
    typed: str,
    page: str = "",
    number: str = "",
    form: CopyForm | None = None,
    compared: comparing.Compared | None = None,
) -> HttpResponse:
    sealed = (
        Signing.objects.filter(document=document, state=Signing.State.READY)
        .select_related("key")
        .first()
        if document
        else None
    )
    context = {
        "typed": codes.grouped(document.code) if document else typed[:40],
        "number": number,
        "document": document,
        "replaced": access.replacement(document) if document else None,
        "page": int(page) if page else None,
        "sealed": sealed,
        "form": form or CopyForm(),
        "compared": compared,
        "unknown": document is None,
        "has_errors": document is None or bool(form and form.errors),
    }
    status = 404 if document is None else 422 if form is not None else 200
    response = render(request, "documents/verify.html", context, status=status)
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
