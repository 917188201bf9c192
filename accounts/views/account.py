"""One's own account: identity, size of text, session, name and telephone."""

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import devices, entry, factor
from accounts.forms import PersonForm, RescueForm
from accounts.models import User
from accounts.policy import memberships_of, policy
from accounts.roles import SECOND_FACTOR, Role
from accounts.views.ways import onward
from audit.services import Actor
from core.web import form_status, told

LARGE_TEXT_COOKIE = "jb_large"
YEAR = 365 * 24 * 3600


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@policy.signed_in
def security(request: HttpRequest) -> HttpResponse:
    """账号与安全."""
    user = cast("User", request.user)
    form = PersonForm(request.POST or None, initial={"name": user.name, "phone": user.phone})
    if request.method == "POST" and form.is_valid():
        with told(request, success="已保存。"):
            entry.update_person(
                user,
                name=form.cleaned_data["name"],
                phone=form.cleaned_data["phone"],
                actor=Actor.of(request),
                at=request.arrived_at,  # type: ignore[attr-defined]
            )
        return redirect("accounts:security")
    held = memberships_of(request)
    return render(
        request,
        "accounts/security.html",
        {
            "form": form,
            "memberships": held,
            "device": factor.device_of(user),
            "codes_left": factor.codes_left(user),
            "must_have_factor": any(m.role in SECOND_FACTOR for m in held),
        },
        status=form_status(form),
    )


@require_safe
@never_cache
@policy.signed_in
def sessions(request: HttpRequest) -> HttpResponse:
    """登录设备与会话."""
    user, at = cast("User", request.user), request.arrived_at  # type: ignore[attr-defined]
    found = devices.of(user, here=request.session.session_key, at=at)
    asked = factor.asked_of(user, at=at)
    return render(
        request,
        "accounts/sessions.html",
        {
            "rows": found,
            "others": len(found) - 1,
            "asked": asked,
            "hours": settings.JIEBANG_SESSION_HOURS,
        },
    )


@require_POST
@policy.signed_in
def end_session(request: HttpRequest, mark: str) -> HttpResponse:
    """End one other session of one's own; somebody else's is not found."""
    user, here = cast("User", request.user), request.session.session_key
    at = request.arrived_at  # type: ignore[attr-defined]
    ended = devices.end(user, mark, here=here, actor=Actor.of(request), at=at)
    messages.success(request, f"已结束：{ended.browser}，{ended.address}。")
    return redirect("accounts:sessions")


@require_POST
@policy.signed_in
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    user, here = cast("User", request.user), request.session.session_key
    at = request.arrived_at  # type: ignore[attr-defined]
    count = devices.end_others(user, here=here, actor=Actor.of(request), at=at)
    messages.success(request, f"已结束其他 {count} 个登录；怀疑密码泄露的，请同时修改密码。")
    return redirect("accounts:sessions")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@policy(Role.SECURITY_ADMIN)
def rescue(request: HttpRequest) -> HttpResponse:
    """The security administrator helps somebody in again, with a reason for the trail."""
    form = RescueForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and form.person is not None:
        at = request.arrived_at  # type: ignore[attr-defined]
        act, words = {
            "factor": (factor.remove, "的两步验证已重置，下次登录时重新设置。"),
            "unlock": (entry.unlock, "的登录锁定已解除。"),
            "sessions": (devices.end_all, "的全部登录已结束，下一次操作时须重新登录。"),
        }[form.cleaned_data["act"]]
        with told(request, success=f"{form.person.name}{words}"):
            act(form.person, reason=form.cleaned_data["reason"], actor=Actor.of(request), at=at)
        return redirect("accounts:rescue")
    return render(request, "accounts/rescue.html", {"form": form}, status=form_status(form))


@require_POST
@policy.signed_in
def switch(request: HttpRequest) -> HttpResponse:
    """Go on in another of one's identities; somebody else's is not found."""
    held = {str(m.pk): m for m in memberships_of(request)}
    chosen = held.get(request.POST.get("membership", ""))
    if chosen is None:
        raise Http404
    with told(
        request, success=f"现在的身份：{chosen.get_role_display()} · {chosen.organisation.name}"
    ):
        entry.act_as(request, chosen.pk)
    return redirect("portal:home")


@require_POST
@policy.public
def large_text(request: HttpRequest) -> HttpResponse:
    """大字 on and off: kept with the person, or in a cookie for a visitor."""
    answer = redirect(onward(request))
    if request.user.is_authenticated:
        user = cast("User", request.user)
        entry.set_large_text(user, not user.large_text)
    elif request.COOKIES.get(LARGE_TEXT_COOKIE) == "1":
        answer.delete_cookie(LARGE_TEXT_COOKIE)
    else:
        answer.set_cookie(LARGE_TEXT_COOKIE, "1", max_age=YEAR, httponly=True, samesite="Lax")
    return answer


@require_POST
@policy.signed_in
def keep_alive(request: HttpRequest) -> HttpResponse:
    """The person is still there: the session lasts its full time again."""
    return JsonResponse({"seconds": entry.extend(request, at=request.arrived_at)})  # type: ignore[attr-defined]
