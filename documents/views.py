"""The public verification of paper: by the QR code of a page, or by a code typed in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.policy import policy
from documents import access, codes


@require_safe
@policy.public
def verify_form(request: HttpRequest) -> HttpResponse:
    """Enter a code by hand; spaces, dashes and lower case are forgiven."""
    typed = request.GET.get("code", "").strip()
    if not typed:
        return render(request, "documents/verify.html")
    code = codes.normalise(typed)
    if code is None:
        context = {"typed": typed[:40], "malformed": True, "has_errors": True}
        return render(request, "documents/verify.html", context, status=422)
    return redirect("documents:verify_code", code=code)


@require_safe
@policy.public
def verify(request: HttpRequest, code: str, page: str = "") -> HttpResponse:
    """Valid, void or unknown. Shows what the paper is, never what a list holds."""
    document = access.by_code(code)
    context = {
        "typed": codes.grouped(document.code) if document else code[:40],
        "document": document,
        "page": int(page) if page else None,
        "unknown": document is None,
        "has_errors": document is None,
    }
    return render(request, "documents/verify.html", context, status=200 if document else 404)
