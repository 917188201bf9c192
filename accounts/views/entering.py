"""Registering a unit, verifying an address, signing in and out, activation and demo links."""

from typing import cast

from django.contrib import messages
from django.contrib.auth import authenticate
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import entry, factor, links, regions, services, throttle
from accounts.forms import ActivationForm, EmailForm, LoginForm, RegistrationForm
from accounts.models import Link, User
from accounts.policy import policy
from accounts.views.ways import asked_next, on_demo_loopback, onward
from core.errors import Refusal
from core.web import form_status, refused_into

page = require_http_methods(["GET", "HEAD", "POST"])
REGISTERED = "registered"


@page
@never_cache
@sensitive_post_parameters("password", "password_again")
@policy.public
def register(request: HttpRequest) -> HttpResponse:
    """One form: the unit and its first person."""
    form = RegistrationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            throttle.may_register(request, at=request.arrived_at)  # type: ignore[attr-defined]
            user = services.register(
                unit_name=data["unit_name"],
                code=data["code"],
                kind=data["kind"],
                region=data["region"],
                industry=data["industry"],
                address=data["address"],
                name=data["name"],
                email=data["email"],
                phone=data["phone"],
                password=data["password"],
                at=request.arrived_at,  # type: ignore[attr-defined]
            )
        except Refusal as refusal:
            field = {"code-taken": "code", "email-taken": "email"}.get(refusal.code)
            form.add_error(field, refusal.message)
            if refusal.status == 429:
                return render(request, "accounts/register.html", {"form": form}, status=429)
        else:
            request.session[REGISTERED] = user.pk
            if form.region_differs:
                messages.warning(
                    request,
                    f"代码登记地与所选注册地（{regions.name_of(data['region'])}）不在同一省份。"
                    "如属迁址或异地登记，不必理会；选错的，请联系主管部门更正。",
                )
            return redirect("accounts:registered")
    return render(request, "accounts/register.html", {"form": form}, status=form_status(form))


@require_safe
@never_cache
@policy.public
def registered(request: HttpRequest) -> HttpResponse:
    """What to do now: open the letter."""
    user = User.objects.filter(pk=request.session.get(REGISTERED, 0)).first()
    if user is None:
        return redirect("accounts:login")
    demo_link = ""
    if on_demo_loopback(request) and user.email_verified_at is None:
        waiting = Link.objects.filter(
            user=user, purpose=Link.Purpose.VERIFY, used_at=None, revoked_at=None
        ).last()
        demo_link = links.path(waiting) if waiting else ""
    return render(request, "accounts/registered.html", {"person": user, "demo_link": demo_link})


@page
@never_cache
@policy.public
def verify_email(request: HttpRequest, token: str) -> HttpResponse:
    """The letter's link: shows whose address it is; the press of the button takes it."""
    at = request.arrived_at  # type: ignore[attr-defined]
    if request.method == "POST":
        user = services.verify_email(token, at=at)
        messages.success(request, f"邮箱 {user.email} 已验证，请登录。")
        return redirect("accounts:login")
    link = links.find(token, Link.Purpose.VERIFY, at=at)
    return render(request, "accounts/verify_email.html", {"link": link})


@page
@never_cache
@policy.public
def resend(request: HttpRequest) -> HttpResponse:
    """Another verification letter. The answer does not tell whether the address is known."""
    form = EmailForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        with refused_into(form):
            throttle.may_ask_for_letter(request, email)
        if form.errors:
            return render(request, "accounts/resend.html", {"form": form}, status=429)
        user = User.objects.filter(email=email, email_verified_at=None).first()
        if user is not None:
            services.resend_verification(user, at=request.arrived_at)  # type: ignore[attr-defined]
        messages.success(
            request, f"如果 {email} 已注册而未验证，新的验证邮件已发出，以前的链接作废。"
        )
        return redirect("accounts:login")
    return render(request, "accounts/resend.html", {"form": form}, status=form_status(form))


@page
@never_cache
@csrf_protect
@sensitive_post_parameters("password")
@policy.public
def login(request: HttpRequest) -> HttpResponse:
    """Address and password. An absent person and a wrong password get the same answer."""
    if request.user.is_authenticated and request.method != "POST":
        return redirect(onward(request))
    form = LoginForm(request.POST or None)
    unverified = False
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        user = cast(
            "User | None",
            authenticate(request, email=data["email"], password=data["password"]),
        )
        if user is None:
            form.add_error(None, "邮箱或密码不对。连续输错 5 次，该账号在本机暂停登录 15 分钟。")
        elif user.email_verified_at is None:
            unverified = True
            form.add_error(None, "邮箱还没有验证。请打开注册时发出的邮件，点其中的链接后再登录。")
        else:
            entry.sign_in(request, user, at=request.arrived_at)  # type: ignore[attr-defined]
            if factor.asked_of(user, at=request.arrived_at):  # type: ignore[attr-defined]
                request.session["next"] = asked_next(request)
                return redirect("accounts:second_factor")
            return redirect(onward(request))
    return render(
        request,
        "accounts/login.html",
        {"form": form, "next": asked_next(request), "unverified": unverified},
        status=form_status(form),
    )


@require_POST
@policy.half_signed_in
def logout(request: HttpRequest) -> HttpResponse:
    entry.sign_out(request, at=request.arrived_at)  # type: ignore[attr-defined]
    messages.success(request, "您已退出登录。")
    return redirect("accounts:login")


@page
@never_cache
@sensitive_post_parameters("password", "password_again")
@policy.public
def activate(request: HttpRequest, token: str) -> HttpResponse:
    """An invited person names themselves and chooses their own password, once."""
    at = request.arrived_at  # type: ignore[attr-defined]
    link = links.find(token, Link.Purpose.ACTIVATE, at=at)
    existing = User.objects.filter(email=link.email).first()
    here = existing is not None and existing.pk == request.user.pk
    form = ActivationForm(
        None if existing else request.POST or None, initial={"name": link.name}, email=link.email
    )
    if request.method == "POST" and (existing or form.is_valid()):
        data = {} if existing else form.cleaned_data
        user = services.activate(
            token,
            at=at,
            name=data.get("name", ""),
            phone=data.get("phone", ""),
            password=data.get("password"),
            signed_in=cast("User", request.user) if here else None,
        )
        if not here:
            entry.sign_in(request, user, at=at, way="activation")
        messages.success(request, f"已开通：{link.organisation} · {link.get_role_display()}。")
        return redirect(onward(request))
    return render(
        request,
        "accounts/activate.html",
        {"form": form, "link": link, "existing": existing is not None, "here": here},
        status=form_status(form),
    )


@page
@never_cache
@policy.public
def demo_login(request: HttpRequest, token: str) -> HttpResponse:
    """A one-time way into the demonstration, on the machine it runs on and nowhere else."""
    if not on_demo_loopback(request):
        raise Http404
    at = request.arrived_at  # type: ignore[attr-defined]
    if request.method == "POST":
        entry.sign_in(request, entry.enter_demo(token, at=at), at=at, way="demo")
        return redirect(onward(request))
    link = links.find(token, Link.Purpose.DEMO, at=at)
    roles = link.user.memberships.active(at).select_related("organisation") if link.user else []
    return render(request, "accounts/demo_login.html", {"link": link, "memberships": roles})
