"""The edge: where the clock is read, where refusals become answers."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from core.errors import Refusal
from core.failpoints import failpoint

Next = Callable[[HttpRequest], HttpResponse]
FARTHEST = timedelta(minutes=5)


class ArrivalMiddleware:
    """Gives each request one instant, the one at which it arrived.

    Deadlines are judged by this instant, never by the clock of a later line: who pressed the
    button in time is in time, however busy we are. Behind a trusted proxy the instant is the
    proxy's (seconds since the epoch with milliseconds); a value in the future or older than
    five minutes is not believed.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.arrived_at = self._stamp(request)  # type: ignore[attr-defined]
        request.acting = None  # type: ignore[attr-defined]
        answer = self.get_response(request)
        failpoint("web.answering")
        return answer

    def _stamp(self, request: HttpRequest) -> datetime:
        now = timezone.now()
        header = settings.JIEBANG_TRUSTED_ARRIVAL_HEADER
        if not header:
            return now
        try:
            said = datetime.fromtimestamp(
                float(request.META.get(header, "").removeprefix("t=")), UTC
            )
        except (ValueError, OverflowError, OSError):
            return now
        return said if now - FARTHEST <= said <= now else now


class RefusalMiddleware:
    """Answers a ``Refusal`` that no page took with its own status, and returns what was typed."""

    HIDDEN = ("csrfmiddlewaretoken", "password", "passphrase", "code", "token")

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Refusal):
            return None
        posted = {
            name: value
            for name, value in request.POST.items()
            if value and not any(word in name for word in self.HIDDEN)
        }
        back = request.META.get("HTTP_REFERER", "")
        if not back.startswith(f"{request.scheme}://{request.get_host()}/"):
            back = "/"
        return render(
            request,
            "errors/refusal.html",
            {"refusal": error, "posted": posted, "back": back},
            status=error.status,
        )


class PrivatePagesMiddleware:
    """What a signed-in person is shown is kept by nobody: no shared or history cache."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.has_header("Cache-Control") and hasattr(request, "session"):
            response["Cache-Control"] = "private, no-store"
        return response
