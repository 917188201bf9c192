"""The pool of the organiser: list, add, import, export, invite again, leave."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit.services import Actor
from core import labels
from core.labels import Label
from core.templatetags.jiebang import mask_phone, moment
from core.web import form_status, refused_into, told
from reviews import access, pages, poolfile, services
from reviews.access import Request
from reviews.forms import ExpertForm, ImportForm, PoolFilter
from reviews.models import Intake
from reviews.services import intake
from reviews.views.organiser import PER_PAGE, _organisation, organisers

SHOWN = 5
"""How many of the last long lists the page of imports names."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _sheet(data: bytes, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _chosen(request: Request) -> tuple[PoolFilter, Any]:
    form = PoolFilter(request.GET)
    found = access.pool_experts(request.acting)
    if form.is_valid():
        found = pages.filtered(found, **form.cleaned_data)
    return form, found.order_by("name", "pk")


@organisers
@require_safe
def experts(request: Request) -> HttpResponse:
    form, found = _chosen(request)
    page = Paginator(pages.with_loads(found), PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "reviews/experts.html",
        {
            "page": page,
            "filter_form": form,
            "unit": _organisation(request),
            "running": access.intakes(request.acting).filter(state__in=Intake.OPEN).first(),
        },
    )


@organisers
@require_http_methods(["GET", "HEAD", "POST"])
def add_expert(request: Request) -> HttpResponse:
    form = ExpertForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and form.entry is not None:
        with refused_into(form):
            expert = services.add_expert(
                organisation=_organisation(request),
                entry=form.entry,
                actor=Actor.of(request),
                at=request.arrived_at,
            )
            messages.success(request, f"已添加{expert.name}，激活链接已列入发件箱。")
            return redirect("reviews:experts")
    return render(
        request, "reviews/expert.html", {"form": form, "expert": None}, status=form_status(form)
    )


@organisers
@require_http_methods(["GET", "HEAD", "POST"])
def edit_expert(request: Request, pk: int) -> HttpResponse:
    expert = access.pool_expert(request, pk)
    form = ExpertForm(request.POST or None, expert=expert)
    if request.method == "POST" and form.is_valid():
        with refused_into(form):
            services.update_expert(
                expert, values=form.values(), actor=Actor.of(request), at=request.arrived_at
            )
            messages.success(request, f"已保存{expert.name}的资料。")
            return redirect("reviews:experts")
    return render(
        request, "reviews/expert.html", {"form": form, "expert": expert}, status=form_status(form)
    )


@organisers
@require_POST
def invite_expert(request: Request, pk: int) -> HttpResponse:
    expert = access.pool_expert(request, pk)
    with told(request, success=f"已重发{expert.name}的激活链接，原链接作废。"):
        services.invite_again(expert, actor=Actor.of(request), at=request.arrived_at)
    return redirect("reviews:experts")


@organisers
@require_POST
def name_lead(request: Request, pk: int) -> HttpResponse:
    """Make an expert the lead of the pool's rounds, or an expert like others again."""
    expert = access.pool_expert(request, pk)
    lead = request.POST.get("lead") == "1"
    with told(request, success=f"{expert.name}{'已任组长' if lead else '不再任组长'}。"):
        services.name_lead(expert, lead=lead, actor=Actor.of(request), at=request.arrived_at)
    return redirect("reviews:experts")


@organisers
@require_POST
def reveal_phone(request: Request, pk: int) -> HttpResponse:
    """Show the telephone number in full, once; who looked and when is on record."""
    expert = access.pool_expert(request, pk)
    phone = services.reveal_phone(expert, actor=Actor.of(request), at=request.arrived_at)
    form = ExpertForm(expert=expert)
    return render(
        request, "reviews/expert.html", {"form": form, "expert": expert, "phone": phone or "未填"}
    )


@organisers
@require_POST
def leave_pool(request: Request, pk: int) -> HttpResponse:
    expert = access.pool_expert(request, pk)
    with told(request, success=f"{expert.name}已停用，不再参加评审。"):
        services.leave(expert, actor=Actor.of(request), at=request.arrived_at)
    return redirect("reviews:experts")


@organisers
@require_http_methods(["GET", "HEAD", "POST"])
def import_experts(request: Request) -> HttpResponse:
    """Each error names its row and column, and then no row is taken in. A long list goes on as
    work of its own, which has a page."""
    form = ImportForm(request.POST or None, request.FILES or None)
    wrong: list[poolfile.RowError] = []
    if request.method == "POST" and form.is_valid():
        with refused_into(form):
            sheet = form.cleaned_data["sheet"]
            entries, wrong = poolfile.read(sheet.read(), sheet.name)
            unit = _organisation(request)
            wrong = wrong or services.in_pool(unit, entries)
            what = {"organisation": unit, "entries": entries}
            by = {"actor": Actor.of(request), "at": request.arrived_at}
            if not wrong and len(entries) > intake.AT_ONCE:
                one = services.ask_intake(**what, name=sheet.name, acting=request.acting, **by)
                return redirect("reviews:intake", one.public_id)
            if not wrong:
                made = services.import_experts(**what, **by)
                messages.success(request, f"已导入 {len(made)} 名专家，激活链接已列入发件箱。")
                return redirect("reviews:experts")
        if wrong:
            form.add_error("sheet", f"有 {len(wrong)} 处错误，没有导入任何一行")
    return render(
        request,
        "reviews/import.html",
        {
            "form": form,
            "wrong": wrong,
            "columns": poolfile.COLUMNS,
            "intakes": access.intakes(request.acting).select_related("acting__user")[:SHOWN],
            "at_once": intake.AT_ONCE,
        },
        status=form_status(form) if request.method == "POST" else 200,
    )


@organisers
@require_safe
def template_sheet(request: Request) -> HttpResponse:
    sample = (
        "示例专家",
        "expert@example.org",
        "000-12345678",
        "教授",
        "智能传感器；机器翻译系统",
        "示例研究院",
        "",
        "示例大学 9144030071526726XG",
        "110000",
        "20",
    )
    data = poolfile.write(
        [sample], note="第一行为示例，填写前请删除。\n专业领域、曾任职单位可填多个，用分号隔开。"
    )
    return _sheet(data, "experts-template.xlsx")


@organisers
@require_safe
def export_experts(request: Request) -> HttpResponse:
    """The list as filtered, telephone numbers masked, with who exported it and when."""
    _, found = _chosen(request)
    rows = [poolfile.row_of(one, phone=mask_phone(one.phone)) for one in found]
    note = "\n".join(
        (
            f"导出人：{request.user.name}",
            f"导出时间：{moment(request.arrived_at)}",
            f"筛选条件：{request.GET.urlencode() or '无'}",
            f"共 {len(rows)} 人；手机号已隐去中间各位",
            labels.line(Label.PERSONAL),
        )
    )
    return _sheet(poolfile.write(rows, note=note), "experts.xlsx")
