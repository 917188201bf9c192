"""Recommending units: list, import from a sheet, people and activation links."""

from dataclasses import astuple

from django import forms
from django.core import signing
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts import masterdata, regions
from accounts.models import Link, Membership, Organisation
from accounts.policy import policy
from accounts.roles import OFFICE, Role
from audit.services import Actor
from core.errors import Refusal
from core.web import form_status, refused_into, told
from documents.workbook import MEDIA_TYPE, workbook
from office import units, unitsheet
from office.forms import choose
from office.web import attached
from recommenders.models import UnitRevocation, UnitTransfer
from recommenders.services import tree

READERS = (*OFFICE, Role.AUDITOR)
SALT = "office.units"
SECONDS = 60 * 60
"""How long a preview may be taken in."""


class ImportForm(forms.Form):
    sheet = forms.FileField(label="单位表（xlsx）", help_text="不超过 5 MB，最多 5000 行")

    def clean_sheet(self):
        sheet = self.cleaned_data["sheet"]
        if sheet.size > unitsheet.MOST_BYTES:
            raise forms.ValidationError("文件超过 5 MB，请分成几个文件上传。")
        return sheet


class InviteForm(forms.Form):
    name = forms.CharField(label="姓名", max_length=50)
    email = forms.EmailField(label="邮箱", help_text="激活链接发往这个邮箱，本人自行设置密码")
    role = forms.ChoiceField(label="角色")

    def __init__(self, *args, unit: Organisation, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "role", ((str(role), role.label) for role in units.roles_for(unit)))


def unit_or_404(pk: int) -> Organisation:
    found = Organisation.objects.filter(pk=pk, kind__in=units.KINDS).first()
    if found is None:
        raise Http404("没有这个单位。")
    return found


@require_safe
@policy(*READERS)
def index(request):
    text, kind = request.GET.get("q", "").strip(), request.GET.get("kind", "")
    found = units.listed(at=request.arrived_at, text=text, kind=kind)
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    kinds = [(one.value, one.label) for one in units.KINDS]
    return render(request, "office/units.html", {"page": page, "kinds": kinds, "kind": kind})


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*OFFICE)
def load(request):
    """Looked over first; the preview is then taken in whole, judged once more as it is."""
    if request.method == "POST" and request.POST.get("act") == "apply":
        lines = _previewed(request.POST.get("payload", ""))
        with told(request, success=f"已导入 {len(lines)} 个单位。"):
            masterdata.import_units(lines, actor=Actor.of(request), at=request.arrived_at)
        return redirect("office:units")
    form = ImportForm(request.POST or None, request.FILES or None)
    shown = {"form": form}
    if request.method == "POST" and form.is_valid():
        with refused_into(form):
            lines = unitsheet.read(form.cleaned_data["sheet"].read())
            if not lines:
                raise Refusal("empty-sheet", "表中没有数据行，请填写后再导入。", status=422)
            wrong = masterdata.problems(lines)
            shown |= {"wrong": wrong, "lines": lines, "has_errors": bool(wrong)}
            if not wrong:
                rows = [astuple(line) for line in lines]
                shown["payload"] = signing.dumps(rows, salt=SALT, compress=True)
    status = 422 if shown.get("wrong") else form_status(form)
    return render(request, "office/units_import.html", shown, status=status)


def _previewed(payload: str) -> list[masterdata.Line]:
    try:
        rows = signing.loads(payload, salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        raise Refusal("preview-over", "预览已过期，请重新上传表格。", status=422) from None
    return [masterdata.Line(*row) for row in rows]


@require_safe
@policy(*READERS)
def export(request):
    """The units that a sheet may bring, in the template's columns, filtered as the page is."""
    text, kind = request.GET.get("q", "").strip(), request.GET.get("kind", "")
    names = {value: label for label, value in masterdata.IMPORTED.items()}
    found = units.listed(at=request.arrived_at, text=text, kind=kind).filter(kind__in=names)
    rows = [
        (
            names[one.kind],
            one.name,
            one.code or "",
            one.region,
            one.parent.name if one.parent else "",
        )
        for one in found
    ]
    data = workbook("", [(head, 24) for head in masterdata.COLUMNS], rows, page="单位")
    return attached(data, MEDIA_TYPE, "单位.xlsx")


@require_safe
@policy(*OFFICE)
def template(request):
    columns, *samples = masterdata.template()
    data = workbook("", [(head, 20) for head in columns], samples, page="单位")
    response = HttpResponse(data, content_type=MEDIA_TYPE)
    response["Content-Disposition"] = 'attachment; filename="units.xlsx"'
    return response


def people_of(unit: Organisation, at) -> QuerySet[Membership]:
    return Membership.objects.active(at).filter(organisation=unit).select_related("user")


@require_safe
@policy(*READERS)
def unit(request, pk):
    return _page(request, unit_or_404(pk))


def _page(request, found, *, form=None):
    open_links = Link.objects.filter(
        organisation=found, purpose=Link.Purpose.ACTIVATE, used_at=None, revoked_at=None
    )
    return render(
        request,
        "office/unit.html",
        {
            "unit": found,
            "region_name": regions.name_of(found.region),
            "names": found.names.order_by("valid_from"),
            "people": people_of(found, request.arrived_at).order_by("role", "pk"),
            "links_open": open_links.order_by("-created_at"),
            "form": form or InviteForm(unit=found),
            "below": Organisation.objects.filter(parent=found).order_by("region", "pk"),
            "parents": _parents(found),
            "transfers": UnitTransfer.objects.filter(organisation=found)
            .select_related("old_parent", "new_parent", "proposed_by", "approved_by")
            .order_by("-pk"),
            "revocations": UnitRevocation.objects.filter(organisation=found)
            .select_related("revoked_by", "restore_by", "restored_by")
            .order_by("-pk"),
            "revoked": UnitRevocation.objects.filter(organisation=found, restored_at=None).first(),
            "targets": Organisation.objects.filter(kind__in=units.KINDS)
            .exclude(pk=found.pk)
            .order_by("key", "pk"),
            "may_act": request.acting.role in OFFICE,
            "may_approve": request.acting.role == Role.OFFICE_APPROVER,
        },
        status=form_status(form) if form else 200,
    )


def _parents(unit: Organisation) -> QuerySet[Organisation]:
    """The units under which this one may stand, other than where it stands now."""
    kinds = tree.MAY_STAND_UNDER.get(Organisation.Kind(unit.kind), ())
    found = Organisation.objects.filter(kind__in=kinds).exclude(pk__in=[unit.pk])
    return found.exclude(pk=unit.parent_id or 0).order_by("key", "pk")


@require_http_methods(["POST"])
@policy(*OFFICE)
def invite(request, pk):
    found = unit_or_404(pk)
    form = InviteForm(request.POST, unit=found)
    if form.is_valid():
        data = form.cleaned_data
        with (
            refused_into(form),
            told(request, success=f"激活链接已发往 {data['email']}，72 小时内有效，只能用一次。"),
        ):
            units.invite(found, **data, actor=Actor.of(request), at=request.arrived_at)
            return redirect("office:unit", found.pk)
    return _page(request, found, form=form)
