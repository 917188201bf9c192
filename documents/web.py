"""Serving stored files and PDFs. Permission is the business of the calling view."""

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.figures import whole_or
from documents import previews, services, viruses
from documents.models import Blob, Document


def file_response(blob: Blob, name: str) -> HttpResponse:
    """A stored file as a download that no browser will run: attachment, nosniff, sandbox.

    Raises ``Refusal`` ``infected-file`` for bytes in which the scanner found something.
    """
    viruses.must_be_clean(blob, name)
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name)
    return download(services.read(blob), media_type=blob.media_type, name=name, plain=plain)


def download(data: bytes, *, media_type: str, name: str, plain: str) -> HttpResponse:
    """Bytes as such a download; ``plain`` is the name for what reads ASCII only."""
    response = HttpResponse(data, content_type=media_type)
    response["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response


def pdf_response(request: HttpRequest, document: Document) -> HttpResponse:
    """The PDF of a document; while it is being drawn, a page that says so and looks again."""
    if document.is_ready and document.pdf is not None:
        return file_response(document.pdf, document.file_name)
    response = render(request, "documents/waiting.html", {"document": document}, status=409)
    response["Cache-Control"] = "private, no-store"
    return response


def page_image_response(request: HttpRequest, blob: Blob, page: int) -> HttpResponse:
    """The picture of one page, as wide as ``?w=`` asks (``previews.WIDTHS``).

    The browser keeps it and asks again each time whether it may still show it, so that the
    permission check of the calling view always runs. Raises the refusals of ``page_image``, and
    ``infected-file``.
    """
    viruses.must_be_clean(blob, "")
    wish = whole_or(request.GET.get("w", ""), previews.DEFAULT_WIDTH)
    tag = f'"{blob.sha256[:32]}-{page}-{previews.fitting(wish)}"'
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=304)
    else:
        data = previews.page_image(blob, page, width=wish)
        response = HttpResponse(data, content_type=previews.IMAGE_TYPE)
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    return response
