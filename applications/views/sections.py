"""One section of the form: reading it, saving it, and the autosave behind it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts import roles
from accounts.policy import policy
from applications import drafts, queries, readiness
from applications.content import engine
from applications.drafts import Kept
from applications.models import Application
from applications.views import common, saving, tables
from audit.services import Actor
from calls.programme import Section
from core.errors import Refusal
from core.figures import whole_or


def _section(application: Application, key: str) -> Section:
    found = application.call.programme.section(key)
    if found is None:
        raise Http404("没有这一部分。")
    return found


def _version(request: HttpRequest) -> int:
    return whole_or(request.POST.get("version", ""), -1)


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*roles.APPLICANT)
def section(request: HttpRequest, public_id: str, key: str) -> HttpResponse:
    """Show a section, or save it. A save never fails for what is typed; marking it done may."""
    application = common.own(request, public_id)
    spec = _section(application, key)
    if request.method != "POST":
        return _page(request, application, spec, show=_show(request))
    if request.acting.role not in roles.FILING:  # type: ignore[attr-defined]
        raise Refusal("read-only", "您的角色是“查看”，不能保存修改。", status=403)
    saving.must_be_the_pages_person(request)
    kept = drafts.keep(
        application,
        spec,
        posted=request.POST,
        version=_version(request),
        held=saving.held(request),
        actor=Actor.of(request),
        at=request.arrived_at,  # type: ignore[attr-defined]
        compact=True,
    )
    if kept.clashes:
        return _page(request, application, spec, show="wrong", kept=kept, status=409)
    action = request.POST.get("action", "save")
    if action == "done":
        material = queries.material(application)
        if readiness.section_problems(spec, material):
            return _page(request, application, spec, show="all", status=422)
        messages.success(request, f"“{spec.title}”已完成。")
        done = reverse("applications:detail", args=[public_id])
        return redirect(common.after(request, application, done))
    here = reverse("applications:section", args=[public_id, key])
    if action.startswith("add-"):
        name = action.removeprefix("add-")[:40]
        return redirect(f"{here}?more={name}#{name}")
    messages.success(request, "草稿已保存。")
    return redirect(common.after(request, application, here))


def _show(request: HttpRequest) -> str:
    return "all" if request.GET.get("check") else "wrong"


@require_POST
@policy(*roles.FILING)
def autosave(request: HttpRequest, public_id: str, key: str) -> HttpResponse:
    """Keep what stands on the open page; answers JSON (``applications.views.saving``).

    200 when everything is kept, 409 where somebody else changed the same field: both values
    are told, every other field is kept. Validation comes after the save and never before it.
    """
    application = common.own_for_saving(request, public_id)
    spec = _section(application, key)
    try:
        saving.must_be_the_pages_person(request)
        kept = drafts.keep(
            application,
            spec,
            posted=request.POST,
            version=_version(request),
            held=saving.held(request),
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
            compact=False,
        )
    except Refusal as refusal:
        return JsonResponse(saving.refused(request, application, refusal), status=refusal.status)
    told = saving.told(request, application, spec, kept)
    return JsonResponse(told, status=409 if kept.clashes else 200)


# The page ----------------------------------------------------------------------------------------


def _page(
    request: HttpRequest,
    application: Application,
    spec: Section,
    *,
    show: str,
    kept: Kept | None = None,
    status: int = 200,
) -> HttpResponse:
    frame = common.frame(request, application)
    # The save is read before its contents: a page may show newer contents than it says, which
    # joining finds out, and never older ones.
    row = application.sections.select_related("saved_by").get(key=spec.key)
    material, parts = common.material_and_parts(application)
    lines = common.lines(application, parts)
    here = next((line for line in lines if line.part.key == spec.key), None)
    if here is None:
        raise Http404("按前面的选择，这一部分不需要填写。")
    data = kept.data if kept else material.sections.get(spec.key, {})
    found = readiness.section_problems(spec, material)
    problems = [p for p in found if show == "all" or not p.missing]
    notes = drafts.comments(application, spec.key)
    hints = {name: f"退回意见：{words}" for name, words in notes.items() if name and words}
    for clash in kept.clashes if kept else ():
        hints[clash.key] = f"对方保存的内容：{clash.theirs}"
    opened = drafts.open_fields(application, spec)
    locked = {f.key for f in spec.fields if opened is not None and f.key not in opened}
    form = engine.SectionForm(
        spec,
        data,
        answers=material.sections,
        problems=[p for p in problems if not p.name.startswith(("ref-", "own-"))],
        locked=locked,
        read_only=not frame["may_write"],
        notes=hints,
        more_rows=request.GET.get("more", ""),
    )
    asked = drafts.ledger_field(spec)
    table = None
    if asked is not None:
        lock = not frame["may_write"] or asked.key in locked
        table = tables.table(application, material, data.get(asked.key), problems, lock, request)
    position = lines.index(here)
    following = lines[position + 1] if position + 1 < len(lines) else None
    return render(
        request,
        "applications/section.html",
        {
            **frame,
            "section": spec,
            "part": here.part,
            "lines": lines,
            "row": row,
            "saved_at": application.call.time(row.saved_at) if row.saved_at else None,
            "form": form,
            "table": table,
            "asked": asked,
            "ledger_note": hints.get(asked.key, "") if asked else "",
            "problems": problems,
            "has_errors": bool(problems) and status == 422,
            "clashes": kept.clashes if kept else [],
            "version": kept.version if kept else row.version,
            "comment": notes.get("", ""),
            "all_locked": opened is not None and not opened,
            "following": following,
            "autosave": reverse("applications:autosave", args=[application.public_id, spec.key])
            if frame["may_write"] and status != 409
            else "",
        },
        status=status,
    )
