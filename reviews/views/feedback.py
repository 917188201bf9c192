"""Comments for applicants: the organiser writes and releases, the applicant reads its own."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import roles
from accounts.policy import policy
from applications import access as applications
from audit.services import Actor
from core.web import form_status, refused_into, told
from reviews import access, queries, results, services
from reviews.access import Request
from reviews.forms import FeedbackForm
from reviews.models import Feedback, Round, RoundApplication
from reviews.views.organiser import PER_PAGE, organisers


@organisers
@require_safe
def feedback(request: Request, public_id: str) -> HttpResponse:
    """The round's applications and how far the comment for each is."""
    found = access.round(request, public_id)
    entries = found.entries.select_related("application__organisation")
    page = Paginator(entries, PER_PAGE).get_page(request.GET.get("page"))
    held = {one.application_id: one for one in found.feedback.select_related("written_by")}
    context = {
        "round": found,
        "page": page,
        "rows": [
            (
                entry,
                applications.status_for(request.acting, entry.application),
                held.get(entry.application_id),
            )
            for entry in page.object_list
        ],
        "written": len(held),
        "released": sum(one.released_at is not None for one in held.values()),
        "may_release": request.acting.role in RELEASING,
    }
    return render(request, "reviews/feedback.html", context)


RELEASING = (roles.Role.OFFICE_APPROVER, roles.Role.REC_APPROVER)


def _entry(round: Round, number: int) -> RoundApplication:
    entry = (
        round.entries.filter(number=number)
        .select_related("application__organisation", "round__call")
        .first()
    )
    if entry is None:
        raise Http404(access.HIDDEN)
    return entry


@organisers
@require_http_methods(["GET", "HEAD", "POST"])
def write_feedback(request: Request, public_id: str, number: int) -> HttpResponse:
    """Write the comment for one application; the experts' own words are offered to begin with."""
    found = access.round(request, public_id)
    entry = _entry(found, number)
    held = Feedback.objects.filter(round=found, application=entry.application).first()
    form = FeedbackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refused_into(form), told(request, success=f"{entry.label} 的评审意见已保存。"):
            services.write_feedback(
                entry,
                form.cleaned_data["text"],
                actor=Actor.of(request),
                at=request.arrived_at,
            )
            return redirect("reviews:feedback", public_id)
    elif request.method != "POST":
        draft = queries.gathered(found, entry.application, results.pseudonyms(found))
        form = FeedbackForm(initial={"text": held.text if held else draft})
    context = {"round": found, "entry": entry, "held": held, "form": form}
    return render(request, "reviews/write_feedback.html", context, status=form_status(form))


@require_POST
@policy(*RELEASING)
def release_feedback(request: Request, public_id: str) -> HttpResponse:
    found = access.round(request, public_id)
    with told(request, success="评审意见已反馈，通知信已列入发件箱。"):
        services.release_feedback(found, actor=Actor.of(request), at=request.arrived_at)
    return redirect("reviews:feedback", public_id)


@require_safe
@policy(*roles.APPLICANT)
def my_feedback(request: Request, public_id: str) -> HttpResponse:
    """What the applicant may read of the review of its own filing."""
    application = applications.get(request, public_id)
    context = {"application": application, "found": services.released_for(application)}
    return render(request, "reviews/my_feedback.html", context)
