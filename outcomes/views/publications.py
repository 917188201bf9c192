"""公示 and announcements: drafts, preview, publishing, ending, taking down."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.policy import policy
from accounts.roles import OFFICE, Role
from audit.services import Actor
from calls.models import Call
from calls.programme import Step
from core.errors import Refusal
from core.web import form_status, refused_into, told
from documents.web import pdf_response
from outcomes import access, forms, notice, queries, services
from outcomes.models import Publication, Stage
from outcomes.services import publishing

Kind = Publication.Kind

LISTS: dict[str, tuple[str, str]] = {
    "publicity": (Kind.PUBLICITY, Stage.SELECTION),
    "announcement": (Kind.ANNOUNCEMENT, Stage.SELECTION),
    "award-publicity": (Kind.PUBLICITY, Stage.AWARD),
    "award": (Kind.ANNOUNCEMENT, Stage.AWARD),
}
"""What can be drafted, by the word in the address: the kind of list, and of which stage."""


def lists_of(call: Call) -> list[tuple[str, str, int]]:
    """The lists this call has: the word, what it is called, how many projects it would hold now."""
    titles = {
        "publicity": call.programme.step_title(Step.PUBLICITY),
        "announcement": call.programme.step_title(Step.ANNOUNCEMENT),
        "award-publicity": "优胜公示",
        "award": call.programme.step_title(Step.AWARD),
    }
    there = {
        "publicity": Step.PUBLICITY in call.steps,
        "announcement": Step.ANNOUNCEMENT in call.steps,
        "award-publicity": Step.AWARD in call.steps and queries.publicised(call, Stage.AWARD),
        "award": Step.AWARD in call.steps,
    }
    return [
        (word, titles[word], queries.to_publish(call, kind, stage).count())
        for word, (kind, stage) in LISTS.items()
        if there[word]
    ]


@require_safe
@policy(*OFFICE)
def index(request: HttpRequest) -> HttpResponse:
    """What is drafted and published in every call."""
    found = Publication.objects.select_related("call", "proposed_by", "approved_by").order_by(
        "-pk"
    )[:200]
    calls = queries.with_figures(queries.calls_at_work())
    return render(request, "outcomes/announcements.html", {"publications": found, "calls": calls})


@require_safe
@policy(*OFFICE)
def of_call(request: HttpRequest, code: str) -> HttpResponse:
    call = access.call(request, code)
    context = {
        "call": call,
        "tab": "publications",
        "publications": list(queries.publications(call)),
        "kinds": lists_of(call),
        "held": len(queries.held(call) | queries.held(call, Stage.AWARD)),
        "now": call.time(request.arrived_at),  # type: ignore[attr-defined]
    }
    return render(request, "outcomes/publications.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*OFFICE)
def new(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    call = access.call(request, code)
    if kind not in LISTS:
        raise Http404
    kind, stage = LISTS[kind]
    title = "的公示" if kind == Kind.PUBLICITY else "的公告"
    names = [tier.title for tier in call.programme.tiers_of(stage)]
    initial = {
        "title": f"关于{call.title}{'、'.join(names)}名单{title}",
        "basis": f"根据{call.programme.notice or call.title}，"
        + ("拟确定名单所列单位，现予公示。" if kind == Kind.PUBLICITY else "现将名单予以公布。"),
    }
    return _edit(request, call, kind, None, initial, stage=stage)


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*OFFICE)
def edit(request: HttpRequest, public_id: str) -> HttpResponse:
    found = access.publication(request, public_id)
    initial = {
        name: getattr(found, name)
        for name in ("title", "number", "basis", "contacts", "starts", "working_days")
    }
    return _edit(request, found.call, found.kind, found, initial, stage=found.stage)


def _edit(request: HttpRequest, call, kind, publication, initial, *, stage: str) -> HttpResponse:
    form = forms.PublicationForm(request.POST or None, call=call, kind=kind, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refused_into(form):
            publication = services.draft(
                call,
                kind=kind,
                stage=stage,
                publication=publication,
                actor=Actor.of(request),
                at=request.arrived_at,  # type: ignore[attr-defined]
                **form.cleaned_data,
            )
            messages.success(request, "拟稿已保存，尚未发布。")
            return redirect("outcomes:publication", public_id=publication.public_id)
    context = {
        "call": call,
        "tab": "publications",
        "form": form,
        "kind": kind,
        "kind_title": Publication(kind=kind, stage=stage).kind_title,
        "publication": publication,
    }
    return render(request, "outcomes/publication_form.html", context, status=form_status(form))


@require_safe
@policy(*OFFICE)
def page(request: HttpRequest, public_id: str) -> HttpResponse:
    """The draft as the public will see it, or what is published; and what can be done."""
    found = access.publication(request, public_id)
    at = request.arrived_at  # type: ignore[attr-defined]
    rows = publishing.rows_for(found)
    shown = publishing.preview_hash(found)
    trouble = ""
    if found.state == Publication.State.DRAFT and found.is_publicity:
        try:
            found.starts, found.ends_on = publishing.period(found, at=at)
        except Refusal as refusal:
            trouble = str(refusal)
    columns, cells = notice.table(found.call, rows)
    now = found.call.time(at)
    context = {
        "call": found.call,
        "tab": "publications",
        "publication": found,
        "paragraphs": notice.paragraphs(found),
        "contacts": notice.contacts(found),
        "columns": columns,
        "cells": cells,
        "rows": [list(zip(columns, row, strict=True)) for row in cells],
        "trouble": trouble,
        "shown": shown,
        "own": request.user.pk == found.proposed_by_id,
        "may_approve": request.acting.role == Role.OFFICE_APPROVER,  # type: ignore[attr-defined]
        "over": bool(found.until and now >= found.until),
        "now": now,
        "form": forms.ReasonForm(),
        "objections": found.objections.count(),
    }
    return render(request, "outcomes/publication.html", context)


@require_POST
@policy(Role.OFFICE_APPROVER)
def publish(request: HttpRequest, public_id: str) -> HttpResponse:
    found = access.publication(request, public_id)
    act = services.publish_publicity if found.is_publicity else services.announce
    with told(request, success="已发布。文件正在生成，公开页面已可查看。"):
        act(
            found,
            shown=request.POST.get("shown", ""),
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return redirect("outcomes:publication", public_id=public_id)


@require_POST
@policy(*OFFICE)
def end(request: HttpRequest, public_id: str) -> HttpResponse:
    found = access.publication(request, public_id)
    with told(request, success="公示已结束。"):
        services.end_publicity(
            found,
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return redirect("outcomes:publication", public_id=public_id)


@require_POST
@policy(*OFFICE)
def discard(request: HttpRequest, public_id: str) -> HttpResponse:
    found = access.publication(request, public_id)
    with told(request, success="拟稿已删除。"):
        services.discard(
            found,
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return redirect("outcomes:publications", code=found.call.code)


@require_POST
@policy(Role.OFFICE_APPROVER)
def withdraw(request: HttpRequest, public_id: str) -> HttpResponse:
    found = access.publication(request, public_id)
    with told(request, success="已撤下，原页面已注明。"):
        services.withdraw(
            found,
            reason=request.POST.get("reason", ""),
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return redirect("outcomes:publication", public_id=public_id)


@require_safe
@policy(*OFFICE)
def paper(request: HttpRequest, public_id: str) -> HttpResponse:
    """The notice as PDF."""
    found = access.publication(request, public_id)
    if found.document is None:
        raise Http404
    return pdf_response(request, found.document)
