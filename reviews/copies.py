"""What an expert opens or takes along of a file: who did so and when stands on each page.

The stored file stays as it came. What a file says of its maker (author, software, hidden parts)
does not go into the copy, whether names are hidden in the round or not.
"""

from __future__ import annotations

import io

from django.http import HttpResponse

from documents import binding, viruses
from documents import services as documents
from documents.models import Blob
from documents.web import download, page_image_response
from reviews import watermark
from reviews.access import Request


def stamped(request: Request, blob: Blob, name: str) -> HttpResponse:
    """The file as a PDF on A4, a download that no browser will run.

    Raises the refusals of ``binding.sheets`` and ``viruses.must_be_clean``.
    """
    viruses.must_be_clean(blob, name)
    drawn, pages = binding.sheets(documents.read(blob), blob.media_type, name=name)
    out = io.BytesIO()
    binding.bind(
        [binding.Part(drawn, stamped=True)],
        title="",
        stamps=watermark.stamps(_mark(request), pages),
        out=out,
    )
    return download(
        out.getvalue(),
        media_type="application/pdf",
        name=f"{name.rpartition('.')[0] or name}.pdf",
        plain="file.pdf",
    )


def page_picture(request: Request, blob: Blob, page: int) -> HttpResponse:
    """The picture of one page, kept by no browser. Raises as ``page_image_response`` does."""
    response = page_image_response(request, blob, page)
    if response.status_code == 200:
        response.content = watermark.burn(response.content, _mark(request))
        del response["ETag"]  # another person or another time is another picture
        response["Cache-Control"] = "private, no-store"
    return response


def _mark(request: Request) -> str:
    return watermark.words(request.user, request.arrived_at)
