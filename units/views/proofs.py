"""A unit's papers: its own page, the list and the check of the office, the scans themselves."""

from django.core.paginator import Paginator
from django.db.models import Case, F, Q, QuerySet, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import codes, regions, units
from accounts.models import Organisation
from accounts.policy import policy
from accounts.roles import APPLICANT, FILING, OFFICE, RECOMMENDER, Role
from audit.services import Actor
from core.errors import Refusal
from core.figures import whole_or
from core.web import form_status, refused_into, told
from documents import viruses
from documents.web import file_response, page_image_response
from units import access, services
from units.forms import AdministratorForm, ProofForm, SendBackForm, UnitFilterForm
from units.models import Change, Verification

READERS = (*OFFICE, *RECOMMENDER, Role.AUDITOR)
PER_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@policy(*APPLICANT)
def own(request: HttpRequest) -> HttpResponse:
    """The unit's own papers: what was sent, where the check stands, sending another one."""
    acting = request.acting  # type: ignore[attr-defined]
    unit = access.unit(acting, acting.organisation_id)
    may_send = acting.role in FILING
    if request.method == "POST" and not may_send:
        return render(request, "403.html", status=403)
    form = ProofForm(request.POST, request.FILES) if request.method == "POST" else ProofForm()
    if form.is_bound and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            with told(request, success="证照已上传，等待主管部门核验。不影响填写申报书。"):
                services.add_proof(
                    unit,
                    name=file.name,
                    data=file.read(),
                    actor=Actor.of(request),
                    at=request.arrived_at,  # type: ignore[attr-defined]
                )
            return redirect("units:own")
        except Refusal as refusal:
            form.add_error("file", refusal.message)
    return render(
        request,
        "units/own.html",
        {
            "unit": unit,
            "form": form,
            "may_send": may_send,
            "standing": _standing(unit),
            "proofs": unit.proofs.select_related("uploaded_by"),
        },
        status=form_status(form),
    )


def _standing(unit: Organisation) -> Verification | None:
    return (
        Verification.objects.filter(organisation=unit).select_related("proof", "decided_by").first()
    )


@require_safe
@never_cache
@policy(*READERS)
def index(request: HttpRequest) -> HttpResponse:
    """Filing units with the state of their papers; what waits stands first."""
    form = UnitFilterForm(request.GET)
    form.is_valid()
    found = _filtered(access.units(request.acting), form)  # type: ignore[attr-defined]
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    for unit in page.object_list:
        unit.region_name = regions.name_of(unit.region)  # type: ignore[attr-defined]
    waiting = access.units(request.acting).filter(verification__state="waiting")  # type: ignore[attr-defined]
    return render(
        request,
        "units/index.html",
        {
            "page": page,
            "filter_form": form,
            "waiting": waiting.count(),
            "open_changes": Change.objects.filter(state=Change.State.PROPOSED).count()
            if request.acting.role not in RECOMMENDER  # type: ignore[attr-defined]
            else 0,
            "changes_open_to": request.acting.role not in RECOMMENDER,  # type: ignore[attr-defined]
        },
    )


def _filtered(found: QuerySet[Organisation], form: UnitFilterForm) -> QuerySet[Organisation]:
    data = form.cleaned_data
    text, state = data.get("q", "").strip(), data.get("state", "")
    if text:
        code = codes.folded(text)
        found = found.filter(
            Q(name__icontains=text)
            | Q(code__startswith=code)
            | Q(names__name__icontains=text)
            | Q(names__code=code)
        ).distinct()
    if state == "none":
        found = found.filter(verification__isnull=True)
    elif state:
        found = found.filter(verification__state=state)
    waits = Case(When(verification__state="waiting", then=0), default=1)
    return found.select_related("verification", "merged_into").order_by(
        waits, F("verification__sent_at").asc(nulls_last=True), "name", "pk"
    )


@require_safe
@never_cache
@policy(*READERS)
def unit(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, access.unit(request.acting, pk))  # type: ignore[attr-defined]


def _page(
    request: HttpRequest, found: Organisation, *, form: SendBackForm | None = None
) -> HttpResponse:
    standing = _standing(found)
    acting = request.acting  # type: ignore[attr-defined]
    decides = acting.role in OFFICE and standing is not None and standing.state == "waiting"
    return render(
        request,
        "units/unit.html",
        {
            "unit": found,
            "region_name": regions.name_of(found.region),
            "standing": standing,
            "pages": range(1, standing.proof.pages + 1) if standing else (),
            "proofs": found.proofs.select_related("uploaded_by"),
            "names": found.names.order_by("valid_from"),
            "kin": [one for one in units.kin_units(found) if one.pk != found.pk],
            "changes": found.changes.select_related("into", "proposed_by", "approved_by"),
            "decides": decides,
            "appoints": acting.role in OFFICE and found.merged_into_id is None,
            "proposes": acting.role == Role.OFFICE_OPERATOR and found.merged_into_id is None,
            "form": form
            or (SendBackForm(initial={"proof": standing.proof_id}) if standing else None),
        },
        status=form_status(form) if form else 200,
    )


@require_POST
@policy(*OFFICE)
def verify(request: HttpRequest, pk: int) -> HttpResponse:
    """The papers fit."""
    found = access.unit(request.acting, pk)  # type: ignore[attr-defined]
    with told(request, success=f"{found.name}的证照已核验。"):
        services.verify(
            found,
            proof=_number(request.POST.get("proof", "")),
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return redirect("units:index")


@require_POST
@policy(*OFFICE)
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """The papers do not do: back with the reason."""
    found = access.unit(request.acting, pk)  # type: ignore[attr-defined]
    form = SendBackForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form=form)
    try:
        with told(request, success=f"已退回{found.name}的证照，单位管理员会收到原因。"):
            services.send_back(
                found,
                proof=form.cleaned_data["proof"],
                reason=form.cleaned_data["reason"],
                actor=Actor.of(request),
                at=request.arrived_at,  # type: ignore[attr-defined]
            )
    except Refusal as refusal:
        if refusal.code != "reason-short":
            raise
        form.add_error("reason", refusal.message)
        return _page(request, found, form=form)
    return redirect("units:index")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@policy(*OFFICE)
def administrator(request: HttpRequest, pk: int) -> HttpResponse:
    """Invite a new administrator for a unit whose own is gone."""
    found = access.unit(request.acting, pk)  # type: ignore[attr-defined]
    form = AdministratorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refused_into(form):
            email = form.cleaned_data["email"]
            with told(request, success=f"激活链接已发往 {email}，72 小时内有效，只能用一次。"):
                services.invite_administrator(
                    found,
                    **form.cleaned_data,
                    actor=Actor.of(request),
                    at=request.arrived_at,  # type: ignore[attr-defined]
                )
            return redirect("units:unit", found.pk)
    return render(
        request,
        "units/administrator.html",
        {"unit": found, "form": form},
        status=form_status(form),
    )


def _number(text: str) -> int:
    return whole_or(text, 0, digits=17)


@require_safe
@policy(*APPLICANT, *READERS)
def proof_file(request: HttpRequest, public_id: str) -> HttpResponse:
    """The scan itself, as a download."""
    found = access.proof(request.acting, public_id)  # type: ignore[attr-defined]
    viruses.must_be_clean(found.blob, found.name)
    return file_response(found.blob, found.name)


@require_safe
@policy(*APPLICANT, *READERS)
def proof_page(request: HttpRequest, public_id: str, page: int) -> HttpResponse:
    """The picture of one page of a scan."""
    found = access.proof(request.acting, public_id)  # type: ignore[attr-defined]
    if not 1 <= page <= found.pages:
        raise Http404("没有这一页。")
    viruses.must_be_clean(found.blob, found.name)
    return page_image_response(request, found.blob, page)
