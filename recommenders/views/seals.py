"""The unit's registered seal: an approver brings picture and certificate, another approves."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from core.errors import Refusal
from core.web import told
from documents import sealkeys
from documents.models import Signing
from documents.web import file_response
from recommenders import access, queries, services
from recommenders.forms import SealForm
from recommenders.models import RankedList, Seal
from recommenders.views.request import Request


@require_safe
@policy(*roles.RECOMMENDER)
def seals(request: Request) -> HttpResponse:
    return _page(request)


def _page(request: Request, form: SealForm | None = None) -> HttpResponse:
    return render(
        request,
        "recommenders/seals.html",
        {
            "seals": Seal.objects.filter(organisation=request.acting.organisation_id)
            .select_related("registered_by", "approved_by", "key")
            .order_by("-pk"),
            "form": form or SealForm(external=sealkeys.provider().external),
            "approver": request.acting.role == roles.Role.REC_APPROVER,
            "now": request.arrived_at,
        },
        status=422 if form is not None else 200,
    )


@sensitive_post_parameters("passphrase")
@require_POST
@policy(*roles.RECOMMENDER)
def register(request: Request) -> HttpResponse:
    form = SealForm(request.POST, request.FILES, external=sealkeys.provider().external)
    if not form.is_valid():
        return _page(request, form)
    given = form.cleaned_data
    file, key_file = given["picture"], given.get("key_file")
    try:
        with told(request, success="印章已登记，待另一人核准后启用"):
            services.register_seal(
                request.acting.organisation,
                file.read(),
                name=file.name or "",
                diameter_mm=given["diameter_mm"],
                valid_from=given["valid_from"],
                key_file=key_file.read(sealkeys.MOST_KEY_BYTES + 1) if key_file else b"",
                passphrase=given.get("passphrase", ""),
                reference=given.get("reference", ""),
                actor=Actor.of(request),
                at=request.arrived_at,
            )
    except Refusal as refusal:
        if refusal.status != 422:
            raise
        form.add_error(_field(refusal, form), str(refusal))
        return _page(request, form)
    return redirect("recommenders:seals")


def _field(refusal: Refusal, form: SealForm) -> str:
    """Where a refusal belongs: at the certificate, the diameter, or the picture."""
    about_key = refusal.code.startswith(("certificate", "key-file", "no-reference"))
    if about_key:
        return "key_file" if "key_file" in form.fields else "reference"
    return "diameter_mm" if refusal.code == "diameter" else "picture"


@require_POST
@policy(*roles.RECOMMENDER)
def approve(request: Request, pk: int) -> HttpResponse:
    found = access.seal(request, pk)
    with told(request, success="印章已核准，自启用日起用于汇总表"):
        services.approve_seal(found, actor=Actor.of(request), at=request.arrived_at)
    return redirect("recommenders:seals")


@require_POST
@policy(*roles.RECOMMENDER)
def stop(request: Request, pk: int) -> HttpResponse:
    found = access.seal(request, pk)
    with told(request, success="签章证书已停用"):
        services.stop_seal(
            found,
            reason=request.POST.get("reason", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("recommenders:seals")


@require_safe
@policy(*roles.RECOMMENDER)
def picture(request: Request, pk: int) -> HttpResponse:
    found = access.seal(request, pk)
    return file_response(found.blob, "印模.png")


# The sealed sheet ------------------------------------------------------------------------------


@require_safe
@policy(*roles.RECOMMENDER)
def sealed_sheet(request: Request, code: str) -> HttpResponse:
    """The signed PDF of the version in force."""
    return _signed(access.unit_list(request, code))


@require_POST
@policy(*roles.RECOMMENDER)
def retry(request: Request, code: str) -> HttpResponse:
    """Try again where sealing failed."""
    ranked = access.unit_list(request, code)
    version = queries.version_in_force(ranked)
    if version is None:
        raise Refusal("no-sheet", "名单还没有确认，没有可以签章的汇总表。请先确认名单。")
    with told(request, success="已重新提交电子签章"):
        services.retry_seal(version, actor=Actor.of(request), at=request.arrived_at)
    return redirect("recommenders:scan", code)


def _signed(ranked: RankedList) -> HttpResponse:
    version = queries.version_in_force(ranked)
    found: Signing | None = queries.electronic_seal(version) if version else None
    if found is None or found.pdf is None:
        raise Http404("本版汇总表没有电子签章。")
    return file_response(found.pdf, found.file_name)


# The office ------------------------------------------------------------------------------------


@require_safe
@policy(*roles.OFFICE)
def office_seals(request: Request) -> HttpResponse:
    """Electronic seals of all units: approve where the unit has no second person, stop one."""
    return render(
        request,
        "recommenders/office_seals.html",
        {
            "seals": Seal.objects.filter(key__isnull=False)
            .select_related("organisation", "registered_by", "approved_by", "key")
            .order_by("approved_at", "-pk"),
            "approver": request.acting.role == roles.Role.OFFICE_APPROVER,
            "now": request.arrived_at,
        },
    )


@require_POST
@policy(roles.Role.OFFICE_APPROVER)
def office_approve(request: Request, pk: int) -> HttpResponse:
    found = access.any_seal(request, pk)
    with told(request, success="印章已核准，自启用日起用于汇总表"):
        services.approve_seal(found, actor=Actor.of(request), at=request.arrived_at)
    return redirect("recommenders:office_seals")


@require_POST
@policy(roles.Role.OFFICE_APPROVER)
def office_stop(request: Request, pk: int) -> HttpResponse:
    found = access.any_seal(request, pk)
    with told(request, success="签章证书已停用"):
        services.stop_seal(
            found,
            reason=request.POST.get("reason", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("recommenders:office_seals")


@require_safe
@policy(*roles.OFFICE)
def office_picture(request: Request, pk: int) -> HttpResponse:
    return file_response(access.any_seal(request, pk).blob, "印模.png")


@require_safe
@policy(*roles.OFFICE)
def office_sealed_sheet(request: Request, pk: int) -> HttpResponse:
    return _signed(access.office_list(request, pk))
