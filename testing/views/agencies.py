"""The office's register of agencies: list, add, import with preview, verify, suspend, people."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Link, Membership
from accounts.roles import OFFICE, Role
from audit.services import Actor
from core.errors import Refusal
from core.templatetags.jiebang import moment
from core.web import form_status, refused_into, told
from outcomes.rules import day_of
from testing import access, agencyfile, forms, services, states
from testing.models import Agency, Tie
from testing.states import AgencyState
from testing.views.request import Request, offices, readers, sheet

PER_PAGE = 30
PREVIEW_SALT = "testing.import-agencies"


def _chosen(request: Request) -> tuple[forms.AgencyFilter, QuerySet[Agency]]:
    form = forms.AgencyFilter(request.GET)
    found = Agency.objects.select_related("organisation", "verified_by").order_by(
        "organisation__name", "pk"
    )
    if form.is_valid():
        data = form.cleaned_data
        if text := data["q"].strip():
            found = found.filter(Q(organisation__name__contains=text) | Q(fields__icontains=text))
        if data["state"]:
            found = found.filter(state=data["state"])
        if data["verified"]:
            found = found.filter(verified_at__isnull=data["verified"] == "no")
    return form, found


@readers
@require_safe
def index(request: Request) -> HttpResponse:
    form, found = _chosen(request)
    live = [str(one) for one in states.LIVE]
    counted = found.annotate(
        busy=Count("commissions", filter=Q(commissions__state__in=live), distinct=True),
        people=Count(
            "organisation__memberships",
            filter=Q(
                organisation__memberships__role=Role.TESTER,
                organisation__memberships__valid_until=None,
            ),
            distinct=True,
        ),
    )
    page = Paginator(counted, PER_PAGE).get_page(request.GET.get("page"))
    today = day_of(request.arrived_at)
    for one in page:
        one.is_expired = one.expired(today)  # type: ignore[attr-defined]
    return render(
        request,
        "testing/agencies.html",
        {"page": page, "filter_form": form, "may_write": request.acting.role in OFFICE},
    )


@offices
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: Request) -> HttpResponse:
    form = forms.AgencyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refused_into(form):
            made = services.add(form.entry(), actor=Actor.of(request), at=request.arrived_at)
            messages.success(request, f"已登记{made.name}。")
            return redirect("testing:agency", made.pk)
    return render(request, "testing/agency_form.html", {"form": form}, status=form_status(form))


@offices
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    agency = access.agency(request, pk)
    form = forms.AgencyForm(request.POST or None, agency=agency)
    if request.method == "POST" and form.is_valid():
        with refused_into(form):
            services.update(agency, form.entry(), actor=Actor.of(request), at=request.arrived_at)
            messages.success(request, "已保存。资质有改动的，请重新核实。")
            return redirect("testing:agency", pk)
    return render(
        request,
        "testing/agency_form.html",
        {"form": form, "agency": agency},
        status=form_status(form),
    )


@readers
@require_safe
def page(request: Request, pk: int) -> HttpResponse:
    return _page(request, access.agency(request, pk))


def _page(
    request: Request, agency: Agency, *, tie_form: forms.TieForm | None = None
) -> HttpResponse:
    at = request.arrived_at
    people = (
        Membership.objects.active(at)
        .filter(organisation=agency.organisation_id, role=Role.TESTER)
        .select_related("user")
        .order_by("pk")
    )
    invited = Link.objects.filter(
        organisation=agency.organisation_id,
        purpose=Link.Purpose.ACTIVATE,
        used_at=None,
        revoked_at=None,
        expires_at__gt=at,
    )
    return render(
        request,
        "testing/agency.html",
        {
            "agency": agency,
            "expired": agency.expired(day_of(at)),
            "people": people,
            "invited": invited,
            "ties": agency.ties.select_related("declared_by", "ended_by"),
            "commissions": agency.commissions.select_related(
                "task__application__organisation", "task__application__call"
            ).order_by("-pk")[:50],
            "tie_form": tie_form or forms.TieForm(),
            "may_write": request.acting.role in OFFICE,
        },
        status=form_status(tie_form) if tie_form else 200,
    )


@offices
@require_POST
def verify(request: Request, pk: int) -> HttpResponse:
    agency = access.agency(request, pk)
    with told(request, success=f"{agency.name}的资质已标为“已核实”。"):
        services.verify(agency, actor=Actor.of(request), at=request.arrived_at)
    return redirect("testing:agency", pk)


@offices
@require_POST
def set_state(request: Request, pk: int) -> HttpResponse:
    agency = access.agency(request, pk)
    state = request.POST.get("state", "")
    if state not in AgencyState.values:
        raise Refusal("no-state", "请选择暂停、恢复或停止。", status=422)
    with told(request, success=f"{agency.name}的状态已更改，即时生效。"):
        services.set_state(
            agency,
            state,
            reason=request.POST.get("reason", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("testing:agency", pk)


@offices
@require_POST
def invite(request: Request, pk: int) -> HttpResponse:
    agency = access.agency(request, pk)
    email, name = request.POST.get("email", "").strip(), request.POST.get("name", "").strip()
    if not agencyfile.EMAIL.fullmatch(email) or not name:
        raise Refusal("no-person", "请填写姓名和有效的邮箱地址。", status=422)
    with told(request, success=f"激活链接已列入发件箱：{email}"):
        services.invite(
            agency, email=email, name=name[:50], actor=Actor.of(request), at=request.arrived_at
        )
    return redirect("testing:agency", pk)


@offices
@require_POST
def end_person(request: Request, pk: int) -> HttpResponse:
    agency = access.agency(request, pk)
    key = request.POST.get("membership", "")
    with told(request, success="已停用该测评人员，其下一次请求即被拒绝。"):
        services.end_person(
            agency,
            int(key) if key.isascii() and key.isdigit() else 0,
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("testing:agency", pk)


@offices
@require_POST
def tie(request: Request, pk: int) -> HttpResponse:
    agency = access.agency(request, pk)
    form = forms.TieForm(request.POST)
    if not form.is_valid():
        return _page(request, agency, tie_form=form)
    with told(request, success="利益关系已登记，即时生效。"):
        services.declare(
            agency, **form.cleaned_data, actor=Actor.of(request), at=request.arrived_at
        )
    return redirect("testing:agency", pk)


@offices
@require_POST
def end_tie(request: Request, pk: int) -> HttpResponse:
    agency = access.agency(request, pk)
    key = request.POST.get("tie", "")
    found = Tie.objects.filter(
        agency=agency, pk=int(key) if key.isascii() and key.isdigit() else 0
    ).first()
    if found is None:
        raise Http404(access.HIDDEN)
    with told(request, success="利益关系已撤销，记录保留。"):
        services.end_tie(
            found,
            reason=request.POST.get("reason", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("testing:agency", pk)


# Sheets ------------------------------------------------------------------------------------------


@offices
@require_http_methods(["GET", "HEAD", "POST"])
def import_agencies(request: Request) -> HttpResponse:
    """First the preview of what the sheet says; what was shown is what is taken in."""
    if request.method == "POST" and "take" in request.POST:
        made = services.add_many(
            _shown(request.POST["take"]), actor=Actor.of(request), at=request.arrived_at
        )
        messages.success(request, f"已登记 {len(made)} 家测评机构，激活链接已列入发件箱。")
        return redirect("testing:agencies")
    form = forms.SheetForm(request.POST or None, request.FILES or None)
    entries: list[agencyfile.Entry] = []
    wrong: list[agencyfile.Wrong] = []
    if request.method == "POST" and form.is_valid():
        with refused_into(form):
            upload = form.cleaned_data["sheet"]
            entries, wrong = agencyfile.read(upload.read(), upload.name)
        if wrong:
            form.add_error("sheet", f"有 {len(wrong)} 处错误，没有导入任何一行")
    context: dict[str, Any] = {"form": form, "wrong": wrong, "columns": agencyfile.COLUMNS}
    if entries and not wrong:
        context["entries"] = entries
        context["take"] = signing.dumps(
            [one.packed() for one in entries], salt=PREVIEW_SALT, compress=True
        )
    return render(
        request,
        "testing/agency_import.html",
        context,
        status=form_status(form) if request.method == "POST" else 200,
    )


def _shown(signed: str) -> list[agencyfile.Entry]:
    """What the preview showed. Raises ``Refusal`` ``preview-old`` (410)."""
    try:
        packed = signing.loads(signed, salt=PREVIEW_SALT, max_age=3600)
    except signing.BadSignature:
        raise Refusal("preview-old", "预览已失效，请重新上传名单。", status=410) from None
    return [agencyfile.unpacked(one) for one in packed]


@offices
@require_safe
def template_sheet(request: Request) -> HttpResponse:
    sample = (
        "示例测评中心",
        "",
        "示例编号",
        "示例发证机构",
        "2027-12-31",
        "智能传感器；机器翻译系统",
        "示例联系人",
        "000-12345678",
        "tester@example.org",
    )
    data = agencyfile.write([sample], note="第一行为示例，填写前请删除。")
    return sheet(data, "agencies-template.xlsx")


@readers
@require_safe
def export(request: Request) -> HttpResponse:
    """The list as filtered, with who exported it and when."""
    _, found = _chosen(request)
    rows = [
        (
            one.name,
            one.organisation.code or "",
            one.accreditation + ("" if one.is_verified else "（未核实）"),
            one.accredited_by,
            one.valid_until.isoformat() if one.valid_until else "",
            "；".join(one.fields),
            one.contact,
            "",
            "",
        )
        for one in found
    ]
    note = "\n".join(
        (
            f"导出人：{request.user.name}",  # type: ignore[union-attr]
            f"导出时间：{moment(request.arrived_at)}",
            f"筛选条件：{request.GET.urlencode() or '无'}",
            f"共 {len(rows)} 家；电话和邮箱不导出",
        )
    )
    return sheet(agencyfile.write(rows, note=note), "agencies.xlsx")
