"""The unit's registered seal: one person registers the picture, another approves it."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from core.errors import Refusal
from core.web import told
from documents.web import file_response
from recommenders import access, services
from recommenders.forms import SealForm
from recommenders.models import Seal
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
            .select_related("registered_by", "approved_by")
            .order_by("-pk"),
            "form": form or SealForm(),
            "approver": request.acting.role == roles.Role.REC_APPROVER,
        },
        status=422 if form is not None else 200,
    )


@require_POST
@policy(*roles.RECOMMENDER)
def register(request: Request) -> HttpResponse:
    form = SealForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form)
    file = form.cleaned_data["picture"]
    try:
        with told(request, success="印模已登记，待另一人核准后启用"):
            services.register_seal(
                request.acting.organisation,
                file.read(),
                name=file.name or "",
                diameter_mm=form.cleaned_data["diameter_mm"],
                valid_from=form.cleaned_data["valid_from"],
                actor=Actor.of(request),
                at=request.arrived_at,
            )
    except Refusal as refusal:
        form.add_error("picture", str(refusal))
        return _page(request, form)
    return redirect("recommenders:seals")


@require_POST
@policy(*roles.RECOMMENDER)
def approve(request: Request, pk: int) -> HttpResponse:
    found = access.seal(request, pk)
    with told(request, success="印模已核准，自启用日起用于汇总表"):
        services.approve_seal(found, actor=Actor.of(request), at=request.arrived_at)
    return redirect("recommenders:seals")


@require_safe
@policy(*roles.RECOMMENDER)
def picture(request: Request, pk: int) -> HttpResponse:
    found = access.seal(request, pk)
    return file_response(found.blob, "印模.png")
