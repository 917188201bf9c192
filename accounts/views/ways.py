"""Where a page goes on to."""

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

LOOPBACK = ("127.0.0.1", "::1")


def asked_next(request: HttpRequest) -> str:
    """The ``next`` of the request if it is a path of this site; empty otherwise."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return asked if safe and asked.startswith("/") else ""


def onward(request: HttpRequest) -> str:
    """Back to where the person was sent from, or to their own home."""
    return asked_next(request) or resolve_url(settings.LOGIN_REDIRECT_URL)


def on_demo_loopback(request: HttpRequest) -> bool:
    """A demonstration, used on the machine it runs on."""
    return settings.JIEBANG_DEMO and request.META.get("REMOTE_ADDR") in LOOPBACK
