"""Reports: written and submitted by the unit, read and judged by the office."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.crypto import get_random_string
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from calls.programme import CHINA
from core.errors import Refusal
from core.web import told
from documents.web import file_response, pdf_response
from fulfilment import access, forms, queries, reportform, services
from fulfilment.models import Report
from fulfilment.services import reporting

SHUT = ("task-over", "report-closed")


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*access.READERS)
def report(request: HttpRequest, public_id: str) -> HttpResponse:
    """The unit writes here; others find the submitted versions."""
    found = access.report(request, public_id)
    acting = request.acting  # type: ignore[attr-defined]
    mine = acting.organisation_id == found.task.application.organisation_id
    writes = mine and acting.role in roles.FILING
    if request.method == "POST":
        access.own_report(request, public_id)
        return _posted(request, found)
    last = found.versions.order_by("-number").first()
    if not mine and last is not None:
        return redirect("fulfilment:report_version", public_id, last.number)
    return _page(request, found, writes=writes, mine=mine)


def _shut(found: Report, *, writes: bool) -> str:
    if not writes:
        return "您的角色只能查看。"
    try:
        reporting.must_be_open(found.task, found)
    except Refusal as refusal:
        return str(refusal)
    return ""


def _page(
    request: HttpRequest,
    found: Report,
    *,
    writes: bool,
    mine: bool,
    problems: list[tuple[str, str]] | None = None,
    said: str = "",
) -> HttpResponse:
    at: datetime = request.arrived_at  # type: ignore[attr-defined]
    task = found.task
    targets, nodes = list(task.targets.all()), list(task.milestones.all())
    data: dict[str, Any] = found.data if mine else {}
    named = {one["part"]: one for one in found.named} if found.state == "returned" else {}
    shut = _shut(found, writes=writes)
    today = queries.today_of(task.application.call, at)
    lines = reportform.lines(data, targets)
    for row, target in zip(lines, targets, strict=True):
        row["spec"] = target.spec
        row["part"] = f"value-{target.key}"
        row["locked"] = bool(shut) or (bool(named) and row["part"] not in named)
        row["comment"] = named.get(row["part"], {}).get("comment", "")
    for node in nodes:
        node.reached = node.done_on is not None or node.pk in (data.get("reached") or ())  # type: ignore[attr-defined]
    context = {
        "task": task,
        "call": task.application.call,
        "report": found,
        "mine": mine,
        "shut": shut,
        "texts": [
            {
                "key": key,
                "label": label,
                "value": data.get(key, ""),
                "most": reportform.LONGEST[key],
                "locked": bool(shut) or (bool(named) and key not in named),
                "comment": named.get(key, {}).get("comment", ""),
            }
            for key, label in reportform.TEXTS.items()
        ],
        "money": data.get("money", ""),
        "money_locked": bool(shut) or (bool(named) and "money" not in named),
        "nodes_locked": bool(shut) or (bool(named) and "milestones" not in named),
        "files_locked": bool(shut) or (bool(named) and "files" not in named),
        "lines": lines,
        "milestones": nodes,
        "named": found.named if found.state == "returned" else [],
        "files": found.files.filter(removed_at=None).select_related("blob") if mine else [],
        "versions": found.versions.all(),
        "late": found.is_overdue(today),
        "days": (today - found.due_on).days if found.due_on else 0,
        "now": task.application.call.time(at),
        "problems": problems or [],
        "has_errors": bool(problems or said),
        "said": said,
        "key": get_random_string(24),
    }
    return render(
        request, "fulfilment/report.html", context, status=422 if problems or said else 200
    )


def _version(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1


def _posted(request: HttpRequest, found: Report) -> HttpResponse:
    who = {"actor": Actor.of(request), "at": request.arrived_at}  # type: ignore[attr-defined]
    key = request.POST.get("key", "")[:64]
    again = found.versions.filter(idempotency_key=key).first() if key else None
    if again is not None:  # the same press once more: the same receipt
        return redirect("fulfilment:report_version", found.public_id, again.number)
    try:
        found = services.save_report(
            found, posted=request.POST.dict(), version=_version(request), **who
        )
        if request.POST.get("action") != "submit":
            with told(request, success="草稿已保存，尚未提交。"):
                return redirect("fulfilment:report", found.public_id)
        version = services.submit_report(found, key=key or get_random_string(24), **who)
    except Refusal as refusal:
        if refusal.status not in (409, 422):
            raise
        targets = list(found.task.targets.all())
        files = list(found.files.filter(removed_at=None))
        problems = (
            reportform.problems(found, found.data, targets, files)
            if refusal.code == "incomplete"
            else []
        )
        return _page(request, found, writes=True, mine=True, problems=problems, said=str(refusal))
    with told(request, success=f"{found.title}已提交。"):
        return redirect("fulfilment:report_version", found.public_id, version.number)


@require_POST
@policy(*roles.FILING)
def autosave(request: HttpRequest, public_id: str) -> HttpResponse:
    """Keep the draft as it stands; answers as ``static/js/autosave.js`` expects."""
    found = access.own_report(request, public_id)
    at: datetime = request.arrived_at  # type: ignore[attr-defined]
    try:
        kept = services.save_report(
            found,
            posted=request.POST.dict(),
            version=_version(request),
            actor=Actor.of(request),
            at=at,
        )
    except Refusal as refusal:
        return JsonResponse(
            {"code": refusal.code, "message": str(refusal), "shut": refusal.code in SHUT},
            status=refusal.status,
        )
    targets = list(found.task.targets.all())
    lines = reportform.lines(kept.data, targets)
    wrong = [
        {"name": f"value-{one.key}", "message": words}
        for one in targets
        if (typed := str(kept.data.get("values", {}).get(one.key) or ""))
        for words in reportform.wrong_value(one, typed)
    ]
    compared = {
        f"{row['key']}-target": {"standing": row["to_target"], "text": row["to_target_words"]}
        for row in lines
    } | {
        f"{row['key']}-reference": {
            "standing": row["to_reference"],
            "text": row["to_reference_words"],
        }
        for row in lines
    }
    now = found.task.application.call.time(at)
    return JsonResponse(
        {
            "version": kept.saves,
            "saved_at": f"{now.astimezone(CHINA):%H:%M:%S}",
            "problems": wrong,
            "computed": {},
            "compared": compared,
        }
    )


@require_safe
@policy(*access.READERS)
def version(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """A frozen version: the receipt for the unit, the material for the office."""
    found = access.report(request, public_id)
    held = access.version(found, number)
    acting = request.acting  # type: ignore[attr-defined]
    newest = found.versions.order_by("-number").first()
    return render(
        request,
        "fulfilment/report_version.html",
        {
            "task": found.task,
            "call": found.task.application.call,
            "report": found,
            "version": held,
            "frozen": held.snapshot,
            "texts": [
                (label, held.snapshot["texts"].get(key, ""))
                for key, label in reportform.TEXTS.items()
            ],
            "versions": found.versions.all(),
            "newest": newest is not None and newest.pk == held.pk,
            "mine": acting.organisation_id == found.task.application.organisation_id,
            "judges": acting.role in roles.OFFICE
            and found.state == Report.State.SUBMITTED
            and newest is not None
            and newest.pk == held.pk
            and found.task.is_running,
            "parts": list(reportform.parts(list(found.task.targets.all())).items()),
            "form": forms.ReturnForm(),
        },
    )


@require_safe
@policy(*access.READERS)
def paper(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    found = access.report(request, public_id)
    held = access.version(found, number)
    assert held.document is not None
    return pdf_response(request, held.document)


@require_POST
@policy(*roles.OFFICE)
def decide(request: HttpRequest, public_id: str) -> HttpResponse:
    """Accept the report, or return it with the parts that are named."""
    found = access.report(request, public_id)
    who = {"actor": Actor.of(request), "at": request.arrived_at}  # type: ignore[attr-defined]
    if request.POST.get("act") == "accept":
        with told(request, success=f"{found.title}已接受。"):
            services.accept_report(found, **who)
    else:
        parts = [
            (part, request.POST.get(f"comment-{part}", "")) for part in request.POST.getlist("part")
        ]
        with told(request, success=f"{found.title}已退回，单位会收到通知。"):
            services.return_report(found, parts=parts, note=request.POST.get("note", ""), **who)
    return redirect("fulfilment:task", found.task.public_id)


@require_POST
@policy(*roles.FILING)
def attach(request: HttpRequest, public_id: str) -> HttpResponse:
    found = access.own_report(request, public_id)
    take(request, found)
    return redirect("fulfilment:report", public_id)


def take(request: HttpRequest, owner: Any) -> None:
    """The files of a form, each judged by itself; the first that does not do stops."""
    files = request.FILES.getlist("file")
    if not files:
        raise Refusal("no-file", "请先选择文件。", status=422)
    for file in files:
        with told(request, success=f"已上传“{file.name}”。"):
            services.attach(
                owner,
                name=file.name or "",
                data=file.read(),
                actor=Actor.of(request),
                at=request.arrived_at,  # type: ignore[attr-defined]
            )


@require_safe
@policy(*access.READERS)
def file(request: HttpRequest, public_id: str) -> HttpResponse:
    found = access.file(request, public_id)
    return file_response(found.blob, found.name)


@require_POST
@policy(*roles.FILING, *roles.OFFICE)
def remove(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take a file out of what is not submitted yet."""
    found = access.file(request, public_id)
    with told(request, success=f"已移除“{found.name}”。"):
        services.detach(
            found,
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    if found.report is not None:
        return redirect("fulfilment:report", found.report.public_id)
    if found.change is not None:
        return redirect("fulfilment:change", found.change.public_id)
    return redirect("fulfilment:task", found.task.public_id)
