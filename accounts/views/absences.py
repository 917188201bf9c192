"""Leave and who stands in: one's own, and for those whose role one could give."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import absences, access, people
from accounts.forms.absence import AbsenceForm
from accounts.models import Membership
from accounts.policy import policy
from audit.services import Actor
from core.errors import Refusal
from core.web import form_status, refused_into, told


def _may(acting: Membership, membership: Membership) -> bool:
    return membership.user_id == acting.user_id or people.may_end(acting, membership)


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*absences.DEPUTISED)
def page(request: HttpRequest) -> HttpResponse:
    at, acting = request.arrived_at, request.acting  # type: ignore[attr-defined]
    colleagues = access.colleagues(acting, at=at)
    given = people.roles_to_give(acting)
    mine = colleagues.filter(role__in=absences.DEPUTISED, covers__isnull=True)
    away = mine.filter(user=acting.user_id) | mine.filter(role__in=given)
    form = AbsenceForm(request.POST or None, away=away, people=colleagues)
    if request.method == "POST" and form.is_valid():
        since, until = form.span()
        with refused_into(form), told(request, success="已登记，代办人到时自动取得角色。"):
            absences.begin(
                form.cleaned_data["membership"],
                deputy=form.cleaned_data["deputy"],
                since=since,
                until=until,
                reason=form.cleaned_data["reason"],
                actor=Actor.of(request),
                at=at,
            )
            return redirect("accounts:absences")
    return render(
        request,
        "accounts/absences.html",
        {
            "form": form,
            "unit": acting.organisation,
            "rows": [
                (one, one.ended_at is None and one.until > at, _may(acting, one.membership))
                for one in access.absences(acting)[:100]
            ],
            "at": at,
        },
        status=form_status(form),
    )


@require_POST
@policy(*absences.DEPUTISED)
def end(request: HttpRequest, pk: int) -> HttpResponse:
    at, acting = request.arrived_at, request.acting  # type: ignore[attr-defined]
    found = access.absence(acting, pk)
    if not _may(acting, found.membership):
        raise Refusal("not-yours", "只有本人或能指定这个角色的人可以结束请假。", status=403)
    with told(request, success="已结束，代办人即时失去这个角色。"):
        absences.end(found, actor=Actor.of(request), at=at)
    return redirect("accounts:absences")
