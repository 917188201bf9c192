"""Whoever acts is there: each post lets the session last its full time again.

A script that finds the session ended is told so in JSON; a redirect would look like an answer.
"""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import resolve_url
from django.utils.functional import SimpleLazyObject

from accounts import entry, sessions

SECONDS = "X-Session-Seconds"
"""Header of an answer to a post: how long the session lasts from now."""


class PersonMiddleware(AuthenticationMiddleware):
    """Django's, with the person read together with the session."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: sessions.person_of(request))  # type: ignore[assignment]


class SessionSpanMiddleware:
    """Extends the session after a post of a signed-in person. Reading a page writes nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.headers.get("Accept") == "application/json" and response.status_code == 302:
            response = _in_json(response)
        if request.method == "POST" and request.user.is_authenticated:
            seconds = entry.extend(request, at=request.arrived_at)  # type: ignore[attr-defined]
            response[SECONDS] = str(seconds)
        return response


def _in_json(response: HttpResponse) -> HttpResponse:
    """A redirect to the sign-in or the second factor as 401; any other as it is."""
    doors = (
        (resolve_url(settings.LOGIN_URL), "signed-out", "会话已结束，请重新登录。"),
        (resolve_url("accounts:second_factor"), "second-factor", "请先完成两步验证。"),
    )
    for door, code, message in doors:
        if response["Location"].partition("?")[0] == door:
            return JsonResponse({"code": code, "message": message}, status=401)
    return response
