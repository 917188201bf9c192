"""The one public way to a document: somebody holds the paper and knows its code."""

from documents import codes
from documents.models import Document


def by_code(text: str) -> Document | None:
    """The document whose verification code was typed or scanned; None when there is none."""
    code = codes.normalise(text)
    if code is None:
        return None
    return (
        Document.objects.select_related("organisation", "replaced_by", "pdf")
        .filter(code=code)
        .first()
    )
