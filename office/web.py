"""Answers the office's pages share."""

from django.http import HttpResponse


def attached(data: bytes, media_type: str, name: str) -> HttpResponse:
    """A file as a download that is not kept by the browser."""
    response = HttpResponse(data, content_type=media_type)
    quoted = "".join(f"%{byte:02X}" for byte in name.encode())
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quoted}"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
