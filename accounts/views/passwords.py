"""Forgotten and changed passwords. A password is always chosen by its owner, in a form."""

from typing import cast

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import entry, links, throttle
from accounts.forms import ChangePasswordForm, EmailForm, ResetForm
from accounts.models import Link, User
from accounts.policy import policy
from audit.services import Actor
from core.web import form_status, refused_into

page = require_http_methods(["GET", "HEAD", "POST"])


@page
@never_cache
@policy.public
def forgot(request: HttpRequest) -> HttpResponse:
    """Ask for a reset link. Known or unknown address: the same answer."""
    form = EmailForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        with refused_into(form):
            throttle.may_ask_for_letter(request, email)
        if form.errors:
            return render(request, "accounts/forgot.html", {"form": form}, status=429)
        entry.request_reset(email, at=request.arrived_at)  # type: ignore[attr-defined]
        messages.success(
            request, f"如果 {email} 已注册，重设密码的链接已发出，2 小时内有效，只能用一次。"
        )
        return redirect("accounts:login")
    return render(request, "accounts/forgot.html", {"form": form}, status=form_status(form))


@page
@never_cache
@sensitive_post_parameters("password", "password_again")
@policy.public
def reset(request: HttpRequest, token: str) -> HttpResponse:
    """The reset link: a new password, once. All sessions of the person end."""
    at = request.arrived_at  # type: ignore[attr-defined]
    link = links.find(token, Link.Purpose.RESET, at=at)
    form = ResetForm(request.POST or None, user=link.user)
    if request.method == "POST" and form.is_valid():
        entry.reset_password(token, password=form.cleaned_data["password"], at=at)
        messages.success(request, "密码已重设，请用新密码登录。")
        return redirect("accounts:login")
    return render(
        request, "accounts/reset.html", {"form": form, "link": link}, status=form_status(form)
    )


@page
@never_cache
@sensitive_post_parameters("old_password", "password", "password_again")
@policy.signed_in
def change(request: HttpRequest) -> HttpResponse:
    user = cast("User", request.user)
    form = ChangePasswordForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        entry.change_password(
            user,
            password=form.cleaned_data["password"],
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
        update_session_auth_hash(request, user)
        messages.success(request, "密码已修改，您在其他设备上的登录已经结束。")
        return redirect("accounts:security")
    return render(request, "accounts/password.html", {"form": form}, status=form_status(form))
