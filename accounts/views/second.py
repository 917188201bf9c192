"""The second factor: giving it, setting it up, recovery codes."""

import base64
import io
from typing import cast

import segno
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import factor
from accounts.forms import TokenForm
from accounts.models import User
from accounts.policy import policy
from accounts.views.ways import onward
from audit.services import Actor
from core.errors import Refusal
from core.web import form_status

page = require_http_methods(["GET", "HEAD", "POST"])


@page
@never_cache
@sensitive_post_parameters("token")
@policy.half_signed_in
def second_factor(request: HttpRequest) -> HttpResponse:
    """Give the code for this session; who has no device yet is led to set one up."""
    user = cast("User", request.user)
    if factor.device_of(user) is None:
        return redirect("accounts:factor_set_up")
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            factor.verify(request, user, form.cleaned_data["token"], at=request.arrived_at)  # type: ignore[attr-defined]
        except Refusal as refusal:
            form.add_error("token", refusal.message)
        else:
            left = factor.codes_left(user)
            if left <= 3:
                messages.warning(request, f"恢复码还剩 {left} 个，请在“账号与安全”重新生成。")
            return redirect(request.session.pop("next", "") or onward(request))
    return render(request, "accounts/second_factor.html", {"form": form}, status=form_status(form))


@page
@never_cache
@sensitive_post_parameters("token")
@policy.half_signed_in
def set_up(request: HttpRequest) -> HttpResponse:
    """Scan the code, type the first figures. A device in use stays until the new one works."""
    user = cast("User", request.user)
    _only_verified_may_replace(request, user)
    device = factor.waiting_device(user)
    form = TokenForm(request.POST if "token" in request.POST else None)
    if request.method == "POST" and form.is_valid():
        try:
            codes = factor.confirm(request, user, form.cleaned_data["token"], at=request.arrived_at)  # type: ignore[attr-defined]
        except Refusal as refusal:
            form.add_error("token", refusal.message)
        else:
            way = request.session.pop("next", "") or onward(request)
            return render(request, "accounts/codes.html", {"codes": codes, "way": way})
    secret = _grouped(device.bin_key) if device else ""
    return render(
        request,
        "accounts/factor_set_up.html",
        {"form": form, "device": device, "secret": secret},
        status=form_status(form),
    )


@require_POST
@policy.half_signed_in
def begin(request: HttpRequest) -> HttpResponse:
    user = cast("User", request.user)
    _only_verified_may_replace(request, user)
    factor.begin(user)
    return redirect("accounts:factor_set_up")


@require_safe
@never_cache
@policy.half_signed_in
def qr(request: HttpRequest) -> HttpResponse:
    """The secret of a device being set up, as an image of its own; never of one in use."""
    device = factor.waiting_device(cast("User", request.user))
    if device is None:
        raise Http404
    out = io.BytesIO()
    segno.make(device.config_url, error="m").save(
        out, kind="svg", border=2, xmldecl=False, svgclass=None, lineclass=None, omitsize=True
    )
    return HttpResponse(out.getvalue(), content_type="image/svg+xml")


@require_POST
@never_cache
@policy.signed_in
def renew_codes(request: HttpRequest) -> HttpResponse:
    """New recovery codes, shown this once."""
    user = cast("User", request.user)
    if factor.device_of(user) is None:
        raise Refusal("no-device", "还没有设置两步验证，先设置才有恢复码。")
    _only_verified_may_replace(request, user)
    codes = factor.renew_codes(user, actor=Actor.of(request), at=request.arrived_at)  # type: ignore[attr-defined]
    return render(request, "accounts/codes.html", {"codes": codes, "way": ""})


def _only_verified_may_replace(request: HttpRequest, user: User) -> None:
    """Whoever knows only the password must not put their own device in the place of ours."""
    if factor.device_of(user) is not None and not request.user.is_verified():  # type: ignore[union-attr]
        raise Refusal(
            "verify-first", "请先输入现有设备的验证码（或一个恢复码），再更换设备。", status=403
        )


def _grouped(secret: bytes) -> str:
    """The secret for typing by hand: Base32 in groups of four."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))
