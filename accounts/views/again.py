"""Signing in again from a page that is open, so that what is being written goes on in place."""

from typing import Any, cast

from django.contrib.auth import authenticate
from django.http import HttpRequest, JsonResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import entry, factor
from accounts.forms import LoginForm, TokenForm
from accounts.models import Membership, User
from accounts.policy import policy
from core.errors import Refusal
from core.figures import whole

WRONG = "邮箱或密码不对。连续输错 5 次，该账号在本机暂停登录 15 分钟。"


@require_POST
@never_cache
@csrf_protect
@sensitive_post_parameters("password", "token")
@policy.public
def sign_in_again(request: HttpRequest) -> JsonResponse:
    """Address and password as on the sign-in page, then the second factor where it is asked.

    ``person`` is whom the open page was made for: somebody else is not signed in (409).
    ``acting`` is the identity in which they go on. Lock-out (429) is the sign-in's own.
    """
    if "token" in request.POST:
        return _second(request)
    form = LoginForm(request.POST)
    if not form.is_valid():
        return _no("请填写邮箱和密码。")
    data = form.cleaned_data
    user = cast(
        "User | None", authenticate(request, email=data["email"], password=data["password"])
    )
    if user is None:
        return _no(WRONG)
    if user.email_verified_at is None:
        return _no("邮箱还没有验证。请打开注册时发出的邮件，点其中的链接后再登录。")
    if request.POST.get("person") != entry.person_mark(user):
        return _no(
            "本页由另一位用户打开，请由原用户登录后继续；未保存的内容仍在本机。"
            "要换人填写，请在新页面登录后重新打开这一部分。",
            code="other-person",
            status=409,
        )
    at = request.arrived_at  # type: ignore[attr-defined]
    entry.sign_in(request, user, at=at, way="again")
    _go_on_as(request, user)
    if not factor.asked_of(user, at=at):
        return _in(request)
    if factor.device_of(user) is None:
        return _in(request, set_up=reverse("accounts:factor_set_up"))
    return _in(request, second=True)


def _second(request: HttpRequest) -> JsonResponse:
    if not request.user.is_authenticated:
        return _no("登录已过期，请重新输入邮箱和密码。", code="signed-out", status=409)
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _no("请填写 6 位验证码。")
    user = cast("User", request.user)
    try:
        factor.verify(request, user, form.cleaned_data["token"], at=request.arrived_at)  # type: ignore[attr-defined]
    except Refusal as refusal:
        return _no(refusal.message, code=refusal.code, status=refusal.status)
    return _in(request)


def _go_on_as(request: HttpRequest, user: User) -> None:
    """The identity in which the page was opened, where the person still holds it."""
    asked = whole(request.POST.get("acting", ""))
    if asked is not None:
        held = Membership.objects.active(request.arrived_at).filter(user=user, pk=asked)  # type: ignore[attr-defined]
        if held.exists():
            entry.act_as(request, asked)


def _in(request: HttpRequest, **more: Any) -> JsonResponse:
    return JsonResponse({"ok": not more, "csrf": get_token(request), **more})


def _no(message: str, *, code: str = "wrong", status: int = 422) -> JsonResponse:
    return JsonResponse({"ok": False, "code": code, "message": message}, status=status)
