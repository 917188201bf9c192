"""Lines of the log: one JSON object each where that is asked for, with the request's id.

No line carries what people typed: of a slow query its text with placeholders, of a request its
route, never its parameters.
"""

import contextvars
import json
import logging
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse

request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")
GIVEN = re.compile(r"[0-9A-Za-z-]{8,64}")
access = logging.getLogger("jiebang.request")
slow = logging.getLogger("jiebang.slow_query")


class JsonFormatter(logging.Formatter):
    """time, level, logger, message, request; what a record brings as ``data``; the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id.get():
            line["request"] = request_id.get()
        line |= getattr(record, "data", {})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class RequestLogMiddleware:
    """Gives a request its id (the proxy's where it brings one) and writes one line at its end."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        token = request_id.set(given if GIVEN.fullmatch(given) else uuid4().hex)
        begun = time.perf_counter()
        try:
            response = self.get_response(request)
            if access.isEnabledFor(logging.INFO):
                _write(request, response, seconds=time.perf_counter() - begun)
            return response
        finally:
            request_id.reset(token)


def _write(request: HttpRequest, response: HttpResponse, *, seconds: float) -> None:
    match = request.resolver_match
    data = {
        "method": request.method,
        "route": match.view_name or match.route if match else "",
        "status": response.status_code,
        "milliseconds": round(seconds * 1000, 1),
    }
    access.info("%(method)s %(route)s %(status)s %(milliseconds)s ms", data, extra={"data": data})


def watch_queries(sender: Any, connection: Any, **kwargs: Any) -> None:
    """For ``connection_created``: note every statement slower than the setting allows."""
    if _timed not in connection.execute_wrappers:
        connection.execute_wrappers.append(_timed)


def _timed(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    begun = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        took = (time.perf_counter() - begun) * 1000
        if took >= settings.JIEBANG_SLOW_QUERY_MS:
            data = {"milliseconds": round(took, 1), "sql": " ".join(str(sql).split())[:2000]}
            slow.warning("%(milliseconds)s ms: %(sql)s", data, extra={"data": data})
