"""The unit: its particulars and its people."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access, figures, people, regions, services
from accounts.forms import FiguresForm, HandOverForm, InvitationForm, ProfileForm
from accounts.models import APPLICANT_KINDS, Membership
from accounts.policy import memberships_of, policy
from accounts.roles import ADMIN, APPLICANT, FILING, OFFICE, RECOMMENDER, Role
from audit.services import Actor
from core.web import form_status, refused_into, told

page = require_http_methods(["GET", "HEAD", "POST"])
MANAGERS = (Role.UNIT_ADMIN, Role.REC_APPROVER, Role.SYSTEM_ADMIN)
OTHER = {Role.EDITOR.value: Role.VIEWER.value, Role.VIEWER.value: Role.EDITOR.value}
ROLE_WORDS = (
    ("单位管理员", "管理人员和单位资料，填写并提交申报"),
    ("填报人", "填写申报；管理员授权后可以提交"),
    ("查看", "只看不改"),
)
MEMBERS = (*APPLICANT, *RECOMMENDER, *OFFICE, *ADMIN)


@page
@never_cache
@policy(*APPLICANT, *RECOMMENDER)
def organisation(request: HttpRequest) -> HttpResponse:
    """The unit's particulars, from which each new filing starts."""
    unit = access.unit_of(request.acting)  # type: ignore[attr-defined]
    form = ProfileForm(request.POST or None, initial={**unit.profile, "address": unit.address})
    if request.method == "POST" and not _may_edit(request):
        return render(request, "403.html", status=403)
    if request.method == "POST" and form.is_valid():
        with told(request, success="单位资料已保存，新建申报时自动带入。"):
            services.update_profile(
                unit,
                profile=form.profile(),
                address=form.cleaned_data["address"],
                actor=Actor.of(request),
                at=request.arrived_at,  # type: ignore[attr-defined]
            )
        return redirect("accounts:organisation")
    return _organisation_page(request, form=form)


@page
@never_cache
@policy(*APPLICANT)
def figures_by_year(request: HttpRequest) -> HttpResponse:
    """The figures of the last years, used in each filing's tables."""
    unit = access.unit_of(request.acting)  # type: ignore[attr-defined]
    kept = figures.of(unit.profile)
    this_year = timezone.localtime(request.arrived_at).year  # type: ignore[attr-defined]
    asked = request.GET.get("year", "")
    more = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) == 4 else None
    years = figures.shown_years(kept, this_year=this_year, more=more)
    form = FiguresForm(request.POST or None, kept=kept, years=years)
    if request.method == "POST" and not _may_edit(request):
        return render(request, "403.html", status=403)
    if request.method == "POST" and form.is_valid():
        with told(request, success="各年数据已保存，新建申报时自动带入。"):
            services.update_profile(
                unit,
                profile={},
                years=form.changed(),
                actor=Actor.of(request),
                at=request.arrived_at,  # type: ignore[attr-defined]
            )
        return redirect("accounts:figures")
    return render(
        request,
        "accounts/figures.html",
        {
            "form": form,
            "unit": unit,
            "may_edit": _may_edit(request),
            "years": years,
            "first_year": figures.FIRST_YEAR,
            "last_year": this_year,
        },
        status=form_status(form),
    )


def _may_edit(request: HttpRequest) -> bool:
    return request.acting.role in (*FILING, *RECOMMENDER)  # type: ignore[attr-defined]


def _organisation_page(request: HttpRequest, *, form: ProfileForm) -> HttpResponse:
    unit = access.unit_of(request.acting)  # type: ignore[attr-defined]
    return render(
        request,
        "accounts/organisation.html",
        {
            "form": form,
            "unit": unit,
            "may_edit": _may_edit(request),
            "region_name": regions.name_of(unit.region),
            "files_here": request.acting.role in APPLICANT,  # type: ignore[attr-defined]
            "held_years": sorted(figures.of(unit.profile)),
        },
        status=form_status(form),
    )


@require_safe
@never_cache
@policy(*MEMBERS)
def colleagues(request: HttpRequest) -> HttpResponse:
    """Who is in the unit, and which invitations are open."""
    at, acting = request.arrived_at, request.acting  # type: ignore[attr-defined]
    unit = access.unit_of(acting)
    rows = [
        {
            "membership": membership,
            "self": membership.user_id == request.user.pk,
            "may_end": people.may_end(acting, membership),
            "can_submit": unit.kind in APPLICANT_KINDS and membership.role == Role.EDITOR,
            "other_role": OTHER.get(membership.role, ""),
        }
        for membership in access.colleagues(acting, at=at)
    ]
    manages = acting.role in MANAGERS
    return render(
        request,
        "accounts/people.html",
        {
            "unit": unit,
            "rows": rows,
            "manages": manages,
            "invitations": list(access.invitations(acting, at=at)) if manages else [],
            "at": at,
            "roles": ROLE_WORDS if acting.role in APPLICANT else (),
        },
    )


@page
@never_cache
@policy(*MANAGERS)
def invite(request: HttpRequest) -> HttpResponse:
    """Send an activation link. The invited person chooses their own password."""
    acting = request.acting  # type: ignore[attr-defined]
    form = InvitationForm(request.POST or None, acting=acting)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        people.check_may_give(acting, data["role"])
        with refused_into(form):
            services.invite(
                organisation=acting.organisation,
                role=data["role"],
                email=data["email"],
                name=data["name"],
                may_submit=data["may_submit"],
                actor=Actor.of(request),
                at=request.arrived_at,  # type: ignore[attr-defined]
            )
        if not form.errors:
            messages.success(
                request, f"激活链接已发往 {data['email']}，72 小时内有效，只能用一次。"
            )
            return redirect("accounts:people")
    return render(
        request,
        "accounts/invite.html",
        {"form": form, "unit": acting.organisation},
        status=form_status(form),
    )


@require_POST
@policy(*MANAGERS)
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    at, acting = request.arrived_at, request.acting  # type: ignore[attr-defined]
    link = access.invitation(acting, pk, at=at)
    with told(request, success=f"发给 {link.email} 的邀请已撤销。"):
        services.revoke_link(link, actor=Actor.of(request), at=at)
    return redirect("accounts:people")


@require_POST
@policy(*MANAGERS)
def resend(request: HttpRequest, pk: int) -> HttpResponse:
    """Send an invitation again, also an expired one; the earlier link ends."""
    at, acting = request.arrived_at, request.acting  # type: ignore[attr-defined]
    link = access.invitation(acting, pk, at=at)
    people.check_may_give(acting, link.role)
    with told(request, success=f"新的激活链接已发往 {link.email}，以前的链接作废。"):
        services.resend_invitation(link, actor=Actor.of(request), at=at)
    return redirect("accounts:people")


@require_POST
@policy(Role.UNIT_ADMIN)
def change_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a colleague 填报人 or 查看."""
    at, acting = request.arrived_at, request.acting  # type: ignore[attr-defined]
    membership = _given_by(acting, pk, at=at)
    role = request.POST.get("role", "")
    word = dict(Role.choices).get(role, "")
    with told(request, success=f"{membership.user.name} 现在是“{word}”，即时生效。"):
        people.change_role(membership, role=role, actor=Actor.of(request), at=at)
    return redirect("accounts:people")


@require_POST
@policy.signed_in
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up a role of one's own; the last administrator hands over first."""
    own = next((one for one in memberships_of(request) if one.pk == pk), None)
    if own is None:
        raise Http404
    words = f"您已不再是{own.organisation.name}的“{own.get_role_display()}”。"
    with told(request, success=words):
        services.end_membership(own, actor=Actor.of(request), at=request.arrived_at)  # type: ignore[attr-defined]
    return redirect("accounts:security")


@require_POST
@policy(*MANAGERS)
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End somebody's role; it is gone at their next request."""
    at, acting = request.arrived_at, request.acting  # type: ignore[attr-defined]
    membership = _given_by(acting, pk, at=at)
    words = f"{membership.user.name} 的“{membership.get_role_display()}”已停用，即时生效。"
    with told(request, success=words):
        services.end_membership(membership, actor=Actor.of(request), at=at)
    return redirect("accounts:people")


@require_POST
@policy(Role.UNIT_ADMIN)
def may_submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Give or take a colleague's right to submit."""
    at, acting = request.arrived_at, request.acting  # type: ignore[attr-defined]
    membership = _given_by(acting, pk, at=at)
    may = request.POST.get("may") == "1"
    words = f"{membership.user.name} {'现在可以' if may else '不再可以'}提交申报书。"
    with told(request, success=words):
        people.set_may_submit(membership, may=may, actor=Actor.of(request), at=at)
    return redirect("accounts:people")


@page
@never_cache
@policy(Role.UNIT_ADMIN)
def hand_over(request: HttpRequest) -> HttpResponse:
    """Give the administration of the unit to a colleague."""
    at, acting = request.arrived_at, request.acting  # type: ignore[attr-defined]
    others = access.colleagues(acting, at=at).exclude(user=request.user.pk)
    form = HandOverForm(request.POST or None, people=others)
    if request.method == "POST" and form.is_valid():
        to = form.cleaned_data["to"]
        with told(request, success=f"单位管理员已移交给 {to.user.name}。"):
            people.hand_over(
                acting,
                to=to,
                stay_as_editor=form.cleaned_data["stay_as_editor"],
                actor=Actor.of(request),
                at=at,
            )
        return redirect("portal:home")
    return render(
        request,
        "accounts/hand_over.html",
        {"form": form, "unit": acting.organisation, "alone": not others.exists()},
        status=form_status(form),
    )


def _given_by(acting: Membership, pk: int, *, at) -> Membership:  # type: ignore[no-untyped-def]
    """A colleague's membership whose role the acting person could have given."""
    membership = access.colleague(acting, pk, at=at)
    people.check_may_give(acting, membership.role)
    return membership
