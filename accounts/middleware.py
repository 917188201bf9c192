"""Whoever acts is there: each post lets the session last its full time again."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts import entry


class SessionSpanMiddleware:
    """Extends the session after a post of a signed-in person. Reading a page writes nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "POST" and request.user.is_authenticated:
            entry.extend(request, at=request.arrived_at)  # type: ignore[attr-defined]
        return response
