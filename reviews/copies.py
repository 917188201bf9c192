"""Files that an expert takes along: a copy on A4 with who took it and when on each page.

The stored file stays as it came. What a file says of its maker (author, software, hidden parts)
does not go into the copy, whether names are hidden in the round or not.
"""

from __future__ import annotations

import io
from urllib.parse import quote

from django.http import HttpResponse

from documents import binding, viruses
from documents import services as documents
from documents.models import Blob
from reviews import watermark


def stamped(blob: Blob, name: str, mark: str) -> HttpResponse:
    """The copy as a download that no browser will run.

    Raises the refusals of ``binding.sheets`` and ``viruses.must_be_clean``.
    """
    viruses.must_be_clean(blob, name)
    drawn, pages = binding.sheets(documents.read(blob), blob.media_type, name=name)
    out = io.BytesIO()
    binding.bind(
        [binding.Part(drawn, stamped=True)],
        title="",
        stamps=watermark.stamps(mark, pages),
        out=out,
    )
    response = HttpResponse(out.getvalue(), content_type="application/pdf")
    shown = quote(f"{name.rpartition('.')[0] or name}.pdf", safe="")
    response["Content-Disposition"] = f"attachment; filename=\"file.pdf\"; filename*=UTF-8''{shown}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response
