"""Small things every view needs. No models, no rules."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest

from core.errors import Refusal


@contextmanager
def told(request: HttpRequest, *, success: str) -> Iterator[None]:
    """Say ``success`` on the next page when the block went through.

    A ``Refusal`` goes on up: ``RefusalMiddleware`` answers it with its own status and page.
    """
    yield
    messages.success(request, success)


@contextmanager
def refused_into(form: BaseForm) -> Iterator[None]:
    """Turn a ``Refusal`` into an error of the form, so that the page comes back with its input."""
    try:
        yield
    except Refusal as refusal:
        form.add_error(None, str(refusal))


def form_status(form: BaseForm) -> int:
    """200 for an untouched form, 422 for one that came back with errors."""
    return 422 if form.is_bound and form.errors else 200
