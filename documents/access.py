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


MOST_REPLACED = 50


def replacement(document: Document) -> Document | None:
    """The document to go by instead of a void one: the last of those that followed it."""
    found = document.replaced_by
    for _ in range(MOST_REPLACED):
        if found is None or found.replaced_by is None:
            break
        found = found.replaced_by
    return found
