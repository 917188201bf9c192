"""Bringing a compendium into the library: choose, look at the preview, import."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.policy import policy
from accounts.roles import OFFICE
from audit.services import Actor
from core.web import form_status, refused_into, told
from policies import services
from policies.forms import FileForm
from policies.models import ImportRun

SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*OFFICE)
def choose(request: HttpRequest) -> HttpResponse:
    """The imports so far; a chosen file is read and shown before anything changes."""
    form = FileForm()
    if request.method == "POST":
        form = FileForm(request.POST, request.FILES)
        if form.is_valid():
            chosen = form.cleaned_data["file"]
            with refused_into(form):
                run = services.preview(
                    chosen.read(services.LARGEST + 1),
                    name=chosen.name,
                    actor=Actor.of(request),
                    at=request.arrived_at,  # type: ignore[attr-defined]
                )
                return redirect("policies:preview", run.pk)
    runs = ImportRun.objects.defer("text").select_related("read_by")[:SHOWN]
    context = {"form": form, "runs": runs}
    return render(request, "policies/import.html", context, status=form_status(form))


@require_safe
@policy(*OFFICE)
def preview(request: HttpRequest, run: int) -> HttpResponse:
    found = get_object_or_404(ImportRun.objects.select_related("read_by"), pk=run)
    return render(request, "policies/preview.html", {"run": found, "report": found.report})


@require_POST
@policy(*OFFICE)
def apply(request: HttpRequest, run: int) -> HttpResponse:
    found = get_object_or_404(ImportRun.objects.defer("text"), pk=run)
    at = request.arrived_at  # type: ignore[attr-defined]
    with told(request, success="政策汇编已导入，政策库已更新。"):
        services.apply(found, actor=Actor.of(request), at=at)
    return redirect("policies:index")
