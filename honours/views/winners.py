"""The register of winners: what stands in it, earlier rounds from a sheet."""

import json
from typing import Any

from django.core import signing
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.policy import policy
from accounts.roles import OFFICE, Role
from applications import exclusivity
from audit.services import Actor
from calls.models import Winner
from core.errors import Refusal
from core.web import form_status, refused_into, told
from documents import workbook
from honours import access, winnerfile
from honours.forms import ReasonForm, WinnerSheetForm
from honours.services import winners

PAGE = 50
READERS = (*OFFICE, Role.AUDITOR)
SALT = "honours.winners"
COLUMNS = (*((head, 24) for head in winnerfile.COLUMNS), ("合作单位", 40), ("状态", 10))


def _found(request: HttpRequest) -> tuple[Any, dict[str, str]]:
    asked = {key: request.GET.get(key, "").strip()[:100] for key in ("q", "round", "state")}
    found = Winner.objects.order_by("-announced_on", "-pk")
    if asked["q"]:
        found = found.filter(
            Q(title__icontains=asked["q"])
            | Q(organisation_name__icontains=asked["q"])
            | Q(organisation_code__icontains=asked["q"])
        )
    if asked["round"]:
        found = found.filter(round_title=asked["round"])
    if asked["state"] == "in":
        found = found.in_force()
    elif asked["state"] == "out":
        found = found.filter(withdrawn_at__isnull=False)
    return found, asked


@require_safe
@policy(*READERS)
def index(request: HttpRequest) -> HttpResponse:
    found, asked = _found(request)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    beside = exclusivity.partners_of(one.project for one in page)
    for one in page:
        one.partners = beside.get(one.project, ())
    context = {
        "page": page,
        "asked": asked,
        "rounds": list(
            Winner.objects.order_by("round_title").values_list("round_title", flat=True).distinct()
        ),
        "in_force": Winner.objects.in_force().count(),
        "may_act": request.acting.role in OFFICE,  # type: ignore[attr-defined]
        "may_approve": request.acting.role == Role.OFFICE_APPROVER,  # type: ignore[attr-defined]
        "form": ReasonForm(),
    }
    return render(request, "honours/winners.html", context)


@require_safe
@policy(*READERS)
def sheet(request: HttpRequest) -> HttpResponse:
    """What the filter finds, as a workbook."""
    found, asked = _found(request)
    found = list(found)
    beside = exclusivity.partners_of(one.project for one in found)
    rows = [
        [
            one.round_title,
            one.title,
            one.organisation_name,
            one.organisation_code,
            one.direction,
            str(one.announced_on or ""),
            one.source,
            "、".join(f"{other.name}（{other.code}）" for other in beside.get(one.project, ())),
            "已撤销" if one.withdrawn_at else "有效",
        ]
        for one in found
    ]
    acting = request.acting  # type: ignore[attr-defined]
    data = workbook.workbook(
        "优胜项目登记",
        COLUMNS,
        rows,
        page="优胜项目",
        foot=workbook.taken(
            name=request.user.name,  # type: ignore[union-attr]
            unit=acting.organisation.name,
            at=request.arrived_at,  # type: ignore[attr-defined]
            shown="，".join(word for word in asked.values() if word),
        ),
    )
    response = HttpResponse(data, content_type=workbook.MEDIA_TYPE)
    response["Content-Disposition"] = 'attachment; filename="winners.xlsx"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
@policy(*OFFICE)
def template(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(winnerfile.template(), content_type=workbook.MEDIA_TYPE)
    response["Content-Disposition"] = 'attachment; filename="winners-template.xlsx"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*OFFICE)
def load(request: HttpRequest) -> HttpResponse:
    """Read a sheet and show what it would add; nothing is kept before it is confirmed."""
    form = WinnerSheetForm(request.POST or None, request.FILES or None)
    lines: list[winnerfile.Line] = []
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["sheet"]
        with refused_into(form):
            lines = winnerfile.read(file.read(winnerfile.MOST_BYTES + 1), file.name, known=_known())
    context = {
        "form": form,
        "lines": lines,
        "fresh": sum(not one.known and not one.faults for one in lines),
        "faulty": sum(bool(one.faults) for one in lines),
        "known": sum(one.known for one in lines),
        "packed": _packed(lines) if lines and not any(one.faults for one in lines) else "",
    }
    return render(request, "honours/winners_import.html", context, status=form_status(form))


def _known() -> set[tuple[str, str, str]]:
    return {
        (
            winnerfile.bare(one.round_title),
            winnerfile.bare(one.title),
            one.organisation_code or winnerfile.bare(one.organisation_name),
        )
        for one in Winner.objects.in_force()
    }


def _packed(lines: list[winnerfile.Line]) -> str:
    """The rows as shown, signed: what is confirmed is what was shown."""
    rows = [
        [
            one.round_title,
            one.title,
            one.organisation_name,
            one.code,
            one.direction,
            str(one.announced_on or ""),
            one.source,
        ]
        for one in lines
        if not one.known
    ]
    return signing.dumps(json.dumps(rows, ensure_ascii=False), salt=SALT, compress=True)


@require_POST
@policy(*OFFICE)
def confirm(request: HttpRequest) -> HttpResponse:
    """Enter what was shown."""
    try:
        rows = json.loads(signing.loads(request.POST.get("packed", ""), salt=SALT, max_age=3600))
    except signing.BadSignature:
        raise Refusal("preview-old", "预览已经过期，请重新上传表格。", status=422) from None
    known = _known()
    lines = [winnerfile.line(number, row) for number, row in enumerate(rows, start=2)]
    for one in lines:
        one.known = one.key in known
    with told(request, success="已导入登记。"):
        winners.load(lines, actor=Actor.of(request), at=request.arrived_at)  # type: ignore[attr-defined]
    return redirect("honours:winners")


@require_POST
@policy(Role.OFFICE_APPROVER)
def strike(request: HttpRequest, pk: int) -> HttpResponse:
    found = access.winner(request, pk)
    with told(request, success="已撤销这一条登记。"):
        winners.strike(
            found,
            reason=request.POST.get("reason", ""),
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return redirect("honours:winners")
